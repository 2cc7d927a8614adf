--- What is done about a run that may have run away. It is advice: without an answer the run goes on, and the budgets are still there.

local M = {}

---@param run purser.Run
---@param fmt string
---@param ... any
local function log(run, fmt, ...)
  require('purser.log').info('run %s of %s: ' .. fmt, run.id or '-', run.agent, ...)
end

--- Of a run's spec: what the core is to look for.
---@param agent purser.Agent
---@return { repeats: integer, times_usual: integer, least_cents: integer }?
function M.limits(agent)
  local options = agent.runaway
  if not options or options.action == 'off' then
    return nil
  end
  return { repeats = options.repeats, times_usual = options.times_usual, least_cents = options.least }
end

--- Runs that were given a budget: they are held to it, and there is nothing more to ask.
local held = setmetatable({}, { __mode = 'k' }) ---@type table<purser.Run, boolean>

---@param run purser.Run
---@param cents integer
local function set_budget(run, cents)
  local said = require('purser.format').money(cents * 10000000)
  require('purser.core').ask('run.budget', { run = run.id, cents = cents }, function(err, answer)
    if err then
      -- A budget that was asked for and does not hold must be known.
      return require('purser.notify').error(('the run could not be given its budget: %s'):format(err.message))
    end
    held[run] = true
    if not (answer and answer.spent) then
      run:notice('info', ('it may spend %s in all'):format(said))
    end
  end)
end

--- RUNAWAY came.
---@param run purser.Run
---@param agent purser.Agent
---@param alarm purser.Runaway
---@param stop fun(message: string)
function M.noticed(run, agent, alarm, stop)
  local prompt = require('purser.ui.runaway_prompt')
  local sentence = prompt.sentence(alarm)
  run:notice('warn', ('has it run away? %s'):format(sentence))
  log(run, 'may have run away: %s', sentence)
  require('purser.events').runaway(run, alarm)
  if agent.runaway.action == 'stop' then
    return stop('stopped: ' .. sentence)
  elseif run.headless or #vim.api.nvim_list_uis() == 0 then
    return
  end
  require('purser.runner.gate').queue_prompt(function(done)
    if held[run] then
      return done()
    end
    local answered = false
    local function answer(choice)
      if answered then
        return
      end
      answered = true
      done()
      choice = choice or { action = 'go_on' }
      log(run, '%s chose: %s', require('purser.runner.gate').who(), choice.action)
      if run:is_final() then
        return
      elseif choice.action == 'stop' then
        run:stop()
      elseif choice.action == 'budget' then
        set_budget(run, choice.cents)
      end
    end
    local ok, problem = pcall(prompt.ask, run, alarm, answer)
    if not ok then
      require('purser.log').error('the prompt about a run failed: %s', problem)
      answer(nil)
    end
  end)
end

return M
