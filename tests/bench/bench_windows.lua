-- bench_windows.lua - the cost report over a large ledger, in a Neovim with a screen of 200 by 50.
--
--   PURSER_BENCH_RUNS=1000000   runs in the ledger, over two years
--   PURSER_BENCH_DIR            where it is made, and kept for the next time; /var/tmp
--
-- The ledger is that of bench_report, if it was kept; else one is imported.
--
-- Targets: opening the dashboard, any tab or sort drawn <= 16 ms after the key; while another process imports, the main loop is
-- never held up for more than 5 ms.
--
-- Two times are told of each step. "drawn" is what a user waits: from the key until the figures are on the screen, the ledger's answer
-- included. "main loop" is the time that the editor's own thread has worked for it. On a busy machine the first has other
-- programs' time in it.

local root = assert(vim.env.PURSER_ROOT)
package.path = root .. '/tests/lua/?.lua;' .. package.path
local Child = require('helpers.child')

local RUNS = tonumber(vim.env.PURSER_BENCH_RUNS) or 1000000
local DIR = vim.env.PURSER_BENCH_DIR or '/var/tmp'
local CHUNK = 50000
local DAY_MS = 86400000
local TIMES = 9

---@param line string
local function say(line)
  io.stdout:write(line, '\n')
end

-- ---- the ledger -------------------------------------------------------------------------------------------------

local AGENTS = {
  { 'reviewer', 'claude', 'claude-opus-5-5', 'high' },
  { 'fixer', 'claude', 'claude-sonnet-5', 'medium' },
  { 'codex', 'codex', 'gpt-5.5', 'medium' },
  { 'namer', 'anthropic', 'claude-haiku-4-5', 'low' },
  { 'gemini', 'gemini', 'gemini-2.5-pro', 'low' },
}

