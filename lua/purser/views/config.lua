--- One agent's configuration: its monthly budget, model, effort and system prompt are changed where they stand.

local Text = require('purser.ui.text')
local edit = require('purser.views.budget_edit')
local fields = require('purser.views.budget_fields')
local form = require('purser.ui.form')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local saved = require('purser.config.saved')
local width = require('purser.ui.width')

---@type purser.View
local M = { name = 'config', tab = 'agents' }

---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.title(ctx)
  return { { (' %s: configuration '):format(ctx.args.name), 'PurserTitle' } }
end

---@return table<string, purser.Question>
function M.questions()
  return { budgets = { 'budget.list' } }
end

---@param ctx purser.ViewContext
function M.prepare(ctx)
  ctx.data.agent, ctx.data.problem = require('purser.agents').get(ctx.args.name)
end

---@param ctx purser.ViewContext
---@return purser.Budget
local function budget_of(ctx)
  local budgets = ctx.data.budgets and ctx.data.budgets.budgets
  return parts.budget(budgets, 'agent:' .. ctx.args.name)
    or { scope = 'agent:' .. ctx.args.name, period = 'month', at_limit = 'block' }
end

--- What can be changed, beside the budget.
---@param agent purser.Agent
---@return purser.ui.Setting[]
local function changeable(agent)
  local function from(field)
    return agent.saved[field] and 'saved here' or agent.origin == 'config' and agent[field] and 'setup()' or nil
  end
  return {
    { name = 'Model', value = agent.model or "the client's own choice", edit = 'model', note = from('model') },
    { name = 'Effort', value = agent.effort or "the client's own", edit = 'effort', note = from('effort') },
    {
      name = 'System prompt',
      value = agent.system and width.clean(agent.system) or 'none',
      edit = 'system',
      note = from('system'),
    },
  }
end

---@param agent purser.Agent
---@return purser.ui.Setting[]
local function fixed(agent)
  local function list(value)
    return value and #value > 0 and table.concat(value, ' ') or nil
  end
  local key
  if agent.adapter.kind == 'http' then
    local name = require('purser.agents').key_variable(agent)
    key = agent.key_cmd and 'from the command ' .. agent.key_cmd[1] or name and '$' .. name or 'none'
  end
  return {
    { name = 'Reached by', value = agent.adapter.label },
    { name = 'Command', value = list(agent.command) },
    { name = 'Arguments', value = list(agent.args) },
    { name = 'URL', value = agent.url },
    { name = 'Key', value = key },
    { name = 'Folder', value = agent.cwd },
    { name = 'Billing', value = agent.billing or (agent.free and 'free') or 'metered' },
    { name = 'Defined', value = agent.origin == 'config' and 'in setup()' or 'found on this machine' },
  }
end

