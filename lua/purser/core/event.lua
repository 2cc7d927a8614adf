--- A decoded event of the core as a Lua table. Its strings are copied: the core's are gone with the next call.

local ffi = require('ffi')

local M = {}

---@class purser.Event
---@field kind "text"|"thinking"|"tool_call"|"tool_result"|"usage"|"session"|"compaction"|"retry"|"rate_limit"|"result"|"error"|"prompt"
---@field flags integer purser_event_flag
---@field text string
---@field name string
---@field id string
---@field number integer
---@field number2 integer
---@field session? string
---@field model? string
---@field usage? purser.Usage
---@field scope? integer

local KINDS = {
  'text',
  'thinking',
  'tool_call',
  'tool_result',
  'usage',
  'session',
  'compaction',
  'retry',
  'rate_limit',
  'result',
  'error',
  'prompt',
}

--- The flags that the editor looks at.
M.FAILED = 1
M.SIDECHAIN = 4
M.BLOCKED = 512

---@param text ffi.cdata* purser_str
---@return string
local function str(text)
  return text.len > 0 and ffi.string(text.ptr, text.len) or ''
end

---@param raw ffi.cdata* purser_event
---@return purser.Event? nil: a kind that this plugin does not know
function M.read(raw)
  local kind = KINDS[raw.kind]
  if not kind then
    return nil
  end
  local event = {
    kind = kind,
    flags = raw.flags,
    text = str(raw.text),
    name = str(raw.name),
    id = str(raw.id),
    number = tonumber(raw.number),
    number2 = tonumber(raw.number2),
  }
  if kind == 'session' or kind == 'usage' then
    event.session = str(raw.session)
    event.model = str(raw.model)
  end
  if kind == 'usage' then
    local usage = raw.usage
    event.scope = raw.scope
    event.usage = {
      input = tonumber(usage.input),
      cache_read = tonumber(usage.cache_read),
      cache_write_5m = tonumber(usage.cache_write_5m),
      cache_write_1h = tonumber(usage.cache_write_1h),
      output = tonumber(usage.output),
      reasoning = tonumber(usage.reasoning),
    }
  end
  return event
end

return M
