--- The life of a run, from the request to the ledger: workspace, key, gate, process, settlement.

local runs = require('purser.runs')

local M = {}

---@class purser.Live
---@field run purser.Run
---@field agent purser.Agent
---@field options purser.RunOptions
---@field admission? purser.Admission
---@field handle? purser.RunHandle
---@field child? purser.Child
---@field over boolean
---@field ended? table what was seen of the process
---@field asked? boolean the user let it go on over its budget
---@field key? string held from the gate to the start
---@field overridden? boolean the user said: run once anyway

local live = {} ---@type table<integer, purser.Live> by the run's number

---@param id integer in the AgentRunLog
---@return purser.Live?
local function live_by_id(id)
  for _, one in pairs(live) do
    if one.run.id == id then
      return one
    end
  end
end

---@param one purser.Live
---@param status purser.RunState
---@param message? string
local function set_status(one, status, message)
  one.run:set_status(status, message)
  runs.changed(one.run)
end

--- The end, whatever came before.
---@param one purser.Live
---@param status purser.RunState
---@param message? string
local function over(one, status, message)
  if one.over then
    return
  end
  one.over = true
  local run = one.run
  live[run.nr] = nil
  run.stop = function() end
  if message and status ~= 'completed' then
    run:notice(status == 'cancelled' and 'info' or 'error', message)
  end
  set_status(one, status, message)
  run:settle()
  require('purser.log').info(
    'run %s of %s: %s%s',
    run.id or '-',
    run.agent,
    status,
    (status ~= 'completed' and run.id) and (' (exit %s)'):format(one.ended and one.ended.exit_code or '-') or ''
  )
  if one.handle then
    one.handle.free()
    one.handle = nil
    require('purser.events').finished(run)
  end
  require('purser.alerts').finished(run)
  require('purser.chats').finished(run, one.agent)
  if one.options.on_done then
    one.options.on_done(run)
  end
end

--- What the ledger calls the end, and what we do.
---@type table<string, purser.RunState>
local STATES = {
  completed = 'completed',
  failed = 'failed',
  cancelled = 'cancelled',
  stopped_budget = 'budget',
  budget = 'budget',
  stopped_limit = 'limit',
  limit = 'limit',
  abandoned = 'failed',
}

---@param one purser.Live
---@param row? purser.RunRow
---@param problem? string the ledger could not settle it
local function settled(one, row, problem)
  local run, seen = one.run, one.ended or {}
  run.row = row
  if row and row.sums then
    run.sums = row.sums
    run:touch('sums')
  end
  local agent = one.agent
  local message = require('purser.runner.ending').message(vim.tbl_extend('force', seen, {
    agent = agent.name,
    label = agent.adapter.name == 'script' and agent.name or agent.adapter.label,
    program = agent.command[1],
    http = agent.adapter.kind == 'http',
    key_source = agent.adapter.kind == 'http' and require('purser.runner.key').source(agent) or nil,
    model = run.model,
  }))
  if problem then
    message = (message and message .. ' ' or '') .. ('It could not be settled: %s'):format(problem)
  end
  local status = seen.stopped or (message and 'failed' or 'completed')
  if row and not seen.stopped and not message and STATES[row.status] then
    status = STATES[row.status]
    message = status ~= 'completed' and (row.message ~= '' and row.message or row.reason) or nil
  end
  over(one, status, message)
end

--- The process is gone. Hands the core what is left, and waits for the ledger.
---@param one purser.Live
---@param seen table
local function ended(one, seen)
  local handle = one.handle --[[@as purser.RunHandle]]
  one.ended = seen
  set_status(one, 'settling')
  handle.finish({
    exit_code = seen.exit_code,
    signal = seen.signal,
    duration_ms = seen.duration_ms,
    reason = seen.spawn_problem and 'spawn' or seen.stopped or 'exit',
    stderr = seen.spawn_problem or seen.stderr,
    retries = (seen.tries or 1) > 1 and seen.tries - 1 or nil,
  })
  one.child:drain() -- the decoder's last words
