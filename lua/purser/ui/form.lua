--- A window of settings: names in one column, values in the next; those that can be changed are items, and are changed in place.

local Text = require('purser.ui.text')
local glyphs = require('purser.ui.glyphs')
local width = require('purser.ui.width')

local M = {}

--- Where values begin.
M.COLUMN = 26

--- One setting.
---@class (exact) purser.ui.Setting
---@field name string
---@field value? string nothing is shown of one without
---@field group? string
---@field edit? string what <CR> on it changes
---@field note? string where it comes from, at the right
---@field draw? fun(out: purser.ui.Text, cells: integer) draws the value instead

---@param settings purser.ui.Setting[]
---@param cells integer
---@return purser.ui.Text
function M.draw(settings, cells)
  local out = Text.new()
  local set = glyphs.get()
  for _, setting in ipairs(settings) do
    if setting.name == '' then
      out:nl()
    elseif setting.draw or (setting.value and setting.value ~= '') then
      if setting.edit then
        out:item({ edit = setting.edit })
      end
      out:add(width.pad(setting.name, M.COLUMN), setting.edit and 'PurserField' or 'PurserMuted')
      if setting.draw then
        setting.draw(out, cells - M.COLUMN)
      else
        local room = cells - M.COLUMN
        local note = setting.note and (' %s %s'):format(set.separator, setting.note) or ''
        if width.of(setting.value) + width.of(note) > room then
          note = width.of(setting.value) > room and '' or width.cut(note, room - width.of(setting.value))
        end
        out:add(width.cut(setting.value, room), setting.group):add(note, 'PurserMuted')
      end
      if setting.edit then
        out:to(cells)
      end
      out:item(nil):nl()
    end
  end
  return out
end

---@param out purser.ui.Text
---@param text string
---@param cells integer
---@param group? string
---@return purser.ui.Text
function M.note(out, text, cells, group)
  for _, line in ipairs(width.wrap(text, cells)) do
    out:add(line, group or 'PurserMuted'):nl()
  end
  return out
end

--- The row of a setting in a drawn text.
---@param text? purser.ui.Text
---@param edit string
---@return integer?
local function row_of(text, edit)
  for _, one in ipairs(text and text:items() or {}) do
    if type(one.item) == 'table' and one.item.edit == edit then
      return one.row
    end
  end
end

---@class (exact) purser.ui.FormField
---@field value string
---@field read fun(text: string): any, string?
---@field says? fun(value: any): string?
---@field complete? fun(): string[]
---@field save fun(value: any, done: fun(problem?: string))

--- Opens a field over a setting's value.
---@param browser purser.Browser
---@param edit string
---@param options purser.ui.FormField
function M.change(browser, edit, options)
  local row = row_of(browser.text, edit)
  if not row or not browser.window:is_open() then
    return
  end
  local margin = require('purser.ui.browser_draw').margin((browser.window:size()))
  vim.api.nvim_win_set_cursor(browser.window.win, { row, margin })
  local field ---@type purser.ui.Field
  field = require('purser.ui.field').open({
    win = browser.window.win,
    row = row,
    column = margin + M.COLUMN,
    value = options.value,
    read = options.read,
    says = options.says,
    complete = options.complete,
    on_save = function(value, fail)
      options.save(value, function(problem)
        if problem then
          return fail(problem)
        end
        field:close()
        browser:refresh()
      end)
    end,
  })
end

---@class (exact) purser.ui.FormChoice
---@field prompt string
---@field kind string
---@field values string[]
---@field words table<string, string>
---@field save fun(value: string, done: fun(problem?: string))

--- One of a few values.
---@param browser purser.Browser
---@param options purser.ui.FormChoice
function M.choose(browser, options)
  vim.ui.select(options.values, {
    prompt = options.prompt,
    kind = options.kind,
    format_item = function(value)
      return options.words[value] or value
    end,
  }, function(value)
    if value then
      options.save(value, function(problem)
        if problem then
          require('purser.notify').error(problem)
        end
        browser:refresh()
      end)
    end
  end)
end

return M
