--- A tool call in a line, and what belongs below it. Pure: what a tool was given comes as JSON, or as it is.

local width = require('purser.ui.width')

local M = {}

--- What a tool is mostly about, by the names that clients give it.
local MAIN = {
  'command',
  'cmd',
  'file_path',
  'filePath',
  'absolute_path',
  'path',
  'notebook_path',
  'pattern',
  'query',
  'url',
  'description',
  'prompt',
  'skill',
}

---@param input string
---@return table?
local function decode(input)
  local ok, value = pcall(vim.json.decode, input, { luanil = { object = true, array = true } })
  return ok and type(value) == 'table' and value or nil
end

---@param value any
---@return string
local function as_text(value)
  if type(value) == 'string' then
    return value
  elseif type(value) == 'table' then
    -- An argv is a command line.
    if vim.islist(value) and #value > 0 and type(value[1]) == 'string' then
      return table.concat(
        vim.tbl_map(function(part)
          return type(part) == 'string' and part or vim.json.encode(part)
        end, value),
        ' '
      )
    end
    return vim.json.encode(value)
  end
  return tostring(value)
end

--- The argument that says most.
---@param input string
---@param cwd? string paths below it are shown from there
---@return string argument "" none
---@return string? key
function M.argument(input, cwd)
  local fields = decode(input)
  if not fields then
    return width.clean(input), nil
  end
  local key
  for _, name in ipairs(MAIN) do
    if fields[name] ~= nil and fields[name] ~= '' then
      key = name
      break
    end
  end
  if not key then
    local names = vim.tbl_keys(fields)
    table.sort(names, function(a, b)
      return tostring(a) < tostring(b)
    end)
    for _, name in ipairs(names) do
      if type(fields[name]) == 'string' then
        key = name
        break
      end
    end
  end
  if not key then
    return next(fields) and width.clean(vim.json.encode(fields)) or '', nil
  end
  local text = as_text(fields[key])
  if cwd and cwd ~= '/' and vim.startswith(text, cwd .. '/') then
    text = text:sub(#cwd + 2)
  end
  return width.clean(text), key
end

--- What it was given besides: a line for each field, several for a text of several lines.
---@param input string
---@return string[]
function M.details(input)
  local fields = decode(input)
  if not fields then
    return input:find('\n') and vim.split(vim.trim(input), '\n', { plain = true }) or {}
  end
  local _, main = M.argument(input)
  local names = vim.tbl_keys(fields)
  table.sort(names, function(a, b)
    return tostring(a) < tostring(b)
  end)
  local out = {}
  for _, name in ipairs(names) do
    local text = as_text(fields[name])
    if text:find('\n') then
      out[#out + 1] = name .. ':'
      for _, line in ipairs(vim.split(text:gsub('\n+$', ''), '\n', { plain = true })) do
        out[#out + 1] = '  ' .. line
      end
    elseif name ~= main then
      out[#out + 1] = ('%s: %s'):format(name, text)
    end
  end
  return out
end

return M
