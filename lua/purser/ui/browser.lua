--- The window that shows the views: tabs, drilling down and back, the time range, sorting, filtering, and drawing again while runs
--- go on. What stands in it is the views' business.

local buffer = require('purser.ui.buffer')
local dates = require('purser.ui.dates')
local drawing = require('purser.ui.browser_draw')
local window = require('purser.ui.window')

local REFRESH_MS = 1000

--- One step of the way: a view and how it was left.
---@class (exact) purser.Place
---@field view string
---@field args table
---@field filter? string
---@field cursor? integer[]
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
---@field private last_billing purser.Billing what that was
---@field here string
---@field sorts table<string, { name: string, reverse?: boolean }>
---@field ctx purser.ViewContext
---@field text? purser.ui.Text
---@field private asked integer
---@field goto_mark? string a row to go to when the answer is there
---@field private off fun()[]
---@field private timer? uv.uv_timer_t
---@field private keys purser.ui.Key[]
local Browser = {}
Browser.__index = Browser

for name, method in pairs(drawing.methods) do
  Browser[name] = method
end

local M = { tabs = drawing.tabs }

---@param name string
---@return purser.View
local function view_of(name)
  return require('purser.views.' .. name)
end

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
    billing = self.billing or self.last_billing,
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
function Browser:ask()
  self.asked = self.asked + 1
  local asked = self.asked
  local ctx = self:context(self.ctx.data)
  require('purser.views.asks').ask(self.view, ctx, function(answers, errors)
    if asked ~= self.asked or not self.window:is_open() then
      return
    end
    self.last_billing = ctx.billing or self.last_billing
    ctx.data, ctx.errors = answers, errors
    self.ctx = ctx
    if self.view.prepare then
      self.view.prepare(ctx)
    end
    self:draw()
    self.window:decorate(self:title(), self.keys)
  end)
end

--- The same view with fresh figures.
function Browser:refresh()
  if self.window:is_open() then
    self.place.cursor = vim.api.nvim_win_get_cursor(self.window.win)
    self:ask()
  end
end

--- Goes to a view: the window's title, keys and content change; the data that was there goes.
---@private
---@param place purser.Place
function Browser:go(place)
  self.place = place
  self.view = view_of(place.view)
  self.ctx = self:context()
  self:bind()
  self:draw()
  self.window:decorate(self:title(), self.keys)
  self:ask()
end

