--- A window for drawn text: a float in the middle, or a split or tab. It keeps its place when the editor is resized.
---
--- What a float shows on its border (title, key hints), a window without border shows in its winbar.

local glyphs = require('purser.ui.glyphs')
local keys = require('purser.ui.keys')
local width = require('purser.ui.width')

local M = {}

---@alias purser.ui.Where "float"|"tab"|"split"|"vsplit"

---@class (exact) purser.ui.WindowOptions
---@field buf integer
---@field title purser.ui.Chunk[]
---@field keys? purser.ui.Key[] mapped in the buffer, and hinted at
---@field footer? purser.ui.Key[] hinted at only: the caller maps them
---@field where? purser.ui.Where
---@field size fun(columns: integer, lines: integer): integer, integer the float's inner width and height
---@field on_resize? fun()
---@field on_close? fun()
---@field zindex? integer
---@field wrap? boolean
---@field cursorline? boolean
---@field stay? boolean do not go there

---@class purser.ui.Window
---@field win integer
---@field buf integer
---@field options purser.ui.WindowOptions
---@field private group integer
---@field private config? table as last set
local Window = {}
Window.__index = Window

--- The border: the user's for purser, else 'winborder' where Neovim has it, else rounded.
---@return string|string[]
function M.border()
  local config = package.loaded['purser.config']
  local own = config and config.get().ui and config.get().ui.border
  if own and own ~= '' then
    return own
  end
  local ok, editor = pcall(function()
    return vim.o.winborder
  end)
  if ok and editor and editor ~= '' then
    return editor:find(',') and vim.split(editor, ',') or editor
  end
  if glyphs.get().ascii then
    return { '+', '-', '+', '|', '+', '-', '+', '|' }
  end
  return 'rounded'
end

---@return boolean
function M.has_border()
  local border = M.border()
  return border ~= 'none' and border ~= 'shadow'
end

--- A centred place for a float of that inner size, border included, above the command line.
---@param columns integer
---@param lines integer
---@return table config for nvim_open_win
function M.place(columns, lines)
  local frame = M.has_border() and 2 or 0
  local room_x = vim.o.columns - frame
  local room_y = vim.o.lines - vim.o.cmdheight - frame
  local w = math.max(1, math.min(columns, room_x))
  local h = math.max(1, math.min(lines, room_y))
  return {
    relative = 'editor',
    width = w,
    height = h,
    col = math.max(0, math.floor((vim.o.columns - w - frame) / 2)),
    row = math.max(0, math.floor((vim.o.lines - vim.o.cmdheight - h - frame) / 2)),
  }
end

