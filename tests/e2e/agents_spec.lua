-- The real clients, dispatched by :AgentRun against a provider on the loopback: what stands in `purser log --json` afterwards must be what
-- the provider served, token for token, each request once, at its rate card's price.

local here = assert(vim.uv.fs_realpath(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))))
local root = assert(vim.uv.fs_realpath(here .. '/../..'))
local support = dofile(here .. '/support/clients.lua')
local tmp = dofile(root .. '/tests/lua/helpers/tmp.lua')

local BUCKETS = { 'input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output' }
local PROGRAM = root .. '/build/purser'

---Runs the program and waits: a test may.
local function purser(args, env)
  local argv = { 'env', 'PURSER_DB=' .. env.PURSER_DB, PROGRAM }
  local out = vim.fn.system(vim.list_extend(argv, args))
  assert.are.equal(0, vim.v.shell_error, out)
  return out
end

local function add(sum, usage)
  for _, bucket in ipairs(BUCKETS) do
    sum[bucket] = (sum[bucket] or 0) + (usage[bucket] or 0)
  end
  return sum
end

---What was served, by model: how many requests, their tokens, and what the rate card makes of each.
local function truth(provider, env)
  local total = { requests = 0, cost_nanousd = 0 }
  for _, served in ipairs(provider.served()) do
    if served.outcome == 'ok' and served.usage then
      total.requests = total.requests + 1
      add(total, served.usage)
      local args = { 'price', served.model, '--json' }
      for _, bucket in ipairs(BUCKETS) do
        vim.list_extend(args, { '--' .. bucket:gsub('_', '-'), tostring(served.usage[bucket]) })
      end
      local price = vim.json.decode(purser(args, env))
      assert.are.equal('known', price.status, served.model)
      total.cost_nanousd = total.cost_nanousd + price.cost_nanousd
    end
  end
  return total
end

---The log as the program prints it, summed up from its requests.
local function booked(env)
  local log = vim.json.decode(purser({ 'log', '--limit', '0', '--json' }, env))
  local total = { requests = 0, cost_nanousd = 0 }
  for _, run in ipairs(log.runs) do
    for _, request in ipairs(run.requests) do
      total.requests = total.requests + 1
      total.cost_nanousd = total.cost_nanousd + request.cost_nanousd
      assert.are.equal('known', request.status)
      add(total, request.usage)
    end
  end
  return total, log.runs
end

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
  env.PURSER_DB = tmp.dir('ledger') .. '/purser.db'
  return { provider = provider, env = env, path = path, workspace = workspace, name = name }
end

---Dispatches in a Neovim of its own, one prompt after the other; a later one goes on with the session of the first.
local function dispatch(on, prompts, args)
  local plan = {
    root = root,
    name = on.name,
    path = on.path,
    workspace = on.workspace,
    prompts = prompts,
    args = args or {},
    out = tmp.dir('out') .. '/runs.json',
  }
  local file = tmp.write(tmp.dir('plan') .. '/plan.json', vim.json.encode(plan))
  local argv = { 'env', 'PURSER_PLAN=' .. file }
  for key, value in pairs(on.env) do
    table.insert(argv, key .. '=' .. value)
  end
  vim.list_extend(argv, { vim.v.progpath, '--clean', '--headless', '-l', here .. '/support/dispatch.lua' })
  local out = vim.fn.system(argv)
  assert.are.equal(0, vim.v.shell_error, out)
  local handle = assert(io.open(plan.out))
  local runs = vim.json.decode(handle:read('*a'))
  handle:close()
  return runs
end

local function check(on)
  local served = truth(on.provider, on.env)
  local total, runs = booked(on.env)
  on.provider.stop()
  assert.is_true(served.requests > 0)
  for _, bucket in ipairs(BUCKETS) do
    assert.are.equal(served[bucket], total[bucket], bucket)
  end
  assert.are.equal(served.cost_nanousd, total.cost_nanousd)
  assert.are.equal(served.requests, total.requests)
  return runs
end

describe('a real client, dispatched by :AgentRun,', function()
  local cases = {
    { 'claude', 'answers', { 'Say hello' } },
    { 'claude', 'calls a tool', { 'Read it {{think}}{{shell: cat README.md}}' } },
    { 'claude', 'asks a subagent', { 'Ask {{agent: What is here? {{shell: ls}}}}' } },
    {
      'claude',
      'goes on with a session and compacts it',
      { 'Say hello {{shell: ls}}', '/compact', 'Go on {{plain}}' },
    },
    {
      'claude',
      'compacts by itself',
      {
        'Work ' .. ('{{shell: ls}}'):rep(6) .. '{{tokens: input=160000 at=5}}',
      },
      { '--autocompact', '100k' },
    },
    { 'codex', 'answers', { 'Say hello' } },
    { 'codex', 'calls a tool', { 'Read it {{think}}{{shell: cat README.md}}' } },
    { 'codex', 'goes on with a session', { 'Say hello {{shell: ls}}', 'Go on {{plain}}' } },
  }
  for _, case in ipairs(cases) do
    local name, does, prompts, args = unpack(case)
    it(('%s %s, and is booked as it was served'):format(name, does), function()
      local on = stage(name)
      if not on then
        return
      end
      local runs = dispatch(on, prompts, args)
      assert.are.equal(#prompts, #runs)
      for _, run in ipairs(runs) do
        assert.are.equal('completed', run.status, run.message)
      end
      local rows = check(on)
      assert.are.equal(#prompts, #rows)
      for _, row in ipairs(rows) do
        assert.are.equal('completed', row.status)
        assert.are.equal(on.workspace, row.workspace)
      end
    end)
  end

  it('claude is refused its key, and the message says what to do', function()
    local on = stage('claude')
    if not on then
      return
    end
    on.env.CLAUDE_CODE_MAX_RETRIES = '1'
    local runs = dispatch(on, { 'Say hello {{fail: 401}}' })
    on.provider.stop()
    assert.are.equal('failed', runs[1].status)
    assert.is_truthy(runs[1].message)
    local total = booked(on.env)
    assert.are.equal(0, total.cost_nanousd)
  end)
end)
