--- A value of a window, changed where it stands: one line to type in, and beside it what is wrong with it or what it means.
--- <CR> saves, <Esc> leaves it as it was, <Tab> offers what is known.

local width = require('purser.ui.width')

local M = {}

local namespace = vim.api.nvim_create_namespace('purser.field')

---@class (exact) purser.ui.FieldOptions
---@field win integer the window that the value stands in
---@field row integer from 1
---@field column integer cells before the value, from 0
---@field value string
---@field read fun(text: string): any, string? the value, or nil and the reason
---@field says? fun(value: any): string? what a right value means
---@field complete? fun(): string[] what is known
---@field on_save fun(value: any, fail: fun(problem: string)) fail() keeps the field open
---@field on_leave? fun()

---@class purser.ui.Field
---@field options purser.ui.FieldOptions
---@field win integer
---@field buf integer
---@field private problem? string
---@field private closed boolean
local Field = {}
Field.__index = Field

---@return string
function Field:text()
  return vim.api.nvim_buf_get_lines(self.buf, 0, 1, false)[1] or ''
end

--- What stands beside the text; below it where there is no room.
---@param note? string
---@param group string
function Field:say(note, group)
  vim.api.nvim_buf_clear_namespace(self.buf, namespace, 0, -1)
  local cells = vim.api.nvim_win_get_width(self.win)
  local rows = 1
  if note and note ~= '' then
    local room = cells - width.of(self:text()) - 3
    if width.of(note) <= room then
      vim.api.nvim_buf_set_extmark(self.buf, namespace, 0, 0, {
        virt_text = { { '  ' .. note, group } },
        virt_text_pos = 'eol',
      })
    else
      local lines = {}
      for _, line in ipairs(width.wrap(note, cells)) do
        lines[#lines + 1] = { { line, group } }
      end
      vim.api.nvim_buf_set_extmark(self.buf, namespace, 0, 0, { virt_lines = lines })
      rows = 1 + #lines
    end
  end
  vim.api.nvim_win_set_height(self.win, rows)
end

---@private
function Field:check()
  local value, problem = self.options.read(self:text())
  self.problem = problem
  if problem then
    self:say(problem, 'PurserError')
  else
    self:say(self.options.says and self.options.says(value), 'PurserMuted')
  end
  return value, problem
end

function Field:close()
  if self.closed then
    return
  end
  self.closed = true
  vim.cmd.stopinsert()
  pcall(vim.api.nvim_win_close, self.win, true)
  if vim.api.nvim_win_is_valid(self.options.win) then
    vim.api.nvim_set_current_win(self.options.win)
  end
end

function Field:leave()
  if not self.closed then
    self:close()
    if self.options.on_leave then
      self.options.on_leave()
    end
  end
end

function Field:save()
  local value, problem = self:check()
  if problem then
    return
  end
  self.options.on_save(value, function(why)
    if not self.closed then
      self:say(why, 'PurserError')
    end
  end)
end

---@private
function Field:offer()
  if vim.fn.pumvisible() == 1 then
    return vim.api.nvim_feedkeys(vim.keycode('<C-n>'), 'n', false)
  end
  local words = self.options.complete and self.options.complete() or {}
  if #words > 0 then
    vim.fn.complete(1, words)
  end
end

---@private
function Field:map()
  local function map(modes, lhs, desc, run)
    vim.keymap.set(modes, lhs, run, { buffer = self.buf, nowait = true, desc = desc })
  end
  map({ 'n', 'i' }, '<CR>', 'Save', function()
    if vim.fn.pumvisible() == 1 then
      return vim.api.nvim_feedkeys(vim.keycode('<C-y>'), 'n', false)
    end
    self:save()
  end)
  map({ 'n', 'i' }, '<C-s>', 'Save', function()
    self:save()
  end)
  map({ 'n', 'i' }, '<Esc>', 'Leave it as it was', function()
    self:leave()
  end)
  map({ 'n', 'i' }, '<C-c>', 'Leave it as it was', function()
    self:leave()
  end)
  map('n', 'q', 'Leave it as it was', function()
    self:leave()
  end)
  map('i', '<Tab>', 'What is known', function()
    self:offer()
  end)
end

---@private
function Field:watch()
  local group = vim.api.nvim_create_augroup('purser.field.' .. self.buf, {})
  vim.api.nvim_create_autocmd({ 'TextChanged', 'TextChangedI', 'TextChangedP' }, {
    group = group,
    buffer = self.buf,
    desc = 'purser: say what is wrong with it',
    callback = function()
      if vim.api.nvim_buf_line_count(self.buf) > 1 then
        -- A pasted newline: one line is all there is.
        local all = table.concat(vim.api.nvim_buf_get_lines(self.buf, 0, -1, false), ' ')
        vim.api.nvim_buf_set_lines(self.buf, 0, -1, false, { vim.trim(all) })
      end
      self:check()
    end,
  })
  vim.api.nvim_create_autocmd('WinLeave', {
    group = group,
    buffer = self.buf,
    desc = 'purser: a field that is left is as it was',
    callback = function()
      vim.schedule(function()
        self:leave()
      end)
    end,
  })
end

---@param options purser.ui.FieldOptions
---@return purser.ui.Field
function M.open(options)
  require('purser.ui.highlights').setup()
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].buftype = 'nofile'
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].filetype = 'purser-field'
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, { options.value })
  local cells = math.max(8, vim.api.nvim_win_get_width(options.win) - options.column - 1)
  local self = setmetatable({ options = options, buf = buf, closed = false }, Field)
  self.win = vim.api.nvim_open_win(buf, true, {
    relative = 'win',
    win = options.win,
    bufpos = { options.row - 1, 0 },
    row = 0,
    col = options.column,
    width = cells,
    height = 1,
    style = 'minimal',
    border = 'none',
    zindex = 60,
  })
  local wo = vim.wo[self.win][0]
  wo.wrap = false
  wo.winhighlight = 'NormalFloat:PurserCurrent'
  self:map()
  self:watch()
  self:check()
  vim.api.nvim_win_set_cursor(self.win, { 1, #options.value })
  vim.cmd.startinsert({ bang = true })
  return self
end

return M
