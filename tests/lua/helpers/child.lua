-- A Neovim of its own for one test, with an attached screen. The test types keys and reads what a user would see,
-- floats and prompts included, even while the child blocks on a question.
--
--   local child = Child.start({ cols = 60 })
--   child:type(':AgentRun<CR>')
--   child:expect('Prompt')
--   child:stop()
--
-- Nothing here sleeps: what should appear is waited for. PATIENCE only ends a test that would hang.

local Grid = require('helpers.grid')
local tmp = require('helpers.tmp')
local uv, mpack = vim.uv, vim.mpack

local PATIENCE = 30000 -- ms
local POLL = 5

---@class helpers.ChildOpts
---@field rows? integer
---@field cols? integer
---@field env? table<string, string|false> false removes a variable
---@field args? string[]
---@field home? string a folder for HOME and the XDG folders; a new one unless given
---@field cwd? string the child's home unless given
---@field nvim? string the Neovim that runs the spec unless given
---@field plugin? boolean false: without purser on the runtimepath

---@class helpers.Child
---@field grid helpers.Grid the screen
---@field pid integer
---@field home string
---@field code? integer exit code, once it has ended
---@field signal? integer
---@field errors string what it wrote to stderr
---@field notes any[][] notifications that it sent: { name, arguments }
local Child = {}
Child.__index = Child

---@type table<helpers.Child, true>
local running = {}

vim.api.nvim_create_autocmd('VimLeavePre', {
  desc = 'Let no child outlive its spec',
  callback = function()
    for child in pairs(running) do
      child:kill('sigkill')
    end
  end,
})

local function in_vain(self, what)
  local state = self.code and ('it ended with %d'):format(self.code) or 'it still runs'
  local screen = table.concat(self.grid:text(), '\n')
  return ('child: waited in vain for %s; %s\n%s\n%s'):format(what, state, self.errors, screen)
end

