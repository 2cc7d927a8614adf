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
  elseif refusal.refusal == 'unavailable' then
    return "The ledger can't be asked"
  end
  return 'Budget reached'
end

---@param body purser.ui.Text
---@param text string
---@param cells integer
---@param group? string
local function wrapped(body, text, cells, group)
  for _, line in ipairs(width.wrap(text, cells)) do
    body:add(line, group):nl()
  end
end

--- Where the budget stands: spent and held of the limit, and when it resets.
---@param body purser.ui.Text
---@param budget purser.Budget
---@param cells integer
---@param now_ms integer
local function standing(body, budget, cells, now_ms)
  local share = parts.share_spent(budget) --[[@as number]]
  body:add(subject(budget) .. ' '):add(format.money(budget.spent_nanousd or 0), 'PurserTotal')
  body:add((' of %s %s'):format(format.money(budget.limit_nanousd), format.period(budget.period))):nl()
  local held = parts.share(budget.held_nanousd, budget.limit_nanousd)
  bar.thin(body, share, cells - 7, { group = bar.group(share), track = true, held = held })
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
  wrapped(body, table.concat(notes, (' %s '):format(glyphs.get().separator)), cells, 'PurserMuted')
end

--- What the run would cost, with what it is.
---@param body purser.ui.Text
---@param refusal purser.Refusal
---@param cells integer
---@param low? integer
local function the_run(body, refusal, cells, low)
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
  if #what > 0 and body:column() + width.of(table.concat(what, ', ')) + 2 <= cells then
    body:add('  ' .. table.concat(what, ', '), 'PurserMuted')
  end
  body:nl()
  local prompt = refusal.spec and refusal.spec.prompt
  if prompt and prompt ~= '' then
    body:add(width.cut(width.clean(prompt:match('^[^\n]*')), cells), 'PurserPrompt'):nl()
  end
end

local NO_PRICE = '%s has no price, so no budget can count it. Give it one in prices.json, or set fallback_rate '
  .. '(:help purser-budget-unpriced).'

---@param refusal purser.Refusal
---@param offers purser.GateOffer[]
---@param cells integer
---@param now_ms integer
---@param low? integer what the run costs if it goes well, in nano-dollars
---@return purser.ui.Text
function M.draw(refusal, offers, cells, now_ms, low)
  local budget = refusal.budget
  local inner = cells - 4
  local body = Text.new()
  if budget and budget.limit_nanousd and budget.limit_nanousd > 0 then
    standing(body, budget, inner, now_ms)
  else
    wrapped(body, glyphs.plain(refusal.message or ''), inner)
  end
  body:nl()
  if refusal.refusal == 'unavailable' then
    wrapped(body, 'No budget can be asked, so no run starts.', inner, 'PurserMuted')
  else
    if refusal.refusal == 'unpriced' then
      wrapped(body, NO_PRICE:format(refusal.model or 'This model'), inner, 'PurserWarn')
      body:nl()
    end
    the_run(body, refusal, inner, low)
  end
  local out = Text.new():nl()
  out:append(body, 2):nl()
  for i, offer in ipairs(offers) do
    out:item(i)
    out:add(('  %d '):format(i), 'PurserKey'):add(width.cut(' ' .. offer.text, cells - 6), nil):to(cells)
    out:item(nil):nl()
  end
  return out
end

return M
