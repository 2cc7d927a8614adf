-- Every view as a function from data to lines.

local config = require('purser.config')
local dates = require('purser.ui.dates')
local fake = require('ui.fake_data')
local filters = require('purser.views.filter')
local parts = require('purser.views.parts')
local runs = require('purser.views.runs')
local span = require('purser.views.span')

local VIEWS = {
  dashboard = {},
  agents = {},
  workspaces = {},
  models = {},
  log = {},
  budget = {},
  agent = { name = 'reviewer' },
  workspace = { name = '/home/ada/src/harbour' },
  run = { name = 300 },
}

---@param name string
---@param more? table
---@return purser.View view
---@return purser.ViewContext ctx
local function context(name, more)
  local view = require('purser.views.' .. name)
  return view, fake.context(view, vim.tbl_extend('force', { args = VIEWS[name] }, more or {}))
end

before_each(function()
  config.setup({})
end)

describe('every view', function()
  it('fits the room that it has, from 56 cells up, in Unicode and ASCII', function()
    for _, icons in ipairs({ 'unicode', 'ascii' }) do
      config.setup({ ui = { icons = icons } })
      for name in pairs(VIEWS) do
        for _, range in ipairs({ 'month', 'year' }) do
          for _, room in ipairs({ 56, 70, 94, 130, 172 }) do
            local view, ctx = context(name, { width = room, range = range })
            local out = view.draw(ctx)
            for row = 1, out:height() do
              local cells = out:row_width(row)
              assert.is_true(cells <= room, ('%s at %d: %d\n%s'):format(name, room, cells, out:plain()))
            end
          end
        end
      end
    end
  end)

  it('is ASCII only, when that was chosen', function()
    config.setup({ ui = { icons = 'ascii' } })
    for name in pairs(VIEWS) do
      for _, range in ipairs({ 'month', 'year' }) do
        local view, ctx = context(name, { range = range })
        local strange = view.draw(ctx):plain():match('[^\n]*[\128-\255][^\n]*')
        assert.is_nil(strange, name)
      end
    end
  end)

  it('has a skeleton before the answers are there', function()
    for name in pairs(VIEWS) do
      local view, ctx = context(name, { data = {} })
      assert.is_true(view.draw(ctx):height() > 0, name)
      assert.is_true(#view.title(ctx) > 0, name)
    end
  end)

  it('draws an empty ledger', function()
    local nothing = { runs = 0, requests = 0, cost_nanousd = 0, unpriced_requests = 0 }
    for name in pairs(VIEWS) do
      if name ~= 'run' then
        local view = require('purser.views.' .. name)
        local ctx = fake.context(view, { args = VIEWS[name], data = {} })
        for question, asked in pairs(view.questions(ctx)) do
          ctx.data[question] = ({
            report = { rows = {}, total = nothing },
            log = { runs = {} },
            ['budget.list'] = { budgets = {} },
          })[asked[1]]
        end
        assert.is_true(view.draw(ctx):height() > 0, name)
      end
    end
  end)

  it('draws the same lines from the same data', function()
    for name in pairs(VIEWS) do
      local view, ctx = context(name)
      assert.equals(view.draw(ctx):plain(), view.draw(ctx):plain())
    end
  end)
end)

describe('sums', function()
  it('of every cut on the dashboard are the total that it shows', function()
    for _, month in ipairs({ '2026-11', '2026-06', '2026-02' }) do
      for _, range in ipairs({ 'month', 'year' }) do
        local _, ctx = context('dashboard', { month = month, range = range })
        for _, cut in ipairs({ 'days', 'agents', 'workspaces', 'models' }) do
          for _, field in ipairs({ 'cost_nanousd', 'runs', 'requests', 'output', 'unpriced_requests' }) do
            local sum = 0
            for _, row in ipairs(ctx.data[cut].rows) do
              sum = sum + row[field]
            end
            assert.equals(ctx.data.days.total[field], sum)
          end
        end
      end
    end
  end)
end)

describe('doubts', function()
  local function text(total)
    return parts.doubts({ width = 80 }, total):plain()
  end

  it('are always said', function()
    assert.equals('▲ 1 request has no price', text({ unpriced_requests = 1 }))
    assert.equals('▲ 20 requests have no price', text({ unpriced_requests = 20 }))
    assert.matches('of it estimated', text({ unpriced_requests = 0, estimated_nanousd = 5e8 }))
    assert.matches('not counted against budgets', text({ unpriced_requests = 0, uncertain_nanousd = 5e8 }))
  end)

  it('take no room when there are none', function()
    assert.equals('', text({ unpriced_requests = 0 }))
    assert.equals('', text(nil))
  end)
end)

describe('a span', function()
  local function at(month, range, today)
    return { month = month, range = range or 'month', today = today or '2026-11-24', now_ms = fake.NOW }
  end

  it('is compared with the same days of the one before', function()
    assert.same({ '2026-10-01', '2026-10-24' }, { span.before(at('2026-11')) })
    assert.same({ '2026-02-01', '2026-02-28' }, { span.before(at('2026-03', 'month', '2026-03-31')) })
    assert.same({ '2026-09-01', '2026-09-30' }, { span.before(at('2026-10')) })
    assert.same({ '2025-01-01', '2025-11-24' }, { span.before(at('2026-11', 'year')) })
    assert.same({ '2027-01-01', '2027-02-28' }, { span.before(at('2028-02', 'year', '2028-02-29')) })
  end)

  it('has a name', function()
    assert.equals('this month', span.words(at('2026-11')))
    assert.equals('in October', span.words(at('2026-10')))
    assert.equals('in December 2025', span.words(at('2025-12')))
    assert.equals('in 2025', span.words(at('2025-12', 'year')))
  end)

  it('has a forecast only while it runs, and not on its first day', function()
    assert.is_nil(span.forecast(at('2026-10'), 5e9))
    assert.is_nil(span.forecast(at('2026-11', 'month', '2026-11-01'), 5e9))
    local forecast = span.forecast(at('2026-11'), 23.604166666e9)
    assert.is_true(math.abs(forecast - 30e9) < 1e6)
  end)

  it('says how it compares', function()
    assert.equals('8 % less than October by now', span.compared(at('2026-11'), 92e8, 100e8))
    assert.equals('25 % more than September', span.compared(at('2026-10'), 125e8, 100e8))
    assert.equals('9 times 2025 by now', span.compared(at('2026-11', 'year'), 900, 100))
    assert.is_nil(span.compared(at('2026-11'), 5, 0))
  end)
end)

describe('the filter of the log', function()
  it('asks the core for what it knows, and looks at the rest itself', function()
    local filter = filters.parse('agent:reviewer status:failed >10 upload Time')
    assert.same({ agent = 'reviewer', status = 'failed' }, filter.ask)
    assert.equals(10, filter.above)
    local row =
      { agent = 'reviewer', workspace = '/x', prompt = 'The upload\nruns out of time', sums = { cost_nanousd = 2e8 } }
    assert.is_true(filters.matches(filter, row))
    row.sums.cost_nanousd = 1e8
    assert.is_false(filters.matches(filter, row))
  end)

  it('takes a workspace by its path or by a part of its name', function()
    assert.same({ workspace = '/home/ada/src' }, filters.parse('workspace:/home/ada/src').ask)
    local filter = filters.parse('workspace:harb')
    assert.same({}, filter.ask)
    assert.is_true(filters.matches(filter, { agent = 'a', workspace = '/src/harbour' }))
  end)

  it('without words lets everything through', function()
    assert.is_true(filters.matches(filters.parse(nil), { agent = 'a' }))
  end)
end)

describe('unusual runs', function()
  it('cost more than five times what is usual', function()
    local rows = {}
    for i = 1, 9 do
      rows[i] = { sums = { cost_nanousd = 100 + i } }
    end
    rows[10] = { sums = { cost_nanousd = 2000 } }
    local unusual = runs.unusual(rows)
    assert.is_true(unusual(rows[10]))
    assert.is_false(unusual(rows[1]))
    assert.is_false(runs.unusual({ rows[1], rows[10] })(rows[10]))
  end)
end)

describe('the sample history', function()
  local history = require('purser.playground.history')
  local options = { now_ms = fake.NOW, days = 40, seed = 3, workspaces = { '/a', '/b' } }

  it('is the same for the same seed and day', function()
    assert.same(history.lines(options), history.lines(options))
    assert.is_not.same(history.lines(options), history.lines(vim.tbl_extend('force', options, { seed = 4 })))
  end)

  it('lies in the past, in the days that were asked for', function()
    local lines = history.lines(options)
    assert.is_true(#lines > 100)
    local keys = {}
    for _, line in ipairs(lines) do
      local one = vim.json.decode(line)
      assert.is_true(one.request.at_ms <= fake.NOW and one.run.ended_ms <= fake.NOW)
      assert.is_true(dates.day_number(dates.of(one.request.at_ms)) >= dates.day_number('2026-11-24') - 40)
      assert.is_nil(keys[one.request.key])
      keys[one.request.key] = true
    end
  end)
end)
