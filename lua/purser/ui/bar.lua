--- Horizontal bars: a thick one in eighths of a cell, and a thin one in halves for tables, where thick bars of neighbouring rows would
--- grow together. The number belongs beside it, and is the caller's to write.

local glyphs = require('purser.ui.glyphs')

local M = {}

---@class (exact) purser.ui.BarOptions
---@field group? string highlight of the filled part, default PurserBar
---@field track? boolean draw the rest too (default: only what is filled)
---@field held? number a further share, set aside but not spent

--- The highlight for a share of a budget.
---@param share? number
---@return string
function M.group(share)
  if share and share >= 1 then
    return 'PurserBarOver'
  elseif share and share >= 0.8 then
    return 'PurserBarWarn'
  end
  return 'PurserBar'
end

--- Something that is not nothing shows, and only what is full looks full.
---@param share number
---@param cells integer
---@param each integer parts of a cell
---@return integer parts
local function parts(share, cells, each)
  local most = cells * each
  if share <= 0 or cells <= 0 then
    return 0
  elseif share >= 1 then
    return most
  end
  return math.max(1, math.min(most - 1, math.floor(share * most + 0.5)))
end

--- Adds a thin bar of `cells` to the text.
---@param text purser.ui.Text
---@param share number
---@param cells integer
---@param options? purser.ui.BarOptions
---@return purser.ui.Text
function M.thin(text, share, cells, options)
  options = options or {}
  local set = glyphs.get()
  local group = options.group or 'PurserBar'
  local halves = parts(share, cells, 2)
  local whole, part = math.floor(halves / 2), halves % 2
  text:add(set.heavy:rep(whole) .. (part == 1 and set.heavy_half or ''), group)
  local used = whole + part
  if options.held and options.held > 0 and used < cells then
    local held = math.min(cells - used, math.max(1, math.floor(options.held * cells + 0.5)))
    text:add(set.dashed:rep(held), 'PurserBarHeld')
    used = used + held
  end
  return text:add((options.track and set.light or ' '):rep(cells - used), options.track and 'PurserFaint' or nil)
end

--- Adds a thick bar of `cells` to the text.
---@param text purser.ui.Text
---@param share number 0 to 1, what is more is drawn as 1
---@param cells integer
---@param options? purser.ui.BarOptions
---@return purser.ui.Text
function M.add(text, share, cells, options)
  options = options or {}
  local set = glyphs.get()
  local group = options.group or 'PurserBar'
  local filled = parts(share, cells, 8)
  local whole, part = math.floor(filled / 8), filled % 8
  local used = whole
  text:add(set.eighths[8]:rep(whole), group)
  local held = 0
  if options.held and options.held > 0 and used < cells then
    held = math.min(cells - used, math.max(1, math.floor(options.held * cells + 0.5)))
  end
  if part > 0 and set.eighths[part] ~= '' and held == 0 then
    -- The edge cell is bar on the left and track on the right.
    text:add(set.eighths[part], options.track and group .. 'Edge' or group)
    used = used + 1
  end
  if held > 0 then
    text:add(set.shades[2]:rep(held), 'PurserBarHeld')
    used = used + held
  end
  if options.track then
    text:add((set.ascii and set.track or ' '):rep(cells - used), 'PurserTrack')
  else
    text:add((' '):rep(cells - used))
  end
  return text
end

return M
