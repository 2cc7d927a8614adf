-- The windows of the cost report in a child Neovim: how they look, and that every one is reached with the keyboard.

local scene = require('ui.scene')

describe('the picture of', function()
  -- The words are on the screen when the figures are there.
  for name, view in pairs({
    dashboard = { 'report', nil, 'resets in 7 days' },
    agents = { 'report', { name = 'agents' }, '$15.80' },
    workspaces = { 'report', { name = 'workspaces' }, '$11.37' },
    models = { 'report', { name = 'models' }, '$15.80' },
    log = { 'log', nil, '35.85 ¢' },
    agent = { 'agent', { name = 'reviewer' }, '$15.80' },
    workspace = { 'workspace', { name = '/home/ada/src/harbour' }, '$11.37' },
    run = { 'run', { name = 729 }, 'Session' },
    live = { 'runs', nil, 'No run yet' },
    review = { 'report', { name = 'review' }, 'could have been saved' },
    ['what-if'] = { 'whatif', nil, '$17.77' },
    ['what-if-agent'] = { 'whatif', { scope = 'agent', name = 'reviewer' }, '$12.64' },
    advice = { 'advice', nil, 'saved so far' },
    digest = { 'digest', nil, '$23.86' },
    kinds = { 'kinds', nil, 'medians' },
  }) do
    it(name, function()
      scene.at_each_size(function(child)
        scene.open(child, view[1], view[2])
        scene.picture(child, 'report-' .. name, view[3])
      end)
    end)
  end

  it('a year', function()
    scene.at_each_size(function(child)
      scene.open(child, 'report')
      child:expect('resets in 7 days')
      child:type('Y')
      scene.picture(child, 'report-year', '$378.66')
    end)
  end)

  it('90 days of an agent, by weeks', function()
    scene.at_each_size(function(child)
      scene.open(child, 'agent', { name = 'reviewer' })
      child:expect('$15.80')
      child:type('RR')
      child:expect('in the last 90 days')
      child:type('d')
      scene.picture(child, 'report-agent-90d', 'Per week')
    end)
  end)

  it('what a subscription covers', function()
    scene.at_each_size(function(child)
      scene.open(child, 'report')
      child:expect('kept apart')
      child:type('b')
      scene.picture(child, 'report-subscription', '$1.51 API-equivalent this month')
    end)
  end)

  it('a filtered log', function()
    scene.at_each_size(function(child)
      scene.open(child, 'log', { words = { 'unusual', 'model:opus' } })
      scene.picture(child, 'report-log-unusual', '$3.17 !')
    end)
  end)

  it('an empty ledger', function()
    scene.at_each_size(function(child)
      child:lua('FAKE.empty()')
      scene.open(child, 'report')
      scene.picture(child, 'report-empty', 'this month')
    end)
  end)

  it('the dashboard in ASCII', function()
    scene.with(100, 30, function(child)
      scene.open(child, 'report')
      scene.picture(child, 'report-dashboard-ascii', 'reviewer')
    end, { icons = 'ascii' })
  end)

  it('what was waved aside', function()
    scene.with(100, 30, function(child)
      scene.open(child, 'review')
      child:expect('could have been saved')
      child:type('x')
      child:expect_gone('Context should be compacted: 88.20')
      child:type('X')
      scene.picture(child, 'report-review-all', 'waved aside')
    end)
  end)

  it('the advice in ASCII', function()
    for view, words in pairs({
      whatif = '$17.77',
      advice = 'saved so far',
      digest = '$23.86',
      review = 'saved',
      kinds = 'medians',
    }) do
      scene.with(100, 30, function(child)
        scene.open(child, view)
        scene.picture(child, ('report-%s-ascii'):format(view), words)
      end, { icons = 'ascii' })
    end
  end)

  it('the end of the dashboard, with the review', function()
    scene.with(100, 30, function(child)
      scene.open(child, 'report')
      child:expect('resets in 7 days')
      child:type('G')
      scene.picture(child, 'report-dashboard-end', 'what stood out')
    end)
  end)

  it('the help', function()
    scene.at_each_size(function(child)
      scene.open(child, 'log')
      child:expect('newest first')
      child:type('?')
      scene.picture(child, 'report-help', 'Open what is under')
    end)
  end)

  it('the dashboard in a split, where the hints are in the winbar', function()
    scene.with(100, 30, function(child)
      scene.open(child, 'report', { where = 'vsplit' })
      scene.picture(child, 'report-dashboard-vsplit', 'reviewer')
    end)
  end)
end)

