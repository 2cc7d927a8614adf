-- The commands, in a Neovim without a screen and in one with one.

local Child = require('helpers.child')
local headless = require('helpers.headless')
local tmp = require('helpers.tmp')

local function answer(text)
  local id = 'msg_' .. vim.fn.sha256(text):sub(1, 8) .. vim.uv.hrtime()
  local message = vim.json.encode({
    type = 'assistant',
    message = {
      id = id,
      model = 'claude-sonnet-4-5',
      content = { { type = 'text', text = text } },
      usage = { input_tokens = 1000, output_tokens = 200 },
    },
    request_id = 'req_' .. id,
  })
  local result =
    vim.json.encode({ type = 'result', subtype = 'success', is_error = false, result = text, usage = vim.empty_dict() })
  return ("printf '%%s\\n' '%s' '%s'"):format(message, result)
end

--- A command that prints the first row of what the core answers, or the first of that scope.
local function show(verb, list, scope)
  local file = tmp.write(
    tmp.dir() .. '/show.lua',
    ([[
      local answer
      require('purser.core').ask(%q, nil, function(_, body)
        answer = body
      end)
      vim.wait(10000, function()
        return answer
      end)
      for _, row in ipairs(answer.%s) do
        if row.scope == (%s or row.scope) then
          return io.stdout:write(vim.json.encode(row), '\n')
        end
      end
    ]]):format(verb, list, scope and ('%q'):format(scope) or 'nil')
  )
  return 'luafile ' .. file
end

--- An agent that keeps what it was sent.
local function setup(body, options)
  local folder = tmp.dir('agent')
  local script =
    tmp.script('agent', ('cat >%s/prompt; env >%s/env; %s'):format(folder, folder, body or answer('an answer')))
  local agents = {
    tester = { adapter = 'script', command = script, model = 'claude-sonnet-4-5' },
    other = { adapter = 'script', command = script, model = 'claude-opus-4-1' },
  }
  return vim.tbl_deep_extend('force', { agents = agents, default_agent = 'tester' }, options or {}), folder
end

describe('without a screen, :AgentRun', function()
  it('waits, prints the answer, and says what it cost', function()
    local options, folder = setup()
    local got = headless.run({ 'AgentRun tester explain  "this"' }, { setup = options })
    assert.equal('an answer\n', got.stdout)
    assert.truthy(got.stderr:find('tester: completed, 1.0k tokens in, 200 out, 0.60 ¢', 1, true), got.stderr)
    assert.equal('explain  "this"', tmp.read(folder .. '/prompt'))
  end)

  it('takes the default agent, a model and an effort', function()
    local options, folder = setup()
    headless.run({ 'AgentRun --model=claude-haiku-4-5 --effort=low go' }, { setup = options })
    local env = tmp.read(folder .. '/env')
    assert.truthy(env:find('PURSER_MODEL=claude-haiku-4-5\n', 1, true))
    assert.truthy(env:find('PURSER_EFFORT=low\n', 1, true))
  end)

  it('sends the lines of a range, with where they are from', function()
    local options, folder = setup()
    local home = tmp.dir('home')
    tmp.write(home .. '/src/a.lua', 'one\ntwo\n```\nfour\n')
    headless.run(
      { 'edit src/a.lua', 'set filetype=lua', '2,3AgentRun tester what is this?' },
      { setup = options, home = home }
    )
    assert.equal('what is this?\n\nsrc/a.lua, lines 2-3:\n\n````lua\ntwo\n```\n````\n', tmp.read(folder .. '/prompt'))
  end)

  it('without a prompt, an agent or a screen says what is missing', function()
    local options = setup()
    local got = headless.run(
      { 'AgentRun tester', 'AgentRun tesster go', 'AgentRun --effort=max go' },
      { setup = options }
    )
    assert.truthy(got.stderr:find('there is no prompt: :AgentRun [agent]', 1, true), got.stderr)
    assert.truthy(got.stderr:find('there is no agent "tesster", did you mean "tester"?', 1, true), got.stderr)
    assert.truthy(got.stderr:find('--effort=max: expected low, medium or high', 1, true), got.stderr)
    assert.equal('', got.stdout)
  end)

  it('that is refused by a budget says which, and what is left of it', function()
    local options, folder = setup(nil, { agents = { tester = { monthly_budget = 0 } } })
    local got = headless.run({ 'AgentRun tester go' }, { setup = options })
    assert.truthy(got.stderr:find('tester: refused\n', 1, true), got.stderr)
    assert.is_nil(tmp.read(folder .. '/prompt'))
  end)
end)

