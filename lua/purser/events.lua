--- The autocommand events of the plugin, as `User` patterns with data.

local M = {}

---@param pattern string
---@param data table
local function fire(pattern, data)
  vim.api.nvim_exec_autocmds('User', { pattern = pattern, modeline = false, data = data })
end

---@param run purser.Run
---@return table
local function about(run)
  return {
    run = run.id,
    nr = run.nr,
    agent = run.agent,
    model = run.model,
    effort = run.effort,
    workspace = run.workspace,
    status = run.status,
    sums = run.sums and vim.deepcopy(run.sums) or nil,
    budget = run.budget and vim.deepcopy(run.budget) or nil,
  }
end

---@param run purser.Run
function M.started(run)
  fire('PurserRunStarted', about(run))
end

---@param run purser.Run
function M.progress(run)
  fire('PurserRunProgress', about(run))
end

---@param run purser.Run
function M.finished(run)
  local data = about(run)
  data.message = run.message
  data.duration_ms = run.row and run.row.duration_ms or nil
  fire('PurserRunFinished', data)
end

--- The run may have run away: `cause` ("repeats", "cost") and its figures.
---@param run purser.Run
---@param alarm purser.Runaway
function M.runaway(run, alarm)
  fire('PurserRunaway', vim.tbl_extend('force', vim.deepcopy(alarm), about(run)))
end

--- The data has the fields that `:help BudgetThresholdCrossed` lists.
---@param crossing purser.Crossing
function M.crossed(crossing)
  fire('BudgetThresholdCrossed', {
    policy = crossing.policy,
    scope = crossing.scope,
    threshold = crossing.threshold,
    forecast = crossing.forecast,
    exhausted_at = crossing.exhausted_ms,
    spend_cents = crossing.spend_cents,
    limit_cents = crossing.limit_cents,
    period = crossing.period,
    resets_at = crossing.resets_at_ms,
    run = crossing.run,
    mine = crossing.mine,
  })
end

--- How far reading the clients' records is: `state` ("running", "done", "waiting") and counts.
---@param body table
function M.import(body)
  fire('PurserImport', vim.deepcopy(body))
end

return M
