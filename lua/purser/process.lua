--- Children of the editor, each in a process group of its own.
---
--- vim.system of Neovim 0.10 now and then loses the output of a quick child, so this waits for both the exit and the end of the output.
--- Callbacks come where libuv calls them, not on the main loop, unless said otherwise.

local M = {}

local uv = vim.uv

--- How long a dead client's output may stay open: a grandchild that inherited it must not hang a run.
local LEFTOVER_MS = 1000
local STDERR_BYTES = 4096

---@class (exact) purser.SpawnOptions
---@field argv string[]
---@field cwd? string
---@field env? table<string, string|false> added to the editor's environment; false takes a variable out
---@field stdin? string
---@field extra? string what the child reads from descriptor 3
---@field on_stdout fun(bytes: string)
---@field on_exit fun(exit: purser.Exit) once: the process has ended, and its output

---@class (exact) purser.Exit
---@field code integer
---@field signal integer
---@field stderr string its last few KB
---@field leftover boolean the output was still open when the process was long gone

---@class purser.Process
---@field pid integer
---@field private options purser.SpawnOptions
---@field private handle uv.uv_process_t?
---@field private pipes uv.uv_pipe_t[]
---@field private exit purser.Exit?
---@field private open_ends integer
---@field private stderr string
---@field private reported boolean
---@field private timer uv.uv_timer_t?
---@field private ending boolean
local Process = {}
Process.__index = Process

--- What tells a client that it runs inside this editor, and would confuse one that starts Neovim itself.
local NOT_FOR_CHILDREN = { 'NVIM', 'NVIM_LISTEN_ADDRESS', 'VIM', 'VIMRUNTIME', 'MYVIMRC', 'NVIM_LOG_FILE' }

