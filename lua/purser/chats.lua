--- Conversations: what was said is kept in the ledger, so that it can be read again, gone on with, and compacted.
---
--- The core says when compacting pays and what to keep (compaction.judge, compaction.plan); here that is put into practice.

local M = {}

--- A conversation as the core lists it (csrc/api/README.md).
---@class purser.Chat
---@field conversation string
---@field title string
---@field agent string
---@field workspace string
---@field source string
---@field model string
---@field effort string
---@field session string
---@field created_ms integer
---@field used_ms integer
---@field runs integer
---@field requests integer
---@field cost_nanousd integer
---@field unpriced_requests integer
---@field tokens integer
---@field compactions integer
---@field failures integer

---@class purser.ChatItem
---@field id integer
---@field run integer
---@field kind "system"|"user"|"answer"|"call"|"result"|"summary"
---@field call? string
---@field name? string
---@field text string
---@field tokens integer
---@field failed? boolean
---@field masked? boolean

--- What the core thinks of compacting a conversation now.
---@class purser.Judgement
---@field level "none"|"advised"|"due"
---@field reason "nothing_gained"|"pays_back"|"cache_cold"|"window_full"
---@field context_tokens integer
---@field context_window integer
---@field next_nanousd integer
---@field cold boolean
---@field idle_ms integer
---@field ttl_ms integer
---@field further_requests integer
---@field failures integer
---@field blocked boolean
---@field kind? "mask"|"summary"
---@field after_tokens? integer
---@field summary_tokens? integer
---@field masked? integer
---@field summarised? integer
---@field send_nanousd? integer
---@field compact_nanousd? integer
---@field later_nanousd? integer
---@field saving_nanousd? integer
---@field pays_after? integer

--- What one item of a run is called in a chat.
local KINDS = { text = 'answer', tool_call = 'call', tool_result = 'result' }

