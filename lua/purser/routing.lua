--- Which model and effort would do for a prompt: the core is asked, the input window shows it, and nothing is changed unless the user
--- takes it up. What the user's own rules are is in setup(): |purser-routing|.

local M = {}

---@class purser.Suggestion answer of the core's `route`
---@field kind string of task
---@field words? string what of the prompt says so
---@field model? string
---@field effort? string
---@field note? string why there is no model
---@field now? { low_nanousd: integer, high_nanousd: integer }
---@field then? { low_nanousd: integer, high_nanousd: integer }

---@class (exact) purser.Accepted
---@field from_model? string
---@field from_effort? string
---@field model? string
---@field effort? string

--- What an agent takes. A script is told of what was set, and takes nothing that it isn't known to.
---@param agent purser.Agent
---@return boolean model
---@return boolean effort
local function takes(agent)
  if agent.adapter.name == 'script' then
    return agent.model ~= nil, agent.effort ~= nil
  end
  return true, true
end

---@param list table
---@return table?
local function some(list)
  return next(list) and list or nil
end

--- The arguments of `route`; nil: nothing is to be suggested.
---@param agent purser.Agent
---@param spec table of a run
---@param text string what the user wrote
---@return table?
function M.arguments(agent, spec, text)
  local config = require('purser.config').get().routing
  local model, effort = takes(agent)
  if not config.enabled or vim.trim(text) == '' or not (model or effort) then
    return nil
  end
  return vim.tbl_extend('force', spec, {
    text = text,
    rules = some(config.rules),
    kinds = some(config.kinds),
    builtin = config.builtin,
    models = some(require('purser.agents').models(agent)),
    takes_model = model,
    takes_effort = effort,
  })
end

--- Asks what would do; nil when what is chosen does. A conversation that goes on keeps its model: another one would have to read
--- everything anew, which costs more than it saves.
---@param agent purser.Agent
---@param spec table
---@param text string
---@param options purser.InputOptions|table
---@param cb fun(suggestion: purser.Suggestion?)
function M.ask(agent, spec, text, options, cb)
  local arguments = (options.context_tokens or 0) == 0 and M.arguments(agent, spec, text) or nil
  if not arguments then
    return cb(nil)
  end
  require('purser.core').ask('route', arguments, function(err, answer)
    -- Advice that can't be had is no trouble of the user's.
    cb(not err and answer and (answer.model or answer.effort) and answer or nil)
  end)
end

--- Writes down what of a suggestion was used, so that it can be measured afterwards.
---@param agent string
---@param accepted? purser.Accepted
---@param model? string that the run is sent with
---@param effort? string
function M.accepted(agent, accepted, model, effort)
  if not accepted then
    return
  end
  local function write(what, from, to, used)
    if to and to == used then
      require('purser.core').ask('advice.accept', { agent = agent, what = what, from = from or 'default', to = to })
      return true
    end
  end
  -- A model says more of what is saved than an effort does: one run is one line.
  local _ = write('model', accepted.from_model, accepted.model, model)
    or write('effort', accepted.from_effort, accepted.effort, effort)
end

return M
