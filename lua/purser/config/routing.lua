--- What of `routing` must agree with the rest of it.

local M = {}

--- The kinds of task that the core tells apart by itself (csrc/advice/task_kind.c), and the one for all else.
M.KINDS = { 'formatting', 'fix', 'feature', 'architecture', 'other' }

---@param valid table
---@param given table
---@return string? field
---@return string? problem
function M.rule(valid, given)
  if given.match == nil then
    return 'match', 'which words?'
  elseif given.kind == nil then
    return 'kind', 'which kind of task?'
  elseif valid.match and not valid.match:find('[%w\128-\255]') then
    return 'match', ('expected words, got %q'):format(valid.match)
  elseif valid.kind == '' then
    return 'kind', 'expected a name, got ""'
  end
end

--- A rule for a kind that nothing is said of leads nowhere: most likely it is misspelt.
---@param valid table
---@return string? field
---@return string? problem
function M.whole(valid)
  local known = vim.list_extend(vim.tbl_keys(valid.kinds or {}), M.KINDS)
  table.sort(known)
  for i, rule in ipairs(valid.rules or {}) do
    if rule.kind and not vim.list_contains(known, rule.kind) then
      local meant = require('purser.config.validate').suggest(rule.kind, known)
      local hint = meant and (', did you mean "%s"?'):format(meant) or ': say in routing.kinds what it is served with'
      return 'rules', ('rule %d: nothing is said of the kind "%s"%s'):format(i, rule.kind, hint)
    end
  end
end

return M
