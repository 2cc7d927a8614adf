-- What the budget prompt offers and says. Pure.

local choices = require('purser.ui.gate_choices')
local config = require('purser.config')
local said = require('purser.ui.gate_text')

local DOLLAR = 1000000000

---@param more? table
---@return purser.Refusal
local function refusal(more)
  return vim.tbl_extend('force', {
    refusal = 'exhausted',
    at_limit = 'block',
    message = 'reviewer has spent $25.00 of $25.00 this month.',
    estimate_nanousd = 40000000,
    minimum_nanousd = 31000000,
    agent = 'reviewer',
    model = 'claude-opus-5-5',
    effort = 'high',
    spec = { prompt = 'Explain this\nand that' },
    budget = {
      scope = 'agent:reviewer',
      period = 'month',
      spent_nanousd = 25 * DOLLAR,
      held_nanousd = 0,
      limit_nanousd = 25 * DOLLAR,
      resets_at_ms = 1796083200000,
    },
  }, more or {})
end

---@param one purser.Refusal
---@param alternatives? purser.Alternative[]
---@return string[]
local function texts(one, alternatives)
  return vim.tbl_map(function(offer)
    return offer.text
  end, choices.offers(one, alternatives or {}))
end

before_each(function()
  config.setup({})
end)

describe('the offers at a refusal', function()
  it('end with the safe one', function()
    for _, kind in ipairs({ 'exhausted', 'wait', 'never', 'unpriced' }) do
      local offers = choices.offers(refusal({ refusal = kind }), {})
      assert.same({ action = 'cancel' }, offers[#offers].choice)
      assert.is_true(offers[#offers].safe)
    end
  end)

  it('are: once, raise, for good, cheaper, not at all', function()
    local alternatives = {
      { effort = 'low', model = 'claude-opus-5-5', estimate_nanousd = 9000000, by = 'effort' },
      { effort = 'high', model = 'claude-haiku-4-5', estimate_nanousd = 2000000, by = 'model' },
    }
    assert.same({
      'Run once anyway',
      'Raise this month by $5.00',
      'Raise the monthly budget for good …',
      'Use low effort instead: ≈ 0.90 ¢',
      'Use claude-haiku-4-5 instead: ≈ 0.20 ¢',
      "Don't run",
    }, texts(refusal(), alternatives))
  end)

  it('have waiting first when others are in flight', function()
    assert.equals('Wait until runs under way give back what they hold', texts(refusal({ refusal = 'wait' }))[1])
  end)

  it('have no raise where there is no price: it would not help', function()
    assert.same({ 'Run once anyway', "Don't run" }, texts(refusal({ refusal = 'unpriced' })))
  end)

  it("are to try again or not where the ledger can't be asked", function()
    assert.same({ 'Try again', "Don't run" }, texts(refusal({ refusal = 'unavailable' })))
  end)

  it('of a run under way are to go on or to stop it', function()
    local offers = texts(refusal({ run = { sums = {} }, refusal = 'wait' }))
    assert.equals('Go on anyway, this once', offers[1])
    assert.equals('Stop it', offers[#offers])
  end)

  it('raise by a round figure that is enough for the run', function()
    for _, case in ipairs({
      { 25 * DOLLAR, 25 * DOLLAR, 0.04 * DOLLAR, 500 },
      { 25 * DOLLAR, 25 * DOLLAR, 17 * DOLLAR, 2000 },
      { 0.3 * DOLLAR, 0.31 * DOLLAR, 0.04 * DOLLAR, 10 },
      { 0, 0, 0.5 * DOLLAR, 50 },
    }) do
      local one = refusal({ estimate_nanousd = case[3] })
      one.budget = vim.tbl_extend('force', one.budget, { limit_nanousd = case[1], spent_nanousd = case[2] })
      local cents = choices.raise_cents(one)
      assert.equals(case[4], cents)
      assert.is_true(case[1] + cents * 10000000 - case[2] >= case[3])
    end
  end)
end)

describe('alternatives', function()
  it('to look at are lower efforts and other models', function()
    assert.same({
      { model = 'claude-opus-5-5', effort = 'medium', by = 'effort' },
      { model = 'claude-opus-5-5', effort = 'low', by = 'effort' },
      { model = 'haiku', effort = 'high', by = 'model' },
    }, choices.candidates(refusal(), { 'claude-opus-5-5', 'haiku' }))
  end)

  it('are not looked for while the run is under way', function()
    assert.same({}, choices.candidates(refusal({ run = {} }), { 'haiku' }))
  end)

  it('that are best are the ones most like what was asked for', function()
    local best = choices.best({
      { effort = 'low', estimate_nanousd = 1, by = 'effort' },
      { effort = 'medium', estimate_nanousd = 2, by = 'effort' },
      { model = 'small', estimate_nanousd = 3, by = 'model' },
      { model = 'middle', estimate_nanousd = 5, by = 'model' },
    })
    assert.equals('medium', best[1].effort)
    assert.equals('middle', best[2].model)
  end)
end)

describe('the prompt', function()
  it('shows spent, limit, held, reset and the estimate with its range', function()
    local one = refusal()
    one.budget.held_nanousd = 600000000
    local text = said.draw(one, choices.offers(one, {}), 72, 1795530600000, 31000000):plain()
    for _, words in ipairs({
      'reviewer has spent $25.00 of $25.00 this month',
      '100 %',
      '60.00 ¢ is held by runs under way · resets in 7 days, on 1 December',
      'This run: ≈ 3.1–4.0 ¢',
      'Explain this',
    }) do
      assert.is_truthy(text:find(words, 1, true), words .. '\n' .. text)
    end
  end)

  it('fits 58 cells', function()
    local one = refusal({ model = ('long-model-name'):rep(5) })
    local out = said.draw(one, choices.offers(one, {}), 58, 1795530600000)
    for row = 1, out:height() do
      assert.is_true(out:row_width(row) <= 58)
    end
  end)

  it('says plainly that a model has no price, and what to do', function()
    local one = refusal({ refusal = 'unpriced', estimate_nanousd = -1, model = 'house-model' })
    local text = said.draw(one, choices.offers(one, {}), 72, 1795530600000):plain():gsub('%s+', ' ')
    for _, words in ipairs({
      'house-model has no price, so no budget can count it.',
      'Give it one in prices.json, or set fallback_rate',
      'This run: no estimate',
    }) do
      assert.is_truthy(text:find(words, 1, true), words .. '\n' .. text)
    end
  end)

  it('says of a budget of 0 that no paid run is allowed', function()
    local one =
      refusal({ refusal = 'never', message = 'The monthly budget of agent reviewer (0 ¢) allows no paid runs' })
    one.budget.limit_nanousd = 0
    local text = said.draw(one, choices.offers(one, {}), 72, 1795530600000):plain()
    assert.is_truthy(text:find('allows no paid runs', 1, true), text)
  end)

  it("says why the ledger can't be asked, and that nothing starts", function()
    local one = { refusal = 'unavailable', message = 'the ledger is damaged', agent = 'reviewer', spec = {} }
    local text = said.draw(one, choices.offers(one, {}), 58, 1795530600000):plain()
    assert.is_truthy(text:find('the ledger is damaged', 1, true), text)
    assert.is_truthy(text:find('No budget can be asked, so no run starts.', 1, true), text)
  end)

  it('tells "not now" from "never", "no price" and "no ledger" in its title', function()
    local titles = {}
    for _, kind in ipairs({ 'exhausted', 'wait', 'never', 'unpriced', 'unavailable' }) do
      titles[said.title(refusal({ refusal = kind }))] = true
    end
    assert.equals(5, vim.tbl_count(titles))
  end)

  it('is one sentence for vim.ui.select', function()
    assert.equals(
      'reviewer has spent $25.00 of $25.00 this month. This run: ≈ 3.1–4.0 ¢',
      said.sentence(refusal(), 31000000)
    )
  end)
end)
