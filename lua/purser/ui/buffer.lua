--- Puts a drawn text into a buffer: one change of the lines, then the highlights.

local M = {}

local namespace = vim.api.nvim_create_namespace('purser')

--- A buffer for drawn text: nobody's file, not listed, gone when its window is.
---@param filetype string
---@param name string purser://…
---@return integer buf
function M.new(filetype, name)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].buftype = 'nofile'
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].swapfile = false
  vim.bo[buf].undolevels = -1
  vim.bo[buf].modifiable = false
  vim.bo[buf].filetype = filetype
  -- Two windows of a kind can be open: the later one gets a number.
  local wanted, n = name, 2
  while vim.fn.bufexists(wanted) == 1 do
    wanted = ('%s-%d'):format(name, n)
    n = n + 1
  end
  vim.api.nvim_buf_set_name(buf, wanted)
  return buf
end

---@param buf integer
---@param text purser.ui.Text
function M.draw(buf, text)
  local lines, spans = text:render()
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].modifiable = false
  vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  for _, span in ipairs(spans) do
    vim.api.nvim_buf_set_extmark(buf, namespace, span.row, span.first, {
      end_col = span.last,
      hl_group = span.group,
    })
  end
  vim.bo[buf].modified = false
end

return M
