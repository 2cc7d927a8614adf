--- The agents there are: the user's own, and those of the clients and keys that are found on this machine.

local adapters = require('purser.adapters')

local M = {}

---@class purser.Agent
---@field name string
---@field adapter purser.Adapter
---@field origin "config"|"found"
---@field model? string
---@field effort? string
---@field system? string
---@field args string[]
---@field env table<string, string>
---@field cwd? string
---@field command string[]
---@field url? string
---@field key_env? string
---@field key_cmd? string[]
---@field provider? string
---@field dialect string
---@field monthly_budget? integer
---@field at_limit? string
---@field free boolean
---@field billing? string
---@field max_output? integer
---@field runaway purser.RunawayOptions
---@field compaction? "auto"|"ask"|"off"
---@field summary_model? string
---@field saved table<string, boolean> the fields that were saved from the editor, and win over setup()
---@field missing? string why it can't run, one sentence that says what to do

---@param command string|string[]|nil
---@return string[]?
local function words(command)
  if type(command) == 'string' then
    return { command }
  end
  return command and vim.deepcopy(command) or nil
end

--- The variable that holds an agent's key, if one is set.
---@param agent purser.Agent
---@return string? name
function M.key_variable(agent)
  local names = agent.key_env and { agent.key_env } or agent.url_is_own and {} or agent.adapter.keys or {}
  for _, name in ipairs(names) do
    if (vim.env[name] or '') ~= '' then
      return name
    end
  end
end

--- PATH is walked for every client whenever names are completed: what was found stands for a moment.
local REMEMBER_MS = 2000
local remembered = { path = nil, until_ms = 0, programs = {} }

---@param program string
---@return boolean
local function found(program)
  if program:find('[/~$]') then
    return vim.fn.executable(vim.fn.expand(program)) == 1
  end
  if remembered.path ~= vim.env.PATH or vim.uv.now() > remembered.until_ms then
    remembered = { path = vim.env.PATH, until_ms = vim.uv.now() + REMEMBER_MS, programs = {} }
  end
  local known = remembered.programs[program]
  if known == nil then
    known = vim.fn.executable(program) == 1
    remembered.programs[program] = known
  end
  return known
end

---@param agent purser.Agent
---@return string?
local function missing(agent)
  local adapter = agent.adapter
  if adapter.name == 'script' and #agent.command == 0 then
    return ('agents.%s.command is missing: the program that answers'):format(agent.name)
  end
  if not found(agent.command[1]) then
    if adapter.kind == 'http' then
      return ('%s is not on PATH: install it'):format(agent.command[1])
    elseif adapter.install and agent.command[1] == adapter.program then
      return ('%s is not on PATH: install it with `%s`, or set adapters.%s.command'):format(
        agent.command[1],
        adapter.install,
        adapter.name
      )
    end
    return ("%s can't be executed: check agents.%s.command"):format(agent.command[1], agent.name)
  end
  if adapter.kind ~= 'http' then
    return nil
  elseif not agent.url then
    return ('agents.%s.url is missing'):format(agent.name)
  elseif not agent.model then
    return ('agents.%s.model is missing'):format(agent.name)
  elseif agent.key_cmd or M.key_variable(agent) then
    return nil
  elseif agent.key_env then
    return ('$%s is not set: it should hold the key'):format(agent.key_env)
  elseif agent.url_is_own then
    return nil -- a local server may want no key
  elseif adapter.keys[1] then
    return ('no key: set $%s, or agents.%s.key_cmd'):format(adapter.keys[1], agent.name)
  end
end

