-- Which agents there are, which can run, and what is said of those that can't.

local agents = require('purser.agents')
local config = require('purser.config')
local tmp = require('helpers.tmp')

local KEYS =
  { 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY', 'ANTHROPIC_BASE_URL', 'MY_KEY' }

describe('agents', function()
  local path

  before_each(function()
    path = vim.env.PATH
    vim.env.PATH = tmp.dir('empty')
    for _, name in ipairs(KEYS) do
      vim.env[name] = nil
    end
    config.setup()
  end)

  after_each(function()
    vim.env.PATH = path
    for _, name in ipairs(KEYS) do
      vim.env[name] = nil
    end
    config.setup()
  end)

  local function install(...)
    local folder = tmp.dir('bin')
    for _, name in ipairs({ ... }) do
      tmp.write(folder .. '/' .. name, '#!/bin/sh\n', tonumber('755', 8))
    end
    vim.env.PATH = folder
  end

  it('are none on a bare machine, and it is said what to do', function()
    assert.same({}, agents.names())
    local agent, problem = agents.default()
    assert.is_nil(agent)
    assert.truthy(problem:find('install claude, codex, gemini or opencode, set ANTHROPIC_API_KEY', 1, true))
  end)

  it('are the clients that are installed', function()
    install('codex', 'claude')
    assert.same({ 'claude', 'codex' }, agents.names())
    assert.equal('claude', agents.default().name)
    assert.is_nil(agents.get('codex').missing)
  end)

  it('are the APIs that have a key', function()
    install('curl')
    vim.env.OPENAI_API_KEY, vim.env.GOOGLE_API_KEY = 'k', 'k'
    assert.same({ 'openai', 'gemini_api' }, agents.names())
    vim.env.OPENAI_API_KEY = ''
    assert.same({ 'gemini_api' }, agents.names())
    assert.equal('GOOGLE_API_KEY', agents.key_variable(agents.get('gemini_api')))
  end)

  it("are the user's own first", function()
    install('claude')
    config.setup({ agents = { zed = { adapter = 'claude' }, abe = { adapter = 'claude', model = 'opus' } } })
    assert.same({ 'abe', 'zed', 'claude' }, agents.names())
    assert.equal('abe', agents.default().name)
    config.setup({ agents = { zed = { adapter = 'claude' } }, default_agent = 'claude' })
    assert.equal('claude', agents.default().name)
  end)

  it('that are found take options under their own name', function()
    install('claude')
    config.setup({ effort = 'low', agents = { claude = { model = 'opus', monthly_budget = 500 } } })
    local agent = agents.get('claude')
    assert.same({ 'opus', 'low', 500, 'config' }, { agent.model, agent.effort, agent.monthly_budget, agent.origin })
    assert.same({ 'claude' }, agents.names())
  end)

  it("that can't run say why, and what to do", function()
    config.setup({
      agents = {
        reviewer = { adapter = 'claude' },
        mine = { adapter = 'script' },
        odd = { adapter = 'claude', command = { '/opt/claude', '-x' } },
        api = { adapter = 'anthropic' },
      },
    })
    assert.equal(
      'claude is not on PATH: install it with `npm install -g @anthropic-ai/claude-code`, '
        .. 'or set adapters.claude.command',
      agents.get('reviewer').missing
    )
    assert.equal('agents.mine.command is missing: the program that answers', agents.get('mine').missing)
    assert.equal("/opt/claude can't be executed: check agents.odd.command", agents.get('odd').missing)
    assert.equal('curl is not on PATH: install it', agents.get('api').missing)
    install('curl')
    assert.equal('no key: set $ANTHROPIC_API_KEY, or agents.api.key_cmd', agents.get('api').missing)
    vim.env.ANTHROPIC_API_KEY = 'k'
    assert.is_nil(agents.get('api').missing)
  end)

  it('of a compatible URL need the URL and a model, and a key only if one is named', function()
    install('curl')
    vim.env.OPENAI_API_KEY = 'must not go there'
    config.setup({
      agents = {
        a = { adapter = 'openai_chat' },
        b = { adapter = 'openai_chat', url = 'http://localhost:11434' },
        c = { adapter = 'openai_chat', url = 'http://localhost:11434', model = 'm' },
        d = { adapter = 'openai_chat', url = 'http://localhost:11434', model = 'm', key_env = 'MY_KEY' },
        e = { adapter = 'openai', url = 'http://proxy/v1' },
      },
    })
    assert.equal('agents.a.url is missing', agents.get('a').missing)
    assert.equal('agents.b.model is missing', agents.get('b').missing)
    assert.is_nil(agents.get('c').missing)
    assert.is_nil(agents.key_variable(agents.get('c')))
    assert.equal('$MY_KEY is not set: it should hold the key', agents.get('d').missing)
    vim.env.MY_KEY = 'k'
    assert.equal('MY_KEY', agents.key_variable(agents.get('d')))
    -- A key of the environment is the provider's own, and not for another address.
    assert.is_nil(agents.key_variable(agents.get('e')))
  end)

  it("go where the provider's own libraries would", function()
    install('curl')
    vim.env.ANTHROPIC_API_KEY, vim.env.ANTHROPIC_BASE_URL = 'k', 'http://127.0.0.1:1/'
    assert.equal('http://127.0.0.1:1/v1/messages', agents.get('anthropic').url)
    vim.env.ANTHROPIC_BASE_URL = nil
    assert.equal('https://api.anthropic.com/v1/messages', agents.get('anthropic').url)
  end)

  it('that there are not are said, with what may have been meant', function()
    install('claude')
    config.setup({ agents = { reviewer = { adapter = 'claude' } } })
    local _, problem = agents.get('revewer')
    assert.equal('there is no agent "revewer", did you mean "reviewer"?', problem)
    _, problem = agents.get('xyz')
    assert.equal('there is no agent "xyz": there are reviewer, claude', problem)
    config.setup({ agents = { x = {} } })
    _, problem = agents.get('x')
    assert.truthy(problem:find('agents.x.adapter is missing: one of claude, codex', 1, true))
  end)

  it('offer models: their own first', function()
    install('claude')
    config.setup({
      agents = { a = { adapter = 'claude', model = 'mine' }, b = { adapter = 'claude', model = 'other' } },
    })
    assert.same({ 'other', 'mine', 'opus', 'sonnet', 'haiku', 'fable' }, agents.models(agents.get('b')))
  end)
end)
