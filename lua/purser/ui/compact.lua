--- Before a conversation is compacted: what goes, what stays, what it costs and when that is paid back. Accept, edit the
--- summary, keep single items, or leave it.

local Text = require('purser.ui.text')
local buffer = require('purser.ui.buffer')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local width = require('purser.ui.width')
local window = require('purser.ui.window')

local M = {}

--- Each fate as a diff has it.
---@type table<string, { [1]: string, [2]: string, [3]: string }>
local FATES = {
  keep = { ' ', 'PurserMuted', 'stays' },
  mask = { '~', 'PurserWarn', 'masked' },
  summarise = { '-', 'PurserError', 'into the summary' },
}

local KINDS =
  { user = 'you', answer = 'answer', call = 'call', result = 'output', summary = 'summary', system = 'system' }

---@class purser.CompactState
---@field judgement purser.Judgement
---@field plan table
---@field kind "mask"|"summary"
---@field by_client? string the client's name, where it compacts its own session
---@field keep integer[]
---@field summary? string
---@field working? string

--- The figures above the list.
---@param state purser.CompactState
---@param columns integer
---@return purser.ui.Text
local function head(state, columns)
  local out = Text.new()
  local plan, judgement = state.plan, state.judgement
  local before, after = plan.before_tokens, plan.after_tokens
  local less = before > 0 and math.floor((before - after) / before * 100 + 0.5) or 0
  out:add(('%s tokens become %s'):format(format.tokens(before), format.tokens(after)), 'PurserTotal')
  out:add((', %d %% less'):format(less), 'PurserMuted'):nl()
  local lines = {}
  if judgement.level ~= 'none' then
    lines[#lines + 1] = ('Sending as it is costs %s, compacting first %s; each further request is %s cheaper.'):format(
      format.money(judgement.send_nanousd),
      format.money(judgement.compact_nanousd),
      format.money(judgement.later_nanousd)
    )
    if judgement.pays_after == 0 then
      lines[#lines + 1] = 'It pays at once.'
    elseif judgement.pays_after > 0 then
      lines[#lines + 1] = ('It has paid for itself after %s; about %s are to come.'):format(
        format.count(judgement.pays_after, 'request'),
        format.number(judgement.further_requests)
      )
    end
  else
    lines[#lines + 1] = 'As far as can be told this would cost more than it saves.'
  end
  if state.by_client then
    lines[#lines + 1] = state.by_client
      .. ' compacts its own session, in a copy: what is below is only our guess of what it keeps.'
  end
  for _, line in ipairs(lines) do
    for _, row in ipairs(width.wrap(line, columns)) do
      out:add(row):nl()
    end
  end
  if state.working then
    out:add(state.working, 'PurserInfo'):nl()
  end
  return out
end

---@param state purser.CompactState
---@param columns integer
---@return purser.ui.Text
function M.draw(state, columns)
  local out = head(state, columns)
  out:nl()
  if state.summary then
    out:add('Summary', 'PurserHeading'):add('  in the place of what is marked -', 'PurserMuted'):nl()
    for _, line in ipairs(vim.split(state.summary, '\n', { plain = true })) do
      for _, row in ipairs(line == '' and { '' } or width.wrap(line, columns - 2)) do
        out:add('+ ', 'PurserGood'):add(row, 'PurserGood'):nl()
      end
    end
    out:nl()
  end
  for _, item in ipairs(state.plan.items) do
    local fate = FATES[item.fate]
    out:item(item)
    out:add(fate[1] .. ' ', fate[2])
    out:add(width.pad(KINDS[item.kind] or item.kind, 8), item.kind == 'user' and 'PurserName' or 'PurserMuted')
    out:add(width.pad(format.tokens(item.tokens), 6, true) .. '  ', 'PurserMuted')
    local text = width.clean((item.name and item.name .. ' ' or '') .. item.text)
    out:add(width.cut(text, math.max(8, columns - 18)), item.fate ~= 'keep' and fate[2] or nil)
    out:item(nil)
    out:nl()
  end
  if #state.plan.items == 0 then
    out:add('Nothing is kept of this conversation.', 'PurserMuted'):nl()
  end
  return out
end

---@class purser.CompactWindow
---@field conversation string
---@field chat purser.Chat
---@field agent purser.Agent
---@field state purser.CompactState
---@field window purser.ui.Window
---@field text purser.ui.Text
local Compact = {}
Compact.__index = Compact

---@private
function Compact:redraw()
  if self.window:is_open() then
    self.text = Text.new():append(M.draw(self.state, (self.window:size()) - 2), 1)
    buffer.draw(self.window.buf, self.text)
  end
end

--- The plan anew, with what the user wants kept.
---@private
function Compact:replan()
  local arguments = { conversation = self.conversation, kind = self.state.kind, keep = self.state.keep }
  require('purser.core').ask('compaction.plan', arguments, function(err, plan)
    if err then
      return require('purser.notify').error(err.message)
    end
    self.state.plan, self.state.summary = plan, nil
    self:redraw()
  end)
end

--- Keeps the item under the cursor, or lets it go again.
function Compact:toggle()
  local item = self.text:item_at(vim.api.nvim_win_get_cursor(self.window.win)[1])
  if not item or self.state.by_client then
    return
  end
  for i, id in ipairs(self.state.keep) do
    if id == item.id then
      table.remove(self.state.keep, i)
      return self:replan()
    end
  end
  if item.fate ~= 'keep' then
    table.insert(self.state.keep, item.id)
    self:replan()
  end
end

--- A summary that can be read and changed before it takes effect.
function Compact:write_summary()
  local state = self.state
  if state.kind == 'mask' or state.by_client or state.working then
    return
  elseif state.summary then
    return self:edit_summary()
  end
  state.working = ('%s is writing the summary%s'):format(self.agent.name, glyphs.get().ellipsis)
  self:redraw()
  require('purser.compaction').summarise(self.chat, self.agent, state.plan, function(problem, summary, run)
    state.working = nil
    if problem then
      require('purser.notify').error(problem)
    else
      state.summary, self.run = summary, run
    end
    self:redraw()
  end)
end

---@private
function Compact:edit_summary()
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].filetype = 'markdown'
  vim.bo[buf].buftype = 'acwrite'
  vim.api.nvim_buf_set_name(buf, 'purser://summary/' .. buf)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, vim.split(self.state.summary, '\n', { plain = true }))
  vim.bo[buf].modified = false
  vim.cmd('tab split')
  vim.api.nvim_win_set_buf(0, buf)
  vim.api.nvim_create_autocmd('BufWriteCmd', {
    buffer = buf,
    desc = 'purser: take the edited summary',
    callback = function()
      self.state.summary = table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), '\n')
      vim.bo[buf].modified = false
      vim.cmd('tabclose')
      self:redraw()
    end,
  })
