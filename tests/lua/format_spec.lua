-- Figures as people read them.

local format = require('purser.format')

describe('money', function()
  local cases = {
    { 0, '0 ¢' },
    { 1, '< 0.01 ¢' },
    { 34200000, '3.42 ¢' },
    { 999900000, '99.99 ¢' },
    { 1000000000, '$1.00' },
    { 12070000000, '$12.07' },
    { 1234567890000000, '$1,234,567.89' },
    { -34200000, '-3.42 ¢' },
    { -1000000000, '-$1.00' },
    { nil, '?' },
  }
  for i = 1, 10 do
    local case = cases[i]
    it(tostring(case[1]), function()
      assert.equal(case[2], format.money(case[1]))
    end)
  end

  it('in another currency and manner', function()
    local euro = { symbol = '€', decimal = ',', thousands = '.', cents = false, rate = 0.1 }
    assert.equal('€123.456,79', format.money(1234567890000000, euro))
    assert.equal('€0,0034', format.money(34200000, euro))
    assert.equal('€0,00', format.money(0, euro))
    assert.equal('3,42 ¢', format.money(34200000, { decimal = ',' }))
  end)

  it('that is not all known says so', function()
    assert.equal('≥ 3.42 ¢', format.cost({ cost_nanousd = 34200000, unpriced_requests = 1 }))
    assert.equal('3.42 ¢', format.cost({ cost_nanousd = 34200000, unpriced_requests = 0 }))
  end)
end)

describe('counts and times', function()
  it('of tokens are short', function()
    local cases = { [0] = '0', [999] = '999', [1000] = '1.0k', [12449] = '12.4k', [999949] = '1.0M', [123456] = '123k' }
    for count, want in pairs(cases) do
      assert.equal(want, format.tokens(count))
    end
    assert.equal('2.5G', format.tokens(2.5e9))
    assert.equal('?', format.tokens(nil))
  end)

  it('of durations have the units one would say', function()
    assert.same(
      { '820 ms', '4.2 s', '1 min 00 s', '3 min 05 s', '2 h 10 min', '?' },
      vim.tbl_map(format.duration, { 820, 4200, 59960, 185000, 7800000, -1 })
    )
  end)

  it('of budgets are percents', function()
    assert.equal(79, format.percent({ spent_nanousd = 799, limit_nanousd = 1000 }))
    assert.equal(100, format.percent({ spent_nanousd = 0, limit_nanousd = 0 }))
    assert.is_nil(format.percent({ spent_nanousd = 5 }))
    assert.is_nil(format.percent(nil))
  end)
end)
