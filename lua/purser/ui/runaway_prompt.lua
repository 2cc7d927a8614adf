--- Asks the user about a run that may have run away: go on, stop, or a budget for this run. It goes on meanwhile, and without an answer.

local Text = require('purser.ui.text')
local choice_window = require('purser.ui.choice_window')
local edit = require('purser.views.budget_edit')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local policies = require('purser.config.policy')
local width = require('purser.ui.width')

local M = {}

local NANO_PER_CENT = 10000000

--- After so long nobody is there.
M.TIMEOUT_MS = 10 * 60 * 1000

--- What was noticed: PURSER_MESSAGE_RUNAWAY of csrc/api/README.md.
---@class purser.Runaway
---@field run integer id in the AgentRunLog
---@field cause "repeats"|"cost"
---@field spent_nanousd integer
---@field tool? string repeats
---@field times? integer
---@field of? integer
---@field round? integer
---@field usual_nanousd? integer cost
---@field usual_runs? integer

---@class (exact) purser.RunawayChoice
---@field action "go_on"|"stop"|"budget"
---@field cents? integer budget

--- What it is that looks wrong, one sentence.
---@param alarm purser.Runaway
---@return string
function M.sentence(alarm)
  local tool = width.clean(alarm.tool or '')
  tool = tool ~= '' and tool or 'a tool'
  if alarm.cause == 'cost' then
    local usual = math.max(alarm.usual_nanousd or 0, 1)
    return ('it has spent %s, %d times the usual %s'):format(
      format.money(alarm.spent_nanousd),
      math.floor(alarm.spent_nanousd / usual),
      format.money(usual)
    )
  elseif (alarm.round or 1) > 1 then
    return ('it goes round: the same %d calls %d times, %s the last'):format(alarm.round, alarm.times, tool)
  elseif alarm.of and alarm.of > alarm.times then
    return ('it has called %s %d times of the last %d with the same input'):format(tool, alarm.times, alarm.of)
  end
  return ('it has called %s %d times in a row with the same input'):format(tool, alarm.times)
end

--- What the run may spend in all, when nobody says: about as much again.
---@param spent_nanousd integer
---@return integer cents
function M.budget_cents(spent_nanousd)
  return math.max(10, math.ceil(require('purser.ui.chart').nice(2 * spent_nanousd) / NANO_PER_CENT))
end

---@param run purser.Run
---@param alarm purser.Runaway
---@return integer nanousd as far as is known by now
local function spent(run, alarm)
  return math.max(alarm.spent_nanousd, run.sums and run.sums.cost_nanousd or 0)
end

---@param run purser.Run
---@param alarm purser.Runaway
---@return { text: string, choice?: purser.RunawayChoice }[] the safest, which is what no answer means, comes last
function M.offers(run, alarm)
  local cents = M.budget_cents(spent(run, alarm))
  return {
    { text = 'Stop it', choice = { action = 'stop' } },
    {
      text = ('Let it spend %s in all, then stop it'):format(format.rough(cents * NANO_PER_CENT)),
      choice = { action = 'budget', cents = cents },
    },
    { text = 'Another budget for this run ' .. glyphs.get().ellipsis },
    { text = 'Go on', choice = { action = 'go_on' } },
  }
end

---@param run purser.Run
---@param alarm purser.Runaway
---@param offers { text: string }[]
---@param cells integer
---@return purser.ui.Text
function M.draw(run, alarm, offers, cells)
  local inner = cells - 4
  local body = Text.new()
  local sentence = M.sentence(alarm)
  for _, line in ipairs(width.wrap(sentence:sub(1, 1):upper() .. sentence:sub(2), inner)) do
    body:add(line, 'PurserWarn'):nl()
  end
  local note = alarm.cause == 'cost'
      and ('the usual is the middle of %s with this model'):format(format.count(alarm.usual_runs or 0, 'run'))
    or 'nothing new was tried between'
  for _, line in ipairs(width.wrap(note, inner)) do
    body:add(line, 'PurserMuted'):nl()
  end
  body:nl()
  body:add('This run: ', 'PurserMuted'):add(format.money(spent(run, alarm)), 'PurserTotal'):add(' so far')
  local what = table.concat(
    vim.tbl_filter(function(word)
      return word ~= ''
    end, { run.model or '', run.effort and run.effort .. ' effort' or '' }),
    ', '
  )
  if what ~= '' and body:column() + width.of(what) + 2 <= inner then
    body:add('  ' .. what, 'PurserMuted')
  end
  body:nl()
  if run.prompt ~= '' then
    body:add(width.cut(width.clean(run.prompt:match('^[^\n]*')), inner), 'PurserPrompt'):nl()
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

