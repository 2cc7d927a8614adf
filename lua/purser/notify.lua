--- What the user is told: in the editor through vim.notify, and on the desktop.

local M = {}

local TITLE = 'purser'

local told = {} ---@type table<string, boolean>

---@param level integer
---@param message string
local function notify(level, message)
  if vim.in_fast_event() then
    return vim.schedule(function()
      notify(level, message)
    end)
  end
  vim.notify('purser: ' .. message, level, { title = TITLE })
end

---@param message string
function M.info(message)
  notify(vim.log.levels.INFO, message)
end

---@param message string
function M.warn(message)
  notify(vim.log.levels.WARN, message)
end

---@param message string
function M.error(message)
  notify(vim.log.levels.ERROR, message)
end

--- The same words only once in this instance.
---@param level "info"|"warn"|"error"
---@param message string
function M.once(level, message)
  if not told[message] then
    told[message] = true
    M[level](message)
  end
end

--- How long a notification program may take; one that hangs is ended and the next way is tried.
local PATIENCE_MS = 3000

---@param title string
---@param text string
---@return string[]? argv
function M.desktop_command(title, text)
  local config = require('purser.config').get().notifications.command
  if config then
    return vim.list_extend(type(config) == 'string' and { config } or vim.deepcopy(config), { title, text })
  elseif vim.fn.executable('notify-send') == 1 then
    return { 'notify-send', '--app-name=purser', '--', title, text }
  elseif vim.fn.executable('osascript') == 1 then
    -- The words come as arguments, so that nothing in them is read as a script.
    local script = 'on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run'
    return { 'osascript', '-e', script, title, text }
  end
end

--- Control characters would end the terminal's sequence, or start another one.
---@param text string
---@return string
local function harmless(text)
  return (text:gsub('[%c]', ' '))
end

--- Terminals that know OSC 777, with a title of its own.
local KNOWS_777 = { 'kitty', 'foot', 'rxvt', 'ghostty' }

--- What the terminal is sent: OSC 777 where that is known, else OSC 9, through tmux to the terminal outside of it.
---@param title string
---@param text string
---@return string
function M.sequence(title, text)
  local term = vim.env.TERM or ''
  local sequence = ('\27]9;%s: %s\27\\'):format(harmless(title), harmless(text))
  for _, name in ipairs(KNOWS_777) do
    if term:find(name, 1, true) then
      sequence = ('\27]777;notify;%s;%s\27\\'):format(harmless(title):gsub(';', ','), harmless(text))
    end
  end
  if (vim.env.TMUX or '') ~= '' then
    return ('\27Ptmux;%s\27\\'):format((sequence:gsub('\27', '\27\27')))
  end
  return sequence
end

--- Asks the terminal itself.
---@param title string
---@param text string
---@return boolean sent
local function terminal(title, text)
  if #vim.api.nvim_list_uis() == 0 or vim.env.TERM == 'linux' then
    return false
  end
  local sequence = M.sequence(title, text)
  if vim.api.nvim_ui_send then
    vim.api.nvim_ui_send(sequence)
    return true
  end
  -- Before 0.12 stderr is the terminal, when there is one at all.
  if not vim.uv.guess_handle or vim.uv.guess_handle(2) ~= 'tty' then
    return false
  end
  return vim.api.nvim_chan_send(vim.v.stderr, sequence) ~= 0
end

--- A notification on the desktop: the first way that works. Where none does, what was said in the editor must do.
---@param title string
---@param text string
---@param done? fun(way: "program"|"terminal"|"none")
function M.desktop(title, text, done)
  done = done or function() end
  local function without_program()
    if terminal(title, text) then
      return done('terminal')
    end
    done('none')
  end
  local argv = M.desktop_command(title, text)
  if not argv then
    return without_program()
  end
  require('purser.process').collect(argv, { timeout_ms = PATIENCE_MS }, function(result)
    if result.ok then
      done('program')
    else
      require('purser.log').warn('the notification program %s failed: %s', argv[1], result.problem)
      without_program()
    end
  end)
end

return M
