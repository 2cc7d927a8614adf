-- Colours for markdown that is still being written.

local Markdown = require('purser.ui.markdown')
local line_of = require('purser.ui.markdown_line')
local slices = require('purser.ui.slices')

---@param line string
---@param state? table
---@return string[] "group: text"
local function spans(line, state)
  local out = {}
  for _, span in ipairs(line_of.spans(line, state or {})) do
    out[#out + 1] = ('%s: %s'):format(span[3]:gsub('@markup%.', ''), line:sub(span[1] + 1, span[2]))
  end
  return out
end

describe('a line of markdown', function()
  it('has the colours of what it is', function()
    for line, expected in pairs({
      ['plain words, 2 * 3 * 4 and snake_case_name'] = {},
      ['## A heading'] = { 'heading.2: ## A heading' },
      ['#hashtag'] = {},
      ['> quoted'] = { 'quote: > quoted' },
      ['---'] = { '@punctuation.special: ---' },
      ['- item'] = { 'list: -' },
      ['  12. item'] = { 'list: 12.' },
      ['* item with *stress*'] = { 'list: *', 'italic: *stress*' },
      ['- [x] done'] = { 'list: -', 'list.checked: [x]' },
      ['- [ ] to do'] = { 'list: -', 'list.unchecked: [ ]' },
      ['some `code` here'] = { 'raw: `code`' },
      ['``a ` b`` and `c`'] = { 'raw: ``a ` b``', 'raw: `c`' },
      ['an `open tick'] = {},
      ['`**not strong**`'] = { 'raw: `**not strong**`' },
      ['**strong** and *stressed*'] = { 'strong: **strong**', 'italic: *stressed*' },
      ['__strong__ and _stressed_'] = { 'strong: __strong__', 'italic: _stressed_' },
      ['~~gone~~'] = { 'strikethrough: ~~gone~~' },
      ['see [the help](https://example.org/a_b)'] = {
        'link.label: [the help]',
        'link.url: (https://example.org/a_b)',
        'link.url: https://example.org/a_b',
      },
      ['see https://example.org/a_b_c.'] = { 'link.url: https://example.org/a_b_c.' },
    }) do
      assert.same(expected, spans(line), line)
    end
  end)

  it('inside a fence is code, until a fence of the same kind ends it', function()
    local state = {}
    assert.same({ 'raw.block: ```lua', '@label: lua' }, spans('```lua', state))
    assert.equals('lua', state.language)
    assert.same({ 'raw.block: # **no heading**' }, spans('# **no heading**', state))
    assert.same({ 'raw.block: ~~~' }, spans('~~~', state))
    assert.same({ 'raw.block: ```lua' }, spans('```lua', state))
    assert.equals('```', state.fence)
    spans('```', state)
    assert.is_nil(state.fence)
    assert.same({ 'strong: **now**' }, spans('**now**', state))
  end)

  it('has no span outside of itself, whatever it holds', function()
    local seed = 7
    local parts = {
      '`',
      '``',
      '*',
      '**',
      '_',
      '__',
      '~~',
      '[',
      ']',
      '(',
      ')',
      ' ',
      'a',
      'ä',
      '#',
      '- ',
      '> ',
      '```',
      'https://x',
      '\1',
    }
    for _ = 1, 3000 do
      local line = {}
      for i = 1, 12 do
        seed = (seed * 16807) % 2147483647
        line[i] = parts[seed % #parts + 1]
      end
      line = table.concat(line)
      for _, span in ipairs(line_of.spans(line, {})) do
        assert.is_true(span[1] >= 0 and span[1] < span[2] and span[2] <= #line, line)
      end
    end
  end)
end)

describe('markdown in a buffer', function()
  local TEXT = '# Head\n\nA **strong** word and `code`.\n\n```lua\nlocal x = 1 -- one\n```\n\n- a *list*\nthe end'

  ---@param size integer
  ---@return table[] marks
  local function written(size)
    local buf = vim.api.nvim_create_buf(false, true)
    local markdown = Markdown.new(buf)
    for i = 1, #TEXT, size do
      local row = vim.api.nvim_buf_line_count(buf) - 1
      local column = #vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1]
      local piece = vim.split(TEXT:sub(i, i + size - 1), '\n', { plain = true })
      vim.api.nvim_buf_set_text(buf, row, column, row, column, piece)
      markdown:written(0)
    end
    markdown:done()
    assert.is_true(vim.wait(30000, function()
      return not slices.busy()
    end, 2))
    local out = {}
    local namespace = vim.api.nvim_get_namespaces()['purser.markdown']
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buf, namespace, 0, -1, { details = true })) do
      out[#out + 1] = ('%d:%d-%d:%d %s'):format(mark[2], mark[3], mark[4].end_row, mark[4].end_col, mark[4].hl_group)
    end
    table.sort(out)
    vim.api.nvim_buf_delete(buf, { force = true })
    return out
  end

  it('is coloured the same whether it comes whole or in pieces', function()
    local whole = written(#TEXT)
    assert.is_true(vim.list_contains(whole, '0:0-0:6 @markup.heading.1'))
    assert.is_true(vim.list_contains(whole, '2:2-2:12 @markup.strong'))
    assert.is_true(vim.list_contains(whole, '8:4-8:10 @markup.italic'))
    for _, size in ipairs({ 1, 3, 7, 20 }) do
      assert.same(whole, written(size))
    end
  end)

  it('has code in the colours of its language', function()
    assert.is_true(vim.list_contains(written(5), '5:0-5:5 @keyword.lua'))
  end)
end)

describe('slices', function()
  it('do all of the work, in its order, and let the editor in between', function()
    local done, ticks = {}, 0
    for i = 1, 3 do
      slices.add(function(breathe)
        for _ = 1, 200 do
          local stop = vim.uv.hrtime() + 50000
          while vim.uv.hrtime() < stop do
          end
          breathe()
        end
        done[#done + 1] = i
      end)
    end
    local timer = assert(vim.uv.new_timer())
    timer:start(1, 1, function()
      ticks = ticks + 1
    end)
    assert.is_true(vim.wait(30000, function()
      return #done == 3
    end, 1))
    timer:close()
    assert.same({ 1, 2, 3 }, done)
    assert.is_true(ticks > 3)
  end)
end)
