--- The parts of a budget as people write them: each is read into what the ledger wants, or into a sentence that says what to do.
--- The same everywhere: on the command line, in the windows, in setup(). Pure.

local M = {}

M.PERIODS = { 'month', 'week', 'day' }
M.AT_LIMIT = { 'block', 'ask', 'warn' }

--- Nine million dollars: near the end of what the ledger's integers and a Lua number hold exactly.
M.MOST_CENTS = 900000000
--- A raise of more than a million dollars is a slip of the finger.
M.MOST_RAISE_CENTS = 100000000

M.THRESHOLDS_MAX = 8

--- Whole cents; "$25" and "$2.50" are understood too.
---@param text string
---@return integer? cents
---@return string? problem
function M.cents(text)
  text = vim.trim(text)
  local dollars, hundredths = text:match('^%$(%d+)%.?(%d?%d?)$')
  local cents
  if dollars then
    hundredths = hundredths == '' and '00' or #hundredths == 1 and hundredths .. '0' or hundredths
    cents = tonumber(dollars .. hundredths)
  elseif text == '' then
    return nil, 'how much? whole cents, such as 500'
  elseif text:match('^%-%$?%d') then
    return nil, 'a budget can\'t be negative; "off" is no limit'
  elseif text:match('^%d*%.%d+$') or text:match('^%d+%.$') then
    local whole = tonumber(text) and math.floor(tonumber(text) --[[@as number]])
    local near = whole and whole < M.MOST_CENTS and (': %d or %d?'):format(whole, whole + 1) or ''
    return nil, ('%s is no whole number of cents%s'):format(text, near)
  else
    cents = tonumber(text:match('^%d+$'))
  end
  if not cents then
    return nil, ('"%s" is not a number of cents; $5 is 500'):format(text)
  elseif cents > M.MOST_CENTS then
    return nil, ('a budget is at most %d cents ($9 million)'):format(M.MOST_CENTS)
  end
  return cents
end

--- By how much a budget is raised.
---@param text string
---@return integer? cents
---@return string? problem
function M.raise(text)
  local cents, problem = M.cents((vim.trim(text):gsub('^%+', '')))
  if not cents then
    return nil, problem
  elseif cents == 0 then
    return nil, 'a raise of 0 changes nothing'
  elseif cents > M.MOST_RAISE_CENTS then
    return nil, ('a raise is at most %d cents ($1 million) at a time'):format(M.MOST_RAISE_CENTS)
  end
  return cents
end

--- "50,80,100": percents of the limit, ascending.
---@param text string
---@return integer[]? thresholds
---@return string? problem
function M.thresholds(text)
  local out = {}
  for word in vim.gsplit(text, '[,%s]+', { trimempty = true }) do
    local percent = tonumber(word:match('^(%d+)%%?$'))
    if not percent or percent < 1 or percent > 1000 then
      return nil, ('"%s" is no percent from 1 to 1000: thresholds are written as 50,80,100'):format(word)
    elseif vim.list_contains(out, percent) then
      return nil, ('%d %% is there twice'):format(percent)
    end
    out[#out + 1] = percent
  end
  if #out == 0 then
    return nil, 'which percents? such as 50,80,100'
  elseif #out > M.THRESHOLDS_MAX then
    return nil, ('at most %d thresholds'):format(M.THRESHOLDS_MAX)
  end
  table.sort(out)
  return out
end

--- The last day on which a period of that kind can begin.
---@param period? string
---@return integer
function M.last_day(period)
  return period == 'week' and 7 or 31
end

---@param text string
---@param period? string
---@return integer? day
---@return string? problem
function M.reset_day(text, period)
  local day = tonumber(vim.trim(text):match('^%d+$'))
  local last = M.last_day(period)
  if period == 'day' then
    return nil, 'a budget by the day begins at midnight: it has no reset day'
  elseif not day or day < 1 or day > last then
    return nil,
      period == 'week' and ('"%s" is no weekday: 1 is Monday, 7 is Sunday'):format(text)
        or ('"%s" is no day of the month: 1 to 31'):format(text)
  end
  return day
end

---@param text string
---@return string? zone
---@return string? problem
function M.zone(text)
  if text == 'system' then
    return ''
  end
  local problem = require('purser.config.zones').problem(text)
  if problem then
    return nil, problem
  end
  return text
end

--- What is wrong with the parts of a policy together, each being right by itself.
---@param policy table what of it is right
---@param given table as it was written
---@return string? field
---@return string? problem
function M.contradiction(policy, given)
  if given.scope == nil then
    return 'scope', 'is missing: "global", "agent:NAME" or "workspace:PATH"'
  end
  local thresholds = policy.thresholds
  if thresholds then
    if #thresholds > M.THRESHOLDS_MAX then
      return 'thresholds', ('expected at most %d'):format(M.THRESHOLDS_MAX)
    end
    for i = 2, #thresholds do
      if thresholds[i] <= thresholds[i - 1] then
        return 'thresholds', 'expected each to be larger than the one before it'
      end
    end
  end
  if policy.reset_day and policy.period == 'week' and policy.reset_day > 7 then
    return 'reset_day', ('expected a weekday from 1 (Monday) to 7, got %d'):format(policy.reset_day)
  end
end

--- A rule that says for whom a client's own run counts: without an agent it says nothing.
---@param valid table
---@param given table
---@return string? field
---@return string? problem
function M.agent_rule(valid, given)
  if given.agent == nil then
    return 'agent', 'for which agent?'
  elseif valid.agent == '' then
    return 'agent', 'expected a name, got ""'
  end
end

---@param valid table
---@param given table
---@return string? field
---@return string? problem
function M.billing_rule(valid, given)
  if given.billing == nil then
    return 'billing', 'expected "metered", "subscription" or "local"'
  end
  local year, month, day = (valid.since or '2000-01-01'):match('^(%d%d%d%d)-(%d%d)-(%d%d)$')
  local at = year and os.time({ year = year, month = month, day = day, hour = 12 })
  if not at or os.date('%Y-%m-%d', at) ~= ('%s-%s-%s'):format(year, month, day) then
    return 'since', ('expected a day such as "2026-10-01", got %q'):format(valid.since)
  end
end

return M
