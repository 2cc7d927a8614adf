-- The drawing layer: text, bars, charts, tables, keys. All pure.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local buffer = require('purser.ui.buffer')
local chart = require('purser.ui.chart')
local config = require('purser.config')
local heatmap = require('purser.ui.heatmap')
local keys = require('purser.ui.keys')
local slices = require('purser.ui.slices')
local spark = require('purser.ui.spark')
local tables = require('purser.ui.table')
local tabs = require('purser.ui.tabs')
local width = require('purser.ui.width')

---@param fn fun(out: purser.ui.Text)
---@return string
local function drawn(fn)
  local out = Text.new()
  fn(out)
  return (out:render())[1]
end

before_each(function()
  config.setup({})
end)

describe('width', function()
  it('is measured in cells, not in bytes or characters', function()
    assert.equals(4, width.of('3.1¢'))
    assert.equals(6, width.of('灯台守'))
    assert.equals('灯… ', width.pad('灯台守', 4))
    assert.equals('lighth…', width.cut('lighthouse', 7))
    assert.equals('…house', width.cut_left('lighthouse', 6))
    assert.equals('', width.cut('x', 0))
  end)

  it('wraps at words, and within one that is too long', function()
    assert.same({ 'the tide', 'turns' }, width.wrap('the tide turns', 9))
    assert.same({ 'lightho', 'use' }, width.wrap('lighthouse', 7))
    assert.same({ '' }, width.wrap('', 7))
  end)
end)

describe('text', function()
  it('becomes lines and spans of bytes', function()
    local lines, spans = Text.new():add('≥ ', 'A'):add('$1', 'A'):add(' of'):nl():add('x', 'B'):render()
    assert.same({ '≥ $1 of', 'x' }, lines)
    assert.same({
      { row = 0, first = 0, last = 6, group = 'A' },
      { row = 1, first = 0, last = 1, group = 'B' },
    }, spans)
  end)

  it('drops spaces at the end of a line, unless they are drawn', function()
    local lines, spans = Text.new():add('a   '):nl():add('b'):add('  ', 'Track'):nl():render()
    assert.same({ 'a', 'b  ' }, lines)
    assert.same({ { row = 1, first = 1, last = 3, group = 'Track' } }, spans)
  end)

  it('keeps every span within its line', function()
    local lines, spans = Text.new():add('a '):add('b  ', 'B'):add('   '):nl():render()
    assert.same({ 'a b  ' }, lines)
    assert.same({ { row = 0, first = 2, last = 5, group = 'B' } }, spans)
  end)

  it('puts chunks on the right, or leaves them out', function()
    assert.equals(
      'ab    cd',
      drawn(function(out)
        out:add('ab'):right(8, { { 'cd' } })
      end)
    )
    assert.equals(
      'abcdefg',
      drawn(function(out)
        out:add('abcdefg'):right(8, { { 'cd' } })
      end)
    )
  end)

  it('keeps items through append and beside', function()
    local left = Text.new():item('L'):add('left'):item(nil):nl()
    local right = Text.new():item('R'):add('right'):item(nil):nl():add('more'):nl()
    local both = Text.beside({ { text = left, width = 6 }, { text = right, width = 6 } }, 2)
    local out = Text.new():add('head'):nl():append(both, 1)
    assert.same({ 'head', ' left    right', '         more' }, (out:render()))
    assert.equals('L', out:item_at(2, 1))
    assert.equals('R', out:item_at(2, 10))
    assert.equals('L', out:item_at(2))
    assert.is_nil(out:item_at(3))
    assert.same({ 9, 14 }, { out:extent(2, 'R') })
    assert.equals(2, #out:items())
  end)
end)

describe('a buffer', function()
  --- Its lines and highlights.
  local function content(buf)
    local marks = {}
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buf, -1, 0, -1, { details = true })) do
      marks[#marks + 1] = { mark[2], mark[3], mark[4].end_row, mark[4].end_col, mark[4].hl_group }
    end
    table.sort(marks, function(a, b)
      return a[1] == b[1] and a[2] < b[2] or a[1] < b[1]
    end)
    return { vim.api.nvim_buf_get_lines(buf, 0, -1, false), marks }
  end

  local function random_text(pick)
    local out = Text.new()
    for _ = 1, 4 + pick(3) do
      for _ = 1, pick(4) do
        out:add(({ 'a', 'bb ', '▃▃', '≥ $1' })[pick(4) + 1], ({ 'Title', 'Comment' })[pick(3) + 1])
      end
      out:nl()
    end
    return out
  end

  it('that is drawn over looks as if it were drawn anew, whatever stood there', function()
    local state = 1
    local function pick(most)
      state = (state * 16807) % 2147483647
      return state % most
    end
    local buf = buffer.new('purser', 'purser://test')
    for i = 1, 200 do
      local text = random_text(pick)
      buffer.draw(buf, text)
      if i % 20 == 0 then
        vim.bo[buf].modifiable = true
        vim.api.nvim_buf_set_lines(buf, 1, 2, false, { 'somebody else was here', 'and here' })
        buffer.draw(buf, text)
      end
      local fresh = buffer.new('purser', 'purser://fresh')
      buffer.draw(fresh, text)
      assert.same(content(fresh), content(buf))
      vim.api.nvim_buf_delete(fresh, { force = true })
    end
  end)

  it('is not touched where nothing has changed', function()
    local buf = buffer.new('purser', 'purser://test')
    local text = Text.new():add('one', 'Title'):nl():add('two'):nl()
    buffer.draw(buf, text)
    local tick = vim.api.nvim_buf_get_changedtick(buf)
    buffer.draw(buf, text)
    assert.equals(tick, vim.api.nvim_buf_get_changedtick(buf))
  end)
end)

