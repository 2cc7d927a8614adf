--- How a run ended, in one sentence that says what to do. A pure function of what was seen.

local M = {}

---@class purser.Seen
---@field agent string
---@field label string "Claude Code"
---@field program string
---@field http boolean
---@field key_source? string "$ANTHROPIC_API_KEY"
---@field model? string
---@field tries? integer
---@field stopped? "cancelled"|"budget"|"limit" we ended it
---@field stop_message? string
---@field spawn_problem? string it never started
---@field exit_code? integer
---@field signal? integer
---@field stderr? string
---@field bytes integer what it printed
---@field text boolean it said something
---@field error? purser.Event the last error that was not about a malformed line
---@field malformed? purser.Event
---@field result? purser.Event

local FAILED, BLOCKED = 1, 512

local SIGNALS = {
  [1] = 'SIGHUP',
  [2] = 'SIGINT',
  [4] = 'SIGILL',
  [6] = 'SIGABRT',
  [9] = 'SIGKILL',
  [11] = 'SIGSEGV',
  [15] = 'SIGTERM',
}

---@param text? string
---@return string? one line, shortened
local function line(text)
  local last
  for candidate in (text or ''):gmatch('[^\r\n]+') do
    candidate = vim.trim(candidate:gsub('\27%[[%d;]*[A-Za-z]', ''))
    if candidate ~= '' then
      last = candidate
    end
  end
  if last and vim.fn.strchars(last) > 300 then
    last = vim.fn.strcharpart(last, 0, 299) .. '…'
  end
  return last
end

---@param text string
---@return string without a full stop
local function clause(text)
  return (text:gsub('%s+', ' '):gsub('[%s.]+$', ''))
end

--- Kinds of errors to whose text the decoder adds its own advice, after a dash. Here there is better: a variable's name.
local ADVISED = {
  authentication = true,
  billing = true,
  quota = true,
  permission = true,
  not_found = true,
  prompt_too_long = true,
  rate_limit = true,
  overloaded = true,
  server = true,
  timeout = true,
}

--- What the provider itself said.
---@param err purser.Event
---@return string
local function provider_text(err)
  return ADVISED[err.name] and err.text:match('^(.*) %- ') or err.text
end

---@param seen purser.Seen
---@param err purser.Event
---@return string?
local function by_status(seen, err)
  local status, said = err.number, provider_text(err)
  local who = seen.label
  local quote = said ~= '' and (' It says: %s.'):format(clause(said)) or ''
  if status == 401 or status == 403 then
    if seen.http then
      return ('%s refused the key (%d): check %s.%s'):format(who, status, seen.key_source or 'the key', quote)
    end
    return ('%s is not allowed in (%d): log in with `%s`, or check its key.%s'):format(who, status, seen.program, quote)
  elseif status == 402 then
    return ('%s wants to be paid (402): top up the account.%s'):format(who, quote)
  elseif status == 404 then
    return ('%s does not know %s (404): choose another with --model=…%s'):format(
      who,
      seen.model and ('the model "%s"'):format(seen.model) or 'what was asked for',
      quote
    )
  elseif status == 413 then
    return ('the prompt is too long for %s (413): send less.%s'):format(who, quote)
  elseif status == 429 then
    local tries = (seen.tries or 1) > 1 and (' also after %d tries'):format(seen.tries) or ''
    return ('%s has had enough of us (429)%s: wait, or use another model.%s'):format(who, tries, quote)
  elseif status == 529 or status == 503 or status == 500 or status == 502 or status == 504 then
    local tries = (seen.tries or 1) > 1 and (' also after %d tries'):format(seen.tries) or ''
    return ('%s is overloaded or down (%d)%s: try again later.%s'):format(who, status, tries, quote)
  elseif status >= 400 then
    return ('%s refused the request (%d).%s'):format(who, status, quote)
  end
end

--- nil: all went well.
---@param seen purser.Seen
---@return string? message
function M.message(seen)
  if seen.spawn_problem then
    return seen.spawn_problem
  elseif seen.stopped == 'cancelled' then
    return 'stopped by you'
  elseif seen.stopped then
    return seen.stop_message
      or (seen.stopped == 'budget' and 'stopped: the budget is exhausted' or 'stopped: a limit was reached')
  end
  local err, result = seen.error, seen.result
  local failed = result ~= nil and bit.band(result.flags, FAILED) ~= 0
  if result and bit.band(result.flags, BLOCKED) ~= 0 then
    return ('a hook of %s stopped the run before anything was sent%s'):format(
      seen.label,
      result.text ~= '' and ': ' .. clause(result.text) or ''
    )
  end
  local unwell = failed or (seen.exit_code or 0) ~= 0 or (seen.signal or 0) ~= 0 or (result == nil and err ~= nil)
  if err and unwell then
    if err.name == 'cut' and seen.http then
      return 'the connection broke in the middle of the answer: what came is shown and booked; send it again.'
    end
    local message = by_status(seen, err)
    if message then
      return message
    elseif err.text ~= '' and err.name ~= 'cut' then
      return ('%s reports an error: %s'):format(seen.label, clause(err.text))
    end
  end
  if failed and result and result.name ~= 'cut' then
    local text = result.text ~= '' and result.text or result.name
    return ('%s reports an error: %s'):format(seen.label, clause(text ~= '' and text or 'it does not say which'))
  end
  if (seen.signal or 0) ~= 0 then
    local name = SIGNALS[seen.signal] or ('signal %d'):format(seen.signal)
    return ('%s was killed from outside (%s): what came is shown and booked.'):format(seen.program, name)
  end
  local last = line(seen.stderr)
  if seen.http and (seen.exit_code or 0) ~= 0 then
    local why = require('purser.runner.http').unreachable(seen.exit_code)
    return ("%s can't be reached: %s."):format(
      seen.label,
      why or clause(last or ('curl ended with %d'):format(seen.exit_code))
    )
  elseif (seen.exit_code or 0) ~= 0 then
    return ('%s ended with %d%s'):format(
      seen.program,
      seen.exit_code,
      last and ': ' .. last or (' and said nothing: try `%s` in a terminal.'):format(seen.program)
    )
  end
  if seen.bytes == 0 then
    return ('%s ended without printing anything%s'):format(
      seen.program,
      last and ': ' .. last or (': try `%s` in a terminal.'):format(seen.program)
    )
  elseif (not result or failed) and not seen.text and seen.malformed then
    return ("what %s printed can't be understood (%s): does purser know this version? (:checkhealth purser)"):format(
      seen.program,
      clause(line(seen.malformed.text) or 'malformed')
    )
  elseif not result or failed then
    return ('%s ended in the middle: what came is shown and booked.'):format(seen.program)
  end
end

return M
