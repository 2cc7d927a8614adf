-- A core without a library, for what the plugin does with the core's answers. It has the interface of purser.core.
--
--   local fake = require('helpers.fake_core').install()
--   fake.answers['budget.raise'] = { budget = {} }          -- what ask() gets; a function is called with the arguments
--   fake.gate = function(spec) return { refusal = 'exhausted' } end   -- nil admits
--   fake.send('stop', { run = 1, verdict = 'ask' })         -- a message of the core's own
--
-- What an agent prints is decoded by its own simple dialect: a line `kind text`.

local M = {}

local Fake = {}
Fake.__index = Fake

---@return table fake
function M.install()
  local fake = setmetatable({
    asked = {}, -- { verb, args }
    answers = {},
    admitted = {}, -- specs
    listeners = {},
    finished = {}, -- endings by run
    freed = {},
    fed = {},
    next_id = 0,
  }, Fake)
  package.loaded['purser.core'] = fake:interface()
  return fake
end

--- A message, on the main loop, as the core delivers them.
function Fake:send(name, body, status)
  vim.schedule(function()
    for _, fn in ipairs(self.listeners[name] or {}) do
      if fn then
        local run = type(body.run) == 'table' and body.run.id or body.run or 0
        fn(body, { run = run, status = status or 0, body = body })
      end
    end
  end)
end

local EVENT = { flags = 0, text = '', name = '', id = '', number = 0, number2 = -1 }

---@param line string
local function decode(line)
  local kind, text = line:match('^(%a+) ?(.*)$')
  if kind == 'text' or kind == 'thinking' then
    return { kind = kind, text = text }
  elseif kind == 'tool' then
    return { kind = 'tool_call', name = text, id = '1' }
  elseif kind == 'error' then
    local status, words = text:match('^(%d+) (.*)$')
    return { kind = 'error', name = 'api', text = words or text, number = tonumber(status) or 0 }
  elseif kind == 'done' then
    return { kind = 'result', name = 'completed', text = text }
  end
  return { kind = 'error', name = 'malformed', text = line }
end

function Fake:handle(id)
  local rest, events = '', {}
  self.fed[id] = ''
  local function take(line)
    if line ~= '' then
      events[#events + 1] = setmetatable(decode(line), { __index = EVENT })
    end
  end
  return {
    id = id,
    started = function(pid)
      self.started = pid
    end,
    feed = function(bytes)
      assert(not self.freed[id], 'fed after free')
      self.fed[id] = self.fed[id] .. bytes
      rest = rest .. bytes
      while true do
        local line, after = rest:match('^(.-)\n(.*)$')
        if not line then
          break
        end
        rest = after
        take(line)
      end
      return self.stop_feeding == true
    end,
    next = function()
      return table.remove(events, 1)
    end,
    finish = function(ending)
      assert(not self.finished[id], 'finished twice')
      take(rest)
      self.finished[id] = ending
      if not self.keep_open then
        self:settle(id)
      end
    end,
    free = function()
      self.freed[id] = true
    end,
  }
end

function Fake:settle(id)
  local spec = self.admitted[id]
  self:send('settled', { run = { id = id, agent = spec.agent, status = 'completed' } })
end

function Fake:interface()
  local core = {}
  function core.state()
    return { state = 'open', path = ':fake:' }
  end
  function core.open()
    return true
  end
  function core.ready(cb)
    vim.schedule(cb)
  end
  function core.on(name, fn)
    self.listeners[name] = self.listeners[name] or {}
    local list = self.listeners[name]
    local at = #list + 1
    list[at] = fn
    return function()
      list[at] = false
    end
  end
  function core.ask(verb, args, cb)
    self.asked[#self.asked + 1] = { verb, args }
    local answer = self.answers[verb]
    if type(answer) == 'function' then
      answer = answer(args)
    end
    vim.schedule(function()
      if answer and answer.error then
        cb(answer.error)
      else
        cb(nil, answer or {})
      end
    end)
  end
  function core.admit(spec, cb)
    vim.schedule(function()
      local refused = self.gate and self.gate(spec)
      if refused then
        return cb(vim.tbl_extend('keep', refused, { code = 'EREFUSED', message = 'the budget is exhausted' }))
      end
      self.next_id = self.next_id + 1
      self.admitted[self.next_id] = spec
      cb(
        nil,
        self:handle(self.next_id),
        { run = self.next_id, hold_nanousd = 0, estimate_nanousd = 0, budget = self.budget }
      )
    end)
  end
  function core.close() end
  return core
end

return M