end

function Compact:accept()
  if self.state.working then
    return
  end
  self.window:close()
  require('purser.compaction').run(self.conversation, {
    kind = self.state.kind,
    keep = self.state.keep,
    summary = self.state.summary,
    run = self.run,
  })
end

---@private
---@return purser.ui.Key[]
function Compact:keys()
  return {
    {
      lhs = '<CR>',
      desc = 'Compact',
      hint = 'compact',
      rank = 1,
      run = function()
        self:accept()
      end,
    },
    {
      lhs = '<Space>',
      desc = 'Keep the item under the cursor, or let it go again',
      hint = not self.state.by_client and 'keep it' or nil,
      rank = 3,
      run = function()
        self:toggle()
      end,
    },
    {
      lhs = 'e',
      desc = 'Have the summary written now; again: edit it',
      hint = self.state.kind == 'summary' and not self.state.by_client and 'summary' or nil,
      rank = 2,
      run = function()
        self:write_summary()
      end,
    },
    {
      lhs = 'm',
      desc = 'Only mask tool output, or summarise too',
      hint = not self.state.by_client and 'mask/summarise' or nil,
      rank = 4,
      run = function()
        if not self.state.by_client and self.agent.adapter.kind == 'http' then
          self.state.kind = self.state.kind == 'mask' and 'summary' or 'mask'
          self:replan()
        end
      end,
    },
    {
      lhs = { 'q', '<Esc>' },
      desc = 'Leave it as it is',
      hint = 'leave it',
      rank = 1,
      run = function()
        self.window:close()
      end,
    },
  }
end

---@param columns integer
---@param lines integer
---@return integer, integer
local function size(columns, lines)
  return math.min(100, columns - 4), math.max(8, math.floor(lines * 0.8))
end

---@private
function Compact:open()
  local buf = buffer.new('purser-compact', 'purser://compact')
  self.window = window.open({
    buf = buf,
    title = { { ' Compact ', 'PurserTitle' }, { width.cut(self.chat.title, 50) .. ' ', 'PurserSubtitle' } },
    keys = self:keys(),
    size = size,
    cursorline = true,
    on_resize = function()
      self:redraw()
    end,
  })
  self:redraw()
end

--- Opens the window on a conversation.
---@param conversation string
function M.open(conversation)
  local core, notify = require('purser.core'), require('purser.notify')
  core.ask('chat.get', { conversation = conversation }, function(err, answer)
    if err then
      return notify.error(err.message)
    end
    ---@cast answer table
    local chat = answer.chat --[[@as purser.Chat]]
    local agent, unknown = require('purser.agents').get(chat.agent)
    if not agent then
      return notify.error(unknown --[[@as string]])
    end
    require('purser.chats').judge(conversation, agent, function(problem, judgement)
      if problem then
        return notify.error(problem.message)
      end
      ---@cast judgement purser.Judgement
      local client = agent.adapter.compact and chat.session ~= '' and agent.adapter.label or nil
      local kind = agent.adapter.kind == 'http' and judgement.kind or 'summary'
      core.ask('compaction.plan', { conversation = conversation, kind = kind }, function(no_plan, plan)
        if no_plan then
          return notify.error(no_plan.message)
        end
        local state = { judgement = judgement, plan = plan, kind = kind, by_client = client, keep = {} }
        setmetatable({ conversation = conversation, chat = chat, agent = agent, state = state }, Compact):open()
      end)
    end)
  end)
end

return M
