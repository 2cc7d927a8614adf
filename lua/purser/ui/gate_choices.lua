--- What can be done about a refusal: the choices, in the order in which they are offered. Pure, and none of it decides anything:
--- whatever is chosen, the ledger is asked again.

local chart = require('purser.ui.chart')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')

local M = {}

local NANO_PER_CENT = 10000000

---@class (exact) purser.GateOffer
---@field text string
---@field choice? purser.GateChoice nil: asks for a figure first
---@field safe? boolean the one that <Esc> means

--- A cheaper way that the budgets would allow.
---@class (exact) purser.Alternative
---@field model? string
---@field effort? string
---@field estimate_nanousd integer
---@field by "effort"|"model"

--- By how much a budget is raised, when nobody says: enough for this run, and for some more like it; a round figure.
---@param refusal purser.Refusal
---@return integer cents
function M.raise_cents(refusal)
  local budget = refusal.budget or {}
  local limit = budget.limit_nanousd or 0
  local left = limit - (budget.spent_nanousd or 0) - (budget.held_nanousd or 0)
  local missing = math.max(0, (refusal.estimate_nanousd or 0) - left)
  local wanted = math.max(missing, limit / 5, 10 * NANO_PER_CENT)
  return math.ceil(chart.nice(wanted) / NANO_PER_CENT)
end

local EACH = { month = 'monthly', week = 'weekly', day = 'daily' }
local PERIOD = { month = 'this month', week = 'this week', day = 'today' }

---@param refusal purser.Refusal
---@param alternatives purser.Alternative[]
---@return purser.GateOffer[]
function M.offers(refusal, alternatives)
  local set = glyphs.get()
  local budget = refusal.budget
  local under_way = refusal.run ~= nil
  local out = {}
  local function add(text, choice, safe)
    out[#out + 1] = { text = text, choice = choice, safe = safe }
  end
  if refusal.refusal == 'unavailable' then
    add('Try again', { action = 'retry' })
    add("Don't run", { action = 'cancel' }, true)
    return out
  elseif refusal.refusal == 'wait' and not under_way then
    add('Wait until runs under way give back what they hold', { action = 'wait' })
  end
  add(under_way and 'Go on anyway, this once' or 'Run once anyway', { action = 'once' })
  if budget and budget.scope and refusal.refusal ~= 'unpriced' then
    local cents = M.raise_cents(refusal)
    local period = PERIOD[budget.period or 'month']
    add(('Raise %s by %s'):format(period, format.rough(cents * NANO_PER_CENT)), { action = 'raise', cents = cents })
    add(('Raise the %s budget for good %s'):format(EACH[budget.period or 'month'], set.ellipsis), nil)
  end
  for _, alternative in ipairs(alternatives) do
    local what = alternative.by == 'effort' and ('%s effort'):format(alternative.effort) or alternative.model
    add(
      ('Use %s instead: %s %s'):format(what, set.about, format.rough(alternative.estimate_nanousd)),
      { action = 'instead', model = alternative.model, effort = alternative.effort }
    )
  end
  add(under_way and 'Stop it' or "Don't run", { action = 'cancel' }, true)
  return out
end

--- Efforts and models to look at: less than what was asked for.
---@param refusal purser.Refusal
---@param models string[] those that the agent could use
---@return { model?: string, effort?: string, by: "effort"|"model" }[]
function M.candidates(refusal, models)
  if refusal.run or refusal.refusal == 'unavailable' then
    return {}
  end
  local out = {}
  local lower = { high = { 'medium', 'low' }, medium = { 'low' } }
  if refusal.refusal ~= 'unpriced' then
    for _, effort in ipairs(lower[refusal.effort or ''] or {}) do
      out[#out + 1] = { model = refusal.model, effort = effort, by = 'effort' }
    end
  end
  for _, model in ipairs(models) do
    if model ~= refusal.model then
      out[#out + 1] = { model = model, effort = refusal.effort, by = 'model' }
    end
  end
  return out
end

--- Of those that fit: the highest effort, and the dearest model, which is the one most like what was asked for.
---@param fitting purser.Alternative[]
---@return purser.Alternative[]
function M.best(fitting)
  local best = {}
  for _, one in ipairs(fitting) do
    local known = best[one.by]
    if not known or one.estimate_nanousd > known.estimate_nanousd then
      best[one.by] = one
    end
  end
  local out = {}
  out[#out + 1] = best.effort
  out[#out + 1] = best.model
  return out
end

return M
