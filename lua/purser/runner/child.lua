--- The process behind a run: bytes out of it and into the core, caps, tries, and its end.

local http = require('purser.runner.http')
local process = require('purser.process')

local M = {}

--- A refusal's body is short; what is withheld for a decision must not grow.
local WITHHELD_BYTES = 256 * 1024

---@class (exact) purser.ChildOptions
---@field run purser.Run
---@field handle purser.RunHandle
---@field invocation purser.Invocation
---@field http boolean
---@field cwd string
---@field limits { wall_clock: integer, output_bytes: integer, grace: integer }
---@field retry { tries: integer, longest: integer }
---@field on_started fun()
---@field on_end fun(seen: table) on the main loop: exit_code, signal, stderr, bytes, text, error, result, malformed, tries, …

---@class purser.Child
---@field private options purser.ChildOptions
---@field private process purser.Process?
---@field private seen table
---@field private reader purser.HeadReader?
---@field private withheld string[]?
---@field private withheld_bytes integer
---@field private head purser.Head?
---@field private wall uv.uv_timer_t?
---@field private pause uv.uv_timer_t?
---@field private ended boolean
---@field private paused boolean
---@field private fed boolean
local Child = {}
Child.__index = Child

---@param timer uv.uv_timer_t?
local function close(timer)
  if timer and not timer:is_closing() then
    timer:close()
  end
end

--- Takes the events that the core has decoded.
function Child:drain()
  local run, seen = self.options.run, self.seen
  for event in self.options.handle.next do
    if event.kind == 'error' and event.name == 'malformed' then
      seen.malformed = seen.malformed or event
      run:notice('warn', 'a line of the output could not be understood')
    elseif event.kind == 'error' then
      seen.error = event
      run:notice('error', event.text ~= '' and event.text or event.name)
    elseif event.kind == 'result' then
      seen.result = event
      seen.text = seen.text or event.text ~= ''
      if event.text ~= '' and not self.said then
        -- Some clients say it only here.
        run:append('text', event.text, false)
      end
    else
      if event.kind == 'text' then
        self.said = true
        seen.text = true
      end
      run:take(event)
    end
  end
end

---@private
---@param bytes string
function Child:feed(bytes)
  self.fed = true
  local stop = self.options.handle.feed(bytes)
  self:drain()
  if stop then
    self:stop('budget')
  end
end

