-- A run that may have run away, through the real core: an agent that loops, what is noticed of it, and what each answer does.

local config = require('purser.config')
local core = require('purser.core')
local notices = require('helpers.notices').catch()
local prompt = require('purser.ui.runaway_prompt')
local runner = require('purser.runner')
local tmp = require('helpers.tmp')

local PATIENCE = 60000

local function wait(what, fn)
  assert(vim.wait(PATIENCE, fn, 2), 'waited in vain for ' .. what)
end

local loops = 0

--- An agent that calls the same tool with the same input until it is stopped, or so many times. A call costs 0.6 cents.
local function looping(times, input)
  loops = loops + 1
  local id = ('%d_%d'):format(vim.uv.os_getpid(), loops)
  return ([[
    cat >/dev/null
    echo '{"type":"system","subtype":"init","session_id":"s-ID","model":"claude-sonnet-4-5"}'
    i=0
    while [ $i -lt TIMES ]; do
      i=$((i + 1))
      printf '{"type":"assistant","message":{"id":"msg_ID_%%d","model":"claude-sonnet-4-5","content":' $i
      printf '[{"type":"tool_use","id":"t_%%d","name":"Bash","input":{"command":"INPUT"}}],' $i
      printf '"usage":{"input_tokens":1000,"output_tokens":200}},"request_id":"req_ID_%%d"}\n' $i
      sleep 0.02
    done
    echo '{"type":"result","subtype":"success","is_error":false,"result":"done"}'
  ]]):gsub('ID', id):gsub('TIMES', times or 100000):gsub('INPUT', input or 'make test'):gsub('%%%%', '%%')
end

local function agent(body, runaway, own)
  config.setup({
    limits = { grace = 200, requests = 0 },
    runaway = runaway,
    agents = {
      tester = { adapter = 'script', command = tmp.script('loop', body), dialect = 'claude', runaway = own },
    },
  })
end

