-- What if, kinds of task, advice and digest over a real ledger: their figures are those of the other views.

local browser = require('purser.ui.browser')
local config = require('purser.config')
local core = require('purser.core')
local dates = require('purser.ui.dates')
local tmp = require('helpers.tmp')
local views = require('purser.views')

require('helpers.notices').catch()

local WORKSPACE = '/home/ada/src/harbour'
local DAY_MS = 86400000

--- Bookings of this year's last weeks, by two agents, with and without a price, of two kinds of billing.
---@return string path
local function bookings()
  local lines, now = {}, dates.now_ms()
  local models = { 'claude-opus-5-5', 'claude-sonnet-5', 'house-blend' }
  local prompts = { 'Fix the failing test', 'Reformat this file', 'Design the new importer' }
  for n = 1, 60 do
    local at = now - n * DAY_MS / 3
    lines[n] = vim.json.encode({
      run = {
        uid = 'advice-' .. n,
        agent = n % 2 == 0 and 'reviewer' or 'fixer',
        workspace = WORKSPACE,
        source = 'claude',
        model = models[n % 3 + 1],
        effort = n % 4 < 2 and 'high' or 'low',
        session = 'advice-' .. n,
        prompt = prompts[n % 3 + 1],
        started_ms = at,
        ended_ms = at + 4000,
        status = 'completed',
        billing = n % 5 == 0 and 'subscription' or 'metered',
      },
      request = {
        key = 'advice/' .. n,
        request_id = 'advice_' .. n,
        at_ms = at + 500,
        model = models[n % 3 + 1],
        tier = 'standard',
        speed = '',
        flags = {},
        usage = {
          input = 4000 + n,
          cache_read = n * 500,
          cache_write_5m = n * 100,
          cache_write_1h = 0,
          output = 900,
          reasoning = 0,
        },
      },
    })
  end
  return tmp.write(tmp.dir('bookings') .. '/lines.jsonl', table.concat(lines, '\n') .. '\n')
end

---@param name string
---@param args table
---@param more? table
---@return purser.View view
---@return purser.ViewContext ctx
local function answered(name, args, more)
  local view, ctx = browser.context({ view = name, args = args }, 94)
  ctx = vim.tbl_extend('force', ctx, more or {})
  local left = 0
  for question, asked in pairs(view.questions(ctx)) do
    left = left + 1
    core.ask(asked[1], asked[2] or {}, function(err, answer)
      assert.is_nil(err, err and err.message)
      ctx.data[question] = answer
      left = left - 1
    end)
  end
  assert.is_true(vim.wait(30000, function()
    return left == 0
  end, 5))
  return view, ctx
end

before_each(function()
  local db = tmp.dir('ledger') .. '/purser.db'
  local done = vim.system({ assert(vim.env.PURSER_PROGRAM), 'import', bookings() }, { env = { PURSER_DB = db } }):wait()
  assert.equals(0, done.code, done.stderr)
  core.close()
  config.setup({ db = db })
end)

after_each(function()
  core.close()
end)

describe('over a real ledger', function()
  it("what if starts from what the reports say, and each row is the verb's", function()
    local seen = 0
    for _, range in ipairs({ 'month', '30d', '90d' }) do
      for _, kind in ipairs({ 'metered', 'subscription' }) do
        for _, args in ipairs({ {}, { scope = 'agent', name = 'fixer' }, { scope = 'workspace', name = WORKSPACE } }) do
          local view, ctx = answered('what_if', args, { range = range, billing = kind, billing_chosen = true })
          local answer, total = ctx.data.what_if, ctx.data.models.total
          assert.equals(total.cost_nanousd, answer.cost_nanousd)
          assert.equals(total.requests, answer.requests)
          assert.equals(total.unpriced_requests, answer.unpriced)
          for _, row in ipairs(answer.rows) do
            local saving = view.saving(answer, row)
            if row.unpriced > 0 or row.priced == 0 then
              assert.is_nil(saving)
            else
              assert.equals(answer.cost_nanousd - row.cost_nanousd, saving)
              seen = seen + 1
            end
          end
          local text = view.draw(ctx):plain()
          if answer.requests > 0 then
            assert.matches('as it was', text)
            assert.matches('another model may use', text)
          end
          assert.equals(#answer.rows, #view.export(ctx).rows)
        end
      end
    end
    assert.is_true(seen > 20)
  end)

  it('kinds of task are told of by model and effort', function()
    local text = assert(views.text('kinds', {}, 100))
    assert.matches('Fix', text)
    assert.matches('Formatting', text)
    assert.matches('medians', text)
  end)

  it('what was accepted is listed, and it is too early to say more', function()
    local accepted
    core.ask('advice.accept', { agent = 'fixer', what = 'model', from = 'a', to = 'b' }, function(err)
      assert.is_nil(err)
      accepted = true
    end)
    assert.is_true(vim.wait(5000, function()
      return accepted == true
    end, 5))
    local text = assert(views.text('advice', {}, 100))
    assert.matches('fixer +day 0 of 3', text)
    assert.matches('b instead of a', text)
  end)

  it('the digest is the text that the program prints', function()
    local text = assert(views.text('digest', {}, 100))
    local printed = vim
      .system({ vim.env.PURSER_PROGRAM, 'report', '--digest' }, { env = { PURSER_DB = config.get().db }, text = true })
      :wait()
    assert.equals(0, printed.code, printed.stderr)
    assert.equals(vim.trim(printed.stdout), vim.trim(text))
  end)

  it('the digest of a month that has not begun says so', function()
    local text, problem = views.text('digest', { month = '2199-01' }, 100)
    assert.is_nil(text)
    assert.matches('has not begun', problem)
  end)
end)
