--- A command of the user's that prints one of the dialects: it gets the prompt over stdin, and the rest in the environment.

---@type purser.Adapter
return {
  name = 'script',
  label = 'A command',
  kind = 'process',
  dialect = 'claude',
  program = '',
  models = {},

  build = function(ask)
    local argv = vim.list_extend({}, ask.command)
    vim.list_extend(argv, ask.args)
    return {
      argv = argv,
      stdin = ask.prompt,
      env = {
        PURSER_MODEL = ask.model or false,
        PURSER_EFFORT = ask.effort or false,
        PURSER_SYSTEM = ask.system or false,
        PURSER_SESSION = ask.session or false,
      },
    }
  end,
}
