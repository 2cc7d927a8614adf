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
    pending(name .. ' has not been fetched')
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

describe('in a terminal', function()
  for _, name in ipairs({ 'claude', 'codex', 'gemini' }) do
    it(name .. ' is refused at an exhausted budget: no request, and the reason', function()
      local on = stage(name)
      if not on then
        return
      end
      purser(on, 'budget', 'set', 'agent:' .. name, '100')
      spend(on, name, 100)
      local got = ask(on, name, 'Say hello')
      print(got.code, got.out, got.err)
      local requests = served(on)
      on.provider.stop()
      assert.are.equal(0, requests)
    end)

    it(name .. ' goes on as ever under a budget', function()
      local on = stage(name)
      if not on then
        return
      end
      purser(on, 'budget', 'set', 'agent:' .. name, '100000')
      local got = ask(on, name, 'Say hello {{shell: touch made}}')
      local requests = served(on)
      on.provider.stop()
      print(got.code, got.out, got.err)
      assert.are.equal(0, got.code, got.out .. got.err)
      assert.are.equal(2, requests)
      assert.truthy(vim.uv.fs_stat(on.workspace .. '/made'))
    end)
  end
end)
