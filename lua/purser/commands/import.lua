--- `:Purser import [source…] [--since D] [--dry-run] [--again] [--errors]`, and `:Purser import {file}` for bookings of another ledger.

local M = {}

local OPTIONS = { '--since', '--dry-run', '--again', '--errors' }

---@class (exact) purser.ImportLine
---@field sources string[]
---@field since? string
---@field dry_run? boolean
---@field again? boolean
---@field errors? boolean
---@field file? boolean the words are for the program
---@field problem? string

--- Pure.
---@param words string[]
---@return purser.ImportLine
function M.parse(words)
  local known = require('purser.import').SOURCES
  local out = { sources = {} }
  local i = 1
  while i <= #words do
    local word = words[i]
    if word == '--since' or word:match('^%-%-since=') then
      out.since = word:match('^%-%-since=(.*)$')
      if not out.since then
        i = i + 1
        out.since = words[i]
      end
      if not (out.since or ''):match('^%d%d%d%d%-%d%d%-%d%d$') then
        out.problem = '--since wants a day, such as 2026-10-01'
        return out
      end
    elseif word == '--dry-run' then
      out.dry_run = true
    elseif word == '--again' then
      out.again = true
    elseif word == '--errors' then
      out.errors = true
    elseif vim.list_contains(known, word) then
      table.insert(out.sources, word)
    elseif word == '-' or word:find('[/.]') then
      out.file = true
    else
      local meant = require('purser.config.validate').suggest(word, vim.list_extend(vim.list_slice(known), OPTIONS))
      out.problem = ('there is no source "%s"%s'):format(
        word,
        meant and (', did you mean "%s"?'):format(meant) or (': there are ' .. table.concat(known, ', '))
      )
      return out
    end
    i = i + 1
  end
  return out
end

--- What could not be read the last time, in the quickfix list.
---@param faults purser.ImportFault[]
local function list(faults)
  local items = {}
  for _, fault in ipairs(faults) do
    items[#items + 1] = {
      filename = fault.path,
      lnum = math.max(fault.line, 1),
      text = ('%s: %s'):format(fault.kind, fault.message),
      type = 'W',
    }
  end
  vim.fn.setqflist({}, ' ', { title = 'purser: what could not be read', items = items })
  vim.cmd.copen()
end

local function errors()
  local say = require('purser.commands.say')
  require('purser.core').ask('import.status', nil, function(err, status)
    if err then
      return say.fail(err.message)
    end
    local last = status and status.last
    local faults = last and last.faults or {}
    if #faults == 0 then
      return say.out('everything could be read')
    elseif say.headless() then
      return say.out(table.concat(require('purser.import').fault_lines(faults), '\n'))
    end
    list(faults)
  end)
end

---@param words string[]
---@param cb? fun(problem: string?, text: string?)
function M.run(words, cb)
  local say = require('purser.commands.say')
  cb = cb
    or function(problem, text)
      if problem then
        say.fail(problem)
      else
        say.out(text --[[@as string]])
      end
    end
  local line = M.parse(words)
  if line.problem then
    return cb(line.problem)
  elseif line.file then
    -- As the program has it.
    return require('purser.commands.program').run(vim.list_extend({ 'import' }, words))
  elseif line.errors then
    return errors()
  end
  local import = require('purser.import')
  import.run(line, function(err, result)
    if err then
      return cb(err.message)
    end
    cb(nil, 'purser: ' .. import.summary(result --[[@as purser.ImportResult]], line.dry_run))
  end)
end

---@param lead string
---@param words string[] whole words before the lead
---@return string[]
function M.candidates(lead, words)
  local out = {}
  for _, word in ipairs(vim.list_extend(vim.list_slice(require('purser.import').SOURCES), OPTIONS)) do
    if not vim.list_contains(words, word) then
      out[#out + 1] = word
    end
  end
  if #words == 0 and lead ~= '' and lead:sub(1, 1) ~= '-' then
    vim.list_extend(out, vim.fn.getcompletion(lead, 'file'))
  end
  return out
end

return M
