--- Codex, exec mode. It prints neither model nor requests: those come from its rollout file.

--- A TOML basic string.
---@param text string
---@return string
local function toml(text)
  local escaped = text:gsub('[%z\1-\31\\"\127]', function(char)
    if char == '\\' or char == '"' then
      return '\\' .. char
    end
    return ('\\u%04X'):format(char:byte())
  end)
  return '"' .. escaped .. '"'
end

---@type purser.Adapter
return {
  name = 'codex',
  label = 'Codex',
  kind = 'process',
  dialect = 'codex',
  program = 'codex',
  install = 'npm install -g @openai/codex',
  models = { 'gpt-5.5-codex', 'gpt-5.5', 'gpt-5.4-mini' },

  record = function(env)
    local home = env.CODEX_HOME or vim.fs.joinpath(env.HOME or '', '.codex')
    return { kind = 'codex_rollout', root = home }
  end,

  build = function(ask)
    local argv = vim.list_extend({}, ask.command)
    vim.list_extend(argv, { 'exec', '--json', '--skip-git-repo-check' })
    if ask.model then
      vim.list_extend(argv, { '-m', ask.model })
    end
    if ask.effort then
      vim.list_extend(argv, { '-c', 'model_reasoning_effort=' .. ask.effort })
    end
    if ask.system then
      vim.list_extend(argv, { '-c', 'developer_instructions=' .. toml(ask.system) })
    end
    vim.list_extend(argv, ask.args)
    if ask.session then
      vim.list_extend(argv, { 'resume', ask.session })
    end
    argv[#argv + 1] = '-' -- the prompt comes over stdin
    return { argv = argv, stdin = ask.prompt }
  end,
}
