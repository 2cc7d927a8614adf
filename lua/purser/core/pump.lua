--- Takes messages out of the core when its descriptor says that there are some.
---
--- The descriptor's callback runs where most of Neovim's functions are forbidden, so it only decodes; the handler is called
--- on the main loop, once for everything that came together.

local ffi = require('ffi')

local M = {}

---@class (exact) purser.Message
---@field kind integer purser_message_kind
---@field status integer
---@field ticket integer
---@field run integer
---@field body table

local DECODE = { luanil = { object = true, array = true } }

---@class (exact) purser.Pump
---@field drain fun(): purser.Message[] takes what waits, without handing it on
---@field stop fun()

---@param lib ffi.namespace*
---@param core ffi.cdata*
---@param handler fun(message: purser.Message)
---@return purser.Pump? pump
---@return string? problem
function M.start(lib, core, handler)
  local message = ffi.new('purser_message[1]')
  local poll, problem = vim.uv.new_poll(lib.purser_fd(core))
  if not poll then
    return nil, problem
  end
  local waiting = {} ---@type purser.Message[]
  local scheduled, stopped = false, false

  local function take()
    while lib.purser_next(core, message) == 1 do
      local raw = message[0]
      local text = ffi.string(raw.json, raw.json_len)
      local ok, body = pcall(vim.json.decode, text, DECODE)
      waiting[#waiting + 1] = {
        kind = raw.kind,
        status = raw.status,
        ticket = tonumber(raw.ticket),
        run = tonumber(raw.run),
        body = ok and type(body) == 'table' and body or {},
      }
    end
  end

  local function deliver()
    scheduled = false
    local batch = waiting
    waiting = {}
    for _, one in ipairs(batch) do
      handler(one)
    end
  end

  poll:start('r', function()
    if stopped then
      return
    end
    take()
    if #waiting > 0 and not scheduled then
      scheduled = true
      vim.schedule(deliver)
    end
  end)

  return {
    drain = function()
      take()
      local batch = waiting
      waiting = {}
      return batch
    end,
    stop = function()
      if not stopped then
        stopped = true
        poll:stop()
        poll:close()
      end
    end,
  }
end

return M
