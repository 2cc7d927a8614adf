--- `:checkhealth purser`

local M = {}

local health = vim.health

--- A health check has to answer before it returns, so here, and only here, answers are waited for.
local PATIENCE_MS = 10000

---@param what string
---@param ask fun(done: fun(...))
---@return any ...
local function wait_for(what, ask)
  local answer
  ask(function(...)
    answer = { n = select('#', ...), ... }
  end)
  if not vim.wait(PATIENCE_MS, function()
    return answer ~= nil
  end, 5) then
    health.error(('%s: no answer within %d seconds'):format(what, PATIENCE_MS / 1000))
    return nil
  end
  return unpack(answer, 1, answer.n)
end

local function check_editor()
  health.start('purser: editor')
  local version = vim.version()
  local text = ('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch)
  if vim.fn.has('nvim-0.10') == 1 then
    health.ok(text)
  else
    health.error(text .. ': 0.10 is the oldest that works')
  end
  health.info('libuv ' .. vim.uv.version_string())
  health.info('log file: ' .. require('purser.log').path())
end

---@return boolean loaded
local function check_library()
  health.start('purser: core')
  local core = require('purser.core')
  core.open()
  local state = core.state()
  if not state.library then
    health.error(state.problem or 'the library is not loaded')
    return false
  end
  health.ok(('library %s (version %s)'):format(state.library.path, state.library.version))
  local program = require('purser.commands.program').path()
  if program then
    health.ok('program ' .. program)
  else
    health.warn('the program `purser` was not built', { require('purser.core.library').build_command() })
  end
  return true
end

local function check_config()
  health.start('purser: configuration')
  local problems = require('purser.config').problems()
  for _, problem in ipairs(problems) do
    health.error(problem.message)
  end
  local saved = require('purser.config.saved').problem()
  if saved then
    health.error(saved)
  elseif #problems == 0 then
    health.ok('nothing is wrong with it')
  end
end

---@param bytes? integer
---@return string
local function size(bytes)
  return bytes and (', %.1f MB'):format(bytes / 1e6) or ''
end

--- Limits that a run of an agent here would have to pass.
---@param budgets purser.Budget[]
---@param agent string
---@param workspace string
---@return boolean
local function is_limited(budgets, agent, workspace)
  for _, budget in ipairs(budgets) do
    local scope = budget.scope
    if
      budget.limit_nanousd and (scope == 'global' or scope == 'agent:' .. agent or scope == 'workspace:' .. workspace)
    then
      return true
    end
  end
  return false
end

--- A cap that can't work says so before it is needed (rule 31).
local function check_prices()
  local core = require('purser.core')
  local failed, body = wait_for('the budgets', function(done)
    core.ask('budget.list', nil, done)
  end)
  local workspace = require('purser.workspace').cached(vim.fn.getcwd()) or vim.fn.getcwd()
  local fallback = require('purser.config').get().fallback_rate.input ~= nil
  for _, agent in ipairs(not failed and body and require('purser.agents').list() or {}) do
    if
      agent.model
      and not agent.free
      and agent.billing ~= 'local'
      and is_limited(body.budgets, agent.name, workspace)
    then
      local unknown = wait_for('the rate cards', function(done)
        core.ask('prices', { model = agent.model, provider = agent.provider }, done)
      end)
      if unknown and unknown.code == 'ENOTFOUND' and fallback then
        health.info(
          ('%s: its model %s has no price: budgets take it for fallback_rate'):format(agent.name, agent.model)
        )
      elseif unknown and unknown.code == 'ENOTFOUND' then
        health.warn(
          ('%s: its model %s has no price: a budget applies, so it is refused'):format(agent.name, agent.model),
          { 'Add it to your own rate cards (:help purser-prices), or set fallback_rate.' }
        )
      end
    end
  end
end

local function check_ledger()
  health.start('purser: ledger')
  local core = require('purser.core')
  local err = wait_for('the ledger', core.ready)
  if err then
    health.error(err.message)
    return
  end
  local failed, body = wait_for('the ledger', function(done)
    core.ask('health', nil, done)
  end)
  if failed then
    return health.error(failed.message)
  elseif not body then
    return
  end
  health.ok(('%s%s'):format(body.path or core.state().path or '?', size(body.size_bytes)))
  if body.sqlite then
    health.info('SQLite ' .. body.sqlite)
  end
  if body.integrity and body.integrity ~= 'ok' then
    health.error('the ledger is damaged: ' .. tostring(body.integrity))
  else
    health.ok(('%s runs, %s requests'):format(body.runs or '?', body.requests or '?'))
  end
  for _, model in ipairs(body.unpriced_models or {}) do
    local name = type(model) == 'table' and model.model or model
    health.warn(
      ('model %s has no price: no budget can count it'):format(name),
      { 'Add it to your own rate cards (:help purser-prices), or set fallback_rate.' }
    )
  end
  for _, advisory in ipairs(body.advisories or {}) do
    health.warn(type(advisory) == 'table' and advisory.message or tostring(advisory))
  end
  check_prices()
end

---@param agent purser.Agent
local function check_client(agent)
  local result = wait_for(agent.command[1], function(done)
    local argv = vim.list_extend(vim.list_slice(agent.command), { '--version' })
    -- A home of its own is not needed: asking for the version writes nothing that matters.
    require('purser.process').collect(argv, { timeout_ms = 8000, env = { DISABLE_AUTOUPDATER = '1' } }, done)
  end)
  local version = result and result.stdout:match('[^\r\n]+')
  if result and result.ok and version then
    health.ok(('%s: %s (%s)'):format(agent.name, vim.trim(version), agent.command[1]))
  else
    health.warn(
      ('%s: %s does not tell its version: %s'):format(
        agent.name,
        agent.command[1],
        result and (result.problem or 'it printed nothing') or 'no answer'
      )
    )
  end
end

local function check_agents()
  health.start('purser: agents')
  local agents = require('purser.agents')
  local asked = {} ---@type table<string, boolean>
  local any = false
  for _, agent in ipairs(agents.list()) do
    local program = table.concat(agent.command, ' ')
    if agent.missing then
      health.warn(('%s: %s'):format(agent.name, agent.missing))
    elseif agent.adapter.kind == 'http' then
      any = true
      local key = agent.url_is_own and not agent.key_env and not agent.key_cmd and 'no key'
        or 'key from ' .. require('purser.runner.key').source(agent)
      health.ok(('%s: %s, %s'):format(agent.name, agent.url, key))
    elseif agent.adapter.name == 'script' then
      any = true
      health.ok(('%s: %s'):format(agent.name, program))
    elseif asked[program] then
      any = true
      health.ok(('%s: %s'):format(agent.name, program))
    else
      any, asked[program] = true, true
      check_client(agent)
    end
  end
  for _, name in ipairs({ 'claude', 'codex', 'gemini', 'opencode', 'anthropic', 'openai', 'gemini_api' }) do
    local agent = agents.get(name)
    if agent and agent.origin == 'found' and agent.missing then
      health.info(('%s: %s'):format(name, agent.missing))
    end
  end
  if not any then
    health.warn('no agent can run', { 'Install a client, or set a key; :help purser-agents' })
  end
end

local function check_surroundings()
  health.start('purser: surroundings')
  for _, program in ipairs({ { 'git', 'workspaces are folders' }, { 'curl', "the API agents can't run" } }) do
    if vim.fn.executable(program[1]) == 1 then
      health.ok(program[1])
    else
      health.warn(('%s is not on PATH: %s'):format(program[1], program[2]))
    end
  end
  local argv = require('purser.notify').desktop_command('', '')
  if argv and vim.fn.executable(argv[1]) == 1 then
    health.ok('desktop notifications: ' .. argv[1])
  elseif argv then
    health.warn(("desktop notifications: %s can't be executed"):format(argv[1]), { 'Check notifications.command.' })
  else
    health.info('desktop notifications: neither notify-send nor osascript: the terminal is asked instead')
  end
end

--- What `purser doctor` looks at beyond what is asked here.
local AREAS = { settings = true, budgets = true, sources = true, retention = true, hooks = true }

---@param finding { level: string, area: string, message: string, advice?: string }
local function report(finding)
  local advice = finding.advice and { finding.advice } or nil
  if finding.level == 'ok' then
    health.ok(finding.message)
  elseif finding.level == 'info' then
    health.info(finding.message .. (finding.advice and (' (%s)'):format(finding.advice) or ''))
  elseif finding.level == 'warn' then
    health.warn(finding.message, advice)
  else
    health.error(finding.message, advice)
  end
end

--- The clients on this machine: what they have recorded, what was read of it, and whether they ask purser in terminals.
local function check_terminals()
  local program = require('purser.commands.program').path()
  if not program then
    return -- said above
  end
  health.start('purser: terminals')
  local result = wait_for('purser doctor', function(done)
    local env = { PURSER_DB = require('purser.core').state().path }
    require('purser.process').collect({ program, 'doctor', '--json' }, { timeout_ms = 8000, env = env }, done)
  end)
  local ok, body = pcall(vim.json.decode, result and result.stdout or '')
  if not ok or type(body) ~= 'table' or type(body.findings) ~= 'table' then
    return health.warn(
      ('%s doctor gives no answer: %s'):format(program, result and (result.problem or result.stderr) or '')
    )
  end
  local library = require('purser.core').state().library
  if library and library.version ~= body.version then
    health.warn(
      ('the library is of version %s, the program %s of %s'):format(library.version, program, body.version),
      { require('purser.core.library').build_command() }
    )
  end
  for _, finding in ipairs(body.findings) do
    if AREAS[finding.area] then
      report(finding)
    end
  end
end

function M.check()
  check_editor()
  local loaded = check_library()
  check_config()
  if loaded then
    check_ledger()
  end
  check_agents()
  check_terminals()
  check_surroundings()
end

return M
