-- The whole way with the real core: a budget refuses, is raised by keys, lets a run pass, and refuses again. And the playground.

local Child = require('helpers.child')
local tmp = require('helpers.tmp')

local ROOT = assert(vim.env.PURSER_ROOT)

describe('a budget, driven by keys', function()
  it('refuses, is raised for this period, lets the run pass, and refuses again', function()
    local child = Child.start({ cols = 110, rows = 36 })
    local ok, problem = xpcall(function()
      child:lua(
        [[
          local root, db = ...
          require('purser').setup({
            db = db,
            notifications = { desktop = false, thresholds = false, finished = false },
            agents = {
              demo = {
                adapter = 'script', dialect = 'claude', model = 'claude-opus-5-5', effort = 'high', monthly_budget = 4,
                command = { vim.v.progpath, '--clean', '-l', root .. '/lua/purser/playground/demo_agent.lua' },
                env = { PURSER_DEMO_SPEED = '0' },
              },
            },
          })
        ]],
        ROOT,
        child.home .. '/ledger.db'
      )
      -- Presses a key that starts a run, until a budget asks. The first runs may pass, or be stopped on their way.
      local function until_asked(keys)
        for _ = 1, 20 do
          local before = child:lua([[return #require('purser.runs').list()]])
          child:type(keys)
          local how = child:await(
            [[
              for _, win in ipairs(vim.api.nvim_list_wins()) do
                if vim.bo[vim.api.nvim_win_get_buf(win)].filetype == 'purser-gate' then
                  return 'asked'
                end
              end
              local list = require('purser.runs').list()
              return #list > ... and list[#list]:is_final() and 'over'
            ]],
            before
          )
          if how == 'asked' then
            return
          end
          keys = 'R'
        end
        error('no budget ever asked')
      end

      until_asked(':AgentRun demo review the module<CR>')
      child:expect('of 4.00 ¢ this month')
      child:expect("Don't run")
      child:await([[ARMED = vim.uv.now() + 350 return true]])
      child:await([[return vim.uv.now() > ARMED]])
      local offer = child.grid:text()[child:expect('Raise this month by')]
      local raised = offer:match('by (%d+) ¢')
      child:type(offer:match('(%d)%s+Raise'))
      child:expect('✓ done')

      until_asked('R')
      child:expect(('of %d.00 ¢ this month'):format(4 + raised))
      child:type('<Esc>')
      child:await([[return require('purser.runs').last():is_final()]])
      child:expect('not run')
      child:type(':Purser budget<CR>')
      child:expect(('raised by %d.00 ¢ for this month only'):format(raised))
    end, debug.traceback)
    child:stop()
    assert(ok, problem)
  end)
end)

--- One answer as Claude Code prints it: 1.5 cents for a thousand tokens of input, and 1.5 for 200 of output.
---@param id string
---@param thousands integer
---@return string shell
local function message(id, thousands)
  local line = (
    '{"type":"assistant","message":{"id":"%s-\'$$\'","model":"claude-opus-4-1","content":'
    .. '[{"type":"text","text":"answer %s"}],"usage":{"input_tokens":%d,"output_tokens":200}},"request_id":"%s-\'$$\'"}'
  ):format(id, id, thousands * 1000, id)
  return ("printf '%%s\\n' '%s'"):format(line)
end

local RESULT = [[printf '%s\n' '{"type":"result","subtype":"success","is_error":false,"result":"done","usage":{}}']]
local WAIT = 'while [ ! -e HOME/go ]; do sleep 0.02; done'

--- A child with one agent.
---@param body string[] what it does: a shell script, in which HOME is the child's
---@param agent table more options of the agent
---@param fn fun(child: helpers.Child)
local function with_agent(body, agent, fn)
  local child = Child.start({ cols = 110, rows = 36 })
  local ok, problem = xpcall(function()
    child:lua(
      [[
        local db, command, agent = ...
        require('purser').setup({
          db = db,
          notifications = false,
          agents = {
            worker = vim.tbl_extend('force', {
              adapter = 'script', dialect = 'claude', model = 'claude-opus-4-1', command = command,
            }, agent),
          },
        })
      ]],
      child.home .. '/ledger.db',
      tmp.script('agent', (table.concat(body, '\n'):gsub('HOME', child.home))),
      agent
    )
    fn(child)
  end, debug.traceback)
  child:stop()
  assert(ok, problem)
end

--- What is typed in the first moments of the prompt is not an answer.
---@param child helpers.Child
---@param title string
---@param keys string
local function answer(child, title, keys)
  child:expect(title)
  child:lua([[ARMED = vim.uv.now() + 350]])
  child:await([[return vim.uv.now() > ARMED]])
  child:type(keys)
end

---@param child helpers.Child
---@return string[]
local function statuses(child)
  return child:lua([[
    return vim.tbl_map(function(run) return run.status end, require('purser.runs').list())
  ]])
end

describe('runs side by side', function()
  it('that do not fit at once wait in a queue, and start when what the others hold is given back', function()
    with_agent({ WAIT, message('a', 1), RESULT }, { monthly_budget = 8 }, function(child)
      child:type(':AgentRun! worker the first<CR>')
      child:await([[local run = require('purser.runs').last() return run and run.status == 'running']])
      child:type(':AgentRun! worker the second<CR>')
      child:expect('is held by runs under way')
      answer(child, 'Does not fit now', '1')
      child:await([[return require('purser.runs').last().status == 'waiting']])
      assert.same({ 'running', 'waiting' }, statuses(child))
      tmp.write(child.home .. '/go', '')
      child:await([[
        local list = require('purser.runs').list()
        return list[1].status == 'completed' and list[2].status == 'completed'
      ]])
    end)
  end)

  it('are told apart from what can never fit: there is nothing to wait for', function()
    with_agent({ message('a', 1), RESULT }, { monthly_budget = 0 }, function(child)
      child:type(':AgentRun! worker the first<CR>')
      child:expect('Larger than the whole budget')
      child:expect('allows no paid runs')
      assert.is_false(vim.iter(child:screen()):any(function(line)
        return line:find('Wait until', 1, true) ~= nil
      end))
      answer(child, 'Larger than the whole budget', '<Esc>')
      child:await([[return require('purser.runs').last():is_final()]])
      assert.same({ 'refused' }, statuses(child))
    end)
  end)
end)

describe('a run under way whose budget is used up', function()
  local BODY = { message('one', 6), WAIT, message('two', 1), RESULT }

  it('is held while the user is asked, and goes on when they say so', function()
    with_agent(BODY, { monthly_budget = 8, at_limit = 'ask' }, function(child)
      child:type(':AgentRun worker go on<CR>')
      answer(child, 'Budget reached by a run under way', '1')
      tmp.write(child.home .. '/go', '')
      child:await([[return require('purser.runs').last():is_final()]])
      assert.same({ 'completed' }, statuses(child))
      child:expect('answer two')
    end)
  end)

  it('goes on when its budget is raised, and is asked about no more', function()
    with_agent(BODY, { monthly_budget = 8, at_limit = 'ask' }, function(child)
      child:type(':AgentRun worker go on<CR>')
      answer(child, 'Budget reached by a run under way', '+')
      child:expect('Raise this month by (in cents)')
      child:type('<C-u>500<CR>')
      child:await([[return require('purser.runs').last().status == 'running']])
      tmp.write(child.home .. '/go', '')
      child:await([[return require('purser.runs').last():is_final()]])
      assert.same({ 'completed' }, statuses(child))
    end)
  end)

  it('is ended by <Esc>, and what it spent is booked', function()
    with_agent(BODY, { monthly_budget = 8, at_limit = 'ask' }, function(child)
      child:type(':AgentRun worker go on<CR>')
      answer(child, 'Budget reached by a run under way', '<Esc>')
      child:await([[return require('purser.runs').last():is_final()]])
      assert.same({ 'budget' }, statuses(child))
      assert.equals(105000000, child:lua([[return require('purser.runs').last().sums.cost_nanousd]]))
    end)
  end)

  it('is ended without a question where the policy says so', function()
    with_agent(BODY, { monthly_budget = 8 }, function(child)
      child:type(':AgentRun worker go on<CR>')
      child:await([[local run = require('purser.runs').last() return run and run:is_final()]])
      assert.same({ 'budget' }, statuses(child))
    end)
  end)
end)

describe("a ledger that can't be asked", function()
  it('lets nothing run, asks once, and is tried again when it is mended', function()
    with_agent({ message('a', 1), RESULT }, { monthly_budget = 500 }, function(child)
      vim.fn.mkdir(child.home .. '/ledger.db', 'p')
      child:type(':AgentRun! worker the first<CR>')
      child:expect("The ledger can't be asked")
      answer(child, 'No budget can be asked, so no run starts.', '1')
      child:await([[TRIED = (TRIED or 0) + 1 return TRIED > 20]])
      child:expect("The ledger can't be asked")
      assert.same({ 'asking' }, statuses(child))
      vim.fn.delete(child.home .. '/ledger.db', 'd')
      answer(child, "The ledger can't be asked", '1')
      child:await([[return require('purser.runs').last():is_final()]])
      assert.same({ 'completed' }, statuses(child))
    end)
  end)
end)

describe('the playground', function()
  it('without a screen runs once, prints answer, cost and report, and ends with 0', function()
    local home = tmp.dir('playground')
    local result = vim
      .system({
        vim.v.progpath,
        '--headless',
        '--clean',
        '--cmd',
        'set runtimepath^=' .. ROOT,
        '-c',
        [[lua vim.cmd.cquit({ count = require('purser.playground').headless() })]],
      }, {
        text = true,
        env = {
          HOME = home,
          XDG_CONFIG_HOME = home .. '/config',
          XDG_DATA_HOME = home .. '/data',
          XDG_STATE_HOME = home .. '/state',
          XDG_CACHE_HOME = home .. '/cache',
        },
      })
      :wait()
    assert.equals(0, result.code, result.stderr)
    assert.matches('There is one mistake that loses data', result.stdout)
    assert.matches('of demo: [%d.]+k tokens in, %d+ out, %d%.%d+ ¢', result.stdout)
    assert.matches('of %$25%.00 this month', result.stdout)
    assert.matches('Workspace', result.stdout)
  end)

  it('says what is missing, and ends with 1, when there is no program', function()
    local home = tmp.dir('playground')
    local result = vim
      .system({
        vim.v.progpath,
        '--headless',
        '--clean',
        '--cmd',
        'set runtimepath^=' .. ROOT,
        '--cmd',
        [[lua package.loaded['purser.commands.program'] = { path = function() end }]],
        '-c',
        [[lua vim.cmd.cquit({ count = require('purser.playground').headless() })]],
      }, { text = true, env = { HOME = home, XDG_DATA_HOME = home .. '/data', XDG_STATE_HOME = home .. '/state' } })
      :wait()
    assert.equals(1, result.code)
    assert.matches('the program purser is missing', result.stderr)
  end)
end)
