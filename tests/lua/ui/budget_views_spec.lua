-- :Purser budget and :Purser agents: what they show, and every setting changed where it stands, by its keys.

local scene = require('ui.scene')

local SIZES = { { 60, 20 }, { 100, 30 }, { 200, 50 } }

--- What the ledger would say of the pace, and what was sent to it.
local READY = [[
  local plain, day = FAKE.budgets, 86400000
  FAKE.budgets = function()
    local list = plain()
    list[1].forecast_nanousd = 38200000000
    list[5].forecast_nanousd, list[5].exhausted_ms = 17900000000, FAKE.NOW + 4 * day
    if EXTRA then
      vim.list_extend(list, EXTRA)
    end
    return list
  end
  SENT = {}
  ANSWERS = {}
  for _, verb in ipairs({ 'set', 'raise', 'remove' }) do
    ANSWERS['budget.' .. verb] = function(args)
      SENT[#SENT + 1] = { verb, args }
      if FAILS then
        return nil, FAILS
      end
      return {}
    end
  end
  FAKE.install(ANSWERS)
  vim.env.XDG_DATA_HOME = vim.fn.tempname()
]]

---@param size integer[]
---@param fn fun(child: helpers.Child)
---@param ui? table
local function with(size, fn, ui)
  scene.with(size[1], size[2], function(child)
    child:lua(READY)
    fn(child)
  end, ui)
end

---@param child helpers.Child
---@param n integer
---@return any
local function sent(child, n)
  return child:await('return SENT[...]', n)
end

describe(':Purser budget', function()
  it('looks well', function()
    for _, size in ipairs(SIZES) do
      with(size, function(child)
        scene.open(child, 'budget')
        scene.picture(child, 'budgets', '104 %')
        child:type('<CR>')
        scene.picture(child, 'budget-one', 'Thresholds')
      end)
    end
    with({ 100, 30 }, function(child)
      scene.open(child, 'budget')
      scene.picture(child, 'budgets-ascii', '104 %')
    end, { icons = 'ascii' })
  end)

  it('shows spend, holds, limit, forecast, reset and origin of every policy', function()
    for _, size in ipairs(SIZES) do
      with(size, function(child)
        scene.open(child, 'budget')
        child:expect('104 %')
        local screen = table.concat(child:screen(), '\n')
        local wide = size[1] == 200
        for _, words in ipairs({
          '31.34 ¢',
          '60.00 ¢' .. (wide and '' or ' held'),
          '$50.00',
          wide and '$38.20' or '$38.20 at this pace',
          'at this pace the limit is reached on 28 November',
          'no run starts until 1 December',
          wide and 'in 7 days' or 'resets in 7 days',
          wide and 'setup()' or 'from setup()',
          'saved',
          'no paid work',
          'raised by $2.00 for this month only',
        }) do
          assert.is_truthy(screen:find(words, 1, true), words .. '\n' .. screen)
        end
        -- Where the ledger can't tell, nothing is said.
        assert.is_nil(screen:find('$19.75', 1, true))
      end)
    end
  end)

  it('says whether a used up budget stops, asks or only warns, and that no limit is none', function()
    with({ 100, 40 }, function(child)
      child:lua([[
        local function spent(scope, at_limit, limit)
          return {
            scope = scope, period = 'month', at_limit = at_limit, origin = 'saved', spent_nanousd = 2e9,
            limit_nanousd = limit, limit_cents = limit and limit / 1e7, resets_at_ms = FAKE.budgets()[1].resets_at_ms,
          }
        end
        EXTRA = { spent('agent:asker', 'ask', 2e9), spent('agent:warner', 'warn', 1e9), spent('agent:free', 'block') }
      ]])
      scene.open(child, 'budget')
      child:expect('asks before each run until 1 December')
      child:expect('only warns until 1 December')
      local row = child:screen()[child:expect('free ')]
      assert.matches('%$2%.00 +none', row)
    end)
  end)

  it('changes a limit in place, with the reason beside what is wrong', function()
    with({ 100, 30 }, function(child)
      scene.open(child, 'budget')
      child:expect('namer')
      child:type('i')
      child:expect('Budget: namer')
      child:expect('30   = 30.00 ¢')
      for text, why in pairs({
        ['lots'] = '"lots" is not a number of cents; $5 is 500',
        ['12.5'] = '12.5 is no whole number of cents: 12 or 13?',
        ['-5'] = 'a budget can\'t be negative; "off" is no limit',
        ['99999999999'] = 'a budget is at most 900000000 cents',
      }) do
        child:type('<C-u>' .. text)
        local row = child:expect('Monthly budget (in cents) ' .. text)
        child:expect(why, row)
        child:type('<CR>')
        child:redraw()
      end
      assert.same({}, child:lua('return SENT'))
      child:type('<C-u>45')
      child:expect('= 45.00 ¢')
      child:type('<CR>')
      local set = sent(child, 1)
      assert.same({ 'set', 'agent:namer', 45, 'block', 'month' }, {
        set[1],
        set[2].scope,
        set[2].limit_cents,
        set[2].at_limit,
        set[2].period,
      })
      assert.equals(child:lua([[return require('purser.runner.gate').who()]]), set[2].who)
      child:expect_gone('= 45.00 ¢')
      child:type('i')
      child:expect('= 30.00 ¢')
      child:type('<C-u>off<CR>')
      local off = sent(child, 2)
      assert.same({ 'set', nil }, { off[1], off[2].limit_cents })
      child:expect_gone('no limit')
      child:type('i')
      child:expect('= 30.00 ¢')
      child:type('<C-u>0')
      child:expect('no paid work at all')
      child:type('<Esc>')
      child:expect_gone('no paid work at all')
      assert.equals(2, child:lua('return #SENT'))
    end)
  end)

  it('says what the ledger has against it, and keeps what was typed', function()
    with({ 100, 30 }, function(child)
      scene.open(child, 'budget')
      child:expect('namer')
      child:lua([[FAILS = "the ledger can't be written"]])
      child:type('i')
      child:expect('= 30.00 ¢')
      child:type('<C-u>45<CR>')
      child:expect("the ledger can't be written", child:expect('Monthly budget (in cents) 45'))
      child:lua([[FAILS = nil]])
      child:type('<CR>')
      assert.equals(45, sent(child, 2)[2].limit_cents)
    end)
  end)

  it('changes thresholds, the day it starts afresh, the zone and what happens at the limit', function()
    with({ 100, 30 }, function(child)
      scene.open(child, 'budget')
      child:expect('namer')
      child:type('<CR>')
      child:expect('50, 80, 100 %')
      child:type('/Thresholds<CR><CR><C-u>60,half')
      child:expect('"half" is no percent from 1 to 1000')
      child:type('<C-u>60, 90<CR>')
      assert.same({ 60, 90 }, sent(child, 1)[2].thresholds)
      child:type('/Starts afresh<CR><CR><C-u>40')
      child:expect('"40" is no day of the month: 1 to 31')
      child:type('<C-u>31')
      child:expect('day 31 of each month, or its last')
      child:type('<CR>')
      assert.equals(31, sent(child, 2)[2].reset_day)
      child:type('/Time zone<CR><CR>Europe/Pariss')
      child:expect('did you mean "Europe/Paris"?')
      child:type('<BS><CR>')
      assert.equals('Europe/Paris', sent(child, 3)[2].zone)
      child:lua([[vim.ui.select = function(items, opts, done) KIND = opts.kind done(items[2]) end]])
      child:type('/At the limit<CR><CR>')
      assert.equals('ask', sent(child, 4)[2].at_limit)
      assert.equals('purser.at_limit', child:lua('return KIND'))
    end)
  end)

  it('raises, adds and removes', function()
    with({ 120, 30 }, function(child)
      scene.open(child, 'budget')
      child:expect('namer')
      child:type('+')
      child:expect('Raised this month')
      child:type('20')
      child:expect('makes 50.00 ¢')
      child:type('<CR>')
      local raise = sent(child, 1)
      assert.same({ 'raise', 'agent:namer', 20 }, { raise[1], raise[2].scope, raise[2].cents })
      child:type('<BS>')
      child:expect('Budget for')
      child:type('/namer<CR>x')
      child:expect('Remove the budget for namer?')
      child:type('r')
      assert.same('remove', sent(child, 2)[1])
      child:lua([[
        vim.ui.select = function(items, opts, done)
          done(opts.kind == 'purser.scope' and items[2] or items[3])
        end
      ]])
      child:type('a')
      child:expect('Daily budget (in cents)')
      child:type('250<CR>')
      local set = sent(child, 3)
      assert.same(
        { 'workspace:/home/ada/src/harbour', 'day', 250 },
        { set[2].scope, set[2].period, set[2].limit_cents }
      )
    end)
  end)

  it('does not remove what setup() declares, and says why', function()
    with({ 120, 30 }, function(child)
      scene.open(child, 'budget')
      child:expect('reviewer')
      child:type('/reviewer<CR>x')
      child:expect('this budget comes from setup()')
      assert.same({}, child:lua('return SENT'))
    end)
  end)
end)

describe(':Purser agents', function()
  it('looks well', function()
    for _, size in ipairs(SIZES) do
      with(size, function(child)
        scene.open(child, 'agents')
        scene.picture(child, 'agents', 'claude-opus-5-5')
        child:type('/reviewer<CR><CR>')
        scene.picture(child, 'agent-config', '2500')
        child:type('<CR><C-u>12.5')
        scene.picture(child, 'agent-field', '12 or 13?')
      end)
    end
  end)

  it('tells no limit, a limit of 0 and a free agent apart', function()
    with({ 100, 30 }, function(child)
      child:lua([[
        local agents = require('purser.config').get().agents
        agents.helper = { adapter = 'script', command = '/bin/sh', free = true }
        agents['local'] = { adapter = 'script', command = '/bin/sh' }
        agents.open = { adapter = 'script', command = '/bin/sh' }
      ]])
      scene.open(child, 'agents')
      child:expect('free', child:expect('helper '))
      child:expect('no paid work', child:expect('local '))
      child:expect('none', child:expect('open '))
    end)
  end)

  it('changes the monthly budget of the selected agent in place', function()
    with({ 60, 20 }, function(child)
      scene.open(child, 'agents')
      child:expect('namer')
      child:type('/namer<CR><CR>')
      child:expect('Monthly budget (in cents) 30')
      child:type('<CR><C-u>500<CR>')
      local set = sent(child, 1)
      assert.same({ 'set', 'agent:namer', 'month', 500 }, { set[1], set[2].scope, set[2].period, set[2].limit_cents })
    end)
  end)

  it('changes model and effort, keeps them over setup(), and takes them back', function()
    with({ 100, 30 }, function(child)
      local function agent()
        return child:lua([[
          local one = require('purser.agents').get('reviewer')
          return { one.model, one.effort, one.saved.model or false }
        ]])
      end
      scene.open(child, 'config', { name = 'reviewer' })
      child:expect('claude-opus-5-5 · setup()')
      child:type('/Model  <CR><CR><C-u>')
      child:expect("the client's own choice")
      child:type('not a model')
      child:expect('a model has no spaces in its name')
      child:type('<C-u><Tab>')
      child:await('return vim.fn.pumvisible() == 1')
      child:type('<C-u>claude-haiku-5<CR>')
      child:expect('claude-haiku-5 · saved here')
      child:lua([[vim.ui.select = function(items, opts, done) KIND = opts.kind done(items[1]) end]])
      child:type('/Effort<CR><CR>')
      child:expect('low · saved here')
      assert.same({ 'claude-haiku-5', 'low', true }, agent())
      assert.equals('purser.effort', child:lua('return KIND'))
      child:type('/Model  <CR>x')
      child:expect('claude-opus-5-5 · setup()')
      assert.same({ 'claude-opus-5-5', 'low', false }, agent())
    end)
  end)

  it('changes the system prompt in a buffer that is saved by :w', function()
    with({ 100, 30 }, function(child)
      scene.open(child, 'config', { name = 'reviewer' })
      child:expect('You review changes. Be brief. · setup()')
      child:type('/System<CR><CR>')
      child:expect('system prompt of reviewer')
      child:type('GoAnswer in French.<Esc>:w<CR>')
      child:expect('the system prompt of reviewer is saved')
      child:type(':q<CR>')
      assert.equals(
        'You review changes. Be brief.\nAnswer in French.',
        child:lua([[return require('purser.agents').get('reviewer').system]])
      )
      scene.open(child, 'config', { name = 'reviewer' })
      child:expect('Answer in French. · saved here')
    end)
  end)
end)
