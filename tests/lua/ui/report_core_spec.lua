-- The views over real ledgers: random ones, an empty one, a broken one.

local asks = require('purser.views.asks')
local billing = require('purser.views.billing')
local browser = require('purser.ui.browser')
local buckets = require('purser.views.buckets')
local config = require('purser.config')
local core = require('purser.core')
local dates = require('purser.ui.dates')
local parts = require('purser.views.parts')
local shares = require('purser.views.shares')
local tmp = require('helpers.tmp')
local tokens = require('purser.views.tokens')
local views = require('purser.views')

require('helpers.notices').catch()

local DAY_MS = 86400000
local WORKSPACE = '/home/ada/src/harbour'
local VIEWS = {
  { 'dashboard' },
  { 'agents' },
  { 'workspaces' },
  { 'models' },
  { 'log' },
  { 'agent', 'reviewer' },
  { 'workspace', WORKSPACE },
  { 'run', 1 },
}
local RANGES = { 'month', '30d', '90d', 'year' }

---@param seed integer
---@return fun(most: integer): integer
local function random(seed)
  local state = seed
  return function(most)
    state = (state * 16807) % 2147483647
    return state % most
  end
end

--- Bookings of every sort: kinds of billing, models without a price, runs of many requests, days long ago.
---@param seed integer
---@return string path
local function bookings(seed)
  local pick = random(seed)
  local now, lines = dates.now_ms(), {}
  local models = { 'claude-opus-5-5', 'claude-sonnet-5', 'gpt-5.5', 'gemini-2.5-pro', 'house-blend' }
  for n = 1, 150 do
    local at = now - pick(500) * DAY_MS - pick(DAY_MS)
    local run = {
      uid = ('random-%d-%d'):format(seed, n),
      agent = ({ 'reviewer', 'fixer', 'namer' })[pick(3) + 1],
      workspace = ({ WORKSPACE, '/home/ada/notes' })[pick(2) + 1],
      branch = ({ 'main', 'fix/upload', '' })[pick(3) + 1],
      source = 'claude',
      model = models[pick(#models) + 1],
      effort = ({ 'low', 'medium', 'high', '' })[pick(4) + 1],
      session = ('random-%d-%d'):format(seed, n),
      conversation = 'c' .. math.floor(n / 4),
      prompt = ({ 'Review this', 'Find a better name' })[pick(2) + 1],
      started_ms = at,
      ended_ms = at + 4000,
      status = ({ 'completed', 'failed', 'cancelled' })[pick(3) + 1],
      billing = billing.KINDS[pick(3) + 1],
    }
    for turn = 1, 1 + pick(4) do
      lines[#lines + 1] = vim.json.encode({
        run = run,
        request = {
          key = ('random/%d-%d-%d'):format(seed, n, turn),
          request_id = ('random_%d_%d_%d'):format(seed, n, turn),
          at_ms = at + turn * 500,
          model = run.model,
          tier = 'standard',
          speed = '',
          flags = {},
          usage = {
            input = pick(4000),
            cache_read = pick(3) * pick(90000),
            cache_write_5m = pick(2) * pick(9000),
            cache_write_1h = 0,
            output = pick(3000),
            reasoning = 0,
          },
        },
      })
    end
  end
  return tmp.write(tmp.dir('bookings') .. '/lines.jsonl', table.concat(lines, '\n') .. '\n')
end

---@param db string
local function use(db)
  core.close()
  config.setup({ db = db })
end

---@param seed integer
local function fill(seed)
  local db = tmp.dir('ledger') .. '/purser.db'
  local done = vim
    .system({ assert(vim.env.PURSER_PROGRAM), 'import', bookings(seed) }, { env = { PURSER_DB = db } })
    :wait()
  assert.equals(0, done.code, done.stderr)
  use(db)
end

--- A view with the ledger's answers.
---@param name string
---@param arg any
---@param more table
---@return purser.View view
---@return purser.ViewContext ctx
local function answered(name, arg, more)
  local view, ctx = browser.context({ view = name, args = { name = arg } }, 94)
  ctx = vim.tbl_extend('force', ctx, more)
  local errors
  asks.ask(view, ctx, false, function(answers, problems)
    ctx.data, errors = answers, problems
  end)
  assert.is_true(vim.wait(30000, function()
    return errors ~= nil
  end, 5))
  assert.same({}, errors)
  return view, ctx
end

local function sum_of(rows, field)
  local sum = 0
  for _, row in ipairs(rows) do
    sum = sum + (row[field] or 0)
  end
  return sum
end

after_each(function()
  core.close()
end)

describe('over a random ledger', function()
  local FIELDS = { 'cost_nanousd', 'runs', 'requests', 'input', 'output', 'unpriced_requests', 'cache_saved_nanousd' }
  local NOT_CUTS = { kinds = true, before = true, quarter = true }

  it('every cut and kind of token on a view adds up to the total that it shows', function()
    local checked = 0
    for seed = 1, 3 do
      fill(seed * 7919)
      for _, one in ipairs(VIEWS) do
        for _, range in ipairs(RANGES) do
          for _, kind in ipairs(billing.KINDS) do
            local view, ctx = answered(one[1], one[2], { range = range, billing = kind, billing_chosen = true })
            local total = (ctx.data.days or ctx.data.cut or {}).total
            for cut, answer in pairs(total and ctx.data or {}) do
              if answer.rows and not NOT_CUTS[cut] then
                for _, field in ipairs(FIELDS) do
                  -- A run can be on two days or use two models: then it is counted once in the total.
                  if field ~= 'runs' then
                    local what = ('%s %s %s by %s: %s'):format(one[1], range, kind, cut, field)
                    assert.equals(total[field], sum_of(answer.rows, field), what)
                    assert.equals(total[field], sum_of(shares.top(answer.rows, 2), field), what)
                    checked = checked + 1
                  end
                end
              end
            end
            if total then
              assert.equals(total.cost_nanousd, sum_of(tokens.kinds(total), 'cost'))
              assert.equals(parts.tokens_of(total), sum_of(tokens.kinds(total), 'tokens'))
              local own = sum_of(
                vim.tbl_filter(function(row)
                  return row.key == kind
                end, ctx.data.kinds and ctx.data.kinds.rows or {
                  { key = kind, cost_nanousd = total.cost_nanousd },
                }),
                'cost_nanousd'
              )
              assert.equals(own, total.cost_nanousd)
            end
            if ctx.data.days then
              for _, grain in ipairs(buckets.GRAINS[range]) do
                assert.equals(total.cost_nanousd, sum_of(buckets.of(ctx, ctx.data.days.rows, grain), 'value'))
              end
            end
            assert.is_true(view.draw(ctx):height() > 0)
          end
        end
      end
    end
    assert.is_true(checked > 1000)
  end)

  it('the log goes through all runs once, in any order', function()
    fill(11)
    for _, sort in ipairs({ 'when', 'cost', 'tokens', 'duration' }) do
      for _, reverse in ipairs({ false, true }) do
        local seen, count, page, more = {}, 0, 1, true
        while more do
          local _, ctx = answered('log', nil, { sort = { name = sort, reverse = reverse }, extra = { page = page } })
          for _, run in ipairs(ctx.data.log.runs) do
            assert.is_nil(seen[run.id])
            seen[run.id], count = true, count + 1
          end
          more, page = ctx.data.log.more, page + 1
        end
        assert.equals(150, count, sort)
      end
    end
  end)

  it('the filter of the log means what the help says', function()
    fill(12)
    local function runs(filter)
      local _, ctx = answered('log', nil, { filter = filter })
      return ctx.data.log.runs
    end
    local function all(filter, holds)
      local list = runs(filter)
      assert.is_true(#list > 0, filter)
      for _, run in ipairs(list) do
        assert.is_true(holds(run), filter)
      end
    end
    all('agent:view', function(run)
      return run.agent == 'reviewer'
    end)
    all('workspace:harb', function(run)
      return run.workspace == WORKSPACE
    end)
    all('model:opus status:failed,cancelled', function(run)
      return run.model:find('opus', 1, true) and run.status ~= 'completed'
    end)
    all('BETTER name', function(run)
      return run.prompt == 'Find a better name'
    end)
    all('>20', function(run)
      return run.sums.cost_nanousd >= 200000000
    end)
    all('billing:subscription effort:high', function(run)
      return run.billing == 'subscription' and run.effort == 'high'
    end)
    all('branch=fix/upload', function(run)
      return run.branch == 'fix/upload'
    end)
    assert.same({}, runs('agent=view'))
  end)

  it('a run shows the conversation that it belongs to', function()
    fill(13)
    local _, log = answered('log', nil, {})
    local _, ctx = answered('run', log.data.log.runs[1].id, {})
    local answer = ctx.data.conversation
    assert.is_true(#answer.points > 0)
    assert.is_true(#answer.runs > 0)
    for _, point in ipairs(answer.points) do
      assert.is_true(point.context_tokens >= 0)
    end
  end)
end)

describe('without a screen', function()
  it('an empty ledger is told of in every view', function()
    use(tmp.dir('empty') .. '/purser.db')
    for _, one in ipairs(VIEWS) do
      if one[1] ~= 'run' then
        local text, problem = views.text(one[1], { name = one[2] }, 60)
        assert.is_nil(problem)
        assert.is_true(#text > 0, one[1])
      end
    end
    assert.matches('Nothing was booked this month', views.text('report', {}, 60))
  end)

  it('a broken one gives its own words', function()
    local db = tmp.write(tmp.dir('broken') .. '/purser.db', ('this is no ledger '):rep(300))
    use(db)
    local text, problem = views.text('report', {}, 60)
    assert.is_nil(text)
    assert.is_truthy(problem:find(db, 1, true), problem)
  end)

  it('a run that is not there is said to be missing', function()
    use(tmp.dir('empty') .. '/purser.db')
    local text, problem = views.text('run', { name = '77' }, 60)
    assert.is_nil(text)
    assert.matches('77', problem)
  end)
end)
