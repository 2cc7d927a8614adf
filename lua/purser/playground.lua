--- A place to try everything without a key: a ledger with some months of sample history, a small project, and an agent that answers
--- from a script but is started, gated, priced and booked like any other. `make run` opens it.

local M = {}

local SEED = 11
local DAYS = 230

---@return string
local function root()
  return vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))))
end

---@return string
local function folder()
  local path = vim.fs.joinpath(vim.fn.stdpath('data') --[[@as string]], 'playground')
  vim.fn.mkdir(path, 'p')
  return vim.uv.fs_realpath(path) or path
end

--- The demo agent's command: this very Neovim, running a script.
---@return string[]
local function demo_command()
  local script = vim.fs.joinpath(root(), 'lua', 'purser', 'playground', 'demo_agent.lua')
  return { vim.v.progpath, '--clean', '-l', script }
end

---@param db string
---@param headless boolean
---@return table
local function options(db, headless)
  local env = headless and { PURSER_DEMO_SPEED = '0' } or nil
  local budgets = { { scope = 'global', limit_cents = 2500, thresholds = { 90, 100 } } }
  if not headless then
    -- A handful of runs, and the budget says no: that is worth seeing.
    budgets[#budgets + 1] = { scope = 'agent:demo', period = 'day', limit_cents = 30, at_limit = 'ask' }
    budgets[#budgets + 1] = { scope = 'agent:reviewer', limit_cents = 800 }
  end
  return {
    db = db,
    default_agent = 'demo',
    agents = {
      demo = {
        adapter = 'script',
        command = demo_command(),
        dialect = 'claude',
        model = 'claude-opus-5-5',
        effort = 'medium',
        env = env,
      },
      sketch = {
        adapter = 'script',
        command = demo_command(),
        dialect = 'claude',
        model = 'claude-haiku-4-5',
        effort = 'low',
        env = env,
      },
    },
    budgets = budgets,
  }
end

--- Fills a new ledger with the sample history.
---@param db string
---@param project string
---@return string? problem
local function fill(db, project)
  local program = require('purser.commands.program').path()
  if not program then
    return ('the program purser is missing. Build it with: %s'):format(require('purser.core.library').build_command())
  end
  local file = vim.fn.tempname() .. '.jsonl'
  local home = vim.uv.os_homedir() or '/home/you'
  require('purser.playground.history').write(file, {
    now_ms = require('purser.ui.dates').now_ms(),
    days = DAYS,
    seed = SEED,
    workspaces = { project, home .. '/src/lighthouse', home .. '/src/tide-tables', home .. '/notes' },
  })
  local done, result = false, nil
  require('purser.process').collect({ program, 'import', file }, {
    env = { PURSER_DB = db },
    timeout_ms = 120000,
  }, function(answer)
    done, result = true, answer
  end)
  vim.wait(120000, function()
    return done
  end, 10)
  vim.fn.delete(file)
  if not result or not result.ok then
    return 'the sample history could not be imported: '
      .. vim.trim(result and (result.stderr or result.problem) or 'no answer')
  end
end

--- Everything but the screen.
---@param headless boolean
---@return string? problem
local function prepare(headless)
  local base = folder()
  local project = vim.fs.joinpath(base, 'harbour')
  vim.fn.mkdir(project, 'p')
  require('purser.playground.project').write(project)
  vim.cmd.cd(vim.fn.fnameescape(project))
  local db = vim.fs.joinpath(base, headless and 'headless.db' or 'ledger.db')
  if headless then
    -- The same every time: nothing of an earlier one stands in the way.
    for _, suffix in ipairs({ '', '-wal', '-shm' }) do
      vim.fn.delete(db .. suffix)
    end
  end
  local fresh = vim.uv.fs_stat(db) == nil
  require('purser').setup(options(db, headless))
  return fresh and fill(db, project) or nil
end

--- Opens the playground on a screen.
function M.start()
  local problem = prepare(false)
  vim.o.termguicolors = true
  vim.o.mouse = 'a'
  vim.o.laststatus = 2
  vim.o.statusline = " %f %m%=%{%v:lua.require'purser'.statusline()%} "
  require('purser.playground.welcome').open()
  if problem then
    require('purser.notify').error(problem)
  end
end

---@param run purser.Run
local function print_run(run)
  local format = require('purser.format')
  local sums = run.sums --[[@as purser.Sums]]
  local input = sums.input + sums.cache_read + sums.cache_write_5m + sums.cache_write_1h
  io.stdout:write(run:answer(), '\n\n')
  io.stdout:write(
    ('run %d of %s: %s tokens in, %s out, %s\n\n'):format(
      run.id,
      run.agent,
      format.tokens(input),
      format.tokens(sums.output),
      format.cost(sums)
    )
  )
end

--- Without a screen: one run, its answer, its tokens and cost, and the report.
---@return integer exit code
function M.headless()
  local function fail(message)
    io.stderr:write('purser: ', message, '\n')
    return 1
  end
  local problem = prepare(true)
  if problem then
    return fail(problem)
  end
  local run
  run, problem = require('purser').run({ agent = 'demo', prompt = 'Review lua/upload.lua', headless = true })
  if not run then
    return fail(problem --[[@as string]])
  end
  if not vim.wait(60000, function()
    return run:is_final()
  end, 10) then
    return fail('the run did not end within a minute')
  elseif run.status ~= 'completed' then
    return fail(run.message or run.status)
  elseif not run.sums or (run.sums.cost_nanousd or 0) <= 0 then
    return fail('the run was not booked')
  end
  print_run(run)
  local text
  text, problem = require('purser.views').text('report', {}, 92)
  if not text then
    return fail(problem --[[@as string]])
  end
  io.stdout:write(text, '\n')
  return 0
end

return M
