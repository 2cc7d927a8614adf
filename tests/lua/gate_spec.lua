-- What the editor does with a refusal: every answer of the user's, and nobody there to answer.

local fake = require('helpers.fake_core').install()
local config = require('purser.config')
local runner = require('purser.runner')
local tmp = require('helpers.tmp')
require('helpers.notices').catch()

local PATIENCE = 30000

local function wait(what, fn)
  assert(vim.wait(PATIENCE, fn, 2), 'waited in vain for ' .. what)
end

local BUDGET = {
  scope = 'agent:tester',
  period = 'month',
  at_limit = 'block',
  thresholds = { 50 },
  limit_nanousd = 5e9,
  spent_nanousd = 5e9,
}

describe('a refusal', function()
  local prompts, uis, answers

  before_each(function()
    config.setup({
      agents = {
        tester = { adapter = 'script', command = tmp.script('agent', 'echo text hello; echo done'), model = 'big' },
      },
    })
    fake.gate, fake.budget, fake.asked, fake.answers, fake.keep_open = nil, nil, {}, {}, nil
    prompts, answers = {}, {}
    package.loaded['purser.ui.gate_prompt'] = {
      ask = function(refusal, cb)
        prompts[#prompts + 1] = refusal
        local answer = table.remove(answers, 1)
        if answer then
          vim.schedule(function()
            cb(answer ~= 'none' and answer or nil)
          end)
        end
      end,
    }
    uis = vim.api.nvim_list_uis
    vim.api.nvim_list_uis = function()
      return { {} }
    end
  end)

  after_each(function()
    vim.api.nvim_list_uis = uis
    runner.shutdown()
  end)

  local function refuse_unless(fn)
    fake.gate = function(spec)
      return not fn(spec) and { refusal = 'exhausted', at_limit = 'block', message = 'spent', budget = BUDGET } or nil
    end
  end

  local function start(options)
    local run = assert((runner.start(vim.tbl_extend('force', { agent = 'tester', prompt = 'p' }, options or {}))))
    wait('the end', function()
      return run:is_final()
    end)
    return run
  end

  it('is put to the user, with what was asked for', function()
    refuse_unless(function() end)
    answers = { 'none' }
    local run = start({ effort = 'high' })
    assert.equal('refused', run.status)
    assert.equal('spent', run.message)
    local refusal = prompts[1]
    assert.same(
      { 'exhausted', 'tester', 'big', 'high' },
      { refusal.refusal, refusal.agent, refusal.model, refusal.effort }
    )
    assert.same(BUDGET, refusal.budget)
    assert.equal('p', refusal.spec.prompt)
  end)

  for _, answer in ipairs({ 'none', { action = 'cancel' }, { action = 'nonsense' }, { action = 'instead' } }) do
    it('and ' .. vim.inspect(answer):gsub('%s+', ' ') .. ' is a no', function()
      refuse_unless(function() end)
      answers = { answer }
      assert.equal('refused', start().status)
      assert.equal(1, #prompts)
    end)
  end

  it('"once" asks again with an override, and says who', function()
    refuse_unless(function(spec)
      return spec.override_once
    end)
    answers = { { action = 'once' } }
    assert.equal('completed', start().status)
    local spec = fake.admitted[fake.next_id]
    assert.is_true(spec.override_once)
    assert.equal(vim.env.USER, spec.who)
  end)

  it('"raise" raises this period, and asks again', function()
    local raised = false
    refuse_unless(function()
      return raised
    end)
    fake.answers['budget.raise'] = function()
      raised = true
      return { budget = {} }
    end
    answers = { { action = 'raise', cents = 200 } }
    assert.equal('completed', start().status)
    assert.same(
      { 'budget.raise', { scope = 'agent:tester', period = 'month', cents = 200, who = vim.env.USER } },
      fake.asked[1]
    )
    assert.is_nil(fake.admitted[fake.next_id].override_once)
  end)

  it('"limit" saves another limit, and keeps the rest of the policy', function()
    local set
    refuse_unless(function()
      return set
    end)
    fake.answers['budget.set'] = function(policy)
      set = policy
      return { budget = {} }
    end
    answers = { { action = 'limit', cents = 900 } }
    assert.equal('completed', start().status)
    assert.same({
      scope = 'agent:tester',
      period = 'month',
      at_limit = 'block',
      thresholds = { 50 },
      limit_cents = 900,
      who = vim.env.USER,
    }, set)
  end)

  it("a budget that can't be changed is a refusal", function()
    refuse_unless(function() end)
    fake.answers['budget.raise'] = { error = { code = 'EREADONLY', message = "the ledger can't be written" } }
    answers = { { action = 'raise', cents = 200 } }
    local run = start()
    assert.equal('refused', run.status)
    assert.equal("the budget could not be changed: the ledger can't be written", run.message)
  end)

  it('"instead" takes another model and effort', function()
    refuse_unless(function(spec)
      return spec.model == 'small' and spec.effort == 'low'
    end)
    answers = { { action = 'instead', model = 'small', effort = 'low' } }
    local run = start()
    assert.equal('completed', run.status)
    assert.same({ 'small', 'low' }, { run.model, run.effort })
  end)

  it('a second refusal is asked about again', function()
    local calls = 0
    refuse_unless(function()
      calls = calls + 1
      return calls > 2
    end)
    answers = { { action = 'once' }, { action = 'once' } }
    assert.equal('completed', start().status)
    assert.equal(2, #prompts)
  end)

  it('"wait" starts when another run has settled, without asking again', function()
    local room = false
    fake.gate = function()
      return not room and { refusal = 'wait', message = 'others are in flight', budget = BUDGET } or nil
    end
    answers = { { action = 'wait' } }
    local run = assert((runner.start({ agent = 'tester', prompt = 'p' })))
    wait('the queue', function()
      return run.status == 'waiting'
    end)
    fake:send('settled', { run = { id = 999 } })
    vim.wait(50)
    assert.equal('waiting', run.status) -- still no room
    room = true
    fake:send('settled', { run = { id = 999 } })
    wait('the run', function()
      return run:is_final()
    end)
    assert.equal('completed', run.status)
    assert.equal(1, #prompts)
  end)

  it('a waiting run can be stopped', function()
    fake.gate = function()
      return { refusal = 'wait', message = 'others are in flight', budget = BUDGET }
    end
    answers = { { action = 'wait' } }
    local run = assert((runner.start({ agent = 'tester', prompt = 'p' })))
    wait('the queue', function()
      return run.status == 'waiting'
    end)
    run:stop()
    assert.equal('cancelled', run.status)
    assert.equal('stopped by you', run.message)
  end)

  it('questions come one at a time', function()
    refuse_unless(function() end)
    local held
    package.loaded['purser.ui.gate_prompt'].ask = function(refusal, cb)
      prompts[#prompts + 1] = refusal
      held = cb
    end
    local first = assert((runner.start({ agent = 'tester', prompt = 'a' })))
    local second = assert((runner.start({ agent = 'tester', prompt = 'b' })))
    wait('a question', function()
      return held
    end)
    vim.wait(50)
    assert.equal(1, #prompts)
    held(nil)
    wait('the second question', function()
      return #prompts == 2
    end)
    held(nil)
    wait('both', function()
      return first:is_final() and second:is_final()
    end)
  end)

  it('a prompt that fails is a no, and does not block the next', function()
    refuse_unless(function() end)
    package.loaded['purser.ui.gate_prompt'].ask = function()
      error('no room')
    end
    assert.equal('refused', start().status)
    assert.equal('refused', start().status)
  end)

  it('is final when nobody is there', function()
    refuse_unless(function() end)
    assert.equal('refused', start({ headless = true }).status)
    vim.api.nvim_list_uis = uis
    assert.equal('refused', start().status)
    assert.equal(0, #prompts)
  end)

  describe("because the ledger can't be asked", function()
    local broken

    before_each(function()
      broken = true
      fake.gate = function()
        return broken and { code = 'ECORRUPT', message = 'the ledger is damaged' } or nil
      end
    end)

    it('is put to the user, who can have it tried again, and is a no otherwise', function()
      answers = { { action = 'once' } }
      local run = start()
      assert.equal('refused', run.status)
      assert.equal('the ledger is damaged', run.message)
      assert.equal('unavailable', prompts[1].refusal)
      assert.equal(1, #prompts)
      assert.same({}, fake.asked)
    end)

    it('is one question for all the runs that it stops', function()
      local held
      package.loaded['purser.ui.gate_prompt'].ask = function(refusal, cb)
        prompts[#prompts + 1] = refusal
        held = cb
      end
      local runs = {}
      for i = 1, 3 do
        runs[i] = assert((runner.start({ agent = 'tester', prompt = 'p' .. i })))
      end
      wait('the question', function()
        return held
      end)
      vim.wait(50)
      broken = false
      held({ action = 'retry' })
      wait('all of them', function()
        return runs[1]:is_final() and runs[2]:is_final() and runs[3]:is_final()
      end)
      assert.equal(1, #prompts)
      assert.same({ 'completed', 'completed', 'completed' }, { runs[1].status, runs[2].status, runs[3].status })
    end)

    it('is asked about again when another try fails, too', function()
      answers = { { action = 'retry' }, 'none' }
      assert.equal('refused', start().status)
      assert.equal(2, #prompts)
    end)

    it('is final when nobody is there, and when asking again would say the same', function()
      assert.equal('refused', start({ headless = true }).status)
      fake.gate = function()
        return { code = 'EINVAL', message = 'workspace: is required' }
      end
      assert.equal('refused', start().status)
      assert.equal(0, #prompts)
    end)
  end)

  it('has every choice logged, with who made it', function()
    local log = require('purser.log')
    local lines, info = {}, log.info
    log.info = function(format, ...)
      lines[#lines + 1] = format:format(...)
    end
    fake.answers['budget.raise'] = { budget = {} }
    fake.answers['budget.set'] = { budget = {} }
    local me = vim.env.USER
    local about = ': agent tester, agent:tester each month, refused as exhausted'
    for _, case in ipairs({
      { { action = 'once' }, 'let it run once anyway' },
      { { action = 'raise', cents = 200 }, 'raised this period (200 cents)' },
      { { action = 'limit', cents = 900 }, 'raised the budget for good (900 cents)' },
      { { action = 'instead', model = 'small' }, 'took another model or effort (small, -)' },
      { 'none', 'did not let it run' },
    }) do
      local calls = 0
      refuse_unless(function()
        calls = calls + 1
        return calls > 1
      end)
      answers, lines = { case[1] }, {}
      start()
      assert.equal(('budget gate: %s %s%s'):format(me, case[2], about), lines[1])
    end
    refuse_unless(function() end)
    lines = {}
    start({ headless = true })
    assert.equal('budget gate: nobody (headless) did not let it run' .. about, lines[1])
    log.info = info
  end)

  it('never starts a process', function()
    local mark = tmp.dir() .. '/started'
    config.setup({ agents = { tester = { adapter = 'script', command = tmp.script('agent', 'touch ' .. mark) } } })
    refuse_unless(function() end)
    answers = { 'none' }
    start()
    assert.is_nil(vim.uv.fs_stat(mark))
  end)
end)

describe('a run that is under way when its budget is used up', function()
  local answer, uis, prompts

  before_each(function()
    config.setup({
      limits = { grace = 200 },
      agents = {
        tester = {
          adapter = 'script',
          -- Counts, so that it can be seen whether it is held.
          command = tmp.script('agent', 'i=0; while :; do i=$((i+1)); echo text $i; sleep 0.02; done'),
        },
      },
    })
    fake.gate, fake.asked, fake.answers = nil, {}, {}
    prompts = {}
    package.loaded['purser.ui.gate_prompt'] = {
      ask = function(refusal, cb)
        prompts[#prompts + 1] = refusal
        answer = cb
      end,
    }
    uis = vim.api.nvim_list_uis
    vim.api.nvim_list_uis = function()
      return { {} }
    end
  end)

  after_each(function()
    vim.api.nvim_list_uis = uis
    runner.shutdown()
  end)

  local function running(options)
    local run = assert((runner.start(vim.tbl_extend('force', { agent = 'tester', prompt = 'p' }, options or {}))))
    wait('its first words', function()
      return #run:answer() > 0
    end)
    return run
  end

  local function final(run)
    wait('the end', function()
      return run:is_final()
    end)
    return run
  end

  it('is ended when the policy says so, and says why', function()
    local run = running()
    fake:send('stop', { run = run.id, verdict = 'stop', message = 'agent tester has spent its $5.00' })
    assert.equal('budget', final(run).status)
    assert.equal('agent tester has spent its $5.00', run.message)
    assert.equal('budget', fake.finished[run.id].reason)
  end)

  it('is ended by what feed() says, too', function()
    fake.stop_feeding = true
    local run = final(running())
    fake.stop_feeding = nil
    assert.equal('budget', run.status)
    assert.equal('stopped: the budget is exhausted', run.message)
  end)

  it('is ended by a cap of its own', function()
    local run = running()
    fake:send('stop', { run = run.id, verdict = 'limit', message = 'stopped after 3 requests' })
    assert.equal('limit', final(run).status)
    assert.equal('stopped after 3 requests', run.message)
  end)

  it('is held while the user is asked, and goes on if they say so', function()
    local run = running()
    fake:send('stop', { run = run.id, verdict = 'ask', message = 'spent', budget = BUDGET })
    wait('the question', function()
      return prompts[1]
    end)
    assert.equal(run, prompts[1].run)
    assert.equal('asking', run.status)
    vim.wait(60) -- what was under way comes in
    local held = #run:answer()
    vim.wait(120)
    assert.equal(held, #run:answer())
    answer({ action = 'once' })
    wait('more', function()
      return #run:answer() > held
    end)
    assert.equal('running', run.status)
    -- and is not asked again for every request after that
    fake:send('stop', { run = run.id, verdict = 'ask', message = 'spent', budget = BUDGET })
    vim.wait(60)
    assert.equal(1, #prompts)
    run:stop()
    final(run)
  end)

  it('goes on with a raised budget', function()
    local run = running()
    fake.answers['budget.raise'] = { budget = {} }
    fake:send('stop', { run = run.id, verdict = 'ask', message = 'spent', budget = BUDGET })
    wait('the question', function()
      return prompts[1]
    end)
    answer({ action = 'raise', cents = 100 })
    wait('the raise', function()
      return run.status == 'running'
    end)
    assert.equal(100, fake.asked[1][2].cents)
    run:stop()
    final(run)
  end)

  it('is ended when they say no, or nobody is there', function()
    local run = running()
    fake:send('stop', { run = run.id, verdict = 'ask', message = 'spent', budget = BUDGET })
    wait('the question', function()
      return prompts[1]
    end)
    answer(nil)
    assert.equal('budget', final(run).status)
    local alone = running({ headless = true })
    fake:send('stop', { run = alone.id, verdict = 'ask', message = 'spent', budget = BUDGET })
    assert.equal('budget', final(alone).status)
    assert.equal(1, #prompts)
  end)
end)
