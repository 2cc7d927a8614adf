--- The playground's first screen: what there is to try, and the key for it.

local Text = require('purser.ui.text')
local buffer = require('purser.ui.buffer')
local keys = require('purser.ui.keys')
local width = require('purser.ui.width')

local M = {}

---@class (exact) purser.WelcomeStep
---@field key string
---@field command string what it types
---@field says string

---@type purser.WelcomeStep[]
local STEPS = {
  {
    key = '1',
    command = 'AgentRun demo Review lua/upload.lua',
    says = 'run an agent: watch it think, and its cost grow',
  },
  { key = '2', command = '2,7AgentRun', says = 'ask about some lines, in your own words' },
  { key = '3', command = 'CostReport', says = 'where the money went' },
  { key = '4', command = 'Purser budget', says = 'what may be spent, and by whom' },
  { key = '5', command = 'Purser agents', says = 'the agents, also those found on this machine' },
  { key = '6', command = 'Purser runs', says = 'the runs of this Neovim' },
  { key = '7', command = 'checkhealth purser', says = 'is everything well?' },
}

--- Pure.
---@param cells integer
---@return purser.ui.Text
function M.draw(cells)
  local out = Text.new():nl()
  local function say(text, group)
    for _, line in ipairs(width.wrap(text, cells - 4)) do
      out:add('  '):add(line, group):nl()
    end
  end
  out:add('  '):add('purser', 'PurserTotal'):add('  the one on board who keeps the accounts', 'PurserMuted'):nl():nl()
  say(
    'Everything here is a sample: some months of made-up history, and an agent, demo, that answers from a script. '
      .. 'It goes through the same gate, ledger and windows as a real one.'
  )
  out:nl()
  local most = 0
  for _, step in ipairs(STEPS) do
    most = math.max(most, width.of(step.command) + 1)
  end
  local beside = cells >= most + 56
  for _, step in ipairs(STEPS) do
    out:item(step)
    out:add('  '):add(step.key, 'PurserKey'):add('  '):add(':' .. step.command, 'PurserName')
    if beside then
      out:to(most + 7):add(step.says)
    else
      out:nl():add('     '):add(width.cut(step.says, cells - 6), 'PurserMuted')
    end
    out:item(nil):nl()
  end
  out:nl()
  say('The demo agent may spend 30 ¢ a day. After a few runs the budget asks what to do: try it.')
  out:nl()
  say('In every window  ?  or  g?  shows its keys.  q  closes it.  ZQ  leaves.', 'PurserMuted')
  return out
end

---@param step purser.WelcomeStep
local function take(step)
  if step.key == '2' then
    -- On the lines of a file, as one would select them.
    vim.cmd.edit('lua/upload.lua')
  end
  vim.fn.histadd('cmd', step.command)
  vim.cmd(step.command)
end

--- Shows it in the current window.
function M.open()
  require('purser.ui.highlights').setup()
  local win = vim.api.nvim_get_current_win()
  local buf = buffer.new('purser-welcome', 'purser://welcome')
  vim.bo[buf].bufhidden = 'hide'
  vim.api.nvim_win_set_buf(win, buf)
  local wo = vim.wo[win][0]
  wo.number, wo.relativenumber, wo.list, wo.wrap = false, false, false, false
  wo.signcolumn, wo.fillchars = 'no', 'eob: '
  local text ---@type purser.ui.Text
  local function draw()
    local at = vim.fn.win_findbuf(buf)[1]
    if at then
      text = M.draw(math.min(100, vim.api.nvim_win_get_width(at)))
      buffer.draw(buf, text)
    end
  end
  draw()
  vim.api.nvim_create_autocmd({ 'VimResized', 'WinResized' }, {
    buffer = buf,
    desc = 'purser: fit the first screen',
    callback = draw,
  })
  local list = {} ---@type purser.ui.Key[]
  for _, step in ipairs(STEPS) do
    list[#list + 1] = {
      lhs = step.key,
      desc = step.says,
      run = function()
        take(step)
      end,
    }
  end
  list[#list + 1] = {
    lhs = '<CR>',
    desc = 'Take the step under the cursor',
    run = function()
      local step = text:item_at(vim.api.nvim_win_get_cursor(0)[1])
      if step then
        take(step)
      end
    end,
  }
  list[#list + 1] = {
    lhs = { '?', 'g?' },
    desc = 'This help',
    run = function()
      require('purser.ui.help').open('Playground', list)
    end,
  }
  keys.map(buf, list)
  local first = text:items()[1]
  vim.api.nvim_win_set_cursor(win, { first.row, first.byte })
end

return M
