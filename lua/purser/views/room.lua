--- How much of a window's height a chart may take, so that the tables below it are still in sight.

local M = {}

---@param ctx purser.ViewContext
---@return integer rows
function M.chart_height(ctx)
  if ctx.height >= 40 then
    return 8
  elseif ctx.height >= 24 then
    return 6
  elseif ctx.height >= 18 then
    return 4
  end
  return 3
end

return M
