-- How each client and API is asked. Pure functions: a request in, a command line out.

local adapters = require('purser.adapters')
local gemini_home = require('purser.adapters.gemini_home')
local tmp = require('helpers.tmp')

local function build(name, ask)
  local adapter = assert(adapters.get(name))
  local command = adapter.program ~= '' and { adapter.program } or { 'mine' }
  return adapter.build(vim.tbl_extend('force', { prompt = 'p', args = {}, command = command }, ask))
end

local function body(name, ask)
  return vim.json.decode(build(name, vim.tbl_extend('force', { url = 'http://x', key = 'k', model = 'm' }, ask)).extra)
end

describe('claude', function()
  it('gets the prompt over stdin, never as an argument', function()
    local made = build('claude', { prompt = 'secret words' })
    assert.equal('secret words', made.stdin)
    assert.same(
      { 'claude', '-p', '--output-format', 'stream-json', '--verbose', '--include-partial-messages' },
      made.argv
    )
  end)

  it('gets everything else as it wants it', function()
    local made = build('claude', {
      model = 'opus',
      effort = 'high',
      system = 'Be brief.',
      session = 'abc',
      remaining_usd = '1.500000000',
      args = { '--permission-mode', 'acceptEdits' },
      command = { 'nice', 'claude' },
    })
    assert.equal(
      'nice claude -p --output-format stream-json --verbose --include-partial-messages --model opus --effort high '
        .. '--append-system-prompt Be brief. --resume abc --max-budget-usd 1.500000000 --permission-mode acceptEdits',
      table.concat(made.argv, ' ')
    )
  end)

  it('does not think that it runs inside another', function()
    assert.is_false(build('claude', {}).env.CLAUDECODE)
  end)
end)

describe('codex', function()
  it('gets effort and system prompt as settings, and goes on with a session', function()
    local made = build(
      'codex',
      { model = 'm', effort = 'low', system = 'Say "no"\\\n', session = 'id', args = { '-s', 'read-only' } }
    )
    assert.same({
      'codex',
      'exec',
      '--json',
      '--skip-git-repo-check',
      '-m',
      'm',
      '-c',
      'model_reasoning_effort=low',
      '-c',
      'developer_instructions="Say \\"no\\"\\\\\\u000A"',
      '-s',
      'read-only',
      'resume',
      'id',
      '-',
    }, made.argv)
    assert.equal('p', made.stdin)
  end)
end)

describe('opencode', function()
  it('is given a title, so that it asks no model for one', function()
    assert.equal(
      'opencode run --format json -m anthropic/x --variant low --title purser',
      table.concat(build('opencode', { model = 'anthropic/x', effort = 'low' }).argv, ' ')
    )
    assert.equal(
      'opencode run --format json -s ses_1',
      table.concat(build('opencode', { session = 'ses_1' }).argv, ' ')
    )
  end)
end)

