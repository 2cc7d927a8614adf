--- What the review has found, in words: each finding with the figures behind it, and the dearest of them.

local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')

local M = {}

---@class purser.Finding
---@field kind "verbose_prompt"|"context"|"break_up"|"cold_cache"|"model"
---@field nanousd integer
---@field measured boolean
---@field figure integer
---@field usual integer
---@field model? string
---@field dismissed? boolean it was waved aside

---@class purser.Reviewed
---@field run purser.RunRow
---@field findings purser.Finding[] dearest first

--- A word for it, and one sentence with its figures.
---@type table<string, fun(finding: purser.Finding): string, string>
local SAYS = {
  verbose_prompt = function(finding)
    return 'Verbose prompt',
      ('the first request had %s tokens, usually %s'):format(
        format.tokens(finding.figure),
        format.tokens(finding.usual)
      )
  end,
  context = function(finding)
    return 'Context should be compacted',
      ('%d %% of the prompt tokens were sent before; the context grew %d-fold'):format(finding.figure, finding.usual)
  end,
  break_up = function(finding)
    local usual = finding.usual > 0 and (', usually %s'):format(format.number(finding.usual)) or ''
    return 'Task should be broken up', ('%s%s'):format(format.count(finding.figure, 'request'), usual)
  end,
  cold_cache = function(finding)
    return 'Cold cache',
      ('%s tokens were written to the cache, %s read from it'):format(
        format.tokens(finding.figure),
        format.tokens(finding.usual)
      )
  end,
  model = function(finding)
    return 'Small task on a large model',
      ('%s tokens of answer; the same tokens with %s'):format(
        format.tokens(finding.figure),
        finding.model or 'a smaller one'
      )
  end,
}

---@param finding purser.Finding
---@return string what
---@return string why
function M.says(finding)
  local says = SAYS[finding.kind]
  if says then
    return says(finding)
  end
  -- A newer core may know more.
  return (finding.kind:gsub('_', ' '):gsub('^%l', string.upper)),
    ('%d, usually %d'):format(finding.figure, finding.usual)
end

--- "≈ 91.20 ¢" where something was assumed, "91.20 ¢" where it was measured.
---@param finding purser.Finding
---@return string
function M.amount(finding)
  local about = finding.measured and '' or glyphs.get().about .. ' '
  return about .. format.money(finding.nanousd)
end

--- What could have been saved: of each run the dearest finding, for they overlap.
---@param reviewed? purser.Reviewed[]
---@return integer
function M.sum(reviewed)
  local sum = 0
  for _, one in ipairs(reviewed or {}) do
    for _, finding in ipairs(one.findings) do
      if not finding.dismissed then
        sum = sum + finding.nanousd
        break
      end
    end
  end
  return sum
end

--- The dearest findings, one of a run.
---@param reviewed? purser.Reviewed[]
---@param limit integer
---@return { run: purser.RunRow, finding: purser.Finding }[]
function M.top(reviewed, limit)
  local out = {}
  for i, one in ipairs(reviewed or {}) do
    if one.findings[1] then
      out[#out + 1] = { run = one.run, finding = one.findings[1], at = i }
    end
  end
  table.sort(out, function(a, b)
    local x, y = a.finding.nanousd, b.finding.nanousd
    return x == y and a.at < b.at or x > y
  end)
  return vim.list_slice(out, 1, limit)
end

return M
