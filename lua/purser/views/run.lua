--- One run: what was asked, how it ended, and every request with what it cost.

local Text = require('purser.ui.text')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local runs = require('purser.views.runs')
local spark = require('purser.ui.spark')
local tables = require('purser.ui.table')
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
  return { run = { 'run', { id = tonumber(ctx.args.name) or 0 } } }
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
function M.sortable(ctx)
  local requests = ctx.data.run and ctx.data.run.requests or {}
  local most = 0
  for _, request in ipairs(requests) do
    most = math.max(most, request.cost_nanousd or 0)
  end
  local money = format.money_column(most)
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
      keep = 1,
      text = function(row)
        if row.status == 'known' then
          return row.rate_card or ''
        end
        return row.status
      end,
      group = 'PurserMuted',
      ascending = true,
    },
    {
      name = 'tier',
      title = 'Tier',
      sparse = true,
      keep = 2,
      text = function(row)
        local words = {}
        for _, word in ipairs({ row.tier or '', row.speed or '' }) do
          if word ~= '' and word ~= 'standard' then
            words[#words + 1] = word
          end
        end
        return table.concat(words, ' ')
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
    out:add(width.cut(fact[2], half - label - 1), fact[3])
    if i % 2 == 0 or i == #shown then
      out:nl()
    end
  end
  return out
end

---@param ctx purser.ViewContext
---@param run purser.RunRow
---@return purser.ui.Text
local function about(ctx, run)
  local sums = run.sums or {}
  local room = math.floor(ctx.width / 2) - (ctx.width >= 76 and 15 or 12)
  local out = facts(ctx, {
    { 'Agent', run.agent, 'PurserName' },
    { 'Model', run.model, 'PurserName' },
    { 'Effort', run.effort },
    { 'Reached by', run.source },
    { 'Workspace', format.path(run.workspace, room) },
    { 'Branch', run.branch },
    { 'Started', format.moment(run.started_ms, ctx.now_ms) },
    { 'Took', runs.is_open(run) and 'under way' or format.duration(run.duration_ms) },
    { 'Requests', tostring(sums.requests or 0) },
    { 'Tool calls', tostring(run.tool_calls or 0) },
    { 'Retries', (run.retries or 0) > 0 and tostring(run.retries) or nil, 'PurserWarn' },
    { 'Compacted', (run.compactions or 0) > 0 and tostring(run.compactions) or nil },
    { 'Billing', run.billing ~= 'metered' and run.billing or nil },
    { 'Exit code', (run.exit_code or 0) ~= 0 and tostring(run.exit_code) or nil, 'PurserWarn' },
  })
  for _, fact in ipairs({ { 'Session', run.session }, { 'Conversation', run.conversation } }) do
    if fact[2] and fact[2] ~= '' then
      out:add(width.pad(fact[1], 14), 'PurserMuted'):add(width.cut(fact[2], ctx.width - 14)):nl()
    end
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local data = ctx.data.run
  if not data then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  end
  local run = data.run
  local mark, word, group = runs.status(run.status)
  local sums = run.sums or {}
  out:add(format.cost(sums), 'PurserTotal')
  out:add(
    ('  %s in, %s out'):format(format.tokens(parts.tokens_in(sums)), format.tokens(sums.output or 0)),
    'PurserMuted'
  )
  out:right(ctx.width, { { ('%s %s'):format(mark, word), group } }):nl()
  out:append(parts.doubts(ctx, sums))
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
  out:nl():append(about(ctx, run)):nl()
  if #data.requests == 0 then
    return out:add('No request was booked.', 'PurserMuted'):nl()
  end
  local contexts = {}
  for i, request in ipairs(data.requests) do
    contexts[i] = parts.tokens_in(request.usage)
  end
  if #contexts > 1 then
    out:add('Context ', 'PurserHeading'):add(spark.line(contexts, math.min(40, ctx.width - 30)), 'PurserBar')
    out
      :add((' %s to %s'):format(format.tokens(contexts[1]), format.tokens(contexts[#contexts])), 'PurserMuted')
      :nl()
      :nl()
  end
  local columns = M.sortable(ctx)
  return out:append(tables.draw(columns, tables.sort(data.requests, columns, ctx.sort), {
    width = ctx.width,
    sort = ctx.sort,
  }))
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  return {
    {
      lhs = 'o',
      desc = 'The window of the run, if it is from this Neovim',
      hint = 'window',
      rank = 4,
      group = 'Run',
      run = function()
        local run = require('purser.runs').get(tonumber(browser.place.args.name) or 0)
        if run then
          browser.window:close()
          return require('purser.ui.run_window').open(run)
        end
        require('purser.notify').info('this run is not of this Neovim, so it has no window')
      end,
    },
    {
      lhs = 'a',
      desc = 'Its agent',
      group = 'Run',
      run = function()
        local data = browser.ctx.data.run
        if data then
          browser:push('agent', { name = data.run.agent })
        end
      end,
    },
    {
      lhs = 'w',
      desc = 'Its workspace',
      group = 'Run',
      run = function()
        local data = browser.ctx.data.run
        if data then
          browser:push('workspace', { name = data.run.workspace })
        end
      end,
    },
  }
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local columns =
    { 'at_ms', 'model', 'input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'cost_nanousd' }
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
