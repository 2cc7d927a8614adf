--- A window's keys as data: the mappings, the hints in its footer and its help are all made from one table.

local Text = require('purser.ui.text')
local width = require('purser.ui.width')

local M = {}

---@class (exact) purser.ui.Key
---@field lhs string|string[]
---@field desc string a sentence for the help
---@field run? fun() none: the key is Neovim's own, listed for the help only
---@field hint? string a word for the footer
---@field rank? integer the lower, the longer its hint stays when room is short; default 5
---@field show? string how the key is written, default the first lhs
---@field group? string heading in the help
---@field modes? string|string[] default "n"
---@field last? boolean a view's own key that comes after those that all views have
---@field quiet? boolean not in the help: another key's line speaks for it

---@param key purser.ui.Key
---@return string
function M.label(key)
  if key.show then
    return key.show
  end
  local lhs = key.lhs
  return type(lhs) == 'table' and lhs[1] or lhs --[[@as string]]
end

--- Maps the keys in a buffer.
---@param buf integer
---@param keys purser.ui.Key[]
function M.map(buf, keys)
  for _, key in ipairs(keys) do
    if key.run then
      local list = type(key.lhs) == 'table' and key.lhs or { key.lhs }
      for _, lhs in
        ipairs(list --[[@as string[] ]])
      do
        vim.keymap.set(key.modes or 'n', lhs, key.run, { buffer = buf, nowait = true, silent = true, desc = key.desc })
      end
    end
  end
end

---@param keys purser.ui.Key[]
---@return { key: purser.ui.Key, cells: integer, at: integer }[]
local function hints(keys)
  local out = {}
  for i, key in ipairs(keys) do
    if key.hint then
      out[#out + 1] = { key = key, cells = width.of(M.label(key)) + 1 + width.of(key.hint), at = i }
    end
  end
  return out
end

--- The hints that fit, in the order of the table; those with a high rank go first when room is short.
---@param keys purser.ui.Key[]
---@param room integer
---@return purser.ui.Chunk[]
function M.footer(keys, room)
  local all = hints(keys)
  table.sort(all, function(a, b)
    local x, y = a.key.rank or 5, b.key.rank or 5
    return x == y and a.at < b.at or x < y
  end)
  local kept, used = {}, 2
  for _, one in ipairs(all) do
    local cells = one.cells + (#kept > 0 and 2 or 0)
    if used + cells <= room then
      kept[#kept + 1] = one
      used = used + cells
    end
  end
  table.sort(kept, function(a, b)
    return a.at < b.at
  end)
  local out = {}
  for i, one in ipairs(kept) do
    out[#out + 1] = { i == 1 and ' ' or '  ', 'PurserFooterDesc' }
    out[#out + 1] = { M.label(one.key), 'PurserFooterKey' }
    out[#out + 1] = { ' ' .. one.key.hint, 'PurserFooterDesc' }
  end
  if #out > 0 then
    out[#out + 1] = { ' ', 'PurserFooterDesc' }
  end
  return out
end

local FIRST = 'Moving'

---@class (exact) purser.ui.HelpGroup
---@field name string
---@field keys { label: string, desc: string }[]

---@param keys purser.ui.Key[]
---@return purser.ui.HelpGroup[]
---@return integer most cells of the widest label
local function grouped(keys)
  local groups, out, most = {}, {}, 0
  for _, key in ipairs(keys) do
    if not key.quiet then
      local name = key.group or ''
      if not groups[name] then
        groups[name] = { name = name, keys = {} }
        out[#out + 1] = groups[name]
      end
      local list = type(key.lhs) == 'table' and key.lhs or { key.lhs }
      local label = key.show or table.concat(list --[[@as string[] ]], ' ')
      most = math.max(most, width.of(label))
      table.insert(groups[name].keys, { label = label, desc = key.desc })
    end
  end
  -- How to get about comes first, whatever a view has of its own.
  for i, group in ipairs(out) do
    if group.name == FIRST then
      table.insert(out, 1, table.remove(out, i))
    end
  end
  return out, most
end

---@param groups purser.ui.HelpGroup[]
---@param most integer
---@param room integer
---@return purser.ui.Text
local function written(groups, most, room)
  local out = Text.new()
  for i, group in ipairs(groups) do
    if i > 1 then
      out:nl()
    end
    if group.name ~= '' then
      out:add(' '):add(group.name, 'PurserHeading'):nl()
    end
    for _, key in ipairs(group.keys) do
      for j, line in ipairs(width.wrap(key.desc, math.max(16, room - most - 5))) do
        out:add('  '):add(j == 1 and key.label or '', 'PurserKey'):to(most + 5):add(line):nl()
      end
    end
  end
  return out
end

--- The help: every key with its sentence, under its heading.
---@param keys purser.ui.Key[]
---@param room? integer
---@return purser.ui.Text
function M.help(keys, room)
  local groups, most = grouped(keys)
  return written(groups, most, room or 200)
end

--- The same in two halves of about the same height.
---@param keys purser.ui.Key[]
---@param room integer of each
---@param more integer rows that come below the second
---@return purser.ui.Text left
---@return purser.ui.Text right
function M.help_halves(keys, room, more)
  local groups, most = grouped(keys)
  local all, half, at = more, 0, #groups
  for _, group in ipairs(groups) do
    all = all + #group.keys + 2
  end
  for i, group in ipairs(groups) do
    half = half + #group.keys + 2
    if half >= all / 2 then
      at = i
      break
    end
  end
  return written(vim.list_slice(groups, 1, at), most, room), written(vim.list_slice(groups, at + 1), most, room)
end

return M