---@param n integer
---@param now_ms integer
---@return string
local function line(n, now_ms)
  local agent = AGENTS[n % #AGENTS + 1]
  local copy = math.floor(n / #AGENTS) % 6 -- thirty agents
  local at = now_ms - math.floor(((n * 7919) % RUNS) / RUNS * 730 * DAY_MS) - 60000
  local size = n * 31 % 97
  return vim.json.encode({
    run = {
      uid = 'bench-' .. n,
      agent = copy == 0 and agent[1] or agent[1] .. copy,
      workspace = ('/home/ada/src/project-%d'):format(n * 13 % 60),
      branch = n % 4 == 0 and 'fix/upload' or 'main',
      source = agent[2],
      model = agent[3],
      effort = agent[4],
      session = ('bench-%08x'):format(n),
      conversation = 'bench-' .. math.floor(n / 3),
      prompt = 'Review the change on this branch and name what could break, number ' .. n,
      started_ms = at - 20000,
      ended_ms = at,
      status = n % 50 == 0 and 'failed' or 'completed',
      billing = agent[2] == 'codex' and 'subscription' or 'metered',
    },
    request = {
      key = 'bench/' .. n,
      request_id = 'bench_' .. n,
      at_ms = at - 1000,
      model = agent[3],
      tier = 'standard',
      speed = '',
      flags = {},
      usage = {
        input = 300 + size,
        cache_read = size * 400,
        cache_write_5m = size * 20,
        cache_write_1h = 0,
        output = 200 + size * 3,
        reasoning = 0,
      },
    },
  })
end

---@param path string
---@param first integer
---@param last integer
local function write_lines(path, first, last)
  local now_ms = os.time() * 1000
  local file = assert(io.open(path, 'w'))
  for n = first, last do
    file:write(line(n, now_ms), '\n')
  end
  file:close()
end

---@param db string
---@param path string
local function import(db, path)
  local result
  vim.system({ assert(vim.env.PURSER_PROGRAM), 'import', path }, { env = { PURSER_DB = db } }, function(ended)
    result = ended
  end)
  vim.wait(3600000, function()
    return result ~= nil
  end)
  assert(result and result.code == 0, result and result.stderr or 'the import does not end')
end

---@return string db
---@return string zone of its days
local function ledger()
  local kept = vim.fn.glob(('%s/purser-bench-report-%d-*/purser.db'):format(DIR, RUNS), true, true)
  for i = #kept, 1, -1 do
    if not kept[i]:find('%.part/') then
      return kept[i], 'Europe/Berlin'
    end
  end
  local db = ('%s/purser-bench-windows-%d.db'):format(DIR, RUNS)
  if vim.uv.fs_stat(db) then
    return db, 'UTC'
  end
  local making = db .. '.making'
  for _, suffix in ipairs({ '', '-wal', '-shm' }) do
    vim.fn.delete(making .. suffix)
  end
  local lines = vim.env.PURSER_SCRATCH .. '/lines.jsonl'
  local began = vim.uv.hrtime()
  for first = 1, RUNS, CHUNK do
    write_lines(lines, first, math.min(RUNS, first + CHUNK - 1))
    import(making, lines)
  end
  vim.fn.delete(lines)
  assert(vim.uv.fs_rename(making, db))
  for _, suffix in ipairs({ '-wal', '-shm' }) do
    vim.uv.fs_rename(making .. suffix, db .. suffix)
  end
  say(('%-46s %10.0f s'):format('ledger made, once', (vim.uv.hrtime() - began) / 1e9))
  return db, 'UTC'
end

-- ---- in the Neovim that is measured -----------------------------------------------------------------------------

local PROBE = [[
  local db, zone = ...
  vim.o.termguicolors = true
  require('purser').setup({
    db = db,
    zone = zone,
    sources = false,
    notifications = { desktop = false, thresholds = false, finished = false },
  })
  local ffi = require('ffi')
  ffi.cdef('typedef struct { long s; long n; } bench_time; int clock_gettime(int, bench_time *);')
  local slot = ffi.new('bench_time')
  -- The time that this thread has worked (CLOCK_THREAD_CPUTIME_ID).
  local function worked()
    ffi.C.clock_gettime(3, slot)
    return tonumber(slot.s) * 1e9 + tonumber(slot.n)
  end

  -- When the last answer was drawn, and how many answers are awaited.
  WAITING, DRAWN = 0, nil
  local asks, buffer = require('purser.views.asks'), require('purser.ui.buffer')
  local ask, draw = asks.ask, buffer.draw
  asks.ask = function(view, ctx, gently, cb)
    WAITING = WAITING + 1
    return ask(view, ctx, gently, function(...)
      WAITING = WAITING - 1
      cb(...)
      vim.cmd.redraw()
      DRAWN = { vim.uv.hrtime(), worked(), vim.api.nvim_buf_line_count(0) }
    end)
  end
  buffer.draw = function(...)
    draw(...)
    DRAWN = { vim.uv.hrtime(), worked(), vim.api.nvim_buf_line_count(0) }
  end

  -- The clock stands where the ledger ends: a kept one is as good.
  function STAND()
    local newest
    require('purser.core').ask('log', { limit = 1 }, function(_, answer)
      newest = answer and answer.runs[1].started_ms
    end)
    vim.wait(60000, function()
      return newest ~= nil
    end, 1)
    require('purser.ui.dates').now_ms = function()
      return newest + 60000
    end
  end

  function START(keys)
    DRAWN = nil
    BEGAN = { vim.uv.hrtime(), worked() }
    vim.api.nvim_input(keys)
  end
  function RESULT()
    if not DRAWN or WAITING > 0 then
      return nil
    end
    return { (DRAWN[1] - BEGAN[1]) / 1e6, (DRAWN[2] - BEGAN[2]) / 1e6, DRAWN[3] }
  end

  -- How long the main loop did not come round: the gaps between the ticks of a timer, less its pause.
  function WATCH()
    GAPS = { wall = 0, worked = 0, ticks = 0 }
    local wall, work = vim.uv.hrtime(), worked()
    TIMER = vim.uv.new_timer()
    TIMER:start(1, 1, function()
      local now, mine = vim.uv.hrtime(), worked()
      GAPS.ticks = GAPS.ticks + 1
      GAPS.wall = math.max(GAPS.wall, (now - wall) / 1e6 - 1)
      GAPS.worked = math.max(GAPS.worked, (mine - work) / 1e6)
      wall, work = now, mine
    end)
    local draws = 0
    local plain = buffer.draw
    buffer.draw = function(...)
      draws = draws + 1
      GAPS.draws = draws
      plain(...)
    end
  end
]]

---@param child helpers.Child
---@param keys string
---@return number drawn
---@return number worked
---@return integer rows
local function press(child, keys)
  child:lua('START(...)', keys)
  local result = child:await('return RESULT()')
  return result[1], result[2], result[3]
end

---@param child helpers.Child
---@param name string
---@param keys string
---@param back? string pressed after each time
local function measure(child, name, keys, back)
  local drawn, worked, rows = {}, {}, 0
  for i = 1, TIMES do
    drawn[i], worked[i], rows = press(child, keys)
    if back == 'q' then
      child:type('q')
      child:expect_gone('Cost report')
    elseif back then
      press(child, back)
    end
  end
  table.sort(drawn)
  table.sort(worked)
  local middle = math.ceil(TIMES / 2)
  say(
    ('%-34s drawn %7.1f ms (best %5.1f)   main loop %6.2f ms (at most %5.2f)   %4d rows'):format(
      name,
      drawn[middle],
      drawn[1],
      worked[middle],
      worked[TIMES],
      rows
    )
  )
end

--- What is drawn in slices is there when it is there; the longest of them is what the editor feels.
---@param child helpers.Child
---@param name string
---@param keys string
---@param back string pressed after each time
local function longest(child, name, keys, back)
  local slices = {}
  for i = 1, TIMES do
    child:lua('WATCH()')
    child:lua('START(...)', keys)
    vim.wait(400)
    slices[i] = child:lua('TIMER:stop() return GAPS.worked')
    child:type(back)
    vim.wait(400)
  end
  table.sort(slices)
  say(
    ('%-34s at most %6.2f ms of work at a time (median of %d times %.2f)'):format(
      name,
      slices[TIMES],
      TIMES,
      slices[math.ceil(TIMES / 2)]
    )
  )
end

--- A ledger of an earlier version is brought up to date first, which may take minutes.
---@param child helpers.Child
local function wait_for_ledger(child)
  child:lua([=[
    require('purser.core').ready(function(err)
      OPENED = err and err.message or 'open'
    end)
  ]=])
  local how
  repeat
    vim.wait(200)
    how = child:lua('return OPENED')
  until how
  assert(how == 'open', how)
end

local function views(db, zone)
  local child = Child.start({ rows = 50, cols = 200, env = { TZ = zone } })
  child:lua(PROBE, db, zone)
  wait_for_ledger(child)
  local drawn, worked, rows = press(child, ':CostReport<CR>')
  say(
    ('%-34s drawn %7.1f ms, main loop %.2f ms, %d rows: loads the windows'):format(
      'the very first window',
      drawn,
      worked,
      rows
    )
  )
  child:lua('STAND()')
  child:type('q')
  child:expect_gone('Cost report')
  measure(child, 'dashboard opened', ':CostReport<CR>', 'q')
  press(child, ':CostReport<CR>')
  for i, tab in ipairs({ 'dashboard', 'agents', 'workspaces', 'models', 'log', 'budgets' }) do
    measure(child, 'tab: ' .. tab, tostring(i), i == 1 and '2' or '1')
  end
  press(child, '2')
  measure(child, 'agents: sort', 's')
  measure(child, 'agents: the year', 'Y')
  press(child, 't')
  press(child, '<CR>')
  measure(child, 'an agent: sort its history', 's')
  measure(child, 'an agent: next range', 'R')
  press(child, '3')
  measure(child, 'a workspace opened', '<CR>', '<BS>')
  press(child, '5')
  measure(child, 'log: sort', 's')
  measure(child, 'log: the other way round', 'S')
  measure(child, 'log: next page', 'n', 'p')
  measure(child, 'a run opened', '<CR>', '<BS>')
  press(child, '1')
  measure(child, 'dashboard: the year', 'Y')
  press(child, 't')
  longest(child, 'the review opened', 'v', '<BS>')
  press(child, 'v')
  longest(child, 'the review of the year', 'Y', 't')
  child:stop()
end

--- The longest gaps of a report that is open while another process imports; and, since a busy machine makes gaps of its own, those of an
--- editor beside it that has nothing to do.
local function stalls(db, zone)
  local copy = vim.env.PURSER_SCRATCH .. '/copy.db'
  assert(vim.uv.fs_copyfile(db, copy))
  local lines = vim.env.PURSER_SCRATCH .. '/more.jsonl'
  write_lines(lines, RUNS + 1, RUNS + 20000)
  local child = Child.start({ rows = 50, cols = 200, env = { TZ = zone } })
  local idle = Child.start({ rows = 50, cols = 200, env = { TZ = zone } })
  child:lua(PROBE, copy, zone)
  idle:lua(PROBE, copy, zone)
  wait_for_ledger(child)
  child:lua('STAND()')
  press(child, ':CostReport<CR>')
  vim.wait(1000) -- once, after the window is there, git is asked where we are
  child:lua('WATCH()')
  idle:lua('WATCH()')
  local began = vim.uv.hrtime()
  import(copy, lines)
  local seconds = (vim.uv.hrtime() - began) / 1e9
  local function tell(name, one)
    local gaps = one:lua('TIMER:stop() return GAPS')
    say(
      ('%-34s at most %6.2f ms of work at a time, %6.2f ms until the loop came round; drawn %d times in %.0f s'):format(
        name,
        gaps.worked,
        gaps.wall,
        gaps.draws or 0,
        seconds
      )
    )
  end
  tell('dashboard open, another imports', child)
  tell('an idle editor beside it', idle)
  child:stop()
  idle:stop()
end

local db, zone = ledger()
say(('%d runs over two years'):format(RUNS))
views(db, zone)
stalls(db, zone)