--- Budgets of the agent by the week and the day, in a line each.
---@param ctx purser.ViewContext
---@param scope string
---@return purser.ui.Setting[]
local function others(ctx, scope)
  local out = {}
  for _, other in ipairs(ctx.data.budgets and ctx.data.budgets.budgets or {}) do
    if other.scope == scope and other.period ~= 'month' and other.limit_nanousd then
      out[#out + 1] = {
        name = 'Also limited to',
        value = ('%s a %s, %s spent'):format(
          format.money(other.limit_nanousd),
          other.period,
          format.money(other.spent_nanousd)
        ),
        note = '6 has all budgets',
      }
    end
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local agent = ctx.data.agent
  if ctx.data.problem then
    return out:add(ctx.data.problem, 'PurserError'):nl()
  elseif not agent then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  end
  local budget = budget_of(ctx)
  local settings = vim.list_slice(fields.limits(budget), 1, 2)
  if agent.free then
    settings[1].note = 'this agent is free: no budget stops it'
  end
  for _, setting in ipairs(fields.state(budget, ctx.now_ms)) do
    settings[#settings + 1] = setting
  end
  vim.list_extend(settings, others(ctx, budget.scope))
  settings[#settings + 1] = { name = '' }
  vim.list_extend(settings, changeable(agent))
  settings[#settings + 1] = { name = '' }
  vim.list_extend(settings, fixed(agent))
  out:append(form.draw(settings, ctx.width))
  local problem = require('purser.config.saved').problem()
  if agent.missing then
    form.note(out:nl(), "It can't run: " .. agent.missing, ctx.width, 'PurserWarn')
  end
  if problem then
    form.note(out:nl(), problem, ctx.width, 'PurserWarn')
  end
  return form.note(out:nl(), 'What is saved here wins over setup(); x takes it back.', ctx.width)
end

local EFFORTS = { 'low', 'medium', 'high', '' }
local EFFORT_WORDS = { [''] = "the client's own" }

---@param browser purser.Browser
---@param field string
---@return fun(value: any, done: fun(problem?: string))
local function saving(browser, field)
  return function(value, done)
    done(saved.set(browser.place.args.name, field, value))
  end
end

--- A system prompt has lines: it gets a buffer of its own, and is saved as one is.
---@param browser purser.Browser
---@param agent purser.Agent
local function edit_system(browser, agent)
  local name = agent.name
  browser.window:close()
  vim.cmd('botright new')
  local buf = vim.api.nvim_get_current_buf()
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, vim.split(agent.system or '', '\n', { plain = true }))
  vim.bo[buf].buftype = 'acwrite'
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].swapfile = false
  vim.bo[buf].filetype = 'markdown'
  vim.bo[buf].modified = false
  pcall(vim.api.nvim_buf_set_name, buf, ('purser://agents/%s/system'):format(name))
  vim.wo.winbar = (' system prompt of %s%%=:w saves it, :q leaves '):format((name:gsub('%%', '%%%%')))
  vim.api.nvim_create_autocmd('BufWriteCmd', {
    buffer = buf,
    desc = 'purser: save the system prompt',
    callback = function()
      local text = vim.trim(table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), '\n'))
      local problem = saved.set(name, 'system', text)
      if problem then
        return require('purser.notify').error(problem)
      end
      vim.bo[buf].modified = false
      require('purser.notify').info(('the system prompt of %s is saved'):format(name))
    end,
  })
end

---@type table<string, fun(browser: purser.Browser, agent: purser.Agent)>
local CHANGE = {
  model = function(browser, agent)
    form.change(browser, 'model', {
      value = agent.model or '',
      read = function(text)
        text = vim.trim(text)
        local problem = saved.check('model', text) or (text:find('%s') and 'a model has no spaces in its name') or nil
        if problem then
          return nil, problem
        end
        return text
      end,
      says = function(model)
        return model == '' and "the client's own choice" or nil
      end,
      complete = function()
        return require('purser.agents').models(agent)
      end,
      save = saving(browser, 'model'),
    })
  end,
  effort = function(browser)
    form.choose(browser, {
      prompt = 'Effort',
      kind = 'purser.effort',
      values = EFFORTS,
      words = EFFORT_WORDS,
      save = saving(browser, 'effort'),
    })
  end,
  system = edit_system,
}

--- Takes back what was saved of the setting under the cursor.
---@param browser purser.Browser
---@param item any
local function take_back(browser, item)
  local notify = require('purser.notify')
  local function done(problem)
    if problem then
      notify.error(problem)
    end
    browser:refresh()
  end
  local field = type(item) == 'table' and item.edit
  if CHANGE[field] then
    if not browser.ctx.data.agent.saved[field] then
      return notify.info('nothing is saved here: it is as setup() has it')
    end
    return done(saved.set(browser.place.args.name, field, nil))
  elseif field then
    edit.remove(budget_of(browser.ctx), done)
  end
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  return {
    {
      lhs = { '<CR>', 'i' },
      desc = 'Change the setting under the cursor',
      hint = 'change',
      rank = 2,
      group = 'Agent',
      run = function()
        local item = browser:item()
        local field = type(item) == 'table' and item.edit
        if CHANGE[field] then
          CHANGE[field](browser, browser.ctx.data.agent)
        elseif field then
          fields.change[field](browser, budget_of(browser.ctx))
        end
      end,
    },
    {
      lhs = '+',
      desc = 'Raise the budget for this month only',
      hint = 'raise',
      rank = 4,
      group = 'Agent',
      run = function()
        fields.change.raise(browser, budget_of(browser.ctx))
      end,
    },
    {
      lhs = 'x',
      desc = 'Forget what was saved of the setting under the cursor: as setup() has it',
      hint = 'take back',
      rank = 5,
      group = 'Agent',
      run = function()
        take_back(browser, browser:item())
      end,
    },
    {
      lhs = 'o',
      desc = 'What the agent has spent',
      hint = 'spend',
      rank = 4,
      group = 'Agent',
      run = function()
        browser:push('agent', { name = browser.place.args.name })
      end,
    },
  }
end

return M
