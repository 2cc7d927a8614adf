--- The core as the rest of the plugin sees it: ask, listen, admit. Callbacks come on the main loop, as (err, result).
---
--- It is opened when it is first needed. A library that is missing or a ledger that can't be opened is a state with a message, never an
--- error thrown into the editor: every question is then answered with that message.

local event = require('purser.core.event')
local library = require('purser.core.library')
local pump = require('purser.core.pump')

local M = {}

---@alias purser.MessageName "opened"|"reply"|"admitted"|"refused"|"booked"|"settled"|"crossed"|"spend"|"stop"|"warning"|"import"|"runaway"

---@type purser.MessageName[]
local MESSAGES = {
  'opened',
  'reply',
  'admitted',
  'refused',
  'booked',
  'settled',
  'crossed',
  'spend',
  'stop',
  'warning',
  'import',
  'runaway',
}

--- The names of purser_status, by their negated number.
local STATUS = {
  'ERROR',
  'ENOMEM',
  'EINVAL',
  'EIO',
  'ENOTFOUND',
  'EEXIST',
  'EPARSE',
  'ERANGE',
  'EBUSY',
  'EREADONLY',
  'EFULL',
  'ECORRUPT',
  'EFOREIGN',
  'ENEWER',
  'EREFUSED',
  'ECLOSED',
}

---@class purser.CoreState
---@field state "closed"|"opening"|"open"|"failed"
---@field problem? string what a user should read, when failed
---@field path? string the ledger's
---@field library? purser.Library

---@type purser.CoreState
local now = { state = 'closed' }

local handle ---@type ffi.cdata*? purser*
local messages ---@type purser.Pump?
local replies = {} ---@type table<integer, fun(err: purser.Error?, body: table?)>
local admissions = {} ---@type table<integer, fun(err: table?, body: table?)>
local listeners = {} ---@type table<purser.MessageName, table<integer, fun(body: table, message: purser.Message)>>
local opened = {} ---@type fun(err: purser.Error?)[]
local next_listener = 0

---@param status integer
---@param message? string
---@return purser.Error
local function failure(status, message)
  local code = STATUS[-status] or 'ERROR'
  if not message or message == '' then
    local ffi = require('ffi')
    message = now.library and ffi.string(now.library.lib.purser_strerror(status)) or code
  end
  return { code = code, message = message }
end

---@param fn function
---@param ... any
local function guarded(fn, ...)
  local ok, problem = xpcall(fn, debug.traceback, ...)
  if not ok then
    require('purser.log').error('a callback failed: %s', problem)
    require('purser.notify').error('something went wrong inside purser: ' .. tostring(problem):match('^[^\n]*'))
  end
end

---@param name purser.MessageName
---@param message purser.Message
local function tell(name, message)
  local keys = vim.tbl_keys(listeners[name] or {})
  table.sort(keys) -- in the order in which they came
  for _, key in ipairs(keys) do
    local fn = listeners[name][key]
    if fn then
      guarded(fn, message.body, message)
    end
  end
end

---@param problem string
local function fail(problem)
  now.state, now.problem = 'failed', problem
  local waiting = opened
  opened = {}
  for _, cb in ipairs(waiting) do
    guarded(cb, { code = 'ERROR', message = problem })
  end
end

---@param message purser.Message
local function on_opened(message)
  now.path = message.body.path
  if message.status < 0 then
    local err = failure(message.status, message.body.message)
    require('purser.log').error('the ledger could not be opened: %s', err.message)
    fail(err.message)
  else
    now.state, now.problem = 'open', nil
    local waiting = opened
    opened = {}
    for _, cb in ipairs(waiting) do
      guarded(cb, nil)
    end
  end
end

---@param message purser.Message
local function dispatch(message)
  local name = MESSAGES[message.kind]
  if not name then
    return
  end
  if name == 'opened' then
    -- Listeners first: whoever waits for the ledger may do so on their behalf.
    tell(name, message)
    return on_opened(message)
  elseif name == 'reply' then
    local cb = replies[message.ticket]
    replies[message.ticket] = nil
    if cb and message.status < 0 then
      guarded(cb, vim.tbl_extend('keep', failure(message.status, message.body.message), message.body), nil)
    elseif cb then
      guarded(cb, nil, message.body)
    end
  elseif name == 'admitted' or name == 'refused' then
    local cb = admissions[message.ticket]
    admissions[message.ticket] = nil
    if cb and name == 'admitted' then
      guarded(cb, nil, vim.tbl_extend('force', message.body, { run = message.run }))
    elseif cb then
      guarded(cb, vim.tbl_extend('keep', failure(message.status, message.body.message), message.body), nil)
    end
  end
  tell(name, message)
end

--- Where things stand. Read only.
---@return purser.CoreState
function M.state()
  return now
end

--- Loads the library and starts the worker, unless that was done. Returns at once; M.ready() tells how it went.
---@return boolean started
---@return string? problem
function M.open()
  if now.state == 'opening' or now.state == 'open' then
    return true
  elseif now.state == 'failed' then
    -- The cause may be gone (a library built, a disk freed): try again, from the start.
    M.close()
  end
  local loaded, problem = now.library, nil
  if not loaded then
    loaded, problem = library.load()
  end
  if not loaded then
    fail(problem --[[@as string]])
    return false, problem
  end
  now.library = loaded
  local ffi = require('ffi')
  local out = ffi.new('purser *[1]')
  local text = ffi.new('char[512]')
  local options = vim.json.encode(require('purser.config').core_options())
  local status = loaded.lib.purser_open(out, options, text, 512)
  if status < 0 then
    local err = failure(status, ffi.string(text))
    fail(err.message)
    return false, err.message
  end
  handle = out[0]
  now.state, now.problem = 'opening', nil
  messages, problem = pump.start(loaded.lib, handle, dispatch)
  if not messages then
    loaded.lib.purser_close(handle)
    handle = nil
    fail("the core can't be listened to: " .. tostring(problem))
    return false, now.problem
  end
  require('purser.core.leave').register()
  require('purser.alerts').register()
  require('purser.import').register()
  return true
