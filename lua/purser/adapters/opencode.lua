--- opencode. A title is given, because it would otherwise ask a model for one and not say what that cost.

---@type purser.Adapter
return {
  name = 'opencode',
  label = 'opencode',
  kind = 'process',
  dialect = 'opencode',
  program = 'opencode',
  install = 'npm install -g opencode-ai',
  models = { 'anthropic/claude-sonnet-5', 'openai/gpt-5.5', 'google/gemini-3.5-flash' },

  record = function(env)
    local data = env.XDG_DATA_HOME or vim.fs.joinpath(env.HOME or '', '.local', 'share')
    return { kind = 'opencode', root = vim.fs.joinpath(data, 'opencode') }
  end,

  build = function(ask)
    local argv = vim.list_extend({}, ask.command)
    vim.list_extend(argv, { 'run', '--format', 'json' })
    if ask.model then
      vim.list_extend(argv, { '-m', ask.model })
    end
    if ask.effort then
      vim.list_extend(argv, { '--variant', ask.effort })
    end
    if ask.session then
      vim.list_extend(argv, { '-s', ask.session })
    else
      vim.list_extend(argv, { '--title', 'purser' })
    end
    vim.list_extend(argv, ask.args)
    local prompt = ask.prompt
    if ask.system and not ask.session then
      prompt = ask.system .. '\n\n' .. prompt
    end
    return { argv = argv, stdin = prompt }
  end,
}
