--- The window that shows the views: it asks for what a view needs, draws it, and draws it again while runs go on. What stands in it
--- is the views' business; where one goes from there is in browser_moves.lua.

local buffer = require('purser.ui.buffer')
local dates = require('purser.ui.dates')
local drawing = require('purser.ui.browser_draw')
local interpreted = require('purser.ui.interpreted')
local moving = require('purser.ui.browser_moves')
local slices = require('purser.ui.slices')
local window = require('purser.ui.window')

local REFRESH_MS = 1000
local LATER_MS = 300

--- The kind of billing that there was something of: the first guess of the next window.
local last_billing = 'metered' ---@type purser.Billing

--- One step of the way: a view and how it was left.
---@class (exact) purser.Place
---@field view string
---@field args table
---@field filter? string
---@field cursor? integer[]
---@field saved? table the part of the window that was in sight
---@field data? table<string, any> what was drawn, for coming back
---@field stamp? string what that belongs to
---@field extra table

---@class purser.Browser
---@field window purser.ui.Window
---@field view purser.View
---@field place purser.Place
---@field back purser.Place[]
---@field month string
---@field range purser.Range
---@field shift integer so many stretches of 30 or 90 days ago
---@field grain? purser.Grain
---@field billing? purser.Billing chosen; nil: the first that there is anything of
---@field here string
---@field sorts table<string, { name: string, reverse?: boolean }>
---@field ctx purser.ViewContext
---@field text? purser.ui.Text
---@field guess purser.Billing the first that there was anything of
---@field asked integer questions so far
---@field goto_mark? string a row to go to when the answer is there
---@field off fun()[]
---@field timer? uv.uv_timer_t
---@field keys purser.ui.Key[]
---@field mapped table<string, purser.ui.Key> by their lhs
local Browser = {}
Browser.__index = Browser

for _, methods in ipairs({ drawing.methods, moving.methods }) do
  for name, method in pairs(methods) do
    Browser[name] = method
  end
end

local M = { tabs = drawing.tabs }

--- The context for drawing a view in that room.
---@param self purser.Browser
---@param data? table
---@return purser.ViewContext
function Browser:context(data)
  local columns, lines = 80, 24
  if self.window and self.window:is_open() then
    columns, lines = self.window:size()
  end
  local now = dates.now_ms()
  return {
    width = math.max(40, columns - 2 * drawing.margin(columns)),
    height = lines - 2,
    now_ms = now,
    today = dates.of(now),
    month = self.month,
    range = self.range,
    back = self.shift,
    grain = self.grain,
    billing = self.billing or self.guess,
    billing_chosen = self.billing ~= nil,
    sort = self.sorts[self.view.name] or self.view.sorted,
    filter = self.place.filter,
    args = self.place.args,
    here = self.here,
    coloured = vim.o.termguicolors and #vim.api.nvim_list_uis() > 0,
    data = data or {},
    errors = {},
    extra = self.place.extra,
  }
end

--- Asks what the view needs, and draws when the answer has come.
---@param gently? boolean nobody waits for it: the drawing is done in slices
function Browser:ask(gently)
  gently = gently == true or self.view.gentle == true
  self.asked = self.asked + 1
  local asked = self.asked
  local ctx = self:context(self.ctx.data)
  require('purser.views.asks').ask(self.view, ctx, gently, function(answers, errors)
    if asked ~= self.asked or not self.window or not self.window:is_open() then
      return
    end
    self.guess = ctx.billing or self.guess
    last_billing = self.guess
    ctx.data, ctx.errors = answers, errors
    self.ctx = ctx
    if gently then
      self:answered(asked)
    else
      interpreted.call(self.answered, self, asked)
    end
  end)
end

--- Shows what was answered, unless something else was asked meanwhile.
---@private
---@param asked integer
function Browser:answered(asked)
  if asked ~= self.asked or not self.window:is_open() then
    return
  elseif self.view.prepare then
    self.view.prepare(self.ctx)
  end
  local out = self:compose()
  local ready = buffer.prepare(out)
  for _, step in ipairs({ self.bind, self.put, self.frame }) do
    slices.fresh()
    if asked ~= self.asked or not self.window:is_open() then
      return
    end
    step(self, out, ready)
  end
end

--- The same view with fresh figures.
---@param gently? boolean see ask()
function Browser:refresh(gently)
  if self.window:is_open() then
    self.place.cursor = vim.api.nvim_win_get_cursor(self.window.win)
    self:ask(gently)
  end
end

