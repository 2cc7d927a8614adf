--- Highlight groups: links to standard groups, so that every colour scheme fits, and a few colours mixed from them.
---
--- All are `default`, so a user's own definition wins. A colour scheme clears them, so they are set again on ColorScheme.

local M = {}

---@type table<string, string>
M.links = {
  PurserNormal = 'NormalFloat',
  PurserBorder = 'FloatBorder',
  PurserKey = 'Special',
  PurserTab = 'PurserMuted',
  PurserTabActive = 'Visual',
  PurserTotal = 'Title',
  PurserHeading = 'Title',
  PurserColumn = 'PurserMuted',
  PurserSorted = 'Identifier',
  PurserName = 'Identifier',
  PurserGood = 'DiagnosticOk',
  PurserInfo = 'DiagnosticInfo',
  PurserWarn = 'DiagnosticWarn',
  PurserError = 'DiagnosticError',
  PurserBar = 'Function',
  PurserBarWarn = 'DiagnosticWarn',
  PurserBarOver = 'DiagnosticError',
  PurserBarHeld = 'PurserMuted',
  PurserBarToday = 'Special',
  PurserToday = 'Special',
  PurserTrack = 'CursorLine',
  PurserCurrent = 'CursorLine',
  PurserField = 'Identifier',
  PurserPrompt = 'PurserMuted',
  PurserThinking = 'PurserMuted',
  PurserTool = 'Function',
  PurserToolArgument = 'Normal',
  PurserToolOutput = 'PurserMuted',
  PurserWinbar = 'WinBar',
}

---@param name string
---@return vim.api.keyset.get_hl_info
local function resolved(name)
  return vim.api.nvim_get_hl(0, { name = name, link = false })
end

---@param a integer
---@param b integer
---@param share number of a
---@return integer
local function mix(a, b, share)
  local out = 0
  for shift = 16, 0, -8 do
    local x = math.floor(a / 2 ^ shift) % 256
    local y = math.floor(b / 2 ^ shift) % 256
    out = out * 256 + math.floor(x * share + y * (1 - share) + 0.5)
  end
  return out
end

--- How bright a colour is, from 0 to 1.
---@param colour integer
---@return number
local function brightness(colour)
  local r, g, b = math.floor(colour / 65536) % 256, math.floor(colour / 256) % 256, colour % 256
  return (0.299 * r + 0.587 * g + 0.114 * b) / 255
end

---@param fg? integer
---@param bg? integer
---@return boolean
local function readable(fg, bg)
  return not fg or not bg or math.abs(brightness(fg) - brightness(bg)) >= 0.2
end

--- A group with another one's colour on a given ground.
---@param name string
---@param source string
---@param ground vim.api.keyset.get_hl_info
local function on_ground(name, source, ground)
  local hl = resolved(source)
  vim.api.nvim_set_hl(0, name, {
    default = true,
    fg = hl.fg,
    bg = ground.bg,
    bold = hl.bold,
    italic = hl.italic,
    ctermfg = hl.ctermfg,
    ctermbg = ground.ctermbg,
  })
end

local ON_BORDER = {
  PurserTitle = 'Title',
  PurserSubtitle = 'PurserMuted',
  PurserAlert = 'DiagnosticWarn',
  PurserFooterKey = 'Special',
  PurserFooterDesc = 'PurserMuted',
}

--- Text on the border has the border's ground, where every part of it can be read there; else the window's. A group without a
--- ground would show the editor's.
---@param window vim.api.keyset.get_hl_info
local function border_texts(window)
  local border = resolved('FloatBorder')
  local ground = { bg = border.bg or window.bg, ctermbg = border.ctermbg or window.ctermbg }
  for _, source in pairs(ON_BORDER) do
    if not readable(resolved(source).fg, ground.bg) then
      ground = window
    end
  end
  for name, source in pairs(ON_BORDER) do
    on_ground(name, source, ground)
  end
end

--- Quiet text: links, unless the scheme's own can't be read on the window's ground, or has a ground of its own.
---@param window vim.api.keyset.get_hl_info
---@param paper integer
local function quiet_texts(window, paper)
  local ink = window.fg or resolved('Normal').fg
  for name, quiet in pairs({
    PurserMuted = { 'Comment', 0.6 },
    PurserFaint = { 'NonText', 0.35 },
    PurserAxis = { 'NonText', 0.35 },
  }) do
    local hl = resolved(quiet[1])
    if ink and (not readable(hl.fg, paper) and quiet[1] == 'Comment' or hl.bg) then
      vim.api.nvim_set_hl(0, name, { default = true, fg = mix(ink, paper, quiet[2]), ctermfg = hl.ctermfg })
    else
      vim.api.nvim_set_hl(0, name, { default = true, link = quiet[1] })
    end
  end
end

--- Colours that no group has: the edge of a bar on its track, and four strengths of the bar's colour.
---@param paper integer
local function bar_colours(paper)
  local track = resolved('PurserTrack')
  for _, name in ipairs({ 'PurserBar', 'PurserBarWarn', 'PurserBarOver' }) do
    local bar = resolved(name)
    vim.api.nvim_set_hl(0, name .. 'Edge', {
      default = true,
      fg = bar.fg,
      bg = track.bg,
      ctermfg = bar.ctermfg,
      ctermbg = track.ctermbg,
    })
  end
  local bar = resolved('PurserBar')
  for i, strength in ipairs({ 0.35, 0.55, 0.8, 1 }) do
    vim.api.nvim_set_hl(0, 'PurserHeat' .. i, {
      default = true,
      fg = bar.fg and mix(bar.fg, paper, strength),
      ctermfg = bar.ctermfg,
    })
  end
end

--- On the statusline, with its ground and the colour of the level; where that can't be read, the other way round, as a badge.
---@param name string
---@param source string
---@param statusline vim.api.keyset.get_hl_info
local function on_statusline(name, source, statusline)
  local hl = resolved(source)
  if readable(hl.fg, statusline.bg) then
    return on_ground(name, source, statusline)
  end
  local ink = brightness(hl.fg) > 0.5 and 0 or 0xffffff
  vim.api.nvim_set_hl(0, name, { default = true, fg = ink, bg = hl.fg, ctermfg = 0, ctermbg = hl.ctermfg })
end

local function define()
  local window = resolved('NormalFloat')
  local paper = window.bg or resolved('Normal').bg or (vim.o.background == 'light' and 0xffffff or 0)
  quiet_texts(window, paper)
  for name, target in pairs(M.links) do
    vim.api.nvim_set_hl(0, name, { default = true, link = target })
  end
  -- A folded line looks as it does unfolded.
  vim.api.nvim_set_hl(0, 'PurserFold', { default = true })
  border_texts(window)
  bar_colours(paper)
  local statusline = resolved('StatusLine')
  if statusline.reverse then
    statusline.bg, statusline.ctermbg = statusline.fg, statusline.ctermfg
  end
  on_statusline('PurserStatuslineWarn', 'DiagnosticWarn', statusline)
  on_statusline('PurserStatuslineOver', 'DiagnosticError', statusline)
end

local ready = false

--- Defines the groups, once, and again after each :colorscheme.
function M.setup()
  if ready then
    return
  end
  ready = true
  define()
  local group = vim.api.nvim_create_augroup('purser.highlights', {})
  vim.api.nvim_create_autocmd('ColorScheme', {
    group = group,
    desc = 'purser: link the highlight groups again',
    callback = define,
  })
  vim.api.nvim_create_autocmd('OptionSet', {
    group = group,
    pattern = { 'background', 'termguicolors' },
    desc = 'purser: mix the colours again',
    callback = define,
  })
end

return M
