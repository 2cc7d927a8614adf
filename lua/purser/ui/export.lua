--- Figures for elsewhere: a cell or row for a register, a table as CSV, JSON or Markdown, a trend as a picture.

local M = {}

---@param value any
---@return string
local function csv_cell(value)
  local text = type(value) == 'number' and ('%.17g'):format(value) or tostring(value)
  -- A cell that starts so would be run as a formula by a spreadsheet.
  if type(value) == 'string' and text:find('^[=+@\t\r-]') then
    text = "'" .. text
  end
  if text:find('[",\r\n]') then
    text = '"' .. text:gsub('"', '""') .. '"'
  end
  return text
end

---@param export purser.Export
---@return string
function M.csv(export)
  local lines = { table.concat(vim.tbl_map(csv_cell, export.columns), ',') }
  for _, row in ipairs(export.rows) do
    lines[#lines + 1] = table.concat(vim.tbl_map(csv_cell, row), ',')
  end
  return table.concat(lines, '\r\n') .. '\r\n'
end

---@param export purser.Export
---@return string
function M.json(export)
  local lines = {}
  for i, row in ipairs(export.rows) do
    local fields = {}
    for j, column in ipairs(export.columns) do
      local value = row[j]
      local text = type(value) == 'number' and ('%.17g'):format(value) or vim.json.encode(value)
      fields[j] = ('%s: %s'):format(vim.json.encode(column), text)
    end
    lines[i] = '  {' .. table.concat(fields, ', ') .. '}'
  end
  return '[\n' .. table.concat(lines, ',\n') .. '\n]\n'
end

---@param export purser.Export
---@return string
function M.markdown(export)
  local function line(cells)
    return '| ' .. table.concat(cells, ' | ') .. ' |'
  end
  local function cell(value)
    local text = type(value) == 'number' and ('%.17g'):format(value) or tostring(value)
    return (text:gsub('%s+', ' '):gsub('|', '\\|'))
  end
  local rule = {}
  for j in ipairs(export.columns) do
    rule[j] = type((export.rows[1] or {})[j]) == 'number' and '---:' or '---'
  end
  local lines = { line(vim.tbl_map(cell, export.columns)), line(rule) }
  for _, row in ipairs(export.rows) do
    lines[#lines + 1] = line(vim.tbl_map(cell, row))
  end
  return table.concat(lines, '\n') .. '\n'
end

---@type table<string, { label: string, suffix: string, write: fun(export: purser.Export): string }>
local FORMATS = {
  csv = { label = 'CSV', suffix = 'csv', write = M.csv },
  json = { label = 'JSON', suffix = 'json', write = M.json },
  markdown = { label = 'Markdown', suffix = 'md', write = M.markdown },
  svg = {
    label = 'SVG: a picture of the trend',
    suffix = 'svg',
    write = function(export)
      return require('purser.ui.picture').svg(export.trend)
    end,
  },
  text = {
    label = 'Markdown',
    suffix = 'md',
    write = function(export)
      return export.markdown
    end,
  },
}

--- Writes a file that is not there yet, or that the user agrees to replace.
---@param path string
---@param text string
local function write(path, text)
  local notify = require('purser.notify')
  vim.cmd.redraw() -- takes the questions off the screen, so that the answer needs no <CR>
  path = vim.fs.normalize(path)
  if vim.uv.fs_stat(path) and vim.fn.confirm(('%s is there already.'):format(path), '&Replace\n&Keep', 2) ~= 1 then
    return
  end
  local file, problem = io.open(path, 'wb')
  if not file then
    return notify.error(('%s could not be written: %s'):format(path, problem))
  end
  file:write(text)
  file:close()
  notify.info(('%s was written'):format(path))
end

--- Asks for a format and a name.
---@param browser purser.Browser
function M.ask(browser)
  local ctx = browser.ctx
  local export = browser.view.export(ctx)
  local names = { 'csv', 'json', 'markdown' }
  if export.trend and #export.trend.points > 0 then
    names[#names + 1] = 'svg'
  end

  ---@param name? string
  local function to_file(name)
    local format = FORMATS[name]
    if not format then
      return
    end
    local when = browser.view.ranged and '-' .. require('purser.views.span').file_name(ctx) or ''
    local default = ('purser-%s%s.%s'):format(export.name:gsub('[^%w%-_.]', '-'), when, format.suffix)
    vim.ui.input({ prompt = 'Write to: ', default = default, completion = 'file' }, function(path)
      if path and vim.trim(path) ~= '' then
        write(vim.trim(path), format.write(export))
      end
    end)
  end

  if export.markdown then
    return to_file('text')
  end
  vim.ui.select(names, {
    prompt = 'Export as',
    kind = 'purser.export',
    format_item = function(name)
      return FORMATS[name].label
    end,
  }, to_file)
end

---@param text string
local function yank(text)
  vim.fn.setreg(vim.v.register, text)
  if vim.v.register ~= '"' then
    return require('purser.notify').info(('yanked: %s'):format(text))
  end
  vim.api.nvim_echo({ { text:gsub('\t', '  '), 'PurserMuted' } }, false, {})
end

--- The chunk under the cursor, without the spaces around it.
---@param browser purser.Browser
function M.yank_cell(browser)
  local cursor = vim.api.nvim_win_get_cursor(browser.window.win)
  local at = 0
  for _, chunk in ipairs(browser.text and browser.text.rows[cursor[1]] or {}) do
    if cursor[2] >= at and cursor[2] < at + #chunk[1] then
      return yank(vim.trim(chunk[1]))
    end
    at = at + #chunk[1]
  end
end

--- The cells of the item under the cursor.
---@param browser purser.Browser
function M.yank_row(browser)
  local row = vim.api.nvim_win_get_cursor(browser.window.win)[1]
  local item = browser:item()
  local cells = {}
  for _, chunk in ipairs(browser.text and browser.text.rows[row] or {}) do
    local text = vim.trim(chunk[1])
    local drawn = chunk[2] and (chunk[2]:find('^PurserBar') or chunk[2] == 'PurserTrack' or chunk[2] == 'PurserFaint')
    if text ~= '' and (item == nil or chunk.item == item) and not drawn then
      cells[#cells + 1] = text
    end
  end
  yank(table.concat(cells, '\t'))
end

return M
