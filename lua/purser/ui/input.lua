--- Where a prompt is written: a float of several lines, with what the run may cost below while one types.
---
--- It is two windows, a frame and the text in it, so that the frame's figures can change without touching what is typed.

local buffer = require('purser.ui.buffer')
local dates = require('purser.ui.dates')
local keys = require('purser.ui.keys')
local panel = require('purser.ui.input_panel')
local window = require('purser.ui.window')

--- The estimate waits for a pause in the typing.
local PAUSE_MS = 200

local EFFORTS = { 'low', 'medium', 'high' }

local M = {}

---@class purser.InputWindow
---@field options purser.InputOptions|table
---@field agent? purser.Agent
---@field name string
---@field model? string
---@field effort? string
---@field estimate? purser.Estimate
---@field suggestion? purser.Suggestion a model or an effort that would do
---@field accepted? purser.Accepted the one that was taken up
---@field problem? string
---@field warning? string
---@field frame integer
---@field frame_buf integer
---@field win integer
---@field buf integer
---@field keys purser.ui.Key[]
---@field private timer? uv.uv_timer_t
---@field private asked integer
---@field private closed boolean
---@field private workspace? purser.Workspace
local Input = {}
Input.__index = Input

--- What was written and not sent, to be found again.
local draft = ''

---@return string
function Input:text()
  return table.concat(vim.api.nvim_buf_get_lines(self.buf, 0, -1, false), '\n')
end

---@private
---@return purser.PanelState
function Input:state()
  return {
    selection = self.options.selection,
    estimate = self.estimate,
    problem = self.problem,
    model = self.model,
    free = self.agent and self.agent.free,
    warning = self.warning,
    suggestion = self.suggestion,
    now_ms = dates.now_ms(),
  }
end

