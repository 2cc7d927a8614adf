-- Files and folders for one spec. They lie in the scratch folder of the run, which goes away with it.

local uv = vim.uv
local M = {}

local base = vim.env.PURSER_SCRATCH or vim.fn.tempname()
local made = 0

--- A new, empty folder.
---@param hint? string a word in its name, for whoever reads a failing test's output
---@return string path
function M.dir(hint)
  made = made + 1
  local path = ('%s/%d-%s'):format(base, made, hint or 'dir')
  vim.fn.mkdir(path, 'p')
  return assert(uv.fs_realpath(path))
end

--- Writes a file, with the folders above it.
---@param path string
---@param text string
---@param mode? integer such as tonumber('755', 8)
---@return string path
function M.write(path, text, mode)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  local file = assert(io.open(path, 'wb'))
  assert(file:write(text))
  file:close()
  if mode then
    assert(uv.fs_chmod(path, mode))
  end
  return path
end

--- An executable shell script in a new folder, which can stand in for a client.
---@param name string
---@param body string
---@return string path
function M.script(name, body)
  return M.write(M.dir('bin') .. '/' .. name, '#!/bin/sh\n' .. body .. '\n', tonumber('755', 8))
end

---@param path string
---@return string? text nil when there is no such file
function M.read(path)
  local file = io.open(path, 'rb')
  if not file then
    return nil
  end
  local text = file:read('*a')
  file:close()
  return text
end

--- Waits for what another process writes: a file can be there, and empty still.
---@param path string
---@param lines? integer how many of them it takes; 1 by default
---@return string text
function M.await(path, lines)
  local text
  local whole = vim.wait(30000, function()
    text = M.read(path) or ''
    return select(2, text:gsub('\n', '')) >= (lines or 1)
  end, 2)
  assert(whole, ('waited in vain for %d lines in %s: %s'):format(lines or 1, path, text))
  return text
end

return M
