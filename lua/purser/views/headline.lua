--- The first lines of a view: the total one came for, against its budget; the forecast; how it compares; what is not sure about it,
--- and what was not counted.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local billing = require('purser.views.billing')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local span = require('purser.views.span')
local width = require('purser.ui.width')

local M = {}

---@class (exact) purser.Headline
---@field total? purser.Sums
---@field scope? string of the budget: "global", "agent:NAME"; none: no budget is shown
---@field notes? string[] what the view has to add

--- Notes one after the other, as many to a line as fit.
---@param out purser.ui.Text
---@param list string[]
---@param cells integer
---@param group string
local function flow(out, list, cells, group)
  local sep = (' %s '):format(glyphs.get().separator)
  local line = ''
  for _, note in ipairs(list) do
    if line ~= '' and width.of(line) + width.of(sep) + width.of(note) > cells then
      out:add(line, group):nl()
      line = ''
    end
    line = line == '' and note or line .. sep .. note
  end
  if line ~= '' then
    for _, piece in ipairs(width.wrap(line, cells)) do
      out:add(piece, group):nl()
    end
  end
end

--- "forecast $52.80 ($46.10–$61.90)"; nil where the core makes none.
---@param forecast? { p10_nanousd?: integer, p50_nanousd?: integer, p90_nanousd?: integer }
---@return purser.ui.Chunk[]?
local function forecast_chunks(forecast)
  if not forecast or not forecast.p50_nanousd then
    return nil
  end
  local out = { { 'forecast ', 'PurserMuted' }, { format.money(forecast.p50_nanousd), 'PurserToday' } }
  if forecast.p10_nanousd and forecast.p90_nanousd and forecast.p10_nanousd < forecast.p90_nanousd then
    local range = format.range(forecast.p10_nanousd, forecast.p90_nanousd)
    out[#out + 1] = { (' (%s)'):format(range), 'PurserMuted' }
  end
  return out
end

--- "forecasts held in 9 of 12 months": what they are worth; nil where none could have been made.
---@param forecast? { p50_nanousd?: integer, coverage?: { months: integer, covered: integer } }
---@return string?
local function coverage_note(forecast)
  local coverage = forecast and forecast.p50_nanousd and forecast.coverage
  if not coverage then
    return nil
  end
  return ('forecasts held in %d of %s'):format(coverage.covered, format.count(coverage.months, 'month'))
end

--- The budget of the scope, where it belongs to what is shown: budgets hold metered money of the running month.
---@param ctx purser.ViewContext
---@param scope? string
---@return purser.Budget?
local function budget_of(ctx, scope)
  local list = ctx.data.budgets and ctx.data.budgets.budgets
  if not scope or not span.is_this_month(ctx) or (ctx.billing or 'metered') ~= 'metered' then
    return nil
  end
  return parts.budget(list, scope)
end

--- What is said of the budget beside its bar. Its spend is named where it isn't the total above: another zone or reset day, or money
--- that is counted differently.
---@param ctx purser.ViewContext
---@param budget purser.Budget
---@param same boolean
---@return string[]
local function budget_notes(ctx, budget, same)
  local out = {}
  if not same then
    out[#out + 1] = ('budget: %s of %s'):format(
      format.money(budget.spent_nanousd),
      format.money(budget.limit_nanousd --[[@as integer]])
    )
  end
  if budget.resets_at_ms then
    out[#out + 1] = 'resets ' .. format.until_then(budget.resets_at_ms, ctx.now_ms)
  end
  if (budget.held_nanousd or 0) > 0 then
    out[#out + 1] = format.money(budget.held_nanousd) .. ' held'
  end
  return out
end

---@param ctx purser.ViewContext
---@param out purser.ui.Text
---@param budget purser.Budget
---@param share number
local function budget_bar(ctx, out, budget, share)
  bar.add(out, share, ctx.width - 7, {
    group = bar.group(share),
    track = true,
    held = parts.share(budget.held_nanousd, budget.limit_nanousd),
  })
  local group = share >= 1 and 'PurserBarOver' or share >= 0.8 and 'PurserBarWarn' or nil
  out:add(width.pad(format.percent(share), 7, true), group):nl()
end

--- Spend of today, where today is shown.
---@param ctx purser.ViewContext
---@return string?
local function today_note(ctx)
  if not span.is_current(ctx) or not ctx.data.days then
    return nil
  end
  local today = 0
  for _, row in ipairs(ctx.data.days.rows) do
    if row.key == ctx.today then
      today = row.cost_nanousd
    end
  end
  return 'today ' .. format.money(today)
end

--- What is not sure about a total: always said, never folded away.
---@param ctx purser.ViewContext
---@param total? purser.Sums
---@return purser.ui.Text
function M.doubts(ctx, total)
  local out = Text.new()
  if not total then
    return out
  end
  local list = {}
  if (total.unpriced_requests or 0) > 0 then
    local verb = total.unpriced_requests == 1 and 'has' or 'have'
    list[#list + 1] = ('%s %s no price'):format(format.count(total.unpriced_requests, 'request'), verb)
  end
  if (total.estimated_nanousd or 0) > 0 then
    list[#list + 1] = ('%s of it estimated'):format(format.money(total.estimated_nanousd))
  end
  if (total.uncertain_nanousd or 0) > 0 then
    list[#list + 1] = ('%s uncertain, not counted against budgets'):format(format.money(total.uncertain_nanousd))
  end
  for i, part in ipairs(list) do
    for j, line in ipairs(width.wrap(part, ctx.width - 2)) do
      local mark = i == 1 and j == 1 and glyphs.get().warn or ' '
      out:add(mark, 'PurserWarn'):to(2):add(line, 'PurserWarn'):nl()
    end
  end
  return out
end

--- What there is of the other kinds of billing, which are not in the total.
---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.others(ctx)
  local out = Text.new()
  local text = billing.others(ctx, ctx.data.kinds)
  for _, line in ipairs(text and width.wrap(text, ctx.width) or {}) do
    out:add(line, 'PurserInfo'):nl()
  end
  return out
end

--- "$41.27", "≥ $41.27 API-equivalent": a sum, and what it is.
---@param ctx purser.ViewContext
---@param total? purser.Sums
---@return purser.ui.Text
function M.sum(ctx, total)
  local out = Text.new()
  out:add(total and format.cost(total) or glyphs.get().ellipsis, 'PurserTotal')
  local word = billing.word(ctx.billing)
  return word == '' and out or out:add(' ' .. word, 'PurserInfo')
end

--- All of it.
---@param ctx purser.ViewContext
---@param options purser.Headline
---@return purser.ui.Text
function M.draw(ctx, options)
  local data, total = ctx.data, options.total
  local budget = budget_of(ctx, options.scope)
  local share = parts.share_spent(budget)
  local same = budget ~= nil and total ~= nil and budget.spent_nanousd == total.cost_nanousd
  local out = M.sum(ctx, total)
  if budget and share and same then
    out:add((' of %s'):format(format.money(budget.limit_nanousd --[[@as integer]])), 'PurserMuted')
  end
  out:add(' ' .. span.words(ctx), 'PurserMuted')
  local notes = {}
  local forecast = forecast_chunks(data.forecast)
  if forecast then
    local before = out:column()
    out:right(ctx.width, forecast)
    if out:column() == before then
      notes[#notes + 1] = table.concat(vim.tbl_map(function(chunk)
        return chunk[1]
      end, forecast))
    end
  end
  out:nl()
  if budget and share then
    budget_bar(ctx, out, budget, share)
  end
  notes[#notes + 1] = today_note(ctx)
  notes[#notes + 1] = total and data.before and span.compared(ctx, total.cost_nanousd, data.before.total.cost_nanousd)
    or nil
  vim.list_extend(notes, budget and share and budget_notes(ctx, budget, same) or {})
  notes[#notes + 1] = coverage_note(data.forecast)
  vim.list_extend(notes, options.notes or {})
  flow(out, notes, ctx.width, 'PurserMuted')
  out:append(M.doubts(ctx, total))
  return out:append(M.others(ctx))
end

return M
