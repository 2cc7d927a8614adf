--- What stands below the prompt that is being written: what goes with it, what it may cost, and what the budget has. Pure.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local width = require('purser.ui.width')

local M = {}

---@class (exact) purser.Estimate answer of the core's `estimate`
---@field low_nanousd? integer
---@field high_nanousd? integer
---@field input_tokens? integer
---@field output_tokens? integer
---@field status? string
---@field budget? purser.Budget

---@class (exact) purser.PanelState
---@field selection? purser.Selection
---@field estimate? purser.Estimate
---@field problem? string why there is no estimate
---@field model? string
---@field free? boolean
---@field warning? string about the conversation that goes on
---@field suggestion? purser.Suggestion
---@field now_ms integer

--- What is left of a budget, for people; the gate asks the ledger itself.
---@param budget? purser.Budget
---@return integer?
local function left_of(budget)
  if not budget or not budget.limit_nanousd then
    return nil
  end
  return budget.limit_nanousd - (budget.spent_nanousd or 0) - (budget.held_nanousd or 0)
end

---@param state purser.PanelState
---@return string text
---@return string group
function M.estimate_line(state)
  local set = glyphs.get()
  local estimate = state.estimate
  if state.problem then
    return state.problem, 'PurserError'
  elseif state.free then
    return 'costs nothing', 'PurserGood'
  elseif not estimate then
    return set.ellipsis, 'PurserMuted'
  elseif not estimate.high_nanousd or estimate.status == 'unknown' then
    return ('no price is known for %s'):format(state.model or 'this model'), 'PurserWarn'
  end
  local text = ('%s %s'):format(
    set.about,
    format.range(estimate.low_nanousd or estimate.high_nanousd, estimate.high_nanousd)
  )
  local left = left_of(estimate.budget)
  if not left then
    return text, 'PurserTotal'
  elseif left < estimate.high_nanousd then
    return ('%s, but only %s is left %s'):format(
      text,
      format.money(math.max(left, 0)),
      format.period(estimate.budget.period)
    ),
      'PurserWarn'
  end
  local rest = format.money(left - estimate.high_nanousd)
  return ('%s, leaves %s %s'):format(text, rest, format.period(estimate.budget.period)), 'PurserTotal'
end

--- The key and the words in which a suggestion is put, the longest that there is room for: "looks like formatting: claude-haiku-4-5 at low
--- would be ≈ 0.4 ¢ instead of ≈ 3.1 ¢".
---@param suggestion purser.Suggestion
---@param cells integer
---@return string? text
function M.suggestion(suggestion, cells)
  local set = glyphs.get()
  local effort = suggestion.effort
  local what = suggestion.model and (effort and ('%s at %s'):format(suggestion.model, effort) or suggestion.model)
    or ('%s effort'):format(effort)
  local brief = suggestion.model and (effort and ('%s, %s'):format(suggestion.model, effort) or suggestion.model)
    or ('%s effort'):format(effort)
  local texts ---@type string[]
  if suggestion.now and suggestion.model then
    local now = ('%s %s'):format(set.about, format.rough(suggestion.now.high_nanousd))
    local then_ = ('%s %s'):format(set.about, format.rough(suggestion['then'].high_nanousd))
    texts = {
      ('looks like %s: %s would be %s instead of %s'):format(suggestion.kind, what, then_, now),
      ('looks like %s: %s for %s, not %s'):format(suggestion.kind, brief, then_, now),
      ('%s: %s for %s, not %s'):format(suggestion.kind, brief, then_, now),
      ('%s: %s for %s'):format(suggestion.kind, brief, then_),
      ('%s for %s'):format(brief, then_),
      brief,
    }
  else
    texts =
      { ('looks like %s: %s would do'):format(suggestion.kind, what), ('%s: %s'):format(suggestion.kind, brief), brief }
  end
  for _, text in ipairs(texts) do
    if width.of(text) <= cells then
      return text
    end
  end
end

--- The line below the text. A suggestion stands in it, so that nothing moves when there is one.
---@param out purser.ui.Text
---@param state purser.PanelState
---@param cells integer
local function rule(out, state, cells)
  local set = glyphs.get()
  local hint = ' <C-g> '
  local text = state.suggestion and M.suggestion(state.suggestion, cells - #hint - 3)
  if not text then
    out:add(set.line:rep(cells), 'PurserFaint'):nl()
    return
  end
  out:add(set.line, 'PurserFaint'):add(hint, 'PurserKey'):add(text .. ' ', 'PurserInfo')
  out:add(set.line:rep(cells - out:column()), 'PurserFaint'):nl()
end

--- Always as many rows, so that nothing moves while one types.
---@param state purser.PanelState
---@param cells integer
---@return purser.ui.Text
function M.draw(state, cells)
  local set = glyphs.get()
  local out = Text.new()
  rule(out, state, cells)
  local selection = state.selection
  if selection then
    local where = ('%s:%d%s%d'):format(selection.file, selection.first, set.dash, selection.last)
    local lines = format.count(#selection.lines, 'line')
    out
      :add(' with ')
      :add(width.cut_left(where, cells - #lines - 10), 'PurserName')
      :add('  ' .. lines, 'PurserMuted')
      :nl()
  end
  for _, line in ipairs(state.warning and width.wrap(state.warning, cells - 2) or {}) do
    out:add(' '):add(line, 'PurserWarn'):nl()
  end
  local text, group = M.estimate_line(state)
  out:add(' '):add(width.cut(text, cells - 2), group)
  local estimate = state.estimate
  if estimate and estimate.input_tokens and not state.problem then
    local tokens = ('%s %s in, %s out'):format(
      set.about,
      format.tokens(estimate.input_tokens),
      format.tokens(estimate.output_tokens or 0)
    )
    out:right(cells - 1, { { tokens, 'PurserMuted' } })
  end
  out:nl()
  local budget = estimate and estimate.budget
  local share = parts.share_spent(budget)
  if budget and share and budget.limit_nanousd > 0 then
    local bar_group = bar.group(share)
    local held = parts.share(budget.held_nanousd, budget.limit_nanousd)
    out:add(' ')
    bar.thin(out, share, math.min(20, math.floor(cells / 4)), { group = bar_group, track = true, held = held })
    out:add(' ' .. format.percent(share), share >= 0.8 and bar_group or nil)
    local words = (' of %s for %s'):format(format.scale(budget.limit_nanousd), format.scope(budget.scope))
    if budget.resets_at_ms then
      words = ('%s %s resets %s'):format(words, set.separator, format.until_then(budget.resets_at_ms, state.now_ms))
    end
    out:add(width.cut(words, cells - out:column() - 1), 'PurserMuted')
  elseif estimate and not state.problem then
    out:add(' no budget limits this run', 'PurserMuted')
  end
  return out:nl()
end

---@param state purser.PanelState
---@param cells integer
---@return integer
function M.rows(state, cells)
  local warning = state.warning and #width.wrap(state.warning, cells - 2) or 0
  return (state.selection and 4 or 3) + warning
end

return M
