--- What was spent in each workspace, over all agents.

return require('purser.views.cut').view({
  name = 'workspaces',
  by = 'workspace',
  title = 'Workspace',
  many = 'Workspaces',
  path = true,
  budgets = true,
})
