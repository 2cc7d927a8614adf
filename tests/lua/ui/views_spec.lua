-- Every view as a function from data to lines.

local billing = require('purser.views.billing')
local buckets = require('purser.views.buckets')
local config = require('purser.config')
local dates = require('purser.ui.dates')
local fake = require('ui.fake_data')
local filters = require('purser.views.filter')
local headline = require('purser.views.headline')
local pages = require('purser.views.pages')
local shares = require('purser.views.shares')
local span = require('purser.views.span')
local tokens = require('purser.views.tokens')

local RANGES = { 'month', '30d', '90d', 'year' }
local GRAINS = { 'day', 'week', 'month' }

local VIEWS = {
  dashboard = {},
  agents = {},
  workspaces = {},
  models = {},
  log = {},
  review = {},
  what_if = { scope = 'agent', name = 'reviewer' },
  advice = {},
  digest = {},
  kinds = {},
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

--- Every view in every range, with every width of column and kind of billing.
---@param fn fun(name: string, view: purser.View, ctx: purser.ViewContext)
---@param more? table
local function everywhere(fn, more)
  for name in pairs(VIEWS) do
    for _, range in ipairs(RANGES) do
      for _, grain in ipairs(GRAINS) do
        for _, kind in ipairs(billing.KINDS) do
          fn(name, context(name, vim.tbl_extend('force', { range = range, grain = grain, billing = kind }, more or {})))
        end
      end
    end
  end
end

describe('every view', function()
  it('fits the room that it has, from 56 cells up, in Unicode and ASCII', function()
    for _, icons in ipairs({ 'unicode', 'ascii' }) do
      config.setup({ ui = { icons = icons } })
      for _, room in ipairs({ 56, 70, 94, 130, 172 }) do
        everywhere(function(name, view, ctx)
          local out = view.draw(ctx)
          for row = 1, out:height() do
            local cells = out:row_width(row)
            assert.is_true(cells <= room, ('%s %s at %d: %d\n%s'):format(name, ctx.range, room, cells, out:plain()))
          end
        end, { width = room })
      end
    end
  end)

  it('is ASCII only, when that was chosen', function()
    config.setup({ ui = { icons = 'ascii' } })
    everywhere(function(name, view, ctx)
      assert.is_nil(view.draw(ctx):plain():match('[^\n]*[\128-\255][^\n]*'), name)
    end)
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
            log = { runs = {}, more = false },
            review = { reviewed = {} },
            what_if = { requests = 0, cost_nanousd = 0, unpriced = 0, rows = {} },
            compare = { rows = {}, looked_at = 0 },
            ['advice.after'] = { accepted = {} },
            digest = { markdown = '# What the agents cost in November 2026\n\nNothing was booked yet.\n\n' },
            ['budget.list'] = { budgets = {} },
            forecast = { method = 'none', days_active = 0, spent_nanousd = 0 },
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

describe('for random ledgers', function()
  local FIELDS = { 'cost_nanousd', 'runs', 'requests', 'output', 'unpriced_requests', 'cost_output_nanousd' }
  local NOT_CUTS = { kinds = true, before = true, quarter = true, what_if = true }

  after_each(function()
    fake.reseed(7)
  end)

  local function sum_of(rows, field)
    local sum = 0
    for _, row in ipairs(rows) do
      sum = sum + (row[field] or 0)
    end
    return sum
  end

  --- The total that a view shows, and its cuts by their names.
  local function cuts_of(ctx)
    local out, total = {}, nil
    for name, answer in pairs(ctx.data) do
      if answer.rows and answer.total and not NOT_CUTS[name] then
        out[name] = answer.rows
        total = total or (name == 'days' or name == 'cut' or name == 'models') and answer.total
      end
    end
    return out, total
  end

  it('every cut that a view shows adds up to the total that it shows', function()
    for seed = 1, 5 do
      fake.reseed(seed * 7919)
      everywhere(function(name, _, ctx)
        local cuts, total = cuts_of(ctx)
        for cut, rows in pairs(cuts) do
          for _, field in ipairs(FIELDS) do
            local what = ('%s %s %s by %s: %s'):format(name, ctx.range, ctx.billing, cut, field)
            assert.equals(total[field], sum_of(rows, field), what)
            for limit = 1, 4 do
              assert.equals(total[field], sum_of(shares.top(rows, limit), field), what)
            end
          end
        end
        if ctx.data.days then
          local list = buckets.of(ctx, ctx.data.days.rows, ctx.grain)
          assert.equals(total.cost_nanousd, sum_of(list, 'value'), name)
        end
        if total then
          local kinds = tokens.kinds(total)
          assert.equals(total.cost_nanousd, sum_of(kinds, 'cost'), name)
          assert.equals(require('purser.views.parts').tokens_of(total), sum_of(kinds, 'tokens'), name)
        end
      end)
    end
  end)

  it('what would have been spent with other models is told of the same requests', function()
    for seed = 1, 5 do
      fake.reseed(seed * 31337)
      for _, range in ipairs(RANGES) do
        for _, kind in ipairs({ 'metered', 'subscription' }) do
          for _, args in ipairs({ { scope = 'agent', name = 'reviewer' }, {} }) do
            local view, ctx = context('what_if', { range = range, billing = kind, args = args })
            local answer = ctx.data.what_if
            assert.equals(ctx.data.models.total.cost_nanousd, answer.cost_nanousd)
            assert.equals(ctx.data.models.total.requests, answer.requests)
            local exported = view.export(ctx).rows
            for i, row in ipairs(answer.rows) do
              local saving = view.saving(answer, row)
              if row.unpriced > 0 or row.priced == 0 then
                assert.is_nil(saving)
                assert.equals('', exported[i][5])
              else
                assert.equals(answer.cost_nanousd, row.cost_nanousd + saving)
                assert.equals(saving, exported[i][5])
                assert.equals(answer.requests - answer.unpriced, row.priced)
              end
            end
          end
        end
      end
    end
  end)

  it('tells what other efforts are known from, and which are not known', function()
    local view, ctx = context('what_if', { range = 'month', billing = 'metered', args = {} })
    local answer = ctx.data.what_if
    assert.is_nil(view.draw(ctx):plain():find('effort', 1, true))
    for effort, runs in pairs({ low = 12, high = 9 }) do
      answer.rows[#answer.rows + 1] = {
        model = 'opus',
        tier = 'large',
        effort = effort,
        cost_nanousd = 1e9,
        priced = answer.requests,
        unpriced = 0,
        from_runs = runs,
      }
    end
    answer.unknown_efforts = { { model = 'haiku', effort = 'max' } }
    local text = view.draw(ctx):plain()
    assert.matches('opus, low', text)
    assert.matches('An effort: as the median .* of 9 or more%.', text)
    assert.matches('haiku, max: fewer than eight runs', text)
  end)

  it('no view adds up what is billed differently', function()
    for seed = 1, 5 do
      fake.reseed(seed * 104729)
      everywhere(function(_, view, ctx)
        local _, total = cuts_of(ctx)
        if view.billed and total then
          local own = 0
          for _, row in ipairs(ctx.data.kinds.rows) do
            own = row.key == ctx.billing and row.cost_nanousd or own
          end
          assert.equals(own, total.cost_nanousd)
        end
      end)
    end
  end)

  it('the history pages through every run of its stretch once, in order', function()
    for _, sort in ipairs({ 'when', 'cost', 'tokens', 'duration' }) do
      local _, ctx = context('workspace', { range = 'year', sort = { name = sort } })
      local seen, count, page, last = {}, 0, 1, nil
      repeat
        local _, one = context('workspace', { range = 'year', sort = { name = sort }, extra = { page = page } })
        for _, run in ipairs(one.data.log.runs) do
          assert.is_nil(seen[run.id])
          seen[run.id], count = true, count + 1
          local cost = run.sums.cost_nanousd
          assert.is_true(sort ~= 'cost' or last == nil or cost <= last)
          last = cost
        end
        page = page + 1
      until not one.data.log.more
      assert.equals(ctx.data.days.total.runs, count)
    end
  end)
end)

describe('columns of time', function()
  local function of(range, grain, month)
    return buckets.of({ range = range, month = month or '2026-11', today = '2026-11-24', back = 0 }, {
      { key = '2026-11-01', cost_nanousd = 1 },
      { key = '2026-11-02', cost_nanousd = 2 },
    }, grain)
  end

  it('hold each day once, weeks from Monday on, cut off at the ends', function()
    assert.equals(30, #of('month', 'day'))
    local weeks = of('month', 'week')
    assert.same({ 1, 2, 0 }, { weeks[1].value, weeks[2].value, weeks[3].value })
    assert.equals('week of 2 Nov', weeks[2].title)
    assert.equals(30, #of('30d', 'day'))
    assert.equals(90, #of('90d', 'day'))
    assert.equals(4, #of('90d', 'month'))
    assert.equals(12, #of('year', 'month'))
    assert.equals(53, #of('year', 'week'))
  end)

  it('know what is now and what is still to come', function()
    local days = of('month', 'day')
    assert.is_true(days[24].now)
    assert.same({ false, true }, { days[24].ahead, days[25].ahead })
    assert.is_nil(of('month', 'day', '2026-10')[24].now)
  end)

  it('are of the widths that the stretch has', function()
    assert.equals('day', buckets.grain({ range = 'month', grain = 'month' }))
    assert.equals('week', buckets.grain({ range = 'year', grain = 'week' }))
    assert.equals('month', buckets.grain({ range = 'year' }))
  end)
end)

describe('kinds of billing', function()
  local report = {
    rows = {
      { key = 'subscription', requests = 3, runs = 1, cost_nanousd = 2e9, unpriced_requests = 0 },
      { key = 'local', requests = 1, runs = 1, cost_nanousd = 0, input = 1200, output = 300, unpriced_requests = 0 },
    },
  }

  it('are shown one at a time: the metered, else the first that there is', function()
    assert.equals('metered', billing.first(nil))
    assert.equals('subscription', billing.first(report))
    assert.equals('metered', billing.first({ rows = { { key = 'metered', runs = 1 }, report.rows[1] } }))
    assert.equals('local', billing.next('subscription', report))
    assert.equals('subscription', billing.next('local', report))
    assert.equals('metered', billing.next('metered', nil))
  end)

  it('say what is not counted', function()
    local text = 'kept apart: $2.00 API-equivalent · 1.5k tokens local'
    assert.equals(text, billing.others({ billing = 'metered', printed = true }, report))
    assert.is_nil(billing.others({ billing = 'metered' }, { rows = {} }))
  end)
end)

describe('what the money went on', function()
  it('tells of the cache whether it paid', function()
    local function note(read, saved)
      return tokens.cache_note({ input = 100, cache_read = read, output = 1, cache_saved_nanousd = saved })
    end
    assert.equals('cache hit rate 75 %, saved $3.00', note(300, 3e9))
    assert.equals('cache hit rate 75 %, cost 50.00 ¢ more than it saved', note(300, -5e8))
    assert.equals('the cache was written, but not read: 50.00 ¢ more', note(0, -5e8))
    assert.is_nil(note(0, 0))
  end)

  it('names what is no matter of tokens only when there is some', function()
    assert.equals(4, #tokens.kinds({ cost_nanousd = 0 }))
    assert.equals(5, tokens.kinds({ cost_extra_nanousd = 5 })[5].cost)
  end)
end)

describe('the headline', function()
  local function drawn(more)
    local data = {
      budgets = { budgets = { { scope = 'global', period = 'month', spent_nanousd = 3e9, limit_nanousd = 10e9 } } },
      days = { rows = {}, total = { cost_nanousd = 3e9, unpriced_requests = 0 } },
    }
    local ctx = {
      width = 90,
      today = '2026-11-24',
      month = '2026-11',
      range = 'month',
      billing = 'metered',
      now_ms = fake.NOW,
      data = vim.tbl_extend('force', data, more or {}),
    }
    return headline.draw(ctx, { total = ctx.data.days.total, scope = 'global' }):plain()
  end

  it('has a forecast with its range only where the core makes one', function()
    local known = { p10_nanousd = 4e9, p50_nanousd = 5e9, p90_nanousd = 7e9, method = 'weekdays' }
    assert.matches('forecast %$5%.00 %(%$4%.00–%$7%.00%)', drawn({ forecast = known }))
    assert.is_nil(drawn({ forecast = { method = 'none' } }):find('forecast', 1, true))
    assert.is_nil(drawn():find('forecast', 1, true))
  end)

  it('says how often past forecasts held, where there were any', function()
    local known = { p10_nanousd = 4e9, p50_nanousd = 5e9, p90_nanousd = 7e9, coverage = { months = 12, covered = 10 } }
    assert.matches('forecasts held in 10 of 12 months', drawn({ forecast = known }))
    known.coverage = { months = 1, covered = 0 }
    assert.matches('forecasts held in 0 of 1 month', drawn({ forecast = known }))
    known.coverage = nil
    assert.is_nil(drawn({ forecast = known }):find('held', 1, true))
  end)

  it('says what the budget counts, where that is not the total above it', function()
    assert.matches('^%$3%.00 of %$10%.00 this month', drawn())
    local other = { { scope = 'global', period = 'month', spent_nanousd = 8e9, limit_nanousd = 10e9 } }
    local text = drawn({ budgets = { budgets = other } })
    assert.matches('^%$3%.00 this month', text)
    assert.matches('budget: %$8%.00 of %$10%.00', text)
    assert.matches('80 %%', text)
  end)
end)

describe('the requests of a run', function()
  local requests = require('purser.views.requests')
  local list = {
    { at_ms = 1, status = 'known', rate_card = 'a', tier = 'standard', speed = '', usage = {}, cost_nanousd = 5 },
    { at_ms = 2, status = 'known', rate_card = 'a', tier = '', usage = {}, cost_nanousd = 5 },
  }

  local function titles()
    local out = require('purser.ui.table').draw(requests.columns(list), list, { width = 160 })
    return (out:render())[1]
  end

  it('tell card and tier once where they are the same, and each where they differ', function()
    assert.equals('a', requests.common(list, requests.priced_by))
    assert.equals('standard', requests.common(list, requests.tier))
    assert.is_nil(titles():find('Tier', 1, true))
    list[3] = { at_ms = 3, status = 'reported', tier = 'batch', speed = 'fast', usage = {}, cost_nanousd = 5 }
    assert.is_nil(requests.common(list, requests.priced_by))
    assert.equals('the client', requests.priced_by(list[3]))
    assert.equals('batch fast', requests.tier(list[3]))
    assert.matches('Priced by', titles())
    assert.matches('Tier', titles())
  end)
end)

describe('doubts', function()
  local function text(total)
    return headline.doubts({ width = 80 }, total):plain()
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

  it('of 30 or 90 days ends today, or so many days earlier', function()
    local ctx = { range = '30d', back = 0, today = '2026-11-24', month = '2026-11' }
    assert.same({ '2026-10-26', '2026-11-24' }, { span.of(ctx) })
    assert.same({ '2026-09-26', '2026-10-25' }, { span.before(ctx) })
    assert.equals('in the last 30 days', span.words(ctx))
    assert.equals('26 Oct – 24 Nov 2026', span.name(ctx))
    ctx.back = 1
    assert.same({ '2026-09-26', '2026-10-25' }, { span.of(ctx) })
    assert.equals('in 30 days to 25 Oct', span.words(ctx))
    assert.is_false(span.is_current(ctx))
    assert.equals('2026-09-26-to-2026-10-25', span.file_name(ctx))
    assert.equals('50 % less than the 30 days before', span.compared(ctx, 1e9, 2e9))
  end)

  it('says how it compares', function()
    assert.equals('8 % less than October by now', span.compared(at('2026-11'), 92e8, 100e8))
    assert.equals('25 % more than September', span.compared(at('2026-10'), 125e8, 100e8))
    assert.equals('9 times 2025 by now', span.compared(at('2026-11', 'year'), 900, 100))
    assert.is_nil(span.compared(at('2026-11'), 5, 0))
  end)
end)

describe('the filter of the log', function()
  it('is one question to the core', function()
    assert.same({
      agent_like = 'rev',
      status = 'failed',
      min_nanousd = 100000000,
      text = 'upload Time',
    }, filters.parse('agent:rev status:failed >10 upload Time'))
    assert.same({ unusual = true, effort = 'high', branch = 'main' }, filters.parse('unusual effort:high branch:main'))
    assert.same({}, filters.parse(nil))
  end)

  it('takes the words that the windows show for a status', function()
    assert.equals('completed,abandoned', filters.parse('status:ok,cut').status)
    assert.equals('admitted,running,settling', filters.parse('status:open').status)
  end)

  it('takes a workspace by its path or by a part of it, and what has blanks in quotes', function()
    assert.same({ workspace = '/home/ada/src' }, filters.parse('workspace:/home/ada/src'))
    assert.same({ workspace_like = 'harb' }, filters.parse('workspace:harb'))
    assert.same({ workspace = '/a b', text = 'two words' }, filters.parse('"workspace=/a b" "two words"'))
    assert.same({ workspace = '/a b' }, filters.parse('workspace="/a b"'))
  end)

  it('that leads to exactly some runs can be read back', function()
    local values = { agent = 'a b', model = 'claude-opus-5-5', workspace = '/src/x y', effort = 'high' }
    assert.same(values, filters.parse(filters.exactly(values)))
  end)
end)

describe('a page of the log', function()
  it('says which runs it has, and how to get to others', function()
    local function note(page, count, more, sort)
      local answer = { runs = vim.fn['repeat']({ {} }, count), more = more }
      return pages.note({ extra = { page = page }, sort = sort }, 100, answer)
    end
    assert.equals('3 runs, newest first', note(1, 3, false, { name = 'when' }))
    assert.equals('1–100, newest first: n more', note(1, 100, true))
    assert.equals('101–120, dearest first: p back', note(2, 20, false, { name = 'cost' }))
    assert.equals(
      '1,101–1,200, shortest first: n more, p back',
      note(12, 100, true, { name = 'duration', reverse = true })
    )
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
