--- How a command answers: in the messages, or on stdout when Neovim runs without a screen.

local M = {}

---@return boolean
function M.headless()
  return #vim.api.nvim_list_uis() == 0
end

---@param text string
function M.out(text)
  if M.headless() then
    io.stdout:write(text, text:sub(-1) == '\n' and '' or '\n')
    io.stdout:flush()
  else
    vim.api.nvim_echo({ { text } }, true, {})
  end
end

---@param message string
function M.fail(message)
  require('purser.notify').error(message)
end

--- Text that is too long for the messages goes into a window of its own.
---@param title string
---@param text string
function M.page(title, text)
  local lines = vim.split(vim.trim(text), '\n', { plain = true })
  if M.headless() or #lines <= math.max(1, vim.o.cmdheight) then
    return M.out(table.concat(lines, '\n'))
  end
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].modifiable = false
  vim.bo[buf].filetype = 'purser'
  pcall(vim.api.nvim_buf_set_name, buf, 'purser://' .. title)
  vim.cmd('botright ' .. math.min(#lines, 15) .. 'split')
  vim.api.nvim_win_set_buf(0, buf)
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buf, desc = 'Close' })
end

return M
