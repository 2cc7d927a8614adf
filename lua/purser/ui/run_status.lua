--- A run in a line: for the winbar of its window, for the list of runs, and for its last line. Pure.

local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local keys = require('purser.ui.keys')
local parts = require('purser.views.parts')
local width = require('purser.ui.width')
local Text = require('purser.ui.text')

local M = {}

--- Room for "g? help" in the winbar.
local HELP_CELLS = 12

---@type table<purser.RunState, { mark: string, word: string, group: string }>
local STATES = {
  asking = { mark = 'dot', word = 'asking the budget', group = 'PurserWarn' },
  refused = { mark = 'failed', word = 'not run', group = 'PurserWarn' },
  waiting = { mark = 'dot', word = 'waiting for other runs', group = 'PurserWarn' },
  running = { mark = 'dot', word = 'running', group = 'PurserInfo' },
  retrying = { mark = 'retry', word = 'waiting to try again', group = 'PurserWarn' },
  stopping = { mark = 'dot', word = 'stopping', group = 'PurserWarn' },
  settling = { mark = 'dot', word = 'settling', group = 'PurserInfo' },
  completed = { mark = 'ok', word = 'done', group = 'PurserGood' },
  failed = { mark = 'failed', word = 'failed', group = 'PurserError' },
  cancelled = { mark = 'stopped', word = 'stopped', group = 'PurserMuted' },
  budget = { mark = 'stopped', word = 'stopped: budget', group = 'PurserWarn' },
  limit = { mark = 'stopped', word = 'stopped: limit', group = 'PurserWarn' },
}

---@param status purser.RunState
---@return string mark
---@return string word
---@return string group
function M.state(status)
  local state = STATES[status] or { mark = 'info', word = status, group = 'PurserMuted' }
  local mark = glyphs.get()[state.mark]
  -- In ASCII some marks are words: once is enough.
  if glyphs.get().ascii and #mark > 1 then
    mark = '*'
  end
  return mark, state.word, state.group
end

---@param sums? purser.Sums
---@return string?
function M.tokens(sums)
  if not sums or (sums.requests or 0) == 0 then
    return nil
  end
  return ('%s in %s out'):format(format.tokens(parts.tokens_in(sums)), format.tokens(sums.output or 0))
end

---@param run purser.Run
---@return string?
local function context(run)
  if not run.context_tokens or not run.context_window or run.context_window <= 0 then
    return nil
  end
  return 'context ' .. format.percent(run.context_tokens / run.context_window)
end

--- What the next turn's prompt will cost, and whether compacting first would pay.
---@param run purser.Run
---@return string? text
---@return string? group
local function next_turn(run)
  local judgement = run.judgement
  if not judgement or not run:is_final() then
    return nil
  elseif judgement.level ~= 'none' then
    return ('compacting saves %s'):format(format.money(math.max(judgement.saving_nanousd, 0))), 'PurserWarn'
  elseif judgement.next_nanousd > 0 then
    return 'next turn from ' .. format.money(judgement.next_nanousd), 'PurserMuted'
  end
end

---@param run purser.Run
---@return purser.ui.Chunk[]?
local function budget(run)
  local share = parts.share_spent(run.budget)
  if not share or not run.budget or run.budget.limit_nanousd <= 0 then
    return nil
  end
  local group = bar.group(share)
  local out = Text.new()
  bar.thin(out, share, 6, { group = group, track = true })
  local chunks = vim.list_slice(out.rows[1])
  chunks[#chunks + 1] = { ' ' .. format.percent(share), share >= 0.8 and group or nil }
  chunks[#chunks + 1] = { ' of ' .. format.scale(run.budget.limit_nanousd), 'PurserMuted' }
  return chunks
end

--- The segments of the winbar. When room is short those with a high rank go first.
---@param run purser.Run
---@return { rank: integer, chunks: purser.ui.Chunk[] }[]
local function segments(run)
  local mark, word, group = M.state(run.status)
  local out = { { rank = 1, chunks = { { mark .. ' ', group }, { run.agent, 'PurserName' } } } }
  local function add(rank, text, hl)
    if text and text ~= '' then
      out[#out + 1] = { rank = rank, chunks = type(text) == 'table' and text or { { text, hl } } }
    end
  end
  if run.status ~= 'running' then
    add(2, word, group)
  end
  add(6, run.model, 'PurserMuted')
  add(8, run.effort, 'PurserMuted')
  add(5, M.tokens(run.sums), 'PurserMuted')
  if run.sums and (run.sums.requests or 0) > 0 then
    add(3, format.cost(run.sums), 'PurserTotal')
  end
  add(4, budget(run))
  add(7, context(run), 'PurserMuted')
  local text, colour = next_turn(run)
  add(colour == 'PurserWarn' and 4 or 9, text, colour)
  return out
end

---@param chunks purser.ui.Chunk[]
---@return integer
local function cells_of(chunks)
  local cells = 0
  for _, chunk in ipairs(chunks) do
    cells = cells + width.of(chunk[1])
  end
  return cells
end

--- The winbar in so many cells.
---@param run purser.Run
---@param room integer
---@param list_of_keys purser.ui.Key[] on the right, as many as there is room for
---@return purser.ui.Chunk[]
function M.winbar(run, room, list_of_keys)
  local sep = (' %s '):format(glyphs.get().separator)
  local list = segments(run)
  local function need()
    local cells = 1 + (#list - 1) * width.of(sep)
    for _, segment in ipairs(list) do
      cells = cells + cells_of(segment.chunks)
    end
    return cells
  end
  -- The way to the help stays in sight.
  local least = room >= 50 and cells_of(keys.footer(list_of_keys, HELP_CELLS)) + 1 or 0
  while need() + least > room and #list > 1 do
    local worst = 2
    for i = 2, #list do
      if list[i].rank > list[worst].rank then
        worst = i
      end
    end
    table.remove(list, worst)
  end
  local out = { { ' ' } }
  for i, segment in ipairs(list) do
    if i > 1 then
      out[#out + 1] = { sep, 'PurserFaint' }
    end
    vim.list_extend(out, segment.chunks)
  end
  local used = cells_of(out)
  local hints = keys.footer(list_of_keys, room - used - 1)
  local more = cells_of(hints)
  if more > 0 and used + more <= room then
    out[#out + 1] = { (' '):rep(room - used - more) }
    for _, chunk in ipairs(hints) do
      out[#out + 1] = { chunk[1], chunk[2] == 'PurserFooterKey' and 'PurserKey' or 'PurserMuted' }
    end
  end
  return out
end

--- The last lines of a run's window.
---@param run purser.Run
---@param list_of_keys purser.ui.Key[]
---@return { [1]: string, [2]: string }[]
function M.closing(run, list_of_keys)
  local set = glyphs.get()
  local mark, word, group = M.state(run.status)
  local sep = (' %s '):format(set.separator)
  local facts = { mark .. ' ' .. word }
  facts[#facts + 1] = M.tokens(run.sums)
  if run.sums and (run.sums.requests or 0) > 0 then
    facts[#facts + 1] = format.cost(run.sums)
  end
  local took = run.row and run.row.duration_ms or run.ended_ms and run.ended_ms - run.started_ms
  if took and took > 0 and run.status ~= 'refused' then
    facts[#facts + 1] = format.duration(took)
  end
  local out = { { table.concat(facts, sep), group } }
  local hints = {}
  for _, key in ipairs(list_of_keys) do
    if key.hint then
      hints[#hints + 1] = ('%s %s'):format(keys.label(key), key.hint)
    end
  end
  out[#out + 1] = { table.concat(hints, '   '), 'PurserMuted' }
  return out
end

return M
