--- Who sends the bill: what is metered, what a subscription covers, and what runs at home are never added up. A view shows one of
--- them at a time, and says what there is of the others.

local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')

local M = {}

---@alias purser.Billing "metered"|"subscription"|"local"

---@type purser.Billing[]
M.KINDS = { 'metered', 'subscription', 'local' }

---@param report? { rows: purser.ReportRow[] } a report by billing
---@param kind purser.Billing
---@return purser.ReportRow?
local function row_of(report, kind)
  for _, row in ipairs(report and report.rows or {}) do
    if row.key == kind and ((row.requests or 0) > 0 or (row.runs or 0) > 0) then
      return row
    end
  end
end

--- The first kind that there is anything of; metered when there is nothing.
---@param report? { rows: purser.ReportRow[] }
---@return purser.Billing
function M.first(report)
  for _, kind in ipairs(M.KINDS) do
    if row_of(report, kind) then
      return kind
    end
  end
  return 'metered'
end

--- The kind after this one that there is anything of.
---@param now purser.Billing
---@param report? { rows: purser.ReportRow[] }
---@return purser.Billing
function M.next(now, report)
  local at = 1
  for i, kind in ipairs(M.KINDS) do
    if kind == now then
      at = i
    end
  end
  for step = 1, #M.KINDS - 1 do
    local kind = M.KINDS[(at - 1 + step) % #M.KINDS + 1]
    if row_of(report, kind) then
      return kind
    end
  end
  return now
end

--- What the figures of that kind are called; "" for money that is really asked for.
---@param kind? purser.Billing
---@return string
function M.word(kind)
  return kind == 'subscription' and 'API-equivalent' or kind == 'local' and 'local' or ''
end

---@param row purser.ReportRow
---@param kind purser.Billing
---@return string
local function told(row, kind)
  if kind == 'metered' then
    return format.cost(row) .. ' metered'
  elseif kind == 'subscription' then
    return format.cost(row) .. ' API-equivalent'
  end
  return ('%s tokens local'):format(format.tokens(parts.tokens_of(row)))
end

--- "kept apart: $63.10 API-equivalent · 1.2M tokens local": what there is of the other kinds.
---@param ctx purser.ViewContext
---@param report? { rows: purser.ReportRow[] }
---@return string?
function M.others(ctx, report)
  local out = {}
  for _, kind in ipairs(M.KINDS) do
    local row = kind ~= ctx.billing and row_of(report, kind) or nil
    if row then
      out[#out + 1] = told(row, kind)
    end
  end
  if #out == 0 then
    return nil
  end
  local text = 'kept apart: ' .. table.concat(out, (' %s '):format(glyphs.get().separator))
  return ctx.printed and text or text .. ' (b)'
end

return M
