--- `:Purser {verb}`: everything that is not a run or a report.

local M = {}

---@class (exact) purser.Verb
---@field doc string
---@field args? string for the help
---@field run fun(words: string[])
---@field complete? fun(lead: string, words: string[]): string[]

---@param name string
---@return fun(words: string[])
local function view(name)
  return function(words)
    require('purser.views').open(name, { words = words, name = words[1] })
  end
end

---@param name string
---@return fun(words: string[])
local function program(name)
  return function(words)
    require('purser.commands.program').run(vim.list_extend({ name }, words))
  end
end

---@return string[]
local function run_ids()
  local out = {}
  for _, run in ipairs(require('purser.runs').list()) do
    out[#out + 1] = run.id and tostring(run.id) or nil
  end
  return out
end

---@return string[]
local function active_ids()
  local out = { 'all' }
  for _, run in ipairs(require('purser.runs').active()) do
    out[#out + 1] = run.id and tostring(run.id) or nil
  end
  return out
end

---@param word? string
---@return purser.Run? run
---@return string? problem
local function run_named(word)
  local runs = require('purser.runs')
  if not word then
    local run = runs.last()
    return run, not run and 'there is no run' or nil
  end
  local id = tonumber(word)
  local run = id and runs.get(id)
  if not run then
    return nil, ('run %s is not one of this Neovim: see :Purser runs'):format(word)
  end
  return run
end

---@param words string[]
local function stop(words)
  local say = require('purser.commands.say')
  local active = require('purser.runs').active()
  if #active == 0 then
    return say.out('no run is under way')
  elseif words[1] == 'all' then
    for _, run in ipairs(active) do
      run:stop()
    end
  elseif words[1] then
    local run, problem = run_named(words[1])
    if not run then
      return say.fail(problem --[[@as string]])
    elseif not run:is_active() then
      return say.out(('run %d is over already'):format(run.id))
    end
    run:stop()
  elseif #active == 1 then
    active[1]:stop()
  else
    vim.ui.select(active, {
      prompt = 'Stop which run?',
      kind = 'purser.run',
      format_item = function(run)
        return ('%s %s: %s'):format(run.id or '-', run.agent, vim.fn.strcharpart(run.prompt:gsub('%s+', ' '), 0, 60))
      end,
    }, function(run)
      if run then
        run:stop()
      end
    end)
  end
end

---@param words string[]
local function budget(words)
  if #words == 0 then
    return require('purser.views').open('budget', {})
  elseif vim.list_contains({ 'list', 'set', 'raise', 'off', 'remove' }, words[1]) then
    -- As the program has it.
    return require('purser.commands.program').run(vim.list_extend({ 'budget' }, words))
  end
  require('purser.commands.budget').run(words)
end

---@param words string[]
local function compact(words)
  local say = require('purser.commands.say')
  local function with(conversation)
    if words[1] == 'undo' then
      return require('purser.compaction').undo(conversation, function(problem)
        if problem then
          return say.fail(problem)
        end
        say.out('the conversation is as it was before the compaction')
      end)
    elseif words[1] then
      return say.fail(('%s: :Purser compact, or :Purser compact undo'):format(words[1]))
    end
    require('purser.ui.compact').open(conversation)
  end
  local run = require('purser.runs').last()
  if run then
    return with(run.conversation)
  end
  require('purser.workspace').root(vim.fn.getcwd(), function(root)
    require('purser.chats').last(root, nil, function(err, chat)
      if not chat then
        return say.fail(err and err.message or 'there is no conversation here: :AgentRun begins one')
      end
      with(chat.conversation)
    end)
  end)
end

---@type table<string, purser.Verb>
M.verbs = {
  stop = { doc = 'End a run, its whole process group.', args = '[run|all]', run = stop, complete = active_ids },
  runs = { doc = 'The runs of this Neovim.', run = view('runs') },
  open = {
    doc = 'The window of a run; the newest without a number.',
    args = '[run]',
    run = function(words)
      local run, problem = run_named(words[1])
      if not run then
        return require('purser.commands.say').fail(problem --[[@as string]])
      end
      require('purser.ui.run_window').open(run)
    end,
    complete = run_ids,
  },
  agents = { doc = 'The agents, their configuration and budgets.', run = view('agents') },
  budget = {
    doc = 'The budgets; or set one.',
    args = '[scope cents|+cents|off|remove]',
    run = budget,
    complete = function(lead, words)
      return require('purser.commands.budget').candidates(lead, words)
    end,
  },
  report = {
    doc = 'The same as |:CostReport|.',
    args = '[view]',
    run = function(words)
      require('purser.commands.cost_report').open(words)
    end,
    complete = function(lead, words)
      return require('purser.commands.cost_report').candidates(lead, words)
    end,
  },
  chats = { doc = 'The conversations that are kept.', args = '[text]', run = view('chats') },
  compact = {
    doc = 'Compact the conversation of the last run; or take the last compaction back.',
    args = '[undo]',
    run = compact,
    complete = function()
      return { 'undo' }
    end,
  },
  log = { doc = 'The AgentRunLog.', args = '[filter]', run = view('log') },
  run = { doc = 'All about one run of the log.', args = '{run}', run = view('run'), complete = run_ids },
  gate = { doc = 'Ask the budgets; holds nothing.', args = '--agent A …', run = program('gate') },
  price = { doc = 'What a request would cost.', args = '{model} [--input N …]', run = program('price') },
  prices = { doc = 'The rate cards.', args = '[model|update {file}]', run = program('prices') },
  import = {
    doc = 'Read what the clients recorded; or take in bookings from a file.',
    args = '[source…|file]',
    run = function(words)
      require('purser.commands.import').run(words)
    end,
    complete = function(lead, words)
      return require('purser.commands.import').candidates(lead, words)
    end,
  },
  decode = {
    doc = 'What an agent printed, as events: for bug reports.',
    args = '{dialect} {file}',
    run = program('decode'),
  },
  health = {
    doc = 'The same as `:checkhealth purser`.',
    run = function()
      vim.cmd.checkhealth('purser')
    end,
  },
  help = {
    doc = 'The same as `:help purser`.',
    run = function()
      vim.cmd.help('purser')
    end,
  },
}

---@return string[]
function M.names()
  local names = vim.tbl_keys(M.verbs)
  table.sort(names)
  return names
end

---@param command purser.Command
function M.run(command)
  local words = vim.list_slice(command.fargs)
  local name = table.remove(words, 1)
  local verb = M.verbs[name]
  if verb then
    return verb.run(words)
  end
  local meant = name and require('purser.config.validate').suggest(name, M.names())
  require('purser.commands.say').fail(
    name
        and ('there is no verb "%s"%s'):format(
          name,
          meant and (', did you mean "%s"?'):format(meant) or ': see :help :Purser'
        )
      or ('which verb? %s'):format(table.concat(M.names(), ', '))
  )
end

---@param lead string
---@param line string up to the cursor
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:gsub('^.-Purser%s*', '', 1)), '%s+', { trimempty = true })
  if lead ~= '' then
    table.remove(words)
  end
  local candidates = {}
  if #words == 0 then
    candidates = M.names()
  else
    local verb = M.verbs[table.remove(words, 1)]
    if verb and verb.complete then
      candidates = verb.complete(lead, words)
    end
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M
