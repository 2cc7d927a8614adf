--- One budget: every part of it, to be changed where it stands, and where it is now.

local Text = require('purser.ui.text')
local edit = require('purser.views.budget_edit')
local fields = require('purser.views.budget_fields')
local form = require('purser.ui.form')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local words = require('purser.views.budget_words')

---@type purser.View
local M = { name = 'policy', tab = 'budget' }

---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.title(ctx)
  local budget = { scope = ctx.args.scope }
  return { { (' Budget: %s '):format(words.scope(budget)), 'PurserTitle' } }
end

---@return table<string, purser.Question>
function M.questions()
  return { budgets = { 'budget.list' } }
end

---@param ctx purser.ViewContext
---@return purser.Budget
local function budget_of(ctx)
  local budgets = ctx.data.budgets and ctx.data.budgets.budgets
  return parts.budget(budgets, ctx.args.scope, ctx.args.period)
    or { scope = ctx.args.scope, period = ctx.args.period, at_limit = 'block' }
end

--- A field that was asked for on the way here is opened once there is something to see.
---@param ctx purser.ViewContext
function M.prepare(ctx)
  local name, browser = ctx.args.edit, ctx.extra.browser
  ctx.args.edit = nil
  if name and browser and ctx.data.budgets then
    vim.schedule(function()
      if browser.view == M then
        fields.change[name](browser, budget_of(browser.ctx))
      end
    end)
  end
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  if not ctx.data.budgets then
    return Text.new():add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  end
  local budget = budget_of(ctx)
  local settings = fields.limits(budget)
  local state = fields.state(budget, ctx.now_ms)
  if #state > 0 then
    settings[#settings + 1] = { name = '' }
    vim.list_extend(settings, state)
  end
  return form.draw(settings, ctx.width)
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  browser.place.extra.browser = browser
  local function done(problem)
    if problem then
      require('purser.notify').error(problem)
    end
    browser:refresh()
  end
  return {
    {
      lhs = { '<CR>', 'i' },
      desc = 'Change the setting under the cursor',
      hint = 'change',
      rank = 2,
      group = 'Budget',
      run = function()
        local item = browser:item()
        if type(item) == 'table' and item.edit then
          fields.change[item.edit](browser, budget_of(browser.ctx))
        end
      end,
    },
    {
      lhs = '+',
      desc = 'Raise it for this period only',
      hint = 'raise',
      rank = 3,
      group = 'Budget',
      run = function()
        fields.change.raise(browser, budget_of(browser.ctx))
      end,
    },
    {
      lhs = 'x',
      desc = 'Remove a saved budget; one from setup() comes back into force',
      hint = 'remove',
      rank = 5,
      group = 'Budget',
      run = function()
        edit.remove(budget_of(browser.ctx), done)
      end,
    },
  }
end

return M
