--- Gemini CLI. It has no switch for effort, only settings; and its system settings must belong to root. So an effort is given by a
--- home of its own: links to the user's files, beside a copy of their settings with the effort in it.

local THINKING = {
  low = { budget = 1024, level = 'LOW' },
  medium = { budget = 8192, level = 'MEDIUM' },
  high = { budget = 24576, level = 'HIGH' },
}

---@type purser.Adapter
return {
  name = 'gemini',
  label = 'Gemini CLI',
  kind = 'process',
  dialect = 'gemini',
  program = 'gemini',
  install = 'npm install -g @google/gemini-cli',
  models = { 'gemini-3.1-pro-preview', 'gemini-3.5-flash', 'gemini-2.5-pro', 'gemini-2.5-flash' },

  record = function(env)
    local home = env.GEMINI_CLI_HOME or env.HOME or ''
    return { kind = 'gemini_chat', root = vim.fs.joinpath(home, '.gemini') }
  end,

  build = function(ask)
    local argv = vim.list_extend({}, ask.command)
    vim.list_extend(argv, { '-o', 'stream-json', '--skip-trust' })
    if ask.model then
      vim.list_extend(argv, { '-m', ask.model })
    end
    if ask.session then
      vim.list_extend(argv, { '-r', ask.session })
    end
    vim.list_extend(argv, ask.args)
    local prompt = ask.prompt
    if ask.system and not ask.session then
      -- Its own system prompt can only be replaced as a whole.
      prompt = ask.system .. '\n\n' .. prompt
    end
    local invocation = {
      argv = argv,
      stdin = prompt,
      -- It starts itself again as a child, which signals to the parent do not reach.
      env = { GEMINI_CLI_NO_RELAUNCH = 'true' },
    }
    if ask.effort then
      local thinking = THINKING[ask.effort]
      invocation.prepare = function(made)
        return require('purser.adapters.gemini_home').prepare(made, ask.effort, thinking)
      end
    end
    return invocation
  end,
}
