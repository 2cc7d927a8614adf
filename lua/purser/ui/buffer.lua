--- Puts a drawn text into a buffer: one change of the lines, then the highlights.

local slices = require('purser.ui.slices')

local M = {}

local namespace = vim.api.nvim_create_namespace('purser')

--- A buffer for drawn text: nobody's file, not listed, gone when its window is.
---@param filetype string
---@param name string purser://…
---@param later? boolean tell of the filetype when there is time: looking for its plugins takes some
---@return integer buf
function M.new(filetype, name, later)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].buftype = 'nofile'
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].swapfile = false
  vim.bo[buf].undolevels = -1
  vim.bo[buf].modifiable = false
  if later then
    vim.schedule(function()
      if vim.api.nvim_buf_is_valid(buf) then
        vim.bo[buf].filetype = filetype
      end
    end)
  else
    vim.bo[buf].filetype = filetype
  end
  -- Two windows of a kind can be open: the later one gets a number.
  local wanted, n = name, 2
  while vim.fn.bufexists(wanted) == 1 do
    wanted = ('%s-%d'):format(name, n)
    n = n + 1
  end
  vim.api.nvim_buf_set_name(buf, wanted)
  return buf
end

--- What stands in a buffer since it was last drawn.
---@class (exact) purser.ui.Drawn
---@field lines string[]
---@field marks string[] the highlights of each line, as one text
---@field tick integer

local drawn = {} ---@type table<integer, purser.ui.Drawn>

--- The highlights of each line as one text, for comparing them.
---@param count integer
---@param spans purser.ui.Span[]
---@return string[]
local function marks_of(count, spans)
  local out = {}
  for row = 1, count do
    out[row] = ''
  end
  for _, span in ipairs(spans) do
    slices.pause()
    local row = span.row + 1
    out[row] = ('%s%d,%d,%s;'):format(out[row], span.first, span.last, span.group)
  end
  return out
end

--- The rows that differ from what stands there; nil: all of them.
---@param before? purser.ui.Drawn
---@param lines string[]
---@param marks string[]
---@return table<integer, true>? rows from 0
local function changed(before, lines, marks)
  if not before or #before.lines ~= #lines then
    return nil
  end
  local out = {}
  for i, line in ipairs(lines) do
    if before.lines[i] ~= line or before.marks[i] ~= marks[i] then
      out[i - 1] = true
    end
  end
  return out
end

--- What drawing a text needs to know of it: all that can be found out before the buffer is touched.
---@class (exact) purser.ui.Ready
---@field lines string[]
---@field spans purser.ui.Span[]
---@field marks string[]

---@param text purser.ui.Text
---@return purser.ui.Ready
function M.prepare(text)
  local lines, spans = text:render()
  return { lines = lines, spans = spans, marks = marks_of(#lines, spans) }
end

--- Draws the text. What stands there already is left alone, so that fresh figures cost what has changed.
---@param buf integer
---@param text purser.ui.Text
---@param ready? purser.ui.Ready what prepare() made of it
---@return boolean anew all of it was drawn, so that the cursor may have moved
function M.draw(buf, text, ready)
  ready = ready or M.prepare(text)
  local lines, spans, marks = ready.lines, ready.spans, ready.marks
  local before = drawn[buf]
  if before and before.tick ~= vim.api.nvim_buf_get_changedtick(buf) then
    before = nil
  end
  local rows = changed(before, lines, marks)
  vim.bo[buf].modifiable = true
  if rows then
    for row in pairs(rows) do
      vim.api.nvim_buf_set_lines(buf, row, row + 1, false, { lines[row + 1] })
      vim.api.nvim_buf_clear_namespace(buf, namespace, row, row + 1)
    end
  else
    vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
    vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  end
  vim.bo[buf].modifiable = false
  for _, span in ipairs(spans) do
    if not rows or rows[span.row] then
      vim.api.nvim_buf_set_extmark(buf, namespace, span.row, span.first, {
        end_col = span.last,
        hl_group = span.group,
      })
    end
  end
  vim.bo[buf].modified = false
  for known in pairs(drawn) do
    if not vim.api.nvim_buf_is_valid(known) then
      drawn[known] = nil
    end
  end
  drawn[buf] = { lines = lines, marks = marks, tick = vim.api.nvim_buf_get_changedtick(buf) }
  return rows == nil
end

return M
