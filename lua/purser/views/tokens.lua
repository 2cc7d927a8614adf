--- What the money went on: each kind of token with its count and its cost, and what the cache did.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local parts = require('purser.views.parts')
local width = require('purser.ui.width')

local M = {}

---@class (exact) purser.TokenKind
---@field name string
---@field tokens? integer nil: not a matter of tokens
---@field cost integer nano-dollars

--- The kinds of a total. Their costs add up to its cost, and their tokens to its tokens.
---@param total purser.Sums
---@return purser.TokenKind[]
function M.kinds(total)
  local out = {
    { name = 'Input', tokens = total.input or 0, cost = total.cost_input_nanousd or 0 },
    {
      name = 'Cache write',
      tokens = (total.cache_write_5m or 0) + (total.cache_write_1h or 0),
      cost = total.cost_cache_write_nanousd or 0,
    },
    { name = 'Cache read', tokens = total.cache_read or 0, cost = total.cost_cache_read_nanousd or 0 },
    { name = 'Output', tokens = total.output or 0, cost = total.cost_output_nanousd or 0 },
  }
  if (total.cost_extra_nanousd or 0) ~= 0 then
    out[#out + 1] = { name = 'Other', cost = total.cost_extra_nanousd }
  end
  return out
end

--- "94 % of what was sent came from the cache, which saved $63.10"
---@param total purser.Sums
---@return string?
function M.cache_note(total)
  local sent = parts.tokens_in(total)
  local saved = total.cache_saved_nanousd or 0
  if (total.cache_read or 0) <= 0 or sent <= 0 then
    if saved < 0 then
      return ('the cache was written, but not read: %s more'):format(format.money(-saved))
    end
    return nil
  end
  local text = ('cache hit rate %s'):format(format.percent(total.cache_read / sent))
  if saved > 0 then
    return ('%s, saved %s'):format(text, format.money(saved))
  elseif saved < 0 then
    return ('%s, cost %s more than it saved'):format(text, format.money(-saved))
  end
  return text
end

--- The kinds as rows: count, cost, and the share of the cost as a bar.
---@param total? purser.Sums
---@param room integer
---@return purser.ui.Text
function M.rows(total, room)
  local out = Text.new()
  if not total then
    return out
  end
  local most = 0
  for _, kind in ipairs(M.kinds(total)) do
    most = math.max(most, kind.cost)
  end
  local money = format.money_column(most)
  local cost = total.cost_nanousd or 0
  local cells = math.max(4, math.min(30, room - 38))
  for _, kind in ipairs(M.kinds(total)) do
    -- Without a cost the tokens are what there is to compare.
    local share = cost > 0 and parts.share(kind.cost, cost) or parts.share(kind.tokens, parts.tokens_of(total))
    out:add(width.pad(kind.name, 12), 'PurserMuted')
    out:add(width.pad(kind.tokens and format.tokens(kind.tokens) or '', 6, true), 'PurserMuted')
    out:add(width.pad(money(kind.cost), 11, true)):add(width.pad(format.percent(share), 7, true) .. ' ')
    bar.thin(out, share, cells):nl()
  end
  return out
end

--- With its heading.
---@param total? purser.Sums
---@param room integer
---@return purser.ui.Text
function M.section(total, room)
  local out = Text.new()
  local note = total
    and ('%s tokens in, %s out'):format(format.tokens(parts.tokens_in(total)), format.tokens(total.output or 0))
  parts.heading(out, 'What it went on', note or nil)
  out:append(M.rows(total, room))
  for _, line in ipairs(total and width.wrap(M.cache_note(total) or '', room) or {}) do
    if line ~= '' then
      out:add(line, 'PurserMuted'):nl()
    end
  end
  return out
end

return M
