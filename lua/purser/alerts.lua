--- What the core has to say without being asked: thresholds, warnings, runs that an earlier Neovim left behind.

local M = {}

local registered = false

---@param cents number
---@return string
local function money(cents)
  return require('purser.format').money(cents * 10000000)
end

local PERIODS = { month = 'this month', week = 'this week', day = 'today' }

---@param scope string
---@return string
local function whose(scope)
  local kind, name = scope:match('^(%a+):(.*)$')
  return kind == 'agent' and ('agent %s'):format(name)
    or kind == 'workspace' and ('workspace %s'):format(vim.fn.fnamemodify(name, ':~'))
    or 'all agents together'
end

---@param ms? integer
---@return string
local function day(ms)
  return os.date('%Y-%m-%d', math.floor((ms or 0) / 1000)) --[[@as string]]
end

--- "agent reviewer has spent 80 % of the budget this month: $20.12 of $25.00, resets on 2026-12-01"
---@param crossing purser.Crossing
---@return string
function M.crossing_text(crossing)
  local who = whose(crossing.scope)
  if crossing.forecast then
    return ('%s: at this pace the budget of %s is used up on %s, %s of it are spent'):format(
      who,
      money(crossing.limit_cents),
      day(crossing.exhausted_ms),
      money(crossing.spend_cents)
    )
  end
  return ('%s %s spent %d %% of the budget %s: %s of %s, resets on %s'):format(
    who,
    who == 'all agents together' and 'have' or 'has',
    crossing.threshold,
    PERIODS[crossing.period] or ('of this ' .. crossing.period),
    money(crossing.spend_cents),
    money(crossing.limit_cents),
    day(crossing.resets_at_ms)
  )
end

--- The same for the editor's one line of messages: "agent reviewer: 80 % of $25.00 spent this month". What does not fit there would
--- stop whoever types.
---@param crossing purser.Crossing
---@return string
function M.crossing_line(crossing)
  if crossing.forecast then
    return ('%s: at this pace %s are used up on %s'):format(
      whose(crossing.scope),
      money(crossing.limit_cents),
      day(crossing.exhausted_ms)
    )
  end
  return ('%s: %d %% of %s spent %s'):format(
    whose(crossing.scope),
    crossing.threshold,
    money(crossing.limit_cents),
    PERIODS[crossing.period] or ('this ' .. crossing.period)
  )
end

---@param crossing purser.Crossing
local function on_crossed(crossing)
  require('purser.events').crossed(crossing)
  local wanted = require('purser.config').get().notifications
  if not wanted.thresholds then
    return
  end
  local notify = require('purser.notify')
  local line = M.crossing_line(crossing)
  if crossing.threshold >= 100 then
    notify.error(line)
  else
    notify.warn(line)
  end
  if crossing.mine and wanted.desktop then
    notify.desktop('Budget threshold', M.crossing_text(crossing))
  end
end

local left_behind = 0

--- A run whose owner died: the core settles those when it opens the ledger, with what was seen and what their client recorded.
--- They come one after the other, and are told together.
---@param body table
local function on_settled(body)
  local row = body.run
  if type(row) ~= 'table' or row.status ~= 'abandoned' or require('purser.runs').get(row.id) then
    return
  end
  left_behind = left_behind + 1
  if left_behind > 1 then
    return
  end
  vim.defer_fn(function()
    local runs = left_behind == 1 and 'run was' or 'runs were'
    require('purser.notify').info(
      ('%d %s cut off when Neovim went down: what was spent is booked now (:CostReport log)'):format(left_behind, runs)
    )
    left_behind = 0
  end, 200)
end

--- Called when the core is opened.
function M.register()
  if registered then
    return
  end
  registered = true
  local core = require('purser.core')
  core.on('crossed', on_crossed)
  core.on('warning', function(body)
    require('purser.notify').once('warn', body.message or 'something is not as it should be')
  end)
  core.on('settled', on_settled)
  core.on('opened', function(body, message)
    if message.status < 0 and #require('purser.runs').active() == 0 then
      -- A run that is refused because of it says so itself.
      require('purser.notify').once('error', body.message or 'the ledger could not be opened')
    end
  end)
end

--- Is the run in a window that the user sees?
---@param run purser.Run
---@return boolean
local function in_sight(run)
  local window = package.loaded['purser.ui.run_window']
  return window ~= nil and window.is_visible ~= nil and window.is_visible(run)
end

--- A run is over: said once, unless it is in sight anyway.
---@param run purser.Run
function M.finished(run)
  local wanted = require('purser.config').get().notifications.finished
  if run.headless or in_sight(run) then
    return
  end
  local notify, format = require('purser.notify'), require('purser.format')
  local cost = run.sums and ', ' .. format.cost(run.sums) or ''
  if run.status == 'completed' then
    if wanted then
      notify.info(('%s is done%s'):format(run.agent, cost))
    end
  elseif run.status == 'cancelled' then
    notify.info(('%s was stopped%s'):format(run.agent, cost))
  else
    notify.error(
      ('%s: %s%s'):format(run.agent, run.message or run.status, cost ~= '' and (' (%s)'):format(cost:sub(3)) or '')
    )
  end
end

return M