describe('a text that is written in slices', function()
  it('is the same as one that is written at once, and lets others have their turn', function()
    local function write()
      local out = Text.new()
      for i = 1, 3000 do
        out:add('row '):add(i, 'Title'):nl()
      end
      return out:plain()
    end
    local result, turns = nil, 0
    slices.add(function()
      result = write()
    end, true)
    local timer = assert(vim.uv.new_timer())
    timer:start(1, 1, function()
      turns = turns + 1
    end)
    assert.is_true(vim.wait(30000, function()
      return result ~= nil
    end, 1))
    timer:close()
    assert.equals(write(), result)
    assert.is_true(turns > 2)
    assert.is_false(slices.busy())
  end)
end)

describe('a bar', function()
  it('shows a little of what is little, and is full only when full', function()
    local function cells(share)
      return drawn(function(out)
        bar.add(out, share, 10)
      end)
    end
    assert.equals('', cells(0))
    assert.equals('▏', cells(0.0001))
    assert.equals('█████', cells(0.5))
    assert.equals('█████████▉', cells(0.9999))
    assert.equals('██████████', cells(1))
    assert.equals('██████████', cells(7))
  end)

  it('is as wide as it should be, for any share', function()
    for share = -0.1, 1.3, 0.013 do
      for _, cells in ipairs({ 1, 3, 10, 37 }) do
        for _, kind in ipairs({ 'add', 'thin' }) do
          local out = Text.new()
          bar[kind](out, share, cells, { track = true, held = 0.2 })
          assert.equals(cells, out:column())
        end
      end
    end
  end)

  it('shows what is held after what is spent', function()
    assert.equals(
      '━━━━━╌╌───',
      drawn(function(out)
        bar.thin(out, 0.5, 10, { track = true, held = 0.2 })
      end)
    )
  end)

  it('changes its colour at the thresholds', function()
    assert.equals('PurserBar', bar.group(0.79))
    assert.equals('PurserBarWarn', bar.group(0.8))
    assert.equals('PurserBarOver', bar.group(1))
  end)

  it('can do with ASCII', function()
    config.setup({ ui = { icons = 'ascii' } })
    assert.equals(
      '#####.....',
      drawn(function(out)
        bar.add(out, 0.5, 10, { track = true })
      end)
    )
  end)
end)