---@param name string
---@param options purser.AgentOptions
---@param adapter purser.Adapter
---@param origin "config"|"found"
---@return purser.Agent
local function resolve(name, options, adapter, origin)
  local config = require('purser.config').get()
  local place = config.adapters[adapter.name] or {}
  local saved = require('purser.config.saved').get(name)
  --- "" was saved: the client's own choice.
  local function chosen(field, declared)
    local value = saved[field] or declared
    return value ~= '' and value or nil
  end
  local agent = {
    name = name,
    adapter = adapter,
    origin = origin,
    saved = vim.tbl_map(function()
      return true
    end, saved),
    model = chosen('model', options.model) or adapter.default_model,
    effort = chosen('effort', options.effort or config.effort),
    system = chosen('system', options.system),
    args = options.args or {},
    env = options.env or {},
    cwd = options.cwd and vim.fs.normalize(options.cwd) or nil,
    command = words(options.command) or words(place.command) or (adapter.program ~= '' and { adapter.program } or {}),
    key_env = options.key_env,
    key_cmd = words(options.key_cmd),
    provider = options.provider,
    dialect = adapter.name == 'script' and options.dialect or adapter.dialect,
    monthly_budget = options.monthly_budget,
    at_limit = options.at_limit,
    free = options.free == true,
    billing = options.billing,
    max_output = options.max_output,
    runaway = vim.tbl_extend('force', config.runaway, options.runaway or {}),
    compaction = options.compaction,
    summary_model = options.summary_model,
    -- A key from the environment is the provider's, and not for other places.
    url_is_own = options.url ~= nil or adapter.base_url == nil,
  }
  if adapter.kind == 'http' then
    local base = options.url or vim.env[adapter.base_url_env or ''] or adapter.base_url
    agent.url = base and require('purser.adapters.http').url(base, adapter.path) or nil
  end
  agent.missing = missing(agent)
  return agent
end

--- The adapter that a configured agent means.
---@param name string
---@param options purser.AgentOptions
---@return purser.Adapter? adapter
---@return string? problem
local function adapter_of(name, options)
  local adapter = adapters.get(options.adapter or name)
  if not adapter then
    return nil, ('agents.%s.adapter is missing: one of %s'):format(name, table.concat(adapters.names, ', '))
  end
  return adapter
end

--- The agents that need no configuration: what is installed, and what there is a key for.
---@return string[]
local function found_names()
  local out = {}
  for _, name in ipairs(adapters.names) do
    if name ~= 'script' and name ~= 'openai_chat' then
      local agent = resolve(name, {}, adapters.get(name) --[[@as purser.Adapter]], 'found')
      if not agent.missing then
        out[#out + 1] = name
      end
    end
  end
  return out
end

--- The names of all agents: the user's own first.
---@return string[]
function M.names()
  local own = vim.tbl_keys(require('purser.config').get().agents)
  table.sort(own)
  for _, name in ipairs(found_names()) do
    if not vim.list_contains(own, name) then
      own[#own + 1] = name
    end
  end
  return own
end

---@param name string
---@return purser.Agent? agent it may still be unable to run: see `missing`
---@return string? problem
function M.get(name)
  local options = require('purser.config').get().agents[name]
  if options then
    local adapter, problem = adapter_of(name, options)
    if not adapter then
      return nil, problem
    end
    return resolve(name, options, adapter, 'config')
  end
  local adapter = adapters.get(name)
  if adapter and name ~= 'script' and name ~= 'openai_chat' then
    return resolve(name, {}, adapter, 'found')
  end
  local names = M.names()
  local meant = require('purser.config.validate').suggest(name, names)
  if meant then
    return nil, ('there is no agent "%s", did you mean "%s"?'):format(name, meant)
  elseif #names == 0 then
    return nil, ('there is no agent "%s"'):format(name)
  end
  return nil, ('there is no agent "%s": there are %s'):format(name, table.concat(names, ', '))
end

---@return purser.Agent[]
function M.list()
  local out = {}
  for _, name in ipairs(M.names()) do
    local agent = M.get(name)
    if agent then
      out[#out + 1] = agent
    end
  end
  return out
end

--- The agent that runs when none is named.
---@return purser.Agent? agent
---@return string? problem
function M.default()
  local name = require('purser.config').get().default_agent
  if name then
    return M.get(name)
  end
  local own = vim.tbl_keys(require('purser.config').get().agents)
  table.sort(own)
  name = own[1] or found_names()[1]
  if not name then
    return nil,
      'there is no agent: install claude, codex, gemini or opencode, set ANTHROPIC_API_KEY, OPENAI_API_KEY or '
        .. 'GEMINI_API_KEY, or name agents in setup() (:help purser-agents)'
  end
  return M.get(name)
end

--- Models to offer for an agent: its own, what other agents of its adapter use, and what the adapter knows.
---@param agent purser.Agent
---@return string[]
function M.models(agent)
  local out, seen = {}, {}
  local function add(model)
    if model and not seen[model] then
      seen[model] = true
      out[#out + 1] = model
    end
  end
  add(agent.model)
  for _, other in ipairs(M.list()) do
    if other.adapter == agent.adapter then
      add(other.model)
    end
  end
  for _, model in ipairs(agent.adapter.models) do
    add(model)
  end
  return out
end

return M
