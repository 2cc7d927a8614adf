--- `:CostReport`

local M = {}

---@param words string[]
function M.open(words)
  local line = require('purser.commands.parse').report(words)
  if line.problem then
    return require('purser.commands.say').fail(line.problem)
  elseif line.view == 'workspace' and line.args.name or line.args.scope == 'workspace' then
    local path = vim.fs.normalize(vim.fn.fnamemodify(line.args.name or '.', ':p'))
    return require('purser.workspace').root(path, function(root)
      line.args.name = root
      require('purser.views').open(line.view, line.args)
    end)
  end
  require('purser.views').open(line.view, line.args)
end

---@param command purser.Command
function M.run(command)
  M.open(command.fargs)
end

--- This month and the eleven before it.
---@return string[]
local function months()
  local dates = require('purser.ui.dates')
  local out = {}
  for back = 0, 11 do
    out[#out + 1] = dates.shift_month(dates.of(dates.now_ms()):sub(1, 7), -back)
  end
  return out
end

---@param lead string
---@param words string[] whole words before the lead
---@return string[]
function M.candidates(lead, words)
  local parse = require('purser.commands.parse')
  if #words == 0 then
    local views = { 'agent', 'workspace', 'run', 'whatif', 'advice', 'digest', 'kinds' }
    return vim.list_extend(views, vim.list_extend(vim.list_slice(parse.TABS), parse.WHERE))
  elseif words[1] == 'whatif' or words[1] == 'review' or words[1] == 'kinds' then
    if #words == 1 then
      return vim.list_extend({ 'agent', 'workspace' }, parse.WHERE)
    end
    return #words == 2 and M.candidates(lead, { words[2] }) or vim.list_slice(parse.WHERE)
  elseif #words == 1 and words[1] == 'digest' then
    return vim.list_extend(months(), parse.WHERE)
  elseif #words == 1 and words[1] == 'agent' then
    return require('purser.agents').names()
  elseif #words == 1 and words[1] == 'workspace' then
    return vim.list_extend(vim.fn.getcompletion(lead, 'dir'), parse.WHERE)
  elseif #words == 1 and words[1] == 'run' then
    local out = {}
    for _, run in ipairs(require('purser.runs').list()) do
      out[#out + 1] = run.id and tostring(run.id) or nil
    end
    return out
  end
  return vim.list_slice(parse.WHERE)
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:gsub('^.-CostReport%s*', '', 1)), '%s+', { trimempty = true })
  if lead ~= '' then
    table.remove(words)
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, M.candidates(lead, words))
end

return M
