--- A trend as a picture for sharing: one SVG file, no network, no script, readable in light and dark.

local chart = require('purser.ui.chart')
local format = require('purser.ui.format')

local M = {}

local WIDTH, HEIGHT = 840, 320
local LEFT, RIGHT, TOP, BOTTOM = 64, 16, 64, 40

local BAR = '<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="1"><title>%s: %s</title></rect>'

---@param text string
---@return string
local function escape(text)
  return (text:gsub('[&<>"]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }))
end

---@param trend purser.Trend
---@return string[]
local function head(trend)
  return {
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">'):format(
      WIDTH,
      HEIGHT,
      escape(('%s: %s'):format(trend.title, trend.total))
    ),
    '<style>',
    'svg{font-family:system-ui,sans-serif}.paper{fill:#fff}text{fill:#1f2328}',
    '.muted{fill:#59636e}.bar{fill:#1a7f74}.line{stroke:#d1d9e0}',
    '@media (prefers-color-scheme:dark){.paper{fill:#0d1117}text{fill:#f0f6fc}',
    '.muted{fill:#9198a1}.bar{fill:#3fb8a9}.line{stroke:#3d444d}}',
    '</style>',
    ('<rect class="paper" width="%d" height="%d" rx="6"/>'):format(WIDTH, HEIGHT),
    ('<text x="%d" y="28" font-size="20" font-weight="600">%s</text>'):format(LEFT, escape(trend.total)),
    ('<text x="%d" y="48" font-size="13" class="muted">%s</text>'):format(LEFT, escape(trend.title)),
  }
end

--- Lines at nought, half and the top, each with its amount.
---@param out string[]
---@param top number
local function scale(out, top)
  local room = HEIGHT - TOP - BOTTOM
  for i = 0, 2 do
    local y = TOP + room * i / 2
    out[#out + 1] = ('<line class="line" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'):format(LEFT, WIDTH - RIGHT, y, y)
    out[#out + 1] = ('<text class="muted" x="%d" y="%.1f" font-size="12" text-anchor="end">%s</text>'):format(
      LEFT - 8,
      y + 4,
      escape(i == 2 and '0' or format.scale(top * (2 - i) / 2))
    )
  end
end

---@param trend purser.Trend
---@return string
function M.svg(trend)
  local points, most = trend.points, 0
  for _, point in ipairs(points) do
    most = math.max(most, point.value)
  end
  local top = chart.nice(most > 0 and most or 1e9)
  local room = HEIGHT - TOP - BOTTOM
  local step = (WIDTH - LEFT - RIGHT) / math.max(1, #points)
  local out = head(trend)
  scale(out, top)
  local free = 0 -- where the next label has room
  for i, point in ipairs(points) do
    local h = point.value / top * room
    local x = LEFT + (i - 1) * step
    local title, money = escape(point.title), escape(format.money(point.value))
    out[#out + 1] = BAR:format(x + step * 0.12, TOP + room - h, step * 0.76, h, title, money)
    local cells = point.label and #point.label * 8 or 0
    if point.label and x + step / 2 - cells / 2 >= free then
      free = x + step / 2 + cells / 2 + 4
      out[#out + 1] = ('<text class="muted" x="%.1f" y="%d" font-size="12" text-anchor="middle">%s</text>'):format(
        x + step / 2,
        HEIGHT - BOTTOM + 20,
        escape(point.label)
      )
    end
  end
  out[#out + 1] = '</svg>'
  return table.concat(out, '\n') .. '\n'
end

return M
