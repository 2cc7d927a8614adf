--- The AgentRunLog: every run, newest first, a page at a time.

local Text = require('purser.ui.text')
local filters = require('purser.views.filter')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local runs = require('purser.views.runs')
local tables = require('purser.ui.table')

local PAGE = 200

---@type purser.View
local M = { name = 'log', live = true, filtered = true, sorted = { name = 'when' } }

---@return purser.ui.Chunk[]
function M.title()
  return { { ' AgentRunLog ', 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@param before? integer
---@return purser.Question
local function page(ctx, before)
  local args = vim.tbl_extend('force', filters.parse(ctx.filter).ask, { limit = PAGE, before = before })
  return { 'log', args }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  return { log = page(ctx) }
end

--- The next page, when the last one was full.
---@param ctx purser.ViewContext
---@return table<string, purser.Question>?
function M.more(ctx)
  local rows = ctx.data.log and ctx.data.log.runs or {}
  if #rows == 0 or #rows % PAGE ~= 0 then
    return nil
  end
  return { log = page(ctx, rows[#rows].id) }
end

---@param ctx purser.ViewContext
---@param _name string
---@param answer { runs: purser.RunRow[] }
function M.append(ctx, _name, answer)
  vim.list_extend(ctx.data.log.runs, answer.runs)
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
function M.sortable(ctx)
  return runs.columns(ctx, ctx.data.log and ctx.data.log.runs or {})
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local all = ctx.data.log and ctx.data.log.runs
  local filter = filters.parse(ctx.filter)
  local rows = vim.tbl_filter(function(row)
    return filters.matches(filter, row)
  end, all or {})
  if not all then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  elseif #rows == 0 then
    local text = ctx.filter and 'No run matches the filter.' or 'No runs yet: :AgentRun starts one.'
    return out:add(text, 'PurserMuted'):nl()
  end
  local columns = M.sortable(ctx)
  out:append(tables.draw(columns, tables.sort(rows, columns, ctx.sort), {
    width = ctx.width,
    sort = ctx.sort,
    item = function(row)
      return { kind = 'run', name = row.id }
    end,
  }))
  local note = format.count(#rows, 'run')
  if M.more(ctx) then
    note = note .. (ctx.printed and ', the newest' or ', the newest: m shows more')
  end
  return out:nl():add(note, 'PurserMuted'):nl()
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  return {
    {
      lhs = 'u',
      desc = 'Runs of this Neovim, and their windows',
      group = 'Table',
      run = function()
        browser:push('live')
      end,
    },
    {
      lhs = 'm',
      desc = 'Older runs',
      hint = 'more',
      rank = 5,
      group = 'Table',
      run = function()
        local questions = M.more(browser.ctx)
        if questions then
          browser.place.cursor = vim.api.nvim_win_get_cursor(browser.window.win)
          browser:ask(questions, function(name, answer)
            M.append(browser.ctx, name, answer)
          end)
        end
      end,
    },
  }
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local columns = {
    'id',
    'started_ms',
    'agent',
    'workspace',
    'branch',
    'source',
    'model',
    'effort',
    'status',
    'duration_ms',
    'requests',
    'tokens',
    'cost_nanousd',
    'prompt',
  }
  local rows = {}
  for i, run in ipairs(ctx.data.log and ctx.data.log.runs or {}) do
    local values = {}
    for j, column in ipairs(columns) do
      values[j] = run[column] or run.sums and run.sums[column] or ''
    end
    values[12] = parts.tokens_of(run.sums)
    rows[i] = values
  end
  return { name = 'log', columns = columns, rows = rows }
end

return M
