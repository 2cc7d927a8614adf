-- The records that the real clients write: read into a fresh ledger they amount to what the live run has booked, read into that
-- run's own ledger to nothing new, and a client in a terminal is booked while it works.

local here = assert(vim.uv.fs_realpath(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))))
local root = assert(vim.uv.fs_realpath(here .. '/../..'))
local support = dofile(here .. '/support/clients.lua')
local tmp = dofile(root .. '/tests/lua/helpers/tmp.lua')

local BUCKETS = { 'input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output' }
local PROGRAM = vim.env.PURSER_PROGRAM or (root .. '/build/purser')

---@param name string
local function stage(name)
  local path = support.client.find(name)
  if not path then
    pending(name .. ' has not been fetched')
    return nil
  end
  local provider = support.provider.start()
  local home = tmp.dir('home')
  local workspace = tmp.dir('workspace')
  tmp.write(workspace .. '/README.md', 'hello from the readme\n')
  support.client.prepare(name, home, provider.port)
  local env = support.client.env(name, home, provider.port)
  -- Where opencode keeps its records unless its own environment says so.
  env.XDG_DATA_HOME = env.XDG_DATA_HOME or (home .. '/.local/share')
  env.PURSER_DB = tmp.dir('ledger') .. '/purser.db'
  return { provider = provider, env = env, path = path, workspace = workspace, name = name }
end

local function command(on, argv, more)
  local words = { 'env' }
  for key, value in pairs(vim.tbl_extend('force', on.env, more or {})) do
    table.insert(words, key .. '=' .. value)
  end
  return vim.list_extend(words, argv)
end

local function run(on, argv, more)
  local out = vim.fn.system(command(on, argv, more))
  assert.are.equal(0, vim.v.shell_error, out)
  return out
end

local function read_json(path)
  local handle = io.open(path)
  local text = handle and handle:read('*a') or ''
  if handle then
    handle:close()
  end
  return text ~= '' and vim.json.decode(text) or nil
end

---A Neovim that takes a plan.
local function neovim(on, script, plan, more)
  plan.root = root
  plan.out = tmp.dir('out') .. '/out.json'
  local file = tmp.write(tmp.dir('plan') .. '/plan.json', vim.json.encode(plan))
  more = vim.tbl_extend('force', { PURSER_PLAN = file }, more or {})
  run(on, { vim.v.progpath, '--clean', '--headless', '-l', here .. '/support/' .. script }, more)
  return read_json(plan.out)
end

local function dispatch(on, prompts)
  local plan = { name = on.name, path = on.path, workspace = on.workspace, prompts = prompts, args = on.args or {} }
  for _, one in ipairs(neovim(on, 'dispatch.lua', plan)) do
    assert.are.equal('completed', one.status, one.message)
  end
end

