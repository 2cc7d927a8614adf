--- Verbs that the program `purser` has and the editor has no window for: the program itself is asked, so that they mean the
--- same in both places.

local M = {}

--- The program beside the library, else the one on PATH.
---@return string?
function M.path()
  local library = require('purser.core').state().library
  local folders = {}
  if library then
    folders[#folders + 1] = vim.fs.dirname(library.path)
    local real = vim.uv.fs_realpath(library.path)
    if real then
      folders[#folders + 1] = vim.fs.joinpath(vim.fs.dirname(vim.fs.dirname(real)), 'bin')
    end
  end
  folders[#folders + 1] = vim.fs.joinpath(require('purser.core.library').root(), 'build')
  for _, folder in ipairs(folders) do
    local path = vim.fs.joinpath(folder, 'purser')
    if vim.fn.executable(path) == 1 then
      return path
    end
  end
  return vim.fn.executable('purser') == 1 and 'purser' or nil
end

---@param words string[]
function M.run(words)
  local say = require('purser.commands.say')
  local path = M.path()
  if not path then
    return say.fail(
      ('the program purser is missing. Build it with: %s'):format(require('purser.core.library').build_command())
    )
  end
  local argv = vim.list_extend({ path }, words)
  local done = false
  local db = require('purser.config').core_options().db
  local options = { env = { PURSER_DB = db }, timeout_ms = 600000, cwd = vim.fn.getcwd() }
  require('purser.process').collect(argv, options, function(result)
    done = true
    local text = vim.trim(result.stdout)
    if text ~= '' then
      say.page(words[1], text)
    end
    if not result.ok and not (result.code == 2 and text ~= '') then
      say.fail((vim.trim(result.stderr):gsub('^purser:?%s*', '')))
    end
  end)
  while say.headless() and not done do
    vim.wait(1000, function()
      return done
    end, 5)
  end
end

return M
