-- What can be typed as a budget, and what is said about the rest.

local edit = require('purser.views.budget_edit')

describe('a budget as it is typed', function()
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
