--- The window of a run: its answer as it comes, and in the winbar what it costs. Hiding the window leaves the run alone.

local bar = require('purser.ui.run_status')
local keys = require('purser.ui.keys')
local transcript = require('purser.ui.transcript')
local window = require('purser.ui.window')

local M = {}

---@class purser.RunWindow
---@field run purser.Run
---@field buf integer
---@field keys purser.ui.Key[]
---@field private transcript purser.Transcript
---@field private off fun()
---@field private closed boolean
local RunWindow = {}
RunWindow.__index = RunWindow

local open = {} ---@type table<integer, purser.RunWindow> by the run's number

--- For 'foldexpr'.
---@return string
function M.fold()
  return transcript.fold_level(vim.fn.getline(vim.v.lnum))
end

---@return integer[]
function RunWindow:windows()
  return vim.fn.win_findbuf(self.buf)
end

---@private
---@param win integer
function RunWindow:decorate(win)
  local chunks = bar.winbar(self.run, vim.api.nvim_win_get_width(win), self.keys)
  local out = {}
  for _, chunk in ipairs(chunks) do
    out[#out + 1] = ('%%#%s#%s'):format(chunk[2] or 'PurserWinbar', (chunk[1]:gsub('%%', '%%%%')))
  end
  local text = table.concat(out)
  if vim.wo[win].winbar ~= text then
    vim.wo[win][0].winbar = text
  end
end

--- Changes the buffer. Windows whose cursor is on the last line stay there; the others are left where they are.
---@private
---@param fn fun()
function RunWindow:write(fn)
  local buf = self.buf
  local last = vim.api.nvim_buf_line_count(buf)
  local following = {}
  for _, win in ipairs(self:windows()) do
    if vim.api.nvim_win_get_cursor(win)[1] >= last then
      following[#following + 1] = win
    end
  end
  vim.bo[buf].modifiable = true
  fn()
  vim.bo[buf].modifiable = false
  vim.bo[buf].modified = false
  last = vim.api.nvim_buf_line_count(buf)
  for _, win in ipairs(following) do
    local line = vim.api.nvim_buf_get_lines(buf, last - 1, last, false)[1]
    vim.api.nvim_win_set_cursor(win, { last, math.max(0, #line - 1) })
  end
end

---@private
---@param change purser.RunChange
function RunWindow:changed(change)
  if not vim.api.nvim_buf_is_valid(self.buf) then
    return
  end
  if change.items then
    self:write(function()
      self.transcript:update(change.first or 1)
    end)
  end
  if self.run:is_final() and not self.closed then
    self.closed = true
    self:bind()
    self:write(function()
      self.transcript:close(bar.closing(self.run, self.keys))
    end)
  end
  for _, win in ipairs(self:windows()) do
    self:decorate(win)
  end
end

--- What can be done differs while it runs and after.
---@private
function RunWindow:bind()
  self.keys = require('purser.ui.run_keys').of(self)
  keys.map(self.buf, self.keys)
end

---@private
---@param win integer
function RunWindow:set_options(win)
  local wo = vim.wo[win][0]
  wo.wrap = true
  wo.linebreak = true
  wo.breakindent = true
  wo.number = false
  wo.relativenumber = false
  wo.signcolumn = 'no'
  wo.foldcolumn = '0'
  wo.list = false
  wo.spell = false
  wo.colorcolumn = ''
  wo.cursorline = false
  wo.foldmethod = 'expr'
  wo.foldexpr = "v:lua.require'purser.ui.run_window'.fold()"
  wo.foldtext = ''
  wo.foldlevel = 0
  wo.foldenable = true
  wo.fillchars = vim.o.fillchars .. (vim.o.fillchars == '' and '' or ',') .. 'fold: '
  wo.conceallevel = 0
  wo.winhighlight = 'Folded:PurserFold'
  self:decorate(win)
end

---@private
function RunWindow:watch()
  local group = vim.api.nvim_create_augroup('purser.run.' .. self.buf, {})
  vim.api.nvim_create_autocmd('BufWinEnter', {
    group = group,
    buffer = self.buf,
    desc = 'purser: show a run',
    callback = function()
      self:set_options(vim.api.nvim_get_current_win())
    end,
  })
  vim.api.nvim_create_autocmd({ 'WinResized', 'VimResized' }, {
    group = group,
    desc = 'purser: fit the winbar of a run',
    callback = function()
      for _, win in ipairs(self:windows()) do
        self:decorate(win)
      end
    end,
  })
  vim.api.nvim_create_autocmd('BufWipeout', {
    group = group,
    buffer = self.buf,
    desc = 'purser: forget the window of a run',
    callback = function()
      self.off()
      open[self.run.nr] = nil
      vim.api.nvim_del_augroup_by_id(group)
    end,
  })
end

---@param run purser.Run
---@return purser.RunWindow
local function new(run)
  require('purser.ui.highlights').setup()
  local buf = vim.api.nvim_create_buf(false, true)
  local self = setmetatable({ run = run, buf = buf, closed = false }, RunWindow)
  vim.bo[buf].buftype = 'nofile'
  vim.bo[buf].bufhidden = 'hide'
  vim.bo[buf].swapfile = false
  vim.bo[buf].undolevels = -1
  vim.api.nvim_buf_set_name(buf, ('purser://run/%d/%s'):format(run.nr, run.agent))
  self.transcript = transcript.new(buf, run)
  self:bind()
  self:write(function()
    self.transcript:prompt()
    self.transcript:update(1)
  end)
  vim.bo[buf].filetype = 'purser-run'
  vim.treesitter.language.register('markdown', 'purser-run') -- for other plugins
  self:watch()
  self.off = run:subscribe(function(_, change)
    self:changed(change)
  end)
  open[run.nr] = self
  if run:is_final() then
    self:changed({ status = true })
  end
  return self
end

--- The windows of runs in this tab: one whose run is over, to be used again, and one to put the next beside.
---@return integer? finished
---@return integer? any
local function neighbours()
  local finished, any
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local config = vim.api.nvim_win_get_config(win)
    local buf = vim.api.nvim_win_get_buf(win)
    if vim.bo[buf].filetype == 'purser-run' and config.relative == '' then
      any = win
      for _, other in pairs(open) do
        if other.buf == buf and other.run:is_final() then
          finished = win
        end
      end
    end
  end
  return finished, any
end

---@param self purser.RunWindow
---@return integer win
local function show_float(self)
  local config = window.place(math.min(110, vim.o.columns - 8), math.floor(vim.o.lines * 0.8))
  config.border = window.border()
  config.zindex = 40
  return vim.api.nvim_open_win(self.buf, true, config)
end

---@param self purser.RunWindow
---@param where string
---@return integer win
local function show_split(self, where)
  local finished, beside = neighbours()
  if where == 'tab' then
    vim.cmd('tab split')
  elseif finished and self.run:is_active() then
    -- A new run takes the place of one that is over; :Purser runs has that one still.
    vim.api.nvim_set_current_win(finished)
  elseif beside then
    -- Runs side by side where there is room, below each other where not.
    vim.api.nvim_set_current_win(beside)
    vim.cmd(vim.api.nvim_win_get_width(beside) >= 120 and 'rightbelow vsplit' or 'rightbelow split')
  elseif where == 'vsplit' and vim.o.columns >= 120 then
    vim.cmd('botright vsplit')
  else
    vim.cmd('botright split')
  end
  local win = vim.api.nvim_get_current_win()
  vim.wo[win][0].winfixbuf = false
  vim.api.nvim_win_set_buf(win, self.buf)
  return win
end

--- Is it on the screen?
--- The run whose window that buffer is.
---@param buf integer
---@return purser.Run?
function M.run_of(buf)
  for _, self in pairs(open) do
    if self.buf == buf then
      return self.run
    end
  end
end

---@param run purser.Run
---@return boolean
function M.is_visible(run)
  local self = open[run.nr]
  return self ~= nil and #self:windows() > 0
end

--- Opens the run's window, or goes to it.
---@param run purser.Run
function M.open(run)
  local self = open[run.nr] or new(run)
  local win = self:windows()[1]
  if win then
    vim.api.nvim_set_current_win(win)
    return
  end
  local where = require('purser.config').get().ui.run
  win = where == 'float' and show_float(self) or show_split(self, where)
  self:set_options(win)
  local last = vim.api.nvim_buf_line_count(self.buf)
  vim.api.nvim_win_set_cursor(win, { last, 0 })
end

--- The window is gone, the run goes on.
function RunWindow:hide()
  for _, win in ipairs(self:windows()) do
    if #vim.api.nvim_list_wins() == 1 then
      vim.api.nvim_win_set_buf(win, vim.api.nvim_create_buf(true, false))
    else
      pcall(vim.api.nvim_win_close, win, true)
    end
  end
end

return M
