--- A component for lualine.nvim: `lualine_x = { 'purser' }`.

local Component = require('lualine.component'):extend()

local COLOURS = { warn = 'PurserStatuslineWarn', over = 'PurserStatuslineOver' }

function Component:init(options)
  -- The colour follows the level, unless the user has chosen one.
  options.color = options.color or function()
    return COLOURS[require('purser.statusline').state().level]
  end
  Component.super.init(self, options)
end

function Component:update_status()
  return (require('purser.statusline').state().plain:gsub('%%', '%%%%'))
end

return Component
