--- The settings of one budget, as the budget's own window and an agent's configuration show and change them.

local bar = require('purser.ui.bar')
local edit = require('purser.views.budget_edit')
local form = require('purser.ui.form')
local format = require('purser.ui.format')
local parts = require('purser.views.parts')
local policies = require('purser.config.policy')
local words = require('purser.views.budget_words')

local M = {}

local PERIOD = { month = 'this month', week = 'this week', day = 'today' }

--- What can be changed.
---@param budget purser.Budget
---@return purser.ui.Setting[]
function M.limits(budget)
  local thresholds = budget.thresholds or { 50, 80, 100 }
  return {
    {
      name = ('%s budget (in cents)'):format(words.EACH[budget.period] or 'Monthly'),
      value = words.limit(budget),
      group = 'PurserTotal',
      edit = 'limit',
    },
    { name = 'At the limit', value = words.AT_LIMIT[budget.at_limit or 'block'], edit = 'at_limit' },
    {
      name = 'Thresholds',
      value = table.concat(thresholds, ', ') .. ' %' .. (budget.forecast and ', and on the forecast' or ''),
      edit = 'thresholds',
    },
    { name = 'Starts afresh', value = words.begins(budget), edit = budget.period ~= 'day' and 'reset_day' or nil },
    {
      name = 'Time zone',
      value = (budget.zone or '') ~= '' and budget.zone or "the system's",
      edit = 'zone',
    },
  }
end

--- Where it stands.
---@param budget purser.Budget
---@param now_ms integer
---@return purser.ui.Setting[]
function M.state(budget, now_ms)
  local out = {}
  if not budget.limit_nanousd then
    return out
  end
  local when = PERIOD[budget.period] or 'this month'
  out[#out + 1] = {
    name = 'Spent ' .. when,
    draw = function(text, cells)
      local share = parts.share_spent(budget) or 0
      text:add(format.money(budget.spent_nanousd or 0) .. '  ')
      if budget.limit_nanousd > 0 then
        local held = parts.share(budget.held_nanousd, budget.limit_nanousd)
        local room = math.max(6, math.min(24, cells - 18))
        bar.thin(text, share, room, { group = bar.group(share), track = true, held = held })
        text:add('  ' .. format.percent(share), share >= 0.8 and bar.group(share) or nil)
      end
    end,
  }
  if (budget.held_nanousd or 0) > 0 then
    out[#out + 1] = { name = 'Held', value = format.money(budget.held_nanousd) .. ' by runs under way' }
  end
  local raise = (budget.raise_nanousd or 0) > 0 and ('by %s'):format(format.money(budget.raise_nanousd)) or 'no'
  out[#out + 1] = { name = 'Raised ' .. when, value = raise, edit = 'raise' }
  local reached = words.reached(budget, now_ms)
  local pace, group = words.pace(budget, now_ms)
  if reached and budget.limit_nanousd > 0 then
    out[#out + 1] = { name = 'Limit reached', value = reached, group = 'PurserBarOver' }
  elseif pace then
    out[#out + 1] = { name = 'Forecast', value = pace, group = group }
  end
  if budget.resets_at_ms then
    out[#out + 1] = {
      name = 'Resets',
      value = ('%s, on %s'):format(format.until_then(budget.resets_at_ms, now_ms), format.day_of(budget.resets_at_ms)),
    }
  end
  out[#out + 1] = { name = 'This budget is', value = words.FROM[budget.origin or 'saved'] }
  return out
end

---@param value { cents?: integer }
---@return string
local function limit_says(value)
  if not value.cents then
    return 'no limit'
  elseif value.cents == 0 then
    return 'no paid work at all'
  end
  return '= ' .. format.money(value.cents * 10000000)
end

---@param cents? number
---@return string
local function digits(cents)
  return cents and ('%d'):format(cents) or ''
end

---@type table<string, fun(browser: purser.Browser, budget: purser.Budget)>
M.change = {
  limit = function(browser, budget)
    form.change(browser, 'limit', {
      value = digits(budget.limit_cents),
      read = function(text)
        local cents, problem = edit.parse_limit(text)
        if problem then
          return nil, problem
        end
        return { cents = cents }
      end,
      says = limit_says,
      complete = function()
        return { 'off' }
      end,
      save = function(value, done)
        local policy = edit.policy(budget, {})
        policy.limit_cents = value.cents
        edit.save(policy, done)
      end,
    })
  end,

  at_limit = function(browser, budget)
    form.choose(browser, {
      prompt = 'At the limit',
      kind = 'purser.at_limit',
      values = policies.AT_LIMIT,
      words = words.AT_LIMIT,
      save = function(value, done)
        edit.save(edit.policy(budget, { at_limit = value }), done)
      end,
    })
  end,

  thresholds = function(browser, budget)
    form.change(browser, 'thresholds', {
      value = table.concat(budget.thresholds or { 50, 80, 100 }, ','),
      read = policies.thresholds,
      says = function()
        return '% of the limit'
      end,
      save = function(value, done)
        edit.save(edit.policy(budget, { thresholds = value }), done)
      end,
    })
  end,

  reset_day = function(browser, budget)
    form.change(browser, 'reset_day', {
      value = digits(budget.reset_day or 1),
      read = function(text)
        return policies.reset_day(text, budget.period)
      end,
      says = function(day)
        return words.begins({ scope = '', period = budget.period, reset_day = day })
      end,
      save = function(value, done)
        edit.save(edit.policy(budget, { reset_day = value }), done)
      end,
    })
  end,

  zone = function(browser, budget)
    form.change(browser, 'zone', {
      value = budget.zone or '',
      read = policies.zone,
      says = function(zone)
        return zone == '' and "the system's" or nil
      end,
      complete = require('purser.config.zones').names,
      save = function(value, done)
        edit.save(edit.policy(budget, { zone = value }), done)
      end,
    })
  end,

  raise = function(browser, budget)
    if not budget.limit_nanousd then
      return require('purser.notify').info('there is no limit that could be raised')
    end
    form.change(browser, 'raise', {
      value = '',
      read = policies.raise,
      says = function(cents)
        return ('makes %s'):format(format.money((budget.limit_nanousd or 0) + cents * 10000000))
      end,
      save = function(value, done)
        edit.send('budget.raise', { scope = budget.scope, period = budget.period, cents = value }, done)
      end,
    })
  end,
}

return M
