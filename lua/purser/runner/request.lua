--- What is asked of the core and of the adapter for one run.

local M = {}

--- The whole prompt.
---@param run purser.Run
---@param options purser.RunOptions
---@return string
local function prompt(run, options)
  if options.told then
    return require('purser.runner.prompt').compose(options.told, run.selection)
  end
  return require('purser.runner.prompt').compose(run.prompt, run.selection)
end

---@param agent purser.Agent
---@return { kind: string, root: string }?
local function record(agent)
  if not agent.adapter.record then
    return nil
  end
  local found = agent.adapter.record(vim.tbl_extend('force', vim.fn.environ(), agent.env))
  local own = (require('purser.config').get().adapters[agent.adapter.name] or {}).record_root
  return { kind = found.kind, root = own and vim.fs.normalize(own) or found.root }
end

---@param cap integer
---@return integer?
local function positive(cap)
  return cap > 0 and cap or nil
end

--- The spec of purser_run_admit(); csrc/api/README.md.
---@param agent purser.Agent
---@param run purser.Run
---@param options purser.RunOptions
---@return table
function M.spec(agent, run, options)
  local limits = require('purser.config').get().limits
  return {
    agent = agent.name,
    source = agent.adapter.name,
    dialect = agent.dialect,
    model = run.model,
    provider = agent.provider,
    effort = run.effort,
    workspace = run.workspace,
    cwd = run.cwd,
    branch = run.branch,
    conversation = run.conversation,
    session = options.session,
    prompt = prompt(run, options),
    context_tokens = options.context_tokens,
    max_output = agent.max_output,
    billing = options.billing or agent.billing,
    free = agent.free or nil,
    record = record(agent),
    max_requests = positive(limits.requests),
    max_output_tokens = positive(limits.output_tokens),
    runaway = require('purser.runner.runaway').limits(agent),
    compaction = options.compacts or nil,
  }
end

--- What the tightest budget has left, as a client's own cap wants it: "12.345678901".
---@param answer table of the admission
---@return string?
function M.remaining_usd(answer)
  local budget = answer.budget
  if not budget or not budget.limit_nanousd or budget.at_limit ~= 'block' then
    return nil
  end
  -- The run's own hold is part of what it may spend.
  local held = (budget.held_nanousd or 0) - (answer.hold_nanousd or 0)
  local left = budget.limit_nanousd - (budget.spent_nanousd or 0) - held
  if left <= 0 then
    return nil
  end
  return ('%d.%09d'):format(math.floor(left / 1e9), left % 1e9)
end

--- How the client or API is called.
---@param agent purser.Agent
---@param run purser.Run
---@param options purser.RunOptions
---@param key? string
---@param remaining_usd? string
---@return purser.Invocation
function M.invocation(agent, run, options, key, remaining_usd)
  local made = agent.adapter.build({
    prompt = prompt(run, options),
    model = run.model,
    effort = run.effort,
    system = agent.system,
    args = agent.args,
    command = agent.command,
    session = options.session,
    fork = options.fork,
    messages = options.messages,
    remaining_usd = remaining_usd,
    max_output = agent.max_output,
    url = agent.url,
    key = key,
  })
  made.env = vim.tbl_extend('force', made.env or {}, agent.env)
  if agent.adapter.kind == 'http' and agent.key_env then
    made.env[agent.key_env] = false -- curl has it from its standard input
  end
  return made
end

return M
