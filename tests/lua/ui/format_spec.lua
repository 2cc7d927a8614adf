-- Figures as the windows show them.

local config = require('purser.config')
local dates = require('purser.ui.dates')
local format = require('purser.ui.format')

local CENT, DOLLAR = 10000000, 1000000000

-- 24 November 2026, 14:30 UTC
local NOW = 1795530600000

describe('a figure', function()
  before_each(function()
    config.setup({})
  end)

  it('is in one unit within a column', function()
    local in_dollars = format.money_column(19 * DOLLAR)
    assert.equals('$19.00', in_dollars(19 * DOLLAR))
    assert.equals('$0.03', in_dollars(3 * CENT))
    assert.equals('<$0.01', in_dollars(math.floor(CENT / 2)))
    assert.equals('0', in_dollars(0))
    local in_cents = format.money_column(90 * CENT)
    assert.equals('3.42 ¢', in_cents(34200000))
  end)

  it('says "no price" rather than nought when nothing has a price', function()
    assert.equals('no price', format.cost({ cost_nanousd = 0, unpriced_requests = 3 }))
    assert.equals('≥ $1.20', format.cost({ cost_nanousd = 1.2 * DOLLAR, unpriced_requests = 3 }))
    assert.equals('0 ¢', format.cost({ cost_nanousd = 0, unpriced_requests = 0 }))
  end)

  it('of a guess has no more places than a guess deserves', function()
    for _, case in ipairs({
      { 420000000, '42 ¢' },
      { 31000000, '3.1 ¢' },
      { 400000, '0.04 ¢' },
      { 1800000000, '$1.80' },
    }) do
      assert.equals(case[2], format.rough(case[1]))
    end
  end)

  it('of a range says its unit once', function()
    assert.equals('3.1–4.0 ¢', format.range(31000000, 40000000))
    assert.equals('$1.20–$3.40', format.range(1.2 * DOLLAR, 3.4 * DOLLAR))
    assert.equals('80 ¢–$1.20', format.range(80 * CENT, 1.2 * DOLLAR))
    assert.equals('3.1 ¢', format.range(31000000, 31000000))
  end)

  it('of a share is 100 % only when it is full', function()
    for _, case in ipairs({
      { 0, '0 %' },
      { 0.004, '< 1 %' },
      { 0.41, '41 %' },
      { 0.996, '99 %' },
      { 1, '100 %' },
      { 1.049, '104 %' },
    }) do
      assert.equals(case[2], format.percent(case[1]))
    end
    assert.equals('?', format.percent(0 / 0))
  end)

  it('of a moment is as short as it can be told', function()
    local minute = 60000
    assert.equals('14:05', format.moment(NOW - 25 * minute, NOW))
    assert.equals('Mon 14:30', format.moment(NOW - 1440 * minute, NOW))
    assert.equals('Wed 14:30', format.moment(NOW - 6 * 1440 * minute, NOW))
    assert.equals('17 Nov 14:30', format.moment(NOW - 7 * 1440 * minute, NOW))
    assert.equals('2025-11-24', format.moment(NOW - 365 * 1440 * minute, NOW))
    assert.equals('?', format.moment(nil, NOW))
  end)

  it('of what is to come counts days, then hours, then minutes', function()
    local hour = 3600000
    assert.equals('in 7 days', format.until_then(1796083200000, NOW))
    assert.equals('tomorrow', format.until_then(NOW + 30 * hour, NOW))
    assert.equals('in 10 h', format.until_then(NOW + 9.5 * hour, NOW))
    assert.equals('in 20 min', format.until_then(NOW + hour / 3, NOW))
    assert.equals('now', format.until_then(NOW - 1, NOW))
    assert.equals('1 December', format.day_of(1796083200000))
  end)

  it('is plain ASCII when that was chosen', function()
    config.setup({ ui = { icons = 'ascii' } })
    assert.equals('3.1-4.0 c', format.range(31000000, 40000000))
    assert.equals('>= $1.20', format.cost({ cost_nanousd = 1.2 * DOLLAR, unpriced_requests = 1 }))
  end)

  it('follows the currency that was chosen', function()
    config.setup({ currency = { symbol = '€', decimal = ',', thousands = '.', rate = 0.5 } })
    assert.equals('€1.000,00', format.money(2000 * DOLLAR))
    assert.equals('€0,02', format.money_column(5 * DOLLAR)(4 * CENT))
  end)
end)

describe('the calendar', function()
  it('counts days as the system does', function()
    for _, ms in ipairs({ 0, 951782400000, 1709164800000, 1795478400000, 4102444799000 }) do
      local day = os.date('!%Y-%m-%d', ms / 1000)
      assert.equals(math.floor(ms / 86400000), dates.day_number(day))
      assert.equals(day, dates.from_number(dates.day_number(day)))
      local weekday = tonumber(os.date('!%w', ms / 1000))
      assert.equals(weekday == 0 and 7 or weekday, dates.weekday(day))
    end
  end)

  it('knows the length of every month, leap years included', function()
    assert.equals(29, dates.days_in('2028-02'))
    assert.equals(28, dates.days_in('2100-02'))
    assert.equals(31, dates.days_in('2026-12'))
    assert.same({ '2026-11-01', '2026-11-30' }, { dates.month_span('2026-11') })
  end)

  it('goes back and forth over the turn of a year', function()
    assert.equals('2025-12', dates.shift_month('2026-01', -1))
    assert.equals('2027-01', dates.shift_month('2026-12', 1))
    assert.equals('2027-03-01', dates.shift_day('2027-02-28', 1))
  end)
end)

describe('the marks that the user has chosen', function()
  it('hold for every figure of a window', function()
    config.setup({ currency = { symbol = '€', decimal = ',', thousands = '.', cents = false, rate = 0.9 } })
    assert.equals('€1.080,00', format.money(1200e9))
    assert.equals('12,4k', format.tokens(12400))
    assert.equals('1.204', format.number(1204))
    assert.equals('6,5 s', format.duration(6500))
    assert.equals('€0,45', format.money_column(2e9)(5e8))
    local fake = require('ui.fake_data')
    local view = require('purser.views.dashboard')
    local text = view.draw(fake.context(view, { range = 'year' })):plain()
    assert.is_nil(text:find('%d%.%d%d[^%d]'), text)
    assert.is_nil(text:find('¢', 1, true), text)
  end)
end)
