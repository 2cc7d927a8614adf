--- What each agent has spent.

return require('purser.views.cut').view({
  name = 'agents',
  by = 'agent',
  title = 'Agent',
  many = 'Agents',
  budgets = true,
})
