--- Runs a function without LuaJIT's compiler. Drawing goes through much code a few times: compiling hundreds of traces for it takes far
--- longer than it ever gives back, and the first windows would come late.

local M = {}

---@generic T
---@param fn fun(...): T
---@param ... any
---@return T
function M.call(fn, ...)
  local jit = require('jit')
  if not jit.status() then
    return fn(...)
  end
  jit.off()
  local ok, result = xpcall(fn, debug.traceback, ...)
  jit.on()
  if not ok then
    error(result, 0)
  end
  return result
end

return M
