--- A child Neovim in which the windows are opened over the plain-table ledger of fake_data.lua.

local Child = require('helpers.child')
local screenshot = require('helpers.screenshot')

local M = {}

--- Sizes that every window must look well at.
M.SIZES = { { 60, 20 }, { 100, 30 }, { 200, 50 } }

local SETUP = [[
  package.path = vim.env.PURSER_ROOT .. '/tests/lua/?.lua;' .. package.path
  -- Nothing of this machine may be found, and nothing beside the windows is drawn.
  vim.env.PATH = '/nonexistent'
  vim.o.laststatus, vim.o.ruler, vim.o.showcmd, vim.o.showmode = 0, false, false, false
  vim.o.shortmess = vim.o.shortmess .. 'FI'
  vim.o.termguicolors = true
  FAKE = require('ui.fake_data')
  CORE = FAKE.install()
  require('purser.config').setup({
    ui = ...,
    agents = {
      reviewer = {
        adapter = 'script', command = '/bin/sh', dialect = 'claude', model = 'claude-opus-5-5', effort = 'high',
        monthly_budget = 2500, system = 'You review changes. Be brief.',
      },
      namer = { adapter = 'script', command = '/bin/sh', dialect = 'claude', model = 'claude-haiku-5', effort = 'low' },
      broken = { adapter = 'script', command = '/nowhere/agent', dialect = 'claude' },
    },
  })
]]

--- A run with something of everything in it. `DONE(run)` ends it.
local RUN = [[
  function START(agent)
    local run = require('purser.runner.run').new({
      agent = agent or 'reviewer', label = 'Claude', source = 'script', model = 'claude-opus-5-5', effort = 'high',
      prompt = 'Why does the upload time out when the file is larger than 2 GB?', cwd = '/home/ada/src/harbour',
      selection = { file = 'lua/upload.lua', first = 12, last = 48, filetype = 'lua', lines = {} }, headless = false,
    })
    run.id, run.session, run.started_ms = 300 + run.nr, 'session', FAKE.NOW
    run.stop = function(self) STOPPED = self.nr end
    require('purser.runs').add(run)
    return run
  end
  function FILL(run)
    run:set_status('running')
    run.sums = {
      runs = 1, requests = 2, input = 2400, cache_read = 9000, cache_write_5m = 1000, cache_write_1h = 0, output = 1100,
      cost_nanousd = 34200000, unpriced_requests = 0,
    }
    run.budget, run.context_tokens, run.context_window = FAKE.budgets()[2], 76000, 200000
    run:append('thinking', 'The handler reads the whole body.\nI should look at the length.', false)
    run:append('text', 'I\'ll look at how the length is kept.\n', false)
    local path = '/home/ada/src/harbour/lua/upload.lua'
    run:add({ kind = 'tool_call', id = '1', name = 'Read', text = vim.json.encode({ file_path = path }) })
    run:add({ kind = 'tool_call', id = '2', name = 'Bash', text = '{"command":"grep -rn length src/"}' })
    run:add({ kind = 'tool_result', id = '1', text = 'local M = {}\nlocal n = ffi.new("int32_t", #body)\n' })
    run:add({ kind = 'tool_result', id = '2', text = 'grep: src/: No such file or directory', failed = true })
    run:notice('warn', 'the client tries again, in 2.0 s (529): overloaded')
    run:append('text', 'The length is an `int32_t`, so 2 GB is **negative**:\n\n```lua\nlocal n = 1\n```\n', false)
    run:append('text', '\nUse `int64_t`.', false)
    run:flush()
  end
  function DONE(run)
    run.row = { duration_ms = 14200 }
    run:set_status('completed')
    run:flush()
  end
]]

---@param cols integer
---@param rows integer
---@param ui? table options of the windows
---@return helpers.Child
function M.start(cols, rows, ui)
  local child = Child.start({ cols = cols, rows = rows, env = { TZ = 'UTC' } })
  child:lua(SETUP, ui or vim.empty_dict())
  child:lua(RUN)
  return child
end

--- Runs `fn` with a child for each size, and ends the child whatever happens.
---@param fn fun(child: helpers.Child)
---@param ui? table
function M.at_each_size(fn, ui)
  for _, size in ipairs(M.SIZES) do
    M.with(size[1], size[2], fn, ui)
  end
end

---@param cols integer
---@param rows integer
---@param fn fun(child: helpers.Child)
---@param ui? table
function M.with(cols, rows, fn, ui)
  local child = M.start(cols, rows, ui)
  local ok, problem = xpcall(fn, debug.traceback, child)
  child:stop()
  if not ok then
    error(problem, 0)
  end
end

---@param child helpers.Child
---@param view string
---@param args? table
function M.open(child, view, args)
  child:lua(
    [[
    local view, args = ...
    require('purser.views').open(view, args)
  ]],
    view,
    args or vim.empty_dict()
  )
end

--- Compares the screen with its picture, once it shows the words that come last.
---@param child helpers.Child
---@param name string
---@param words string
function M.picture(child, name, words)
  child:expect(words)
  child:redraw()
  screenshot.expect(child, name)
end

return M
