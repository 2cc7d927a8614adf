--- One run: what was asked, how it ended, and every request with what it cost.

local Text = require('purser.ui.text')
local billing = require('purser.views.billing')
local conversation = require('purser.views.conversation')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local headline = require('purser.views.headline')
local parts = require('purser.views.parts')
local requests = require('purser.views.requests')
local runs = require('purser.views.runs')
local tables = require('purser.ui.table')
local tokens = require('purser.views.tokens')
local width = require('purser.ui.width')

---@type purser.View
local M = { name = 'run', tab = 'log', live = true, sorted = { name = 'at', reverse = false } }

---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.title(ctx)
  return { { (' Run %s '):format(ctx.args.name), 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  local id = tonumber(ctx.args.name) or 0
  return { run = { 'run', { id = id } }, conversation = { 'conversation', { run = id } } }
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
function M.sortable(ctx)
  return requests.columns(ctx.data.run and ctx.data.run.requests or {})
end

--- Names and values in two columns.
---@param ctx purser.ViewContext
---@param list { [1]: string, [2]?: string, [3]?: string }[]
---@return purser.ui.Text
local function facts(ctx, list)
  local out = Text.new()
  local label = ctx.width >= 76 and 14 or 11
  local half = math.floor(ctx.width / 2)
  local shown = vim.tbl_filter(function(fact)
    return fact[2] ~= nil and fact[2] ~= ''
  end, list)
  for i, fact in ipairs(shown) do
    out:to((i - 1) % 2 * half):add(width.pad(fact[1], label), 'PurserMuted')
    out:add(width.cut(fact[2], half - label - 2), fact[3])
    if i % 2 == 0 or i == #shown then
      out:nl()
    end
  end
  return out
end

--- How it ended, in words.
---@param run purser.RunRow
---@return string?
local function ending(run)
  if runs.is_open(run) then
    return nil
  end
  local out = {}
  local _, word = runs.status(run.status)
  if run.reason and run.reason ~= '' and run.reason ~= run.status and run.reason ~= 'exit' then
    out[#out + 1] = run.reason
  end
  if (run.signal or 0) ~= 0 then
    out[#out + 1] = ('signal %d'):format(run.signal)
  elseif (run.exit_code or 0) ~= 0 then
    out[#out + 1] = ('exit code %d'):format(run.exit_code)
  end
  return #out == 0 and word or ('%s, %s'):format(word, table.concat(out, ', '))
end

---@param ctx purser.ViewContext
---@param run purser.RunRow
---@param list purser.RequestRow[]
---@return purser.ui.Text
local function about(ctx, run, list)
  local sums = run.sums or {}
  local room = math.floor(ctx.width / 2) - (ctx.width >= 76 and 16 or 13)
  local out = facts(ctx, {
    { 'Agent', run.agent, 'PurserName' },
    { 'Model', run.model, 'PurserName' },
    { 'Effort', run.effort },
    { 'Reached by', run.source },
    { 'Workspace', format.path(run.workspace, room) },
    { 'Branch', run.branch },
    { 'Started', format.moment(run.started_ms, ctx.now_ms) },
    { 'Took', runs.is_open(run) and 'under way' or format.duration(run.duration_ms) },
    { 'Ended', ending(run), run.status ~= 'completed' and 'PurserWarn' or nil },
    { 'Requests', tostring(sums.requests or 0) },
    { 'Tool calls', tostring(run.tool_calls or 0) },
    { 'Retries', (run.retries or 0) > 0 and tostring(run.retries) or nil, 'PurserWarn' },
    { 'Compacted', (run.compactions or 0) > 0 and tostring(run.compactions) or nil },
    { 'Billing', run.billing },
    { 'Tier', requests.common(list, requests.tier) },
    { 'Priced by', width.cut_left(requests.common(list, requests.priced_by) or '', room) },
  })
  if run.session and run.session ~= '' then
    out:add(width.pad('Session', ctx.width >= 76 and 14 or 11), 'PurserMuted')
    out:add(width.cut(run.session, ctx.width - 14)):nl()
  end
  return out
end

--- The sum, how it ended, and what was asked.
---@param ctx purser.ViewContext
---@param run purser.RunRow
---@return purser.ui.Text
local function head(ctx, run)
  local out = Text.new()
  local mark, word, group = runs.status(run.status)
  local sums = run.sums or {}
  out:add(format.cost(sums), 'PurserTotal')
  local kind = billing.word(run.billing)
  out:add(kind == '' and '' or ' ' .. kind, 'PurserInfo')
  local tokens_text = ('  %s in, %s out'):format(format.tokens(parts.tokens_in(sums)), format.tokens(sums.output or 0))
  out:add(tokens_text, 'PurserMuted')
  out:right(ctx.width, { { ('%s %s'):format(mark, word), group } }):nl()
  out:append(headline.doubts(ctx, sums))
  local unusual = runs.unusual(run)
  if unusual ~= '' then
    out:add('! ' .. unusual, 'PurserWarn'):nl()
  end
  if run.message and run.message ~= '' then
    for _, line in ipairs(width.wrap(run.message, ctx.width)) do
      out:add(line, group):nl()
    end
  end
  if run.prompt and run.prompt ~= '' then
    out:nl()
    for _, line in ipairs(vim.split(run.prompt, '\n', { plain = true })) do
      for _, piece in ipairs(width.wrap(line, ctx.width - 2)) do
        out:add('> ' .. piece, 'PurserPrompt'):nl()
      end
    end
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local data = ctx.data.run
  if not data then
    return Text.new():add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  end
  local out = head(ctx, data.run):nl():append(about(ctx, data.run, data.requests)):nl()
  if #data.requests == 0 then
    out:add('No request was booked.', 'PurserMuted'):nl()
  else
    local columns = M.sortable(ctx)
    out:append(tables.draw(columns, tables.sort(data.requests, columns, ctx.sort), {
      width = ctx.width,
      sort = ctx.sort,
    }))
    out:nl():append(tokens.section(data.run.sums, ctx.width))
  end
  if ctx.data.conversation then
    out:nl():append(conversation.draw(ctx, ctx.data.conversation, data.run))
  end
  return out
end

--- The window of the run, else what its client has written down.
---@param browser purser.Browser
local function open(browser)
  local run = require('purser.runs').get(tonumber(browser.place.args.name) or 0)
  if run then
    browser.window:close()
    return require('purser.ui.run_window').open(run)
  end
  local data = browser.ctx.data.run
  local path, problem
  if data then
    path, problem = require('purser.views.record').find(data.run)
  end
  if not path then
    return require('purser.notify').info(problem or 'there is no such run')
  end
  browser.window:close()
  vim.cmd.tabedit(vim.fn.fnameescape(path))
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local function jump(view, field)
    return function()
      local data = browser.ctx.data.run
      if data and (data.run[field] or '') ~= '' then
        browser:push(view, { name = data.run[field] })
      end
    end
  end
  return {
    {
      lhs = 'o',
      desc = "The run's window, else its client's own transcript",
      hint = 'transcript',
      rank = 4,
      group = 'Run',
      run = function()
        open(browser)
      end,
    },
    { lhs = 'a', desc = 'Its agent', group = 'Run', run = jump('agent', 'agent') },
    { lhs = 'w', desc = 'Its workspace', group = 'Run', run = jump('workspace', 'workspace') },
  }
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local columns = {
    'at_ms',
    'model',
    'tier',
    'rate_card',
    'status',
    'input',
    'cache_read',
    'cache_write_5m',
    'cache_write_1h',
    'output',
    'extra_nanousd',
    'cost_nanousd',
  }
  local rows = {}
  for i, request in ipairs(ctx.data.run and ctx.data.run.requests or {}) do
    local values = {}
    for j, column in ipairs(columns) do
      values[j] = request[column] or request.usage[column] or ''
    end
    rows[i] = values
  end
  return { name = 'run-' .. tostring(ctx.args.name), columns = columns, rows = rows }
end

return M
