--- The editor's last moments: agents are ended, what they spent is booked, the worker is joined. Without the join its thread
--- would run on while the process goes down.

local M = {}

local registered = false

function M.register()
  if registered then
    return
  end
  registered = true
  vim.api.nvim_create_autocmd('VimLeavePre', {
    group = vim.api.nvim_create_augroup('purser.leave', {}),
    desc = 'purser: end the agents and close the ledger',
    callback = function()
      local runner = package.loaded['purser.runner']
      if runner then
        runner.shutdown()
      end
      require('purser.core').close()
    end,
  })
end

return M
