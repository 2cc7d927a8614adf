--- The way into the windows, as the commands call it. Without a screen the same views are printed.

local M = {}

--- What the commands call a view, and what the file is called.
local NAMES = {
  report = 'dashboard',
  agent = 'agent',
  workspace = 'workspace',
  run = 'run',
  log = 'log',
  budget = 'budget',
  agents = 'configs',
  runs = 'live',
  chats = 'chats',
  whatif = 'what_if',
  advice = 'advice',
  digest = 'digest',
  kinds = 'kinds',
}

local TABS = {
  dashboard = true,
  agents = true,
  workspaces = true,
  models = true,
  log = true,
  budget = true,
  review = true,
  chats = true,
}

---@param view string
---@param args purser.ViewArgs
---@return purser.BrowserOptions
local function options_of(view, args)
  local name = NAMES[view] or view
  local given = args.name
  if view == 'report' then
    name = given and TABS[given] and given or 'dashboard'
    given = nil
  elseif view == 'run' then
    given = tonumber(given)
  end
  local filter = (view == 'log' or view == 'chats') and args.words and table.concat(args.words, ' ') or nil
  return {
    view = name,
    args = { name = given, scope = args.scope },
    where = args.where,
    month = args.month,
    filter = filter ~= '' and filter or nil,
  }
end

--- The view as text. Waits for the answers: for programs, not for a screen.
---@param view string
---@param args? purser.ViewArgs
---@param columns? integer
---@return string? text
---@return string? problem
function M.text(view, args, columns)
  local shown, ctx = require('purser.ui.browser').context(options_of(view, args or {}), columns or 100)
  local done, problem = false, nil
  require('purser.views.asks').ask(shown, ctx, false, function(answers, errors)
    ctx.data, done = answers, true
    problem = select(2, next(errors))
  end)
  if not vim.wait(30000, function()
    return done
  end, 5) then
    return nil, 'the ledger does not answer'
  elseif problem then
    return nil, problem
  end
  if shown.prepare then
    shown.prepare(ctx)
  end
  return shown.draw(ctx):plain()
end

--- Opens a view; prints it when there is no screen.
---@param view string
---@param args? purser.ViewArgs
function M.open(view, args)
  args = args or {}
  if #vim.api.nvim_list_uis() == 0 then
    local text, problem = M.text(view, args)
    io.stdout:write((text or 'purser: ' .. problem) .. '\n')
    return
  end
  local options = options_of(view, args)
  if options.view == 'workspace' and not options.args.name then
    return require('purser.workspace').root(vim.fn.getcwd(), function(root)
      options.args.name = root
      require('purser.ui.browser').open(options)
    end)
  end
  require('purser.ui.browser').open(options)
end

return M
