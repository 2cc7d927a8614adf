-- Tables and trends for elsewhere.

local config = require('purser.config')
local export = require('purser.ui.export')
local picture = require('purser.ui.picture')

local TABLE = {
  name = 'agents',
  columns = { 'key', 'cost_nanousd' },
  rows = { { 'reviewer', 12345678901234 }, { 'a "b", c|d\ne', 0 }, { '=1+1', 3 } },
}

before_each(function()
  config.setup({})
end)

describe('the picture of a view', function()
  local fake = require('ui.fake_data')

  it('says whose spend it is, what it amounts to and what kind it is', function()
    local view = require('purser.views.agent')
    local ctx =
      fake.context(view, { args = { name = 'codex' }, billing = 'subscription', range = '90d', grain = 'week' })
    local trend = view.export(ctx).trend
    assert.equals('Spend of codex per week, 27 Aug – 24 Nov 2026', trend.title)
    assert.matches('^%$%d+%.%d%d API%-equivalent$', trend.total)
    assert.equals(14, #trend.points)
    local sum = 0
    for _, point in ipairs(trend.points) do
      sum = sum + point.value
    end
    assert.equals(ctx.data.days.total.cost_nanousd, sum)
  end)
end)

describe('an export', function()
  it('as CSV quotes what must be quoted, keeps every digit, and hands no formula to a spreadsheet', function()
    assert.equals(
      'key,cost_nanousd\r\nreviewer,12345678901234\r\n"a ""b"", c|d\ne",0\r\n\'=1+1,3\r\n',
      export.csv(TABLE)
    )
  end)

  it('as JSON can be read back', function()
    local rows = vim.json.decode(export.json(TABLE))
    assert.equals(3, #rows)
    assert.equals(12345678901234, rows[1].cost_nanousd)
    assert.equals('a "b", c|d\ne', rows[2].key)
  end)

  it('as Markdown is a table, whatever stands in it', function()
    assert.equals(
      '| key | cost_nanousd |\n| --- | ---: |\n| reviewer | 12345678901234 |\n| a "b", c\\|d e | 0 |\n| =1+1 | 3 |\n',
      export.markdown(TABLE)
    )
  end)

  it('as a picture is a whole SVG without anything from elsewhere', function()
    local svg = picture.svg({
      title = 'spend <all> per day, November 2026',
      total = '≥ $1.00',
      points = { { title = '1 Nov', label = '1', value = 1e9 }, { title = '2 Nov', value = 0 } },
    })
    assert.matches('^<svg ', svg)
    assert.matches('</svg>\n$', svg)
    assert.is_truthy(svg:find('prefers-color-scheme:dark', 1, true))
    assert.is_truthy(svg:find('<title>1 Nov: $1.00</title>', 1, true))
    assert.is_truthy(svg:find('spend &lt;all&gt;', 1, true))
    assert.is_truthy(svg:find('>≥ $1.00<', 1, true))
    assert.is_nil(svg:gsub('http://www.w3.org/2000/svg', ''):find('http', 1, true))
    assert.is_nil(svg:find('<script', 1, true))
  end)
end)
