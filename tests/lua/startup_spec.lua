-- What the plugin costs before it is used: three commands.

local headless = require('helpers.headless')
local tmp = require('helpers.tmp')

describe('at start-up', function()
  it('no module is loaded', function()
    local got = headless.run({
      'lua for name in pairs(package.loaded) do if name:match("^purser") then io.stdout:write(name, "\\n") end end',
      'lua io.stdout:write("commands ")',
      'lua for _, c in ipairs({ "AgentRun", "CostReport", "Purser" }) do io.stdout:write(vim.fn.exists(":" .. c)) end',
    })
    assert.equal('commands 222', vim.trim(got.stdout))
  end)

  it('and the time is told', function()
    local file = tmp.dir() .. '/times'
    headless.run({}, { args = { '--startuptime', file } })
    local text = assert(tmp.read(file))
    local ms = text:match('([%d.]+):[^\n]*plugin/purser%.lua')
    assert.truthy(ms, text)
    io.stdout:write(('plugin/purser.lua: %s ms\n'):format(ms))
  end)

  it('loading twice, or on an old Neovim, does nothing', function()
    local got = headless.run({
      'delcommand AgentRun',
      'runtime plugin/purser.lua',
      'lua io.stdout:write(vim.fn.exists(":AgentRun"))',
    })
    assert.equal('0', got.stdout)
  end)

  it('setup() alone loads no library', function()
    local got = headless.run({ 'lua io.stdout:write(tostring(package.loaded["purser.core"]))' }, { setup = {} })
    assert.equal('nil', got.stdout)
  end)
end)