---@param changes? table<string, string|false>
---@return string[]
local function environment(changes)
  local env = vim.fn.environ()
  for _, name in ipairs(NOT_FOR_CHILDREN) do
    env[name] = nil
  end
  for name, value in pairs(changes or {}) do
    env[name] = value or nil
  end
  local list = {}
  for name, value in pairs(env) do
    list[#list + 1] = name .. '=' .. value
  end
  return list
end

---@param handle uv.uv_handle_t?
local function close(handle)
  if handle and not handle:is_closing() then
    handle:close()
  end
end

---@private
function Process:report()
  if self.reported or not self.exit then
    return
  end
  self.reported = true
  for _, pipe in ipairs(self.pipes) do
    close(pipe)
  end
  if not self.ending then
    close(self.timer)
  end
  self.exit.stderr = self.stderr
  self.options.on_exit(self.exit)
end

---@private
function Process:end_of_output()
  self.open_ends = self.open_ends - 1
  if self.open_ends == 0 then
    self:report()
  end
end

---@private
---@param code integer
---@param signal integer
function Process:exited(code, signal)
  close(self.handle)
  self.exit = { code = code, signal = signal, stderr = '', leftover = false }
  if self.open_ends == 0 then
    return self:report()
  end
  local leftover = assert(uv.new_timer())
  leftover:start(LEFTOVER_MS, 0, function()
    close(leftover)
    if not self.reported then
      self.exit.leftover = true
      self:report()
    end
  end)
end

---@return boolean
function Process:is_running()
  return not self.exit
end

--- Is anybody of the group left?
---@return boolean
function Process:group_alive()
  return (uv.kill(-self.pid, 0)) == 0
end

---@param signal string
function Process:signal_group(signal)
  -- The group, never the process alone: gemini's parent ignores signals while its child goes on spending.
  uv.kill(-self.pid, signal)
end

--- Ends the whole group: SIGINT, then SIGTERM, then SIGKILL, with a pause between them, until nobody is left; also when its
--- first process has long gone.
---@param grace_ms integer
---@param on_signal? fun(signal: string)
function Process:stop(grace_ms, on_signal)
  if self.ending or not self:group_alive() then
    return
  end
  self.ending = true
  close(self.timer)
  local timer = assert(uv.new_timer())
  self.timer = timer
  local signals, sent = { 'sigint', 'sigterm', 'sigkill' }, 0
  local last = -math.huge
  local function step()
    if not self:group_alive() then
      return close(timer)
    end
    if uv.now() - last < grace_ms then
      return
    end
    last = uv.now()
    sent = sent + 1
    self:signal_group(signals[sent])
    if on_signal then
      on_signal(signals[sent])
    end
    if sent == #signals then
      -- Nobody survives that. What still answers is dead, and not yet buried by its new parent.
      close(timer)
    end
  end
  step()
  if not timer:is_closing() then
    timer:start(20, 20, step)
  end
end

--- At once, for the last moments of the editor.
function Process:kill()
  self:signal_group('sigkill')
end

--- A plain pipe, full of what is to be read from it: unlike libuv's own, it can be opened again as /dev/fd/3.
---@param bytes string
---@return integer? reading end, to be closed once the child has it
---@return uv.uv_pipe_t? writer
local function extra_input(bytes)
  local ends = uv.pipe({ nonblock = false }, { nonblock = true })
  if not ends then
    return nil
  end
  local writer = assert(uv.new_pipe())
  writer:open(ends.write)
  writer:write(bytes, function()
    close(writer)
  end)
  return ends.read, writer
end

--- Starts a child. What keeps it from starting is one sentence.
---@param options purser.SpawnOptions
---@return purser.Process? process
---@return string? problem
function M.spawn(options)
  local program = options.argv[1]
  if options.cwd and not uv.fs_stat(options.cwd) then
    return nil, ('the working directory %s does not exist'):format(options.cwd)
  end
  local stdin, stdout, stderr = uv.new_pipe(), uv.new_pipe(), uv.new_pipe()
  local self = setmetatable({
    options = options,
    pipes = { stdin, stdout, stderr },
    open_ends = 2,
    stderr = '',
    reported = false,
    ending = false,
  }, Process)
  local extra, writer
  if options.extra then
    extra, writer = extra_input(options.extra)
    self.pipes[#self.pipes + 1] = writer
  end
  local handle, pid = uv.spawn(program, {
    args = vim.list_slice(options.argv, 2),
    cwd = options.cwd,
    env = environment(options.env),
    stdio = { stdin, stdout, stderr, extra },
    detached = true,
    hide = true,
  }, function(code, signal)
    self:exited(code, signal)
  end)
  if extra then
    uv.fs_close(extra)
  end
  if not handle then
    for _, pipe in ipairs(self.pipes) do
      close(pipe)
    end
    local reason = tostring(pid)
    if reason:match('^ENOENT') then
      return nil, ('%s is not installed, or not on PATH'):format(program)
    elseif reason:match('^EACCES') then
      return nil, ('%s may not be executed'):format(program)
    elseif reason:match('^E2BIG') then
      return nil, ('the command line of %s is too long'):format(program)
    end
    return nil, ('%s could not be started: %s'):format(program, reason)
  end
  self.handle, self.pid = handle, pid --[[@as integer]]
  ---@cast stdout uv.uv_pipe_t
  ---@cast stderr uv.uv_pipe_t
  ---@cast stdin uv.uv_pipe_t
  stdout:read_start(function(_, bytes)
    if bytes then
      options.on_stdout(bytes)
    else
      self:end_of_output()
    end
  end)
  stderr:read_start(function(_, bytes)
    if bytes then
      self.stderr = (self.stderr .. bytes):sub(-STDERR_BYTES)
    else
      self:end_of_output()
    end
  end)
  -- A client that waits for the end of its input would wait for ever: it is always closed. One that ends before it has read
  -- everything is nobody's concern (EPIPE).
  if options.stdin and options.stdin ~= '' then
    stdin:write(options.stdin)
  end
  stdin:shutdown(function()
    close(stdin)
  end)
  return self
end

---@class (exact) purser.CollectOptions
---@field cwd? string
---@field env? table<string, string|false>
---@field stdin? string
---@field timeout_ms? integer default 10000

---@class (exact) purser.Collected
---@field ok boolean ended with 0
---@field code? integer
---@field stdout string
---@field stderr string
---@field problem? string one sentence, when not ok

--- Runs a command to its end and hands over what it printed, on the main loop.
---@param argv string[]
---@param options purser.CollectOptions
---@param cb fun(result: purser.Collected)
function M.collect(argv, options, cb)
  local parts = {} ---@type string[]
  local late = false
  local timer = assert(uv.new_timer())
  local function answer(result)
    close(timer)
    vim.schedule(function()
      cb(result)
    end)
  end
  local process, problem = M.spawn({
    argv = argv,
    cwd = options.cwd,
    env = options.env,
    stdin = options.stdin,
    on_stdout = function(bytes)
      parts[#parts + 1] = bytes
    end,
    on_exit = function(exit)
      local result = { ok = exit.code == 0 and exit.signal == 0, code = exit.code, stderr = exit.stderr }
      result.stdout = table.concat(parts)
      if late then
        result.ok = false
        result.problem = ('%s did not end in time'):format(argv[1])
      elseif not result.ok then
        local said = vim.trim(exit.stderr):match('[^\n]*$')
        local ended = exit.signal ~= 0 and ('by signal %d'):format(exit.signal) or ('with %d'):format(exit.code)
        result.problem = ('%s ended %s%s'):format(argv[1], ended, said ~= '' and ': ' .. said or '')
      end
      answer(result)
    end,
  })
  if not process then
    return answer({ ok = false, stdout = '', stderr = '', problem = problem })
  end
  timer:start(options.timeout_ms or 10000, 0, function()
    late = true
    process:stop(500)
  end)
end

return M
