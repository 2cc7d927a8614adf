-- A Neovim without a screen, run to its end: what scripts and CI see.
--
--   local got = headless.run({ 'AgentRun reviewer hello' }, { setup = { agents = … } })
--   got.stdout, got.stderr, got.code

local tmp = require('helpers.tmp')

local M = {}

---@class helpers.Headless
---@field setup? table what setup() is called with
---@field env? table<string, string|false>
---@field home? string
---@field cwd? string
---@field args? string[] more arguments for Neovim

---@param commands string[]
---@param options? helpers.Headless
---@return { code: integer, stdout: string, stderr: string, home: string }
function M.run(commands, options)
  options = options or {}
  local home = options.home or tmp.dir('home')
  local argv = { vim.v.progpath, '--headless', '--clean', '-n', '--cmd', 'unlet! $LD_PRELOAD' }
  vim.list_extend(argv, { '--cmd', 'set runtimepath^=' .. vim.fn.fnameescape(assert(vim.env.PURSER_ROOT)) })
  vim.list_extend(argv, options.args or {})
  if options.setup then
    local file = tmp.write(tmp.dir() .. '/setup.lua', 'require("purser").setup(' .. vim.inspect(options.setup) .. ')')
    vim.list_extend(argv, { '-c', 'luafile ' .. file })
  end
  -- Neovim takes ten -c at most.
  local script = tmp.write(tmp.dir() .. '/commands.vim', table.concat(commands, '\n') .. '\n')
  vim.list_extend(argv, { '-c', 'source ' .. script })
  vim.list_extend(argv, { '-c', 'qall!' })
  local result
  require('purser.process').collect(argv, {
    cwd = options.cwd or home,
    timeout_ms = 120000,
    env = vim.tbl_extend('force', {
      HOME = home,
      XDG_CONFIG_HOME = home .. '/config',
      XDG_DATA_HOME = home .. '/data',
      XDG_STATE_HOME = home .. '/state',
      XDG_CACHE_HOME = home .. '/cache',
      NVIM_LOG_FILE = home .. '/nvim.log',
      LD_PRELOAD = vim.env.PURSER_PRELOAD or false,
    }, options.env or {}),
  }, function(found)
    result = found
  end)
  assert(
    vim.wait(130000, function()
      return result
    end, 5),
    'Neovim did not end'
  )
  result.home = home
  result.stderr = result.stderr:gsub('\r\n', '\n')
  return result
end

return M