end

---@param one purser.Live
---@param handle purser.RunHandle
---@param answer table
local function admitted(one, handle, answer)
  local run = one.run
  one.handle = handle
  run.id = handle.id
  run.budget = answer.budget
  run.estimate_nanousd = answer.estimate_nanousd
  run:touch('sums')
  local request = require('purser.runner.request')
  local remaining = not one.overridden and request.remaining_usd(answer) or nil
  local made = request.invocation(one.agent, run, one.options, one.key, remaining)
  -- The client's own hook (`purser hook`) is told that it was let through here already.
  made.env.PURSER_RUN = tostring(run.id)
  one.key = nil
  local config = require('purser.config').get()
  if made.prepare then
    -- What an adapter could not arrange is said; the run goes on without it.
    local problem = made.prepare(made)
    if problem then
      run:notice('warn', problem)
    end
  end
  set_status(one, 'running')
  require('purser.log').info('run %d of %s: %s', run.id, run.agent, made.argv[1])
  one.child = require('purser.runner.child').start({
    run = run,
    handle = handle,
    invocation = made,
    http = one.agent.adapter.kind == 'http',
    cwd = run.cwd,
    limits = config.limits,
    retry = config.retry,
    on_started = function()
      require('purser.events').started(run)
    end,
    on_end = function(seen)
      ended(one, seen)
    end,
  })
end

--- STOP: a budget is exhausted, or a cap of the run reached.
---@param body table
local function on_stop(body)
  local one = live_by_id(body.run)
  if not one or not one.child then
    return
  elseif body.verdict == 'limit' then
    return one.child:stop('limit', body.message)
  elseif body.verdict ~= 'ask' then
    return one.child:stop('budget', body.message)
  elseif one.asked then
    return -- asked, or answered, already
  end
  one.asked = true
  local gate = require('purser.runner.gate')
  local run = one.run
  local refusal = {
    refusal = 'exhausted',
    at_limit = 'ask',
    message = body.message,
    budget = body.budget,
    agent = run.agent,
    model = run.model,
    effort = run.effort,
    spec = require('purser.runner.request').spec(one.agent, run, one.options),
    run = run,
  }
  one.child:hold()
  run:set_status('asking', body.message)
  gate.ask(refusal, run.headless, function(choice)
    if one.over or not one.child:is_running() then
      return
    elseif choice.action == 'once' then
      one.child:resume()
      return set_status(one, 'running', 'goes on over its budget, as you said')
    elseif choice.action ~= 'raise' and choice.action ~= 'limit' then
      return one.child:stop('budget', body.message)
    end
    gate.change_budget(refusal, choice, function(problem)
      if problem then
        return one.child:stop('budget', ('the budget could not be changed: %s'):format(problem))
      end
      one.asked = false
      one.child:resume()
      set_status(one, 'running')
    end)
  end)
end

local listening = false

local function listen()
  if listening then
    return
  end
  listening = true
  local core = require('purser.core')
  core.on('booked', function(body, message)
    local one = live_by_id(message.run)
    if one then
      local run = one.run
      run.sums = body.sums or run.sums
      run.budget = body.budget or run.budget
      run.context_tokens = body.context_tokens or run.context_tokens
      run.context_window = body.context_window or run.context_window
      run:touch('sums')
      require('purser.events').progress(run)
    end
  end)
  core.on('settled', function(body, message)
    local one = live_by_id(message.run)
    if one and one.ended then
      settled(one, body.run, message.status < 0 and (body.message or 'the ledger failed') or nil)
    end
  end)
  core.on('stop', on_stop)
  core.on('runaway', function(body)
    local one = live_by_id(body.run)
    if one and one.child and one.child:is_running() then
      require('purser.runner.runaway').noticed(one.run, one.agent, body, function(message)
        one.child:stop('limit', message)
      end)
    end
  end)
end

