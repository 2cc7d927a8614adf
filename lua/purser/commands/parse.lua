--- Reads command lines. Pure functions of the text and of what names there are.

local M = {}

---@class (exact) purser.AgentRunLine
---@field agent? string
---@field model? string
---@field effort? string
---@field prompt string
---@field problem? string

local EFFORTS = { 'low', 'medium', 'high' }

--- `[{agent}] [--model=…] [--effort=…] [prompt]`, in which the agent and the options may come in any order and the prompt is all
--- the rest, as it was typed. `--` ends the options.
---@param line string
---@param names string[] the agents
---@return purser.AgentRunLine
function M.agent_run(line, names)
  local out = { prompt = '' }
  local rest = vim.trim(line)
  while rest ~= '' do
    local word, after = rest:match('^(%S+)%s*(.*)$')
    local option, value = word:match('^%-%-(%a+)=(.*)$')
    if word == '--' then
      rest = after
      break
    elseif option == 'model' or option == 'agent' then
      if value == '' then
        out.problem = ('--%s= wants a name'):format(option)
        return out
      end
      out[option] = value
    elseif option == 'effort' then
      if not vim.list_contains(EFFORTS, value) then
        out.problem = ('--effort=%s: expected low, medium or high'):format(value)
        return out
      end
      out.effort = value
    elseif word:match('^%-%-%a') then
      local known = '--model=, --effort= and --agent='
      out.problem = ('%s is no option (%s are); write -- before a prompt that begins so'):format(word, known)
      return out
    elseif not out.agent and vim.list_contains(names, word) then
      out.agent = word
    else
      if not out.agent and after ~= '' then
        -- A misspelt agent would send its name and all to another one, for money.
        local meant = #word > 3 and require('purser.config.validate').suggest(word, names)
        if meant then
          out.problem = ('there is no agent "%s", did you mean "%s"? (write -- before a prompt that begins so)'):format(
            word,
            meant
          )
          return out
        end
      end
      break
    end
    rest = after
  end
  out.prompt = vim.trim(rest)
  return out
end

---@class (exact) purser.BudgetLine
---@field scope? string as typed: "agent:reviewer", "workspace:.", "global"
---@field action? "set"|"raise"|"off"|"remove"
---@field cents? integer
---@field period? string
---@field at_limit? string
---@field problem? string

local PERIODS = { 'month', 'week', 'day' }
local AT_LIMIT = { 'block', 'ask', 'warn' }
local CENTS_MAX = 1e11

---@param word string
---@return integer? cents
---@return string? problem
function M.cents(word)
  local digits = word:match('^%+?(%d+)$')
  local cents = digits and tonumber(digits)
  if not cents then
    return nil, ('expected a whole number of cents ≥ 0, got "%s"'):format(word)
  elseif cents > CENTS_MAX then
    return nil, ('expected at most %d cents, got %s'):format(CENTS_MAX, digits)
  end
  return cents
end

--- `SCOPE 500`, `SCOPE +200`, `SCOPE off` (no limit), `SCOPE remove` (as setup() has it), each with a period and what happens at the limit.
---@param words string[]
---@return purser.BudgetLine
function M.budget(words)
  local out = {}
  local scope = words[1]
  if not (scope == 'global' or scope:match('^agent:.+') or scope:match('^workspace:.+')) then
    out.problem = ('"%s" is no scope: expected agent:NAME, workspace:PATH or global'):format(scope)
    return out
  end
  out.scope = scope
  for i = 2, #words do
    local word = words[i]
    if vim.list_contains(PERIODS, word) then
      out.period = word
    elseif vim.list_contains(AT_LIMIT, word) then
      out.at_limit = word
    elseif out.action then
      out.problem = ('"%s" is one word too many'):format(word)
      return out
    elseif word == 'off' or word == 'remove' then
      out.action = word
    else
      local cents, problem = M.cents(word)
      if not cents then
        out.problem = problem
        return out
      elseif word:sub(1, 1) == '+' and cents == 0 then
        out.problem = 'a raise of 0 changes nothing'
        return out
      end
      out.action, out.cents = word:sub(1, 1) == '+' and 'raise' or 'set', cents
    end
  end
  if not out.action then
    out.problem = 'expected a number of cents, +CENTS, off or remove after the scope'
  end
  return out
end

local WHERE = { 'float', 'tab', 'split', 'vsplit' }
local TABS = { 'dashboard', 'agents', 'workspaces', 'models', 'log', 'budget' }

---@class (exact) purser.ReportLine
---@field view string
---@field args purser.ViewArgs
---@field problem? string

--- `[VIEW [ARGUMENT…]] [float|tab|split|vsplit]`
---@param words string[]
---@return purser.ReportLine
function M.report(words)
  words = vim.list_slice(words)
  local args = {}
  if vim.list_contains(WHERE, words[#words]) then
    args.where = table.remove(words)
  end
  local view = table.remove(words, 1)
  if not view then
    return { view = 'report', args = args }
  elseif view == 'agent' or view == 'run' then
    args.name = words[1]
    if not args.name then
      return {
        view = view,
        args = args,
        problem = ('which %s? :CostReport %s %s'):format(view, view, view == 'run' and '12' or 'NAME'),
      }
    elseif view == 'run' and not args.name:match('^%d+$') then
      return { view = view, args = args, problem = ('"%s" is no run: runs have numbers'):format(args.name) }
    end
    return { view = view, args = args }
  elseif view == 'workspace' then
    args.name = words[1]
    return { view = view, args = args }
  elseif view == 'log' then
    args.words = words
    return { view = view, args = args }
  elseif vim.list_contains(TABS, view) then
    args.name = view
    return { view = 'report', args = args }
  end
  local all = vim.list_extend({ 'agent', 'workspace', 'run' }, TABS)
  local meant = require('purser.config.validate').suggest(view, all)
  return {
    view = view,
    args = args,
    problem = ('there is no view "%s"%s'):format(view, meant and (', did you mean "%s"?'):format(meant) or ''),
  }
end

M.EFFORTS, M.PERIODS, M.AT_LIMIT, M.WHERE, M.TABS = EFFORTS, PERIODS, AT_LIMIT, WHERE, TABS

return M
