-- The parts of a budget as they are typed, and what is said about what can't be understood.

local policy = require('purser.config.policy')

---@param read fun(text: string, more?: any): any, string?
---@param cases table[] text, what is read or the reason
local function check(read, cases, more)
  for _, case in ipairs(cases) do
    local value, problem = read(case[1], more)
    if case.why then
      assert.is_nil(value, case[1])
      assert.equals(case.why, problem)
    else
      assert.same(case[2], value, case[1])
      assert.is_nil(problem)
    end
  end
end

describe('an amount', function()
  it('is whole cents, or dollars with their sign', function()
    check(policy.cents, {
      { '0', 0 },
      { '500', 500 },
      { ' 2500 ', 2500 },
      { '$25', 2500 },
      { '$2.50', 250 },
      { '$2.5', 250 },
      { '900000000', 900000000 },
    })
  end)

  it('that is negative, fractional, huge or no number gets a reason, and what to write instead', function()
    check(policy.cents, {
      { '-5', why = 'a budget can\'t be negative; "off" is no limit' },
      { '-$5', why = 'a budget can\'t be negative; "off" is no limit' },
      { '12.5', why = '12.5 is no whole number of cents: 12 or 13?' },
      { '.5', why = '.5 is no whole number of cents: 0 or 1?' },
      { '900000001', why = 'a budget is at most 900000000 cents ($9 million)' },
      {
        '99999999999999999999',
        why = 'a budget is at most 900000000 cents ($9 million)',
      },
      { 'lots', why = '"lots" is not a number of cents; $5 is 500' },
      { '1e3', why = '"1e3" is not a number of cents; $5 is 500' },
      { '5€', why = '"5€" is not a number of cents; $5 is 500' },
      { '', why = 'how much? whole cents, such as 500' },
    })
  end)

  it('to raise by is more than nothing, and no slip of the finger', function()
    check(policy.raise, {
      { '+200', 200 },
      { '200', 200 },
      { '+$2', 200 },
      { '+0', why = 'a raise of 0 changes nothing' },
      { '100000001', why = 'a raise is at most 100000000 cents ($1 million) at a time' },
      { '+-3', why = 'a budget can\'t be negative; "off" is no limit' },
    })
  end)
end)

describe('thresholds', function()
  it('are percents, in any order', function()
    check(policy.thresholds, {
      { '50,80,100', { 50, 80, 100 } },
      { '100, 50%', { 50, 100 } },
      { '120', { 120 } },
    })
  end)

  it('that are none get a reason', function()
    check(policy.thresholds, {
      { 'half', why = '"half" is no percent from 1 to 1000: thresholds are written as 50,80,100' },
      { '0,50', why = '"0" is no percent from 1 to 1000: thresholds are written as 50,80,100' },
      { '50,50', why = '50 % is there twice' },
      { '', why = 'which percents? such as 50,80,100' },
      { '1,2,3,4,5,6,7,8,9', why = 'at most 8 thresholds' },
    })
  end)
end)

describe('a reset day', function()
  it('is a day of the month or of the week', function()
    check(policy.reset_day, { { '31', 31 }, { '32', why = '"32" is no day of the month: 1 to 31' } }, 'month')
    check(policy.reset_day, { { '7', 7 }, { '8', why = '"8" is no weekday: 1 is Monday, 7 is Sunday' } }, 'week')
    check(policy.reset_day, { { '1', why = 'a budget by the day begins at midnight: it has no reset day' } }, 'day')
  end)
end)

describe('a zone', function()
  it('is one that the system knows, and a misspelt one is guessed', function()
    check(policy.zone, {
      { 'Europe/Paris', 'Europe/Paris' },
      { 'system', '' },
      { 'Europe/Pariss', why = 'no time zone "Europe/Pariss": did you mean "Europe/Paris"?' },
      { 'Mars', why = 'no time zone "Mars": they are called as "Europe/Paris" is' },
      { '../passwd', why = 'no time zone "../passwd": they are called as "Europe/Paris" is' },
    })
  end)
end)

describe('a declared policy', function()
  it('must agree with itself', function()
    for _, case in ipairs({
      { { scope = 'global', period = 'week', reset_day = 9 }, 'reset_day' },
      { { scope = 'global', thresholds = { 80, 50 } }, 'thresholds' },
      { { scope = 'global', thresholds = { 1, 2, 3, 4, 5, 6, 7, 8, 9 } }, 'thresholds' },
      { { limit_cents = 5 }, 'scope' },
      { { scope = 'global', period = 'week', reset_day = 7, thresholds = { 50, 120 } }, nil },
    }) do
      assert.equals(case[2], (policy.contradiction(case[1], case[1])))
    end
  end)
end)
