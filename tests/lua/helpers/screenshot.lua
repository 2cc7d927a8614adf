-- Compares a child's screen with a reference in tests/lua/screenshots/, by its text.
--
-- There is one file for each name and size, such as cost_report-80x24.txt, good for every Neovim, unless one series
-- draws differently for good reason: then cost_report-80x24@0.12.txt stands beside it and is taken there.
-- UPDATE_SCREENSHOTS=1 writes the files from what is on the screen; read the change before you commit it.

local tmp = require('helpers.tmp')

local M = {}

local SETTLE = 3000 -- ms; the screen is redrawn in steps, and the last one counts

---@class helpers.ScreenshotOpts
---@field mask? table<string, string> patterns and what to put in their place: times, paths, …

local function series()
  local version = vim.version()
  return ('%d.%d'):format(version.major, version.minor)
end

---@param name string
---@param size string
---@return string path, boolean exists
local function reference(name, size)
  local dir = vim.env.PURSER_SCREENSHOTS or (assert(vim.env.PURSER_ROOT) .. '/tests/lua/screenshots')
  local special = ('%s/%s-%s@%s.txt'):format(dir, name, size, series())
  if vim.uv.fs_stat(special) then
    return special, true
  end
  local common = ('%s/%s-%s.txt'):format(dir, name, size)
  return common, vim.uv.fs_stat(common) ~= nil
end

local function render(child, mask)
  local text = table.concat(child.grid:text(), '\n') .. '\n'
  for pattern, replacement in pairs(mask or {}) do
    text = text:gsub(pattern, replacement)
  end
  return text
end

--- Both pictures, the rows that differ marked.
local function compared(expected, seen)
  local out = {}
  local a, b = vim.split(expected, '\n'), vim.split(seen, '\n')
  local function picture(title, rows, others)
    out[#out + 1] = title
    for i, row in ipairs(rows) do
      if i < #rows or row ~= '' then
        out[#out + 1] = (row == others[i] and '  ' or '! ') .. row
      end
    end
  end
  picture('expected:', a, b)
  picture('on the screen:', b, a)
  return table.concat(out, '\n')
end

--- Fails unless the child's screen comes to look like the reference of that name.
---@param child helpers.Child
---@param name string
---@param opts? helpers.ScreenshotOpts
function M.expect(child, name, opts)
  local mask = opts and opts.mask
  local path, exists = reference(name, ('%dx%d'):format(child.grid.cols, child.grid.rows))

  if vim.env.UPDATE_SCREENSHOTS == '1' then
    local frames
    vim.wait(SETTLE, function() -- until nothing is drawn any more
      local still = frames == child.grid.frames
      frames = child.grid.frames
      return still
    end, 200)
    tmp.write(path, render(child, mask))
    return
  end

  if not exists then
    error(('no reference %s; UPDATE_SCREENSHOTS=1 would write:\n%s'):format(path, render(child, mask)), 2)
  end
  local expected = assert(tmp.read(path))
  local seen
  vim.wait(SETTLE, function()
    seen = render(child, mask)
    return child.grid.whole and seen == expected
  end, 20)
  if seen ~= expected then
    error(('the screen differs from %s\n%s'):format(path, compared(expected, seen)), 2)
  end
end

return M