describe('with the keyboard', function()
  local child

  before_each(function()
    child = scene.start(100, 30)
    scene.open(child, 'report')
    child:expect('$23.86')
  end)

  after_each(function()
    child:stop()
  end)

  it('every tab is reached by its number, and by <Tab>', function()
    local heads = { 'Cost report', 'Agents', 'Workspaces', 'Models', 'AgentRunLog', 'Budgets' }
    for i = 2, 6 do
      child:type(tostring(i))
      child:expect('╭ ' .. heads[i], 1 + 1)
    end
    child:type('<Tab>')
    child:expect('╭ Cost report')
    child:type('<S-Tab>')
    child:expect('╭ Budgets')
  end)

  it('<CR> goes down to an agent, a run, and <BS> comes back to where one was', function()
    child:type('<CR>')
    child:expect('╭ reviewer November 2026')
    child:expect('last 90 days')
    child:type('G<CR>')
    child:expect('╭ Run ')
    child:expect('Request at')
    child:type('<BS>')
    child:expect('╭ reviewer November 2026')
    child:type('<BS>')
    child:expect('╭ Cost report')
    child:type('<BS>')
    child:expect('╭ Cost report')
  end)

  it('[ and ] page through the months, t comes back, and there is no future', function()
    child:type('[')
    child:expect('Cost report October 2026')
    child:expect('in October')
    child:type(']')
    child:expect('Cost report November 2026')
    child:type(']')
    child:type('[[')
    child:expect('Cost report September 2026')
    child:type('t')
    child:expect('Cost report November 2026')
    child:type('Y')
    child:expect('Cost report 2026')
    child:type('[')
    child:expect('Cost report 2025')
  end)

  it('s sorts by the next column, S the other way round', function()
    child:type('2')
    child:expect('41 runs')
    local row = child:expect('reviewer')
    child:type('s')
    child:expect('namer', row) -- by runs
    child:type('S')
    child:expect('local', row)
  end)

  it('/ filters', function()
    child:type('5')
    child:expect('╭ AgentRunLog')
    child:expect('reviewer')
    child:type('/agent:cod >20<CR>')
    child:expect('filter: agent:cod >20')
    child:expect_gone('reviewer')
    child:expect('codex')
    child:type('/<C-u><CR>')
    child:expect('reviewer')
  end)

  it('a model leads to its runs', function()
    child:type('4')
    child:expect('41 runs')
    child:type('j<CR>')
    child:expect('filter: model=claude-sonnet-5')
  end)

  it('y yanks the cell, gy the row without its bars', function()
    child:type('2')
    child:expect('41 runs')
    child:type('y')
    assert.equals('reviewer', child:await([[return vim.fn.getreg('"') ~= '' and vim.fn.getreg('"')]]))
    child:type('gy')
    assert.matches(
      '^reviewer\t$15%.80\t66 %%\t12',
      child:await([[return vim.fn.getreg('"'):find('\t') and vim.fn.getreg('"')]])
    )
  end)

  it('e writes a file', function()
    child:type('e')
    child:expect('CSV')
    child:type('1<CR>')
    child:expect('Write to: purser-spend-2026-11.csv')
    child:type('<CR>')
    child:expect('was written')
    local text = child:lua([[return table.concat(vim.fn.readfile('purser-spend-2026-11.csv'), '\n')]])
    assert.matches('^key,runs,', text)
    assert.matches('2026%-11%-24,', text)
  end)

  it('q and <Esc> close, and leave no window, timer or autocommand behind', function()
    child:type('q')
    child:expect_gone('Cost report')
    local left = child:lua([[
      collectgarbage()
      local groups = vim.tbl_filter(function(one)
        return (one.group_name or ''):find('purser%.window')
      end, vim.api.nvim_get_autocmds({}))
      return { #vim.api.nvim_list_wins(), #groups }
    ]])
    assert.same({ 1, 0 }, left)
  end)

  it('the window follows the size of the editor, and keeps the cursor', function()
    child:type('2')
    child:expect('41 runs')
    child:type('jj')
    child:resize(20, 60)
    child:expect('╭ Agents')
    child:expect('Share')
    assert.is_true(#child:screen()[2] > 0)
    assert.is_truthy(child:lua([[return vim.api.nvim_get_current_line()]]):find('namer', 1, true))
  end)
end)

describe('advice', function()
  local child

  before_each(function()
    child = scene.start(100, 30)
    scene.open(child, 'whatif', { scope = 'agent', name = 'reviewer' })
    child:expect('$12.64')
  end)

  after_each(function()
    child:stop()
  end)

  --- The question that is on the screen, and an answer to it.
  local function answer(choice)
    child:type('<CR>')
    child:expect('from now on?')
    child:type(choice)
  end

  local function saved()
    return child:lua([[return require('purser.config.saved').get('reviewer').model]])
  end

  local function accepted()
    return child:lua([[
      for _, one in ipairs(FAKE.asked) do
        if one.verb == 'advice.accept' then
          return one.args
        end
      end
    ]])
  end

  it('is accepted only after a yes: the model is saved, and it will be measured', function()
    answer('2<CR>')
    child:expect('runs with claude-haiku-5 from now on')
    assert.equals('claude-haiku-5', saved())
    local asked = accepted()
    assert.equals('reviewer', asked.agent)
    assert.equals('model', asked.what)
    assert.equals('claude-opus-5-5', asked.from)
    assert.equals('claude-haiku-5', asked.to)
    assert.is_true(asked.promised_nanousd > 12e9)
  end)

  it('that is not wanted changes nothing', function()
    for _, choice in ipairs({ '1<CR>', '<Esc>' }) do
      answer(choice)
      child:expect_gone('from now on?')
      assert.is_nil(saved())
      assert.is_nil(accepted())
    end
  end)

  it('is not offered where the model has no price', function()
    child:lua([[
      local row = vim.fn.search('house-model')
      vim.api.nvim_win_set_cursor(0, { row, 0 })
    ]])
    child:type('a')
    child:expect('house-model has no price')
    assert.is_nil(saved())
  end)

  it('of everything leads to that of an agent', function()
    child:type('q')
    child:expect_gone('What if')
    scene.open(child, 'whatif')
    child:expect('$17.77')
    child:lua([[
      local row = vim.fn.search('^ *fixer')
      vim.api.nvim_win_set_cursor(0, { row, 3 })
    ]])
    child:type('<CR>')
    child:expect('What if: fixer')
    child:type('<BS>')
    child:expect('What if: everything')
  end)
end)

describe('the digest', function()
  it('is yanked, written to a file, read as Markdown, and goes by months', function()
    scene.with(100, 30, function(child)
      scene.open(child, 'digest')
      child:expect('What it was spent on')
      child:type('Y')
      assert.matches(
        '^# What the agents cost in November 2026\n',
        child:await([[return vim.fn.getreg('"'):find('#') and vim.fn.getreg('"')]])
      )
      child:type('e')
      child:expect('Write to: purser-digest-2026-11.md', nil)
      child:type('<CR>')
      child:expect('was written')
      assert.equals(
        '## What changed',
        child:lua([[
        return vim.tbl_filter(function(line)
          return line:find('changed', 1, true)
        end, vim.fn.readfile('purser-digest-2026-11.md'))[1]
      ]])
      )
      child:type('[')
      child:expect('Digest October 2026')
      child:type(']]')
      child:expect('Digest November 2026')
      child:type('o')
      child:expect('| Agent    |')
      assert.equals('markdown', child:lua([[return vim.bo.filetype]]))
    end)
  end)
end)

describe('the review', function()
  it('waves a finding aside, shows it again when asked to, and takes that back', function()
    scene.with(100, 30, function(child)
      scene.open(child, 'review')
      child:expect('Context should be compacted: 88.20')
      child:type('x')
      child:expect_gone('Context should be compacted: 88.20')
      child:type('X')
      child:expect('Context should be compacted: 88.20')
      child:expect('waved aside')
      child:type('u')
      child:expect_gone('waved aside')
      child:type('X')
      child:expect('Context should be compacted: 88.20')
    end)
  end)
end)

describe('the report', function()
  it('draws again while runs go on, and keeps the cursor where it is', function()
    scene.with(100, 30, function(child)
      scene.open(child, 'report', { name = 'agents' })
      child:expect('reviewer')
      child:type('jj')
      child:lua([[
        FAKE.runs()[1].sums.cost_nanousd = FAKE.runs()[1].sums.cost_nanousd
        local last = FAKE.runs()[#FAKE.runs()]
        last.sums.cost_nanousd = last.sums.cost_nanousd + 100e9
        CORE.tell('booked', {})
      ]])
      child:expect('$123.86')
      assert.is_truthy(child:lua([[return vim.api.nvim_get_current_line()]]):find('namer', 1, true))
    end)
  end)

  it("says in its place what the ledger says when it can't answer", function()
    scene.with(80, 24, function(child)
      child:lua([[FAKE.install({ report = function() return nil, 'the ledger is damaged: restore a backup' end })]])
      scene.open(child, 'report')
      child:expect('the ledger is damaged: restore a backup')
    end)
  end)

  it('opens in a tab or a split when asked to, and q takes it away again', function()
    for where, windows in pairs({ tab = 1, split = 2, vsplit = 2 }) do
      scene.with(100, 30, function(child)
        scene.open(child, 'report', { where = where })
        child:expect('$23.86')
        child:expect('Cost report November 2026')
        assert.equals(windows, child:lua([[return #vim.api.nvim_tabpage_list_wins(0)]]), where)
        child:type('q')
        child:expect_gone('$23.86')
        assert.equals(1, child:lua([[return #vim.api.nvim_list_wins()]]))
        assert.equals('', child:lua([[return vim.wo.winbar]]))
      end)
    end
  end)

  it('survives a change of the colour scheme', function()
    scene.with(100, 30, function(child)
      scene.open(child, 'report')
      local row = child:expect('$23.86')
      child:cmd('colorscheme habamax')
      child:redraw()
      assert.is_true(vim.list_contains(child:attr(row, 9).groups, 'Title'))
      local links = child:lua([[
        local out = {}
        for name in pairs(require('purser.ui.highlights').links) do
          local hl = vim.api.nvim_get_hl(0, { name = name })
          if not next(hl) then
            out[#out + 1] = name
          end
        end
        return out
      ]])
      assert.same({}, links)
    end)
  end)

  it('keeps a highlight that the user has defined', function()
    scene.with(100, 30, function(child)
      child:cmd('highlight PurserTotal guifg=#123456')
      scene.open(child, 'report')
      child:expect('$23.86')
      assert.equals(0x123456, child:lua([[return vim.api.nvim_get_hl(0, { name = 'PurserTotal' }).fg]]))
    end)
  end)

  it("has the border of 'winborder' where there is one, and does without any", function()
    scene.with(100, 30, function(child)
      if child:lua([[return vim.fn.exists('+winborder')]]) == 1 then
        child:cmd('set winborder=double')
        scene.open(child, 'report')
        child:expect('╔ Cost report')
        child:type('q')
      end
      child:lua([[require('purser.config').get().ui.border = 'none']])
      scene.open(child, 'report')
      child:expect('$23.86')
      child:expect('q close')
    end)
  end)
end)
