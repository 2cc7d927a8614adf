-- A workspace's own file: it may set what it likes, but never raise a budget.

local config = require('purser.config')
local notices = require('helpers.notices').catch()
local tmp = require('helpers.tmp')

local OWN = {
  agents = {
    reviewer = { adapter = 'script', command = '/bin/sh', model = 'big', monthly_budget = 500, at_limit = 'ask' },
    helper = { adapter = 'script', command = '/bin/sh' },
  },
  budgets = { { scope = 'global', limit_cents = 1000, period = 'week' } },
  limits = { requests = 100, output_tokens = 0 },
  enforce_subscription = true,
}

--- Sources a file of that name which calls setup().
---@param options string
---@param name? string
local function from_workspace(options, name)
  local call = ('require("purser.config").setup(%s)'):format(options)
  name = name or '.nvim.lua'
  local path = tmp.write(tmp.dir('project') .. '/' .. name, name == '.nvim.lua' and call or 'lua ' .. call)
  vim.cmd.source(vim.fn.fnameescape(path))
end

describe("a workspace's file", function()
  before_each(function()
    from_workspace('{}')
    config.setup(OWN)
    notices:clear()
  end)

  after_each(function()
    from_workspace('{}')
    config.setup({})
  end)

  it('has no say in when a run has run away, and may say what its prompts are', function()
    config.setup(vim.tbl_extend('force', OWN, { runaway = { repeats = 7 } }))
    from_workspace([[{
      runaway = { action = 'off' },
      agents = { reviewer = { runaway = { action = 'off' } } },
      routing = { rules = { { match = 'chart', kind = 'feature' } } },
    }]])
    assert.same({ 'ask', 7 }, { config.get().runaway.action, config.get().runaway.repeats })
    assert.is_nil(config.get().agents.reviewer.runaway)
    assert.same({ { match = 'chart', kind = 'feature' } }, config.get().routing.rules)
    assert.truthy(notices:find('runaway is yours to decide'))
    assert.truthy(notices:find('agents.reviewer.runaway is yours to decide'))
  end)

  it('lowers budgets and caps, and changes what is not money', function()
    from_workspace([[{
      agents = {
        reviewer = { monthly_budget = 200, at_limit = 'block', model = 'small' },
        helper = { monthly_budget = 50 },
      },
      budgets = { { scope = 'global', period = 'week', limit_cents = 300 }, { scope = 'global', limit_cents = 70 } },
      limits = { requests = 10, output_tokens = 5000 },
      default_agent = 'helper',
    }]])
    assert.same({
      { scope = 'agent:helper', period = 'month', limit_cents = 50, at_limit = 'block' },
      { scope = 'agent:reviewer', period = 'month', limit_cents = 200, at_limit = 'block' },
      { scope = 'global', period = 'week', limit_cents = 300 },
      { scope = 'global', period = 'month', limit_cents = 70 },
    }, config.policies())
    local got = config.get()
    assert.same({ 10, 5000, 'helper' }, { got.limits.requests, got.limits.output_tokens, got.default_agent })
    assert.same({ 'small', '/bin/sh' }, { got.agents.reviewer.model, got.agents.reviewer.command })
    assert.same({}, notices:messages())
  end)

  it('never raises one, by no way there is, and says so', function()
    for _, name in ipairs({ '.nvim.lua', '.nvimrc', '.exrc' }) do
      notices:clear()
      local options = '{ agents = { reviewer = { monthly_budget = 99999, at_limit = "warn", free = true,'
        .. ' billing = "local" } }, budgets = { { scope = "global", period = "week", limit_cents = 99999 },'
        .. ' { scope = "global", period = "week" } },'
        .. ' limits = { requests = 0, wall_clock = 0 }, enforce_subscription = false, db = "/tmp/other.db",'
        .. ' fallback_rate = { input = 0, output = 0 }, prices = "/tmp/prices.json" }'
      from_workspace(options, name)
      assert.same({
        { scope = 'agent:reviewer', period = 'month', limit_cents = 500, at_limit = 'ask' },
        { scope = 'global', period = 'week', limit_cents = 1000 },
      }, config.policies())
      local got = config.get()
      assert.same(
        {},
        { got.agents.reviewer.free, got.agents.reviewer.billing, got.db, got.prices, got.fallback_rate.input }
      )
      assert.same({ 100, true }, { got.limits.requests, got.enforce_subscription })
      local said = table.concat(notices:messages(), '\n')
      for _, words in ipairs({
        "agents.reviewer.monthly_budget stays at 500: a workspace's file can't raise a budget",
        "the budget of global stays at 1000: a workspace's file can't raise a budget",
        "db is yours to decide, not the workspace's",
        "fallback_rate is yours to decide, not the workspace's",
        "enforce_subscription is yours to decide, not the workspace's",
        "agents.reviewer.free is yours to decide, not the workspace's",
      }) do
        assert.truthy(said:find(name .. ': ' .. words, 1, true), words .. '\n' .. said)
      end
    end
  end)

  it('holds whichever of the two calls setup() first', function()
    from_workspace([[{ agents = { reviewer = { monthly_budget = 200 } } }]])
    config.setup({ agents = { reviewer = { adapter = 'script', command = '/bin/sh', monthly_budget = 900 } } })
    assert.equal(200, config.policies()[1].limit_cents)
    from_workspace([[{ agents = { reviewer = { monthly_budget = 5000 } } }]])
    assert.equal(900, config.policies()[1].limit_cents)
  end)

  it('with a mistake in its budget lets that agent not run', function()
    from_workspace([[{ agents = { reviewer = { monthly_budget = -1 } } }]])
    assert.truthy(config.blocked('reviewer'))
    assert.is_nil(config.blocked('helper'))
  end)

  it("is known for one when Neovim itself reads it ('exrc'), once it is trusted", function()
    local home = tmp.dir('home')
    local project = home .. '/project'
    local file =
      tmp.write(project .. '/.nvim.lua', 'require("purser").setup({ agents = { a = { monthly_budget = 9 } } })\n')
    tmp.write(
      home .. '/config/nvim/init.lua',
      ([[
        vim.opt.rtp:prepend(%q)
        vim.o.exrc = true
        require('purser').setup({ agents = { a = { adapter = 'script', command = '/bin/sh', monthly_budget = 5 } } })
      ]]):format(vim.env.PURSER_ROOT)
    )
    local function nvim(args)
      return vim
        .system(vim.list_extend({ vim.v.progpath, '--headless', '-n' }, args), {
          cwd = project,
          text = true,
          env = {
            HOME = home,
            XDG_CONFIG_HOME = home .. '/config',
            XDG_STATE_HOME = home .. '/state',
            XDG_DATA_HOME = home .. '/data',
          },
        })
        :wait()
    end
    vim.fn.mkdir(home .. '/state/nvim', 'p')
    nvim({ '--clean', '-c', 'edit ' .. file, '-c', 'trust', '+q' })
    local show = 'lua io.stdout:write(require("purser.config").policies()[1].limit_cents)'
    local got = nvim({ '-c', show, '+q' })
    assert.equal('5', got.stdout, got.stderr)
    assert.truthy(got.stderr:find("stays at 5: a workspace's file can't raise a budget", 1, true), got.stderr)
  end)

  it('that is no Lua or Vim script is not read', function()
    local folder = tmp.dir('project')
    for _, name in ipairs({ '.purser.json', 'purser.json', '.purser/config.json' }) do
      tmp.write(folder .. '/' .. name, '{"agents":{"reviewer":{"monthly_budget":99999}}}')
    end
    local before = vim.fn.getcwd()
    vim.cmd.cd(vim.fn.fnameescape(folder))
    config.setup(OWN)
    assert.equal(500, config.policies()[1].limit_cents)
    vim.cmd.cd(vim.fn.fnameescape(before))
  end)
end)
