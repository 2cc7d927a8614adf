--- purser.nvim: runs AI agents, keeps their books and holds their budgets. `:help purser`

local M = {}

--- Takes options; see `:help purser-options`. Not needed when the defaults will do.
---@param options? table
function M.setup(options)
  local config = require('purser.config')
  local problems = config.setup(options)
  if #problems > 0 then
    local lines = { 'the configuration has mistakes:' }
    for _, problem in ipairs(problems) do
      lines[#lines + 1] = '  ' .. problem.message
    end
    require('purser.notify').warn(table.concat(lines, '\n'))
  end
  local core = package.loaded['purser.core']
  if core and core.state().state ~= 'closed' then
    if #require('purser.runs').active() > 0 then
      require('purser.notify').warn('runs are under way: budgets and ledger stay as they are until Neovim is restarted')
    else
      core.close() -- opened anew, with the new options, when it is next needed
    end
  end
end

--- Dispatches an agent, as `:AgentRun` does; `:help purser.run()`.
---@param options purser.RunOptions
---@return purser.Run? run
---@return string? problem
function M.run(options)
  return require('purser.runner').start(options)
end

--- The spend, for a statusline: a cached string, "" when there is nothing to say.
---@return string
function M.statusline()
  return require('purser.statusline').get()
end

return M
