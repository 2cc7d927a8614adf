-- Catches what is said through vim.notify, so that a spec can look at it and the test's own output stays whole.
--
--   local notices = require('helpers.notices').catch()
--   notices:has('could not be opened')

local M = {}
M.__index = M

---@return table notices a list of { message, level }
function M.catch()
  local self = setmetatable({}, M)
  vim.notify = function(message, level)
    self[#self + 1] = { message = message, level = level }
  end
  return self
end

function M:clear()
  for i = #self, 1, -1 do
    self[i] = nil
  end
end

---@return string[]
function M:messages()
  return vim.tbl_map(function(one)
    return one.message
  end, vim.list_slice(self))
end

--- The message that contains the text.
---@param text string
---@return string?
function M:find(text)
  for _, one in ipairs(self) do
    if one.message:find(text, 1, true) then
      return one.message
    end
  end
end

return M
