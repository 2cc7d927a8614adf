--- The key of an API, for one dispatch: from the environment, or from a command that prints it. Held no longer than that.

local M = {}

--- A command may ask for a passphrase or a touch.
local PATIENCE_MS = 60000

---@param agent purser.Agent
---@param cb fun(problem: string?, key: string?)
function M.get(agent, cb)
  if agent.adapter.kind ~= 'http' then
    return cb(nil, nil)
  end
  if agent.key_cmd then
    local program = agent.key_cmd[1]
    return require('purser.process').collect(agent.key_cmd, { timeout_ms = PATIENCE_MS }, function(result)
      local key = vim.trim(result.stdout):match('^[^\r\n]+')
      if not result.ok then
        cb(('the key could not be had: %s (agents.%s.key_cmd)'):format(result.problem, agent.name))
      elseif not key then
        cb(('the key could not be had: %s printed nothing (agents.%s.key_cmd)'):format(program, agent.name))
      else
        cb(nil, key)
      end
    end)
  end
  local name = require('purser.agents').key_variable(agent)
  cb(nil, name and vim.trim(vim.env[name]) or nil)
end

--- Where an agent's key comes from, for messages; never the key.
---@param agent purser.Agent
---@return string
function M.source(agent)
  if agent.key_cmd then
    return ('agents.%s.key_cmd'):format(agent.name)
  end
  local name = require('purser.agents').key_variable(agent) or agent.key_env or (agent.adapter.keys or {})[1]
  return name and '$' .. name or ('agents.%s.key_env'):format(agent.name)
end

return M
