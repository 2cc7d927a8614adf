-- The window of a run, the prompt, the budget prompt, the playground's first screen.

local scene = require('ui.scene')

describe('the window of a run', function()
  it('looks well while it runs, and when it is done', function()
    scene.at_each_size(function(child)
      child:lua([[RUN = START() FILL(RUN) require('purser.ui.run_window').open(RUN)]])
      scene.picture(child, 'run-running', 'Use `int64_t`.')
      child:lua([[DONE(RUN)]])
      scene.picture(child, 'run-done', 'R again')
    end)
  end)

  it('follows the end only while the cursor is there', function()
    scene.with(120, 24, function(child)
      child:lua([[RUN = START() FILL(RUN) require('purser.ui.run_window').open(RUN)]])
      child:lua([[RUN:append('text', '\n\n' .. ('more\n'):rep(40) .. 'the end', false) RUN:flush()]])
      child:expect('the end')
      child:type('gg')
      child:expect('> Why does')
      child:lua([[RUN:append('text', '\n' .. ('even more\n'):rep(40) .. 'the very end', false) RUN:flush()]])
      child:redraw()
      child:expect('> Why does')
      child:type('G')
      child:expect('the very end')
      child:lua([[RUN:append('text', '\nthe last word', false) RUN:flush()]])
      child:expect('the last word')
    end)
  end)

  it('opens and closes what is folded with <CR>', function()
    scene.with(120, 30, function(child)
      child:lua([[RUN = START() FILL(RUN) require('purser.ui.run_window').open(RUN)]])
      child:expect('▸ Read lua/upload.lua ✓')
      child:expect_gone('┊ local M = {}')
      child:type('gg/▸ Read<CR>zc<CR>')
      child:expect('┊ local M = {}')
      child:type('<CR>')
      child:expect_gone('┊ local M = {}')
    end)
  end)

  it('is hidden by q while the run goes on, and found again', function()
    scene.with(120, 24, function(child)
      child:lua([[RUN = START() FILL(RUN) require('purser.ui.run_window').open(RUN)]])
      child:expect('● reviewer')
      child:type('q')
      child:expect_gone('● reviewer')
      child:lua([[RUN:append('text', '\nwritten while nobody looked', false) RUN:flush()]])
      scene.open(child, 'runs')
      child:expect('● running')
      child:type('<CR>')
      child:expect('written while nobody looked')
      assert.is_true(child:lua([[return require('purser.ui.run_window').is_visible(RUN)]]))
    end)
  end)

  it('stops the run with <C-c>', function()
    scene.with(120, 24, function(child)
      child:lua([[RUN = START() FILL(RUN) require('purser.ui.run_window').open(RUN)]])
      child:expect('● reviewer')
      -- <C-c> is a key once Neovim waits for one in this buffer; before that it interrupts.
      child:redraw()
      child:type('l')
      child:redraw()
      child:type('<C-c>')
      assert.equals(1, child:await([[return STOPPED]]))
    end)
  end)

  it('stands beside another that is under way, and takes the place of one that is over', function()
    scene.with(200, 24, function(child)
      local function windows()
        return child:lua([[return #vim.api.nvim_list_wins()]])
      end
      child:lua([[A = START() FILL(A) require('purser.ui.run_window').open(A)]])
      child:lua([[B = START('namer') FILL(B) require('purser.ui.run_window').open(B)]])
      assert.equals(3, windows())
      child:lua([[DONE(B) C = START('reviewer') require('purser.ui.run_window').open(C)]])
      assert.equals(3, windows())
      assert.same(
        { true, false, true },
        child:lua([[
        local visible = require('purser.ui.run_window').is_visible
        return { visible(A), visible(B), visible(C) }
      ]])
      )
    end)
  end)

  it('opens where the user wants it, and q takes it away again', function()
    for where, windows in pairs({ float = 2, split = 2, vsplit = 2, tab = 1 }) do
      scene.with(140, 30, function(child)
        child:lua([[RUN = START() FILL(RUN) require('purser.ui.run_window').open(RUN)]])
        child:expect('● reviewer')
        assert.equals(windows, child:lua([[return #vim.api.nvim_tabpage_list_wins(0)]]), where)
        child:type('q')
        child:expect_gone('● reviewer')
        assert.equals(1, child:lua([[return #vim.api.nvim_list_wins()]]))
      end, { run = where })
    end
  end)

  it('leaves the options of other windows alone', function()
    scene.with(120, 24, function(child)
      child:lua([[RUN = START() FILL(RUN) require('purser.ui.run_window').open(RUN)]])
      child:type('q')
      child:cmd('new')
      local options = child:lua([[return { vim.wo.foldmethod, vim.wo.winbar, vim.wo.wrap, vim.wo.breakindent }]])
      assert.same({ 'manual', '', true, false }, options)
    end)
  end)
end)

describe('the prompt', function()
  local OPEN = [[
    SENT = nil
    require('purser.ui.input').open({
      agent = 'reviewer', model = 'claude-opus-5-5', effort = 'high',
      selection = {
        file = 'lua/upload.lua', first = 12, last = 48, filetype = 'lua', lines = vim.fn['repeat']({ 'x' }, 37),
      },
      on_submit = function(prompt, options) SENT = { prompt, options.agent, options.model, options.effort } end,
    })
  ]]

  it('looks well', function()
    scene.at_each_size(function(child)
      child:lua(OPEN)
      child:type('Why does this<CR>time out?')
      child:expect('time out?')
      scene.picture(child, 'prompt', '≈ 3.1–4.0 ¢')
    end)
  end)

  it('sends what was written with <C-s>, and with <CR> in normal mode', function()
    for _, keys in ipairs({ '<C-s>', '<Esc><CR>' }) do
      scene.with(100, 24, function(child)
        child:lua(OPEN)
        child:type('one<CR>two' .. keys)
        assert.same({ 'one\ntwo', 'reviewer', 'claude-opus-5-5', 'high' }, child:await([[return SENT]]))
        child:expect_gone('Ask reviewer')
        assert.equals('normal', child.grid.mode)
      end)
    end
  end)

  it('changes agent and effort while one types, and the estimate with them', function()
    scene.with(100, 24, function(child)
      child:lua(OPEN)
      child:expect('≈ 3.1–4.0 ¢')
      child:type('<C-e>')
      child:expect('Ask reviewer claude-opus-5-5 low')
      child:expect('≈ 0.78–1.0 ¢')
      child:type('<C-a>')
      child:expect('Ask namer claude-haiku-5 low')
      child:type('so<C-s>')
      assert.same({ 'so', 'namer', 'claude-haiku-5', 'low' }, child:await([[return SENT]]))
    end)
  end)

  it('says when it would not fit, and when there is no price', function()
    scene.with(100, 24, function(child)
      child:lua([[
        local budget = FAKE.budgets()[2]
        budget.spent_nanousd = budget.limit_nanousd - 10000000
        FAKE.install({
          estimate = function()
            return { low_nanousd = 31e6, high_nanousd = 40e6, status = 'known', budget = budget }
          end,
        })
      ]])
      child:lua(OPEN)
      child:expect('but only 1.00 ¢ is left this month')
      child:lua([[FAKE.install({ estimate = function() return { status = 'unknown' } end })]])
      child:type('x')
      child:expect('no price is known for claude-opus-5-5')
    end)
  end)

  it('keeps what was written when it is cancelled', function()
    scene.with(100, 24, function(child)
      child:lua(OPEN)
      child:type('a long thought<Esc>q')
      child:expect_gone('Ask reviewer')
      assert.equals(1, child:lua([[return #vim.api.nvim_list_wins()]]))
      assert.is_nil(child:lua([[return SENT]]))
      child:lua(OPEN)
      child:expect('a long thought')
    end)
  end)

  it('asks for an estimate and what would do once, after a pause in the typing', function()
    scene.with(100, 24, function(child)
      child:lua(OPEN)
      child:expect('≈ 3.1–4.0 ¢')
      child:lua([[FAKE.asked = {}]])
      child:type('many letters at once')
      child:await([[return #FAKE.asked > 0]])
      local verbs = child:lua([[return vim.tbl_map(function(one) return one.verb end, FAKE.asked)]])
      assert.same({ 'estimate', 'route' }, verbs)
      assert.matches('^many letters at once', child:lua([[return FAKE.asked[1].args.prompt]]))
    end)
  end)
end)

describe('the budget prompt', function()
  local ASK = [[
    CHOICE = nil
    local more = ...
    local budget = FAKE.budgets()[2]
    budget.spent_nanousd, budget.held_nanousd = 24990000000, 600000000
    local refusal = vim.tbl_extend('force', {
      refusal = 'exhausted', at_limit = 'block', message = 'reviewer has spent $24.99 of $25.00 this month',
      estimate_nanousd = 40000000, minimum_nanousd = 31000000, budget = budget,
      agent = 'reviewer', model = 'claude-opus-5-5', effort = 'high',
      spec = { agent = 'reviewer', workspace = '/x', effort = 'high', prompt = 'Why does the upload time out?' },
    }, more or {})
    refusal.budget = refusal.refusal ~= 'unavailable' and refusal.budget or nil
    require('purser.ui.gate_prompt').ask(refusal, function(choice) CHOICE = choice or 'none' end)
  ]]

  ---@param child helpers.Child
  local function ready(child)
    -- A busy machine may take longer than a user would wait.
    child:lua([[require('purser.ui.gate_alternatives').PATIENCE_MS = 60000]])
    child:lua([[FAKE.install({
      gate = function(args)
        return args.estimate_nanousd <= 25000000 and { admitted = true } or { admitted = false, refusal = {} }
      end,
    })]])
  end

  --- What is typed in the first moments is not an answer.
  ---@param child helpers.Child
  ---@param keys string
  local function answer(child, keys)
    child:expect('Budget reached')
    child:await([[ARMED = ARMED or vim.uv.now() + 350 return vim.uv.now() > ARMED]])
    child:type(keys)
  end

  it('looks well, and offers what would fit', function()
    scene.at_each_size(function(child)
      ready(child)
      child:lua(ASK)
      scene.picture(child, 'gate', 'Use medium effort instead: ≈ 2.0 ¢')
    end)
  end)

  it('gives what is chosen by number', function()
    for key, choice in pairs({
      ['1'] = { action = 'once' },
      ['2'] = { action = 'raise', cents = 500 },
      ['4'] = { action = 'instead', model = 'claude-opus-5-5', effort = 'medium' },
      ['5'] = { action = 'cancel' },
    }) do
      scene.with(100, 30, function(child)
        ready(child)
        child:lua(ASK)
        answer(child, key)
        assert.same(choice, child:await([[return CHOICE]]))
        child:expect_gone('Budget reached')
      end)
    end
  end)

  it('asks for the figure when a budget is raised for good, and says what is wrong with it', function()
    scene.with(100, 30, function(child)
      ready(child)
      child:lua(ASK)
      answer(child, '3')
      child:expect('Monthly budget (in cents): 3000')
      child:type('<C-u>12.5<CR>')
      child:expect('12.5 is no whole number of cents: 12 or 13? Monthly budget')
      child:type('<C-u>4000<CR>')
      assert.same({ action = 'limit', cents = 4000 }, child:await([[return CHOICE]]))
    end)
  end)

  it('comes back when no figure is given', function()
    scene.with(100, 30, function(child)
      ready(child)
      child:lua(ASK)
      answer(child, '3')
      child:expect('(in cents)')
      child:type('<Esc>')
      child:expect('Budget reached')
      assert.is_nil(child:lua([[return CHOICE]]))
    end)
  end)

  it('raises by another amount with +', function()
    scene.with(100, 30, function(child)
      ready(child)
      child:lua(ASK)
      answer(child, '+')
      child:expect('Raise this month by (in cents): 500')
      child:type('<C-u>0<CR>')
      child:expect('a raise of 0 changes nothing')
      child:type('<C-u>750<CR>')
      assert.same({ action = 'raise', cents = 750 }, child:await([[return CHOICE]]))
    end)
  end)

  it('takes a time without an answer for no, in the window, in a question and with another vim.ui.select', function()
    for _, keys in ipairs({ false, '3', 'select' }) do
      scene.with(100, 30, function(child)
        ready(child)
        child:lua([[require('purser.ui.gate_prompt').TIMEOUT_MS = ...]], keys == '3' and 6000 or 1200)
        if keys == 'select' then
          child:lua([[vim.ui.select = function() ASKED = true end]])
          child:lua(ASK)
          child:await([[return ASKED]])
        else
          child:lua(ASK)
          child:expect('Budget reached')
          if keys then
            answer(child, keys)
            child:expect('(in cents)')
            child:type('<Esc>')
          end
        end
        assert.equals('none', child:await([[return CHOICE]]))
        child:expect_gone('Budget reached')
      end)
    end
  end)

  it("looks well when the ledger can't be asked", function()
    for _, size in ipairs({ { 60, 20 }, { 100, 30 } }) do
      scene.with(size[1], size[2], function(child)
        child:lua(ASK, {
          refusal = 'unavailable',
          message = "the ledger can't be opened: /home/ada/.local/share/purser/purser.db is damaged",
        })
        scene.picture(child, 'gate-unavailable', 'Try again')
      end)
    end
  end)

  it('takes <Esc>, and a stray <CR>, for no', function()
    for keys, expected in pairs({ ['<Esc>'] = 'none', ['<CR>'] = { action = 'cancel' } }) do
      scene.with(100, 30, function(child)
        ready(child)
        child:lua(ASK)
        answer(child, keys)
        assert.same(expected, child:await([[return CHOICE]]))
      end)
    end
  end)

  it('does not take for an answer what was typed into a file when it came', function()
    scene.with(100, 30, function(child)
      ready(child)
      child:type('i')
      child:lua(ASK)
      child:expect('Budget reached')
      child:type('1')
      child:redraw()
      assert.is_nil(child:lua([[return CHOICE]]))
      child:expect('Budget reached')
    end)
  end)

  it('goes through vim.ui.select when the user has another one', function()
    scene.with(100, 30, function(child)
      ready(child)
      child:lua([[
        vim.ui.select = function(items, options, done)
          ASKED = { options.kind, options.prompt, options.format_item(items[1]), #items }
          done(items[1])
        end
      ]])
      child:lua(ASK)
      assert.same({ action = 'once' }, child:await([[return CHOICE]]))
      assert.same({
        'purser.budget',
        'reviewer has spent $24.99 of $25.00 this month. This run: ≈ 3.1–4.0 ¢',
        'Run once anyway',
        5,
      }, child:lua([[return ASKED]]))
    end)
  end)
end)

describe("the playground's first screen", function()
  it('looks well, and its keys do what they say', function()
    scene.at_each_size(function(child)
      child:lua([[require('purser.playground.welcome').open()]])
      scene.picture(child, 'welcome', ':Purser runs')
      child:type('3')
      child:expect('╭ Cost report')
    end)
  end)
end)
