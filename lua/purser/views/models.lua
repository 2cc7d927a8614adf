--- What each model has cost.

return require('purser.views.cut').view({ name = 'models', by = 'model', title = 'Model', many = 'Models' })
