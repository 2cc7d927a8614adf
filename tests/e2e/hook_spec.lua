-- The real clients in a terminal, with purser's hooks in their settings, against a provider on the loopback: at an exhausted budget
-- nothing is asked of the provider and the user reads why, a turn is stopped in the middle, and under a budget all goes as ever.

local here = assert(vim.uv.fs_realpath(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))))
local root = assert(vim.uv.fs_realpath(here .. '/../..'))
local support = dofile(here .. '/support/clients.lua')
local tmp = dofile(root .. '/tests/lua/helpers/tmp.lua')

local PROGRAM = vim.env.PURSER_PROGRAM or root .. '/build/purser'

---@class (exact) purser.e2e.Stage
---@field provider purser.e2e.Provider
---@field env table<string, string>
---@field path string
---@field home string
---@field workspace string

---@param env table<string, string>
---@param argv string[]
---@param options { cwd?: string, stdin?: string }?
local function run(env, argv, options)
  options = options or {}
  local result = vim
    .system(argv, { env = env, cwd = options.cwd, stdin = options.stdin or '', text = true, timeout = 120000 })
    :wait()
  return { code = result.code, out = result.stdout or '', err = result.stderr or '' }
end

---@param on purser.e2e.Stage
local function purser(on, ...)
  local got = run(on.env, { PROGRAM, ... })
  assert.are.equal(0, got.code, got.out .. got.err)
  return got.out
end

---@param name string
---@return purser.e2e.Stage?
local function stage(name)
  local path = support.client.find(name)
  if not path then
    return nil
  end
  local provider = support.provider.start()
  local home = tmp.dir('home')
  local workspace = tmp.dir('workspace')
  support.client.prepare(name, home, provider.port)
  local env = support.client.env(name, home, provider.port)
  env.PURSER_DB = tmp.dir('ledger') .. '/purser.db'
  local on = { provider = provider, env = env, path = path, home = home, workspace = workspace }
  purser(on, 'setup', name, '--yes')
  return on
end

local commands = {
  claude = { '-p', '--output-format', 'stream-json', '--verbose', '--dangerously-skip-permissions' },
  codex = { 'exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-hook-trust', '-' },
  gemini = { '-o', 'stream-json', '--skip-trust', '--yolo', '-m', 'gemini-2.5-pro' },
}

---@param on purser.e2e.Stage
local function ask(on, name, prompt)
  local argv = vim.list_extend({ on.path }, commands[name])
  return run(on.env, argv, { cwd = on.workspace, stdin = prompt })
end

local function spend(on, agent, cents)
  local line = vim.json.encode({
    run = { uid = 'a', agent = agent, workspace = '/elsewhere', source = 'test', started_ms = os.time() * 1000 },
    request = {
      key = 'test/1',
      model = 'm',
      at_ms = os.time() * 1000,
      cost_nanousd = cents * 10000000,
      cost_status = 'known',
    },
  })
  local got = run(on.env, { PROGRAM, 'import', '-' }, { stdin = line .. '\n' })
  assert.are.equal(0, got.code, got.out .. got.err)
end

local function served(on)
  return #on.provider.served()
end

---@param on purser.e2e.Stage
local function booked(on)
  local log = vim.json.decode(purser(on, 'log', '--limit', '0', '--json'))
  local keys = {}
  for _, one in ipairs(log.runs) do
    for _, request in ipairs(one.requests) do
      keys[#keys + 1] = request.key
    end
  end
  return keys
end

--- A turn whose first request has spent the budget: how many requests there were, and whether its tool ran. Nothing ends a turn of
--- codex's, so its model is asked once more, without the tool; gemini is asked before each request, and not before tools.
local stopped = {
  claude = { requests = 1, ran = false },
  codex = { requests = 2, ran = false },
  gemini = { requests = 1, ran = true },
}

for _, name in ipairs({ 'claude', 'codex', 'gemini' }) do
  describe(name .. ' in a terminal', function()
    local on ---@type purser.e2e.Stage?

    before_each(function()
      on = stage(name)
    end)

    after_each(function()
      if on then
        on.provider.stop()
      end
    end)

    it('is refused at an exhausted budget: nothing is asked of the provider, and the user reads why', function()
      if not on then
        return pending(name .. ' has not been fetched')
      end
      purser(on, 'budget', 'set', 'agent:' .. name, '100')
      spend(on, name, 100)
      local got = ask(on, name, 'Say hello')
      assert.are.equal(0, got.code, got.out .. got.err)
      assert.are.equal(0, served(on))
      if name ~= 'codex' then -- which keeps the reason to itself
        local text = got.out .. got.err
        assert.truthy(text:find('The monthly budget of agent ' .. name .. ' ($1.00) is used up', 1, true), text)
        assert.truthy(text:find('purser budget raise agent:' .. name .. ' 20', 1, true), text)
      end
    end)

    it('goes on as ever under a budget, and what it did is booked', function()
      if not on then
        return pending(name .. ' has not been fetched')
      end
      purser(on, 'budget', 'set', 'agent:' .. name, '100000')
      local got = ask(on, name, 'Say hello {{shell: touch made}}')
      assert.are.equal(0, got.code, got.out .. got.err)
      assert.are.equal(2, served(on))
      assert.truthy(vim.uv.fs_stat(on.workspace .. '/made'))
      purser(on, 'import', name) -- its last line may come after its last hook
      assert.are.equal(2, #booked(on), vim.inspect(booked(on)))
    end)

    it('is stopped in the middle of a turn when its first request has spent the budget', function()
      if not on then
        return pending(name .. ' has not been fetched')
      end
      purser(on, 'budget', 'set', 'agent:' .. name, '1')
      local got = ask(on, name, 'Say hello {{tokens: input=90000 at=1}}{{shell: touch made}}')
      local expected = stopped[name]
      assert.are.equal(expected.requests, served(on), got.out .. got.err)
      assert.are.equal(expected.ran, vim.uv.fs_stat(on.workspace .. '/made') ~= nil, got.out .. got.err)
      local again = ask(on, name, 'Say hello')
      assert.are.equal(expected.requests, served(on), again.out .. again.err)
    end)
  end)
end
