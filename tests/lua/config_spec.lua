-- Options: defaults, what is wrong with the user's, and what then must not run.

local config = require('purser.config')
local schema = require('purser.config.schema')
local validate = require('purser.config.validate')

local function messages(options)
  local _, problems = validate.validate(options, schema.fields)
  return vim.tbl_map(function(problem)
    return problem.message
  end, problems)
end

describe('validation names the path, what was expected and what was found', function()
  local cases = {
    {
      { agents = { reviewer = { monthly_budget = -3 } } },
      'agents.reviewer.monthly_budget: expected a whole number of cents ≥ 0, got -3',
    },
    {
      { agents = { reviewer = { monthly_budget = 2.5 } } },
      'agents.reviewer.monthly_budget: expected a whole number of cents ≥ 0, got 2.5',
    },
    {
      { agents = { reviewer = { monthly_budget = '500' } } },
      'agents.reviewer.monthly_budget: expected a whole number of cents ≥ 0, got "500"',
    },
    {
      { agents = { reviewer = { monthly_budget = 0 / 0 } } },
      'agents.reviewer.monthly_budget: expected a whole number of cents ≥ 0, got ' .. tostring(0 / 0),
    },
    {
      { agents = { reviewer = { monthly_budget = 1e15 } } },
      'agents.reviewer.monthly_budget: expected at most 900000000 cents, got ' .. tostring(1e15),
    },
    {
      { agents = { reviewer = { monthly_budgett = 3 } } },
      'agents.reviewer.monthly_budgett: unknown field, did you mean "monthly_budget"?',
    },
    { { zebra = 1 }, 'zebra: unknown field' },
    {
      { agents = { reviewer = { adapter = 'cluade' } } },
      'agents.reviewer.adapter: expected "claude", "codex", "gemini", "opencode", "anthropic", "openai", "gemini_api", '
        .. '"openai_chat" or "script", got "cluade"',
    },
    {
      { agents = { reviewer = { effort = 'huge' } } },
      'agents.reviewer.effort: expected "low", "medium" or "high", got "huge"',
    },
    { { agents = { reviewer = { args = 'x' } } }, 'agents.reviewer.args: expected a list, got "x"' },
    { { agents = { reviewer = { args = { 'x', 2 } } } }, 'agents.reviewer.args[2]: expected a string, got 2' },
    { { agents = { reviewer = 5 } }, 'agents.reviewer: expected a table, got 5' },
    { { agents = { { adapter = 'claude' } } }, 'agents[1]: expected a name before it, got { adapter = "claude" }' },
    {
      { agents = { x = { key_cmd = {} } } },
      'agents.x.key_cmd: expected a command: a string or a list of strings, got {}',
    },
    {
      { budgets = { { scope = 'agents:x' } } },
      'budgets[1].scope: expected "global", "agent:NAME" or "workspace:PATH" with a whole path, got "agents:x"',
    },
    {
      { budgets = { { scope = 'workspace:.' } } },
      'budgets[1].scope: expected "global", "agent:NAME" or "workspace:PATH" with a whole path, got "workspace:."',
    },
    {
      { budgets = { { scope = 'global', zone = 'Europe/Pariss' } } },
      'budgets[1].zone: expected a time zone that this system knows, such as "Europe/Paris", got "Europe/Pariss"',
    },
    {
      { budgets = { { scope = 'global', reset_day = 32 } } },
      'budgets[1].reset_day: expected a whole number from 1 to 31, got 32',
    },
    {
      { zone = '../../etc/passwd' },
      'zone: expected a time zone that this system knows, such as "Europe/Paris", got "../../etc/passwd"',
    },
    { { limits = { requests = -1 } }, 'limits.requests: expected a whole number ≥ 0, got -1' },
    {
      { fallback_rate = { input = 'much' } },
      'fallback_rate.input: expected dollars per million tokens, a number ≥ 0, got "much"',
    },
    { { ui = { icons = 'nerd' } }, 'ui.icons: expected "unicode" or "ascii", got "nerd"' },
    { { statusline = { format = 1 } }, 'statusline.format: expected a function, got 1' },
    { { keep_prompt = true }, 'keep_prompt: expected "none", "excerpt" or "all", got true' },
    { 5, 'setup: expected a table, got 5' },
  }
  for _, case in ipairs(cases) do
    it(case[2], function()
      assert.same({ case[2] }, messages(case[1]))
    end)
  end

  it('finds all of them, in an order that does not change', function()
    local bad = { zzz = 1, agents = { a = { effort = 1, model = 2 } } }
    local first = messages(bad)
    assert.equal(3, #first)
    assert.same(first, messages(bad))
  end)

  it('shortens what is too long to be shown', function()
    local message = messages({ default_agent = { ('x'):rep(500) } })[1]
    assert.is_true(#message < 150, message)
  end)

  it('has nothing against the defaults, or against everything set rightly', function()
    assert.same({}, messages({}))
    assert.same(
      {},
      messages({
        agents = {
          reviewer = { adapter = 'claude', effort = 'high', monthly_budget = 0, args = { '--x' }, env = { A = 'b' } },
          ['with space'] = {
            adapter = 'openai_chat',
            url = 'http://x',
            key_cmd = 'pass',
            billing = 'local',
            free = true,
          },
        },
        budgets = { { scope = 'workspace:~/src', zone = 'Europe/Paris', thresholds = { 50, 120 }, limit_cents = 10 } },
        fallback_rate = { input = '5', output = 25 },
      })
    )
  end)
end)

describe('options', function()
  after_each(function()
    config.setup()
  end)

  it('keep the defaults around what is given, and around what is wrong', function()
    config.setup({ limits = { wall_clock = 5, requests = 'x' } })
    local limits = config.get().limits
    assert.equal(5, limits.wall_clock)
    assert.equal(500, limits.requests)
    assert.equal('excerpt', config.get().keep_prompt)
  end)

  it("do not share tables with the user's, or with an earlier setup", function()
    config.setup({ agents = { a = {} } })
    config.setup()
    assert.same({}, config.get().agents)
  end)

  describe('with a mistake that could mean money', function()
    it('block the agent it is about', function()
      config.setup({ agents = { reviewer = { monthly_budget = -1 }, other = {} } })
      assert.equal(
        'the configuration must be mended first: '
          .. 'agents.reviewer.monthly_budget: expected a whole number of cents ≥ 0, got -1',
        config.blocked('reviewer')
      )
      assert.is_nil(config.blocked('other'))
      assert.is_nil(config.blocked('review'))
    end)

    it('block all agents when it is about budgets, limits, rates or the ledger', function()
      for _, options in ipairs({
        { budgets = { { scope = 'nobody' } } },
        { limits = { wall_clock = 'x' } },
        { fallback_rate = { input = -1 } },
        { db = 5 },
        { agents = 5 },
      }) do
        config.setup(options)
        assert.truthy(config.blocked('any'), vim.inspect(options))
      end
    end)

    it('let everything else run', function()
      config.setup({ ui = { icons = 'nerd' }, nonsense = 1 })
      assert.is_nil(config.blocked('any'))
    end)
  end)

  it("become policies: an agent's budget, and the list", function()
    config.setup({
      agents = { b = { monthly_budget = 0 }, a = { monthly_budget = 500, at_limit = 'ask' }, c = {} },
      budgets = { { scope = 'global', limit_cents = 10000, period = 'week' }, { scope = 'workspace:~/x/' } },
    })
    assert.same({
      { scope = 'agent:a', period = 'month', limit_cents = 500, at_limit = 'ask' },
      { scope = 'agent:b', period = 'month', limit_cents = 0, at_limit = 'block' },
      { scope = 'global', limit_cents = 10000, period = 'week' },
      { scope = 'workspace:' .. vim.env.HOME .. '/x', period = 'month' },
    }, config.policies())
  end)

  it('become one policy for each scope and period: the lowest limit, for all that apply must allow a run', function()
    config.setup({
      agents = { a = { monthly_budget = 500 } },
      budgets = {
        { scope = 'agent:a', limit_cents = 300, at_limit = 'ask' },
        { scope = 'agent:a', period = 'day', limit_cents = 50 },
        { scope = 'agent:a', limit_cents = 900 },
        { scope = 'agent:a' },
      },
    })
    assert.same({
      { scope = 'agent:a', period = 'month', limit_cents = 300, at_limit = 'ask' },
      { scope = 'agent:a', period = 'day', limit_cents = 50 },
    }, config.policies())
  end)

  it('with a budget that contradicts itself, or is for nobody, let nothing run', function()
    for _, case in ipairs({
      {
        { scope = 'global', period = 'week', reset_day = 9 },
        'budgets[1].reset_day: expected a weekday from 1 (Monday) to 7, got 9',
      },
      {
        { scope = 'global', thresholds = { 80, 50 } },
        'budgets[1].thresholds: expected each to be larger than the one before it',
      },
      { { limit_cents = 5 }, 'budgets[1].scope: is missing: "global", "agent:NAME" or "workspace:PATH"' },
    }) do
      local found = config.setup({ budgets = { case[1] } })
      assert.equal(case[2], found[1].message)
      assert.truthy(config.blocked('any'))
    end
  end)

  it('switch all notifications off at once, or leave them as they are', function()
    assert.same({}, config.setup({ notifications = false }))
    local wanted = config.get().notifications
    assert.same({ false, false, false }, { wanted.thresholds, wanted.desktop, wanted.finished })
    config.setup({ notifications = true })
    assert.is_true(config.get().notifications.desktop)
    assert.equal('notifications: expected a table, got "no"', config.setup({ notifications = 'no' })[1].message)
  end)

  it('go to the core: rates as exact decimals, paths absolute', function()
    config.setup({ fallback_rate = { input = 0.1, output = '25' }, db = '~/ledger.db', zone = 'Europe/Paris' })
    local options = config.core_options()
    assert.same({ input = '0.1', output = '25' }, options.fallback)
    assert.equal(vim.env.HOME .. '/ledger.db', options.db)
    assert.equal('Europe/Paris', options.zone)
    assert.equal('excerpt', options.keep_prompt)
    assert.is_nil(options.policies)
    config.setup({ fallback_rate = { input = 3 } })
    assert.is_nil(config.core_options().fallback)
  end)
end)

describe('suggestions', function()
  it('are near, or none', function()
    assert.equal('reviewer', validate.suggest('revewer', { 'fixer', 'reviewer' }))
    assert.equal('fixer', validate.suggest('Fixer', { 'fixer', 'reviewer' }))
    assert.is_nil(validate.suggest('explain', { 'fixer', 'reviewer' }))
    assert.is_nil(validate.suggest('x', {}))
  end)
end)
