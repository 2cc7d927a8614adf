--- Runs that took unusually much, and small tasks that a smaller model would have done: each with its reason, the figures behind it, and
--- what it cost.

local Text = require('purser.ui.text')
local dates = require('purser.ui.dates')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local span = require('purser.views.span')
local width = require('purser.ui.width')

--- Half a cent: less is not worth reading.
local MINIMUM_NANOUSD = 5000000

---@type purser.View
local M = { name = 'review', tab = 'log', ranged = true }

---@class purser.Finding
---@field kind "verbose_prompt"|"context"|"break_up"|"cold_cache"|"model"
---@field nanousd integer
---@field measured boolean
---@field figure integer
---@field usual integer
---@field model? string

---@return purser.ui.Chunk[]
function M.title()
  return { { ' Review ', 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  local since, last = span.of(ctx)
  return {
    review = {
      'review',
      {
        since_ms = dates.midnight(since),
        until_ms = dates.midnight(dates.shift_day(last, 1)),
        minimum_nanousd = MINIMUM_NANOUSD,
      },
    },
  }
end

--- One sentence with the figures behind a finding.
---@type table<string, fun(finding: purser.Finding): string, string>
local SAYS = {
  verbose_prompt = function(finding)
    return 'Verbose prompt',
      ('the first request had %s tokens, usually %s'):format(
        format.tokens(finding.figure),
        format.tokens(finding.usual)
      )
  end,
  context = function(finding)
    return 'Context should be compacted',
      ('%d %% of the prompt tokens were sent before; the context grew %d-fold'):format(finding.figure, finding.usual)
  end,
  break_up = function(finding)
    local usual = finding.usual > 0 and (', usually %s'):format(format.number(finding.usual)) or ''
    return 'Task should be broken up', ('%s%s'):format(format.count(finding.figure, 'request'), usual)
  end,
  cold_cache = function(finding)
    return 'Cold cache',
      ('%s tokens were written to the cache, %s read from it'):format(
        format.tokens(finding.figure),
        format.tokens(finding.usual)
      )
  end,
  model = function(finding)
    return 'Small task on a large model',
      ('%s tokens of answer; the same tokens with %s'):format(
        format.tokens(finding.figure),
        finding.model or 'a smaller one'
      )
  end,
}

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
    return out:add(('Nothing stands out %s.'):format(span.words(ctx)), 'PurserMuted'):nl()
  end
  local sum = 0
  for _, one in ipairs(list) do
    sum = sum + one.findings[1].nanousd
  end
  out
    :add('About ' .. format.money(sum), 'PurserTotal')
    :add(' could have been saved ' .. span.words(ctx), 'PurserMuted')
    :nl()
  for _, one in ipairs(list) do
    local run = one.run
    out:nl()
    out:item({ kind = 'run', name = run.id, reviewed = one })
    out:add(format.moment(run.started_ms, ctx.now_ms) .. ' ', 'PurserMuted'):add(run.agent, 'PurserName')
    out:add('  ' .. format.cost(run.sums or {}), run.unusual and 'PurserWarn' or nil)
    out:add('  ')
    out:add(width.cut(width.clean(run.prompt or ''), math.max(8, ctx.width - out:column())), 'PurserMuted'):nl()
    for _, finding in ipairs(one.findings) do
      local says = SAYS[finding.kind]
      local what, why = says(finding)
      out:item({ kind = 'run', name = run.id, finding = finding.kind })
      out:add('  ' .. what, 'PurserHeading')
      out:add(
        (': %s%s'):format(finding.measured and '' or glyphs.get().about .. ' ', format.money(finding.nanousd)),
        'PurserWarn'
      )
      out:nl()
      for _, line in ipairs(width.wrap(why, ctx.width - 4)) do
        out:add('    ' .. line, 'PurserMuted'):nl()
      end
    end
    out:item(nil)
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

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  return {
    {
      lhs = 'x',
      desc = 'Wave the finding aside: it is not shown again',
      hint = 'wave aside',
      rank = 3,
      group = 'Finding',
      run = function()
        local item = browser:item()
        if type(item) ~= 'table' then
          return
        end
        local finding = item.finding or item.reviewed and item.reviewed.findings[1].kind
        if finding then
          require('purser.core').ask('review.dismiss', { run = item.name, finding = finding }, function(err)
            if err then
              return require('purser.notify').error(err.message)
            end
            browser:refresh()
          end)
        end
      end,
    },
  }
end

return M
