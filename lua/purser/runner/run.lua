--- A run as the editor sees it: what is known of it, what happened in it, and who wants to be told.
---
--- Events arrive faster than anybody can read. They are gathered, and subscribers are told at most once per frame.

local M = {}

local FRAME_MS = 16

--- More of a tool's output than this is of no use in a window.
local TOOL_RESULT_BYTES = 128 * 1024

---@class purser.Run
---@field nr integer counts the runs of this instance from 1: known before the ledger has given an id
---@field id? integer id in the AgentRunLog, once admitted
---@field agent string
---@field label string the adapter's, for people
---@field source string
---@field model? string as asked for, then as answered
---@field effort? string
---@field prompt string what the user wrote, without the selection
---@field selection? purser.Selection
---@field workspace? string
---@field branch? string
---@field cwd string
---@field session? string the client's
---@field conversation string
---@field headless boolean
---@field status purser.RunState
---@field message? string why it is as it is, one sentence
---@field started_ms integer
---@field ended_ms? integer
---@field sums? purser.Sums
---@field budget? purser.Budget
---@field estimate_nanousd? integer
---@field context_tokens? integer
---@field context_window? integer
---@field items purser.Item[]
---@field row? purser.RunRow as settled
---@field compacts? boolean it compacts its conversation: what it says is not part of it
---@field compacted? { before: integer, after: integer } tokens, as the client says
---@field judgement? purser.Judgement whether compacting would pay now
---@field stop fun(self: purser.Run) set while it can be stopped
---@field private subscribers table<integer, fun(run: purser.Run, change: purser.RunChange)>
---@field private changed purser.RunChange?
---@field private pieces string[]
---@field private timer uv.uv_timer_t?
local Run = {}
Run.__index = Run

local FINAL = { refused = true, completed = true, failed = true, cancelled = true, budget = true, limit = true }

local count = 0
local subscriptions = 0

---@param fields table
---@return purser.Run
function M.new(fields)
  count = count + 1
  local run = setmetatable(fields, Run)
  run.nr = count
  run.status = 'asking'
  run.items = {}
  run.subscribers = {}
  run.pieces = {}
  run.started_ms = os.time() * 1000
  return run
end

--- Is it over, and settled?
---@return boolean
function Run:is_final()
  return FINAL[self.status] == true
end

--- Has it a process, or will it have one?
---@return boolean
function Run:is_active()
  return not FINAL[self.status]
end

--- Told of every change, on the main loop, at most once per frame. Returns a function that ends it.
---@param fn fun(run: purser.Run, change: purser.RunChange)
---@return fun() off
function Run:subscribe(fn)
  subscriptions = subscriptions + 1
  local key = subscriptions
  self.subscribers[key] = fn
  return function()
    self.subscribers[key] = nil
  end
end

