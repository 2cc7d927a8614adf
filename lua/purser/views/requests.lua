--- The requests of a run as a table: when, how many tokens of each bucket, by which card, at what cost.

local format = require('purser.ui.format')

local M = {}

---@class purser.RequestRow
---@field id integer
---@field at_ms integer
---@field model? string
---@field tier? string
---@field speed? string
---@field rate_card? string
---@field status "known"|"reported"|"estimated"|"unknown"
---@field flags? string[]
---@field usage purser.Usage
---@field cost_nanousd? integer
---@field extra_nanousd? integer

--- What all requests have in common, for telling it once; nil when they differ.
---@param requests purser.RequestRow[]
---@param of fun(request: purser.RequestRow): string
---@return string?
function M.common(requests, of)
  local found
  for _, request in ipairs(requests) do
    local text = of(request)
    if found and found ~= text then
      return nil
    end
    found = text
  end
  return found
end

--- By what a request was priced: its rate card, or how else its cost is known.
---@param request purser.RequestRow
---@return string
function M.priced_by(request)
  if request.status ~= 'known' then
    return request.status == 'reported' and 'the client' or request.status
  end
  return request.rate_card or ''
end

--- "standard", "batch fast": the tier, and a speed that is paid for.
---@param request purser.RequestRow
---@return string
function M.tier(request)
  local words = { (request.tier or '') ~= '' and request.tier or 'standard' }
  if (request.speed or '') ~= '' and request.speed ~= 'standard' then
    words[2] = request.speed
  end
  return table.concat(words, ' ')
end

---@param requests purser.RequestRow[]
---@return purser.ui.Column[]
function M.columns(requests)
  local most = 0
  for _, request in ipairs(requests) do
    most = math.max(most, request.cost_nanousd or 0)
  end
  local money = format.money_column(most)
  -- What all have in common stands among the facts of the run.
  local one_card, one_tier = M.common(requests, M.priced_by), M.common(requests, M.tier)
  local function tokens(name, title, of, keep)
    return {
      name = name,
      title = title,
      right = true,
      keep = keep,
      text = function(row)
        local count = of(row.usage)
        return count == 0 and '' or format.tokens(count)
      end,
      value = function(row)
        return of(row.usage)
      end,
    }
  end
  ---@type purser.ui.Column[]
  return {
    {
      name = 'at',
      title = 'Request at',
      text = function(row)
        return os.date('%H:%M:%S', math.floor(row.at_ms / 1000)) --[[@as string]]
      end,
      value = function(row)
        return row.at_ms
      end,
      group = 'PurserMuted',
      ascending = true,
    },
    {
      name = 'cost',
      title = 'Cost',
      right = true,
      text = function(row)
        return row.cost_nanousd and money(row.cost_nanousd) or 'no price'
      end,
      value = function(row)
        return row.cost_nanousd
      end,
      group = function(row)
        return not row.cost_nanousd and 'PurserWarn' or nil
      end,
    },
    tokens('input', 'Input', function(usage)
      return usage.input or 0
    end),
    tokens('read', 'Cached', function(usage)
      return usage.cache_read or 0
    end, 6),
    tokens('written', 'Written', function(usage)
      return (usage.cache_write_5m or 0) + (usage.cache_write_1h or 0)
    end, 5),
    tokens('output', 'Output', function(usage)
      return usage.output or 0
    end),
    {
      name = 'extra',
      title = 'Other',
      right = true,
      sparse = true,
      keep = 3,
      text = function(row)
        return (row.extra_nanousd or 0) > 0 and money(row.extra_nanousd) or ''
      end,
      value = function(row)
        return row.extra_nanousd or 0
      end,
    },
    {
      name = 'model',
      title = 'Model',
      keep = 4,
      text = function(row)
        return row.model or ''
      end,
      group = 'PurserName',
      ascending = true,
    },
    {
      name = 'card',
      title = 'Priced by',
      sparse = true,
      keep = 2,
      max = 30,
      left = true,
      text = function(row)
        return one_card and '' or M.priced_by(row)
      end,
      group = 'PurserMuted',
      ascending = true,
    },
    {
      name = 'tier',
      title = 'Tier',
      sparse = true,
      keep = 4,
      text = function(row)
        return one_tier and '' or M.tier(row)
      end,
      group = 'PurserMuted',
      ascending = true,
    },
    {
      name = 'flags',
      title = '',
      sparse = true,
      keep = 3,
      text = function(row)
        return table.concat(row.flags or {}, ' ')
      end,
      group = 'PurserMuted',
      ascending = true,
    },
  }
end

return M
