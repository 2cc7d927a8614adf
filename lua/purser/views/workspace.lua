--- One workspace, over all agents.

return require('purser.views.scoped').view({
  name = 'workspace',
  tab = 'workspaces',
  cuts = {
    { by = 'agent', title = 'Agent' },
    { by = 'model', title = 'Model' },
    { by = 'branch', title = 'Branch' },
  },
})
