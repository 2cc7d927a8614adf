--- The spend for a statusline. What is shown is made when the ledger says that something changed; asking for it is a table look-up,
--- never a file, a query or a process (rule 33).

local M = {}

---@class (exact) purser.StatuslineState
---@field text string with "%" doubled and the highlight of its level, ready for 'statusline'
---@field plain string without either
---@field level "none"|"ok"|"warn"|"over"
---@field blocked boolean a budget that applies here refuses runs

---@type purser.StatuslineState
local NOTHING = { text = '', plain = '', level = 'none', blocked = false }
---@type purser.StatuslineState
local now = NOTHING

local started = false
local watched ---@type string?

---@param budget? purser.Budget
---@return number? percent of the limit; nil without one
local function percent_of(budget)
  return require('purser.format').percent(budget)
end

--- Does it refuse runs? Also where nothing may be spent at all.
---@param budget? purser.Budget
---@return boolean
local function blocks(budget)
  if not budget or not budget.limit_nanousd or (budget.at_limit or 'block') ~= 'block' then
    return false
  end
  return (budget.spent_nanousd or 0) >= budget.limit_nanousd
end

---@param percent? number
---@param blocked boolean
---@param options { warn: integer, error: integer }
---@return "ok"|"warn"|"over"
local function level_of(percent, blocked, options)
  if blocked or (percent and percent >= options.error) then
    return 'over'
  end
  return percent and percent >= options.warn and 'warn' or 'ok'
end

---@param spend purser.Spend
---@param percent? number
---@param blocked boolean
---@return string
local function words(spend, percent, blocked)
  local parts = {}
  -- What has no price is counted by the month, so it can't be said of today: :CostReport says it.
  if (spend.today_nanousd or 0) > 0 then
    parts[#parts + 1] = require('purser.ui.format').money(spend.today_nanousd) .. ' today'
  end
  if percent then
    parts[#parts + 1] = ('%d %%%s'):format(percent, blocked and ' blocked' or '')
  elseif blocked then
    parts[#parts + 1] = 'blocked'
  end
  return table.concat(parts, (' %s '):format(require('purser.ui.glyphs').get().separator))
end

--- What there is to say; "" when that is nothing. Pure but for the options.
---@param spend purser.Spend
---@param options { warn: integer, error: integer, format?: fun(spend: purser.Spend): string }
---@return purser.StatuslineState
function M.render(spend, options)
  local budget = spend.budget
  local percent = budget and budget.limit_nanousd and budget.limit_nanousd > 0 and percent_of(budget) or nil
  local blocked = blocks(budget)
  local level = level_of(percent, blocked, options)
  local plain
  if options.format then
    local ok, text = pcall(options.format, spend)
    plain = ok and type(text) == 'string' and text or ''
  else
    plain = words(spend, percent, blocked)
  end
  if plain == '' then
    return NOTHING
  end
  local text = plain:gsub('%%', '%%%%')
  if level == 'warn' then
    text = '%#PurserStatuslineWarn#' .. text .. '%*'
  elseif level == 'over' then
    text = '%#PurserStatuslineOver#' .. text .. '%*'
  end
  return { text = text, plain = plain, level = level, blocked = blocked }
end

--- For those who build their own: figures, not text.
---@param spend purser.Spend
local function publish(spend)
  vim.g.purser_text = now.plain
  vim.g.purser_level = now.level
  vim.g.purser_blocked = now.blocked
  vim.g.purser_today_cents = (spend.today_nanousd or 0) / 10000000
  vim.g.purser_month_cents = (spend.month_nanousd or 0) / 10000000
  vim.g.purser_percent = percent_of(spend.budget) or -1
  vim.g.purser_unpriced = spend.unpriced_requests or 0
end

---@param spend purser.Spend
function M.update(spend)
  local options = require('purser.config').get().statusline
  local before = now.text
  now = options.enabled and M.render(spend, options) or NOTHING
  publish(spend)
  if now.text ~= before then
    vim.api.nvim_exec_autocmds('User', { pattern = 'PurserSpendChanged', modeline = false, data = vim.deepcopy(spend) })
    vim.cmd.redrawstatus({ bang = true })
  end
end

--- Whose spend is shown: the workspace of the current folder, and the agent that ran last, or would run.
local function watch()
  require('purser.workspace').root(vim.fn.getcwd(), function(root)
    local last = require('purser.runs').last()
    local agent = last and last.agent
    if not agent then
      local default = require('purser.agents').default()
      agent = default and default.name
    end
    local wanted = ('%s %s'):format(agent or '', root)
    if wanted ~= watched then
      watched = wanted
      require('purser.core').ask('watch', { workspace = root, agent = agent })
    end
  end)
end

local function start()
  require('purser.ui.highlights').setup()
  require('purser.core').on('spend', M.update)
  vim.api.nvim_create_autocmd('DirChanged', {
    group = vim.api.nvim_create_augroup('purser.statusline', {}),
    desc = 'purser: the spend of another workspace',
    callback = watch,
  })
  require('purser.runs').subscribe(watch)
  watch()
end

--- For 'statusline': text with its highlights.
---@return string
function M.get()
  if not started then
    started = true
    vim.schedule(start) -- not while the statusline is being drawn
  end
  return now.text
end

--- For components that bring their own colours.
---@return purser.StatuslineState
function M.state()
  M.get()
  return now
end

return M
