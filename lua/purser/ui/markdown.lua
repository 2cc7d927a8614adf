--- Colours for markdown that is still being written, in a buffer.
---
--- Neovim's own highlighter parses a paragraph, and what follows, anew with each change, which slows a long answer down with every
--- word. Here each line is coloured when it is written, by itself. Code is left to its language's own parser, once its fence is
--- closed, in slices.

local slices = require('purser.ui.slices')
local spans_of = require('purser.ui.markdown_line').spans

local M = {}

local namespace = vim.api.nvim_create_namespace('purser.markdown')
local marks = vim.api.nvim_create_namespace('purser.markdown.marks')

--- A line longer than this is coloured when it is complete.
local LIVE_BYTES = 2000

--- Code beyond this stays in one colour.
local CODE_BYTES = 64 * 1024

--- What fences call languages that have another name as parsers.
local ALIASES = { sh = 'bash', shell = 'bash', zsh = 'bash', js = 'javascript', ts = 'typescript', py = 'python' }

local SKIP = { spell = true, nospell = true, conceal = true, none = true }

---@class purser.Markdown
---@field buf integer
---@field private state purser.MarkdownState as it is before the line that is not complete
---@field private at? integer extmark on that line
---@field private code? integer extmark on the line after an open fence
local Markdown = {}
Markdown.__index = Markdown

---@param buf integer
---@return purser.Markdown
function M.new(buf)
  return setmetatable({ buf = buf, state = {} }, Markdown)
end

---@private
---@param mark? integer
---@return integer?
function Markdown:row_of(mark)
  return mark and vim.api.nvim_buf_get_extmark_by_id(self.buf, marks, mark, {})[1]
end

---@private
---@param row integer
---@param spans purser.MarkdownSpan[]
function Markdown:paint(row, spans)
  for _, span in ipairs(spans) do
    vim.api.nvim_buf_set_extmark(self.buf, namespace, row, span[1], {
      end_col = span[2],
      hl_group = span[3],
      priority = 90,
    })
  end
end

--- What each highlight group covers in a piece of code.
---@param text string
---@param language string
---@param breathe fun()
---@return { [1]: integer, [2]: integer, [3]: integer, [4]: integer, group: string }[]
local function code_spans(text, language, breathe)
  local lang = vim.treesitter.language.get_lang(language) or ALIASES[language] or language
  local out = {}
  local ok, parser = pcall(vim.treesitter.get_string_parser, text, lang)
  local query = ok and vim.treesitter.query.get(lang, 'highlights')
  if not ok or not query then
    return out
  end
  breathe()
  local tree = parser:parse()[1]
  breathe()
  for id, node in query:iter_captures(tree:root(), text) do
    local name = query.captures[id]
    if name:sub(1, 1) ~= '_' and not SKIP[name] then
      local row, column, last_row, last_column = node:range()
      out[#out + 1] = { row, column, last_row, last_column, group = ('@%s.%s'):format(name, lang) }
    end
    breathe()
  end
  return out
end

--- Colours code by its own language, when Neovim has a parser for it.
---@private
---@param first integer
---@param last integer excluded
---@param language string
function Markdown:paint_code(first, last, language)
  local lines = vim.api.nvim_buf_get_lines(self.buf, first, last, false)
  local text = table.concat(lines, '\n')
  if #text == 0 or #text > CODE_BYTES then
    return
  end
  -- Lines may be put in above before its turn has come.
  local mark = vim.api.nvim_buf_set_extmark(self.buf, marks, first, 0, {})
  slices.add(function(breathe)
    local spans = code_spans(text, language, breathe)
    if not vim.api.nvim_buf_is_valid(self.buf) then
      return
    end
    local at = self:row_of(mark)
    for _, span in ipairs(at and spans or {}) do
      -- A node may end at the start of the line after the last.
      local last_row, last_column = span[3], span[4]
      if last_row >= #lines then
        last_row, last_column = #lines - 1, #lines[#lines]
      end
      vim.api.nvim_buf_set_extmark(self.buf, namespace, at + span[1], span[2], {
        end_row = at + last_row,
        end_col = last_column,
        hl_group = span.group,
        priority = 95,
        strict = false,
      })
    end
    vim.api.nvim_buf_del_extmark(self.buf, marks, mark)
  end)
end

--- A complete line.
---@private
---@param row integer
---@param line string
function Markdown:take(row, line)
  local language = self.state.language
  local fenced = self.state.fence ~= nil
  self:paint(row, spans_of(line, self.state))
  if not fenced and self.state.fence then
    self.code = vim.api.nvim_buf_set_extmark(self.buf, marks, row, 0, {})
  elseif fenced and not self.state.fence then
    local first = self:row_of(self.code)
    if first and language then
      self:paint_code(first + 1, row, language)
    end
    self.code = nil
  end
end

--- Takes note of text that was written at the end of the buffer; its first line is `row`, if nothing was written before.
---@param row integer
---@param complete? boolean the last line, too
function Markdown:written(row, complete)
  local first = self:row_of(self.at) or row
  local count = vim.api.nvim_buf_line_count(self.buf)
  local lines = vim.api.nvim_buf_get_lines(self.buf, first, count, false)
  vim.api.nvim_buf_clear_namespace(self.buf, namespace, first, first + 1)
  for i = 1, complete and #lines or #lines - 1 do
    self:take(first + i - 1, lines[i])
  end
  -- The line may be empty yet: the mark stays before what is written there.
  self.at = vim.api.nvim_buf_set_extmark(self.buf, marks, count - 1, 0, { id = self.at, right_gravity = false })
  local last = lines[#lines]
  if not complete and #last < LIVE_BYTES then
    self:paint(count - 1, spans_of(last, vim.deepcopy(self.state)))
  end
end

--- The text is over: what follows is not markdown.
function Markdown:done()
  local row = self:row_of(self.at)
  if row then
    self:written(row, true)
    vim.api.nvim_buf_del_extmark(self.buf, marks, self.at)
  end
  self.at, self.code, self.state = nil, nil, {}
end

return M
