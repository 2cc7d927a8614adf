--- Claude Code, print mode. Partial messages are asked for, because the plain ones carry no final output count.

---@type purser.Adapter
return {
  name = 'claude',
  label = 'Claude Code',
  kind = 'process',
  dialect = 'claude',
  program = 'claude',
  install = 'npm install -g @anthropic-ai/claude-code',
  compact = '/compact',
  models = { 'opus', 'sonnet', 'haiku', 'fable' },

  record = function(env)
    local home = env.CLAUDE_CONFIG_DIR or vim.fs.joinpath(env.HOME or '', '.claude')
    return { kind = 'claude_transcript', root = home }
  end,

  build = function(ask)
    local argv = vim.list_extend({}, ask.command)
    vim.list_extend(argv, { '-p', '--output-format', 'stream-json', '--verbose', '--include-partial-messages' })
    if ask.model then
      vim.list_extend(argv, { '--model', ask.model })
    end
    if ask.effort then
      vim.list_extend(argv, { '--effort', ask.effort })
    end
    if ask.system then
      vim.list_extend(argv, { '--append-system-prompt', ask.system })
    end
    if ask.session then
      vim.list_extend(argv, { '--resume', ask.session })
      if ask.fork then
        argv[#argv + 1] = '--fork-session'
      end
    end
    if ask.remaining_usd then
      -- A second line only: it is checked after each response, and starts afresh with each process.
      vim.list_extend(argv, { '--max-budget-usd', ask.remaining_usd })
    end
    vim.list_extend(argv, ask.args)
    -- An editor that was itself started by the client would hand on the marks of that.
    return { argv = argv, stdin = ask.prompt, env = { CLAUDECODE = false, CLAUDE_CODE_ENTRYPOINT = false } }
  end,
}
