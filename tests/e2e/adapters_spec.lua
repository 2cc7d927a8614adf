-- What leaves the machine: the APIs and the clients as our adapters call them, seen from the provider's side.

local root = assert(vim.env.PURSER_ROOT)
local support = dofile(root .. '/tests/e2e/support/clients.lua')

local config = require('purser.config')
local core = require('purser.core')
local notices = require('helpers.notices').catch()
local runner = require('purser.runner')
local tmp = require('helpers.tmp')

local PATIENCE = 240000
local BUCKETS = { 'input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output' }

local function wait(what, fn)
  assert(vim.wait(PATIENCE, fn, 5), 'waited in vain for ' .. what)
end

local function final(run)
  wait('the end of the run', function()
    return run:is_final()
  end)
  return run
end

local function start(options)
  local with = { agent = 'tester', prompt = 'Say hello', headless = true }
  local run, problem = runner.start(vim.tbl_extend('force', with, options))
  assert(run, problem)
  return run
end

local function requests_of(run)
  local answer
  core.ask('run', { id = run.id }, function(err, body)
    answer = err or body
  end)
  wait('the ledger', function()
    return answer
  end)
  return answer.requests
end

--- Every request once, with the tokens that the provider served.
local function booked_as_served(run, provider)
  local served = vim.tbl_filter(function(entry)
    return entry.outcome == 'ok' and entry.usage ~= nil
  end, provider.served())
  local requests = requests_of(run)
  assert.equal(#served, #requests)
  for _, bucket in ipairs(BUCKETS) do
    local want, got = 0, 0
    for i = 1, #served do
      want = want + (served[i].usage[bucket] or 0)
      got = got + (requests[i].usage[bucket] or 0)
    end
    assert.equal(want, got, bucket)
  end
end

local has_node = vim.fn.executable('node') == 1

describe('an API', function()
  local provider

  after_each(function()
    if provider then
      provider.stop()
      provider = nil
    end
    notices:clear()
  end)

  local function stage(adapter, model)
    provider = support.provider.start()
    vim.env.PURSER_TEST_KEY = 'sk-test-0000'
    config.setup({
      retry = { tries = 3, longest = 50 },
      limits = { grace = 200, wall_clock = 120 },
      agents = {
        tester = {
          adapter = adapter,
          model = model,
          url = provider.url,
          key_env = 'PURSER_TEST_KEY',
          system = 'You are a test.',
        },
      },
    })
  end

  local apis = {
    { 'anthropic', 'claude-opus-5-5', '"effort":"low"' },
    { 'openai', 'gpt-5.5', '"effort":"low"' },
    { 'openai_chat', 'gpt-5.5', '"low"' },
    { 'gemini_api', 'gemini-2.5-pro', '1024' },
  }
  for _, case in ipairs(apis) do
    local adapter, model, wanted = case[1], case[2], case[3]
    describe(adapter, function()
      if not has_node then
        return pending('node is missing')
      end

      it('answers, and is booked as it was served', function()
        stage(adapter, model)
        local run = final(start({ prompt = 'Say it {{think}}{{say: all is well}}', effort = 'low' }))
        assert.equal('completed', run.status, run.message)
        assert.truthy(run:answer():find('all is well', 1, true), run:answer())
        booked_as_served(run, provider)
        local effort = vim.json.encode(provider.served()[1].effort)
        assert.truthy(effort:find(wanted, 1, true), effort)
      end)

      for _, kind in ipairs({ '429', '503' }) do
        it('overcomes ' .. kind, function()
          stage(adapter, model)
          local run = final(start({ prompt = ('Say hello {{fail: %s times=1 retry-after=0}}'):format(kind) }))
          assert.equal('completed', run.status, run.message)
          assert.equal(2, #provider.served())
          booked_as_served(run, provider)
        end)
      end

      it('fails at once without a key that fits', function()
        stage(adapter, model)
        local run = final(start({ prompt = 'Say hello {{fail: 401}}' }))
        assert.equal('failed', run.status)
        assert.truthy(run.message:find('refused the key (401): check $PURSER_TEST_KEY', 1, true), run.message)
        assert.equal(1, #provider.served())
      end)

      it('that is cut, errs or falls silent in the middle keeps what came', function()
        for _, kind in ipairs({ 'cut', 'error' }) do
          stage(adapter, model)
          local run = final(start({ prompt = ('Say hello {{fail: %s}}'):format(kind) }))
          assert.equal('failed', run.status, kind)
          assert.truthy(run.message and #run.message > 20, kind)
          assert.equal(1, #provider.served(), kind)
          provider.stop()
        end
        stage(adapter, model)
        local run = start({ prompt = 'Say hello {{say: a few words and more}}{{fail: hang after=6}}' })
        wait('its first words', function()
          return run:answer() ~= ''
        end)
        run:stop()
        assert.equal('cancelled', final(run).status)
      end)

      it('with one event that is malformed goes on', function()
        stage(adapter, model)
        local run = final(start({ prompt = 'Say hello {{fail: malformed}}' }))
        assert.equal('completed', run.status, run.message)
      end)
    end)
  end
end)

--- A client in a home of its own, with its key and address in the environment of this Neovim.
local CLIENTS = {
  claude = { model = 'claude-opus-5-5', effort = '"effort":"high"' },
  codex = { model = 'gpt-5.5', effort = '"effort":"high"' },
  gemini = {
    model = 'gemini-2.5-flash',
    effort = '24576',
    env = { GEMINI_API_KEY = 'test-0000', GOOGLE_GEMINI_BASE_URL = 'http://127.0.0.1:${port}' },
    files = {
      ['.gemini/settings.json'] = vim.json.encode({
        security = { auth = { selectedType = 'gemini-api-key' } },
        privacy = { usageStatisticsEnabled = false },
        telemetry = { enabled = false },
        general = { disableAutoUpdate = true, enableAutoUpdate = false },
      }),
    },
  },
  opencode = {
    model = 'loopback/gpt-5.5',
    effort = '"high"',
    env = { OPENCODE_DISABLE_AUTOUPDATE = '1', OPENCODE_DISABLE_MODELS_FETCH = '1' },
    files = {
      ['.config/opencode/opencode.json'] = vim.json
        .encode({
          autoupdate = false,
          share = 'disabled',
          enabled_providers = { 'loopback' },
          provider = {
            loopback = {
              npm = '@ai-sdk/openai-compatible',
              name = 'Loopback',
              options = { baseURL = 'http://127.0.0.1:${port}/v1', apiKey = 'test-0000' },
              models = {
                ['gpt-5.5'] = {
                  name = 'Loopback',
                  limit = { context = 128000, output = 8000 },
                  reasoning = true,
                  tool_call = true,
                  cost = { input = 1, output = 2 },
                },
              },
            },
          },
        })
        :gsub('\\/', '/'),
    },
  },
}

describe('a client', function()
  local provider, before, names

  before_each(function()
    before, names = vim.fn.environ(), {}
  end)

  after_each(function()
    for _, name in ipairs(names) do
      vim.env[name] = before[name]
    end
    if provider then
      provider.stop()
      provider = nil
    end
  end)

  local function set(name, value)
    names[#names + 1] = name
    vim.env[name] = value
  end

  local function find(name)
    local folder = vim.env.PURSER_CLIENTS
    local path = folder and ('%s/bin/%s'):format(folder, name)
    return path and vim.uv.fs_access(path, 'X') and path or nil
  end

  local function stage(name, options)
    local path = find(name)
    if not path or not has_node then
      pending(name .. ' or node is missing')
      return false
    end
    provider = support.provider.start()
    local home = tmp.dir('home')
    local client = CLIENTS[name]
    local function fill(text)
      return (text:gsub('%${port}', provider.port))
    end
    if client.files then
      for file, text in pairs(client.files) do
        tmp.write(home .. '/' .. file, fill(text))
      end
      for variable, value in pairs(client.env) do
        set(variable, fill(value))
      end
    else
      support.client.prepare(name, home, provider.port)
      for variable, value in pairs(support.client.env(name, home, provider.port)) do
        set(variable, value)
      end
    end
    set('HOME', home)
    for _, folder in ipairs({ 'CONFIG', 'DATA', 'STATE', 'CACHE' }) do
      set(('XDG_%s_HOME'):format(folder), folder == 'CONFIG' and home .. '/.config' or home .. '/' .. folder:lower())
    end
    require('purser').setup({ -- which opens another ledger, with these budgets
      db = home .. '/purser.db',
      limits = { grace = 3000, wall_clock = 180 },
      agents = {
        tester = vim.tbl_extend('force', {
          adapter = name,
          command = path,
          model = client.model,
          cwd = tmp.dir('project'),
        }, options or {}),
      },
    })
    return true
  end

  for _, name in ipairs({ 'claude', 'codex', 'gemini', 'opencode' }) do
    it(name .. ' sends the effort, and is booked as it was served', function()
      if not stage(name, { effort = 'high', system = 'Answer like a purser.' }) then
        return
      end
      local run = final(start({ prompt = 'Say hello {{say: aye aye}}' }))
      assert.equal('completed', run.status, run.message)
      assert.truthy(run:answer():find('aye aye', 1, true), run:answer())
      local served = provider.served()
      local effort = vim.json.encode(served[#served].effort)
      assert.truthy(effort:find(CLIENTS[name].effort, 1, true), effort)
      booked_as_served(run, provider)
    end)

    it(name .. ' goes on with its session', function()
      if not stage(name) then
        return
      end
      local first = final(start({ prompt = 'Say hello {{say: one}}' }))
      assert.equal('completed', first.status, first.message)
      assert.truthy(first.session and first.session ~= '', 'it has a session')
      local second = final(start({ prompt = 'Go on {{say: two}}', session = first.session }))
      assert.equal('completed', second.status, second.message)
      assert.equal('two', vim.trim(second:answer()))
      assert.equal(#provider.served(), #requests_of(first) + #requests_of(second))
    end)

    it(name .. ' can be stopped, nobody of it lives on, and what was spent is booked', function()
      if not stage(name, name == 'gemini' and { args = { '--yolo' } } or nil) then
        return
      end
      local run = start({ prompt = 'Work {{loop: sleep 0.2}}' })
      wait('two requests', function()
        return #provider.served() >= 2
      end)
      run:stop()
      final(run)
      assert.equal('cancelled', run.status)
      local at_the_end = #provider.served()
      vim.wait(1500)
      assert.equal(at_the_end, #provider.served(), 'it goes on spending')
      assert.is_true(#requests_of(run) >= 1)
    end)
  end

  it('claude is handed what is left of its budget', function()
    if not stage('claude', { monthly_budget = 3 }) then
      return
    end
    local seen = tmp.dir() .. '/argv'
    local spy = tmp.script('claude', ('echo "$@" >%s; exec %s "$@"'):format(seen, find('claude')))
    require('purser.config').get().agents.tester.command = spy
    local run = final(start({ prompt = 'Say hello' }))
    assert.equal('completed', run.status, run.message)
    assert.truthy((assert(tmp.read(seen))):find('--max-budget-usd 0.030000000', 1, true), tmp.read(seen))
  end)
end)