describe('gemini', function()
  it('does not start itself again, where signals do not reach', function()
    assert.equal('true', build('gemini', {}).env.GEMINI_CLI_NO_RELAUNCH)
    assert.equal(
      'gemini -o stream-json --skip-trust -m m -r id',
      table.concat(build('gemini', { model = 'm', session = 'id' }).argv, ' ')
    )
  end)

  it('puts a system prompt before the first prompt of a session only', function()
    assert.equal('s\n\np', build('gemini', { system = 's' }).stdin)
    assert.equal('p', build('gemini', { system = 's', session = 'id' }).stdin)
  end)

  describe('with an effort', function()
    local before

    before_each(function()
      before = { vim.env.GEMINI_CLI_HOME }
      vim.env.GEMINI_CLI_HOME = tmp.dir('gemini')
    end)

    after_each(function()
      vim.env.GEMINI_CLI_HOME = before[1]
    end)

    local function settings(home)
      return vim.json.decode((assert(tmp.read(home .. '/.gemini/settings.json'))))
    end

    it("gets a home with the user's files, and their settings with the effort in them", function()
      local own = vim.env.GEMINI_CLI_HOME .. '/.gemini'
      tmp.write(
        own .. '/settings.json',
        '{ // mine\n "theme": "http://x", /* " */ "modelConfigs": {"customOverrides": [{"match": {}}]} }'
      )
      tmp.write(own .. '/oauth.json', 'token')
      local made = build('gemini', { effort = 'low' })
      assert.is_nil(made.prepare(made))
      local home = made.env.GEMINI_CLI_HOME
      assert.not_equal(vim.env.GEMINI_CLI_HOME, home)
      assert.equal('token', tmp.read(home .. '/.gemini/oauth.json'))
      assert.equal(own .. '/tmp', vim.uv.fs_readlink(home .. '/.gemini/tmp'))
      local found = settings(home)
      assert.equal('http://x', found.theme)
      local overrides = found.modelConfigs.customOverrides
      assert.equal(3, #overrides)
      assert.equal(1024, overrides[2].modelConfig.generateContentConfig.thinkingConfig.thinkingBudget)
      assert.equal('LOW', overrides[3].modelConfig.generateContentConfig.thinkingConfig.thinkingLevel)
      -- The user's own file is as it was, and a second time changes nothing.
      assert.truthy(assert(tmp.read(own .. '/settings.json')):find('// mine', 1, true))
      assert.is_nil(made.prepare(made))
      assert.same(found, settings(home))
    end)

    it("runs without it when the settings can't be read", function()
      tmp.write(vim.env.GEMINI_CLI_HOME .. '/.gemini/settings.json', '{ broken')
      local made = build('gemini', { effort = 'low' })
      assert.truthy(made.prepare(made):find("settings.json can't be read, so no effort can be set", 1, true))
      assert.is_nil(made.env.GEMINI_CLI_HOME)
    end)
  end)

  it('has settings with comments', function()
    local strip = gemini_home.without_comments
    assert.equal('{"a": "//b", "c": 1 }', strip('{"a": "//b", /* x */"c": 1 }'))
    assert.equal('{\n}', strip('{// all\n}'))
    assert.equal('{"a\\"//": 1}', strip('{"a\\"//": 1}'))
    assert.equal('{"a', strip('{"a'))
    assert.equal('{', strip('{/* never'))
    assert.equal('', strip(''))
  end)
end)

describe('a script', function()
  it('gets the prompt over stdin and the rest in the environment', function()
    local made = build('script', { model = 'm', args = { '-x' } })
    assert.same({ 'mine', '-x' }, made.argv)
    assert.equal('p', made.stdin)
    assert.equal('m', made.env.PURSER_MODEL)
    assert.is_false(made.env.PURSER_EFFORT)
  end)
end)

describe('the APIs', function()
  it('get effort the way each wants it', function()
    local cases = {
      { 'anthropic', 'claude-opus-5-5', 'low', { 'output_config', { effort = 'low' } } },
      { 'anthropic', 'claude-sonnet-4-6', 'high', { 'output_config', { effort = 'high' } } },
      { 'anthropic', 'claude-haiku-4-5', 'medium', { 'thinking', { type = 'enabled', budget_tokens = 4096 } } },
      { 'anthropic', 'claude-sonnet-4-20250514', 'high', { 'thinking', { type = 'enabled', budget_tokens = 12288 } } },
      { 'anthropic', 'claude-haiku-4-5', 'low', { 'thinking', nil } },
      { 'openai', 'gpt-5.5', 'medium', { 'reasoning', { effort = 'medium' } } },
      { 'openai', 'gpt-4.1', 'medium', { 'reasoning', nil } },
      { 'openai_chat', 'anything', 'high', { 'reasoning_effort', 'high' } },
      {
        'gemini_api',
        'gemini-2.5-flash',
        'low',
        { 'generationConfig', { thinkingConfig = { thinkingBudget = 1024 } } },
      },
      {
        'gemini_api',
        'gemini-3.5-flash',
        'medium',
        { 'generationConfig', { thinkingConfig = { thinkingLevel = 'medium' } } },
      },
      {
        'gemini_api',
        'gemini-3-pro-preview',
        'medium',
        { 'generationConfig', { thinkingConfig = { thinkingLevel = 'high' } } },
      },
    }
    for _, case in ipairs(cases) do
      local field, want = case[4][1], case[4][2]
      assert.same(want, body(case[1], { model = case[2], effort = case[3] })[field], case[1] .. ' ' .. case[2])
      assert.is_nil(body(case[1], { model = case[2] })[field], case[1] .. ' without')
    end
  end)

  it('keep a thinking budget below what may be answered, or leave it out', function()
    assert.equal(
      1976,
      body('anthropic', { model = 'claude-haiku-4-5', effort = 'high', max_output = 3000 }).thinking.budget_tokens
    )
    assert.is_nil(body('anthropic', { model = 'claude-haiku-4-5', effort = 'high', max_output = 1500 }).thinking)
  end)

  it('get what was said before, in their own words', function()
    local messages = { { role = 'user', content = 'a' }, { role = 'assistant', content = 'b' } }
    local said = { messages[1], messages[2], { role = 'user', content = 'p' } }
    assert.same(said, body('anthropic', { messages = messages, system = 's' }).messages)
    assert.same(said, body('openai', { messages = messages }).input)
    local chat = body('openai_chat', { messages = messages, system = 's' }).messages
    assert.same({ { role = 'system', content = 's' }, said[1], said[2], said[3] }, chat)
    local contents = body('gemini_api', { messages = messages }).contents
    assert.equal('model', contents[2].role)
    assert.equal('p', contents[3].parts[1].text)
  end)

  it('are asked for usage in the stream, and to keep nothing', function()
    assert.is_true(body('openai_chat', {}).stream_options.include_usage)
    assert.is_false(body('openai', {}).store)
    assert.is_true(body('anthropic', {}).stream)
    assert.equal(16384, body('anthropic', {}).max_tokens)
  end)
end)

describe('records', function()
  it('are where the clients put them', function()
    local function root(name, env)
      return adapters.get(name).record(env).root
    end
    assert.equal('/h/.claude', root('claude', { HOME = '/h' }))
    assert.equal('/c', root('claude', { HOME = '/h', CLAUDE_CONFIG_DIR = '/c' }))
    assert.equal('/h/.codex', root('codex', { HOME = '/h' }))
    assert.equal('/x', root('codex', { HOME = '/h', CODEX_HOME = '/x' }))
    assert.equal('/h/.gemini', root('gemini', { HOME = '/h' }))
    assert.equal('/h/.local/share/opencode', root('opencode', { HOME = '/h' }))
    assert.equal('/d/opencode', root('opencode', { HOME = '/h', XDG_DATA_HOME = '/d' }))
  end)
end)