local function environment(opts, home)
  local env = vim.tbl_extend('force', vim.fn.environ(), {
    HOME = home,
    XDG_CONFIG_HOME = home .. '/config',
    XDG_DATA_HOME = home .. '/data',
    XDG_STATE_HOME = home .. '/state',
    XDG_CACHE_HOME = home .. '/cache',
    NVIM_LOG_FILE = home .. '/nvim.log',
    LD_PRELOAD = vim.env.PURSER_PRELOAD, -- for a sanitized library
  }, opts.env or {})
  -- These describe the Neovim we are in, not the one that starts.
  for _, name in ipairs({ 'VIM', 'VIMRUNTIME', 'NVIM', 'MYVIMRC' }) do
    env[name] = opts.env and opts.env[name] or nil
  end
  local list = {}
  for name, value in pairs(env) do
    if value then
      list[#list + 1] = name .. '=' .. value
    end
  end
  return list
end

local function arguments(opts)
  local args = { '--embed', '--clean', '-n', '--cmd', 'unlet! $LD_PRELOAD' }
  if opts.plugin ~= false then
    vim.list_extend(args, { '--cmd', 'set runtimepath^=' .. vim.fn.fnameescape(assert(vim.env.PURSER_ROOT)) })
  end
  return vim.list_extend(args, opts.args or {})
end

---@param opts? helpers.ChildOpts
---@return helpers.Child
function Child.start(opts)
  opts = opts or {}
  local self = setmetatable({
    grid = Grid.new(opts.rows or 24, opts.cols or 80),
    home = opts.home or tmp.dir('home'),
    errors = '',
    notes = {},
    replies = {},
    asked = 0,
    pipes = { uv.new_pipe(), uv.new_pipe(), uv.new_pipe() },
  }, Child)

  local pid
  self.handle, pid = uv.spawn(opts.nvim or vim.v.progpath, {
    args = arguments(opts),
    env = environment(opts, self.home),
    cwd = opts.cwd or self.home,
    stdio = self.pipes,
  }, function(code, signal)
    self.code, self.signal = code, signal
    self.handle:close()
    running[self] = nil
  end)
  assert(self.handle, pid)
  self.pid = pid
  running[self] = true

  local receive = self:receiver()
  self.pipes[2]:read_start(function(_, data)
    if data then
      receive(data)
    else
      self.closed = true
    end
  end)
  self.pipes[3]:read_start(function(_, data)
    self.errors = self.errors .. (data or '')
  end)

  -- An embedded Neovim starts up only when a screen is there.
  self:request('nvim_ui_attach', self.grid.cols, self.grid.rows, {
    rgb = true,
    ext_linegrid = true,
    ext_hlstate = true,
  })
  self:wait_for(function()
    return self.grid.frames > 0
  end, 'the first frame')
  return self
end

--- Takes bytes as they come and sorts the msgpack-rpc messages in them.
---@private
function Child:receiver()
  local function handle(_, bytes)
    return mpack.decode(bytes)
  end
  -- Buffers, windows and tabpages come as extension types that hold their number.
  local unpack_message = mpack.Unpacker({ ext = { [0] = handle, [1] = handle, [2] = handle } })
  return function(data)
    local pos = 1
    while pos <= #data do
      local message
      message, pos = unpack_message(data, pos)
      if message == nil then
        return -- the rest is on its way; the unpacker keeps what it has
      end
      if message[1] == 1 then
        self.replies[message[2]] = { err = message[3], result = message[4] }
      elseif message[1] == 2 and message[2] == 'redraw' then
        self.grid:apply(message[3])
      elseif message[1] == 2 then
        self.notes[#self.notes + 1] = { message[2], message[3] }
      end
    end
  end
end

--- Waits until the function returns something true, and returns it. The function must not wait itself: a vim.wait()
--- inside of another holds that one up.
---@generic T
---@param ready fun(): T
---@param what string for the error
---@return T
function Child:wait_for(ready, what)
  local found
  vim.wait(PATIENCE, function()
    found = ready()
    return found or self.closed
  end, POLL)
  if not found then
    error(in_vain(self, what), 0)
  end
  return found
end

---@param method string
---@param ... any
---@return integer id
function Child:send(method, ...)
  self.asked = self.asked + 1
  self.pipes[1]:write(mpack.encode({ 0, self.asked, method, { ... } }))
  return self.asked
end

---@param method string an API function
---@param ... any
---@return any
function Child:request(method, ...)
  local id = self:send(method, ...)
  local reply = self:wait_for(function()
    return self.replies[id]
  end, 'an answer to ' .. method)
  self.replies[id] = nil
  if reply.err ~= vim.NIL and reply.err ~= mpack.NIL then
    error('child: ' .. tostring(reply.err[2]), 2)
  end
  if reply.result == vim.NIL or reply.result == mpack.NIL then
    return nil
  end
  return reply.result
end

--- Runs Lua in the child; `...` arrives there as `...`.
---@param code string
---@param ... any
---@return any
function Child:lua(code, ...)
  return self:request('nvim_exec_lua', code, { ... })
end

---@param command string
function Child:cmd(command)
  return self:request('nvim_command', command)
end

--- Types keys, in the notation of mappings. Works while the child asks something. Returns before they have had an
--- effect: expect() what they should bring about.
---@param keys string
function Child:type(keys)
  local typed = self:request('nvim_input', keys)
  assert(typed == #keys, 'child: its input buffer is full')
end

--- Waits until Lua in the child returns something true, and returns it.
---@param code string
---@param ... any
---@return any
function Child:await(code, ...)
  local deadline = uv.now() + PATIENCE
  while true do
    local found = self:lua(code, ...)
    if found then
      return found
    end
    if uv.now() > deadline then
      error(in_vain(self, code), 0)
    end
    vim.wait(POLL)
  end
end

--- Has everything drawn that is to be drawn. Not while the child asks something: it could not answer.
function Child:redraw()
  self:cmd('redraw')
end

--- The screen as one string a row, without trailing blanks.
---@return string[]
function Child:screen()
  self:wait_for(function()
    return self.grid.whole
  end, 'a whole frame')
  return self.grid:text()
end

--- Waits until the screen shows the text, and returns the row that it stands in.
---@param text string taken as it is, not as a pattern
---@param row? integer expected in this row (from 1)
---@return integer row
function Child:expect(text, row)
  return self:wait_for(function()
    return self.grid.whole and self.grid:find(text, row)
  end, ('%q on the screen'):format(text))
end

--- Waits until the screen does not show the text.
---@param text string
function Child:expect_gone(text)
  self:wait_for(function()
    return self.grid.whole and not self.grid:find(text)
  end, ('%q to leave the screen'):format(text))
end

--- How a cell is drawn: foreground, background, bold, … as in the UI protocol; and `groups`, the highlight groups that
--- take part, the uppermost last. Rows and columns count from 1.
---@param row integer
---@param col integer
---@return table
function Child:attr(row, col)
  return self.grid:attr(row, col)
end

--- Another size of the terminal.
---@param rows integer
---@param cols integer
function Child:resize(rows, cols)
  self:request('nvim_ui_try_resize', cols, rows)
  self:wait_for(function()
    return self.grid.whole and self.grid.rows == rows and self.grid.cols == cols
  end, 'the new size')
end

--- Ends it by a signal, as a crash would.
---@param signal string
function Child:kill(signal)
  if not self.code then
    self.handle:kill(signal)
  end
end

--- Waits for its end.
---@return integer code
function Child:wait_exit()
  vim.wait(PATIENCE, function()
    return self.code ~= nil
  end, POLL)
  return assert(self.code, 'child: it does not end')
end

--- Quits it, as :qall! does, and returns its exit code.
---@return integer code
function Child:stop()
  if not self.code then
    self:send('nvim_command', 'qall!')
    vim.wait(PATIENCE / 6, function()
      return self.code ~= nil
    end, POLL)
    self:kill('sigkill')
    self:wait_exit()
  end
  for _, pipe in ipairs(self.pipes) do
    if not pipe:is_closing() then
      pipe:close()
    end
  end
  return self.code
end

return Child
