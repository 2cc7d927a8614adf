--- Asks the user what to do about a refusal. Whoever has another vim.ui.select gets it there, everybody else a window that shows
--- the whole picture. <Esc>, no answer for long, and no screen all mean the safest choice.

local alternatives = require('purser.ui.gate_alternatives')
local choice_window = require('purser.ui.choice_window')
local choices = require('purser.ui.gate_choices')
local dates = require('purser.ui.dates')
local edit = require('purser.views.budget_edit')
local format = require('purser.ui.format')
local policies = require('purser.config.policy')
local said = require('purser.ui.gate_text')

local M = {}

--- After so long nobody is there.
M.TIMEOUT_MS = 10 * 60 * 1000

--- Asks by how much this period is raised; back to the prompt when nothing is given.
---@param refusal purser.Refusal
---@param cb fun(choice: purser.GateChoice?)
---@param back fun()
local function ask_raise(refusal, cb, back)
  local period = format.period((refusal.budget or {}).period)
  local default = ('%d'):format(choices.raise_cents(refusal))
  edit.ask(('Raise %s by (in cents): '):format(period), default, policies.raise, function(cents)
    cb({ action = 'raise', cents = cents })
  end, back)
end

--- Asks for the new limit; back to the prompt when it is not given.
---@param refusal purser.Refusal
---@param cb fun(choice: purser.GateChoice?)
---@param back fun()
local function ask_limit(refusal, cb, back)
  local budget = refusal.budget --[[@as purser.Budget]]
  local each = { month = 'Monthly', week = 'Weekly', day = 'Daily' }
  local prompt = ('%s budget (in cents): '):format(each[budget.period or 'month'])
  local now = (budget.limit_cents or 0) + choices.raise_cents(refusal)
  edit.ask(prompt, ('%d'):format(now), policies.cents, function(cents)
    cb({ action = 'limit', cents = cents })
  end, back)
end

---@param refusal purser.Refusal
---@param offers purser.GateOffer[]
---@param low? integer
---@param cb fun(choice: purser.GateChoice?)
local function by_select(refusal, offers, low, cb)
  vim.ui.select(offers, {
    prompt = said.sentence(refusal, low),
    kind = 'purser.budget',
    format_item = function(offer)
      return offer.text
    end,
  }, function(offer)
    if not offer then
      cb(nil)
    elseif offer.choice then
      cb(offer.choice)
    else
      ask_limit(refusal, cb, function()
        by_select(refusal, offers, low, cb)
      end)
    end
  end)
end

---@param refusal purser.Refusal
---@param offers purser.GateOffer[]
---@param low? integer
---@param cb fun(choice: purser.GateChoice?)
---@param shown { close?: fun() } how to take away what is shown
local function by_window(refusal, offers, low, cb, shown)
  local text = said.draw(refusal, offers, choice_window.columns(), dates.now_ms(), low)
  local self ---@type purser.ui.Window
  local answered = false

  ---@param choice? purser.GateChoice
  local function answer(choice)
    if not answered then
      answered = true
      if self then
        self:close()
      end
      vim.schedule(function()
        cb(choice)
      end)
    end
  end

  --- For a figure the window makes room, and comes back when none is given.
  ---@param ask fun(refusal: purser.Refusal, cb: fun(choice: purser.GateChoice?), back: fun())
  local function figure(ask)
    answered = true
    self:close()
    vim.schedule(function()
      ask(refusal, cb, function()
        by_window(refusal, offers, low, cb, shown)
      end)
    end)
  end

  local raises = vim.iter(offers):any(function(offer)
    return offer.choice ~= nil and offer.choice.action == 'raise'
  end)
  self = choice_window.open({
    name = 'gate',
    title = said.title(refusal),
    text = text,
    texts = vim.tbl_map(function(offer)
      return offer.text
    end, offers),
    give_up = refusal.run and 'Stop it' or "Don't run",
    give_up_hint = refusal.run and 'stop it' or "don't run",
    take = function(index)
      local offer = offers[index]
      if offer.choice then
        answer(offer.choice)
      else
        figure(ask_limit)
      end
    end,
    on_close = function()
      answer(nil)
    end,
    more = function(armed)
      return raises
          and {
            {
              lhs = '+',
              desc = 'Raise this period by another amount',
              hint = 'other raise',
              rank = 3,
              run = function()
                if armed() then
                  figure(ask_raise)
                end
              end,
            },
          }
        or {}
    end,
  })
  shown.close = function()
    answer(nil)
  end
end

--- Asks once; cb gets the choice, nil for the safest, which a time without an answer means as well.
---@param refusal purser.Refusal
---@param cb fun(choice: purser.GateChoice?)
function M.ask(refusal, cb)
  if #vim.api.nvim_list_uis() == 0 then
    return cb(nil)
  end
  local shown = {}
  local timer = assert(vim.uv.new_timer())
  local function answer(choice)
    if not timer:is_closing() then
      timer:close()
      cb(choice)
    end
  end
  timer:start(
    M.TIMEOUT_MS,
    0,
    vim.schedule_wrap(function()
      if shown.close then
        shown.close()
      end
      answer(nil)
    end)
  )
  alternatives.find(refusal, function(fitting, low)
    local offers = choices.offers(refusal, fitting)
    if choice_window.select_is_neovims() then
      by_window(refusal, offers, low, answer, shown)
    else
      by_select(refusal, offers, low, answer)
    end
  end)
end

return M
