-- A run in words: the winbar, the tool calls, the transcript in a buffer.

local Transcript = require('purser.ui.transcript')
local config = require('purser.config')
local run_status = require('purser.ui.run_status')
local tool = require('purser.ui.tool')

before_each(function()
  config.setup({})
end)

---@param more? table
---@return table
local function run(more)
  return vim.tbl_extend('force', {
    nr = 1,
    agent = 'reviewer',
    model = 'claude-opus-5-5',
    effort = 'high',
    status = 'running',
    prompt = 'why?',
    cwd = '/home/ada/harbour',
    started_ms = 1000,
    items = {},
    sums = {
      requests = 2,
      input = 2400,
      cache_read = 9000,
      cache_write_5m = 1000,
      cache_write_1h = 0,
      output = 1100,
      cost_nanousd = 34200000,
      unpriced_requests = 0,
    },
    budget = { spent_nanousd = 19750000000, limit_nanousd = 25000000000 },
    context_tokens = 76000,
    context_window = 200000,
  }, more or {})
end

local KEYS = {
  { lhs = 'g?', desc = 'Help', hint = 'help', rank = 1 },
  { lhs = '<C-c>', desc = 'Stop', hint = 'stop', rank = 2 },
}

---@param one table
---@param room integer
---@return string
local function winbar(one, room)
  return table.concat(vim.tbl_map(function(chunk)
    return chunk[1]
  end, run_status.winbar(one, room, KEYS)))
end

describe('the winbar', function()
  it('has everything when there is room', function()
    assert.equals(
      ' ● reviewer · claude-opus-5-5 · high · 12.4k in 1.1k out · 3.42 ¢ · ━━━━╸─ 79 % of $25 · context 38 %',
      (winbar(run(), 130):gsub('%s+g%? help.*$', ''))
    )
  end)

  it('lets go of what matters least, never of agent, cost and help', function()
    for room = 50, 140 do
      local text = winbar(run(), room)
      assert.is_true(vim.api.nvim_strwidth(text) <= room)
      assert.is_truthy(text:find('reviewer', 1, true))
      assert.is_truthy(text:find('3.42 ¢', 1, true))
      assert.is_truthy(text:find('g? help', 1, true))
    end
  end)

  it('says what it waits for', function()
    assert.is_truthy(winbar(run({ status = 'asking' }), 100):find('asking the budget', 1, true))
    assert.is_truthy(winbar(run({ status = 'waiting' }), 100):find('waiting for other runs', 1, true))
  end)

  it('shows no figures before there are any', function()
    local one = run()
    one.sums, one.budget, one.context_tokens = nil, nil, nil
    local text = winbar(one, 100)
    assert.is_nil(text:find('¢', 1, true))
    assert.is_nil(text:find('context', 1, true))
  end)
end)

describe('a tool call', function()
  it('is told by its main argument', function()
    for input, expected in pairs({
      ['{"command":"make test","description":"Run it"}'] = 'make test',
      ['{"file_path":"/home/ada/harbour/lua/a.lua"}'] = 'lua/a.lua',
      ['{"pattern":"**/*.lua","path":"lua"}'] = 'lua',
      ['{"command":["git","log","-1"]}'] = 'git log -1',
      ['{"zebra":"z","apple":"a"}'] = 'a',
      ['{"count":3}'] = '{"count":3}',
      ['{}'] = '',
      ['plain\ntext'] = 'plain text',
    }) do
      assert.equals(expected, (tool.argument(input, '/home/ada/harbour')))
    end
  end)

  it('has its other arguments below', function()
    assert.same(
      { 'description: Run it', 'script:', '  a', '  b' },
      tool.details('{"command":"make","description":"Run it","script":"a\\nb\\n"}')
    )
  end)
end)

