--- Asks the user what to do about a refusal. Whoever has another vim.ui.select gets it there, everybody else a window that shows
--- the whole picture. <Esc>, no answer for long, and no screen all mean the safest choice.

local alternatives = require('purser.ui.gate_alternatives')
local buffer = require('purser.ui.buffer')
local choices = require('purser.ui.gate_choices')
local dates = require('purser.ui.dates')
local edit = require('purser.views.budget_edit')
local format = require('purser.ui.format')
local policies = require('purser.config.policy')
local said = require('purser.ui.gate_text')
local window = require('purser.ui.window')

local M = {}

--- The prompt comes by itself, perhaps in the middle of a word: what is typed in this time is not an answer.
local ARM_MS = 300

--- After so long nobody is there.
M.TIMEOUT_MS = 10 * 60 * 1000

local pointer = vim.api.nvim_create_namespace('purser.gate')

---@return boolean
local function select_is_neovims()
  local info = debug.getinfo(vim.ui.select, 'S')
  return info ~= nil and info.source:find('vim/ui.lua', 1, true) ~= nil
end

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
  local columns = vim.o.columns < 76 and vim.o.columns - 2 or 72
  local text = said.draw(refusal, offers, columns, dates.now_ms(), low)
  local buf = buffer.new('purser-gate', 'purser://gate')
  local self ---@type purser.ui.Window
  local opened = vim.uv.now()
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

  ---@param offer? purser.GateOffer
  local function take(offer)
    if not offer or vim.uv.now() - opened < ARM_MS then
      return
    elseif offer.choice then
      return answer(offer.choice)
    end
    figure(ask_limit)
  end

  local function here()
    local item = text:item_at(vim.api.nvim_win_get_cursor(self.win)[1])
    return item and offers[item]
  end

  ---@type purser.ui.Key[]
  local list = {
    {
      lhs = '<CR>',
      desc = 'Take the choice under the cursor',
      hint = 'take',
      rank = 2,
      run = function()
        take(here())
      end,
    },
    {
      lhs = { '<Esc>', 'q', '<C-c>' },
      desc = refusal.run and 'Stop it' or "Don't run",
      hint = refusal.run and 'stop it' or "don't run",
      rank = 1,
      run = function()
        answer(nil)
      end,
    },
  }
  if vim.iter(offers):any(function(offer)
    return offer.choice ~= nil and offer.choice.action == 'raise'
  end) then
    list[#list + 1] = {
      lhs = '+',
      desc = 'Raise this period by another amount',
      hint = 'other raise',
      rank = 3,
      run = function()
        if vim.uv.now() - opened >= ARM_MS then
          figure(ask_raise)
        end
      end,
    }
  end
  for i, offer in ipairs(offers) do
    list[#list + 1] = {
      lhs = tostring(i),
      show = i == 1 and ('1-%d'):format(#offers) or nil,
      desc = offer.text,
      hint = i == 1 and 'choose' or nil,
      rank = 1,
      run = function()
        take(offer)
      end,
    }
  end
  buffer.draw(buf, text)
  vim.cmd.stopinsert()
  self = window.open({
    buf = buf,
    title = { { (' %s '):format(said.title(refusal)), 'PurserAlert' } },
    keys = list,
    size = function()
      return columns, text:height()
    end,
    zindex = 70,
    on_close = function()
      answer(nil)
    end,
  })

  local function point()
    vim.api.nvim_buf_clear_namespace(buf, pointer, 0, -1)
    local row = vim.api.nvim_win_get_cursor(self.win)[1]
    if text:item_at(row) then
      vim.api.nvim_buf_set_extmark(buf, pointer, row - 1, 0, { line_hl_group = 'PurserCurrent' })
    end
  end
  local rows = text:items()
  -- The safest choice is under the cursor: a stray <CR> runs nothing.
  vim.api.nvim_win_set_cursor(self.win, { rows[#rows].row, 2 })
  point()
  vim.api.nvim_create_autocmd('CursorMoved', {
    buffer = buf,
    desc = 'purser: show the choice',
    callback = function()
      -- Only choices can be chosen.
      local row = vim.api.nvim_win_get_cursor(self.win)[1]
      if row < rows[1].row then
        vim.api.nvim_win_set_cursor(self.win, { rows[1].row, 2 })
      elseif row > rows[#rows].row then
        vim.api.nvim_win_set_cursor(self.win, { rows[#rows].row, 2 })
      end
      point()
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
    if select_is_neovims() then
      by_window(refusal, offers, low, answer, shown)
    else
      by_select(refusal, offers, low, answer)
    end
  end)
end

return M
