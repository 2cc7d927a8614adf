--- What the user has saved of an agent from the editor: model, effort, system prompt. It wins over setup(), and can be taken back.
--- (An agent's budget is not here: budgets are the ledger's.)
---
--- One file for all Neovims, whatever their configuration is called: purser/agents.json beside the ledger's usual place. It is
--- read again when it has changed, and replaced as a whole, so that nobody ever reads half of it.

local M = {}

--- What can be saved. "" is a value of its own: the client's own choice, whatever setup() says.
M.FIELDS = { 'model', 'effort', 'system' }

---@class (exact) purser.SavedFile
---@field agents table<string, table<string, string>>
---@field problem? string why it can't be used; then nothing is written over it
---@field stamp string

local known ---@type purser.SavedFile?

---@return string
function M.path()
  local base = vim.env.XDG_DATA_HOME
  if not base or base == '' then
    base = vim.fs.joinpath(vim.uv.os_homedir() or '', '.local', 'share')
  end
  return vim.fs.joinpath(base, 'purser', 'agents.json')
end

---@param path string
---@return string "" when there is none
local function stamp(path)
  local stat = vim.uv.fs_stat(path)
  return stat and ('%d %d %d.%d'):format(stat.ino, stat.size, stat.mtime.sec, stat.mtime.nsec) or ''
end

---@param path string
---@return string?
local function slurp(path)
  local file = io.open(path, 'rb')
  local text = file and file:read('*a')
  if file then
    file:close()
  end
  return text
end

---@param field string
---@param value any
---@return string? problem
function M.check(field, value)
  if value == '' then
    return nil
  end
  local found = select(
    2,
    require('purser.config.validate').validate({ agents = { x = { [field] = value } } }, {
      require('purser.config.schema').fields[1],
    })
  )
  return found[1] and (found[1].message:gsub('^agents%.x%.[%w_]+: ', '')) or nil
end

---@param text string
---@return table<string, table<string, string>>? agents
local function decode(text)
  local ok, all = pcall(vim.json.decode, text, { luanil = { object = true, array = true } })
  if not ok or type(all) ~= 'table' or type(all.agents) ~= 'table' then
    return nil
  end
  local agents = {}
  for name, fields in pairs(all.agents) do
    if type(name) ~= 'string' or type(fields) ~= 'table' then
      return nil
    end
    agents[name] = fields
  end
  return agents
end

---@return purser.SavedFile
local function read()
  local path = M.path()
  local now = stamp(path)
  if known and known.stamp == now then
    return known
  end
  known = { agents = {}, stamp = now }
  local text = now ~= '' and slurp(path) or nil
  if now ~= '' then
    local agents = text and decode(text)
    known.agents = agents or {}
    known.problem = not agents and ("%s can't be read: mend it or move it away"):format(path) or nil
  end
  return known
end

--- Why nothing that was saved can be used, one sentence.
---@return string?
function M.problem()
  return read().problem
end

--- What was saved of an agent, as far as it is valid.
---@param name string
---@return table<string, string>
function M.get(name)
  local out = {}
  local fields = read().agents[name] or {}
  for _, field in ipairs(M.FIELDS) do
    if fields[field] ~= nil and not M.check(field, fields[field]) then
      out[field] = fields[field]
    end
  end
  return out
end

---@param path string
---@param text string
---@return string? problem
local function replace(path, text)
  local made, why = pcall(vim.fn.mkdir, vim.fs.dirname(path), 'p', tonumber('700', 8))
  if not made then
    return (tostring(why):gsub('^Vim:', ''))
  end
  local fresh = ('%s.%d.new'):format(path, vim.uv.os_getpid())
  local fd, problem = vim.uv.fs_open(fresh, 'w', tonumber('600', 8))
  if not fd then
    return problem
  end
  local ok
  ok, problem = vim.uv.fs_write(fd, text)
  if ok then
    ok, problem = vim.uv.fs_fsync(fd)
  end
  vim.uv.fs_close(fd)
  if ok then
    ok, problem = vim.uv.fs_rename(fresh, path)
  end
  if not ok then
    vim.uv.fs_unlink(fresh)
    return problem
  end
end

--- Saves one field, or takes it back with nil. What others have saved meanwhile stays.
---@param name string
---@param field string
---@param value? string
---@return string? problem
function M.set(name, field, value)
  local problem = value and M.check(field, value)
  if problem then
    return problem
  end
  known = nil
  local file = read()
  if file.problem then
    return file.problem
  end
  local agents = vim.deepcopy(file.agents)
  agents[name] = agents[name] or {}
  agents[name][field] = value
  if next(agents[name]) == nil then
    agents[name] = nil
  end
  local text = vim.json.encode({ version = 1, agents = next(agents) and agents or vim.empty_dict() })
  problem = replace(M.path(), text .. '\n')
  known = nil
  return problem and ("%s can't be written: %s"):format(M.path(), problem) or nil
end

return M
