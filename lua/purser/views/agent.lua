--- One agent.

return require('purser.views.scoped').view({
  name = 'agent',
  tab = 'agents',
  cuts = {
    { by = 'model', title = 'Model' },
    { by = 'effort', title = 'Effort' },
    { by = 'workspace', title = 'Workspace' },
  },
})
