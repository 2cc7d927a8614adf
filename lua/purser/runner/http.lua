--- HTTP adapters: reads the head of an answer before the decoder does, because an answer that only says "later" is not the
--- run's. Pure functions and a small reader; the waiting is done in runner/child.lua.

local M = {}

local RETRYABLE = { [429] = true, [500] = true, [502] = true, [503] = true, [504] = true, [529] = true }

--- What curl says when no answer came at all, and trying again may help.
local UNREACHABLE = {
  [5] = "the proxy's name can't be resolved",
  [6] = "the host's name can't be resolved",
  [7] = 'nobody answers at that address',
  [28] = 'the connection took too long',
  [35] = 'the TLS handshake failed',
  [52] = 'the server closed the connection without an answer',
  [56] = 'the connection broke',
}

---@param code integer curl's exit code
---@return string?
function M.unreachable(code)
  return UNREACHABLE[code]
end

---@param status integer
---@return boolean
function M.retryable(status)
  return RETRYABLE[status] == true
end

--- How long to wait before the next try: as told, else twice as long each time, with some chance in it so that many clients
--- do not come back together.
---@param try integer the one that failed, from 1
---@param told_ms? integer
---@param longest_ms integer
---@param chance number from 0 to 1
---@return integer
function M.delay(try, told_ms, longest_ms, chance)
  if told_ms then
    return math.min(told_ms, longest_ms)
  end
  local full = math.min(1000 * 2 ^ (try - 1), longest_ms)
  return math.floor(full / 2 + full / 2 * chance)
end

---@class (exact) purser.Head
---@field status integer
---@field retry_after_ms? integer
---@field quota boolean the provider says that waiting will not help

---@param text string a head, with its empty line
---@return purser.Head
local function parse(text)
  local head = { status = tonumber(text:match('^HTTP/[%d.]+ (%d%d%d)')) or 0, quota = false }
  for line in text:gmatch('[^\r\n]+') do
    local name, value = line:match('^([%w-]+):%s*(.-)%s*$')
    name = name and name:lower()
    if name == 'retry-after-ms' and tonumber(value) then
      head.retry_after_ms = math.ceil(tonumber(value) --[[@as number]])
    elseif name == 'retry-after' and tonumber(value) and not head.retry_after_ms then
      head.retry_after_ms = math.ceil(tonumber(value) * 1000)
    elseif name == 'x-should-retry' and value == 'false' then
      head.quota = true
    end
  end
  return head
end

---@class purser.HeadReader
---@field feed fun(bytes: string): string?, purser.Head? bytes for the decoder; the head, once
---@field finish fun(): string what was held back

--- Holds back what comes until the final head is whole. Interim ones (100 Continue, a proxy's CONNECT) are passed over.
---@return purser.HeadReader
function M.head_reader()
  local held = '' ---@type string?
  return {
    feed = function(bytes)
      if not held then
        return bytes
      end
      held = held .. bytes
      local at = 1
      while true do
        if #held - at + 1 < 5 then
          return nil
        elseif held:sub(at, at + 4) ~= 'HTTP/' then
          -- No head at all, or an interim one with a body of its own: the decoder will see.
          local all = held
          held = nil
          return all, { status = 0, quota = false }
        end
        local _, stop = held:find('\r?\n\r?\n', at)
        if not stop then
          return nil
        end
        local head = parse(held:sub(at, stop))
        local tunnel = held:sub(at, stop):match('^HTTP/[%d.]+ 200 [Cc]onnection')
        if head.status >= 200 and not tunnel then
          local all = held
          held = nil
          return all, head
        end
        at = stop + 1
      end
    end,
    finish = function()
      local rest = held or ''
      held = nil
      return rest
    end,
  }
end

--- Does the body of a 429 say that waiting is in vain?
---@param body string
---@return boolean
function M.says_quota(body)
  return body:find('insufficient_quota', 1, true) ~= nil or body:find('billing_hard_limit', 1, true) ~= nil
end

return M
