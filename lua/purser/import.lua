--- Reading what the clients record themselves: asking the core for it, and telling how far it is. The core reads in a thread of its own;
--- nothing here waits.

local M = {}

M.SOURCES = { 'claude', 'codex', 'opencode', 'gemini' }

---@class purser.ImportCounts
---@field files integer
---@field unchanged integer
---@field read integer
---@field failed integer
---@field bytes integer
---@field bytes_left integer
---@field malformed integer
---@field runs integer
---@field booked integer
---@field replaced integer
---@field quarantined integer
---@field cost_nanousd integer

---@class purser.ImportFault
---@field source string
---@field kind string
---@field path string
---@field message string
---@field line integer 0: none

---@class purser.ImportResult: purser.ImportCounts
---@field sources { source: string, title: string, booked: integer, files: integer }[]
---@field faults purser.ImportFault[] the first of them
---@field fault_count integer
---@field cancelled boolean

---@class purser.ImportOptions
---@field sources? string[]
---@field since? string a day, "2026-10-01"
---@field again? boolean read files from the start, whatever is remembered
---@field dry_run? boolean

local asked = 0 -- imports that the user waits for
local registered = false
local began ---@type integer? when the present one was first told about
local shown = false

---@param count integer
---@param one string
---@return string
local function several(count, one)
  return require('purser.ui.format').count(count, one)
end

--- "41 %, 1,203 requests"
---@param counts purser.ImportCounts
---@return string
function M.progress_text(counts)
  local bytes, left = counts.bytes or 0, counts.bytes_left or 0
  local part = bytes + left > 0 and ('%d %%, '):format(math.floor(bytes * 100 / (bytes + left))) or ''
  return ('reading what the clients recorded: %s%s'):format(part, several(counts.booked or 0, 'request'))
end

--- What came of it, in a sentence.
---@param result purser.ImportResult
---@param dry_run? boolean
---@return string
function M.summary(result, dry_run)
  local number = require('purser.ui.format').number
  local parts = {}
  for _, source in ipairs(result.sources or {}) do
    if source.booked > 0 then
      parts[#parts + 1] = ('%s %s'):format(source.title, number(source.booked))
    end
  end
  local text
  if result.booked == 0 and result.replaced == 0 then
    text = ('nothing new in %s'):format(several(result.files, 'file'))
  else
    text = ('%s%s in %s'):format(
      dry_run and 'would book ' or '',
      several(result.booked, 'new request'),
      several(result.runs, 'new run')
    )
    if #parts > 1 then
      text = ('%s (%s)'):format(text, table.concat(parts, ', '))
    end
    text = ('%s, %s'):format(text, require('purser.format').money(result.cost_nanousd))
  end
  if (result.quarantined or 0) > 0 then
    text = ('%s; %s dated ahead and not counted'):format(text, number(result.quarantined))
  end
  if (result.fault_count or 0) > 0 then
    text = ('%s; %s: see :Purser import --errors'):format(text, several(result.fault_count, 'problem'))
  end
  return text
end

--- The lines of `:Purser import --errors`.
---@param faults purser.ImportFault[]
---@return string[]
function M.fault_lines(faults)
  local lines = {}
  for _, fault in ipairs(faults) do
    local where = fault.line > 0 and ('%s:%d'):format(fault.path, fault.line) or fault.path
    local text = fault.message ~= '' and (': ' .. fault.message:gsub('%s+', ' ')) or ''
    lines[#lines + 1] = ('%s: %s%s'):format(where, fault.kind, text)
  end
  return lines
end

--- One line that the next one takes the place of; nothing is kept of it and nobody has to press a key.
---@param text string
local function show(text)
  if #vim.api.nvim_list_uis() == 0 then
    return
  end
  shown = text ~= ''
  local room = math.max(10, vim.v.echospace)
  vim.api.nvim_echo({ { vim.fn.strcharpart(text, 0, room) } }, false, {})
end

---@param counts purser.ImportCounts
local function on_running(counts)
  began = began or vim.uv.now()
  -- What goes on by itself is told when it lasts.
  if asked > 0 or vim.uv.now() - began > 2000 then
    show('purser: ' .. M.progress_text(counts))
  end
end

---@param counts purser.ImportCounts
local function on_done(counts)
  local lasted = began and vim.uv.now() - began or 0
  began = nil
  if shown then
    show('')
  end
  if asked == 0 and lasted > 2000 and counts.booked > 0 then
    require('purser.notify').info(
      ('%s that clients made by themselves are in the ledger: %s (:help purser-import)'):format(
        several(counts.booked, 'request'),
        require('purser.format').money(counts.cost_nanousd)
      )
    )
  end
end

--- Called when the core is opened.
function M.register()
  if registered then
    return
  end
  registered = true
  require('purser.core').on('import', function(body)
    require('purser.events').import(body)
    if body.state == 'running' then
      on_running(body)
    elseif body.state == 'done' then
      on_done(body)
    elseif body.state == 'waiting' and asked > 0 then
      show('purser: another Neovim, or the program, is reading them: waiting for it')
    end
  end)
end

--- Reads the records now.
---@param options purser.ImportOptions
---@param cb? fun(err: purser.Error?, result: purser.ImportResult?)
function M.run(options, cb)
  asked = asked + 1
  require('purser.core').ask('import', {
    sources = options.sources and #options.sources > 0 and options.sources or nil,
    since = options.since,
    again = options.again,
    dry_run = options.dry_run,
  }, function(err, result)
    asked = asked - 1
    began = nil
    if shown then
      show('')
    end
    if cb then
      cb(err, result --[[@as purser.ImportResult?]])
    end
  end)
end

return M
