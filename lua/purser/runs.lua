--- The runs of this instance of Neovim, and who wants to know of them.

local M = {}

local runs = {} ---@type purser.Run[]
local listeners = {} ---@type table<integer, fun(run: purser.Run)>
local next_listener = 0

--- Finished runs are kept so that their windows can be opened again; the oldest go.
local KEEP_FINISHED = 50

---@return purser.Run[] oldest first
function M.list()
  return vim.list_slice(runs)
end

---@return purser.Run[]
function M.active()
  return vim.tbl_filter(function(run)
    return run:is_active()
  end, runs)
end

--- By the id in the AgentRunLog.
---@param id integer
---@return purser.Run?
function M.get(id)
  for _, run in ipairs(runs) do
    if run.id == id then
      return run
    end
  end
end

--- The newest run.
---@return purser.Run?
function M.last()
  return runs[#runs]
end

---@param run purser.Run
function M.add(run)
  runs[#runs + 1] = run
  local finished = 0
  for i = #runs, 1, -1 do
    if runs[i]:is_final() then
      finished = finished + 1
      if finished > KEEP_FINISHED then
        table.remove(runs, i)
      end
    end
  end
  M.changed(run)
end

---@param run purser.Run
function M.changed(run)
  for _, fn in pairs(listeners) do
    fn(run)
  end
end

--- Told when a run is added, or changes its state. Returns a function that ends it.
---@param fn fun(run: purser.Run)
---@return fun() off
function M.subscribe(fn)
  next_listener = next_listener + 1
  local key = next_listener
  listeners[key] = fn
  return function()
    listeners[key] = nil
  end
end

return M
