--- Text measured in screen cells: cut, pad, wrap.

local M = {}

local strwidth = vim.api.nvim_strwidth

--- The same few words are measured again and again.
local KEPT = 5000
local measured, count = {}, 0 ---@type table<string, integer>, integer

vim.api.nvim_create_autocmd('OptionSet', {
  group = vim.api.nvim_create_augroup('purser.width', {}),
  pattern = { 'ambiwidth', 'emoji' },
  desc = 'purser: measure anew',
  callback = function()
    measured, count = {}, 0
  end,
})

--- How many cells the text takes. Tabs and other control characters have no place in a drawn line: see clean().
---@param text string
---@return integer
function M.of(text)
  local known = measured[text]
  if known then
    return known
  end
  local found = text:find('[\128-\255]') and strwidth(text) or #text
  if count > KEPT then
    measured, count = {}, 0
  end
  measured[text], count = found, count + 1
  return found
end

--- One line without control characters, so that it takes the cells it seems to take.
---@param text string
---@return string
function M.clean(text)
  return (text:gsub('%s+', ' '):gsub('%c', ''))
end

--- How many bytes of the text fit into `room` cells.
---@param text string
---@param room integer
---@return integer
local function fitting(text, room)
  if not text:find('[\128-\255]') then
    return room
  end
  local used, last = 0, 0
  -- A character and what combines with it.
  for first, char in text:gmatch('()([%z\1-\127\194-\244][\128-\191]*)') do
    local cells = M.of(char)
    if used + cells > room then
      return last
    end
    used = used + cells
    last = first + #char - 1
  end
  return last
end

--- The text cut to at most `cells`, its end marked where something went.
---@param text string
---@param cells integer
---@param ellipsis? string default "…"
---@return string
function M.cut(text, cells, ellipsis)
  if M.of(text) <= cells then
    return text
  end
  if cells <= 0 then
    return ''
  end
  ellipsis = ellipsis or require('purser.ui.glyphs').get().ellipsis
  local room = cells - M.of(ellipsis)
  if room < 0 then
    return ''
  end
  return (text:sub(1, fitting(text, room)):gsub('%s+$', '')) .. ellipsis
end

--- The text cut at its start, for paths, whose end says more.
---@param text string
---@param cells integer
---@return string
function M.cut_left(text, cells)
  if M.of(text) <= cells then
    return text
  end
  local ellipsis = require('purser.ui.glyphs').get().ellipsis
  local room = cells - M.of(ellipsis)
  if room < 0 then
    return ''
  end
  local chars = vim.fn.split(text, '\\zs')
  local first, used = #chars + 1, 0
  for i = #chars, 1, -1 do
    local w = strwidth(chars[i])
    if used + w > room then
      break
    end
    first, used = i, used + w
  end
  return ellipsis .. table.concat(chars, '', first)
end

--- The text filled up with spaces to `cells`, or cut to it.
---@param text string
---@param cells integer
---@param right? boolean put the text on the right
---@return string
function M.pad(text, cells, right)
  text = M.cut(text, cells)
  local space = (' '):rep(cells - M.of(text))
  return right and space .. text or text .. space
end

--- The text broken at spaces into lines of at most `cells`.
---@param text string
---@param cells integer
---@return string[]
function M.wrap(text, cells)
  local lines, line = {}, ''
  for word in text:gmatch('%S+') do
    if line == '' then
      line = word
    elseif M.of(line) + 1 + M.of(word) <= cells then
      line = line .. ' ' .. word
    else
      lines[#lines + 1] = line
      line = word
    end
    while M.of(line) > cells do
      local head = M.cut(line, cells, '')
      if head == '' then
        break
      end
      lines[#lines + 1] = head
      line = line:sub(#head + 1)
    end
  end
  lines[#lines + 1] = line
  return lines
end

return M
