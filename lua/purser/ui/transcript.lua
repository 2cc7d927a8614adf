--- The items of a run written into a buffer as they come: an answer as markdown, and tool calls, thinking and notices as indented
--- blocks whose details can be folded away.
---
--- Only what is new is written, so a long answer costs no more per piece than a short one. The blocks are told apart by their
--- first characters alone: a fold needs no list of line numbers that would have to follow every change.

local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local markdown = require('purser.ui.markdown')
local tool = require('purser.ui.tool')

local INDENT = '    '

--- A tool that prints more is cut in the window; the model has seen it all.
local OUTPUT_LINES = 400

local namespace = vim.api.nvim_create_namespace('purser.transcript')

--- Above the colours of markdown.
local PRIORITY = 120

---@class (exact) purser.TranscriptBlock
---@field kind string
---@field mark integer extmark on its first line
---@field lines integer how many it has
---@field bytes integer of the item's text that are written
---@field started_ms? integer
---@field head? string the first line without what comes at its end
---@field result? boolean

---@class purser.Transcript
---@field buf integer
---@field run purser.Run
---@field private blocks table<integer, purser.TranscriptBlock> by index of their item
---@field private calls table<string, integer> index of a tool call by its id
---@field private last? purser.TranscriptBlock
---@field private markdown purser.Markdown
---@field private empty boolean
local Transcript = {}
Transcript.__index = Transcript

local M = {}

