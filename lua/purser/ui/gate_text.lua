--- What the gate's prompt says: what is spent and held, the limit and when it resets, and what this run would cost. Pure.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local width = require('purser.ui.width')

local M = {}

---@param budget purser.Budget
---@return string
local function subject(budget)
  local kind, key = budget.scope:match('^(%a+):(.*)$')
  if kind == 'agent' then
    return key .. ' has spent'
  elseif kind == 'workspace' then
    return 'In ' .. format.path(key, 30) .. ' was spent'
  end
  return 'In all was spent'
end

--- "≈ 3.1–4.0 ¢"
---@param refusal purser.Refusal
---@param low? integer
---@return string?
local function estimate(refusal, low)
  local high = refusal.estimate_nanousd
  if not high or high < 0 then
    return nil
  end
  if low and low > 0 and low <= high then
    return ('%s %s'):format(glyphs.get().about, format.range(low, high))
  end
  return 'at most ' .. format.rough(high)
end

--- Everything in a sentence, for vim.ui.select.
---@param refusal purser.Refusal
---@param low? integer
---@return string
function M.sentence(refusal, low)
  local cost = estimate(refusal, low)
  local text = glyphs.plain(refusal.message or 'the budget is exhausted'):gsub('%.$', '')
  return cost and ('%s. This run: %s'):format(text, cost) or text
end

---@param refusal purser.Refusal
---@return string
function M.title(refusal)
  if refusal.run then
    return 'Budget reached by a run under way'
  elseif refusal.refusal == 'never' then
    return 'Larger than the whole budget'
  elseif refusal.refusal == 'unpriced' then
    return 'No price is known'
  elseif refusal.refusal == 'wait' then
    return 'Does not fit now'
  end
  return 'Budget reached'
end

---@param refusal purser.Refusal
---@param offers purser.GateOffer[]
---@param cells integer
---@param now_ms integer
---@param low? integer what the run costs if it goes well, in nano-dollars
---@return purser.ui.Text
function M.draw(refusal, offers, cells, now_ms, low)
  local out = Text.new():nl()
  local budget = refusal.budget
  local share = parts.share_spent(budget)
  local inner = cells - 4
  local body = Text.new()
  if budget and share and budget.limit_nanousd then
    body:add(subject(budget) .. ' '):add(format.money(budget.spent_nanousd or 0), 'PurserTotal')
    body:add((' of %s %s'):format(format.money(budget.limit_nanousd), format.period(budget.period))):nl()
    local held = parts.share(budget.held_nanousd, budget.limit_nanousd)
    bar.thin(body, share, inner - 7, { group = bar.group(share), track = true, held = held })
    body:add(width.pad(format.percent(share), 7, true), share >= 0.8 and bar.group(share) or nil):nl()
    local notes = {}
    if (budget.held_nanousd or 0) > 0 then
      notes[#notes + 1] = format.money(budget.held_nanousd) .. ' is held by runs under way'
    end
    if budget.resets_at_ms then
      notes[#notes + 1] = ('resets %s, on %s'):format(
        format.until_then(budget.resets_at_ms, now_ms),
        format.day_of(budget.resets_at_ms)
      )
    end
    for _, line in ipairs(width.wrap(table.concat(notes, (' %s '):format(glyphs.get().separator)), inner)) do
      body:add(line, 'PurserMuted'):nl()
    end
  else
    for _, line in ipairs(width.wrap(glyphs.plain(refusal.message or ''), inner)) do
      body:add(line):nl()
    end
  end
  body:nl()
  local what = {}
  what[#what + 1] = refusal.model
  what[#what + 1] = refusal.effort and refusal.effort .. ' effort'
  local cost = estimate(refusal, low)
  body:add('This run: ', 'PurserMuted')
  if refusal.run then
    body:add(format.cost(refusal.run.sums), 'PurserTotal'):add(' so far')
  else
    body:add(cost or 'no estimate', cost and 'PurserTotal' or 'PurserWarn')
  end
  if #what > 0 and body:column() + width.of(table.concat(what, ', ')) + 2 <= inner then
    body:add('  ' .. table.concat(what, ', '), 'PurserMuted')
  end
  body:nl()
  local prompt = refusal.spec and refusal.spec.prompt
  if prompt and prompt ~= '' then
    local first = width.clean(prompt:match('^[^\n]*'))
    body:add(width.cut(first, inner), 'PurserPrompt'):nl()
  end
  out:append(body, 2):nl()
  for i, offer in ipairs(offers) do
    out:item(i)
    out:add(('  %d '):format(i), 'PurserKey'):add(width.cut(' ' .. offer.text, cells - 6), nil):to(cells)
    out:item(nil):nl()
  end
  return out
end

return M
