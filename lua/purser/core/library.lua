--- Finds and loads the native library: by explicit path only, checked before it is used.
---
--- A library of another age must never be called with this plugin's declarations, so the version of its interface is compared
--- first, through the one function whose declaration can't change. Whatever goes wrong ends in one message that names the paths and the
--- command that mends it; the editor goes on without the core.

local ffi = require('ffi')

local M = {}

---@class (exact) purser.Library
---@field lib ffi.namespace* the functions of purser.h; anchored here, because a collected handle unloads the code
---@field path string
---@field version string

--- The folder that holds lua/, csrc/ and build/.
---@return string
function M.root()
  local source = debug.getinfo(1, 'S').source:sub(2)
  return vim.fs.normalize(vim.fn.fnamemodify(source, ':p:h:h:h:h'))
end

---@return string[]
function M.candidates()
  local named = vim.env.PURSER_LIB
  if named and named ~= '' then
    return { named }
  end
  local root = M.root()
  local name = 'libpurser' .. (vim.uv.os_uname().sysname == 'Darwin' and '.dylib' or '.so')
  return { vim.fs.joinpath(root, 'build', name), vim.fs.joinpath(root, 'lib', name) }
end

--- The command that builds the library, to be pasted into a shell.
---@return string
function M.build_command()
  return 'make -C ' .. vim.fn.shellescape(M.root()):gsub("^'([%w%./_+-]+)'$", '%1') .. ' build'
end

---@param path string
---@return string?
local function read(path)
  local file = io.open(path, 'rb')
  if not file then
    return nil
  end
  local text = file:read('*a')
  file:close()
  return text
end

--- Declares what purser.h declares, once per process: types can't be declared anew.
---@param header string
---@return boolean ok
---@return string? problem
local function declare(header)
  if pcall(ffi.typeof, 'purser_event') then
    return true
  end
  local ok, problem = pcall(ffi.cdef, header)
  return ok, not ok and tostring(problem) or nil
end

--- Every function that the header declares, so that a library built from an earlier state of the same version is noticed here and
--- not in the middle of a run.
---@param lib ffi.namespace*
---@param header string
---@return string? missing
local function missing_function(lib, header)
  local code = header:gsub('/%*.-%*/', '')
  for name in code:gmatch('(purser_[%w_]+)%s*%(') do
    local ok = pcall(function()
      return lib[name]
    end)
    if not ok then
      return name
    end
  end
end

---@param paths string[]
---@return string
local function not_found(paths)
  local lines = { 'the native library is missing. Looked for:' }
  for _, path in ipairs(paths) do
    lines[#lines + 1] = '  ' .. path
  end
  if vim.env.PURSER_LIB and vim.env.PURSER_LIB ~= '' then
    lines[#lines + 1] = "($PURSER_LIB names it: unset it to use the plugin's own.)"
  end
  lines[#lines + 1] = 'Build it with: ' .. M.build_command()
  return table.concat(lines, '\n')
end

---@param path string
---@param reason string
---@return string
local function unusable(path, reason)
  return ('the native library does not fit this plugin: %s %s\nBuild it anew with: %s\nThen restart Neovim.'):format(
    path,
    reason,
    M.build_command()
  )
end

--- purser.h: beside the plugin's own files, in the checkout and when installed.
---@return string
function M.header_path()
  return vim.fs.joinpath(M.root(), 'csrc', 'include', 'purser.h')
end

---@return purser.Library? library
---@return string? problem one message for people
function M.load()
  local header = read(M.header_path())
  if not header then
    return nil, ('the plugin is incomplete: %s is missing. Install it anew.'):format(M.header_path())
  end
  local wanted = tonumber(header:match('PURSER_ABI_VERSION%s*=%s*(%d+)'))
  local paths = M.candidates()
  for _, path in ipairs(paths) do
    if vim.uv.fs_stat(path) then
      local loaded, lib = pcall(ffi.load, path)
      if not loaded then
        return nil, unusable(path, "can't be loaded: " .. tostring(lib))
      end
      pcall(ffi.cdef, 'int32_t purser_abi_version(void);')
      local asked, abi = pcall(function()
        return tonumber(lib.purser_abi_version())
      end)
      if not asked then
        return nil, unusable(path, "is not purser's.")
      elseif abi ~= wanted then
        return nil, unusable(path, ('speaks version %s of the interface, the plugin version %s.'):format(abi, wanted))
      end
      local ok, problem = declare(header)
      if not ok then
        return nil, ("the declarations in %s can't be read: %s"):format(M.header_path(), problem)
      elseif ffi.C.PURSER_ABI_VERSION ~= wanted then
        return nil, 'the plugin was updated while it was running. Restart Neovim.'
      end
      local missing = missing_function(lib, header)
      if missing then
        return nil, unusable(path, ('lacks %s.'):format(missing))
      end
      return { lib = lib, path = path, version = ffi.string(lib.purser_version()) }
    end
  end
  return nil, not_found(paths)
end

return M