--- One level down.
---@param view string
---@param args? table
---@param filter? string
function Browser:push(view, args, filter)
  self.place.cursor = vim.api.nvim_win_get_cursor(self.window.win)
  self.back[#self.back + 1] = self.place
  self:go({ view = view, args = args or {}, filter = filter, extra = {} })
end

--- One level up; at the top, nothing.
function Browser:pop()
  local place = table.remove(self.back)
  if not place then
    return
  end
  local cursor = place.cursor
  self:go(place)
  if cursor then
    pcall(vim.api.nvim_win_set_cursor, self.window.win, cursor)
  end
end

--- To a tab: the way back starts anew.
---@param name string
function Browser:tab(name)
  self.back = {}
  self:go({ view = name, args = {}, extra = {} })
end

---@param by integer
function Browser:next_tab(by)
  local at = 1
  for i, tab in ipairs(drawing.tabs) do
    if tab.name == (self.view.tab or self.view.name) then
      at = i
    end
  end
  self:tab(drawing.tabs[(at - 1 + by) % #drawing.tabs + 1].name)
end

---@return any
function Browser:item()
  local cursor = vim.api.nvim_win_get_cursor(self.window.win)
  return self.text and self.text:item_at(cursor[1], cursor[2])
end

--- Opens what is under the cursor.
function Browser:enter()
  local item = self:item()
  if type(item) ~= 'table' then
    return
  elseif item.run then
    item.run()
  elseif item.kind == 'log' then
    self:push('log', {}, item.name)
  elseif item.kind == 'tab' then
    self:tab(item.name)
  elseif item.kind then
    self:push(item.kind, { name = item.name })
  end
end

--- Another stretch of time. What was paged to is left.
---@param change { month?: string, range?: purser.Range, shift?: integer }
function Browser:show(change)
  self.month = change.month or self.month
  self.range = change.range or self.range
  self.shift = change.shift or 0
  self.place.cursor, self.place.extra.page = nil, nil
  self:bind()
  self:ask()
end

--- The figures of another kind of billing.
function Browser:next_billing()
  local billing = require('purser.views.billing')
  local now = self.ctx.billing or 'metered'
  local other = billing.next(now, self.ctx.data.kinds)
  if other == now then
    return require('purser.notify').info('there is nothing of another kind of billing')
  end
  self.billing = other
  self.place.cursor, self.place.extra.page = nil, nil
  self:ask()
end

--- Columns of another width of time.
function Browser:next_grain()
  local buckets = require('purser.views.buckets')
  local all = buckets.GRAINS[self.range]
  local now = buckets.grain(self.ctx)
  for i, grain in ipairs(all) do
    if grain == now then
      self.grain = all[i % #all + 1]
      break
    end
  end
  self.place.cursor = vim.api.nvim_win_get_cursor(self.window.win)
  self:draw()
end

--- Asks for the page that place.extra names, and shows its first row.
function Browser:turn()
  self.place.cursor, self.goto_mark = nil, 'runs'
  self:ask()
end

--- The next column in turn, or the other way round.
---@param reverse? boolean
function Browser:sort(reverse)
  if not self.view.sortable then
    return
  end
  local names = require('purser.ui.table').sortable(self.view.sortable(self.ctx))
  local now = self.ctx.sort
  if reverse then
    if now then
      self.sorts[self.view.name] = { name = now.name, reverse = not now.reverse }
    end
  else
    local at = 0
    for i, name in ipairs(names) do
      if now and name == now.name then
        at = i
      end
    end
    self.sorts[self.view.name] = { name = names[at % #names + 1] }
  end
  self.place.cursor = vim.api.nvim_win_get_cursor(self.window.win)
  if self.view.sorted_by_core then
    self.place.extra.page = nil
    return self:ask()
  end
  self:draw()
end

---@param filter string
function Browser:filter(filter)
  self.place.filter = filter ~= '' and filter or nil
  self.place.cursor, self.place.extra.page = nil, nil
  self:ask()
end

---@private
function Browser:bind()
  for _, key in ipairs(self.keys or {}) do
    local list = type(key.lhs) == 'table' and key.lhs or { key.lhs }
    for _, lhs in
      ipairs(list --[[@as string[] ]])
    do
      pcall(vim.keymap.del, key.modes or 'n', lhs, { buffer = self.window.buf })
    end
  end
  self.keys = require('purser.ui.browser_keys').of(self)
  require('purser.ui.keys').map(self.window.buf, self.keys)
end

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
        self:refresh()
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

--- Opens the window on a view.
---@param options purser.BrowserOptions
---@return purser.Browser
function M.open(options)
  local self = setmetatable({
    back = {},
    sorts = {},
    asked = 0,
    off = {},
    range = 'month',
    shift = 0,
    last_billing = 'metered',
  }, Browser)
  self.view = view_of(options.view)
  self.month = options.month or dates.of(dates.now_ms()):sub(1, 7)
  self.place = { view = options.view, args = options.args or {}, filter = options.filter, extra = {} }
  local folder = vim.fn.getcwd()
  self.here = folder
  self.ctx = self:context()
  local buf = buffer.new('purser', 'purser://report')
  self.keys = require('purser.ui.browser_keys').of(self)
  self.window = window.open({
    buf = buf,
    title = self:title(),
    keys = self.keys,
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
  self:draw()
  self:listen()
  require('purser.workspace').root(folder, function(root)
    self.here = root
    self.ctx.here = root
  end)
  self:ask()
  return self
end

--- A context without a window, for printing.
---@param options purser.BrowserOptions
---@param columns integer
---@return purser.View view
---@return purser.ViewContext ctx
function M.context(options, columns)
  local self = setmetatable({ sorts = {}, range = 'month', shift = 0, last_billing = 'metered' }, Browser)
  self.view = view_of(options.view)
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
