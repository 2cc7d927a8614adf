--- Runs that took unusually much, and small tasks that a smaller model would have done: each with its reason, the figures behind it, and
--- what it cost.

local Text = require('purser.ui.text')
local billing = require('purser.views.billing')
local findings = require('purser.views.findings')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local span = require('purser.views.span')
local tables = require('purser.ui.table')
local ways = require('purser.views.ways')
local width = require('purser.ui.width')

--- Half a cent: less is not worth reading.
local MINIMUM_NANOUSD = 5000000

--- Of the dashboard, which is there at once: so many of the last runs are looked at.
local BRIEFLY = 6

---@type purser.View
local M = { name = 'review', tab = 'log', gentle = true, ranged = true, billed = true }

---@param ctx purser.ViewContext
---@return string? agent
---@return string? workspace
local function within(ctx)
  local scope = ctx.args.scope
  return scope == 'agent' and ctx.args.name or nil, scope == 'workspace' and ctx.args.name or nil
end

---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.title(ctx)
  local agent, workspace = within(ctx)
  local of = agent or workspace and format.path(workspace)
  return { { of and (' Review of %s '):format(of) or ' Review ', 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@param more? table
---@return purser.Question
local function question(ctx, more)
  local since_ms, until_ms = span.ms(ctx)
  local args = {
    since_ms = since_ms,
    until_ms = until_ms,
    minimum_nanousd = MINIMUM_NANOUSD,
    billing = ctx.billing,
  }
  return { 'review', vim.tbl_extend('force', args, more or {}) }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  local agent, workspace = within(ctx)
  local since, last = span.of(ctx)
  return {
    kinds = { 'report', { by = 'billing', since = since, ['until'] = last, agent = agent, workspace = workspace } },
    review = question(ctx, { agent = agent, workspace = workspace, all = ctx.extra.all }),
  }
end

--- What the dashboard asks.
---@param ctx purser.ViewContext
---@return purser.Question
function M.briefly(ctx)
  return question(ctx, { limit = BRIEFLY })
end

--- The section of the dashboard: the dearest findings. Nothing where nothing was found.
---@param ctx purser.ViewContext
---@param answer? { reviewed: purser.Reviewed[] }
---@param room integer
---@return purser.ui.Text
function M.section(ctx, answer, room)
  local out = Text.new()
  local rows = findings.top(answer and answer.reviewed, 3)
  if #rows == 0 then
    return out
  end
  local note = ctx.printed and '' or ' (v)'
  parts.heading(out, 'Review', ('what stood out lately%s'):format(note))
  ---@type purser.ui.Column[]
  local columns = {
    {
      name = 'cost',
      title = '',
      right = true,
      text = function(row)
        return findings.amount(row.finding)
      end,
      group = 'PurserWarn',
    },
    {
      name = 'what',
      title = '',
      text = function(row)
        return (findings.says(row.finding))
      end,
    },
    {
      name = 'agent',
      title = '',
      max = 16,
      text = function(row)
        return row.run.agent
      end,
      group = 'PurserName',
    },
    {
      name = 'prompt',
      title = '',
      grow = true,
      min = 10,
      keep = 2,
      text = function(row)
        return width.clean(row.run.prompt or '')
      end,
      group = 'PurserMuted',
    },
  }
  return out:append(tables.draw(columns, rows, {
    width = room,
    bare = true,
    item = function()
      return { kind = 'review' }
    end,
  }))
end

---@param ctx purser.ViewContext
---@param out purser.ui.Text
---@param one purser.Reviewed
local function draw_run(ctx, out, one)
  local run = one.run
  out:item({ kind = 'run', name = run.id, reviewed = one })
  out:add(format.moment(run.started_ms, ctx.now_ms) .. ' ', 'PurserMuted'):add(run.agent, 'PurserName')
  out:add('  ' .. format.cost(run.sums or {}), run.unusual and 'PurserWarn' or nil)
  out:add('  ')
  out:add(width.cut(width.clean(run.prompt or ''), math.max(8, ctx.width - out:column())), 'PurserMuted'):nl()
  for _, finding in ipairs(one.findings) do
    local what, why = findings.says(finding)
    out:item({ kind = 'run', name = run.id, finding = finding })
    out:add('  ' .. what, finding.dismissed and 'PurserMuted' or 'PurserHeading')
    out:add(': ' .. findings.amount(finding), finding.dismissed and 'PurserMuted' or 'PurserWarn')
    if finding.dismissed then
      out:right(ctx.width, { { 'waved aside', 'PurserFaint' } })
    end
    out:nl()
    for _, line in ipairs(width.wrap(why, ctx.width - 4)) do
      out:add('    ' .. line, 'PurserMuted'):nl()
    end
  end
  out:item(nil)
end

--- What was spent of the other kinds, which `b` reviews.
---@param ctx purser.ViewContext
---@param out purser.ui.Text
---@return purser.ui.Text
local function add_others(ctx, out)
  local others = billing.others(ctx, ctx.data.kinds)
  return others and out:add(width.cut(others, ctx.width), 'PurserMuted'):nl() or out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local list = ctx.data.review and ctx.data.review.reviewed
  if not list then
    return out
      :add(ctx.errors.review or glyphs.get().ellipsis, ctx.errors.review and 'PurserError' or 'PurserMuted')
      :nl()
  elseif #list == 0 then
    return add_others(ctx, out:add(('Nothing stands out %s.'):format(span.words(ctx)), 'PurserMuted'):nl())
  end
  out:add('About ' .. format.money(findings.sum(list)), 'PurserTotal')
  local word = billing.word(ctx.billing)
  local saved = (' %s %s'):format(word ~= '' and word .. ' could be saved' or 'could have been saved', span.words(ctx))
  out:add(width.cut(saved, ctx.width - out:column()), 'PurserMuted')
  if ctx.extra.all then
    out:right(ctx.width, { { 'nothing is left out', 'PurserMuted' } })
  end
  out:nl()
  add_others(ctx, out)
  for _, one in ipairs(list) do
    out:nl()
    draw_run(ctx, out, one)
  end
  parts.heading(out:nl(), 'What the marks mean', nil)
  local legend = glyphs.get().about .. ' estimated: what would have happened otherwise is not known'
  for _, line in ipairs(width.wrap(legend, ctx.width)) do
    out:add(line, 'PurserMuted'):nl()
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local rows = {}
  for _, one in ipairs(ctx.data.review and ctx.data.review.reviewed or {}) do
    for _, finding in ipairs(one.findings) do
      rows[#rows + 1] =
        { one.run.id, one.run.agent, finding.kind, finding.nanousd, finding.measured, finding.figure, finding.usual }
    end
  end
  return {
    name = 'review',
    columns = { 'run', 'agent', 'finding', 'nanousd', 'measured', 'figure', 'usual' },
    rows = rows,
  }
end

--- The finding under the cursor; of a run's own line its dearest.
---@param browser purser.Browser
---@return { run: integer, finding: purser.Finding }?
local function at_cursor(browser)
  local item = browser:item()
  if type(item) ~= 'table' then
    return nil
  end
  local finding = item.finding or item.reviewed and item.reviewed.findings[1]
  return finding and { run = item.name, finding = finding } or nil
end

---@param browser purser.Browser
---@param verb "review.dismiss"|"review.restore"
local function mark(browser, verb)
  local one = at_cursor(browser)
  if not one then
    return
  end
  require('purser.core').ask(verb, { run = one.run, finding = one.finding.kind }, function(err)
    if err then
      return require('purser.notify').error(err.message)
    end
    browser:refresh()
  end)
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local all = browser.place.extra.all
  local args = browser.place.args
  local out = {
    {
      lhs = 'x',
      desc = 'Wave the finding aside: it is not shown again',
      hint = 'wave aside',
      rank = 3,
      group = 'Finding',
      run = function()
        mark(browser, 'review.dismiss')
      end,
    },
    {
      lhs = 'X',
      desc = all and 'Leave out what was waved aside' or 'Show what was waved aside, too',
      hint = all and 'hide them' or nil,
      rank = 5,
      group = 'Finding',
      run = function()
        browser.place.extra.all = not browser.place.extra.all or nil
        browser:refresh()
      end,
    },
    {
      lhs = 'u',
      desc = 'Take back that the finding was waved aside',
      hint = all and 'take back' or nil,
      rank = 3,
      group = 'Finding',
      run = function()
        mark(browser, 'review.restore')
      end,
    },
  }
  local own = args.scope and { scope = args.scope, name = args.name } or nil
  return vim.list_extend(out, ways.keys(browser, 'review', own))
end

return M