end

--- Calls back when the ledger is open, or with the reason why it can't be.
---@param cb fun(err: purser.Error?)
function M.ready(cb)
  if now.state == 'open' then
    return vim.schedule(function()
      guarded(cb, nil)
    end)
  end
  local ok, problem = M.open()
  if not ok then
    return vim.schedule(function()
      guarded(cb, { code = 'ERROR', message = problem })
    end)
  end
  opened[#opened + 1] = cb
end

---@param cb fun(err: purser.Error?, body: table?)
---@param status integer
local function answer_later(cb, status)
  vim.schedule(function()
    guarded(cb, failure(status), nil)
  end)
end

--- Asks the ledger. Verbs and their arguments: csrc/api/README.md.
---@param verb string
---@param args? table
---@param cb? fun(err: purser.Error?, body: table?)
function M.ask(verb, args, cb)
  cb = cb or function() end
  local function send(err)
    if err then
      return cb(err, nil)
    elseif not handle then
      return cb({ code = 'ECLOSED', message = 'purser is closing' }, nil)
    end
    local arguments = vim.json.encode(next(args or {}) and args or vim.empty_dict())
    local ticket = tonumber(now.library.lib.purser_ask(handle, verb, arguments))
    if ticket < 0 then
      return answer_later(cb, ticket)
    end
    replies[ticket] = cb
  end
  if now.state == 'open' and handle then
    return send() -- at once: the ledger works while its asker goes on
  end
  M.ready(send)
end

--- Listens to messages of a kind. Returns a function that ends it.
---@param name purser.MessageName
---@param fn fun(body: table, message: purser.Message)
---@return fun() off
function M.on(name, fn)
  next_listener = next_listener + 1
  local key = next_listener
  listeners[name] = listeners[name] or {}
  listeners[name][key] = fn
  return function()
    listeners[name][key] = nil
  end
end

--- An admitted run, to be fed. Nothing of it may be called after free().
---@class purser.RunHandle
---@field id integer id in the AgentRunLog
---@field started fun(pid: integer)
---@field feed fun(bytes: string): boolean stop true: a budget is exhausted, end the run
---@field next fun(): purser.Event?
---@field finish fun(ending: table)
---@field free fun()

---@param lib ffi.namespace*
---@param run ffi.cdata* purser_run*
---@param id integer
---@return purser.RunHandle
local function run_handle(lib, run, id)
  local ffi = require('ffi')
  local slot = ffi.new('purser_event')
  local freed = false
  return {
    id = id,
    started = function(pid)
      lib.purser_run_started(run, pid)
    end,
    feed = function(bytes)
      return lib.purser_run_feed(run, bytes, #bytes) == 1
    end,
    next = function()
      while not freed and lib.purser_run_next(run, slot) == 1 do
        local one = event.read(slot)
        if one then
          return one
        end
      end
    end,
    finish = function(ending)
      lib.purser_run_finish(run, vim.json.encode(ending))
    end,
    free = function()
      if not freed then
        freed = true
        lib.purser_run_free(run)
      end
    end,
  }
end

--- Asks the budgets whether a run may start. `err` of a refusal carries its fields (refusal, budget, …) and code EREFUSED.
---@param spec table
---@param cb fun(err: table?, run: purser.RunHandle?, answer: table?)
function M.admit(spec, cb)
  M.ready(function(err)
    if err then
      return cb(err)
    elseif not handle then
      return cb({ code = 'ECLOSED', message = 'purser is closing' })
    end
    local ffi = require('ffi')
    local lib = now.library.lib
    local out = ffi.new('purser_run *[1]')
    local ticket = tonumber(lib.purser_run_admit(handle, out, vim.json.encode(spec)))
    if ticket < 0 then
      return answer_later(cb, ticket)
    end
    local run = out[0]
    admissions[ticket] = function(refused, answer)
      if refused then
        lib.purser_run_free(run)
        return cb(refused)
      end
      ---@cast answer table
      cb(nil, run_handle(lib, run, answer.run), answer)
    end
  end)
end

--- Takes and handles what waits, now: for the last moments of the editor, when nothing is scheduled any more.
function M.pump_now()
  if messages then
    for _, message in ipairs(messages.drain()) do
      dispatch(message)
    end
  end
end

--- Finishes what is queued and frees everything. Runs must have been freed.
function M.close()
  local core = handle
  handle = nil
  if messages then
    messages.stop()
    messages = nil
  end
  -- Before the core goes: a refused admission gives its run back.
  local waiting = vim.list_extend(vim.tbl_values(replies), vim.tbl_values(admissions))
  vim.list_extend(waiting, opened)
  replies, admissions, opened = {}, {}, {}
  for _, cb in ipairs(waiting) do
    guarded(cb, { code = 'ECLOSED', message = 'purser is closing' }, nil)
  end
  if core then
    now.library.lib.purser_close(core)
  end
  now.state, now.problem = 'closed', nil
end

return M
