--- What if: an agent's, a workspace's or all requests of a stretch of time, as they were, at the prices of other models.

local Text = require('purser.ui.text')
local asks = require('purser.views.asks')
local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local headline = require('purser.views.headline')
local parts = require('purser.views.parts')
local shares = require('purser.views.shares')
local span = require('purser.views.span')
local tables = require('purser.ui.table')
local ways = require('purser.views.ways')
local width = require('purser.ui.width')

local CAVEAT =
  "The same tokens by each model's own rules for caches and long prompts; another model may use more or fewer."

---@type purser.View
local M = {
  name = 'what_if',
  tab = 'dashboard',
  gentle = true,
  ranged = true,
  billed = true,
  sorted = { name = 'cost' },
}

---@class purser.WhatIfRow
---@field model string
---@field tier "small"|"medium"|"large"|"unknown"
---@field effort? string
---@field cost_nanousd integer
---@field saving_nanousd? integer
---@field priced integer requests
---@field unpriced integer requests that the model has no price for
---@field from_runs? integer of an effort: the fewest runs that it is known from
---@field present? boolean as it was: no suggestion

---@param ctx purser.ViewContext
---@return table<string, string>
local function within(ctx)
  return ctx.args.scope and { [ctx.args.scope] = ctx.args.name } or {}
end

---@param ctx purser.ViewContext
---@return string
local function name_of(ctx)
  local scope, name = ctx.args.scope, ctx.args.name
  return scope == 'workspace' and format.path(name) or scope == 'agent' and name or 'everything'
end

