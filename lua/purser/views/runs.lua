--- Rows of the AgentRunLog as a table.

local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local pages = require('purser.views.pages')
local parts = require('purser.views.parts')
local width = require('purser.ui.width')

local M = {}

--- How a run ended, in a word and a colour.
---@type table<string, { [1]: string, [2]: string, mark: string }>
local STATUS = {
  admitted = { 'starting', 'PurserInfo', mark = 'dot' },
  running = { 'running', 'PurserInfo', mark = 'dot' },
  settling = { 'settling', 'PurserInfo', mark = 'dot' },
  completed = { 'ok', 'PurserGood', mark = 'ok' },
  failed = { 'failed', 'PurserError', mark = 'failed' },
  cancelled = { 'cancelled', 'PurserMuted', mark = 'stopped' },
  stopped_budget = { 'stopped: budget', 'PurserWarn', mark = 'stopped' },
  stopped_limit = { 'stopped: limit', 'PurserWarn', mark = 'stopped' },
  abandoned = { 'cut off', 'PurserWarn', mark = 'stopped' },
  refused = { 'refused', 'PurserWarn', mark = 'failed' },
}

--- Who pays, where it isn't by the token.
local BILLS = { subscription = 'subscr.', ['local'] = 'local' }

---@param status string
---@return string mark
---@return string word
---@return string group
function M.status(status)
  local one = STATUS[status] or { status, 'PurserMuted', mark = 'info' }
  local mark = glyphs.get()[one.mark]
  return mark, one[1], one[2]
end

---@param row purser.RunRow
---@return boolean
function M.is_open(row)
  return row.status == 'admitted' or row.status == 'running' or row.status == 'settling'
end

---@param row purser.RunRow
---@return string
function M.cost(row)
  return format.cost(row.sums or {})
end

--- Why a run stands out; "" when it doesn't.
---@param row purser.RunRow
---@return string
function M.unusual(row)
  if not row.unusual then
    return ''
  end
  local reason = row.unusual_reason
  return (reason == nil or reason == '') and 'unusual' or 'unusual ' .. reason
end

---@param ctx purser.ViewContext
---@param rows purser.RunRow[]
---@param options? { without?: table<string, boolean> }
---@return purser.ui.Column[]
function M.columns(ctx, rows, options)
  local without = options and options.without or {}
  local marked = false
  for _, row in ipairs(rows) do
    marked = marked or row.unusual == true
  end
  local set = glyphs.get()
  ---@type purser.ui.Column[]
  local all = {
    {
      name = 'when',
      title = 'When',
      text = function(row)
        return format.moment(row.started_ms, ctx.now_ms)
      end,
      value = function(row)
        return row.started_ms
      end,
      group = 'PurserMuted',
    },
    {
      name = 'status',
      title = '',
      min = 1,
      keep = 9,
      text = function(row)
        return (M.status(row.status))
      end,
      group = function(row)
        return select(3, M.status(row.status))
      end,
    },
    {
      name = 'agent',
      title = 'Agent',
      max = 16,
      text = function(row)
        return row.agent
      end,
      group = 'PurserName',
    },
    {
      name = 'cost',
      title = 'Cost',
      right = true,
      text = function(row)
        return M.cost(row) .. (marked and (row.unusual and ' !' or '  ') or '')
      end,
      value = function(row)
        return row.sums and row.sums.cost_nanousd or 0
      end,
      group = function(row)
        return row.unusual and 'PurserWarn' or BILLS[row.billing] and 'PurserInfo' or nil
      end,
    },
    {
      name = 'tokens',
      title = 'Tokens',
      right = true,
      keep = 5,
      text = function(row)
        return format.tokens(parts.tokens_of(row.sums))
      end,
      value = function(row)
        return parts.tokens_of(row.sums)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'duration',
      title = 'Time',
      right = true,
      keep = 4,
      text = function(row)
        return M.is_open(row) and set.ellipsis or format.duration(row.duration_ms)
      end,
      value = function(row)
        return row.duration_ms or 0
      end,
      group = 'PurserMuted',
    },
    {
      name = 'model',
      title = 'Model',
      keep = 3,
      max = 20,
      text = function(row)
        return row.model or ''
      end,
      group = 'PurserMuted',
    },
    {
      name = 'effort',
      title = 'Effort',
      keep = 1,
      text = function(row)
        return row.effort or ''
      end,
      group = 'PurserMuted',
    },
    {
      name = 'workspace',
      title = 'Workspace',
      keep = 2,
      max = 18,
      text = function(row)
        return vim.fs.basename(row.workspace or '')
      end,
      group = 'PurserMuted',
    },
    {
      name = 'billing',
      title = 'Bill',
      keep = 4,
      sparse = true,
      text = function(row)
        return BILLS[row.billing] or ''
      end,
      group = 'PurserInfo',
    },
    {
      name = 'prompt',
      title = 'Prompt',
      keep = 6,
      grow = true,
      min = 10,
      text = function(row)
        return width.clean(row.prompt or '')
      end,
    },
  }
  return vim.tbl_filter(function(column)
    column.unsorted = not pages.can_sort(column.name)
    return not without[column.name]
  end, all)
end

return M