describe('a sparkline', function()
  it('has a column for each number, and none for nought', function()
    assert.equals('▁ ▄█', spark.line({ 1, 0, 4, 8 }))
    assert.equals('  ', spark.line({ 0, 0 }))
  end)

  it('adds neighbours up when there is no room, and loses nothing', function()
    local values, sum = {}, 0
    for i = 1, 100 do
      values[i] = i % 7
      sum = sum + values[i]
    end
    local squeezed = spark.squeeze(values, 13)
    local total = 0
    for _, value in ipairs(squeezed) do
      total = total + value
    end
    assert.equals(13, #squeezed)
    assert.equals(sum, total)
  end)
end)

describe('a chart', function()
  it('ends its scale at a round number', function()
    for _, case in ipairs({ { 3.2, 4 }, { 0.031, 0.04 }, { 1, 1 }, { 6.6, 8 }, { 0, 1 }, { 99, 100 } }) do
      assert.is_true(math.abs(case[2] - chart.nice(case[1])) < 1e-9)
    end
  end)

  it('fits the room that it has', function()
    local values = {}
    for i = 1, 31 do
      values[i] = i * 1e8
    end
    for _, room in ipairs({ 40, 58, 94, 160 }) do
      local out = chart.draw(values, { width = room, height = 5, labels = { [1] = '1', [31] = '31' } })
      for row = 1, out:height() do
        assert.is_true(out:row_width(row) <= room)
      end
    end
  end)

  it('shows something for the smallest amount', function()
    local lines = chart.draw({ 1, 1e10 }, { width = 30, height = 3, labels = {} }):render()
    assert.matches('▁', lines[3])
  end)
end)

describe('a heat map', function()
  it('divides the days with spend into quarters', function()
    assert.same({ 2, 4, 6 }, heatmap.bounds({ 0, 1, 2, 3, 4, 5, 6, 7, 8 }))
    assert.same({ 0, 0, 0 }, heatmap.bounds({ 0, 0 }))
  end)

  it('fits: a narrow one shows the weeks that are nearest', function()
    local days = { ['2026-11-23'] = 5e9, ['2026-02-02'] = 1e9 }
    for _, room in ipairs({ 30, 58, 120 }) do
      local out = heatmap.draw(days, { first = '2026-01-01', last = '2026-12-31', today = '2026-11-24', width = room })
      assert.equals(9, out:height())
      for row = 1, 8 do
        assert.is_true(out:row_width(row) <= room)
      end
    end
  end)
end)

describe('a table', function()
  local rows = { { n = 'b', v = 2 }, { n = 'a', v = 10 }, { n = 'c', v = 2 }, { n = 'd' } }
  local columns = {
    {
      name = 'n',
      title = 'Name',
      ascending = true,
      text = function(row)
        return row.n
      end,
    },
    {
      name = 'v',
      title = 'Value',
      right = true,
      keep = 1,
      text = function(row)
        return tostring(row.v or '')
      end,
      value = function(row)
        return row.v
      end,
    },
  }

  local function names(sort)
    return table.concat(vim.tbl_map(function(row)
      return row.n
    end, tables.sort(rows, columns, sort)))
  end

  it('is sorted: large first, words up, equal ones as they were, unknown ones last', function()
    assert.equals('bacd', names(nil))
    assert.equals('abcd', names({ name = 'v' }))
    assert.equals('bcad', names({ name = 'v', reverse = true }))
    assert.equals('abcd', names({ name = 'n' }))
    assert.equals('dcba', names({ name = 'n', reverse = true }))
  end)

  it('drops the column that matters least when there is no room', function()
    assert.same(
      { 'Name  Value', 'b         2' },
      vim.list_slice((tables.draw(columns, rows, { width = 20 }):render()), 1, 2)
    )
    assert.same({ 'Name', 'b' }, vim.list_slice((tables.draw(columns, rows, { width = 8 }):render()), 1, 2))
  end)

  it('never takes more room than it has while a column can shrink or go', function()
    local wide = vim.list_extend({
      {
        name = 'p',
        title = 'Prompt',
        grow = true,
        min = 5,
        text = function()
          return ('word '):rep(30)
        end,
      },
    }, columns)
    for room = 16, 200, 7 do
      local out = tables.draw(wide, rows, { width = room })
      for row = 1, out:height() do
        assert.is_true(out:row_width(row) <= room)
      end
    end
  end)

  it('makes each row an item', function()
    local out = tables.draw(columns, rows, {
      width = 20,
      item = function(row)
        return row
      end,
    })
    assert.equals(rows[1], out:item_at(2))
    assert.equals(rows[4], out:item_at(5))
    assert.is_nil(out:item_at(1))
  end)

  it('lets no control character through', function()
    local out = tables.draw({
      {
        name = 'x',
        title = 'X',
        text = function()
          return 'a\nb\tc\27[31m'
        end,
      },
    }, { {} }, { width = 20 })
    assert.equals('a b c[31m', (out:render())[2])
  end)
end)

describe('tabs', function()
  local list = {
    { name = 'a', title = 'Dashboard', short = 'Dash' },
    { name = 'b', title = 'Workspaces', short = 'Work' },
  }

  it('shorten their names, then leave them out, but never the active one', function()
    local function line(room)
      return drawn(function(out)
        tabs.add(out, list, 'b', room)
      end)
    end
    assert.equals(' 1 Dashboard  2 Workspaces ', line(40))
    assert.equals(' 1 Dash  2 Work ', line(20))
    assert.equals(' 1  2 Work ', line(12))
  end)
end)

describe('keys', function()
  local list = {
    { lhs = '<CR>', desc = 'Open it', hint = 'open', rank = 2, group = 'Moving' },
    { lhs = { 'q', '<Esc>' }, desc = 'Close', hint = 'close', rank = 1, group = 'Window' },
    { lhs = 's', desc = 'Sort', hint = 'sort', rank = 5, group = 'Moving' },
    { lhs = '2', desc = 'Second tab', quiet = true },
  }

  local function hints(room)
    return table.concat(vim.tbl_map(function(chunk)
      return chunk[1]
    end, keys.footer(list, room)))
  end

  it('show the hints that fit, the most needed first, in their own order', function()
    assert.equals(' <CR> open  q close  s sort ', hints(60))
    assert.equals(' <CR> open  q close ', hints(22))
    assert.equals(' q close ', hints(12))
    assert.equals('', hints(3))
  end)

  it('are all in the help, under their headings', function()
    assert.same({
      ' Moving',
      '  <CR>      Open it',
      '  s         Sort',
      '',
      ' Window',
      '  q <Esc>   Close',
    }, (keys.help(list):render()))
  end)
end)
