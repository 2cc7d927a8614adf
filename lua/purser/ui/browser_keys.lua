--- The keys of the browser, as the view that is shown needs them.

local dates = require('purser.ui.dates')
local span = require('purser.views.span')

local M = {}

---@param self purser.Browser
local function help(self)
  require('purser.ui.help').open('Cost report', self.keys --[[@as purser.ui.Key[] ]], {
    title = 'A filter may be',
    rows = self.view.filter_help,
  })
end

---@param self purser.Browser
---@return purser.ui.Key[]
local function moving(self)
  local out = {
    {
      lhs = '<CR>',
      desc = 'Open what is under the cursor',
      hint = 'open',
      rank = 2,
      group = 'Moving',
      run = function()
        self:enter()
      end,
    },
    {
      lhs = { '<BS>', '<C-o>' },
      desc = 'Back',
      hint = #self.back > 0 and 'back' or nil,
      rank = 2,
      group = 'Moving',
      run = function()
        self:pop()
      end,
    },
    {
      lhs = '<Tab>',
      desc = 'Next tab; <S-Tab> the one before',
      hint = 'next',
      rank = 3,
      group = 'Moving',
      run = function()
        self:next_tab(1)
      end,
    },
    {
      lhs = '<S-Tab>',
      desc = 'Previous tab',
      quiet = true,
      group = 'Moving',
      run = function()
        self:next_tab(-1)
      end,
    },
  }
  local tabs = require('purser.ui.browser').tabs
  for i, tab in ipairs(tabs) do
    out[#out + 1] = {
      lhs = tostring(i),
      show = ('1 to %d'):format(#tabs),
      desc = i == 1 and 'The tab of that number' or tab.title,
      quiet = i > 1,
      group = 'Moving',
      run = function()
        self:tab(tab.name)
      end,
    }
  end
  return out
end

--- The stretch before or after. There is no future.
---@param self purser.Browser
---@param by -1|1
local function step(self, by)
  if self.range == '30d' or self.range == '90d' then
    local shift = self.shift - by
    return shift >= 0 and self:show({ shift = shift })
  end
  local wanted = dates.shift_month(self.month, self.range == 'year' and 12 * by or by)
  local cells = self.range == 'year' and 4 or 7
  if by < 0 or wanted:sub(1, cells) <= dates.of(dates.now_ms()):sub(1, cells) then
    self:show({ month = wanted })
  end
end

---@param self purser.Browser
local function next_range(self)
  for i, range in ipairs(span.RANGES) do
    if range == self.range then
      return self:show({ range = span.RANGES[i % #span.RANGES + 1] })
    end
  end
end

---@param self purser.Browser
---@return purser.ui.Key[]
local function time(self)
  local words = { month = 'month', year = 'year', ['30d'] = '30 days', ['90d'] = '90 days' }
  return {
    {
      lhs = '[',
      show = '[ ]',
      desc = 'The month before and after (or the year, the 30 or 90 days)',
      hint = words[self.range],
      rank = 3,
      group = 'Time',
      run = function()
        step(self, -1)
      end,
    },
    {
      lhs = ']',
      desc = 'The month after',
      quiet = true,
      group = 'Time',
      run = function()
        step(self, 1)
      end,
    },
    {
      lhs = 't',
      desc = 'This month',
      group = 'Time',
      run = function()
        self:show({ month = dates.of(dates.now_ms()):sub(1, 7), range = 'month' })
      end,
    },
    {
      lhs = 'Y',
      desc = 'The whole year, or the month again',
      hint = self.range == 'year' and 'by month' or 'year',
      rank = 6,
      group = 'Time',
      run = function()
        self:show({ range = self.range == 'year' and 'month' or 'year' })
      end,
    },
    {
      lhs = 'R',
      desc = 'Another range: month, 30 days, 90 days, year',
      group = 'Time',
      run = function()
        next_range(self)
      end,
    },
    {
      lhs = 'd',
      desc = 'Columns of days, weeks or months',
      group = 'Time',
      run = function()
        self:next_grain()
      end,
    },
  }
end

--- Of a view that shows a month, whatever the others show.
---@param self purser.Browser
---@return purser.ui.Key[]
local function months(self)
  local function by(count)
    return function()
      local wanted = dates.shift_month(self.month, count)
      if wanted <= dates.of(dates.now_ms()):sub(1, 7) then
        self:show({ month = wanted })
      end
    end
  end
  return {
    {
      lhs = '[',
      show = '[ ]',
      desc = 'The month before and after',
      hint = 'month',
      rank = 3,
      group = 'Time',
      run = by(-1),
    },
    { lhs = ']', desc = 'The month after', quiet = true, group = 'Time', run = by(1) },
    {
      lhs = 't',
      desc = 'This month',
      group = 'Time',
      run = function()
        self:show({ month = dates.of(dates.now_ms()):sub(1, 7) })
      end,
    },
  }
end

---@param self purser.Browser
---@return purser.ui.Key[]
local function order(self)
  return {
    {
      lhs = 's',
      desc = 'Sort by the next column; S the other way round',
      hint = 'sort',
      rank = 4,
      group = 'Table',
      run = function()
        self:sort()
      end,
    },
    {
      lhs = 'S',
      desc = 'Sort the other way round',
      quiet = true,
      group = 'Table',
      run = function()
        self:sort(true)
      end,
    },
  }
end

---@param self purser.Browser
---@return purser.ui.Key[]
local function filter(self)
  return {
    {
      lhs = '/',
      desc = self.view.filter_help and 'Filter, as below; nothing takes it away' or 'Filter by a part of the name',
      hint = 'filter',
      rank = 4,
      group = 'Table',
      run = function()
        vim.ui.input({ prompt = 'Filter: ', default = self.place.filter or '' }, function(text)
          if text then
            self:filter(vim.trim(text))
          end
        end)
      end,
    },
  }
end

---@param self purser.Browser
---@return purser.ui.Key[]
local function taking(self)
  return {
    {
      lhs = 'r',
      desc = 'Read the ledger again',
      group = 'Figures',
      run = function()
        self:refresh()
      end,
    },
    {
      lhs = 'b',
      desc = 'Another kind of billing: metered, subscription, local',
      group = 'Figures',
      run = self.view.billed and function()
        self:next_billing()
      end or nil,
      quiet = not self.view.billed,
    },
    {
      lhs = 'y',
      desc = 'Yank the cell under the cursor',
      group = 'Figures',
      run = function()
        require('purser.ui.export').yank_cell(self)
      end,
    },
    {
      lhs = 'gy',
      desc = 'Yank the row, its cells separated by tabs',
      group = 'Figures',
      run = function()
        require('purser.ui.export').yank_row(self)
      end,
    },
    {
      lhs = 'e',
      desc = self.view.monthly and 'Export: Markdown' or 'Export: CSV, JSON, Markdown, a picture (SVG)',
      hint = self.view.export and 'export' or nil,
      rank = 7,
      group = 'Figures',
      quiet = not self.view.export,
      run = self.view.export and function()
        require('purser.ui.export').ask(self)
      end or nil,
    },
  }
end

--- A key of the view itself goes before one of the same name that all views have.
---@param own purser.ui.Key[]
---@param common purser.ui.Key[]
---@return purser.ui.Key[]
local function merge(own, common)
  local taken, out, last = {}, {}, {}
  for _, key in ipairs(own) do
    for _, lhs in
      ipairs(type(key.lhs) == 'table' and key.lhs or { key.lhs } --[[@as string[] ]])
    do
      taken[lhs] = true
    end
    table.insert(key.last and last or out, key)
  end
  for _, key in ipairs(common) do
    local first = type(key.lhs) == 'table' and key.lhs[1] or key.lhs
    if not taken[first] then
      out[#out + 1] = key
    end
  end
  return vim.list_extend(out, last)
end

---@param self purser.Browser
---@return purser.ui.Key[]
function M.of(self)
  local common = moving(self)
  if self.view.ranged then
    vim.list_extend(common, time(self))
  elseif self.view.monthly then
    vim.list_extend(common, months(self))
  end
  if self.view.sortable then
    vim.list_extend(common, order(self))
  end
  if self.view.filtered then
    vim.list_extend(common, filter(self))
  end
  vim.list_extend(common, taking(self))
  local out = merge(self.view.keys and self.view.keys(self) or {}, common)
  vim.list_extend(out, {
    {
      lhs = { '?', 'g?' },
      desc = 'This help',
      hint = 'help',
      rank = 1,
      group = 'Window',
      run = function()
        help(self)
      end,
    },
    {
      lhs = { 'q', '<Esc>' },
      desc = 'Close',
      hint = 'close',
      rank = 1,
      group = 'Window',
      run = function()
        self.window:close()
      end,
    },
  })
  return out
end

return M
