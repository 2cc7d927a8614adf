--- Reads command lines. Pure functions of the text and of what names there are.

local policy = require('purser.config.policy')

local M = {}

---@class (exact) purser.AgentRunLine
---@field agent? string
---@field model? string
---@field effort? string
---@field continue? boolean -c: in the conversation that was last used here
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
    elseif word == '-c' then
      out.continue = true
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
---@field action? "set"|"raise"|"off"|"remove"|"show"
---@field cents? integer
---@field period? string
---@field at_limit? string
---@field zone? string
---@field reset_day? integer
---@field thresholds? integer[]
---@field problem? string

--- The options of a budget, as the program has them.
local OPTIONS = { 'period', 'at-limit', 'reset-day', 'zone', 'thresholds' }

---@param list string[]
---@return fun(text: string): string?, string?
local function one_of(list)
  return function(text)
    if vim.list_contains(list, text) then
      return text
    end
    local first = vim.list_slice(list, 1, #list - 1)
    return nil, ('expected %s or %s, got "%s"'):format(table.concat(first, ', '), list[#list], text)
  end
end

---@type table<string, fun(text: string, line: purser.BudgetLine): any, string?>
local READ = {
  period = one_of(policy.PERIODS),
  ['at-limit'] = one_of(policy.AT_LIMIT),
  zone = policy.zone,
  thresholds = policy.thresholds,
  ['reset-day'] = function(text, line)
    return policy.reset_day(text, line.period)
  end,
}

---@param scope? string
---@param names string[]
---@return string? problem
local function scope_problem(scope, names)
  if scope == 'global' or scope and (scope:match('^agent:.+') or scope:match('^workspace:.+')) then
    return nil
  end
  local kind, rest = (scope or ''):match('^(%a+):(.*)$')
  if kind == 'agent' or kind == 'workspace' then
    local example = kind == 'agent' and (names[1] or 'reviewer') or '.'
    return ('"%s" names nobody: write %s:%s'):format(scope, kind, example)
  elseif vim.list_contains(names, scope) then
    return ('"%s" is no scope, did you mean "agent:%s"?'):format(scope, scope)
  end
  local meant = kind and require('purser.config.validate').suggest(kind, { 'agent', 'workspace' })
  return ('"%s" is no scope%s'):format(
    scope or '',
    meant and (', did you mean "%s:%s"?'):format(meant, rest) or ': expected agent:NAME, workspace:PATH or global'
  )
end

---@param out purser.BudgetLine
---@param option string
---@param value string
---@return string? problem
local function take_option(out, option, value)
  if not vim.list_contains(OPTIONS, option) then
    local meant = require('purser.config.validate').suggest(option, OPTIONS)
    return ('there is no option --%s%s'):format(
      option,
      meant and (', did you mean --%s=?'):format(meant) or (': there are --%s='):format(table.concat(OPTIONS, '=, --'))
    )
  end
  local read, problem = READ[option](value, out)
  if problem then
    return ('--%s: %s'):format(option, problem)
  end
  out[option:gsub('-', '_')] = read
end

---@param out purser.BudgetLine
---@param word string
---@return string? problem
local function take_word(out, word)
  if vim.list_contains(policy.PERIODS, word) then
    out.period = word
  elseif vim.list_contains(policy.AT_LIMIT, word) then
    out.at_limit = word
  elseif out.action then
    return ('"%s" is one word too many'):format(word)
  elseif word == 'off' or word == 'remove' then
    out.action = word
  elseif not word:match('^[+$-]*[%d.]') and not word:match('^%+') then
    local words = vim.list_extend({ 'off', 'remove' }, vim.list_extend(vim.list_slice(policy.PERIODS), policy.AT_LIMIT))
    local meant = require('purser.config.validate').suggest(word, words)
    return meant and ('"%s" is not understood, did you mean "%s"?'):format(word, meant)
      or ('"%s" is not a number of cents; $5 is 500'):format(word)
  else
    local raises = word:sub(1, 1) == '+'
    local cents, problem = (raises and policy.raise or policy.cents)(word)
    if not cents then
      return problem
    end
    out.action, out.cents = raises and 'raise' or 'set', cents
  end
end

--- `SCOPE`, `SCOPE 500`, `SCOPE +200`, `SCOPE off` (no limit), `SCOPE remove` (as setup() has it), with a period, what happens at
--- the limit, and options as the program has them: `--zone=Europe/Paris`. What is not typed stays as it is.
---@param words string[]
---@param names? string[] the agents, for a better word about a misspelt scope
---@return purser.BudgetLine
function M.budget(words, names)
  local out = { problem = scope_problem(words[1], names or {}) }
  if out.problem then
    return out
  end
  out.scope = words[1]
  local rest = vim.list_slice(words, 2)
  for _, word in ipairs(rest) do
    -- The period first, wherever it stands: what a reset day may be depends on it.
    local period = word:match('^%-%-period=(.*)$') or word
    out.period = vim.list_contains(policy.PERIODS, period) and period or out.period
  end
  for _, word in ipairs(rest) do
    local option, value = word:match('^%-%-([%a-]+)=(.*)$')
    if not option and word:match('^%-%-%a') then
      out.problem = ('%s wants a value: %s=…'):format(word, word)
    else
      out.problem = option and take_option(out, option, value) or not option and take_word(out, word) or nil
    end
    if out.problem then
      return out
    end
  end
  local changes = out.at_limit or out.zone or out.reset_day or out.thresholds
  out.action = out.action or (changes and 'set' or 'show')
  if changes and (out.action == 'raise' or out.action == 'remove') then
    local verb = out.action == 'raise' and 'a raise' or 'remove'
    out.problem = ('%s takes a period, and nothing else'):format(verb)
  end
  return out
end

local WHERE = { 'float', 'tab', 'split', 'vsplit' }
local TABS = { 'dashboard', 'agents', 'workspaces', 'models', 'log', 'budget', 'review', 'chats' }

--- Views that may be of an agent or of a workspace.
local SCOPED = { whatif = true, review = true, kinds = true }

---@class (exact) purser.ReportLine
---@field view string
---@field args purser.ViewArgs
---@field problem? string

--- `[agent NAME|workspace [PATH]]`
---@param line purser.ReportLine
---@param words string[]
---@return purser.ReportLine
local function scoped(line, words)
  local scope, name = words[1], words[2]
  if scope and scope ~= 'agent' and scope ~= 'workspace' then
    line.problem = ('"%s" is neither "agent" nor "workspace": :CostReport %s agent NAME'):format(scope, line.view)
  elseif scope == 'agent' and not name then
    line.problem = ('which agent? :CostReport %s agent NAME'):format(line.view)
  end
  line.args.scope, line.args.name = scope, name
  return line
end

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
  elseif SCOPED[view] then
    return scoped({ view = view, args = args }, words)
  elseif view == 'digest' then
    args.month = words[1]
    local is_month = not args.month or args.month:match('^%d%d%d%d%-[01]%d$')
    local problem = not is_month and ('"%s" is no month: write it as 2026-11'):format(args.month) or nil
    return { view = view, args = args, problem = problem }
  elseif view == 'advice' then
    return { view = view, args = args }
  elseif vim.list_contains(TABS, view) then
    args.name = view
    return { view = 'report', args = args }
  end
  local all = vim.list_extend({ 'agent', 'workspace', 'run', 'whatif', 'advice', 'digest', 'kinds' }, TABS)
  local meant = require('purser.config.validate').suggest(view, all)
  return {
    view = view,
    args = args,
    problem = ('there is no view "%s"%s'):format(view, meant and (', did you mean "%s"?'):format(meant) or ''),
  }
end

M.EFFORTS, M.WHERE, M.TABS, M.BUDGET_OPTIONS = EFFORTS, WHERE, TABS, OPTIONS

return M
