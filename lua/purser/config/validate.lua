--- Checks what the user gave against the schema. A pure function: nothing is printed, nothing is thrown; each problem
--- names the field's path and says what was expected and what was found.

local policy = require('purser.config.policy')
local zones = require('purser.config.zones')

local M = {}

---@class (exact) purser.Problem
---@field path string "agents.reviewer.monthly_budget"
---@field message string the whole sentence

--- The distance between two words, up to a limit above which nobody cares.
---@param a string
---@param b string
---@return integer
local function distance(a, b)
  local row = {}
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local above = row[j]
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(above + 1, row[j - 1] + 1, diagonal + cost)
      diagonal = above
    end
  end
  return row[#b]
end

--- The word that was probably meant, if any is near.
---@param word string
---@param words string[]
---@return string?
function M.suggest(word, words)
  local best, best_distance
  for _, candidate in ipairs(words) do
    local far = distance(word:lower(), candidate:lower())
    if not best_distance or far < best_distance then
      best, best_distance = candidate, far
    end
  end
  if best and best_distance <= math.max(1, math.floor(#word / 3)) then
    return best
  end
end

---@param value any
---@return string
local function shown(value)
  if type(value) == 'string' then
    return ('%q'):format(value)
  elseif type(value) == 'table' then
    return (vim.inspect(value, { newline = ' ', indent = '' }):gsub('^(' .. ('.'):rep(60) .. ').+$', '%1…'))
  elseif type(value) == 'number' and value == math.floor(value) and math.abs(value) < 1e15 then
    return ('%d'):format(value)
  end
  return tostring(value)
end

---@param value any
---@return boolean
local function whole(value)
  return type(value) == 'number' and value == math.floor(value) and math.abs(value) < 2 ^ 53
end

---@alias purser.Check fun(value: any, field: purser.Field): string?

---@param field purser.Field
---@return string
local function range(field)
  if field.min and field.max then
    return (' from %d to %d'):format(field.min, field.max)
  elseif field.min then
    return (' ≥ %d'):format(field.min)
  end
  return ''
end

---@param value any
---@param field purser.Field
---@return boolean
local function within(value, field)
  return (not field.min or value >= field.min) and (not field.max or value <= field.max)
end

--- Each answers what was expected, or nil when the value is right.
---@type table<string, purser.Check>
local CHECKS = {
  string = function(value)
    return type(value) ~= 'string' and 'a string' or nil
  end,
  boolean = function(value)
    return type(value) ~= 'boolean' and 'true or false' or nil
  end,
  integer = function(value, field)
    return not (whole(value) and within(value, field)) and 'a whole number' .. range(field) or nil
  end,
  number = function(value, field)
    return not (type(value) == 'number' and value == value and within(value, field)) and 'a number' .. range(field)
      or nil
  end,
  cents = function(value)
    if not whole(value) or value < 0 then
      return 'a whole number of cents ≥ 0'
    elseif value > policy.MOST_CENTS then
      return ('at most %d cents'):format(policy.MOST_CENTS)
    end
  end,
  rate = function(value)
    local ok = type(value) == 'number' and value >= 0 and value < 1e6
      or type(value) == 'string' and (value:match('^%d+%.?%d*$') or value:match('^%.%d+$')) ~= nil
    return not ok and 'dollars per million tokens, a number ≥ 0' or nil
  end,
  enum = function(value, field)
    if not vim.list_contains(field.choices, value) then
      local quoted = vim.tbl_map(function(choice)
        return ('"%s"'):format(choice)
      end, field.choices)
      local last = table.remove(quoted)
      return #quoted > 0 and ('%s or %s'):format(table.concat(quoted, ', '), last) or last
    end
  end,
  argv = function(value)
    if type(value) == 'string' then
      return value == '' and 'a command' or nil
    end
    if type(value) ~= 'table' or not vim.islist(value) or #value == 0 then
      return 'a command: a string or a list of strings'
    end
    for _, word in ipairs(value) do
      if type(word) ~= 'string' then
        return 'a command: a string or a list of strings'
      end
    end
  end,
  path = function(value)
    return not (type(value) == 'string' and value ~= '') and 'a path' or nil
  end,
  zone = function(value)
    if type(value) ~= 'string' then
      return 'an IANA time zone such as "Europe/Paris"'
    elseif zones.problem(value) then
      return 'a time zone that this system knows, such as "Europe/Paris"'
    end
  end,
  scope = function(value)
    local ok = type(value) == 'string'
      and (value == 'global' or value:match('^agent:.+') or value:match('^workspace:[/~].*'))
    return not ok and '"global", "agent:NAME" or "workspace:PATH" with a whole path' or nil
  end,
  ['function'] = function(value)
    return not vim.is_callable(value) and 'a function' or nil
  end,
}

local walk

---@param path string
---@param key any
---@return string
local function join(path, key)
  if type(key) == 'number' then
    return ('%s[%d]'):format(path, key)
  end
  return path == '' and tostring(key) or path .. '.' .. tostring(key)
end

---@param problems purser.Problem[]
---@param path string
---@param text string
local function add(problems, path, text)
  problems[#problems + 1] = { path = path, message = ('%s: %s'):format(path, text) }
end

---@param value any
---@param fields purser.Field[]
---@param path string
---@param problems purser.Problem[]
---@return table
local function walk_table(value, fields, path, problems)
  local out, names, known = {}, {}, {}
  for _, field in ipairs(fields) do
    names[#names + 1] = field.name
    known[field.name] = field
  end
  local keys = vim.tbl_keys(value)
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    local field = known[key]
    if not field then
      local meant = M.suggest(tostring(key), names)
      add(problems, join(path, key), 'unknown field' .. (meant and (', did you mean "%s"?'):format(meant) or ''))
    else
      out[key] = walk(value[key], field, join(path, key), problems)
    end
  end
  return out
end

--- A table whose parts must also agree with each other.
---@param value table
---@param field purser.Field
---@param path string
---@param problems purser.Problem[]
---@return table
local function walk_whole(value, field, path, problems)
  local out = walk_table(value, field.fields, path, problems)
  if field.check then
    local name, problem = field.check(out, value)
    if name then
      add(problems, join(path, name), problem --[[@as string]])
      out[name] = nil
    end
  end
  return out
end

--- A whole table switched on, as its defaults are, or off.
---@param value boolean
---@param field purser.Field
---@return table
local function switched(value, field)
  local out = {}
  for _, one in ipairs(field.fields) do
    if not value and one.type == 'boolean' then
      out[one.name] = false
    end
  end
  return out
end

---@param value any
---@param field purser.Field
---@param path string
---@param problems purser.Problem[]
---@return any valid what of it can be used; nil: nothing
walk = function(value, field, path, problems)
  local kind = field.type
  if kind == 'table' and field.alternative == 'boolean' and type(value) == 'boolean' then
    return switched(value, field)
  elseif kind == 'table' or kind == 'map' or kind == 'list' then
    if type(value) ~= 'table' or (kind == 'list' and not vim.islist(value)) then
      add(problems, path, ('expected a %s, got %s'):format(kind == 'list' and 'list' or 'table', shown(value)))
      return nil
    elseif kind == 'table' then
      return walk_whole(value, field, path, problems)
    end
    local out = {}
    for key, element in pairs(value) do
      if kind == 'map' and type(key) ~= 'string' then
        add(problems, join(path, key), ('expected a name before it, got %s'):format(shown(element)))
      else
        local valid = walk(element, field.of, join(path, key), problems)
        if kind == 'list' then
          out[#out + 1] = valid
        else
          out[key] = valid
        end
      end
    end
    return out
  end
  local expected = CHECKS[kind](value, field)
  if expected then
    add(problems, path, ('expected %s, got %s'):format(expected, shown(value)))
    return nil
  end
  return value
end

--- What of the options can be used, and what is wrong with the rest.
---@param options any
---@param fields purser.Field[]
---@return table valid
---@return purser.Problem[] problems
function M.validate(options, fields)
  local problems = {} ---@type purser.Problem[]
  if type(options) ~= 'table' then
    add(problems, 'setup', ('expected a table, got %s'):format(shown(options)))
    return {}, problems
  end
  return walk_table(options, fields, '', problems), problems
end

return M
