--- Where the keys of the browser lead: down and back, along the tabs, through time, and to another order.

local drawing = require('purser.ui.browser_draw')

--- How long an answer may take before the bare view is shown.
local PATIENCE_MS = 60

local M = {}

---@param name string
---@return purser.View
function M.view_of(name)
  return require('purser.views.' .. name)
end

--- The methods of purser.Browser that move.
---@class purser.Browser
local methods = {}
M.methods = methods

--- What the figures of a place belong to, beside the place itself.
---@return string
function methods:stamp()
  local sort = self.sorts[self.view.name] or {}
  return table.concat({
    self.month,
    self.range,
    self.shift,
    self.billing or '',
    sort.name or '',
    tostring(sort.reverse or false),
  }, ' ')
end

--- Goes to a view: the window's title, keys and content change. What was drawn before stays until there is something to draw, so that
--- nothing flickers; only when that takes long the bare view is shown.
---@param place purser.Place
function methods:go(place)
  self.place = place
  self.view = M.view_of(place.view)
  self.ctx = self:context(place.stamp == self:stamp() and place.data or nil)
  self:ask()
  self:bind()
  if next(self.ctx.data) then
    self:draw()
    self.window:decorate(self:title(), self.keys)
  else
    self:draw_soon()
  end
end

function methods:draw_soon()
  self.text = nil
  local asked = self.asked
  vim.defer_fn(function()
    if self.asked == asked and not self.text and self.window:is_open() then
      self:draw()
      self.window:decorate(self:title(), self.keys)
    end
  end, PATIENCE_MS)
end

--- One level down.
---@param view string
---@param args? table
---@param filter? string
function methods:push(view, args, filter)
  local place = self.place
  place.saved = vim.api.nvim_win_call(self.window.win, vim.fn.winsaveview)
  place.cursor = vim.api.nvim_win_get_cursor(self.window.win)
  place.data, place.stamp = self.ctx.data, self:stamp()
  self.back[#self.back + 1] = place
  self:go({ view = view, args = args or {}, filter = filter, extra = {} })
end

--- One level up, to where one was; at the top, nothing.
function methods:pop()
  local place = table.remove(self.back)
  if not place then
    return
  end
  self:go(place)
  if place.saved and self.text then
    vim.api.nvim_win_call(self.window.win, function()
      vim.fn.winrestview(place.saved)
    end)
    self:point()
  else
    place.cursor = nil
  end
  place.data, place.saved = nil, nil
end

--- To a tab: the way back starts anew.
---@param name string
function methods:tab(name)
  self.back = {}
  self:go({ view = name, args = {}, extra = {} })
end

---@param by integer
function methods:next_tab(by)
  local at = 1
  for i, tab in ipairs(drawing.tabs) do
    if tab.name == (self.view.tab or self.view.name) then
      at = i
    end
  end
  self:tab(drawing.tabs[(at - 1 + by) % #drawing.tabs + 1].name)
end

---@return any
function methods:item()
  local cursor = vim.api.nvim_win_get_cursor(self.window.win)
  return self.text and self.text:item_at(cursor[1], cursor[2])
end

--- Opens what is under the cursor.
function methods:enter()
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
function methods:show(change)
  self.month = change.month or self.month
  self.range = change.range or self.range
  self.shift = change.shift or 0
  self.place.cursor, self.place.extra.page = nil, nil
  self:bind()
  self:ask()
end

--- The figures of another kind of billing.
function methods:next_billing()
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
function methods:next_grain()
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
function methods:turn()
  self.place.cursor, self.goto_mark = nil, 'runs'
  self:ask()
end

--- The next column in turn, or the other way round.
---@param reverse? boolean
function methods:sort(reverse)
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
function methods:filter(filter)
  self.place.filter = filter ~= '' and filter or nil
  self.place.cursor, self.place.extra.page = nil, nil
  self:ask()
end

return M
