--- Work that can wait, done in slices, so that the editor is never held up by it.

local interpreted = require('purser.ui.interpreted')

local M = { until_ns = 0 }

--- How long a slice may take, and how long the editor has for itself in between.
local SLICE_NS = 1.5e6
local REST_MS = 4

---@type thread[]
local queue = {}
--- Those that don't repeat themselves often enough to be compiled.
local plain = setmetatable({}, { __mode = 'k' }) ---@type table<thread, true>
local first, last = 1, 0
local timer ---@type uv.uv_timer_t?

local step

local function rest()
  timer = timer or assert(vim.uv.new_timer())
  timer:start(REST_MS, 0, function()
    vim.schedule(step)
  end)
end

---@param work thread
---@return boolean ok
---@return string? problem
local function resume(work)
  local ok, problem
  local function go()
    ok, problem = coroutine.resume(work)
  end
  if plain[work] then
    interpreted.call(go)
  else
    go()
  end
  return ok, problem
end

step = function()
  local began = vim.uv.hrtime()
  M.until_ns = began + SLICE_NS
  while first <= last do
    local ok, problem = resume(queue[first])
    if not ok then
      require('purser.log').error('drawing failed: %s', problem)
    end
    if coroutine.status(queue[first]) == 'dead' then
      queue[first] = nil
      first = first + 1
    end
    if vim.uv.hrtime() > M.until_ns then
      break
    end
  end
  if first <= last then
    rest()
  end
end

---@param until_ns number
local function let_go_after(until_ns)
  local running = coroutine.running()
  if running and running == queue[first] and vim.uv.hrtime() > until_ns then
    coroutine.yield()
  end
end

--- For work that is done here or at once, as its caller likes: in a slice it lets go when that is over, else it does nothing.
function M.pause()
  let_go_after(M.until_ns)
end

--- The same before work that can't be divided: it does not come on top of what the slice has done already.
function M.fresh()
  let_go_after(M.until_ns - SLICE_NS * 0.9)
end

--- Adds work: a function that calls `breathe` often, and there lets go when its slice is over.
---@param work fun(breathe: fun())
---@param once? boolean each part of it is done about once
function M.add(work, once)
  last = last + 1
  queue[last] = coroutine.create(function()
    work(function()
      if vim.uv.hrtime() > M.until_ns then
        coroutine.yield()
      end
    end)
  end)
  plain[queue[last]] = once or nil
  if first == last then
    rest()
  end
end

---@return boolean
function M.busy()
  return first <= last
end

return M