---The sums of a ledger, and how its runs look but for their agents.
local function books(on, db)
  local log = vim.json.decode(run(on, { PROGRAM, 'log', '--limit', '0', '--json' }, { PURSER_DB = db }))
  local total = { requests = 0, cost_nanousd = 0, runs = #log.runs, keys = {} }
  for _, bucket in ipairs(BUCKETS) do
    total[bucket] = 0
  end
  for _, one in ipairs(log.runs) do
    for _, request in ipairs(one.requests) do
      total.requests = total.requests + 1
      total.cost_nanousd = total.cost_nanousd + request.cost_nanousd
      table.insert(total.keys, request.key)
      for _, bucket in ipairs(BUCKETS) do
        total[bucket] = total[bucket] + (request.usage[bucket] or 0)
      end
    end
  end
  table.sort(total.keys)
  return total, log.runs
end

local function served(on)
  local total = { requests = 0 }
  for _, one in ipairs(on.provider.served()) do
    if one.outcome == 'ok' and one.usage then
      total.requests = total.requests + 1
      for _, bucket in ipairs(BUCKETS) do
        total[bucket] = (total[bucket] or 0) + one.usage[bucket]
      end
    end
  end
  return total
end

local CASES = {
  { 'claude', 'answers', { 'Say hello' } },
  { 'claude', 'calls a tool and goes on', { 'Read it {{think}}{{shell: cat README.md}}', 'Go on {{plain}}' } },
  { 'claude', 'asks a subagent', { 'Ask {{agent: What is here? {{shell: ls}}}}' } },
  { 'codex', 'answers', { 'Say hello' } },
  { 'codex', 'calls a tool and goes on', { 'Read it {{think}}{{shell: cat README.md}}', 'Go on {{plain}}' } },
  -- With a model of its own: what it asks another model about which model to take is in no record.
  { 'gemini', 'calls a tool', { 'Read it {{shell: cat README.md}}' }, { '-m', 'gemini-2.5-flash' } },
  { 'opencode', 'calls a tool and goes on', { 'Read it {{shell: cat README.md}}', 'Go on {{plain}}' } },
}

describe('the records of a real client', function()
  for _, case in ipairs(CASES) do
    local name, does, prompts, args = unpack(case)
    it(('amount to what the run has booked: %s %s'):format(name, does), function()
      local on = stage(name)
      if not on then
        return
      end
      on.args = args
      dispatch(on, prompts)
      local live = books(on, on.env.PURSER_DB)
      assert.is_true(live.requests > 0)
      local again = neovim(on, 'import.lua', {})
      assert.are.equal(0, again.fault_count, vim.inspect(again.faults))
      assert.are.equal(0, again.booked)
      assert.are.same(live, (books(on, on.env.PURSER_DB)))

      local fresh = tmp.dir('fresh') .. '/purser.db'
      local first = neovim(on, 'import.lua', {}, { PURSER_DB = fresh })
      on.provider.stop()
      assert.are.equal(live.requests, first.booked)
      local read, runs = books(on, fresh)
      assert.are.same(live, read)
      for _, one in ipairs(runs) do
        assert.are.equal(name, one.agent)
        assert.are.equal(on.workspace, one.workspace)
      end
    end)
  end
end)

local TERMINAL = {
  claude = { '-p', 'Read it {{shell: cat README.md}}' },
  codex = { 'exec', '--skip-git-repo-check', 'Read it {{shell: cat README.md}}' },
}

describe('a real client in a terminal', function()
  for name, args in pairs(TERMINAL) do
    it(('is booked while a Neovim looks on: %s'):format(name), function()
      local on = stage(name)
      if not on then
        return
      end
      local plan = { root = root, watch = 2, out = tmp.dir('out') .. '/out.json' }
      local file = tmp.write(tmp.dir('plan') .. '/plan.json', vim.json.encode(plan))
      local argv = { vim.v.progpath, '--clean', '--headless', '-l', here .. '/support/import.lua' }
      local codes = {}
      local function start(who, words, options)
        options.on_exit = function(_, code)
          codes[who] = code
        end
        assert.is_true(vim.fn.jobstart(words, options) > 0)
      end
      local function await(who)
        assert.is_true(vim.wait(240000, function()
          return codes[who] ~= nil
        end, 20))
        assert.are.equal(0, codes[who])
      end
      start('editor', command(on, argv, { PURSER_PLAN = file }), {})
      assert.is_true(vim.wait(60000, function()
        return read_json(plan.out) ~= nil
      end, 20))
      start('client', command(on, vim.list_extend({ on.path }, args)), { cwd = on.workspace, stdin = 'null' })
      await('client')
      await('editor')
      local truth = served(on)
      on.provider.stop()
      local total, runs = books(on, on.env.PURSER_DB)
      assert.are.equal(1, #runs)
      assert.are.equal(name, runs[1].agent)
      assert.are.equal(on.workspace, runs[1].workspace)
      assert.are.equal(truth.requests, total.requests)
      for _, bucket in ipairs(BUCKETS) do
        assert.are.equal(truth[bucket], total[bucket], bucket)
      end
    end)
  end
end)
