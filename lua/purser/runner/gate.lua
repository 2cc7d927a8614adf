--- The way past the budgets: asks the core, and where it says no, the user. Whatever is not a clear yes is a no.

local M = {}

--- How often a waiting run asks again by itself: holds of other instances are given back without a message to us.
local WAIT_MS = 5000

--- Who asks, for the ledger's log of who changed or overrode a budget.
---@return string
function M.who()
  return vim.env.USER or vim.env.LOGNAME or 'user'
end
local who = M.who

local prompts = {} ---@type fun(done: fun())[]
local asking = false

--- One question at a time.
---@param ask fun(done: fun())
function M.queue_prompt(ask)
  prompts[#prompts + 1] = ask
  local function next_one()
    if asking or #prompts == 0 then
      return
    end
    asking = true
    table.remove(prompts, 1)(function()
      asking = false
      next_one()
    end)
  end
  next_one()
end

local SAID = {
  once = 'let it run once anyway',
  raise = 'raised this period',
  limit = 'raised the budget for good',
  instead = 'took another model or effort',
  wait = 'had it wait',
  retry = 'tried again',
  cancel = 'did not let it run',
}

--- Every choice is logged, with who made it. (What changes or overrides a budget is in the ledger's own log as well.)
---@param refusal purser.Refusal
---@param choice purser.GateChoice
---@param by string
local function log_choice(refusal, choice, by)
  local budget = refusal.budget
  local amount = choice.cents and (' (%d cents)'):format(choice.cents)
    or choice.action == 'instead' and (' (%s, %s)'):format(choice.model or '-', choice.effort or '-')
    or ''
  require('purser.log').info(
    'budget gate: %s %s%s: agent %s%s, refused as %s',
    by,
    SAID[choice.action] or SAID.cancel,
    amount,
    refusal.agent,
    budget and budget.scope and (', %s each %s'):format(budget.scope, budget.period or 'month') or '',
    refusal.refusal
  )
end

--- Puts a refusal to the user. Headless nobody is there, and a window that fails is no consent.
---@param refusal purser.Refusal
---@param headless boolean
---@param cb fun(choice: purser.GateChoice)
function M.ask(refusal, headless, cb)
  if headless or #vim.api.nvim_list_uis() == 0 then
    log_choice(refusal, { action = 'cancel' }, 'nobody (headless)')
    return cb({ action = 'cancel' })
  end
  M.queue_prompt(function(done)
    local answered = false
    local function answer(choice)
      if not answered then
        answered = true
        done()
        choice = type(choice) == 'table' and choice or { action = 'cancel' }
        log_choice(refusal, choice, who())
        cb(choice)
      end
    end
    local ok, problem = pcall(function()
      require('purser.ui.gate_prompt').ask(refusal, answer)
    end)
    if not ok then
      require('purser.log').error('the budget prompt failed: %s', problem)
      answer(nil)
    end
  end)
end

local unreachable ---@type (fun(choice: purser.GateChoice))[]?

--- The ledger can't be asked: one question, however many runs are refused because of it meanwhile.
---@param refusal purser.Refusal
---@param headless boolean
---@param cb fun(choice: purser.GateChoice)
local function ask_once(refusal, headless, cb)
  if unreachable and not headless then
    unreachable[#unreachable + 1] = cb
    return
  elseif headless then
    return M.ask(refusal, headless, cb)
  end
  unreachable = { cb }
  M.ask(refusal, headless, function(choice)
    local waiting = unreachable or {}
    unreachable = nil
    for _, one in ipairs(waiting) do
      one(choice)
    end
  end)
end

--- Asking again would say the same.
local HOPELESS = { EINVAL = true, ECLOSED = true }

--- Changes a budget as the user chose.
---@param refusal purser.Refusal
---@param choice purser.GateChoice
---@param cb fun(problem: string?)
function M.change_budget(refusal, choice, cb)
  local core = require('purser.core')
  local budget = refusal.budget or {}
  if not choice.cents or not budget.scope then
    return cb('no budget was named')
  end
  local function done(err)
    cb(err and err.message or nil)
  end
  if choice.action == 'raise' then
    core.ask('budget.raise', { scope = budget.scope, period = budget.period, cents = choice.cents, who = who() }, done)
  else
    local policy = {
      scope = budget.scope,
      period = budget.period,
      reset_day = budget.reset_day,
      zone = budget.zone,
      thresholds = budget.thresholds,
      forecast = budget.forecast,
      at_limit = budget.at_limit,
      limit_cents = choice.cents,
      who = who(),
    }
    core.ask('budget.set', policy, done)
  end
end

---@param err table
---@param spec table
---@return purser.Refusal
local function refusal_of(err, spec)
  local refusal = vim.tbl_extend('force', {}, err)
  refusal.refusal = err.code == 'EREFUSED' and (err.refusal or 'exhausted') or 'unavailable'
  refusal.agent, refusal.model, refusal.effort, refusal.spec = spec.agent, spec.model, spec.effort, spec
  return refusal
end

--- Calls back when other runs may have given their holds back.
---@param cb fun()
---@return fun() cancel
local function after_a_while(cb)
  local timer = assert(vim.uv.new_timer())
  local over = false
  local off
  local function once()
    if not over then
      over = true
      off()
      timer:close()
      vim.schedule(cb)
    end
  end
  off = require('purser.core').on('settled', once)
  timer:start(WAIT_MS, 0, once)
  return function()
    if not over then
      over = true
      off()
      timer:close()
    end
  end
end

---@class purser.Admission
---@field cancel fun() gives up, before an answer has come

--- Asks until there is an answer. Exactly one of `on_admitted` and `on_refused` is called, unless it is cancelled.
---@param run purser.Run
---@param spec table may be changed by the user's choice
---@param on_admitted fun(handle: purser.RunHandle, answer: table, spec: table)
---@param on_refused fun(message: string, refusal: purser.Refusal)
---@return purser.Admission
function M.admit(run, spec, on_admitted, on_refused)
  local cancelled = false
  local stop_waiting ---@type fun()?
  local try

  ---@param refusal purser.Refusal
  ---@param choice purser.GateChoice
  local function choose(refusal, choice)
    if cancelled then
      return
    elseif choice.action == 'once' then
      spec = vim.tbl_extend('force', spec, { override_once = true, who = who() })
      try()
    elseif choice.action == 'raise' or choice.action == 'limit' then
      M.change_budget(refusal, choice, function(problem)
        if cancelled then
          return
        elseif problem then
          return on_refused(('the budget could not be changed: %s'):format(problem), refusal)
        end
        try()
      end)
    elseif choice.action == 'instead' and (choice.model or choice.effort) then
      spec = vim.tbl_extend('force', spec, { model = choice.model, effort = choice.effort })
      run.model, run.effort = spec.model, spec.effort
      run:touch('status')
      try()
    elseif choice.action == 'retry' then
      run:set_status('asking')
      try()
    elseif choice.action == 'wait' then
      run:set_status('waiting', refusal.message)
      stop_waiting = after_a_while(function()
        stop_waiting = nil
        try()
      end)
    else
      on_refused(refusal.message, refusal)
    end
  end

  try = function()
    require('purser.core').admit(spec, function(err, handle, answer)
      if cancelled then
        if handle then
          handle.finish({ reason = 'cancelled', exit_code = 0 })
          handle.free()
        end
        return
      elseif handle then
        return on_admitted(handle, answer --[[@as table]], spec)
      end
      local refusal = refusal_of(err --[[@as table]], spec)
      if refusal.refusal == 'unavailable' and HOPELESS[err.code] then
        return on_refused(refusal.message, refusal)
      elseif refusal.refusal == 'unavailable' then
        run:set_status('asking', refusal.message)
        return ask_once(refusal, run.headless, function(choice)
          -- Fails closed: nothing but another try leads on from here.
          choose(refusal, choice.action == 'retry' and choice or { action = 'cancel' })
        end)
      elseif refusal.refusal == 'wait' and run.status == 'waiting' then
        return choose(refusal, { action = 'wait' }) -- still others in flight
      end
      run:set_status('asking', refusal.message)
      M.ask(refusal, run.headless, function(choice)
        choose(refusal, choice)
      end)
    end)
  end
  try()

  return {
    cancel = function()
      cancelled = true
      if stop_waiting then
        stop_waiting()
      end
    end,
  }
end

return M
