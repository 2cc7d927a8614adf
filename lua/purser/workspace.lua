--- Which project a folder belongs to: the git root, shared by the worktrees of one repository; else the folder itself.
--- git is asked in the background, and its answer kept.

local M = {}

---@class (exact) purser.Workspace
---@field root string absolute, symbolic links resolved
---@field branch? string

local roots = {} ---@type table<string, string>
local asking = {} ---@type table<string, fun(root: string)[]>

--- git must not take a look at a lock, a pager or a prompt.
local GIT_ENV = { GIT_OPTIONAL_LOCKS = '0', GIT_TERMINAL_PROMPT = '0', GIT_DIR = false, GIT_WORK_TREE = false }

---@param folder string
---@return string
local function real(folder)
  return vim.uv.fs_realpath(folder) or vim.fs.normalize(folder)
end

---@param folder string
---@param answer string what git said: top level and common directory, a line each
---@return string
function M.root_of(folder, answer)
  local top, common = answer:match('^([^\n]+)\n([^\n]+)')
  if not top then
    return folder
  end
  if common:sub(1, 1) ~= '/' then
    common = vim.fs.joinpath(folder, common)
  end
  common = real(common)
  -- The main worktree holds ".git". A submodule's lies in the superproject's, and is a project of its own; a bare repository
  -- has no main worktree.
  local main = common:match('^(.*)/%.git$')
  return main and main ~= '' and main or real(top)
end

--- Calls back with the workspace's root; at once when it is known.
---@param folder string
---@param cb fun(root: string)
function M.root(folder, cb)
  folder = real(folder)
  if roots[folder] then
    return cb(roots[folder])
  elseif asking[folder] then
    return table.insert(asking[folder], cb)
  end
  asking[folder] = { cb }
  local function known(root, keep)
    roots[folder] = keep and root or nil
    local waiting = asking[folder]
    asking[folder] = nil
    for _, one in ipairs(waiting) do
      one(root)
    end
  end
  local argv = { 'git', '-C', folder, 'rev-parse', '--show-toplevel', '--git-common-dir' }
  require('purser.process').collect(argv, { env = GIT_ENV, timeout_ms = 10000 }, function(result)
    -- "Not a repository" may change with a `git init`: ask again next time.
    known(result.ok and M.root_of(folder, result.stdout) or folder, result.ok)
  end)
end

--- The workspace and its branch as it is now.
---@param folder string
---@param cb fun(workspace: purser.Workspace)
function M.get(folder, cb)
  M.root(folder, function(root)
    local argv = { 'git', '-C', folder, 'symbolic-ref', '--quiet', '--short', 'HEAD' }
    require('purser.process').collect(argv, { env = GIT_ENV, timeout_ms = 10000 }, function(result)
      cb({ root = root, branch = result.ok and vim.trim(result.stdout) or nil })
    end)
  end)
end

--- The root if it is known already; never asks.
---@param folder string
---@return string?
function M.cached(folder)
  return roots[real(folder)]
end

return M
