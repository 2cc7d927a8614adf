--- The ways from the figures to the advice about them: keys that several views have.

local M = {}

---@param browser purser.Browser
---@param lhs string
---@param desc string
---@param view string
---@param args? table
---@param hint? string
---@return purser.ui.Key
local function way(browser, lhs, desc, view, args, hint)
  return {
    lhs = lhs,
    desc = desc,
    hint = hint,
    rank = 6,
    last = true,
    group = 'Advice',
    run = function()
      browser:push(view, vim.deepcopy(args or {}))
    end,
  }
end

--- To the review, what if, advice and digest; of an agent or a workspace, where the view is about one.
---@param browser purser.Browser
---@param own string the view that they are pressed in
---@param within? { scope: "agent"|"workspace", name: string }
---@return purser.ui.Key[]
function M.keys(browser, own, within)
  local of = within and (' of the %s'):format(within.scope) or ''
  local all = {
    review = way(browser, 'v', ('Review%s: what stands out, and what it cost'):format(of), 'review', within, 'review'),
    what_if = way(
      browser,
      'w',
      ('What if: the same requests%s with other models'):format(of),
      'what_if',
      within,
      'what if'
    ),
    kinds = way(browser, 'K', ('Kinds of task%s: past runs by model and effort'):format(of), 'kinds', within),
    advice = way(browser, 'A', 'What became of suggestions that were accepted', 'advice'),
    digest = way(browser, 'm', 'The digest of the month, to read and to keep', 'digest'),
  }
  local out = {}
  for _, name in ipairs({ 'review', 'what_if', 'kinds', 'advice', 'digest' }) do
    if name ~= own then
      out[#out + 1] = all[name]
    end
  end
  return out
end

return M
