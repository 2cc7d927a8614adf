--- The AgentRunLog: every run, a page at a time.

local Text = require('purser.ui.text')
local filters = require('purser.views.filter')
local glyphs = require('purser.ui.glyphs')
local pages = require('purser.views.pages')
local parts = require('purser.views.parts')
local runs = require('purser.views.runs')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

local PAGE = 100

---@type purser.View
local M = {
  name = 'log',
  live = true,
  filtered = true,
  sorted = { name = 'when' },
  sorted_by_core = true,
  filter_help = filters.HELP,
}

---@return purser.ui.Chunk[]
function M.title()
  return { { ' AgentRunLog ', 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  return { log = pages.question(ctx, PAGE, filters.parse(ctx.filter)) }
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
function M.sortable(ctx)
  return runs.columns(ctx, ctx.data.log and ctx.data.log.runs or {})
end

--- What the marks mean, when there are some.
---@param rows purser.RunRow[]
---@return string?
local function legend(rows)
  for _, row in ipairs(rows) do
    if row.unusual then
      return '! unusual for its agent'
    end
  end
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local answer = ctx.data.log
  if not answer then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  elseif #answer.runs == 0 then
    local text = ctx.filter and 'No run matches the filter.' or 'No runs yet: :AgentRun starts one.'
    return out:add(text, 'PurserMuted'):nl()
  end
  out:add(width.cut(pages.note(ctx, PAGE, answer), ctx.width), 'PurserMuted')
  local marks = legend(answer.runs)
  if marks then
    out:right(ctx.width, { { marks, 'PurserWarn' } })
  end
  out:nl():nl():mark('runs')
  return out:append(tables.draw(M.sortable(ctx), answer.runs, {
    width = ctx.width,
    sort = ctx.sort,
    item = function(row)
      return { kind = 'run', name = row.id }
    end,
  }))
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local out = pages.keys(browser, 'log')
  out[#out + 1] = {
    lhs = 'u',
    desc = 'Runs of this Neovim, and their windows',
    group = 'Table',
    run = function()
      browser:push('live')
    end,
  }
  out[#out + 1] = {
    lhs = 'v',
    desc = 'Review: what stands out, and what it cost',
    group = 'Table',
    run = function()
      browser:push('review')
    end,
  }
  out[#out + 1] = {
    lhs = 'c',
    desc = 'Conversations',
    group = 'Table',
    run = function()
      browser:push('chats')
    end,
  }
  return out
end

local COLUMNS = {
  'id',
  'started_ms',
  'agent',
  'workspace',
  'branch',
  'source',
  'model',
  'effort',
  'billing',
  'status',
  'duration_ms',
  'requests',
  'tokens',
  'cost_nanousd',
  'unusual_reason',
  'prompt',
}

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local rows = {}
  for i, run in ipairs(ctx.data.log and ctx.data.log.runs or {}) do
    local values = {}
    for j, column in ipairs(COLUMNS) do
      if column == 'tokens' then
        values[j] = parts.tokens_of(run.sums)
      else
        values[j] = run[column] or run.sums and run.sums[column] or ''
      end
    end
    rows[i] = values
  end
  return { name = 'log', columns = vim.list_slice(COLUMNS), rows = rows }
end

return M
