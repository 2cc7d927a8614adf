-- From a line that Claude Code appends to its transcript until the statusline of a running Neovim shows it: the watcher's event,
-- the reading, the booking with prices and budgets, the message, the text. Measured from the moment the line is written, so that
-- the event's own way is in it.
-- The goal is a p99 below 5 ms.

local uv = vim.uv

local LINES = tonumber(vim.env.PURSER_BENCH_LINES) or 400
local FILES = tonumber(vim.env.PURSER_BENCH_FILES) or 2000
local PAUSE_MS = 10
local PATIENCE_MS = 20000

local home = assert(vim.env.HOME)
local projects = home .. '/.claude/projects'

local function write(path, text, mode)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  local fd = assert(uv.fs_open(path, mode or 'a', 384))
  assert(uv.fs_write(fd, text))
  uv.fs_close(fd)
end

local now = os.time()
local made = 0

local function line(session, type)
  made = made + 1
  local entry = {
    type = type or 'assistant',
    uuid = 'u' .. made,
    timestamp = os.date('!%Y-%m-%dT%H:%M:%S.000Z', now),
    sessionId = session,
    cwd = home .. '/work',
    message = { role = 'user', content = 'Go on' },
  }
  if not type then
    entry.requestId = 'req_' .. made
    entry.message = {
      id = 'msg_' .. made,
      type = 'message',
      role = 'assistant',
      model = 'claude-opus-4-1',
      content = { { type = 'text', text = 'Done.' } },
      stop_reason = 'end_turn',
      usage = { input_tokens = 1000, output_tokens = 2000 },
    }
  end
  return vim.json.encode(entry) .. '\n'
end

vim.fn.mkdir(home .. '/work', 'p')
for i = 1, FILES do
  local session = ('%08d-0000-4000-8000-000000000000'):format(i)
  write(('%s/-p%d/%s.jsonl'):format(projects, i % 40, session), line(session, 'user') .. line(session))
end

local purser = require('purser')
purser.setup({
  db = home .. '/live.db',
  budgets = { { scope = 'global', limit_cents = 100000000 }, { scope = 'agent:claude', limit_cents = 100000000 } },
})
local changed ---@type integer?
vim.api.nvim_create_autocmd('User', {
  pattern = 'PurserSpendChanged',
  callback = function()
    changed = uv.hrtime()
  end,
})

purser.statusline()
local core = require('purser.core')
local function status()
  local answer
  core.ask('import.status', nil, function(_, body)
    answer = body or {}
  end)
  vim.wait(PATIENCE_MS, function()
    return answer ~= nil
  end, 1)
  return answer
end
local began = uv.hrtime()
assert(
  vim.wait(60000, function()
    local now_is = status()
    return now_is.last ~= nil and now_is.state == 'idle'
  end, 20),
  'the first import did not end'
)
local first_ms = (uv.hrtime() - began) / 1e6
vim.wait(200)

local session = '00000007-0000-4000-8000-000000000000'
local path = ('%s/-p7/%s.jsonl'):format(projects, session)
local times = {}
for _ = 1, LINES do
  local text = line(session)
  changed = nil
  local at = uv.hrtime()
  write(path, text)
  if not vim.wait(PATIENCE_MS, function()
    return changed ~= nil
  end, 200) then
    error('a line was not seen: ' .. vim.inspect(status()))
  end
  times[#times + 1] = (changed - at) / 1e6
  vim.wait(PAUSE_MS)
end
table.sort(times)

local function at(part)
  return times[math.max(1, math.ceil(#times * part))]
end
print(('%d files, %d folders watched; first import %.0f ms'):format(FILES, status().watched, first_ms))
print(
  ('line written -> statusline, %d times: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, longest %.2f ms'):format(
    #times,
    at(0.5),
    at(0.9),
    at(0.99),
    times[#times]
  )
)
print('(goal: p99 < 5 ms)')
core.close()
vim.cmd.quitall({ bang = true })
