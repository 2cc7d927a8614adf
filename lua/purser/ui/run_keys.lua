--- The keys of a run's window.

local M = {}

--- Opens or closes the fold under the cursor; on a line without one, nothing.
local function toggle()
  if vim.fn.foldlevel('.') > 0 then
    vim.cmd.normal({ 'za', bang = true })
  end
end

---@param self purser.RunWindow
local function again(self)
  local run = self.run
  local next_run, problem = require('purser.runner').start({
    agent = run.agent,
    model = run.model,
    effort = run.effort,
    prompt = run.prompt,
    selection = run.selection,
    cwd = run.cwd,
  })
  if not next_run then
    return require('purser.notify').error(problem --[[@as string]])
  end
  require('purser.ui.run_window').open(next_run)
end

--- A further prompt in the same context.
---@param self purser.RunWindow
local function reply(self)
  local run = self.run
  local notify = require('purser.notify')
  if not run:is_final() then
    return notify.info('the run is still under way')
  end
  require('purser.core').ask('chat.get', { conversation = run.conversation }, function(err, answer)
    if err then
      return notify.info(err.message)
    end
    require('purser.ui.reply').open(answer.chat, { model = run.model, effort = run.effort })
  end)
end

---@param self purser.RunWindow
---@return purser.ui.Key[]
function M.of(self)
  local over = self.run:is_final()
  ---@type purser.ui.Key[]
  return {
    {
      lhs = '<C-c>',
      desc = 'Stop the run',
      hint = not over and 'stop' or nil,
      rank = 2,
      group = 'Run',
      run = function()
        if self.run:is_active() then
          self.run:stop()
        end
      end,
    },
    {
      lhs = { 'i', 'a' },
      desc = 'Reply: a further prompt in the same context',
      hint = over and self.run.id and 'reply' or nil,
      rank = 2,
      group = 'Run',
      run = function()
        reply(self)
      end,
    },
    {
      lhs = 'C',
      desc = 'Compact the conversation: see first what goes and what it costs',
      hint = over and self.run.judgement and self.run.judgement.level ~= 'none' and 'compact' or nil,
      rank = 3,
      group = 'Run',
      run = function()
        require('purser.ui.compact').open(self.run.conversation)
      end,
    },
    {
      lhs = 'R',
      desc = 'Run the same prompt again',
      hint = over and 'again' or nil,
      rank = 4,
      group = 'Run',
      run = function()
        again(self)
      end,
    },
    {
      lhs = 'o',
      desc = 'What it cost, request by request',
      hint = over and self.run.id and 'cost' or nil,
      rank = 3,
      group = 'Run',
      run = function()
        if self.run.id then
          require('purser.views').open('run', { name = self.run.id })
        end
      end,
    },
    {
      lhs = 'gy',
      desc = 'Yank the answer',
      group = 'Run',
      run = function()
        local answer = self.run:answer()
        vim.fn.setreg(vim.v.register, answer)
        require('purser.notify').info(('the answer is in register %s'):format(vim.v.register))
      end,
    },
    { lhs = { '<CR>', '<Tab>' }, desc = 'Open or close a tool call or thinking', group = 'Folds', run = toggle },
    { lhs = 'zR', show = 'zR zM', desc = 'Open or close all of them', group = 'Folds' },
    {
      lhs = 'g?',
      desc = 'This help',
      hint = 'help',
      rank = 1,
      group = 'Window',
      run = function()
        require('purser.ui.help').open('Run', self.keys)
      end,
    },
    {
      lhs = 'q',
      desc = 'Hide the window; the run goes on, :Purser runs finds it',
      hint = 'hide',
      rank = 1,
      group = 'Window',
      run = function()
        self:hide()
      end,
    },
  }
end

return M
