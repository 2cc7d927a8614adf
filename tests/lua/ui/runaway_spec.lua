-- The prompt about a run that may have run away.

local scene = require('ui.scene')

local ASK = [[
  CHOICE = nil
  RUN = START()
  FILL(RUN)
  local alarm = vim.tbl_extend('force', {
    run = RUN.id, cause = 'repeats', tool = 'Bash', times = 5, of = 6, round = 1, spent_nanousd = 620000000,
  }, ... or {})
  require('purser.ui.runaway_prompt').ask(RUN, alarm, function(choice) CHOICE = choice or 'none' end)
]]

local COST = { cause = 'cost', usual_nanousd = 110000000, usual_runs = 24 }

--- What is typed in the first moments is not an answer.
---@param child helpers.Child
---@param keys string
local function answer(child, keys)
  child:expect('Has reviewer run away?')
  child:await([[ARMED = ARMED or vim.uv.now() + 350 return vim.uv.now() > ARMED]])
  child:type(keys)
end

describe('the prompt about a run', function()
  it('looks well', function()
    scene.at_each_size(function(child)
      child:lua(ASK, vim.empty_dict())
      scene.picture(child, 'runaway', 'Bash 5 times of the last 6')
      child:type('<Esc>')
      child:await('return CHOICE')
      child:lua(ASK, COST)
      scene.picture(child, 'runaway-cost', '5 times the usual')
    end)
  end)

  it('takes each answer', function()
    for keys, choice in pairs({
      ['1'] = { action = 'stop' },
      ['2'] = { action = 'budget', cents = 200 },
      ['4'] = { action = 'go_on' },
      ['<CR>'] = { action = 'go_on' },
      ['<Esc>'] = 'none',
      ['q'] = 'none',
    }) do
      scene.with(100, 30, function(child)
        child:lua(ASK, vim.empty_dict())
        answer(child, keys)
        assert.same(choice, child:await('return CHOICE'), keys)
        child:expect_gone('run away?')
      end)
    end
  end)

  it('takes another budget, and comes back when none is given', function()
    scene.with(100, 30, function(child)
      child:lua(ASK, vim.empty_dict())
      answer(child, '3')
      child:expect('Budget for this run (in cents): 200')
      child:type('<Esc>')
      child:lua('ARMED = nil')
      answer(child, '3')
      child:expect('Budget for this run (in cents): 200')
      child:type('<C-u>0<CR>')
      child:expect('stopped at once')
      child:type('<C-u>75<CR>')
      assert.same({ action = 'budget', cents = 75 }, child:await('return CHOICE'))
    end)
  end)

  it('does not take what was typed before it came', function()
    scene.with(100, 30, function(child)
      child:lua(ASK .. [[ vim.api.nvim_input('1') ]], vim.empty_dict())
      child:expect('Has reviewer run away?')
      child:redraw()
      assert.is_true(child:lua([[return CHOICE == nil]]))
    end)
  end)

  it('goes away when the run ends, and after a time', function()
    scene.with(100, 30, function(child)
      child:lua(ASK, vim.empty_dict())
      child:expect('Has reviewer run away?')
      child:lua('DONE(RUN)')
      child:expect_gone('run away?')
      assert.equals('none', child:await('return CHOICE'))
      child:lua([[require('purser.ui.runaway_prompt').TIMEOUT_MS = 200]])
      child:lua(ASK, vim.empty_dict())
      assert.equals('none', child:await('return CHOICE'))
      child:expect_gone('run away?')
    end)
  end)

  it("asks in the user's own vim.ui.select", function()
    scene.with(100, 30, function(child)
      child:lua([[
        vim.ui.select = function(items, options, cb)
          ASKED = { options.kind, options.prompt, options.format_item(items[1]), #items }
          cb(items[2])
        end
      ]])
      child:lua(ASK, vim.empty_dict())
      assert.same({ action = 'budget', cents = 200 }, child:await('return CHOICE'))
      assert.same(
        { 'purser.runaway', 'reviewer: it has called Bash 5 times of the last 6 with the same input', 'Stop it', 4 },
        child:lua('return ASKED')
      )
    end)
  end)
end)