--- The answer so far: everything it said, without what its subagents said.
---@return string
function Run:answer()
  self:join()
  local parts = {}
  for _, item in ipairs(self.items) do
    if item.kind == 'text' and not item.sidechain then
      parts[#parts + 1] = item.text
    end
  end
  return table.concat(parts, '\n\n')
end

---@private
function Run:join()
  if #self.pieces > 0 then
    local item = self.items[#self.items]
    item.text = item.text .. table.concat(self.pieces)
    self.pieces = {}
  end
end

--- Tells the subscribers what has gathered, now.
function Run:flush()
  self:join()
  local change = self.changed
  if not change then
    return
  end
  self.changed = nil
  for _, fn in ipairs(vim.tbl_values(self.subscribers)) do -- a copy: one may leave
    local ok, problem = xpcall(fn, debug.traceback, self, change)
    if not ok then
      require('purser.log').error('a subscriber of run %d failed: %s', self.nr, problem)
    end
  end
end

---@param what "items"|"status"|"sums"
---@param index? integer
function Run:touch(what, index)
  local change = self.changed
  if not change then
    change = {}
    self.changed = change
    if not self.timer then
      self.timer = assert(vim.uv.new_timer())
    end
    self.timer:start(FRAME_MS, 0, function()
      vim.schedule(function()
        self:flush()
      end)
    end)
  end
  change[what] = true
  if index then
    change.first = math.min(change.first or index, index)
  end
end

---@param item table
function Run:add(item)
  self:join()
  item.at_ms = os.time() * 1000
  self.items[#self.items + 1] = item
  self:touch('items', #self.items)
end

--- More of a running text.
---@param kind "text"|"thinking"
---@param text string
---@param sidechain boolean
function Run:append(kind, text, sidechain)
  local last = self.items[#self.items]
  if not last or last.kind ~= kind or (last.sidechain or false) ~= sidechain then
    return self:add({ kind = kind, text = text, sidechain = sidechain or nil })
  end
  self.pieces[#self.pieces + 1] = text
  self:touch('items', #self.items)
end

--- A line of our own between what the agent says.
---@param level "info"|"warn"|"error"
---@param text string
function Run:notice(level, text)
  self:add({ kind = 'notice', level = level, text = text })
end

---@param status purser.RunState
---@param message? string
function Run:set_status(status, message)
  self.status = status
  self.message = message or self.message
  if FINAL[status] then
    self.ended_ms = os.time() * 1000
  end
  self:touch('status')
end

--- Frees what a finished run no longer needs.
function Run:settle()
  self:flush()
  if self.timer and not self.timer:is_closing() then
    self.timer:close()
  end
  self.timer = nil
end

local event = require('purser.core.event')

---@param self purser.Run
---@param one purser.Event
local function tool_result(self, one)
  local text = one.text
  if #text > TOOL_RESULT_BYTES then
    text = ('%s\n… %d bytes more'):format(text:sub(1, TOOL_RESULT_BYTES), #text - TOOL_RESULT_BYTES)
  end
  self:add({
    kind = 'tool_result',
    id = one.id,
    text = text,
    failed = bit.band(one.flags, event.FAILED) ~= 0 or nil,
    sidechain = bit.band(one.flags, event.SIDECHAIN) ~= 0 or nil,
  })
end

---@type table<string, fun(self: purser.Run, one: purser.Event)>
local TAKE = {
  text = function(self, one)
    self:append('text', one.text, bit.band(one.flags, event.SIDECHAIN) ~= 0)
  end,
  thinking = function(self, one)
    self:append('thinking', one.text, bit.band(one.flags, event.SIDECHAIN) ~= 0)
  end,
  tool_call = function(self, one)
    local sidechain = bit.band(one.flags, event.SIDECHAIN) ~= 0 or nil
    self:add({ kind = 'tool_call', id = one.id, name = one.name, text = one.text, sidechain = sidechain })
  end,
  tool_result = tool_result,
  session = function(self, one)
    if one.session ~= '' then
      self.session = one.session
    end
    if one.model ~= '' then
      self.model = one.model
    end
    self:touch('status')
  end,
  usage = function(self, one)
    if not self.model and one.model ~= '' then
      self.model = one.model
      self:touch('status')
    end
  end,
  compaction = function(self, one)
    if one.number > 0 then
      self.compacted = { before = one.number, after = one.number2 }
    end
    local format = require('purser.format')
    local sizes = one.number > 0
      and (' from %s to %s tokens'):format(format.tokens(one.number), format.tokens(one.number2))
    self:notice('info', 'the context was compacted' .. (sizes or ''))
  end,
  retry = function(self, one)
    local wait = one.number2 > 0 and (', in %s'):format(require('purser.format').duration(one.number2)) or ''
    local status = one.number > 0 and (' (%d)'):format(one.number) or ''
    self:notice(
      'warn',
      ('the client tries again%s%s%s'):format(wait, status, one.text ~= '' and ': ' .. one.text or '')
    )
  end,
}

--- Takes an event of the decoder. What says how a run ended is looked at by runner/ending.lua.
---@param one purser.Event
function Run:take(one)
  local take = TAKE[one.kind]
  if take then
    take(self, one)
  end
end

return M