---@private
---@return table config of the frame
---@return integer rows for the text
function Input:place()
  local columns = vim.o.columns < 80 and vim.o.columns - 4 or math.min(96, vim.o.columns - 10)
  local rows = math.max(3, math.min(10, math.floor(vim.o.lines * 0.3)))
  local config = window.place(columns, rows + panel.rows(self:state(), columns))
  config.zindex = 50
  config.border = window.border()
  config.focusable = false
  if window.has_border() then
    local title = { { (' %s '):format(self.options.title or 'Ask ' .. self.name), 'PurserTitle' } }
    for _, word in ipairs({ self.model or '', self.effort or '' }) do
      if word ~= '' then
        title[#title + 1] = { word .. ' ', 'PurserSubtitle' }
      end
    end
    config.title = title
    config.footer = keys.footer(self.keys, config.width)
    config.footer_pos = 'center'
  end
  return config, rows
end

---@private
function Input:draw()
  if self.closed then
    return
  end
  local config, rows = self:place()
  vim.api.nvim_win_set_config(self.frame, config)
  local out = require('purser.ui.text').new():nl(rows)
  out:append(panel.draw(self:state(), config.width))
  buffer.draw(self.frame_buf, out)
  vim.api.nvim_win_set_config(self.win, {
    relative = 'win',
    win = self.frame,
    row = 0,
    col = 1,
    width = config.width - 2,
    height = rows,
  })
end

--- What purser_run_admit() would be asked, as far as it matters for an estimate.
---@private
---@return table
function Input:spec()
  local agent = self.agent --[[@as purser.Agent]]
  return {
    agent = agent.name,
    source = agent.adapter.name,
    dialect = agent.dialect,
    model = self.model,
    provider = agent.provider,
    effort = self.effort,
    workspace = self.workspace and self.workspace.root or vim.fn.getcwd(),
    cwd = vim.fn.getcwd(),
    prompt = require('purser.runner.prompt').compose(self:text(), self.options.selection),
    context_tokens = self.options.context_tokens,
    max_output = agent.max_output,
    billing = agent.billing,
    free = agent.free or nil,
  }
end

--- Something to know before it is sent.
---@param text string
function Input:warn(text)
  self.warning = text
  self:draw()
end

---@private
function Input:ask()
  if self.closed or not self.agent then
    return
  end
  self.asked = self.asked + 1
  local asked = self.asked
  require('purser.core').ask('estimate', self:spec(), function(err, answer)
    if self.closed or asked ~= self.asked then
      return
    end
    self.estimate, self.problem = answer, err and err.message or nil
    self:draw()
  end)
  require('purser.routing').ask(self.agent, self:spec(), self:text(), self.options, function(suggestion)
    if not self.closed and asked == self.asked then
      self.suggestion = suggestion
      self:draw()
    end
  end)
end

--- Takes up what is suggested, for this run alone.
function Input:take_suggestion()
  local suggestion = self.suggestion
  if not suggestion then
    return
  end
  self.accepted = {
    from_model = self.model,
    from_effort = self.effort,
    model = suggestion.model,
    effort = suggestion.effort,
  }
  self:choose(suggestion.model or self.model, suggestion.effort or self.effort)
end

--- Another model or effort: what was said of the one before no longer holds.
---@private
---@param model? string
---@param effort? string
function Input:choose(model, effort)
  if model ~= self.model then
    self.estimate = nil
  end
  self.model, self.effort, self.suggestion = model, effort, nil
  self:draw()
  self:ask()
end

---@private
function Input:ask_soon()
  self.timer = self.timer or assert(vim.uv.new_timer())
  self.timer:start(PAUSE_MS, 0, function()
    vim.schedule(function()
      self:ask()
    end)
  end)
end

---@param keep boolean what was written is a draft
function Input:close(keep)
  if self.closed then
    return
  end
  draft = keep and self:text() or ''
  self.closed = true
  if self.timer then
    self.timer:stop()
    self.timer:close()
  end
  vim.cmd.stopinsert()
  pcall(vim.api.nvim_del_augroup_by_name, 'purser.input.' .. self.buf)
  pcall(vim.api.nvim_win_close, self.win, true)
  pcall(vim.api.nvim_win_close, self.frame, true)
end

function Input:submit()
  local text = vim.trim(self:text())
  if text == '' then
    return require('purser.notify').info('write what the agent should do, then send it')
  end
  self:close(false)
  require('purser.routing').accepted(self.name, self.accepted, self.model, self.effort)
  self.options.on_submit(text, { agent = self.name, model = self.model, effort = self.effort })
end

--- The next agent that can run.
function Input:next_agent()
  if self.options.fixed then
    return
  end
  local names = vim.tbl_filter(function(name)
    local agent = require('purser.agents').get(name)
    return agent ~= nil and not agent.missing
  end, require('purser.agents').names())
  local at = 0
  for i, name in ipairs(names) do
    if name == self.name then
      at = i
    end
  end
  local agent = require('purser.agents').get(names[at % math.max(1, #names) + 1] or self.name)
  if agent then
    self.agent, self.name, self.estimate, self.accepted = agent, agent.name, nil, nil
    self:choose(agent.model, agent.effort)
  end
end

function Input:next_effort()
  local at = 0
  for i, effort in ipairs(EFFORTS) do
    if effort == self.effort then
      at = i
    end
  end
  self:choose(self.model, EFFORTS[at % #EFFORTS + 1])
end

function Input:choose_model()
  local models = self.agent and require('purser.agents').models(self.agent) or {}
  vim.cmd.stopinsert()
  vim.ui.select(models, { prompt = 'Model', kind = 'purser.model' }, function(model)
    if model and not self.closed then
      self:choose(model, self.effort)
    end
  end)
end

---@private
function Input:watch()
  local group = vim.api.nvim_create_augroup('purser.input.' .. self.buf, {})
  vim.api.nvim_create_autocmd({ 'TextChanged', 'TextChangedI', 'TextChangedP' }, {
    group = group,
    buffer = self.buf,
    desc = 'purser: estimate the prompt',
    callback = function()
      self:ask_soon()
    end,
  })
  vim.api.nvim_create_autocmd('VimResized', {
    group = group,
    desc = 'purser: place the prompt again',
    callback = function()
      self:draw()
    end,
  })
  vim.api.nvim_create_autocmd('WinClosed', {
    group = group,
    pattern = tostring(self.win),
    desc = 'purser: the prompt is gone',
    callback = function()
      vim.schedule(function()
        self:close(true)
      end)
    end,
  })
end

---@private
function Input:open_windows()
  self.frame_buf = buffer.new('purser-frame', 'purser://prompt/frame')
  local config = self:place()
  config.style = 'minimal'
  self.frame = vim.api.nvim_open_win(self.frame_buf, false, config)
  vim.wo[self.frame][0].winhighlight = 'NormalFloat:PurserNormal,FloatBorder:PurserBorder,FloatFooter:PurserBorder'

  self.buf = vim.api.nvim_create_buf(false, true)
  vim.bo[self.buf].buftype = 'nofile'
  vim.bo[self.buf].bufhidden = 'wipe'
  vim.bo[self.buf].swapfile = false
  vim.bo[self.buf].filetype = 'purser-input'
  if draft ~= '' then
    vim.api.nvim_buf_set_lines(self.buf, 0, -1, false, vim.split(draft, '\n', { plain = true }))
  end
  self.win = vim.api.nvim_open_win(self.buf, true, {
    relative = 'win',
    win = self.frame,
    row = 0,
    col = 1,
    width = config.width - 2,
    height = 1,
    style = 'minimal',
    border = 'none',
    zindex = 51,
  })
  local wo = vim.wo[self.win][0]
  wo.wrap = true
  wo.linebreak = true
  wo.winhighlight = 'NormalFloat:PurserNormal'
  keys.map(self.buf, self.keys)
  vim.treesitter.language.register('markdown', 'purser-input')
  if not pcall(vim.treesitter.start, self.buf, 'markdown') then
    vim.bo[self.buf].syntax = 'markdown'
  end
end

--- Opens the window. `options.fixed`: the agent can't be changed; `options.title`: instead of "Ask …".
---@param options purser.InputOptions|table
---@return purser.InputWindow
function M.open(options)
  require('purser.ui.highlights').setup()
  local self = setmetatable({
    options = options,
    name = options.agent,
    agent = require('purser.agents').get(options.agent),
    model = options.model,
    effort = options.effort,
    asked = 0,
    closed = false,
  }, Input)
  self.keys = require('purser.ui.input_keys').of(self)
  self:open_windows()
  self:watch()
  self:draw()
  require('purser.workspace').get(vim.fn.getcwd(), function(workspace)
    self.workspace = workspace
    self:ask()
  end)
  vim.api.nvim_win_set_cursor(self.win, { vim.api.nvim_buf_line_count(self.buf), 0 })
  vim.cmd.startinsert({ bang = true })
  return self
end

return M