---@private
---@param bytes string
function Child:on_stdout(bytes)
  local seen, limits = self.seen, self.options.limits
  seen.bytes = seen.bytes + #bytes
  if limits.output_bytes > 0 and seen.bytes > limits.output_bytes then
    self:stop('limit', ('stopped: it printed more than %d bytes (limits.output_bytes)'):format(limits.output_bytes))
  end
  if not self.reader then
    return self:feed(bytes)
  end
  local whole, head = self.reader.feed(bytes)
  if head then
    self.head = head
    if http.retryable(head.status) and not head.quota then
      self.withheld, self.withheld_bytes = {}, 0
    end
  end
  if not whole then
    return
  elseif self.withheld and self.withheld_bytes < WITHHELD_BYTES then
    self.withheld[#self.withheld + 1] = whole
    self.withheld_bytes = self.withheld_bytes + #whole
  elseif not self.withheld then
    self:feed(whole)
  end
end

--- After an HTTP request has ended: is it worth another try, and when?
---@private
---@param exit purser.Exit
---@return integer? delay_ms
---@return string? reason
function Child:next_try(exit)
  local retry, seen = self.options.retry, self.seen
  if not self.options.http or self.fed or seen.stopped or seen.tries >= retry.tries then
    return nil
  end
  if self.withheld and self.head then
    if self.head.status == 429 and http.says_quota(table.concat(self.withheld)) then
      return nil
    end
    return http.delay(seen.tries, self.head.retry_after_ms, retry.longest, math.random()), tostring(self.head.status)
  end
  local unreachable = http.unreachable(exit.code)
  if unreachable then
    return http.delay(seen.tries, nil, retry.longest, math.random()), unreachable
  end
end

---@private
---@param delay_ms integer
---@param reason string
function Child:try_again(delay_ms, reason)
  local run, seen = self.options.run, self.seen
  local duration = require('purser.format').duration(delay_ms)
  run:notice('warn', ('%s: try %d of %d in %s'):format(reason, seen.tries + 1, self.options.retry.tries, duration))
  run:set_status('retrying')
  self.pause = assert(vim.uv.new_timer())
  self.pause:start(delay_ms, 0, function()
    close(self.pause)
    self.pause = nil
    vim.schedule(function()
      if not self.ended and not seen.stopped then
        run:set_status('running')
        self:spawn()
      end
    end)
  end)
end

---@private
---@param exit purser.Exit
function Child:on_exit(exit)
  local delay, reason = self:next_try(exit)
  if delay then
    return self:try_again(delay, reason --[[@as string]])
  end
  if self.withheld then
    self:feed(table.concat(self.withheld))
    self.withheld = nil
  elseif self.reader then
    local rest = self.reader.finish()
    if rest ~= '' then
      self:feed(rest)
    end
  end
  local seen = self.seen
  seen.exit_code, seen.signal, seen.stderr, seen.leftover = exit.code, exit.signal, exit.stderr, exit.leftover
  self:finish()
end

---@private
function Child:finish()
  if self.ended then
    return
  end
  self.ended = true
  close(self.wall)
  close(self.pause)
  self.seen.duration_ms = math.floor((vim.uv.hrtime() - self.began) / 1e6)
  vim.schedule(function()
    self.options.on_end(self.seen)
  end)
end

---@private
function Child:spawn()
  local options, seen = self.options, self.seen
  local invocation = options.invocation
  seen.tries = seen.tries + 1
  self.reader = options.http and http.head_reader() or nil
  self.withheld, self.head = nil, nil
  local started, problem = process.spawn({
    argv = invocation.argv,
    cwd = options.cwd,
    env = invocation.env,
    stdin = invocation.stdin,
    extra = invocation.extra,
    on_stdout = function(bytes)
      self:on_stdout(bytes)
    end,
    on_exit = function(exit)
      self:on_exit(exit)
    end,
  })
  if not started then
    seen.spawn_problem = problem
    return self:finish()
  end
  self.process = started
  options.handle.started(started.pid)
  if seen.tries == 1 then
    options.on_started()
  end
end

--- Ends the run: the whole group, gently first. What it still says is taken.
---@param reason "cancelled"|"budget"|"limit"
---@param message? string
function Child:stop(reason, message)
  local seen = self.seen
  if self.ended then
    return
  elseif seen.stopped then
    seen.stop_message = seen.stop_message or (seen.stopped == reason and message or nil)
    return
  end
  seen.stopped, seen.stop_message = reason, message
  self.options.run:set_status('stopping', message)
  if self.pause then
    close(self.pause)
    self.pause = nil
    return self:finish()
  elseif self.process then
    self:resume()
    self.process:stop(self.options.limits.grace)
  end
end

--- Holds the group where it is, while the user is asked: what is in flight comes in, nothing new is begun.
function Child:hold()
  if self.process and not self.ended and not self.paused then
    self.paused = true
    self.process:signal_group('sigstop')
  end
end

function Child:resume()
  if self.paused and self.process then
    self.paused = false
    self.process:signal_group('sigcont')
  end
end

---@return boolean
function Child:is_running()
  return not self.ended
end

--- The last moments of the editor: no time for grace.
function Child:interrupt()
  if self.process and not self.ended then
    self.seen.stopped = self.seen.stopped or 'cancelled'
    self:resume()
    self.process:signal_group('sigint')
  end
end

function Child:kill()
  if self.process then
    self.process:kill()
  end
end

---@param options purser.ChildOptions
---@return purser.Child
function M.start(options)
  local self = setmetatable({
    options = options,
    seen = { bytes = 0, text = false, tries = 0 },
    ended = false,
    paused = false,
    fed = false,
    said = false,
    began = vim.uv.hrtime(),
  }, Child)
  if options.limits.wall_clock > 0 then
    self.wall = assert(vim.uv.new_timer())
    self.wall:start(options.limits.wall_clock * 1000, 0, function()
      self:stop('limit', ('stopped: not done after %d seconds (limits.wall_clock)'):format(options.limits.wall_clock))
    end)
  end
  self:spawn()
  return self
end

return M
