--- The log file: what went wrong and what was started. Never a prompt, an answer, a key or an environment.

local M = {}

local LEVELS = { debug = 1, info = 2, warn = 3, error = 4, off = 5 }
local KEEP_BYTES = 1024 * 1024

local queue = {} ---@type string[]
local writing = false

---@return string
function M.path()
  return vim.fs.joinpath(vim.fn.stdpath('log') --[[@as string]], 'purser.log')
end

--- Appends what has gathered, on libuv's threads. A log that can't be written is not worth a message of its own.
local function flush()
  if writing or #queue == 0 then
    return
  end
  writing = true
  local text = table.concat(queue)
  queue = {}
  local path = M.path()
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  local stat = vim.uv.fs_stat(path)
  if stat and stat.size > KEEP_BYTES then
    vim.uv.fs_rename(path, path .. '.old')
  end
  vim.uv.fs_open(path, 'a', 384, function(_, fd) -- 0600
    if not fd then
      writing = false
      return
    end
    vim.uv.fs_write(fd, text, -1, function()
      vim.uv.fs_close(fd, function()
        writing = false
        if #queue > 0 then
          vim.schedule(flush)
        end
      end)
    end)
  end)
end

---@param level "debug"|"info"|"warn"|"error"
---@param format string
---@param ... any
local function write(level, format, ...)
  local config = package.loaded['purser.config']
  local least = LEVELS[config and config.get().log_level or 'info']
  if LEVELS[level] < least then
    return
  end
  queue[#queue + 1] = ('%s %-5s %s\n'):format(os.date('%Y-%m-%d %H:%M:%S'), level, format:format(...))
  vim.schedule(flush)
end

---@param format string
---@param ... any
function M.debug(format, ...)
  write('debug', format, ...)
end

---@param format string
---@param ... any
function M.info(format, ...)
  write('info', format, ...)
end

---@param format string
---@param ... any
function M.warn(format, ...)
  write('warn', format, ...)
end

---@param format string
---@param ... any
function M.error(format, ...)
  write('error', format, ...)
end

return M
