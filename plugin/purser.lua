-- Defines the commands. Nothing is required before one of them is used.
if vim.g.loaded_purser or vim.fn.has('nvim-0.10') == 0 then
  return
end
vim.g.loaded_purser = true

local function command(name, module, options)
  options.complete = function(lead, line, pos)
    return require(module).complete(lead, line:sub(1, pos))
  end
  vim.api.nvim_create_user_command(name, function(given)
    require(module).run(given)
  end, options)
end

command('AgentRun', 'purser.commands.agent_run', {
  bang = true,
  nargs = '*',
  range = true,
  desc = 'Run an agent; with ! in the background',
})
command('CostReport', 'purser.commands.cost_report', { nargs = '*', desc = 'What the agents cost' })
command('Purser', 'purser.commands.purser', { nargs = '*', desc = 'Runs, agents, budgets, prices' })
