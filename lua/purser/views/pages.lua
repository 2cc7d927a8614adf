--- Runs a page at a time. Which run is on which page is the core's to say: it sorts over all of them.

local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')

local M = {}

--- The columns that the core can sort by, and what it calls them.
---@type table<string, string>
local ORDER = { when = 'started', cost = 'cost', tokens = 'tokens', duration = 'duration' }

---@type table<string, { [1]: string, [2]: string }> largest first, smallest first
local WORDS = {
  when = { 'newest first', 'oldest first' },
  cost = { 'dearest first', 'cheapest first' },
  tokens = { 'most tokens first', 'fewest tokens first' },
  duration = { 'longest first', 'shortest first' },
}

---@param column string
---@return boolean
function M.can_sort(column)
  return ORDER[column] ~= nil
end

--- The question for the page that is shown.
---@param ctx purser.ViewContext
---@param size integer
---@param filters table
---@return purser.Question
function M.question(ctx, size, filters)
  local sort = ctx.sort or {}
  return {
    'log',
    vim.tbl_extend('force', filters, {
      limit = size,
      offset = ((ctx.extra.page or 1) - 1) * size,
      sort = ORDER[sort.name] or 'started',
      ascending = sort.reverse or false,
    }),
  }
end

--- "101–200, newest first; n more, p back": which runs these are.
---@param ctx purser.ViewContext
---@param size integer
---@param answer { runs: purser.RunRow[], more?: boolean }
---@return string
function M.note(ctx, size, answer)
  local first = ((ctx.extra.page or 1) - 1) * size
  local sort = ctx.sort or { name = 'when' }
  local words = (WORDS[sort.name] or WORDS.when)[sort.reverse and 2 or 1]
  local count = #answer.runs
  if first == 0 and not answer.more then
    return ('%s, %s'):format(format.count(count, 'run'), words)
  end
  local dash = glyphs.get().dash
  local note = ('%s%s%s, %s'):format(format.number(first + 1), dash, format.number(first + count), words)
  if ctx.printed then
    return note
  end
  local ways = {}
  ways[#ways + 1] = answer.more and 'n more' or nil
  ways[#ways + 1] = first > 0 and 'p back' or nil
  return ('%s: %s'):format(note, table.concat(ways, ', '))
end

--- The keys that turn the pages.
---@param browser purser.Browser
---@param name string of the question
---@return purser.ui.Key[]
function M.keys(browser, name)
  local function turn(by)
    local extra = browser.place.extra
    local page = (extra.page or 1) + by
    local answer = browser.ctx.data[name]
    if page < 1 or by > 0 and not (answer and answer.more) then
      return
    end
    extra.page = page
    browser:turn()
  end
  local now = browser.ctx.data[name]
  return {
    {
      lhs = 'n',
      desc = 'Next page of runs; p the page before',
      hint = now and now.more and 'more' or nil,
      rank = 5,
      group = 'Table',
      run = function()
        turn(1)
      end,
    },
    {
      lhs = 'p',
      desc = 'Previous page of runs',
      quiet = true,
      group = 'Table',
      run = function()
        turn(-1)
      end,
    },
  }
end

return M