describe('the transcript', function()
  local buf, one, transcript

  ---@return string[]
  local function lines()
    return vim.api.nvim_buf_get_lines(buf, 0, -1, false)
  end

  before_each(function()
    buf = vim.api.nvim_create_buf(false, true)
    one = run()
    transcript = Transcript.new(buf, one)
    transcript:prompt()
  end)

  after_each(function()
    vim.api.nvim_buf_delete(buf, { force = true })
  end)

  ---@param items purser.Item[]
  local function take(items)
    for _, item in ipairs(items) do
      item.at_ms = 0
      one.items[#one.items + 1] = item
      transcript:update(#one.items)
    end
  end

  it('is the same whether a text comes whole or in pieces', function()
    local text = 'One **two**\n\n```lua\nreturn 3\n```\nlast – line'
    take({ { kind = 'text', text = text } })
    local whole = lines()
    for _, size in ipairs({ 1, 2, 5, 13 }) do
      vim.api.nvim_buf_delete(buf, { force = true })
      buf = vim.api.nvim_create_buf(false, true)
      one = run()
      transcript = Transcript.new(buf, one)
      transcript:prompt()
      one.items[1] = { kind = 'text', text = '', at_ms = 0 }
      for i = 1, #text, size do
        one.items[1].text = text:sub(1, i + size - 1)
        transcript:update(1)
      end
      assert.same(whole, lines())
    end
  end)

  it('puts each result under its own call, also when they come later', function()
    take({
      { kind = 'tool_call', id = 'a', name = 'Read', text = '{"path":"one"}' },
      { kind = 'tool_call', id = 'b', name = 'Read', text = '{"path":"two"}' },
      { kind = 'tool_result', id = 'b', text = 'second', failed = true },
      { kind = 'tool_result', id = 'a', text = 'first\nof all\n' },
      { kind = 'text', text = 'done' },
    })
    assert.same({
      '> why?',
      '',
      '    ▸ Read one ✓',
      '    ┊ first',
      '    ┊ of all',
      '    ▸ Read two ✗ failed',
      '    ┊ second',
      '',
      'done',
    }, lines())
  end)

  it('puts a result above what has been said since, and goes on below', function()
    take({
      { kind = 'tool_call', id = 'a', name = 'Read', text = '{"path":"one"}' },
      { kind = 'text', text = 'mean\nwhile' },
      { kind = 'tool_result', id = 'a', text = 'first\nof all\n' },
    })
    one.items[2].text = 'mean\nwhile'
    take({ { kind = 'text', text = '**more**\nand' } })
    assert.same({
      '> why?',
      '',
      '    ▸ Read one ✓',
      '    ┊ first',
      '    ┊ of all',
      '',
      'mean',
      'while',
      '',
      '**more**',
      'and',
    }, lines())
    local marks = vim.api.nvim_buf_get_extmarks(buf, vim.api.nvim_get_namespaces()['purser.markdown'], 0, -1, {})
    assert.same({ 9, 0 }, { marks[1][2], marks[1][3] })
  end)

  it('folds thinking and tool output, and nothing else', function()
    take({
      { kind = 'thinking', text = 'hm\nwell' },
      { kind = 'tool_call', id = 'a', name = 'Bash', text = '{"command":"ls"}' },
      { kind = 'tool_result', id = 'a', text = 'x' },
      { kind = 'notice', level = 'warn', text = 'tries again' },
      { kind = 'text', text = 'text\n    indented code' },
    })
    local levels = vim.tbl_map(Transcript.fold_level, lines())
    assert.same({ '0', '0', '>1', '1', '1', '>1', '1', '0', '0', '0', '0' }, levels)
  end)

  it('says when thinking is over', function()
    take({ { kind = 'thinking', text = 'hm' } })
    assert.equals('    ∴ thinking …', lines()[3])
    take({ { kind = 'text', text = 'so' } })
    assert.equals('    ∴ thought', lines()[3])
  end)

  it('keeps what a subagent says apart', function()
    take({
      { kind = 'text', text = 'from below\nand more', sidechain = true },
      { kind = 'text', text = 'from above' },
    })
    assert.same(
      { '> why?', '', '    ▸ subagent …', '    ┊ from below', '    ┊ and more', '', 'from above' },
      lines()
    )
  end)

  it("lets through no character that a line or a terminal can't take", function()
    take({ { kind = 'text', text = 'a\r\nb\27[31mred\0\7' } })
    assert.same({ '> why?', '', 'a', 'bred' }, lines())
  end)

  it("cuts a tool's output, and says so", function()
    take({
      { kind = 'tool_call', id = 'a', name = 'Bash', text = '{"command":"yes"}' },
      { kind = 'tool_result', id = 'a', text = ('y\n'):rep(1000) },
    })
    assert.equals('    ┊ … 600 lines more', lines()[#lines()])
  end)

  it('ends with how it ended', function()
    take({ { kind = 'text', text = 'an answer\n\n' } })
    one.status, one.ended_ms = 'completed', 15000
    transcript:close(run_status.closing(one, KEYS))
    assert.same({
      '> why?',
      '',
      'an answer',
      '',
      '    ✓ done · 12.4k in 1.1k out · 3.42 ¢ · 14 s',
      '    g? help   <C-c> stop',
    }, lines())
  end)
end)
