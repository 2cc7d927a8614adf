--- The option list of doc/purser.txt, written from the schema.

local M = {}

local WIDTH = 78

---@param text string
---@param indent string
---@return string[]
local function wrapped(text, indent)
  local lines, line = {}, indent
  for word in text:gmatch('%S+') do
    if line ~= indent and #line + 1 + #word > WIDTH then
      lines[#lines + 1] = line
      line = indent
    end
    line = line == indent and line .. word or line .. ' ' .. word
  end
  lines[#lines + 1] = line
  return lines
end

---@param field purser.Field
---@return string
local function type_text(field)
  local kind = field.type
  if kind == 'enum' then
    local quoted = vim.tbl_map(function(choice)
      return ('"%s"'):format(choice)
    end, field.choices)
    local text = table.concat(quoted, '|')
    return #text <= 50 and text or 'string' -- a long list is told elsewhere
  elseif kind == 'list' then
    return 'list of ' .. (field.of.type == 'table' and 'tables' or type_text(field.of) .. 's')
  elseif kind == 'map' then
    return ('table by %s'):format(field.key)
  elseif kind == 'cents' then
    return 'integer, cents'
  elseif kind == 'argv' then
    return 'string or list of strings'
  elseif kind == 'rate' then
    return 'number or string'
  elseif kind == 'table' and field.alternative == 'boolean' then
    return 'table or false'
  elseif kind == 'path' or kind == 'zone' or kind == 'scope' then
    return 'string'
  end
  return kind
end

---@param value any
---@return string?
local function default_text(value)
  if type(value) == 'string' then
    return ('"%s"'):format(value)
  elseif type(value) == 'table' then
    return next(value) == nil and '{}' or vim.inspect(value, { newline = ' ', indent = '' })
  elseif value ~= nil then
    return tostring(value)
  end
end

---@param fields purser.Field[]
---@param path string
---@param out string[]
local function write(fields, path, out)
  for _, field in ipairs(fields) do
    local name = path == '' and field.name or path .. '.' .. field.name
    local tag = ('*purser-option-%s*'):format(name)
    local head = ('%s  (%s)'):format(name, type_text(field))
    local gap = WIDTH - vim.fn.strdisplaywidth(head) - #tag
    if gap >= 2 then
      out[#out + 1] = head .. (' '):rep(gap) .. tag
    else
      out[#out + 1] = (' '):rep(WIDTH - #tag) .. tag
      vim.list_extend(out, wrapped(head, ''))
    end
    vim.list_extend(out, wrapped(field.doc or '', '    '))
    local default = field.type ~= 'table' and default_text(field.default)
    if default then
      out[#out + 1] = '    Default: ' .. default
    end
    out[#out + 1] = ''
    if field.type == 'table' then
      write(field.fields, name, out)
    elseif (field.type == 'map' or field.type == 'list') and field.of.type == 'table' then
      write(field.of.fields, field.type == 'map' and ('%s.%s'):format(name, field.key) or name, out)
    end
  end
end

--- The lines between the marks in doc/purser.txt.
---@return string[]
function M.options()
  local out = {}
  write(require('purser.config.schema').fields, '', out)
  return out
end

--- The help text with its option list renewed.
---@param text string
---@return string? renewed
---@return string? problem
function M.renew(text)
  local lines = vim.split(text, '\n', { plain = true })
  local from, to
  for i, line in ipairs(lines) do
    if line:match('%*purser%-options%-list%*') then
      from = i
    elseif from and not to and i > from and line:match('^=====+$') then
      to = i
    end
  end
  if not from or not to then
    return nil, 'doc/purser.txt has no *purser-options-list* with a section after it'
  end
  local out = vim.list_slice(lines, 1, from)
  out[#out + 1] = ''
  vim.list_extend(out, M.options())
  vim.list_extend(out, lines, to)
  return table.concat(out, '\n')
end

return M
