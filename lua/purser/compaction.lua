--- Compacting a conversation: the plan is the core's, the summary a model's, the decision the user's.

local M = {}

---@class (exact) purser.CompactionOptions
---@field kind? "mask"|"summary" default: what the core would do
---@field keep? integer[] items that are to stay as they are
---@field summary? string the user's own words, or a model's that the user has edited
---@field run? integer the run that wrote it
---@field quiet? boolean nobody asked: say only what went wrong

---@class (exact) purser.Compacted
---@field compaction integer
---@field before_tokens integer
---@field after_tokens integer

--- Files that tell how to work in a project: whoever goes on should read them again.
local RULES = { 'CLAUDE.md', 'AGENTS.md', 'GEMINI.md', '.cursorrules', 'CONTRIBUTING.md' }

---@param workspace string
---@return string[]
function M.rules(workspace)
  return vim.tbl_filter(function(name)
    return vim.uv.fs_stat(vim.fs.joinpath(workspace, name)) ~= nil
  end, RULES)
end

--- How a run ends that said all it had to say.
local WHOLE = { completed = true, exit = true }

local running = {} ---@type table<string, boolean> conversations that are being compacted

--- Tells the user, and the core, that it did not work.
---@param conversation string
---@param problem string
---@param cb fun(problem: string?, done: purser.Compacted?)
local function failed(conversation, problem, cb)
  running[conversation] = nil
  require('purser.core').ask('compaction.failed', { conversation = conversation }, function(_, answer)
    if answer and answer.blocked then
      problem = problem .. (' (%d times in a row: it is not tried again by itself)'):format(answer.failures)
    end
    cb(problem, nil)
  end)
end

---@param conversation string
---@param arguments table
---@param cb fun(problem: string?, done: purser.Compacted?)
local function apply(conversation, arguments, cb)
  arguments.conversation = conversation
  require('purser.core').ask('compaction.apply', arguments, function(err, done)
    if err then
      return failed(conversation, err.message, cb)
    end
    running[conversation] = nil
    cb(nil, done)
  end)
end

--- Lets a model write the summary. It is a run like any other: gated, priced, in the log.
---@param chat purser.Chat
---@param agent purser.Agent
---@param plan table
---@param cb fun(problem: string?, summary: string?, run: integer?)
function M.summarise(chat, agent, plan, cb)
  local _, problem = require('purser.runner').start({
    agent = agent.name,
    model = require('purser.chats').settings(agent).summary_model or chat.model,
    prompt = plan.request,
    conversation = chat.conversation,
    compacts = true,
    headless = true,
    on_done = function(run)
      if run.status ~= 'completed' then
        return cb(('the summary could not be written: %s'):format(run.message or run.status))
      elseif run.row and run.row.reason and not WHOLE[run.row.reason] then
        return cb(('the summary was cut off (%s): the conversation was left as it is'):format(run.row.reason))
      end
      cb(nil, run:answer(), run.id)
    end,
  })
  if problem then
    cb(problem)
  end
end

--- The client compacts its own session, in a copy of it: the old one is there to go back to.
---@param chat purser.Chat
---@param agent purser.Agent
---@param cb fun(problem: string?, done: purser.Compacted?)
local function by_client(chat, agent, cb)
  local _, problem = require('purser.runner').start({
    agent = agent.name,
    model = chat.model ~= '' and chat.model or nil,
    prompt = agent.adapter.compact,
    conversation = chat.conversation,
    session = chat.session,
    fork = true,
    compacts = true,
    headless = true,
    on_done = function(run)
      local sizes = run.compacted
      if run.status ~= 'completed' or not sizes or not run.session then
        local why = run.status ~= 'completed' and (run.message or run.status) or 'the client did not say that it did'
        return failed(chat.conversation, ('%s could not compact its session: %s'):format(agent.adapter.label, why), cb)
      end
      local arguments = {
        kind = 'client',
        run = run.id,
        before_tokens = sizes.before,
        after_tokens = sizes.after,
        session_before = chat.session,
        session = run.session,
      }
      apply(chat.conversation, arguments, cb)
    end,
  })
  if problem then
    failed(chat.conversation, problem, cb)
  end
end

---@param chat purser.Chat
---@param agent purser.Agent
---@param kind "mask"|"summary"
---@param options purser.CompactionOptions
---@param cb fun(problem: string?, done: purser.Compacted?)
local function by_plan(chat, agent, kind, options, cb)
  local arguments = { kind = kind, keep = options.keep, rules = M.rules(chat.workspace) }
  if agent.adapter.kind ~= 'http' then
    -- A client that can't compact by command starts afresh, and is told what is left.
    arguments.session_before, arguments.session = chat.session, ''
  end
  if kind == 'mask' or options.summary then
    return apply(
      chat.conversation,
      vim.tbl_extend('force', arguments, { summary = options.summary, run = options.run }),
      cb
    )
  end
  local question = vim.tbl_extend('force', arguments, { conversation = chat.conversation })
  require('purser.core').ask('compaction.plan', question, function(err, plan)
    if err then
      return failed(chat.conversation, err.message, cb)
    elseif plan.summarised == 0 then
      running[chat.conversation] = nil
      return cb('there is nothing to gain from compacting this now', nil)
    end
    M.summarise(chat, agent, plan, function(problem, summary, run)
      if problem then
        return failed(chat.conversation, problem, cb)
      end
      apply(chat.conversation, vim.tbl_extend('force', arguments, { summary = summary, run = run }), cb)
    end)
  end)
end

--- Compacts a conversation. What fails leaves it as it was.
---@param conversation string
---@param options purser.CompactionOptions
---@param cb? fun(problem: string?, done: purser.Compacted?)
function M.run(conversation, options, cb)
  local notify = require('purser.notify')
  cb = cb
    or function(problem, done)
      if problem then
        notify.warn(problem)
      elseif done then
        local format = require('purser.format')
        notify.info(
          ('compacted: %s tokens became %s; :Purser compact undo takes it back'):format(
            format.tokens(done.before_tokens),
            format.tokens(done.after_tokens)
          )
        )
      end
    end
  if running[conversation] then
    return cb('this conversation is being compacted already', nil)
  end
  running[conversation] = true
  require('purser.core').ask('chat.get', { conversation = conversation }, function(err, answer)
    if err then
      running[conversation] = nil
      return cb(err.message, nil)
    end
    ---@cast answer table
    local chat = answer.chat --[[@as purser.Chat]]
    local agent, problem = require('purser.agents').get(chat.agent)
    if not agent then
      running[conversation] = nil
      return cb(problem, nil)
    elseif agent.adapter.compact and chat.session ~= '' and not options.summary then
      return by_client(chat, agent, cb)
    end
    -- Masking takes away from what is sent; a client's context is only left behind whole.
    local kind = agent.adapter.kind == 'http' and options.kind or 'summary'
    by_plan(chat, agent, kind, options, cb)
  end)
end

--- Takes the last compaction back.
---@param conversation string
---@param cb fun(problem: string?)
function M.undo(conversation, cb)
  require('purser.core').ask('compaction.undo', { conversation = conversation }, function(err)
    cb(err and err.message)
  end)
end

return M
