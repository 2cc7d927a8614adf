-- :checkhealth purser

local headless = require('helpers.headless')
local tmp = require('helpers.tmp')

local function check(options)
  local file = tmp.dir() .. '/health'
  options.env = options.env or {}
  local got = headless.run({ 'checkhealth purser', 'write! ' .. file }, options)
  local text = tmp.read(file)
  assert(text, got.stdout .. got.stderr)
  return text
end

describe(':checkhealth purser', function()
  it('says what is there', function()
    local bin = tmp.dir('bin')
    tmp.write(bin .. '/claude', '#!/bin/sh\necho "2.1.330 (Claude Code)"\n', tonumber('755', 8))
    tmp.write(bin .. '/codex', '#!/bin/sh\nexit 1\n', tonumber('755', 8))
    local text = check({
      env = { PATH = bin .. ':' .. vim.env.PATH, ANTHROPIC_API_KEY = 'sk-very-secret' },
      setup = {
        agents = { reviewer = { adapter = 'claude' }, ghost = { adapter = 'gemini', command = '/no/gemini' } },
      },
    })
    local function has(words)
      assert.truthy(text:find(words, 1, true), words .. '\n' .. text)
    end
    has('Neovim 0.')
    has('libuv ')
    has('library ' .. vim.env.PURSER_LIB)
    has('nothing is wrong with it')
    has('/data/purser/purser.db')
    has('reviewer: 2.1.330 (Claude Code) (claude)')
    has('codex: codex does not tell its version')
    has("ghost: /no/gemini can't be executed: check agents.ghost.command")
    has('anthropic: https://api.anthropic.com/v1/messages, key from $ANTHROPIC_API_KEY')
    assert.is_nil(text:find('sk-very-secret', 1, true))
  end)

  it('says what is wrong, and how it is mended', function()
    local text = check({
      env = { PURSER_LIB = '/no/lib.so' },
      setup = { agents = { x = { monthly_budget = -1 } } },
    })
    assert.truthy(text:find('the native library is missing', 1, true), text)
    assert.truthy(text:find('agents.x.monthly_budget: expected a whole number of cents ≥ 0, got -1', 1, true), text)
  end)

  it('asks the doctor about the clients in terminals', function()
    local home = tmp.dir('home')
    vim.fn.mkdir(home .. '/.claude', 'p')
    local text = check({ home = home, env = { CLAUDE_CONFIG_DIR = home .. '/.claude' } })
    assert.truthy(text:find('purser: terminals', 1, true), text)
    assert.truthy(text:find('Claude Code is not held to its budgets in a terminal', 1, true), text)
    assert.truthy(text:find('Claude Code has recorded nothing', 1, true), text)
  end)

  it('names models that no budget can count', function()
    local home = tmp.dir('home')
    local line = vim.json.encode({
      type = 'assistant',
      message = {
        id = 'msg_unpriced',
        model = 'house-model-9',
        content = { { type = 'text', text = 'x' } },
        usage = { input_tokens = 10, output_tokens = 20 },
      },
    })
    local script = tmp.script('agent', ("cat >/dev/null; echo '%s'"):format(line))
    local setup = { agents = { tester = { adapter = 'script', command = script } } }
    headless.run({ 'AgentRun tester go' }, { home = home, setup = setup })
    local text = check({ home = home, setup = setup })
    assert.truthy(text:find('model house-model-9 has no price: no budget can count it', 1, true), text)
  end)

  it('says before the first run that a model without a price is refused under a budget', function()
    local function text(more)
      return check({
        setup = vim.tbl_extend('force', {
          agents = {
            tester = { adapter = 'script', command = '/bin/sh', model = 'house-model-9' },
            other = { adapter = 'script', command = '/bin/sh', model = 'claude-opus-4-1' },
            gift = { adapter = 'script', command = '/bin/sh', model = 'house-model-8', free = true },
          },
        }, more),
      })
    end
    local words = 'tester: its model house-model-9 has no price'
    local limited = text({ budgets = { { scope = 'global', limit_cents = 100 } } })
    assert.truthy(limited:find(words .. ': a budget applies, so it is refused', 1, true), limited)
    assert.is_nil(limited:find('claude-opus-4-1 has no price', 1, true), limited)
    assert.is_nil(limited:find('house-model-8', 1, true), limited)
    assert.is_nil(text({}):find(words, 1, true))
    assert.is_nil(text({ budgets = { { scope = 'agent:other', limit_cents = 100 } } }):find(words, 1, true))
    local fallback = text({
      budgets = { { scope = 'agent:tester', limit_cents = 100 } },
      fallback_rate = { input = 5, output = 25 },
    })
    assert.truthy(fallback:find(words .. ': budgets take it for fallback_rate', 1, true), fallback)
  end)

  it('says that what was saved of agents is not understood', function()
    local home = tmp.dir('home')
    tmp.write(home .. '/data/purser/agents.json', '{"agents":')
    local text = check({ home = home, setup = {} })
    assert.truthy(text:find("agents.json can't be read: mend it or move it away", 1, true), text)
  end)
end)