describe('without a screen, :Purser', function()
  it('sets budgets, and says what stands', function()
    local options = setup()
    local home = tmp.dir('home')
    vim.fn.mkdir(home .. '/project', 'p')
    local got = headless.run({
      'Purser budget agent:tester 500',
      'Purser budget agent:tester +200',
      'Purser budget workspace:project 2000 ask',
      'Purser budget global off week',
      'Purser budget agent:tester remove',
    }, { setup = options, home = home })
    local lines = vim.split(vim.trim(got.stdout), '\n')
    assert.truthy(
      vim.startswith(lines[1], 'budget of agent tester: $5.00 a month, 0 ¢ spent, resets on '),
      got.stdout .. got.stderr
    )
    assert.truthy(
      vim.startswith(lines[2], 'budget of agent tester: $7.00 a month, $2.00 of it for this period only, 0 ¢ spent'),
      lines[2]
    )
    assert.truthy(vim.startswith(lines[3], 'budget of workspace ~/project: $20.00 a month'), lines[3])
    assert.equal('budget of everything: no limit', lines[4])
    assert.equal('budget of agent tester: as setup() has it', lines[5])
  end)

  it('takes every part of a policy, tells what stands, and lets go of a budget whose agent is gone', function()
    local options = setup()
    local home = tmp.dir('home')
    local first = headless.run({
      'Purser budget global 5000 week --zone=Asia/Tokyo --reset-day=3 --thresholds=60,90 --at-limit=ask',
      'Purser budget agent:tester 0',
      'Purser budget global',
      'Purser budget global $40',
      show('budget.list', 'budgets', 'global'),
    }, { setup = options, home = home })
    local lines = vim.split(vim.trim(first.stdout), '\n')
    assert.truthy(vim.startswith(lines[1], 'budget of everything: $50.00 a week, 0 ¢ spent, resets on '), first.stderr)
    assert.truthy(vim.endswith(lines[1], ', asks at the limit'), lines[1])
    assert.truthy(vim.startswith(lines[2], 'budget of agent tester: no paid work at all, 0 ¢ spent'), lines[2])
    assert.equal(lines[1], lines[3])
    local weekly = vim.json.decode(lines[5])
    assert.same(
      { 4000, 'week', 3, 'Asia/Tokyo', { 60, 90 }, 'ask' },
      { weekly.limit_cents, weekly.period, weekly.reset_day, weekly.zone, weekly.thresholds, weekly.at_limit }
    )
    assert.truthy(vim.startswith(lines[4], 'budget of everything: $40.00 a week'), lines[4])
    options.agents.tester = nil
    options.default_agent = 'other'
    local later = headless.run({
      'Purser budget agent:tester 500',
      'Purser budget agent:tester remove',
    }, { setup = options, home = home })
    assert.truthy(later.stderr:find('there is no agent "tester"', 1, true), later.stderr)
    assert.truthy(later.stdout:find('budget of agent tester: as setup() has it', 1, true), later.stdout)
  end)

  it('says what is wrong with a budget', function()
    local options = setup()
    local cases = {
      { 'agent:tester -3', 'a budget can\'t be negative; "off" is no limit' },
      { 'agent:tester 2.5', '2.5 is no whole number of cents: 2 or 3?' },
      { 'agent:tester 9999999999', 'a budget is at most 900000000 cents ($9 million)' },
      { 'agent:tester lots', '"lots" is not a number of cents; $5 is 500' },
      { 'agent:testr 5', 'there is no agent "testr", did you mean "tester"?' },
      { 'tester 5', '"tester" is no scope, did you mean "agent:tester"?' },
      { 'workspace:/no/such 5', 'there is no folder /no/such' },
      { 'global 5 --zone=Europe/Pariss', '--zone: no time zone "Europe/Pariss"' },
      { 'global +5', 'everything has no limit that could be raised: set one with :Purser budget global 5' },
      { 'global ask', 'everything has no budget yet: how much? :Purser budget global 500 …' },
      { 'global remove', 'everything has no budget that could be removed' },
    }
    local commands = {}
    for _, case in ipairs(cases) do
      commands[#commands + 1] = 'Purser budget ' .. case[1]
    end
    local got = headless.run(commands, { setup = options })
    for _, case in ipairs(cases) do
      assert.truthy(got.stderr:find('purser: ' .. case[2], 1, true), case[1] .. '\n' .. got.stderr)
    end
  end)

  it('keeps what a policy says when only its limit is changed', function()
    local options =
      setup(nil, { budgets = { { scope = 'global', limit_cents = 100, at_limit = 'ask', thresholds = { 10 } } } })
    local got = headless.run({
      'Purser budget global 300',
      show('budget.list', 'budgets'),
    }, { setup = options })
    local budget = vim.json.decode((got.stdout:match('{.*}')))
    assert.same(
      { 300, 'ask', { 10 }, 'saved' },
      { budget.limit_cents, budget.at_limit, budget.thresholds, budget.origin }
    )
  end)

  it('says what verbs there are', function()
    local options = setup()
    local got = headless.run(
      { 'Purser bugdet', 'Purser', 'Purser zzz', 'Purser stop', 'Purser open 5' },
      { setup = options }
    )
    assert.truthy(got.stderr:find('there is no verb "bugdet", did you mean "budget"?', 1, true), got.stderr)
    assert.truthy(got.stderr:find('which verb? agents, budget, ', 1, true))
    assert.truthy(got.stderr:find('there is no verb "zzz": see :help :Purser', 1, true))
    assert.truthy(got.stdout:find('no run is under way', 1, true))
    assert.truthy(got.stderr:find('run 5 is not one of this Neovim', 1, true))
  end)

  it('asks the program for what the program does', function()
    if vim.fn.executable(vim.env.PURSER_PROGRAM or '') == 0 then
      return pending('the program was not built')
    end
    local options = setup()
    local got = headless.run({ 'Purser price claude-sonnet-4-5 --input 1000 --output 200 --json' }, { setup = options })
    assert.equal(6000000, vim.json.decode(got.stdout).cost_nanousd)
    got = headless.run({ 'Purser price no-such-model' }, { setup = options })
    assert.truthy((got.stdout .. got.stderr):find('no-such-model', 1, true))
  end)
end)

describe('completion', function()
  local child

  before_each(function()
    child = Child.start()
    child:lua('require("purser").setup(...)', (setup()))
  end)

  after_each(function()
    child:stop()
  end)

  local function complete(line)
    return child:lua('return vim.fn.getcompletion(..., "cmdline")', line)
  end

  it('knows agents, options, models and efforts', function()
    assert.same({ 'other', 'tester', '-c', '--model=', '--effort=' }, vim.list_slice(complete('AgentRun '), 1, 5))
    assert.same({ 'tester' }, complete('AgentRun te'))
    assert.same({ '-c', '--model=', '--effort=' }, complete('AgentRun tester '))
    assert.same({ '-c', '--effort=' }, complete('AgentRun tester --model=x '))
    assert.same({ '--effort=low', '--effort=medium', '--effort=high' }, complete('AgentRun tester --effort='))
    assert.same({ '--model=claude-sonnet-4-5', '--model=claude-opus-4-1' }, complete('AgentRun tester --model='))
    assert.same({ '--model=claude-opus-4-1' }, complete('AgentRun! other --model=claude-o'))
    assert.same({}, complete('AgentRun tester explain th'))
    assert.same({ 'tester' }, complete("'<,'>AgentRun te"))
  end)

  it('knows verbs and what comes after them', function()
    assert.same({ 'budget' }, complete('Purser bud'))
    assert.same(
      { 'global', 'workspace:.', 'agent:other', 'agent:tester' },
      vim.list_slice(complete('Purser budget '), 1, 4)
    )
    assert.same({ 'agent:other', 'agent:tester' }, vim.list_slice(complete('Purser budget agent:'), 1, 2))
    local amounts = { 'off', 'remove' }
    local rest = { 'month', 'week', 'day', 'block', 'ask', 'warn', '--zone=', '--reset-day=', '--thresholds=' }
    assert.same(vim.list_extend(amounts, rest), complete('Purser budget global '))
    assert.same(rest, complete('Purser budget global 500 '))
    assert.same({ '+100', '+200', '+500', '+1000' }, complete('Purser budget global +'))
    assert.same({ 'month', 'week', 'day' }, complete('Purser budget global +200 '))
    assert.same({ '--zone=', '--reset-day=', '--thresholds=' }, complete('Purser budget global 5 week ask '))
    assert.same({ '--zone=Europe/Paris' }, complete('Purser budget global 5 --zone=Europe/Pari'))
    assert.same({ '--reset-day=7' }, complete('Purser budget global 5 week --reset-day=7'))
    assert.same({}, complete('Purser budget nonsense '))
    assert.same({ 'all' }, complete('Purser stop '))
    assert.same({}, complete('Purser nonsense '))
    assert.same({ 'report' }, complete('Purser rep'))
  end)

  it('knows the views', function()
    assert.truthy(vim.list_contains(complete('CostReport '), 'agent'))
    assert.same({ 'models' }, complete('CostReport mod'))
    assert.same({ 'digest' }, complete('CostReport dig'))
    assert.same({ 'agent' }, complete('CostReport whatif a'))
    assert.same({ 'tester' }, complete('CostReport whatif agent te'))
    assert.truthy(vim.list_contains(complete('CostReport digest '), os.date('%Y-%m')))
    assert.same({ 'other', 'tester' }, vim.list_slice(complete('CostReport agent '), 1, 2))
    assert.same({ 'vsplit' }, complete('CostReport agent tester vs'))
  end)
end)

describe('with a screen', function()
  local child

  before_each(function()
    child = Child.start({ rows = 30, cols = 100 })
  end)

  after_each(function()
    child:stop()
  end)

  it(':AgentRun opens the window of its run, and ! does not', function()
    child:lua('require("purser").setup(...)', (setup()))
    child:type(':AgentRun tester explain this<CR>')
    child:expect('an answer')
    child:type(':only<CR>:enew<CR>:AgentRun! tester and this<CR>')
    child:expect('tester is done, 0.60 ¢')
    assert.equal(1, child:lua('return #vim.api.nvim_list_wins()'))
    child:type(':Purser open<CR>')
    child:expect('an answer')
  end)

  it('setup() names what is wrong, and the rest goes on', function()
    child:type(':lua require("purser").setup({ agents = { tester = { monthly_budget = -3 } } })<CR>')
    child:expect('agents.tester.monthly_budget: expected a whole number of cents ≥ 0, got -3')
  end)

  it(':Purser stop ends the run', function()
    child:lua(
      'require("purser").setup(...)',
      (setup('echo started; while :; do sleep 0.05; done', { limits = { grace = 200 } }))
    )
    child:type(':AgentRun! tester go on<CR>')
    child:wait_for(function()
      return child:lua('local run = require("purser.runs").last() return run ~= nil and run.status == "running"')
    end, 'the run')
    child:type(':Purser stop<CR>')
    child:expect('tester was stopped')
  end)

  it('leaving Neovim ends its agents and books what they spent', function()
    local home = tmp.dir('home')
    child:stop()
    child = Child.start({ home = home })
    local pid_file = tmp.dir() .. '/pid'
    local line = answer('said before the end'):gsub(" '{\"[^']*result[^']*'$", '')
    local options = setup(('echo $$ >%s; %s; while :; do sleep 0.05; done'):format(pid_file, line))
    child:lua('require("purser").setup(...)', options)
    child:type(':AgentRun tester go on<CR>')
    child:expect('said before the end')
    child:type(':qall!<CR>')
    assert.equal(0, child:wait_exit())
    local pid = tonumber((tmp.await(pid_file)))
    assert.is_true(
      vim.wait(10000, function()
        return (vim.uv.kill(pid, 0)) ~= 0
      end, 10),
      'the agent lives on'
    )
    local got = headless.run({
      show('log', 'runs'),
    }, { home = home, setup = options })
    local run = vim.json.decode(got.stdout)
    assert.equal('cancelled', run.status)
    assert.equal(6000000, run.sums.cost_nanousd)
    assert.is_true(run.ended_ms > 0)
  end)

  it('a Neovim that is killed leaves nothing behind that the next one does not settle', function()
    local home = tmp.dir('home')
    child:stop()
    child = Child.start({ home = home })
    local line = answer('said before the end'):gsub(" '{\"[^']*result[^']*'$", '')
    local options =
      setup(line .. '; sleep 1; echo x; sleep 1; echo x; sleep 60', { agents = { tester = { monthly_budget = 1000 } } })
    child:lua('require("purser").setup(...)', options)
    child:type(':AgentRun tester go on<CR>')
    child:expect('said before the end')
    child:wait_for(function()
      return child:lua('local run = require("purser.runs").last() return run.sums ~= nil and run.sums.output == 200')
    end, 'the booking')
    child:kill('sigkill')
    child:wait_exit()
    local got = headless.run({
      'lua require("purser.core").ready(function() end) vim.wait(2000)',
      show('log', 'runs'),
      show('budget.list', 'budgets'),
    }, { home = home, setup = options })
    local lines = vim.split(got.stdout, '\n')
    local run, budget = vim.json.decode(lines[1]), vim.json.decode(lines[2])
    assert.equal('abandoned', run.status)
    assert.equal(6000000, run.sums.cost_nanousd)
    assert.equal(0, budget.held_nanousd)
    assert.equal(6000000, budget.spent_nanousd)
    assert.truthy(got.stderr:find('1 run was cut off when Neovim went down', 1, true), got.stderr)
  end)
end)
