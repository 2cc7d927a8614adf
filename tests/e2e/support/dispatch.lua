-- Run inside a Neovim of its own: takes the prompts of a plan through :AgentRun and writes down how each run ended.
-- The plan's file is named by PURSER_PLAN.

local handle = assert(io.open(assert(vim.env.PURSER_PLAN)))
local plan = vim.json.decode(handle:read('*a'))
handle:close()

vim.opt.runtimepath:prepend(plan.root)
vim.cmd.runtime('plugin/purser.lua')
vim.fn.chdir(plan.workspace)

local args = plan.args
require('purser').setup({
  agents = { tester = { adapter = plan.name, command = { plan.path }, args = args } },
  default_agent = 'tester',
})

local finished = {}
vim.api.nvim_create_autocmd('User', {
  pattern = 'PurserRunFinished',
  callback = function(event)
    table.insert(finished, event.data)
  end,
})

local function wait_for(count)
  return vim.wait(240000, function()
    return #finished >= count
  end, 20)
end

local runner = require('purser.runner')
for i, prompt in ipairs(plan.prompts) do
  if i == 1 then
    vim.cmd('AgentRun! tester ' .. prompt)
  else
    local session = require('purser.runs').last().row.session
    runner.start({ agent = 'tester', prompt = prompt, session = session })
  end
  if not wait_for(i) then
    io.stderr:write('the run did not end\n')
    vim.cmd.cquit()
  end
end

local out = assert(io.open(plan.out, 'w'))
local rows = {}
for _, data in ipairs(finished) do
  table.insert(rows, { status = data.status, message = data.message })
end
out:write(vim.json.encode(rows))
out:close()
