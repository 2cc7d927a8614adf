--- The conversations that are kept, the last used first: go on with one, compact, fork, rename, export, delete.

local Text = require('purser.ui.text')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

--- Compactions that are listed below the conversations.
local SHOWN = 5

---@type purser.View
local M = { name = 'chats', tab = 'log', filtered = true }

---@return purser.ui.Chunk[]
function M.title()
  return { { ' Conversations ', 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  local text = ctx.filter ~= '' and ctx.filter or nil
  return { chats = { 'chat.list', { text = text, limit = 200 } }, compactions = { 'compaction.list' } }
end

--- What compacting has saved in a conversation, as measured since.
---@param ctx purser.ViewContext
---@param name string
---@return integer? nanousd
local function saved(ctx, name)
  local sum
  for _, one in ipairs(ctx.data.compactions and ctx.data.compactions.compactions or {}) do
    if one.conversation == name and one.requests > 0 then
      sum = (sum or 0) + one.saved_nanousd
    end
  end
  return sum
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
local function columns(ctx)
  ---@type purser.ui.Column[]
  return {
    {
      name = 'used',
      title = 'Last used',
      text = function(chat)
        return format.moment(chat.used_ms, ctx.now_ms)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'agent',
      title = 'Agent',
      max = 14,
      text = function(chat)
        return chat.agent
      end,
      group = 'PurserName',
    },
    {
      name = 'cost',
      title = 'Cost',
      right = true,
      text = function(chat)
        return format.cost(chat)
      end,
    },
    {
      name = 'context',
      title = 'Context',
      right = true,
      keep = 5,
      text = function(chat)
        return format.tokens(chat.tokens)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'runs',
      title = 'Turns',
      right = true,
      keep = 3,
      text = function(chat)
        return format.number(chat.runs)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'compacted',
      title = 'Compacted',
      keep = 4,
      sparse = true,
      text = function(chat)
        if chat.failures >= 3 then
          return 'failed'
        elseif chat.compactions == 0 then
          return ''
        end
        local sum = saved(ctx, chat.conversation)
        return sum and ('saved %s'):format(format.money(sum)) or ('%d×'):format(chat.compactions)
      end,
      group = function(chat)
        return chat.failures >= 3 and 'PurserWarn' or 'PurserGood'
      end,
    },
    {
      name = 'title',
      title = 'About',
      grow = true,
      min = 12,
      keep = 9,
      text = function(chat)
        return width.clean(chat.title)
      end,
    },
  }
end

--- What each of the last compactions has brought: measured on the requests that were sent since, not what was promised.
---@param ctx purser.ViewContext
---@return purser.ui.Text
local function measured(ctx)
  local out, shown = Text.new(), 0
  for _, one in ipairs(ctx.data.compactions and ctx.data.compactions.compactions or {}) do
    if one.requests > 0 and shown < SHOWN then
      if shown == 0 then
        parts.heading(out:nl(), 'Compactions', 'as measured since')
      end
      shown = shown + 1
      local gain = one.saved_nanousd
      out:add(width.pad(format.moment(one.at_ms, ctx.now_ms), 11), 'PurserMuted')
      out:add(('%s %s %s'):format(format.tokens(one.before_tokens), 'to', format.tokens(one.after_tokens)))
      out:add(
        ('  %s %s'):format(gain >= 0 and 'saved' or 'cost', format.money(math.abs(gain))),
        gain >= 0 and 'PurserGood' or 'PurserWarn'
      )
      local what = (', %s tokens in %s'):format(format.tokens(one.saved_tokens), format.count(one.requests, 'request'))
      out:add(width.cut(what, math.max(0, ctx.width - out:column())), 'PurserMuted'):nl()
    end
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local chats = ctx.data.chats and ctx.data.chats.chats
  if not chats then
    return out:add(ctx.errors.chats or glyphs.get().ellipsis, ctx.errors.chats and 'PurserError' or 'PurserMuted'):nl()
  elseif #chats == 0 then
    local found = ctx.filter and ctx.filter ~= ''
    return out
      :add(found and 'No conversation is about that.' or 'Nothing yet: :AgentRun begins one.', 'PurserMuted')
      :nl()
  end
  out:append(tables.draw(columns(ctx), chats, {
    width = ctx.width,
    item = function(chat)
      return { chat = chat }
    end,
  }))
  return out:append(measured(ctx))
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local rows = {}
  for _, chat in ipairs(ctx.data.chats and ctx.data.chats.chats or {}) do
    rows[#rows + 1] =
      { chat.conversation, chat.title, chat.agent, chat.workspace, chat.runs, chat.cost_nanousd, chat.tokens }
  end
  return {
    name = 'conversations',
    columns = { 'conversation', 'title', 'agent', 'workspace', 'runs', 'cost_nanousd', 'tokens' },
    rows = rows,
  }
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local notify = require('purser.notify')

  ---@param fn fun(chat: purser.Chat)
  ---@return fun()
  local function with(fn)
    return function()
      local item = browser:item()
      if type(item) == 'table' and item.chat then
        fn(item.chat)
      end
    end
  end

  ---@param done? string
  ---@return fun(err?: purser.Error)
  local function after(done)
    return function(err)
      if err then
        return notify.error(err.message)
      elseif done then
        notify.info(done)
      end
      browser:refresh()
    end
  end

  local core = require('purser.core')
  return {
    {
      lhs = '<CR>',
      desc = 'Go on with the conversation',
      hint = 'go on',
      rank = 2,
      group = 'Conversation',
      run = with(function(chat)
        browser.window:close()
        require('purser.ui.reply').open(chat)
      end),
    },
    {
      lhs = 'c',
      desc = 'Compact: see what goes, what stays and what it costs first',
      hint = 'compact',
      rank = 3,
      group = 'Conversation',
      run = with(function(chat)
        require('purser.ui.compact').open(chat.conversation)
      end),
    },
    {
      lhs = 'u',
      desc = 'Take the last compaction back',
      group = 'Conversation',
      run = with(function(chat)
        require('purser.compaction').undo(chat.conversation, function(problem)
          after('the conversation is as it was before')(problem and { code = 'ERROR', message = problem } or nil)
        end)
      end),
    },
    {
      lhs = 'f',
      desc = 'Fork: a copy that goes its own way',
      group = 'Conversation',
      run = with(function(chat)
        local copy = require('purser.runner').new_conversation()
        core.ask('chat.fork', { conversation = chat.conversation, to = copy }, after())
      end),
    },
    {
      lhs = 'cw',
      desc = 'Rename',
      group = 'Conversation',
      run = with(function(chat)
        vim.ui.input({ prompt = 'What is it about? ', default = chat.title }, function(title)
          if title and vim.trim(title) ~= '' then
            core.ask('chat.rename', { conversation = chat.conversation, title = vim.trim(title) }, after())
          end
        end)
      end),
    },
    {
      lhs = 'o',
      desc = 'Read it, as Markdown',
      hint = 'read',
      rank = 4,
      group = 'Conversation',
      run = with(function(chat)
        core.ask('chat.get', { conversation = chat.conversation, all = true }, function(err, answer)
          if err then
            return notify.error(err.message)
          end
          ---@cast answer table
          browser.window:close()
          local text = require('purser.chats').markdown(chat, answer.items)
          local buf = vim.api.nvim_create_buf(true, true)
          vim.api.nvim_buf_set_lines(buf, 0, -1, false, vim.split(text, '\n', { plain = true }))
          vim.bo[buf].filetype = 'markdown'
          vim.api.nvim_win_set_buf(0, buf)
        end)
      end),
    },
    {
      lhs = 'dd',
      desc = 'Delete what was said; what it cost stays in the log',
      group = 'Conversation',
      run = with(function(chat)
        vim.ui.select({ 'Keep it', 'Delete it' }, {
          prompt = ('Delete “%s”?'):format(width.cut(chat.title, 40)),
          kind = 'purser.chat',
        }, function(_, choice)
          if choice == 2 then
            core.ask('chat.delete', { conversation = chat.conversation }, after())
          end
        end)
      end),
    },
  }
end

return M
