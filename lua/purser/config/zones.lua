--- The time zones of this system: whether there is one of that name, and which was meant.

local M = {}

local FOLDERS = { '/usr/share/zoneinfo', '/usr/lib/zoneinfo', '/usr/share/lib/zoneinfo' }

---@return string? folder nil: nothing to look a zone up in
local function folder()
  local own = vim.env.TZDIR
  if own and own ~= '' and vim.uv.fs_stat(own) then
    return own
  end
  for _, path in ipairs(FOLDERS) do
    if vim.uv.fs_stat(path) then
      return path
    end
  end
end

local names ---@type string[]?

--- Their names, for completion; empty where the system has no list.
---@return string[]
function M.names()
  if names then
    return names
  end
  names = { 'UTC' }
  local file = io.open((folder() or '') .. '/zone1970.tab') or io.open((folder() or '') .. '/zone.tab')
  if file then
    for line in file:lines() do
      names[#names + 1] = line:match('^[^#\t]+\t[^\t]+\t([^\t]+)')
    end
    file:close()
  end
  table.sort(names)
  return names
end

---@param zone string
---@return boolean
local function exists(zone)
  if zone:find('..', 1, true) or zone:sub(1, 1) == '/' then
    return false
  end
  local where = folder()
  if not where then
    return true -- the core has the last word
  end
  local stat = vim.uv.fs_stat(where .. '/' .. zone)
  return stat ~= nil and stat.type == 'file'
end

--- Why it is no zone of this system; nil when it is one. "" is the system's own.
---@param zone string
---@return string? problem
function M.problem(zone)
  if zone == '' or exists(zone) then
    return nil
  end
  local meant = require('purser.config.validate').suggest(zone, M.names())
  return ('no time zone "%s": %s'):format(
    zone,
    meant and ('did you mean "%s"?'):format(meant) or 'they are called as "Europe/Paris" is'
  )
end

return M
