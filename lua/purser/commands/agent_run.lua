--- `:AgentRun`

local M = {}

---@class purser.Command what nvim_create_user_command hands over
---@field args string
---@field fargs string[]
---@field bang boolean
---@field range integer
---@field line1 integer
---@field line2 integer

--- Without a screen the command waits for its run, prints the answer as it comes, and then what it cost.
---@param run purser.Run
local function follow(run)
  local printed = 0 -- items
  local bytes = 0 -- of the last of them
  local function print_new()
    for i = math.max(printed, 1), #run.items do
      local item = run.items[i]
      if i > printed then
        if printed > 0 and bytes > 0 then
          io.stdout:write('\n')
        end
        printed, bytes = i, 0
      end
      if item.kind == 'text' and not item.sidechain then
        io.stdout:write(item.text:sub(bytes + 1))
        bytes = #item.text
      end
    end
    io.stdout:flush()
  end
  run:subscribe(print_new)
  while not vim.wait(60000, function()
    return run:is_final()
  end, 10) do
  end
  print_new()
  if bytes > 0 then
    io.stdout:write('\n')
    io.stdout:flush()
  end
  local format = require('purser.format')
  local sums = run.sums
  local line = ('%s: %s'):format(run.agent, run.status)
  if sums then
    local input = sums.input + sums.cache_read + sums.cache_write_5m + sums.cache_write_1h
    line = ('%s, %s tokens in, %s out, %s'):format(
      line,
      format.tokens(input),
      format.tokens(sums.output),
      format.cost(sums)
    )
  end
  if run.status ~= 'completed' and run.message then
    line = line .. '\n' .. run.message
  end
  io.stderr:write(line, '\n')
end

--- The run whose window one is in, where the command is about it: of no other agent.
---@param line purser.AgentRunLine
---@return purser.Run?
local function run_here(line)
  local windows = package.loaded['purser.ui.run_window']
  local run = windows and windows.run_of(vim.api.nvim_get_current_buf())
  return run and (not line.agent or line.agent == run.agent) and run or nil
end

--- The conversation to go on with: that of the run's window one is in, else the one that was last used here.
---@param line purser.AgentRunLine
---@param cb fun(err: purser.Error?, chat: purser.Chat?)
local function find(line, cb)
  local run = run_here(line)
  if run then
    return require('purser.core').ask('chat.get', { conversation = run.conversation }, function(err, answer)
      cb(err, answer and answer.chat)
    end)
  end
  require('purser.workspace').root(vim.fn.getcwd(), function(root)
    require('purser.chats').last(root, line.agent, cb)
  end)
end

--- A further prompt in a conversation.
---@param line purser.AgentRunLine
---@param selection? purser.Selection
---@param background boolean
local function go_on(line, selection, background)
  local say = require('purser.commands.say')
  local chats = require('purser.chats')
  local headless = say.headless()
  local done = false
  find(line, function(err, chat)
    if not chat then
      done = true
      return say.fail(
        err and err.message or 'there is no conversation here to go on with: :AgentRun without -c begins one'
      )
    elseif line.prompt == '' then
      done = true
      return require('purser.ui.reply').open(chat, { model = line.model, effort = line.effort })
    end
    local options = { model = line.model, effort = line.effort, selection = selection, headless = headless }
    local function send()
      chats.go_on(chat.conversation, line.prompt, options, function(run, problem)
        done = true
        if not run then
          return say.fail(problem or 'the run could not be started')
        elseif headless then
          return vim.schedule(function()
            follow(run)
          end)
        elseif not background then
          require('purser.ui.run_window').open(run)
        end
      end)
    end
    if headless then
      return send()
    end
    require('purser.ui.reply').check(chat, send)
  end)
  if headless then
    vim.wait(60000, function()
      return done
    end, 5)
  end
end

--- Dispatches, and shows.
---@param options purser.RunOptions
---@param background boolean
local function dispatch(options, background)
  local say = require('purser.commands.say')
  options.headless = say.headless()
  local run, problem = require('purser.runner').start(options)
  if not run then
    return say.fail(problem --[[@as string]])
  end
  if options.headless then
    return follow(run)
  elseif not background then
    require('purser.ui.run_window').open(run)
  end
end

---@param command purser.Command
function M.run(command)
  local say = require('purser.commands.say')
  local agents = require('purser.agents')
  local line = require('purser.commands.parse').agent_run(command.args, agents.names())
  if line.problem then
    return say.fail(line.problem)
  end
  local selection
  if command.range > 0 then
    local prompt = require('purser.runner.prompt')
    selection = prompt.selection(vim.api.nvim_get_current_buf(), command.line1, command.line2, vim.fn.getcwd())
  end
  local run = command.range == 0 and run_here(line)
  if run and run:is_active() then
    return say.fail('this run is still under way: wait for it, or begin another from another window')
  elseif (run or line.continue) and (line.prompt ~= '' or not say.headless()) then
    return go_on(line, selection, command.bang)
  end
  if line.prompt ~= '' then
    return dispatch({
      agent = line.agent,
      model = line.model,
      effort = line.effort,
      prompt = line.prompt,
      selection = selection,
    }, command.bang)
  end
  local agent, problem = require('purser.runner').agent(line.agent)
  if not agent then
    return say.fail(problem --[[@as string]])
  elseif say.headless() then
    return say.fail('there is no prompt: :AgentRun [agent] [--model=…] [--effort=…] prompt')
  end
  require('purser.ui.input').open({
    agent = agent.name,
    model = line.model or agent.model,
    effort = line.effort or agent.effort,
    selection = selection,
    on_submit = function(prompt, options)
      options = options or {}
      dispatch({
        agent = options.agent or agent.name,
        model = options.model or line.model,
        effort = options.effort or line.effort,
        prompt = prompt,
        selection = selection,
      }, command.bang)
    end,
  })
end

---@param lead string
---@param line string up to the cursor
---@return string[]
function M.complete(lead, line)
  local agents = require('purser.agents')
  local parse = require('purser.commands.parse')
  local names = agents.names()
  local typed = line:gsub('^.-AgentRun!?%s*', '', 1)
  local before = typed:sub(1, #typed - #lead)
  local known = parse.agent_run(before, names)
  if vim.trim(known.prompt) ~= '' then
    return {} -- inside the prompt
  end
  local out = {}
  local option = lead:match('^(%-%-%a+=)')
  if option == '--model=' then
    local agent = known.agent and agents.get(known.agent) or agents.default()
    for _, model in ipairs(agent and agents.models(agent) or {}) do
      out[#out + 1] = option .. model
    end
  elseif option == '--effort=' then
    for _, effort in ipairs(parse.EFFORTS) do
      out[#out + 1] = option .. effort
    end
  elseif option == '--agent=' then
    for _, name in ipairs(names) do
      out[#out + 1] = option .. name
    end
  else
    if not known.agent then
      vim.list_extend(out, names)
    end
    if not known.continue then
      out[#out + 1] = '-c'
    end
    if not known.model then
      out[#out + 1] = '--model='
    end
    if not known.effort then
      out[#out + 1] = '--effort='
    end
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, out)
end

return M
