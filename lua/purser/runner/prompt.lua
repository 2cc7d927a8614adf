--- What is sent: the user's words, and the lines of a buffer that go with them.

local M = {}

--- The lines of a buffer, with what the agent needs to find them.
---@param buf integer
---@param first integer from 1
---@param last integer
---@param cwd string
---@return purser.Selection
function M.selection(buf, first, last, cwd)
  local name = vim.api.nvim_buf_get_name(buf)
  local file = name
  if name ~= '' and vim.startswith(name, cwd .. '/') then
    file = name:sub(#cwd + 2)
  end
  return {
    file = file ~= '' and file or '[No Name]',
    first = first,
    last = last,
    filetype = vim.bo[buf].filetype,
    lines = vim.api.nvim_buf_get_lines(buf, first - 1, last, false),
  }
end

--- A fence that nothing inside can close.
---@param lines string[]
---@return string
local function fence(lines)
  local longest = 2
  for _, line in ipairs(lines) do
    local ticks = line:match('^%s*(`+)')
    if ticks then
      longest = math.max(longest, #ticks)
    end
  end
  return ('`'):rep(longest + 1)
end

---@param prompt string
---@param selection? purser.Selection
---@return string
function M.compose(prompt, selection)
  if not selection then
    return prompt
  end
  local where = selection.first == selection.last and ('line %d'):format(selection.first)
    or ('lines %d-%d'):format(selection.first, selection.last)
  local ticks = fence(selection.lines)
  return table.concat({
    prompt,
    '',
    ('%s, %s:'):format(selection.file, where),
    '',
    ticks .. selection.filetype,
    table.concat(selection.lines, '\n'),
    ticks,
    '',
  }, '\n')
end

return M