--- The agent that is meant, if it can run.
---@param name? string
---@return purser.Agent? agent
---@return string? problem
function M.agent(name)
  local agents = require('purser.agents')
  local agent, problem
  if name then
    agent, problem = agents.get(name)
  else
    agent, problem = agents.default()
  end
  if not agent then
    return nil, problem
  end
  problem = require('purser.config').blocked(agent.name) or agent.missing
  if problem then
    return nil, problem
  end
  return agent
end

--- A name for a conversation that begins, unlike any other's: runs that go on with it carry it along.
---@return string
function M.new_conversation()
  return ('%x-%x-%x'):format(os.time(), vim.uv.os_getpid(), vim.uv.hrtime() % 0xffffffff)
end

--- Dispatches an agent. The run is there at once, and goes on by itself; nil with a reason when nothing was begun.
---@param options purser.RunOptions
---@return purser.Run? run
---@return string? problem
function M.start(options)
  if vim.trim(options.prompt or '') == '' then
    return nil, 'there is no prompt'
  end
  local agent, problem = M.agent(options.agent)
  if not agent then
    return nil, problem
  end
  local loaded, missing = require('purser.core').open()
  if not loaded then
    return nil, missing
  end
  listen()
  local run = require('purser.runner.run').new({
    agent = agent.name,
    label = agent.adapter.label,
    source = agent.adapter.name,
    model = options.model or agent.model,
    effort = options.effort or agent.effort,
    prompt = options.prompt,
    selection = options.selection,
    conversation = options.conversation or M.new_conversation(),
    session = options.session,
    cwd = options.cwd or agent.cwd or vim.fn.getcwd(),
    headless = options.headless or false,
    compacts = options.compacts,
  })
  ---@type purser.Live
  local one = { run = run, agent = agent, options = options, over = false }
  live[run.nr] = one
  run.stop = function()
    M.stop(run)
  end
  runs.add(run)
  require('purser.workspace').get(run.cwd, function(workspace)
    if one.over then
      return
    end
    run.workspace, run.branch = workspace.root, workspace.branch
    require('purser.runner.key').get(agent, function(no_key, key)
      if one.over then
        return
      elseif no_key then
        return over(one, 'failed', no_key)
      end
      one.key = key
      local spec = require('purser.runner.request').spec(agent, run, options)
      one.admission = require('purser.runner.gate').admit(run, spec, function(handle, answer, final)
        one.admission = nil
        one.overridden = final.override_once
        admitted(one, handle, answer)
      end, function(message)
        one.admission = nil
        over(one, 'refused', message)
      end)
    end)
  end)
  return run
end

--- Ends a run, wherever it is. Nothing happens to one that is over.
---@param run purser.Run
function M.stop(run)
  local one = live[run.nr]
  if not one then
    return
  elseif one.child then
    one.child:stop('cancelled')
  elseif not one.handle then
    if one.admission then
      one.admission.cancel()
    end
    over(one, 'cancelled', 'stopped by you')
  end
end

local SHUTDOWN_GENTLE_MS = 1000
local SHUTDOWN_HARD_MS = 500

--- The editor goes: agents are ended, and what they spent is handed to the ledger.
function M.shutdown()
  local function all(fn)
    for _, one in pairs(live) do
      fn(one)
    end
  end
  local function none_runs()
    local running = false
    all(function(one)
      running = running or (one.child ~= nil and one.child:is_running())
    end)
    return not running
  end
  all(function(one)
    if one.child then
      one.child:interrupt()
    elseif one.admission then
      one.admission.cancel()
    end
  end)
  if not none_runs() then
    vim.wait(SHUTDOWN_GENTLE_MS, none_runs, 5)
    all(function(one)
      if one.child and one.child:is_running() then
        one.child:kill()
      end
    end)
    vim.wait(SHUTDOWN_HARD_MS, none_runs, 5)
  end
  all(function(one)
    if one.handle then
      if not one.ended then
        one.handle.finish({ exit_code = 0, signal = 15, reason = 'cancelled' })
      end
      one.handle.free()
      one.handle = nil
    end
  end)
  live = {}
end

return M
