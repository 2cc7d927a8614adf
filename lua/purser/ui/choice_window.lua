--- A window that asks: a text with numbered choices below it. It comes by itself, perhaps in the middle of a word, so what is typed in its
--- first moments is not an answer; the safest choice is under the cursor.

local buffer = require('purser.ui.buffer')
local window = require('purser.ui.window')

local M = {}

--- What is typed in this time is not an answer.
local ARM_MS = 300

local pointer = vim.api.nvim_create_namespace('purser.gate')

---@return boolean
function M.select_is_neovims()
  local info = debug.getinfo(vim.ui.select, 'S')
  return info ~= nil and info.source:find('vim/ui.lua', 1, true) ~= nil
end

---@return integer cells of such a window
function M.columns()
  return vim.o.columns < 76 and vim.o.columns - 2 or 72
end

---@class (exact) purser.ui.Choices
---@field name string of the buffer and its filetype: "gate"
---@field title string
---@field text purser.ui.Text the choices are its items
---@field texts string[] the choices, for the help
---@field give_up string what <Esc> means, as a sentence
---@field give_up_hint string
---@field take fun(index: integer) a choice was made; the window is still there
---@field on_close fun() given up: it was closed by the user or by somebody else
---@field more? fun(armed: fun(): boolean): purser.ui.Key[] keys besides

--- Opens it. The answer's close() takes it away.
---@param options purser.ui.Choices
---@return purser.ui.Window
function M.open(options)
  local text = options.text
  local columns = M.columns()
  local buf = buffer.new('purser-' .. options.name, 'purser://' .. options.name)
  local opened = vim.uv.now()
  local self ---@type purser.ui.Window

  local function armed()
    return vim.uv.now() - opened >= ARM_MS
  end

  ---@param index? integer
  local function take(index)
    if index and armed() then
      options.take(index)
    end
  end

  ---@type purser.ui.Key[]
  local list = {
    {
      lhs = '<CR>',
      desc = 'Take the choice under the cursor',
      hint = 'take',
      rank = 2,
      run = function()
        take(text:item_at(vim.api.nvim_win_get_cursor(self.win)[1]))
      end,
    },
    {
      lhs = { '<Esc>', 'q', '<C-c>' },
      desc = options.give_up,
      hint = options.give_up_hint,
      rank = 1,
      run = function()
        self:close()
        options.on_close()
      end,
    },
  }
  vim.list_extend(list, options.more and options.more(armed) or {})
  for i, choice in ipairs(options.texts) do
    list[#list + 1] = {
      lhs = tostring(i),
      show = i == 1 and ('1-%d'):format(#options.texts) or nil,
      desc = choice,
      hint = i == 1 and 'choose' or nil,
      rank = 1,
      run = function()
        take(i)
      end,
    }
  end
  buffer.draw(buf, text)
  vim.cmd.stopinsert()
  self = window.open({
    buf = buf,
    title = { { (' %s '):format(options.title), 'PurserAlert' } },
    keys = list,
    size = function()
      return columns, text:height()
    end,
    zindex = 70,
    on_close = options.on_close,
  })

  local function point()
    vim.api.nvim_buf_clear_namespace(buf, pointer, 0, -1)
    local row = vim.api.nvim_win_get_cursor(self.win)[1]
    if text:item_at(row) then
      vim.api.nvim_buf_set_extmark(buf, pointer, row - 1, 0, { line_hl_group = 'PurserCurrent' })
    end
  end
  local rows = text:items()
  -- The safest choice is the last, and under the cursor: a stray <CR> runs nothing.
  vim.api.nvim_win_set_cursor(self.win, { rows[#rows].row, 2 })
  point()
  vim.api.nvim_create_autocmd('CursorMoved', {
    buffer = buf,
    desc = 'purser: show the choice',
    callback = function()
      -- Only choices can be chosen.
      local row = vim.api.nvim_win_get_cursor(self.win)[1]
      if row < rows[1].row then
        vim.api.nvim_win_set_cursor(self.win, { rows[1].row, 2 })
      elseif row > rows[#rows].row then
        vim.api.nvim_win_set_cursor(self.win, { rows[#rows].row, 2 })
      end
      point()
    end,
  })
  return self
end

return M
