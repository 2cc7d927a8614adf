-- The helpers that other specs lean on.

local Child = require('helpers.child')
local screenshot = require('helpers.screenshot')
local tmp = require('helpers.tmp')

describe('the child Neovim', function()
  local child

  before_each(function()
    child = Child.start({ rows = 10, cols = 40, plugin = false })
  end)

  after_each(function()
    child:stop()
  end)

  it('shows what was typed', function()
    child:type('ihello<Esc>')
    assert.equal(1, child:expect('hello'))
    assert.equal('hello', child:screen()[1])
    child:type('dd')
    child:expect_gone('hello')
  end)

  it('runs Lua with arguments and gives back values', function()
    assert.same(
      { 3, 'x', { a = { 1, 2 } } },
      child:lua('local a, b, c = ... return { a + 1, b, c }', 2, 'x', { a = { 1, 2 } })
    )
    assert.equal(nil, child:lua('return nil'))
    assert.equal(0, child:lua('return select("#", ...)'))
    assert.equal('number', type(child:lua('return vim.api.nvim_get_current_buf()')))
  end)

  it('passes errors on with their text', function()
    assert.error_matches(function()
      child:lua('error("out of ink")')
    end, 'out of ink')
    assert.error_matches(function()
      child:cmd('nosuchcommand')
    end, 'E492')
  end)

  it('sees and answers a question that blocks the child', function()
    child:cmd([[call timer_start(0, {-> execute("let g:answer = confirm('Sink the ship?', \"&Yes\n&No\", 2)")})]])
    child:expect('Sink the ship?')
    child:type('y')
    assert.equal(1, child:await('return vim.g.answer'))
  end)

  it('sees floating windows, wide characters and highlights', function()
    child:lua([[
      local buf = vim.api.nvim_create_buf(false, true)
      vim.api.nvim_buf_set_lines(buf, 0, -1, false, { '船 ▁▄█' })
      local ns = vim.api.nvim_create_namespace('')
      vim.api.nvim_set_hl(0, 'TestInk', { fg = '#123456', bold = true })
      vim.api.nvim_buf_set_extmark(buf, ns, 0, 4, { end_col = 13, hl_group = 'TestInk' })
      vim.api.nvim_open_win(buf, false,
        { relative = 'editor', row = 2, col = 5, width = 12, height = 1, border = 'rounded' })
    ]])
    local row = child:expect('│船 ▁▄█')
    assert.equal(4, row)
    assert.truthy(child:screen()[3]:find('╭────────────╮', 1, true))
    local attr = child:attr(row, 10) -- border, two cells, a blank
    assert.equal(0x123456, attr.foreground)
    assert.is_true(attr.bold)
    assert.truthy(vim.tbl_contains(attr.groups, 'TestInk'))
  end)

  it('follows scrolling and another size', function()
    child:lua([[
      local lines = {}
      for i = 1, 50 do lines[i] = 'line ' .. i end
      vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
    ]])
    child:expect('line 8', 8)
    child:type('3<C-e>')
    child:expect('line 4', 1)
    child:expect('line 11', 8)
    child:type('2<C-y>')
    child:expect('line 2', 1)
    child:resize(12, 20)
    child:expect('line 10')
    assert.equal(12, #child:screen())
  end)

  it('keeps its home apart from ours and from its siblings', function()
    local home = child:lua('return { vim.env.HOME, vim.fn.stdpath("data") }')
    assert.not_equal(vim.env.HOME, home[1])
    assert.truthy(vim.startswith(home[2], home[1]))
    local sibling = Child.start({ plugin = false })
    assert.not_equal(home[1], sibling.home)
    sibling:stop()
  end)

  it('tells how the child ended', function()
    child:kill('sigkill')
    child:wait_exit()
    assert.equal(9, child.signal)
    assert.error_matches(function()
      child:cmd('echo 1')
    end, 'waited in vain')
    local other = Child.start({ plugin = false })
    other:send('nvim_command', 'cquit 7')
    assert.equal(7, other:wait_exit())
    other:stop()
  end)

  it('collects notifications', function()
    child:lua([[vim.rpcnotify(1, 'ink', 1, 'blue')]])
    child:wait_for(function()
      return child.notes[1]
    end, 'the notification')
    assert.same({ 'ink', { 1, 'blue' } }, child.notes[1])
  end)
end)

describe('screenshots', function()
  local child, before

  before_each(function()
    before = { vim.env.PURSER_SCREENSHOTS, vim.env.UPDATE_SCREENSHOTS }
    vim.env.PURSER_SCREENSHOTS = tmp.dir('screenshots')
    vim.env.UPDATE_SCREENSHOTS = nil
    child = Child.start({ rows = 4, cols = 20, plugin = false })
    child:type('ione 12:34<Esc>')
    child:expect('12:34')
  end)

  after_each(function()
    child:stop()
    vim.env.PURSER_SCREENSHOTS, vim.env.UPDATE_SCREENSHOTS = before[1], before[2]
  end)

  local function path(suffix)
    return ('%s/picture-20x4%s.txt'):format(vim.env.PURSER_SCREENSHOTS, suffix or '')
  end

  it('write a reference when told to, and pass with it', function()
    vim.env.UPDATE_SCREENSHOTS = '1'
    screenshot.expect(child, 'picture')
    vim.env.UPDATE_SCREENSHOTS = nil
    assert.truthy(vim.startswith(assert(tmp.read(path())), 'one 12:34\n'))
    screenshot.expect(child, 'picture')
  end)

  it('fail without a reference, and show what they see', function()
    assert.error_matches(function()
      screenshot.expect(child, 'picture')
    end, 'no reference.*one 12:34')
  end)

  it('fail on a difference, and show both', function()
    tmp.write(path(), 'two 12:34\n~\n~\n\n')
    assert.error_matches(function()
      screenshot.expect(child, 'picture')
    end, 'expected:\n! two 12:34\n  ~.*on the screen:\n! one 12:34\n  ~')
  end)

  it('take a reference made for this Neovim before the common one', function()
    local version = vim.version()
    tmp.write(path(), 'wrong\n')
    vim.env.UPDATE_SCREENSHOTS = '1'
    tmp.write(path(('@%d.%d'):format(version.major, version.minor)), '')
    screenshot.expect(child, 'picture')
    vim.env.UPDATE_SCREENSHOTS = nil
    screenshot.expect(child, 'picture')
    assert.equal('wrong\n', tmp.read(path()))
  end)

  it('mask what varies', function()
    vim.env.UPDATE_SCREENSHOTS = '1'
    screenshot.expect(child, 'picture', { mask = { ['%d%d:%d%d'] = 'HH:MM' } })
    vim.env.UPDATE_SCREENSHOTS = nil
    child:type('cc' .. 'one 21:09<Esc>')
    child:expect('21:09')
    screenshot.expect(child, 'picture', { mask = { ['%d%d:%d%d'] = 'HH:MM' } })
  end)
end)
