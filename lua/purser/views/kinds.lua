--- Past runs of the same kind of task beside each other: what they cost, took and came to, by model and effort.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local span = require('purser.views.span')
local tables = require('purser.ui.table')
local ways = require('purser.views.ways')
local width = require('purser.ui.width')

local HOW = 'Cost, tokens and time are medians of a run. The kind is guessed from the words of the prompt, as far '
  .. 'as they were kept (:help purser-routing); easy tasks go to small models, so that a low figure is no proof.'

---@type purser.View
local M = { name = 'kinds', tab = 'dashboard', ranged = true }

---@class purser.ComparedRow
---@field model string
---@field effort string
---@field tier string
---@field runs integer
---@field priced integer runs
---@field nanousd integer
---@field tokens integer
---@field duration_ms integer
---@field completed integer
---@field failed integer
---@field stopped integer

--- The kinds there are: those that the core knows, and the user's own before them.
---@return string[]
local function kinds()
  local known = require('purser.config.routing').KINDS
  local own = vim.tbl_filter(function(kind)
    return not vim.list_contains(known, kind)
  end, vim.tbl_keys(require('purser.config').get().routing.kinds))
  table.sort(own)
  return vim.list_extend(own, known)
end

---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.title(ctx)
  local scope, name = ctx.args.scope, ctx.args.name
  local of = scope == 'workspace' and format.path(name) or scope == 'agent' and name
  return { { of and (' Kinds of task: %s '):format(of) or ' Kinds of task ', 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  local routing = require('purser.config').get().routing
  local since_ms, until_ms = span.ms(ctx)
  local out = {}
  for _, kind in ipairs(kinds()) do
    out[kind] = {
      'compare',
      {
        kind = kind,
        agent = ctx.args.scope == 'agent' and ctx.args.name or nil,
        workspace = ctx.args.scope == 'workspace' and ctx.args.name or nil,
        since_ms = since_ms,
        until_ms = until_ms,
        rules = next(routing.rules) and routing.rules or nil,
        builtin = routing.builtin,
      },
    }
  end
  return out
end

--- "92 %": how many ended well.
---@param row purser.ComparedRow
---@return string
local function outcome(row)
  local ended = row.completed + row.failed + row.stopped
  return ended > 0 and format.percent(row.completed / ended) or glyphs.get().dash
end

---@param row purser.ComparedRow
---@return string
local function mishaps(row)
  local out = {}
  if row.failed > 0 then
    out[1] = ('%s failed'):format(format.number(row.failed))
  end
  if row.stopped > 0 then
    out[#out + 1] = ('%s stopped'):format(format.number(row.stopped))
  end
  return table.concat(out, ', ')
end

---@param kind string
---@param rows purser.ComparedRow[]
---@return purser.ui.Column[]
local function columns(kind, rows)
  local most = 0
  for _, row in ipairs(rows) do
    most = math.max(most, row.nanousd)
  end
  local money = format.money_column(most)
  ---@type purser.ui.Column[]
  return {
    {
      name = 'model',
      title = kind:gsub('^%l', string.upper),
      grow = true,
      min = 16,
      max = 30,
      text = function(row)
        return row.model == '' and '(none)' or row.model
      end,
      group = 'PurserName',
    },
    {
      name = 'effort',
      title = 'Effort',
      min = 6,
      text = function(row)
        return row.effort
      end,
    },
    {
      name = 'cost',
      title = 'A run',
      right = true,
      min = 8,
      text = function(row)
        return row.priced > 0 and money(row.nanousd) or 'no price'
      end,
    },
    {
      name = 'bar',
      title = '',
      min = 10,
      max = 24,
      grow = true,
      keep = 3,
      draw = function(out, row, cells)
        bar.thin(out, parts.share(row.nanousd, most), cells)
      end,
    },
    {
      name = 'tokens',
      title = 'Tokens',
      right = true,
      keep = 5,
      text = function(row)
        return format.tokens(row.tokens)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'duration',
      title = 'Time',
      right = true,
      min = 8,
      keep = 6,
      text = function(row)
        return format.duration(row.duration_ms)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'runs',
      title = 'Runs',
      right = true,
      keep = 7,
      text = function(row)
        return format.number(row.runs)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'done',
      title = 'Ended well',
      right = true,
      text = outcome,
      group = function(row)
        return row.failed + row.stopped > 0 and 'PurserWarn' or 'PurserGood'
      end,
    },
    {
      name = 'mishaps',
      title = '',
      min = 20,
      keep = 2,
      text = mishaps,
      group = 'PurserMuted',
    },
  }
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local any, there = false, false
  local reading = math.min(ctx.width, 120)
  for _, kind in ipairs(kinds()) do
    local answer = ctx.data[kind]
    there = there or answer ~= nil
    if answer and #answer.rows > 0 then
      any = true
      out:append(tables.draw(columns(kind, answer.rows), answer.rows, {
        width = reading,
        item = function(row)
          local asked = { model = row.model }
          if ctx.args.scope then
            asked[ctx.args.scope] = ctx.args.name
          end
          return row.model ~= '' and { kind = 'log', name = require('purser.views.filter').exactly(asked) } or nil
        end,
      }))
      out:nl()
    end
  end
  if not there then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  elseif not any then
    return out:add(('No run %s tells of what kind it was.'):format(span.words(ctx)), 'PurserMuted'):nl()
  end
  for _, line in ipairs(width.wrap(HOW, reading)) do
    out:add(line, 'PurserMuted'):nl()
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local rows = {}
  for _, kind in ipairs(kinds()) do
    for _, row in ipairs(ctx.data[kind] and ctx.data[kind].rows or {}) do
      rows[#rows + 1] = {
        kind,
        row.model,
        row.effort,
        row.runs,
        row.nanousd,
        row.tokens,
        row.duration_ms,
        row.completed,
        row.failed,
        row.stopped,
      }
    end
  end
  return {
    name = 'kinds',
    columns = {
      'kind',
      'model',
      'effort',
      'runs',
      'median_nanousd',
      'median_tokens',
      'median_duration_ms',
      'completed',
      'failed',
      'stopped',
    },
    rows = rows,
  }
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local args = browser.place.args
  return ways.keys(browser, 'kinds', args.scope and { scope = args.scope, name = args.name } or nil)
end

return M
