--- A further prompt in a conversation. Before it is sent into a cache that has gone cold, the user is told what that costs and what
--- compacting first would.

local format = require('purser.ui.format')

local M = {}

--- A smaller context is cheap enough either way.
local LARGE_TOKENS = 20000

--- One sentence about the next send; nil where there is nothing to say.
---@param judgement purser.Judgement
---@return string?
function M.warning(judgement)
  if judgement.context_tokens < LARGE_TOKENS then
    return nil
  end
  local sizes = ('%s tokens of context'):format(format.tokens(judgement.context_tokens))
  local compacting = ''
  if judgement.level ~= 'none' then
    compacting = ('; compacting first: %s, and %s less with each further request'):format(
      format.money(judgement.compact_nanousd),
      format.money(judgement.later_nanousd)
    )
  end
  if judgement.reason == 'window_full' then
    return ('%s nearly fill the window%s'):format(sizes, compacting)
  elseif judgement.cold then
    return ('The cache has gone cold: sending %s again costs %s%s'):format(
      sizes,
      format.money(judgement.next_nanousd),
      compacting
    )
  elseif judgement.level ~= 'none' then
    return ('Compacting would pay: %s%s'):format(sizes, compacting)
  end
end

--- Goes on at once where there is nothing to say about it, else as the user decides.
---@param chat purser.Chat
---@param send fun()
function M.check(chat, send)
  local agent = require('purser.agents').get(chat.agent)
  if not agent then
    return send() -- what is wrong with it is said there
  end
  require('purser.chats').judge(chat.conversation, agent, function(_, judgement)
    local warning = judgement and M.warning(judgement)
    if not warning then
      return send()
    end
    local choices = { 'Send it', 'Compact first', "Don't send it" }
    vim.ui.select(choices, { prompt = warning, kind = 'purser.send' }, function(_, choice)
      if choice == 1 then
        send()
      elseif choice == 2 then
        require('purser.ui.compact').open(chat.conversation)
      end
    end)
  end)
end

---@param chat purser.Chat
---@param options? { model?: string, effort?: string }
function M.open(chat, options)
  local chats = require('purser.chats')
  local notify = require('purser.notify')
  local agent, unknown = require('purser.agents').get(chat.agent)
  if not agent then
    return notify.error(unknown --[[@as string]])
  end
  local input = require('purser.ui.input').open({
    agent = chat.agent,
    model = options and options.model,
    effort = options and options.effort,
    fixed = true,
    title = 'Reply to ' .. chat.agent,
    context_tokens = chat.tokens,
    compact = function()
      require('purser.ui.compact').open(chat.conversation)
    end,
    on_submit = function(prompt, chosen)
      chats.go_on(chat.conversation, prompt, { model = chosen.model, effort = chosen.effort }, function(run, problem)
        if not run then
          return notify.error(problem or 'the run could not be started')
        end
        require('purser.ui.run_window').open(run)
      end)
    end,
  })
  chats.judge(chat.conversation, agent, function(_, judgement)
    local warning = judgement and M.warning(judgement)
    if warning then
      input:warn(warning)
    end
  end)
end

return M
