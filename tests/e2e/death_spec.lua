-- Neovim is killed in the middle of a run: what was reported before stays booked, the next start settles the run, and no hold is left.

local here = assert(vim.uv.fs_realpath(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))))
local root = assert(vim.uv.fs_realpath(here .. '/../..'))
local tmp = dofile(root .. '/tests/lua/helpers/tmp.lua')

---A line of the client's stream around one of the provider's events.
local function streamed(event)
  return ('{"type":"stream_event","session_id":"s1","event":%s}'):format(event)
end

local MODEL = '"model":"claude-opus-5-5"'
local STREAM = {
  ('{"type":"system","subtype":"init","session_id":"s1",%s,"cwd":"/p"}'):format(MODEL),
  streamed(
    ('{"type":"message_start","message":{"id":"m1",%s,"usage":{"input_tokens":1000,"output_tokens":1}}}'):format(MODEL)
  ),
  streamed('{"type":"message_delta","delta":{},"usage":{"output_tokens":100}}'),
}

local function env(db)
  return { PURSER_DB = db }
end

local function purser(db, ...)
  local out = vim.fn.system({ 'env', 'PURSER_DB=' .. db, root .. '/build/purser', ... })
  assert.are.equal(0, vim.v.shell_error, out)
  return out
end

---Starts a Neovim that runs Lua, without waiting for it.
local function start(db, lua)
  local file = tmp.write(tmp.dir('editor') .. '/init.lua', lua)
  local environment = vim.fn.environ()
  for key, value in pairs(env(db)) do
    environment[key] = value
  end
  local list = {}
  for key, value in pairs(environment) do
    table.insert(list, key .. '=' .. value)
  end
  local editor = {}
  editor.handle, editor.pid = vim.uv.spawn(vim.v.progpath, {
    args = { '--clean', '--headless', '-l', file },
    env = list,
  }, function(code)
    editor.code = code
    editor.handle:close()
  end)
  assert(editor.handle, editor.pid)
  return editor
end

local HEAD = ([[
vim.opt.runtimepath:prepend(%q)
vim.cmd.runtime('plugin/purser.lua')
]]):format(root)

describe('a Neovim that is killed in the middle of a run', function()
  it('loses nothing that was reported, and leaves no hold behind', function()
    local db = tmp.dir('ledger') .. '/purser.db'
    local told = tmp.dir('told') .. '/progress'
    purser(db, 'budget', 'set', 'global', '--monthly-cents', '10000')
    local lines = {}
    for _, line in ipairs(STREAM) do
      table.insert(lines, ("printf '%%s\\n' '%s'"):format(line))
    end
    local agent = tmp.script('agent', table.concat(lines, '\n') .. '\necho $$ > ' .. told .. '.pid\nsleep 120')
    local editor = start(db, HEAD .. ([[
require('purser').setup({
  agents = { slow = { adapter = 'script', dialect = 'claude', model = 'claude-opus-5-5', command = { %q } } },
})
vim.api.nvim_create_autocmd('User', { pattern = 'PurserRunProgress', callback = function(event)
  if event.data.sums and event.data.sums.output == 100 then
    vim.fn.writefile({ vim.json.encode(event.data.sums) }, %q)
  end
end })
vim.cmd('AgentRun! slow count to ten')
vim.wait(120000, function() return false end, 20)
]]):format(agent, told))
    local pid = tonumber((tmp.await(told .. '.pid')))
    local sums = vim.json.decode((tmp.await(told)))
    local held = vim.json.decode(purser(db, 'budget', 'list', '--json')).budgets[1]
    assert.is_true(held.held_nanousd > 0)

    assert.are.equal(0, vim.uv.kill(editor.pid, 'sigkill'))
    assert.is_true(vim.wait(10000, function()
      return editor.code ~= nil
    end, 10))
    pcall(vim.uv.kill, -pid, 'sigkill')

    local after = start(db, HEAD .. [[
local answered
require('purser').setup({})
require('purser.core').ask('log', { limit = 1 }, function() answered = true end)
if not vim.wait(30000, function() return answered end, 10) then vim.cmd.cquit() end
]])
    assert.is_true(vim.wait(60000, function()
      return after.code ~= nil
    end, 20))
    assert.are.equal(0, after.code)

    local run = vim.json.decode(purser(db, 'log', '--json')).runs[1]
    assert.are.equal('abandoned', run.status)
    assert.are.equal(sums.cost_nanousd, run.sums.cost_nanousd)
    assert.are.equal(1000, run.sums.input)
    assert.are.equal(100, run.sums.output)
    local budget = vim.json.decode(purser(db, 'budget', 'list', '--json')).budgets[1]
    assert.are.equal(0, budget.held_nanousd)
    assert.are.equal(run.sums.cost_nanousd, budget.spent_nanousd)
  end)
end)
