-- What can be typed as a budget, and what is said about the rest.

local edit = require('purser.views.budget_edit')

describe('a budget as it is typed', function()
  it('is whole cents, or dollars with a sign', function()
    for text, cents in pairs({
      ['0'] = 0,
      ['500'] = 500,
      [' 2500 '] = 2500,
      ['$25'] = 2500,
      ['$2.50'] = 250,
      ['$2.5'] = 250,
    }) do
      assert.equals(cents, edit.parse_cents(text))
    end
  end)

  it('is refused with a reason when it is negative, fractional, huge or no number', function()
    for text, reason in pairs({
      ['-5'] = 'negative',
      ['12.5'] = 'whole number',
      ['99999999999999999999'] = 'more than',
      ['lots'] = 'not a number',
      [''] = 'not a number',
      ['1e3'] = 'not a number',
    }) do
      local cents, problem = edit.parse_cents(text)
      assert.is_nil(cents)
      assert.is_truthy(problem:find(reason, 1, true), problem)
    end
  end)

  it('"off" is no limit, which is not a limit of 0', function()
    assert.same({ n = 0 }, { n = select('#', edit.parse_limit('off')) - 1 })
    assert.is_nil((edit.parse_limit('off')))
    assert.equals(0, edit.parse_limit('0'))
  end)

  it('keeps what is not changed', function()
    local policy = edit.policy({
      scope = 'global',
      period = 'week',
      reset_day = 3,
      zone = 'Europe/Paris',
      limit_cents = 100,
      thresholds = { 10 },
      at_limit = 'ask',
    }, { limit_cents = 200 })
    assert.same({
      scope = 'global',
      period = 'week',
      reset_day = 3,
      zone = 'Europe/Paris',
      limit_cents = 200,
      thresholds = { 10 },
      at_limit = 'ask',
    }, policy)
  end)
end)
