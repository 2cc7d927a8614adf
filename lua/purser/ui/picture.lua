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

---@param trend { key: string, value: number }[] nano-dollars
---@param options { title: string, subtitle?: string }
---@return string
function M.svg(trend, options)
  local most, sum = 0, 0
  for _, point in ipairs(trend) do
    most = math.max(most, point.value)
    sum = sum + point.value
  end
  local top = chart.nice(most > 0 and most or 1)
  local room_x, room_y = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
  local step = room_x / math.max(1, #trend)
  local out = {
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">'):format(
      WIDTH,
      HEIGHT,
      escape(options.title)
    ),
    '<style>',
    'svg{background:#fff;color:#1f2328;font-family:system-ui,sans-serif}',
    '.muted{fill:#59636e}.bar{fill:#1a7f74}.line{stroke:#d1d9e0}text{fill:currentColor}',
    '@media (prefers-color-scheme:dark){svg{background:#0d1117;color:#f0f6fc}',
    '.muted{fill:#9198a1}.bar{fill:#3fb8a9}.line{stroke:#3d444d}}',
    '</style>',
    ('<text x="%d" y="28" font-size="20" font-weight="600">%s</text>'):format(LEFT, escape(format.money(sum))),
    ('<text x="%d" y="48" font-size="13" class="muted">%s</text>'):format(
      LEFT,
      escape(options.title .. (options.subtitle and ', ' .. options.subtitle or ''))
    ),
  }
  for i = 0, 2 do
    local y = TOP + room_y * i / 2
    out[#out + 1] = ('<line class="line" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'):format(LEFT, WIDTH - RIGHT, y, y)
    out[#out + 1] = ('<text class="muted" x="%d" y="%.1f" font-size="12" text-anchor="end">%s</text>'):format(
      LEFT - 8,
      y + 4,
      escape(i == 2 and '0' or format.scale(top * (2 - i) / 2))
    )
  end
  local every = math.max(1, math.ceil(#trend / 12))
  for i, point in ipairs(trend) do
    local h = point.value / top * room_y
    local x = LEFT + (i - 1) * step
    out[#out + 1] = BAR:format(
      x + step * 0.12,
      TOP + room_y - h,
      step * 0.76,
      h,
      escape(point.key),
      escape(format.money(point.value))
    )
    if (i - 1) % every == 0 then
      out[#out + 1] = ('<text class="muted" x="%.1f" y="%d" font-size="12" text-anchor="middle">%s</text>'):format(
        x + step / 2,
        HEIGHT - BOTTOM + 20,
        escape((point.key:gsub('^%d+%-%d+%-0?', '')))
      )
    end
  end
  out[#out + 1] = '</svg>'
  return table.concat(out, '\n') .. '\n'
end

return M