--- What was said in a run. Subagents keep their own counsel, thinking is not sent again, notices are ours.
---@param run purser.Run
---@return table[]
function M.items(run)
  local asked = require('purser.runner.prompt').compose(run.prompt, run.selection)
  local out = { { kind = 'user', text = asked } }
  for _, item in ipairs(run.items) do
    local kind = KINDS[item.kind]
    if kind and not item.sidechain and (item.text ~= '' or kind ~= 'answer') then
      out[#out + 1] = { kind = kind, text = item.text, id = item.id, name = item.name, failed = item.failed or nil }
    end
  end
  return out
end

--- An agent's settings for compaction: its own over everybody's.
---@param agent purser.Agent
---@return { policy: "auto"|"ask"|"off", due_percent?: integer, summary_model?: string }
function M.settings(agent)
  local all = require('purser.config').get().compaction
  return {
    policy = agent.compaction or all.policy,
    due_percent = all.due_percent,
    summary_model = agent.summary_model or all.summary_model,
  }
end

---@param conversation string
---@param agent purser.Agent
---@param cb fun(err: purser.Error?, judgement: purser.Judgement?)
function M.judge(conversation, agent, cb)
  local settings = M.settings(agent)
  require('purser.core').ask('compaction.judge', {
    conversation = conversation,
    due_percent = settings.due_percent,
    summary_model = settings.summary_model,
    provider = agent.provider,
  }, cb)
end

--- A run is over: keeps what was said, and sees whether compacting would pay.
---@param run purser.Run
---@param agent purser.Agent
function M.finished(run, agent)
  local config = require('purser.config').get()
  if not run.id or run.compacts or not config.conversations.keep or run.status == 'refused' then
    return
  end
  local core = require('purser.core')
  core.ask('chat.append', { run = run.id, items = M.items(run) }, function(err)
    if err then
      return require('purser.log').error('run %d: what was said could not be kept: %s', run.id, err.message)
    elseif M.settings(agent).policy == 'off' then
      return
    end
    M.judge(run.conversation, agent, function(problem, judgement)
      if problem then
        return require('purser.log').error('conversation %s: %s', run.conversation, problem.message)
      end
      ---@cast judgement purser.Judgement
      run.judgement = judgement
      run:touch('sums')
      if judgement.level == 'due' and not run.headless and M.settings(agent).policy == 'ask' then
        require('purser.notify').warn(
          ('the conversation with %s nearly fills its window: C in its window, or :Purser compact, makes room'):format(
            run.agent
          )
        )
      end
      if judgement.level ~= 'none' and not judgement.blocked and M.settings(agent).policy == 'auto' then
        require('purser.compaction').run(run.conversation, { kind = judgement.kind, quiet = true })
      end
    end)
  end)
end

--- What was said so far, for an agent that has no memory of it: a client whose session is gone or was replaced.
---@param messages { role: string, content: string }[]
---@param prompt string
---@return string
function M.retold(messages, prompt)
  if #messages == 0 then
    return prompt
  end
  local out = { 'This goes on from an earlier conversation. What was said in it:', '' }
  for _, message in ipairs(messages) do
    out[#out + 1] = ('[%s]'):format(message.role == 'user' and 'user' or 'you')
    out[#out + 1] = message.content
    out[#out + 1] = ''
  end
  out[#out + 1] = '[user, now]'
  out[#out + 1] = prompt
  return table.concat(out, '\n')
end

--- A further prompt in a conversation.
---@param conversation string
---@param prompt string
---@param options { model?: string, effort?: string, selection?: purser.Selection, headless?: boolean }
---@param cb fun(run: purser.Run?, problem: string?)
function M.go_on(conversation, prompt, options, cb)
  local core = require('purser.core')
  core.ask('chat.messages', { conversation = conversation }, function(err, said)
    core.ask('chat.get', { conversation = conversation }, function(missing, chat)
      local problem = err or missing
      if problem then
        return cb(nil, problem.message)
      end
      ---@cast said table
      ---@cast chat table
      local row = chat.chat --[[@as purser.Chat]]
      local agent, unknown = require('purser.agents').get(row.agent)
      if not agent then
        return cb(nil, unknown)
      end
      local remembers = agent.adapter.kind ~= 'http' and row.session ~= ''
      local http = agent.adapter.kind == 'http'
      cb(require('purser.runner').start({
        agent = row.agent,
        model = options.model,
        effort = options.effort,
        prompt = prompt,
        told = not http and not remembers and M.retold(said.messages, prompt) or nil,
        selection = options.selection,
        headless = options.headless,
        conversation = conversation,
        session = remembers and row.session or nil,
        messages = http and said.messages or nil,
        context_tokens = row.tokens,
        cwd = row.workspace ~= '' and vim.fn.isdirectory(row.workspace) == 1 and row.workspace or nil,
      }))
    end)
  end)
end

--- The conversation that was last used here, of an agent or of any.
---@param workspace string
---@param agent? string
---@param cb fun(err: purser.Error?, chat: purser.Chat?)
function M.last(workspace, agent, cb)
  require('purser.core').ask('chat.list', { workspace = workspace, limit = agent and 50 or 1 }, function(err, answer)
    for _, chat in ipairs(answer and answer.chats or {}) do
      if not agent or chat.agent == agent then
        return cb(nil, chat)
      end
    end
    cb(err, nil)
  end)
end

--- A conversation as Markdown.
---@param chat purser.Chat
---@param items purser.ChatItem[]
---@return string
function M.markdown(chat, items)
  local heads = { user = 'You', answer = chat.agent, summary = 'Summary', system = 'System' }
  local out = { '# ' .. chat.title, '' }
  local before
  for _, item in ipairs(items) do
    local head = heads[item.kind]
    if head and item.kind ~= before then
      vim.list_extend(out, { '## ' .. head, '' })
    end
    before = head and item.kind or before
    if head then
      vim.list_extend(out, { item.text, '' })
    elseif item.kind == 'call' then
      vim.list_extend(
        out,
        { ('> %s `%s`'):format(item.name or 'tool', (item.text:gsub('%s+', ' '):gsub('`', "'"))), '' }
      )
    end
  end
  return table.concat(out, '\n')
end

return M
