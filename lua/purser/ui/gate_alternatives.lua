--- Looks for a lower effort or a cheaper model that the budgets would let pass: the core estimates, the core decides.

local choices = require('purser.ui.gate_choices')

local M = {}

--- So long may the looking take; then the prompt comes without.
M.PATIENCE_MS = 400

--- More than this would be a list, not a choice.
local MOST = 8

---@param refusal purser.Refusal
---@return string[]
local function models_of(refusal)
  local agents = require('purser.agents')
  local agent = agents.get(refusal.agent)
  return agent and agents.models(agent) or {}
end

--- Calls back once with what fits, best first, and with what the run itself would cost if it goes well.
---@param refusal purser.Refusal
---@param cb fun(fitting: purser.Alternative[], low?: integer)
function M.find(refusal, cb)
  local core = require('purser.core')
  if refusal.refusal == 'unavailable' then
    return cb({}, nil) -- nobody to ask
  end
  local candidates = vim.list_slice(choices.candidates(refusal, models_of(refusal)), 1, MOST)
  local low = refusal.low_nanousd
  local fitting, waiting, done = {}, #candidates + 1, false
  local function finish()
    if not done then
      done = true
      cb(choices.best(fitting), low)
    end
  end
  local function one_less()
    waiting = waiting - 1
    if waiting == 0 then
      finish()
    end
  end
  if low then
    one_less()
  else
    core.ask('estimate', refusal.spec, function(err, estimate)
      low = not err and estimate.low_nanousd or nil
      one_less()
    end)
  end
  for _, candidate in ipairs(candidates) do
    local spec = vim.tbl_extend('force', refusal.spec or {}, { model = candidate.model, effort = candidate.effort })
    core.ask('estimate', spec, function(err, estimate)
      if err or not estimate.high_nanousd or estimate.status == 'unknown' then
        return one_less()
      end
      local question = { agent = spec.agent, workspace = spec.workspace, estimate_nanousd = estimate.high_nanousd }
      core.ask('gate', question, function(err_gate, answer)
        -- The same price for another name is no way out.
        if not err_gate and not answer.refusal and estimate.high_nanousd < (refusal.estimate_nanousd or math.huge) then
          fitting[#fitting + 1] = {
            model = candidate.model,
            effort = candidate.effort,
            estimate_nanousd = estimate.high_nanousd,
            by = candidate.by,
          }
        end
        one_less()
      end)
    end)
  end
  vim.defer_fn(finish, M.PATIENCE_MS)
end

return M