---@param chunks purser.ui.Chunk[]
---@param room integer
---@return purser.ui.Chunk[]
local function fit(chunks, room)
  local out, used = {}, 0
  for _, chunk in ipairs(chunks) do
    local text = width.cut(chunk[1], room - used)
    if text ~= '' then
      out[#out + 1] = { text, chunk[2] }
      used = used + width.of(text)
    end
  end
  return out
end

---@param chunks purser.ui.Chunk[]
---@return string
local function as_statusline(chunks)
  local out = {}
  for _, chunk in ipairs(chunks) do
    out[#out + 1] = ('%%#%s#%s'):format(chunk[2] or 'PurserNormal', (chunk[1]:gsub('%%', '%%%%')))
  end
  return table.concat(out)
end

---@return boolean
function Window:is_float()
  return vim.api.nvim_win_get_config(self.win).relative ~= ''
end

---@return boolean
function Window:is_open()
  return vim.api.nvim_win_is_valid(self.win) and vim.api.nvim_win_get_buf(self.win) == self.buf
end

---@return integer columns
---@return integer lines
function Window:size()
  return vim.api.nvim_win_get_width(self.win), vim.api.nvim_win_get_height(self.win)
end

---@private
---@return table
function Window:float_config()
  local config = M.place(self.options.size(vim.o.columns, vim.o.lines))
  config.zindex = self.options.zindex or 45
  config.border = M.border()
  if M.has_border() then
    config.title = fit(self.options.title, config.width)
    config.title_pos = 'left'
    local footer = keys.footer(self.options.footer or self.options.keys or {}, config.width)
    config.footer = #footer > 0 and footer or ''
    config.footer_pos = 'center'
  end
  return config
end

--- Shows title and hints anew.
---@param title? purser.ui.Chunk[]
---@param list? purser.ui.Key[]
function Window:decorate(title, list)
  self.options.title = title or self.options.title
  self.options.footer = list or self.options.footer
  if not self:is_open() then
    return
  end
  if self:is_float() and M.has_border() then
    local config = self:float_config()
    -- Setting it draws the window again, even when it is the same.
    if not vim.deep_equal(config, self.config) then
      vim.api.nvim_win_set_config(self.win, config)
      self.config = config
    end
    return
  end
  local room = vim.api.nvim_win_get_width(self.win)
  local head = fit(self.options.title, room)
  local used = 0
  for _, chunk in ipairs(head) do
    used = used + width.of(chunk[1])
  end
  local hints = keys.footer(self.options.footer or self.options.keys or {}, room - used - 1)
  vim.wo[self.win][0].winbar = as_statusline(head) .. '%#PurserNormal#%=' .. as_statusline(hints)
end

function Window:close()
  pcall(vim.api.nvim_del_augroup_by_id, self.group)
  if not vim.api.nvim_win_is_valid(self.win) then
    return
  end
  if #vim.api.nvim_list_wins() == 1 and not self:is_float() then
    -- The last window can't be closed: leave it with an empty buffer.
    vim.api.nvim_win_set_buf(self.win, vim.api.nvim_create_buf(true, false))
  else
    pcall(vim.api.nvim_win_close, self.win, true)
  end
end

---@private
function Window:set_options()
  local wo = vim.wo[self.win][0]
  wo.wrap = self.options.wrap or false
  wo.linebreak = self.options.wrap or false
  wo.number = false
  wo.relativenumber = false
  wo.signcolumn = 'no'
  wo.foldcolumn = '0'
  wo.foldenable = false
  wo.list = false
  wo.spell = false
  wo.statuscolumn = ''
  wo.colorcolumn = ''
  wo.cursorcolumn = false
  wo.scrolloff = 0
  wo.sidescrolloff = 0
  wo.cursorline = self.options.cursorline or false
  wo.cursorlineopt = 'line'
  wo.winfixbuf = true
  wo.winhighlight = table.concat({
    'NormalFloat:PurserNormal',
    'FloatBorder:PurserBorder',
    'FloatTitle:PurserTitle',
    'FloatFooter:PurserBorder',
  }, ',')
end

---@private
function Window:watch()
  self.group = vim.api.nvim_create_augroup('purser.window.' .. self.buf, {})
  vim.api.nvim_create_autocmd({ 'VimResized', 'WinResized' }, {
    group = self.group,
    desc = 'purser: lay the window out again',
    callback = function(event)
      if not self:is_open() then
        return
      end
      if event.event == 'VimResized' or not self:is_float() then
        self:decorate()
        if self.options.on_resize then
          self.options.on_resize()
        end
      end
    end,
  })
  vim.api.nvim_create_autocmd('BufWipeout', {
    group = self.group,
    buffer = self.buf,
    desc = 'purser: the window is gone',
    callback = function()
      pcall(vim.api.nvim_del_augroup_by_id, self.group)
      if self.options.on_close then
        self.options.on_close()
      end
    end,
  })
end

--- Opens a window on a buffer and maps its keys.
---@param options purser.ui.WindowOptions
---@return purser.ui.Window
function M.open(options)
  require('purser.ui.highlights').setup()
  local self = setmetatable({ buf = options.buf, options = options, win = -1 }, Window)
  local where = options.where or 'float'
  if where == 'float' then
    local config = self:float_config()
    config.style = 'minimal'
    self.win = vim.api.nvim_open_win(options.buf, not options.stay, config)
  else
    local before = vim.api.nvim_get_current_win()
    vim.cmd(where == 'tab' and 'tab split' or where == 'vsplit' and 'botright vsplit' or 'botright split')
    self.win = vim.api.nvim_get_current_win()
    vim.wo[self.win][0].winfixbuf = false
    vim.api.nvim_win_set_buf(self.win, options.buf)
    if options.stay then
      vim.api.nvim_set_current_win(before)
    end
  end
  self:set_options()
  self:watch()
  if options.keys then
    keys.map(options.buf, options.keys)
  end
  if where ~= 'float' or not M.has_border() then
    self:decorate()
  end
  return self
end

return M