describe('an agent that loops', function()
  local uis, asked, answer, ask

  before_each(function()
    asked, answer = {}, nil
    ask = prompt.ask
    prompt.ask = function(run, alarm, cb)
      asked[#asked + 1] = { run = run, alarm = alarm, cb = cb }
      if answer then
        cb(answer ~= 'none' and answer or nil)
      end
    end
    uis = vim.api.nvim_list_uis
    vim.api.nvim_list_uis = function()
      return { {} }
    end
  end)

  after_each(function()
    prompt.ask = ask
    vim.api.nvim_list_uis = uis
    runner.shutdown()
    notices:clear()
  end)

  local function start(options)
    return assert((runner.start(vim.tbl_extend('force', { agent = 'tester', prompt = 'do it' }, options or {}))))
  end

  local function final(run)
    wait('the end of the run', function()
      return run:is_final()
    end)
    return run
  end

  --- The lines that were said about it in its window.
  local function said(run)
    local out = {}
    for _, item in ipairs(run.items) do
      if item.kind == 'notice' then
        out[#out + 1] = item.text
      end
    end
    return table.concat(out, '\n')
  end

  it('is asked about once, with what repeats, and goes on without an answer', function()
    answer = 'none'
    agent(looping(12))
    local run = final(start())
    assert.equal('completed', run.status)
    assert.equal(1, #asked)
    local alarm = asked[1].alarm
    assert.same({ 'repeats', 'Bash', 5, 5, 1 }, { alarm.cause, alarm.tool, alarm.times, alarm.of, alarm.round })
    assert.is_true(alarm.spent_nanousd > 0)
    assert.matches('has it run away%? it has called Bash 5 times in a row with the same input', said(run))
    assert.equal(12, run.row.tool_calls)
  end)

  it('is stopped when the user says so', function()
    answer = { action = 'stop' }
    agent(looping())
    assert.equal('cancelled', final(start()).status)
  end)

  it('is held to the budget that it is given', function()
    answer = { action = 'budget', cents = 9 }
    agent(looping())
    local run = final(start())
    assert.same({ 'limit', 'the budget of this run is spent' }, { run.status, run.message })
    assert.is_true(run.sums.cost_nanousd >= 9e7)
    assert.matches('it may spend 9%.00? ¢ in all', (said(run):gsub('%$0.09', '9.0 ¢'):gsub(' 9 ¢', ' 9.0 ¢')))
  end)

  it('whose budget is spent already is stopped at once', function()
    answer = { action = 'budget', cents = 1 }
    agent(looping())
    assert.equal('limit', final(start()).status)
  end)

  it('is stopped without asking where the options say so, for one agent or for all', function()
    for _, options in ipairs({ { { action = 'stop' } }, { { action = 'ask' }, { action = 'stop' } } }) do
      agent(looping(), options[1], options[2])
      local run = final(start())
      assert.same(
        { 'limit', 'stopped: it has called Bash 5 times in a row with the same input' },
        { run.status, run.message }
      )
      assert.equal(0, #asked)
    end
  end)

  it('is left alone where the options say so', function()
    agent(looping(12), { action = 'off' })
    assert.same({ 'completed', '' }, { final(start()).status, said(start()) })
    agent(looping(12), { repeats = 0 })
    assert.equal('completed', final(start()).status)
    agent(looping(12), { repeats = 13 })
    assert.equal('completed', final(start()).status)
    assert.equal(0, #asked)
  end)

  it('is not asked about where nobody is there, and told of in its window and to whoever listens', function()
    local heard = {}
    local id = vim.api.nvim_create_autocmd('User', {
      pattern = 'PurserRunaway',
      callback = function(event)
        heard[#heard + 1] = { event.data.cause, event.data.tool, event.data.agent }
      end,
    })
    agent(looping(12))
    local run = final(start({ headless = true }))
    vim.api.nvim_del_autocmd(id)
    assert.equal('completed', run.status)
    assert.equal(0, #asked)
    assert.matches('has it run away', said(run))
    assert.same({ { 'repeats', 'Bash', 'tester' } }, heard)
  end)

  it('that works is not noticed', function()
    agent(looping(20, "step '$i'"))
    assert.equal('completed', final(start()).status)
    assert.equal(0, #asked)
  end)

  it('costs many times the usual', function()
    answer = { action = 'stop' }
    -- One that has no history yet.
    local function once(times)
      config.setup({
        limits = { grace = 200, requests = 0 },
        runaway = { repeats = 0, least = 3 },
        agents = {
          miser = { adapter = 'script', command = tmp.script('loop', looping(times, "a '$i'")), dialect = 'claude' },
        },
      })
      return final(start({ agent = 'miser' })).status
    end
    for _ = 1, 8 do
      assert.equal('completed', once(2))
    end
    assert.equal('cancelled', once())
    local alarm = asked[1].alarm
    assert.same({ 'cost', 8, 12000000 }, { alarm.cause, alarm.usual_runs, alarm.usual_nanousd })
    assert.is_true(alarm.spent_nanousd >= 60000000)
  end)

  it('is asked about no more once it has a budget', function()
    answer = { action = 'budget', cents = 30 }
    agent(looping())
    local run = start()
    wait('its budget', function()
      return said(run):find('it may spend', 1, true) ~= nil
    end)
    local alarm = { run = run.id, cause = 'cost', spent_nanousd = 2e8, usual_nanousd = 1e7, usual_runs = 9 }
    local tester = assert(require('purser.agents').get('tester'))
    require('purser.runner.runaway').noticed(run, tester, alarm, error)
    assert.equal(1, #asked)
    assert.matches('times the usual', said(run))
    assert.equal('limit', final(run).status)
  end)

  it('that is over can be given no budget', function()
    local problem
    core.ask('run.budget', { run = 99999, cents = 5 }, function(err)
      problem = err
    end)
    wait('the answer', function()
      return problem
    end)
    assert.same({ 'ENOTFOUND', 'run 99999 is not under way' }, { problem.code, problem.message })
  end)
end)

describe('the sentence', function()
  local function alarm(fields)
    return prompt.sentence(vim.tbl_extend('force', { run = 1, spent_nanousd = 620000000 }, fields))
  end

  it('says what is wrong', function()
    local repeats = { cause = 'repeats', tool = 'Bash', times = 5, of = 6, round = 1 }
    assert.equal('it has called Bash 5 times of the last 6 with the same input', alarm(repeats))
    repeats.round, repeats.of = 3, 15
    assert.equal('it goes round: the same 3 calls 5 times, Bash the last', alarm(repeats))
    assert.matches(
      '^it has spent .*, 31 times the usual ',
      alarm({ cause = 'cost', usual_nanousd = 20000000, usual_runs = 20 })
    )
    assert.matches('called a tool 5', alarm({ cause = 'repeats', tool = '', times = 5, of = 5, round = 1 }))
  end)
end)