--- What Neovim folds at: a head opens a fold, a detail goes on with it.
---@param line string
---@return string
function M.fold_level(line)
  if line:sub(1, #INDENT) ~= INDENT then
    return '0'
  end
  local set = glyphs.get()
  local rest = line:sub(#INDENT + 1)
  if vim.startswith(rest, set.rule .. ' ') or rest == set.rule then
    return '1'
  elseif vim.startswith(rest, set.open .. ' ') or vim.startswith(rest, set.thinking .. ' ') then
    return '>1'
  end
  return '0'
end

--- Characters that a buffer line can't hold, or that would move the cursor in a terminal.
---@param text string
---@return string
local function printable(text)
  text = text:gsub('\r\n', '\n'):gsub('\r', '\n')
  text = text:gsub('\27%[[%d;?]*%a', ''):gsub('[%z\1-\8\11\12\14-\31\127]', '')
  return text
end

---@param buf integer
---@param run purser.Run
---@return purser.Transcript
function M.new(buf, run)
  return setmetatable(
    { buf = buf, run = run, blocks = {}, calls = {}, empty = true, markdown = markdown.new(buf) },
    Transcript
  )
end

---@private
---@param row integer
---@param first integer
---@param last_row integer
---@param last integer
---@param group string
function Transcript:paint(row, first, last_row, last, group)
  vim.api.nvim_buf_set_extmark(self.buf, namespace, row, first, {
    end_row = last_row,
    end_col = last,
    hl_group = group,
    priority = PRIORITY,
  })
end

--- Lines at the end. Returns the row of the first.
---@private
---@param lines string[]
---@param group? string
---@return integer row
function Transcript:put(lines, group)
  local row = self.empty and 0 or vim.api.nvim_buf_line_count(self.buf)
  vim.api.nvim_buf_set_lines(self.buf, row, -1, false, lines)
  self.empty = false
  if group then
    self:paint(row, 0, row + #lines - 1, #lines[#lines], group)
  end
  return row
end

--- One empty line at the end, however many the text before it ended with.
---@private
function Transcript:space()
  local count = vim.api.nvim_buf_line_count(self.buf)
  local last = count
  while last > 1 and vim.api.nvim_buf_get_lines(self.buf, last - 1, last, false)[1]:match('^%s*$') do
    last = last - 1
  end
  if count - last ~= 1 then
    vim.api.nvim_buf_set_lines(self.buf, last, -1, false, { '' })
  end
end

--- A new block below the last: an empty line between them, except between neighbours of the same kind.
---@private
---@param index integer
---@param kind string
---@param lines string[]
---@param group? string
---@return purser.TranscriptBlock
---@return integer row
function Transcript:open(index, kind, lines, group)
  self.markdown:done()
  local text = kind == 'text' or kind == 'prompt' or kind == 'closing'
  if self.last and (text or self.last.kind == 'text' or self.last.kind == 'prompt') then
    self:space()
  end
  local row = self:put(lines, group)
  local block = {
    kind = kind,
    mark = vim.api.nvim_buf_set_extmark(self.buf, namespace, row, 0, { right_gravity = false }),
    lines = #lines,
    bytes = 0,
  }
  self.blocks[index] = block
  self.last = block
  return block, row
end

---@private
---@param block purser.TranscriptBlock
---@return integer
function Transcript:row_of(block)
  return vim.api.nvim_buf_get_extmark_by_id(self.buf, namespace, block.mark, {})[1]
end

--- More text at the end of the buffer, where the newest item is.
---@private
---@param block purser.TranscriptBlock
---@param text string
---@param prefix? string before each further line
---@param group? string
function Transcript:grow(block, text, prefix, group)
  local lines = vim.split(text, '\n', { plain = true })
  if prefix then
    for i = 2, #lines do
      lines[i] = prefix .. lines[i]
    end
  end
  local row = vim.api.nvim_buf_line_count(self.buf) - 1
  local column = #vim.api.nvim_buf_get_lines(self.buf, row, row + 1, false)[1]
  vim.api.nvim_buf_set_text(self.buf, row, column, row, column, lines)
  block.lines = block.lines + #lines - 1
  if group then
    local last = #lines == 1 and column + #lines[1] or #lines[#lines]
    self:paint(row, column, row + #lines - 1, last, group)
  end
end

--- Changes what stands at the end of a block's first line.
---@private
---@param block purser.TranscriptBlock
---@param tail string
---@param group string
function Transcript:finish_head(block, tail, group)
  local row = self:row_of(block)
  local from = #block.head
  local line = vim.api.nvim_buf_get_lines(self.buf, row, row + 1, false)[1]
  vim.api.nvim_buf_set_text(self.buf, row, from, row, #line, { tail })
  self:paint(row, from, row, from + #tail, group)
end

---@private
---@param index integer
---@param item purser.Item
function Transcript:text(index, item)
  local block = self.blocks[index]
  local fresh = printable(item.text:sub((block and block.bytes or 0) + 1))
  if not block then
    fresh = fresh:gsub('^\n+', '')
    if fresh == '' then
      return
    end
    block = self:open(index, 'text', { '' })
  end
  block.bytes = #item.text
  self:grow(block, fresh)
  self.markdown:written(self:row_of(block))
end

---@private
---@param index integer
---@param item purser.Item
---@param word string
function Transcript:folded_text(index, item, word)
  local set = glyphs.get()
  local block = self.blocks[index]
  local prefix = INDENT .. set.rule .. ' '
  local fresh = printable(item.text:sub((block and block.bytes or 0) + 1))
  if not block then
    if vim.trim(fresh) == '' then
      return
    end
    local head = ('%s%s %s'):format(INDENT, item.kind == 'thinking' and set.thinking or set.open, word)
    block = self:open(index, item.kind, { head .. ' ' .. set.ellipsis, prefix }, 'PurserThinking')
    block.head = head
    block.started_ms = vim.uv.now()
    fresh = fresh:gsub('^\n+', '')
  end
  block.bytes = #item.text
  self:grow(block, fresh, prefix, 'PurserThinking')
end

---@private
---@param index integer
---@param item purser.Item
function Transcript:tool_call(index, item)
  if self.blocks[index] then
    return
  end
  local set = glyphs.get()
  local argument = tool.argument(printable(item.text), self.run.cwd)
  local name = item.name or 'tool'
  local lead = INDENT .. set.open .. ' ' .. (item.sidechain and set.bullet .. ' ' or '')
  local head = lead .. name .. (argument ~= '' and ' ' .. argument or '')
  local lines = { head .. ' ' .. set.ellipsis }
  for _, line in ipairs(tool.details(printable(item.text))) do
    lines[#lines + 1] = ('%s%s %s'):format(INDENT, set.rule, line)
  end
  local block, row = self:open(index, 'tool', lines)
  block.head = head
  block.started_ms = vim.uv.now()
  self:paint(row, 0, row, #lead, 'PurserMuted')
  self:paint(row, #lead, row, #lead + #name, 'PurserTool')
  self:paint(row, #lead + #name, row, #lines[1], 'PurserToolArgument')
  if #lines > 1 then
    self:paint(row + 1, 0, row + #lines - 1, #lines[#lines], 'PurserToolOutput')
  end
  if item.id then
    self.calls[item.id] = index
  end
end

---@private
---@param index integer
---@param item purser.Item
function Transcript:tool_result(index, item)
  if self.blocks[index] then
    return
  end
  local set = glyphs.get()
  local call = self.blocks[self.calls[item.id or ''] or 0]
  if not call then
    return
  end
  self.blocks[index] = call
  call.result = true
  local took = vim.uv.now() - (call.started_ms or vim.uv.now())
  local tail = item.failed and (' %s failed'):format(set.ascii and set.warn or set.failed) or ' ' .. set.ok
  if took >= 100 then
    tail = ('%s %s'):format(tail, format.duration(took))
  end
  self:finish_head(call, tail, item.failed and 'PurserError' or 'PurserGood')
  local text = printable(item.text):gsub('\n+$', '')
  if text == '' then
    return
  end
  local lines = vim.split(text, '\n', { plain = true })
  local more = #lines - OUTPUT_LINES
  if more > 0 then
    lines = vim.list_slice(lines, 1, OUTPUT_LINES)
    lines[#lines + 1] = ('%s %s more'):format(set.ellipsis, format.count(more, 'line'))
  end
  for i, line in ipairs(lines) do
    lines[i] = ('%s%s %s'):format(INDENT, set.rule, line)
  end
  -- Put in after the end of a line, not before the start of the next, where that block's mark is.
  local at = self:row_of(call) + call.lines
  local column = #vim.api.nvim_buf_get_lines(self.buf, at - 1, at, false)[1]
  vim.api.nvim_buf_set_text(self.buf, at - 1, column, at - 1, column, vim.list_extend({ '' }, lines))
  self:paint(at, 0, at + #lines - 1, #lines[#lines], item.failed and 'PurserError' or 'PurserToolOutput')
  call.lines = call.lines + #lines
end

---@type table<string, { mark: string, group: string }>
local LEVELS = {
  info = { mark = 'info', group = 'PurserInfo' },
  warn = { mark = 'retry', group = 'PurserWarn' },
  error = { mark = 'failed', group = 'PurserError' },
}

---@private
---@param index integer
---@param item purser.Item
function Transcript:notice(index, item)
  if self.blocks[index] then
    return
  end
  local level = LEVELS[item.level or 'info'] or LEVELS.info
  local lines = vim.split(printable(item.text), '\n', { plain = true })
  for i, line in ipairs(lines) do
    lines[i] = ('%s%s %s'):format(INDENT, i == 1 and glyphs.get()[level.mark] or ' ', line)
  end
  self:open(index, 'notice', lines, level.group)
end

--- Thinking is over when something else comes.
---@private
---@param index integer
function Transcript:end_thinking(index)
  local block = self.blocks[index]
  if block and block.kind == 'thinking' and not block.result then
    block.result = true
    local took = vim.uv.now() - (block.started_ms or vim.uv.now())
    block.head = INDENT .. glyphs.get().thinking .. ' '
    self:finish_head(block, took >= 1000 and 'thought for ' .. format.duration(took) or 'thought', 'PurserThinking')
  end
end

--- What was asked, at the top.
function Transcript:prompt()
  local lines = {}
  for _, line in ipairs(vim.split(printable(self.run.prompt), '\n', { plain = true })) do
    lines[#lines + 1] = '> ' .. line
  end
  local selection = self.run.selection
  if selection then
    local set = glyphs.get()
    lines[#lines + 1] = ('> %s:%d%s%d'):format(selection.file, selection.first, set.dash, selection.last)
  end
  self:open(0, 'prompt', lines, 'PurserPrompt')
end

--- Writes the items that changed, from index `first` on.
---@param first integer
function Transcript:update(first)
  local items = self.run.items
  for index = first, #items do
    local item = items[index]
    if index > 1 and not self.blocks[index] then
      self:end_thinking(index - 1)
    end
    if item.kind == 'text' and not item.sidechain then
      self:text(index, item)
    elseif item.kind == 'text' then
      self:folded_text(index, item, 'subagent')
    elseif item.kind == 'thinking' then
      self:folded_text(index, item, 'thinking')
    elseif item.kind == 'tool_call' then
      self:tool_call(index, item)
    elseif item.kind == 'tool_result' then
      self:tool_result(index, item)
    elseif item.kind == 'notice' then
      self:notice(index, item)
    end
  end
end

--- The last lines: how it ended, and what to do about it.
---@param lines { [1]: string, [2]: string }[] text and highlight
function Transcript:close(lines)
  self:end_thinking(#self.run.items)
  local texts = {}
  for i, line in ipairs(lines) do
    texts[i] = INDENT .. line[1]
  end
  local _, row = self:open(-1, 'closing', texts)
  for i, line in ipairs(lines) do
    self:paint(row + i - 1, 0, row + i - 1, #texts[i], line[2])
  end
end

return M