---@param run purser.Run
---@param alarm purser.Runaway
---@param cb fun(choice: purser.RunawayChoice?)
---@param back fun()
local function ask_budget(run, alarm, cb, back)
  local default = ('%d'):format(M.budget_cents(spent(run, alarm)))
  edit.ask('Budget for this run (in cents): ', default, function(text)
    local cents, problem = policies.cents(text)
    if cents == 0 then
      return nil, 'with 0 it would be stopped at once'
    end
    return cents, problem
  end, function(cents)
    cb({ action = 'budget', cents = cents })
  end, back)
end

---@param run purser.Run
---@param alarm purser.Runaway
---@param cb fun(choice: purser.RunawayChoice?)
---@param shown { close?: fun() }
local function by_window(run, alarm, cb, shown)
  local offers = M.offers(run, alarm)
  local self ---@type purser.ui.Window
  local answered = false

  ---@param choice? purser.RunawayChoice
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

  self = choice_window.open({
    name = 'runaway',
    title = ('Has %s run away?'):format(run.agent),
    text = M.draw(run, alarm, offers, choice_window.columns()),
    texts = vim.tbl_map(function(offer)
      return offer.text
    end, offers),
    give_up = 'Go on',
    give_up_hint = 'go on',
    take = function(index)
      if offers[index].choice then
        return answer(offers[index].choice)
      end
      -- For a figure the window makes room, and comes back when none is given.
      answered = true
      self:close()
      vim.schedule(function()
        ask_budget(run, alarm, cb, function()
          by_window(run, alarm, cb, shown)
        end)
      end)
    end,
    on_close = function()
      answer(nil)
    end,
  })
  shown.close = function()
    answer(nil)
  end
end

---@param run purser.Run
---@param alarm purser.Runaway
---@param cb fun(choice: purser.RunawayChoice?)
local function by_select(run, alarm, cb)
  vim.ui.select(M.offers(run, alarm), {
    prompt = ('%s: %s'):format(run.agent, M.sentence(alarm)),
    kind = 'purser.runaway',
    format_item = function(offer)
      return offer.text
    end,
  }, function(offer)
    if not offer or offer.choice then
      return cb(offer and offer.choice)
    end
    ask_budget(run, alarm, cb, function()
      by_select(run, alarm, cb)
    end)
  end)
end

--- Asks once; cb gets the choice, nil for going on. The prompt goes away when the run ends.
---@param run purser.Run
---@param alarm purser.Runaway
---@param cb fun(choice: purser.RunawayChoice?)
function M.ask(run, alarm, cb)
  if #vim.api.nvim_list_uis() == 0 or run:is_final() then
    return cb(nil)
  end
  local shown = {}
  local timer = assert(vim.uv.new_timer())
  local off ---@type fun()
  local function answer(choice)
    if not timer:is_closing() then
      timer:close()
      off()
      cb(choice)
    end
  end
  local function give_up()
    if shown.close then
      shown.close()
    end
    answer(nil)
  end
  off = run:subscribe(function()
    if run:is_final() then
      give_up()
    end
  end)
  timer:start(M.TIMEOUT_MS, 0, vim.schedule_wrap(give_up))
  if choice_window.select_is_neovims() then
    by_window(run, alarm, answer, shown)
  else
    by_select(run, alarm, answer)
  end
end

return M