---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.title(ctx)
  return { { (' What if: %s '):format(name_of(ctx)), 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  local own = within(ctx)
  local since_ms, until_ms = span.ms(ctx)
  local since, last = span.of(ctx)
  local out = {
    kinds = { 'report', vim.tbl_extend('force', { by = 'billing', since = since, ['until'] = last }, own) },
    what_if = {
      'what_if',
      vim.tbl_extend('force', { since_ms = since_ms, until_ms = until_ms, billing = ctx.billing }, own),
    },
    models = asks.report(ctx, 'model', own),
  }
  if ctx.args.scope ~= 'agent' then
    out.agents = asks.report(ctx, 'agent', own)
  end
  return out
end

--- What would have been spent less; nil where it is not known. Negative: more.
---@param answer { cost_nanousd: integer }
---@param row purser.WhatIfRow
---@return integer?
function M.saving(answer, row)
  if row.present or row.unpriced > 0 or row.priced == 0 then
    return nil
  end
  return row.saving_nanousd or answer.cost_nanousd - row.cost_nanousd
end

--- The rows of the table: as it was, the others as they are sorted, and those without a price last.
---@param ctx purser.ViewContext
---@param columns purser.ui.Column[]
---@return purser.WhatIfRow[]
local function rows_of(ctx, columns)
  local answer = ctx.data.what_if
  local priced, unpriced = {}, {}
  local models = ctx.data.models and ctx.data.models.rows or {}
  for _, row in ipairs(answer.rows) do
    local list = M.saving(answer, row) and priced or unpriced
    -- Where all requests were of that very model it is the first row already.
    if #models ~= 1 or models[1].key ~= row.model or (row.effort or '') ~= '' then
      list[#list + 1] = row
    end
  end
  local out = { { model = 'as it was', tier = '', present = true, cost_nanousd = answer.cost_nanousd } }
  vim.list_extend(out, tables.sort(priced, columns, ctx.sort))
  return vim.list_extend(out, unpriced)
end

---@param row purser.WhatIfRow
---@return string
local function model_of(row)
  return row.effort and row.effort ~= '' and ('%s, %s'):format(row.model, row.effort) or row.model
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
function M.sortable(ctx)
  local answer = ctx.data.what_if or { rows = {}, cost_nanousd = 0 }
  local most = answer.cost_nanousd
  for _, row in ipairs(answer.rows) do
    most = math.max(most, row.cost_nanousd)
  end
  local money = format.money_column(most)
  local minus = glyphs.get().minus

  ---@param row purser.WhatIfRow
  ---@return integer?
  local function saving(row)
    return M.saving(answer, row)
  end
  ---@param row purser.WhatIfRow
  ---@return string
  local function gain(row)
    local by = saving(row)
    return by and by > 0 and 'PurserGood' or by and by < 0 and 'PurserWarn' or 'PurserMuted'
  end
  ---@param row purser.WhatIfRow
  ---@return boolean
  local function known(row)
    return row.present or saving(row) ~= nil
  end

  ---@type purser.ui.Column[]
  return {
    {
      name = 'model',
      title = 'Model',
      grow = true,
      min = 16,
      max = 34,
      ascending = true,
      text = model_of,
      group = function(row)
        return row.present and 'PurserHeading' or known(row) and 'PurserName' or 'PurserMuted'
      end,
    },
    {
      name = 'tier',
      title = 'Tier',
      keep = 4,
      ascending = true,
      text = function(row)
        return row.tier == 'unknown' and '' or row.tier
      end,
      group = 'PurserMuted',
    },
    {
      name = 'cost',
      title = 'Cost',
      right = true,
      ascending = true,
      text = function(row)
        return known(row) and money(row.cost_nanousd) or 'no price'
      end,
      value = function(row)
        return row.cost_nanousd
      end,
      group = function(row)
        return row.present and 'PurserHeading' or not known(row) and 'PurserMuted' or nil
      end,
    },
    {
      name = 'bar',
      title = '',
      min = 12,
      max = 40,
      grow = true,
      keep = 5,
      unsorted = true,
      draw = function(out, row, cells)
        if known(row) then
          local group = row.present and 'PurserBarToday' or gain(row) == 'PurserWarn' and 'PurserBarWarn' or nil
          bar.thin(out, parts.share(row.cost_nanousd, most), cells, { group = group })
        end
      end,
    },
    {
      name = 'saving',
      title = 'Saving',
      right = true,
      text = function(row)
        local by = saving(row)
        return by and (by < 0 and minus or '') .. money(math.abs(by)) or ''
      end,
      value = saving,
      group = gain,
    },
    {
      name = 'percent',
      title = '%',
      right = true,
      keep = 6,
      unsorted = true,
      text = function(row)
        local by = saving(row)
        if not by or answer.cost_nanousd <= 0 then
          return ''
        end
        return (by < 0 and minus or '') .. format.percent(math.abs(by) / answer.cost_nanousd)
      end,
      group = gain,
    },
  }
end

--- "claude-opus-5-5 and 2 more": what the requests were of.
---@param report? { rows: purser.ReportRow[] }
---@return string?
local function models_of(report)
  local rows = report and report.rows or {}
  if #rows == 0 then
    return nil
  elseif #rows == 1 then
    return rows[1].key
  end
  return ('%s and %d more'):format(rows[1].key, #rows - 1)
end

---@param ctx purser.ViewContext
---@param out purser.ui.Text
local function head(ctx, out)
  local answer = ctx.data.what_if
  out:append(headline.sum(ctx, ctx.data.models and ctx.data.models.total or answer))
  local row = out.rows[#out.rows - 1]
  row[#row + 1] = { ' ' .. span.words(ctx), 'PurserMuted' }
  local text = format.count(answer.requests, 'request')
  local of = models_of(ctx.data.models)
  out:add(width.cut(of and ('%s of %s'):format(text, of) or text, ctx.width), 'PurserMuted'):nl()
  if answer.unpriced > 0 then
    local verb = answer.unpriced == 1 and 'has' or 'have'
    local note = ('%s %s no price, and are left out of every row'):format(
      format.count(answer.unpriced, 'request'),
      verb
    )
    for i, line in ipairs(width.wrap(note, ctx.width - 2)) do
      out:add(i == 1 and glyphs.get().warn or ' ', 'PurserWarn'):to(2):add(line, 'PurserWarn'):nl()
    end
  end
end

--- Models without a price, by their names.
---@param answer { rows: purser.WhatIfRow[] }
---@return string?
local function unpriced_models(answer)
  local names = {}
  for _, row in ipairs(answer.rows) do
    if row.unpriced > 0 then
      names[#names + 1] = row.model
    end
  end
  if #names == 0 then
    return nil
  end
  return ('%s: no price is known (:Purser price).'):format(table.concat(names, ', '))
end

--- Where rows with an effort come from, and which have none: the same tokens cost the same with any effort.
---@param answer { rows: purser.WhatIfRow[], unknown_efforts?: { model: string, effort: string }[] }
---@return string[]
local function about_efforts(answer)
  local out, fewest = {}, nil
  for _, row in ipairs(answer.rows) do
    if (row.effort or '') ~= '' and row.from_runs then
      fewest = math.min(fewest or row.from_runs, row.from_runs)
    end
  end
  if fewest then
    out[1] = ("An effort: as the median of the agent's own runs with it was, of %d or more."):format(fewest)
  end
  local unknown = vim.tbl_map(model_of, answer.unknown_efforts or {})
  if #unknown > 0 then
    out[#out + 1] = table.concat(unknown, '; ') .. ': fewer than eight runs to compare, nothing is known.'
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local answer = ctx.data.what_if
  if not answer then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  elseif answer.requests == 0 then
    return out:add(('Nothing was spent %s.'):format(span.words(ctx)), 'PurserMuted'):nl()
  end
  head(ctx, out)
  out:nl()
  local columns = M.sortable(ctx)
  out:append(tables.draw(columns, rows_of(ctx, columns), {
    width = ctx.width,
    sort = ctx.sort,
    item = function(row)
      return not row.present and { suggestion = row } or nil
    end,
  }))
  out:nl()
  local reading = math.min(ctx.width, 110)
  for _, line in ipairs(width.wrap(CAVEAT, reading)) do
    out:add(line, 'PurserMuted'):nl()
  end
  local more = about_efforts(answer)
  more[#more + 1] = unpriced_models(answer)
  for _, text in ipairs(more) do
    for _, line in ipairs(width.wrap(text, reading)) do
      out:add(line, 'PurserMuted'):nl()
    end
  end
  if ctx.data.agents and #ctx.data.agents.rows > 0 then
    out:nl()
    out:append(shares.draw(ctx, ctx.data.agents, { by = 'agent', title = 'Agent', room = reading, limit = 8 }))
    out:add(ctx.printed and '' or '<CR> tries other models for one of them', 'PurserMuted'):nl()
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local rows = {}
  local answer = ctx.data.what_if or { rows = {} }
  for _, row in ipairs(answer.rows) do
    rows[#rows + 1] =
      { row.model, row.effort or '', row.tier, row.cost_nanousd, M.saving(answer, row) or '', row.priced, row.unpriced }
  end
  return {
    name = 'what-if' .. (ctx.args.name and '-' .. vim.fs.basename(tostring(ctx.args.name)) or ''),
    columns = { 'model', 'effort', 'tier', 'cost_nanousd', 'saving_nanousd', 'priced', 'unpriced' },
    rows = rows,
  }
end

--- Accepts what is under the cursor, or goes on to an agent's own table.
---@param browser purser.Browser
local function enter(browser)
  local item = browser:item()
  if type(item) ~= 'table' then
    return
  elseif item.kind == 'agent' then
    return browser:push('what_if', { scope = 'agent', name = item.name })
  elseif item.suggestion then
    require('purser.views.accept').model(browser, item.suggestion)
  end
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local args = browser.place.args
  local agent = args.scope == 'agent'
  local out = {
    {
      lhs = { '<CR>', 'a' },
      show = agent and '<CR> a' or nil,
      desc = agent and 'Accept: the agent runs with that model from now on (you are asked)'
        or 'Try other models for the agent under the cursor',
      hint = agent and 'accept' or 'its models',
      rank = 2,
      group = 'Advice',
      run = function()
        enter(browser)
      end,
    },
  }
  local own = args.scope and { scope = args.scope, name = args.name } or nil
  return vim.list_extend(out, ways.keys(browser, 'what_if', own))
end

return M