--- Maps the keys of the view that is shown. Most are those of the view before: only what differs is mapped anew.
function Browser:bind()
  self.keys = require('purser.ui.browser_keys').of(self)
  local mapped, wanted = self.mapped, {}
  for _, key in ipairs(self.keys) do
    for _, lhs in
      ipairs(key.run and (type(key.lhs) == 'table' and key.lhs or { key.lhs }) or {} --[[@as string[] ]])
    do
      wanted[lhs] = key
    end
  end
  for lhs in pairs(mapped) do
    if not wanted[lhs] then
      pcall(vim.keymap.del, 'n', lhs, { buffer = self.window.buf })
    end
  end
  for lhs, key in pairs(wanted) do
    if not mapped[lhs] or mapped[lhs].desc ~= key.desc then
      vim.keymap.set('n', lhs, function()
        self.mapped[lhs].run()
      end, { buffer = self.window.buf, nowait = true, silent = true, desc = key.desc })
    end
  end
  self.mapped = wanted
end

---@private
--- Draws again while runs go on, at most once a second, and only when it is in sight.
---@private
function Browser:listen()
  local core = require('purser.core')
  local function touched()
    if self.timer or not self.view.live then
      return
    end
    self.timer = vim.defer_fn(function()
      self.timer = nil
      if self.window:is_open() and self.view.live then
        self:refresh(true)
      end
    end, REFRESH_MS)
  end
  for _, name in ipairs({ 'booked', 'settled', 'spend' }) do
    self.off[#self.off + 1] = core.on(name, touched)
  end
end

---@private
function Browser:unlisten()
  for _, off in ipairs(self.off) do
    off()
  end
  self.off = {}
  self.asked = self.asked + 1
end

--- Finds out which workspace one is in. Starting git takes its time, which the figures don't have to wait for.
---@private
function Browser:find_workspace()
  local workspace = require('purser.workspace')
  local function is(root)
    self.here, self.ctx.here = root, root
  end
  local known = workspace.cached(self.here)
  if known then
    return is(known)
  end
  vim.defer_fn(function()
    if self.window:is_open() then
      workspace.root(self.here, is)
    end
  end, LATER_MS)
end

---@param columns integer
---@param lines integer
---@return integer, integer
local function float_size(columns, lines)
  local w = columns < 100 and columns - 2 or math.min(columns - 8, 176)
  local h = lines <= 24 and lines - 3 or math.floor(lines * 0.9) - 2
  return w, h
end

---@class purser.BrowserOptions
---@field view string
---@field args? table
---@field where? purser.ui.Where
---@field filter? string
---@field month? string

---@param options purser.BrowserOptions
---@return purser.Browser
local function open(options)
  local self = setmetatable({
    back = {},
    sorts = {},
    mapped = {},
    asked = 0,
    guess = last_billing,
    off = {},
    range = 'month',
    shift = 0,
  }, Browser)
  self.view = moving.view_of(options.view)
  self.month = options.month or dates.of(dates.now_ms()):sub(1, 7)
  self.place = { view = options.view, args = options.args or {}, filter = options.filter, extra = {} }
  self.here = vim.fn.getcwd()
  self.ctx = self:context()
  -- The ledger works while the window is opened.
  self:ask()
  local buf = buffer.new('purser', 'purser://report', true)
  self.window = window.open({
    buf = buf,
    title = self:title(),
    footer = require('purser.ui.browser_keys').of(self),
    where = options.where or require('purser.config').get().ui.report,
    size = float_size,
    on_resize = function()
      self:draw()
    end,
    on_close = function()
      self:unlisten()
    end,
  })
  vim.api.nvim_create_autocmd('CursorMoved', {
    buffer = buf,
    desc = 'purser: show what the keys act on',
    callback = function()
      self:point()
    end,
  })
  self:bind()
  self:draw_soon()
  self:listen()
  self:find_workspace()
  return self
end

--- Opens the window on a view.
---@param options purser.BrowserOptions
---@return purser.Browser
function M.open(options)
  return interpreted.call(open, options)
end

--- A context without a window, for printing.
---@param options purser.BrowserOptions
---@param columns integer
---@return purser.View view
---@return purser.ViewContext ctx
function M.context(options, columns)
  local self = setmetatable({ sorts = {}, range = 'month', shift = 0, guess = 'metered' }, Browser)
  self.view = moving.view_of(options.view)
  self.month = options.month or dates.of(dates.now_ms()):sub(1, 7)
  self.place = { view = options.view, args = options.args or {}, filter = options.filter, extra = {} }
  self.here = require('purser.workspace').cached(vim.fn.getcwd()) or vim.fn.getcwd()
  local ctx = self:context()
  ctx.width = columns
  ctx.printed = true
  ctx.height = 24
  return self.view, ctx
end

return M
