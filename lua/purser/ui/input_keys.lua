--- The keys of the window in which a prompt is written.

local M = {}

---@param self purser.InputWindow
---@return purser.ui.Key[]
function M.of(self)
  local both = { 'n', 'i' }
  return {
    {
      lhs = '<C-s>',
      desc = 'Send (in normal mode <CR> does, too)',
      hint = 'send',
      rank = 1,
      modes = both,
      run = function()
        self:submit()
      end,
    },
    {
      lhs = '<CR>',
      desc = 'Send',
      run = function()
        self:submit()
      end,
    },
    {
      lhs = '<C-a>',
      desc = 'Next agent',
      hint = not self.options.fixed and 'agent' or nil,
      rank = 3,
      modes = both,
      run = function()
        self:next_agent()
      end,
    },
    {
      lhs = '<C-e>',
      desc = 'Next effort',
      hint = 'effort',
      rank = 3,
      modes = both,
      run = function()
        self:next_effort()
      end,
    },
    {
      lhs = '<C-l>',
      desc = 'Choose a model',
      hint = 'model',
      rank = 5,
      modes = both,
      run = function()
        self:choose_model()
      end,
    },
    {
      lhs = '<C-g>',
      desc = 'Take the model and effort that are suggested for such a task, for this run alone',
      modes = both,
      run = function()
        self:take_suggestion()
      end,
    },
    {
      lhs = '<C-k>',
      desc = 'Compact the conversation first',
      hint = self.options.compact and 'compact' or nil,
      rank = 4,
      modes = both,
      quiet = not self.options.compact,
      run = self.options.compact and function()
        self:close(true)
        self.options.compact()
      end or nil,
    },
    {
      lhs = { 'q', '<Esc>' },
      show = '<Esc>',
      desc = 'Cancel (in normal mode); what was written is there again next time',
      hint = 'cancel',
      rank = 2,
      run = function()
        self:close(true)
      end,
    },
    {
      lhs = '<C-c>',
      desc = 'Cancel',
      modes = both,
      run = function()
        self:close(true)
      end,
    },
    {
      lhs = 'g?',
      desc = 'This help',
      hint = 'help',
      rank = 4,
      run = function()
        require('purser.ui.help').open('Prompt', self.keys)
      end,
    },
  }
end

return M
