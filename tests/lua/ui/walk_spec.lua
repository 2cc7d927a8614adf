-- A new user with the keyboard and the help window: every view is reached from the dashboard, and every key of the help does something.

local scene = require('ui.scene')

--- Presses keys and waits for what they bring about. Each key must stand in the help of the view it is pressed in.
---@param child helpers.Child
---@param steps { [1]: string, [2]: string }[] the key, and words of what it opens
local function walk(child, steps)
  for _, step in ipairs(steps) do
    local key, words = step[1], step[2]
    child:type(key)
    child:expect(words)
  end
end

--- What the help of the view in sight lists.
---@param child helpers.Child
---@return string
local function help(child)
  child:type('?')
  child:expect(': keys ')
  local lines = child:await([[
    local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    return vim.bo.filetype == 'purser-help' and table.concat(lines, '\n')
  ]])
  child:type('q')
  child:expect_gone(': keys ')
  return lines
end

local child

before_each(function()
  child = scene.start(110, 36)
  child:type(':CostReport<CR>')
  child:expect('resets in 7 days')
end)

after_each(function()
  child:stop()
end)

describe('from the dashboard, by keys that the help names', function()
  it('the tabs', function()
    assert.matches('1 to 6 ', help(child))
    walk(child, {
      { '2', '╭ Agents' },
      { '3', '╭ Workspaces' },
      { '4', '╭ Models' },
      { '5', '╭ AgentRunLog' },
      { '6', '╭ Budgets' },
      { '1', '╭ Cost report' },
    })
  end)

  it('an agent, its configuration, its runs in the log, one of them, its agent and workspace', function()
    walk(child, { { '<CR>', '╭ reviewer November 2026' } })
    local text = help(child)
    for _, key in ipairs({ 'c ', 'l ', 'n ', '%[ %]', 'R ', 'd ', 'b ', 's ', 'e ' }) do
      assert.matches('  ' .. key .. ' +%u', text)
    end
    walk(child, {
      { 'c', 'System prompt' },
      { '<BS>', '╭ reviewer November 2026' },
      { 'l', 'filter: agent=reviewer' },
      { '<CR>', '╭ Run ' },
    })
    assert.matches('\n  a ', help(child))
    walk(child, {
      { 'w', '╭ ~/' },
      { '<BS>', '╭ Run ' },
      { 'a', '╭ reviewer' },
      { '<BS>', '╭ Run ' },
      { '<BS>', 'filter: agent=reviewer' },
      { '<BS>', '╭ reviewer November 2026' },
      { '<BS>', '╭ Cost report' },
    })
  end)

  it('a workspace, a model, all agents, the runs of this Neovim, the review, the conversations', function()
    walk(child, {
      { '3', '╭ Workspaces' },
      { '<CR>', '╭ ~/src/harbour' },
      { '<BS>', '╭ Workspaces' },
      { '4', '╭ Models' },
      { '<CR>', 'filter: model=claude-opus-5-5' },
      { 'u', 'Runs of this Neovim' },
      { '<BS>', 'filter: model=claude-opus-5-5' },
      { 'v', 'could have been saved' },
      { '<CR>', '╭ Run ' },
      { '<BS>', 'could have been saved' },
      { '<BS>', 'filter: model=claude-opus-5-5' },
      { 'c', '╭ Conversations' },
      { '<BS>', 'filter: model=claude-opus-5-5' },
      { '2', '╭ Agents' },
    })
    assert.matches('\n  c ', help(child))
    child:type('c')
    child:expect_gone('╭ Agents November 2026')
    child:type('<BS>')
    child:expect('╭ Agents November 2026')
  end)

  it('the advice: review, what if, what became of it, the digest', function()
    local text = help(child)
    for _, key in ipairs({ 'v ', 'w ', 'K ', 'A ', 'm ' }) do
      assert.matches('  ' .. key .. ' +%u', text)
    end
    walk(child, {
      { 'v', '╭ Review' },
      { 'w', '╭ What if: everything' },
      { 'K', '╭ Kinds of task' },
      { 'A', '╭ Advice' },
      { 'm', '╭ Digest November 2026' },
      { '<BS>', '╭ Advice' },
      { '<CR>', '╭ reviewer November 2026' },
      { 'w', '╭ What if: reviewer' },
      { 'v', '╭ Review of reviewer' },
      { '<BS>', '╭ What if: reviewer' },
      { '<BS>', '╭ reviewer November 2026' },
      { 'm', '╭ Digest November 2026' },
      { '1', '╭ Cost report' },
      { '3', '╭ Workspaces' },
      { '<CR>', '╭ ~/src/harbour' },
      { 'w', '╭ What if: ~/src/harbour' },
    })
    assert.matches('\n  <CR> ', help(child))
    walk(child, {
      { '1', '╭ Cost report' },
      { 'G', 'Last runs' },
      { ('k'):rep(10), 'what stood out lately' },
      { '<CR>', '╭ Review' },
    })
  end)

  it('another run of the conversation', function()
    walk(child, { { '5', 'newest first' }, { 'jj<CR>', '╭ Run ' } })
    child:expect('Request at')
    local run = child:await([[return vim.api.nvim_win_get_config(0).title[1][1] ]])
    child:type('G<CR>')
    child:await([[return vim.api.nvim_win_get_config(0).title[1][1] ~= ...]], run)
    child:type('<BS>')
    child:expect(vim.trim(run))
  end)
end)

describe('the way back', function()
  it('leads to the very row, however long the ledger takes', function()
    child:lua([[
      local ask = CORE.ask
      CORE.ask = function(verb, args, cb)
        ask(verb, args, function(...)
          local answer = { ... }
          vim.defer_fn(function()
            cb(unpack(answer))
          end, 150)
        end)
      end
    ]])
    walk(child, { { '5', 'newest first' } })
    child:type(('j'):rep(44)) -- numbers are tabs, not counts
    local line = child:await([[return vim.fn.line('.') == 50 and vim.api.nvim_get_current_line()]])
    local view = child:lua([[return vim.fn.winsaveview().topline]])
    walk(child, { { '<CR>', 'Request at' }, { '<BS>', '╭ AgentRunLog' } })
    assert.equals(line, child:lua([[return vim.api.nvim_get_current_line()]]))
    assert.equals(view, child:lua([[return vim.fn.winsaveview().topline]]))
    walk(child, { { '<CR>', 'Request at' } })
  end)
end)

describe('time', function()
  it('goes by 30 and 90 days, and the keys say so', function()
    walk(child, {
      { 'R', 'in the last 30 days' },
      { '[', 'in 30 days to 25 Oct' },
      { ']', 'in the last 30 days' },
      { 'R', 'in the last 90 days' },
      { 'd', 'Per week' },
      { 'd', 'Per month' },
      { 'R', 'this year' },
      { 'R', 'this month' },
      { 'Y', '[ ] year' },
      { 't', '[ ] month' },
    })
  end)

  it('leaves the page that one was on', function()
    walk(child, {
      { '3', '╭ Workspaces' },
      { '<CR>', '╭ ~/src/harbour' },
      { 'Y', 'this year' },
    })
    child:type('n')
    child:expect('51–100, newest first')
    child:type('p')
    child:expect('1–50, newest first')
    child:type('n')
    child:expect('51–100, newest first')
    child:type('[')
    child:expect('in 2025')
    child:type(']')
    child:expect('this year')
  end)
end)

describe('the log', function()
  it('is sorted by the core, over all runs', function()
    walk(child, {
      { '5', 'newest first' },
      { 's', 'dearest first' },
      { 'S', 'cheapest first' },
      { 's', 'most tokens first' },
      { 's', 'longest first' },
      { 's', 'newest first' },
      { 'S', 'oldest first' },
      { 'n', '101–200, oldest first: n more, p back' },
      { 'p', '1–100, oldest first: n more' },
    })
  end)

  it('is asked with its filter, whatever page is shown', function()
    walk(child, {
      { '5', 'newest first' },
      { '/unusual status:ok >300 review<CR>', 'filter: unusual status:ok >300 review' },
    })
    child:expect('runs, newest first')
    local asked = child:await([[
      for i = #FAKE.asked, 1, -1 do
        local log = FAKE.asked[i].args.questions and FAKE.asked[i].args.questions.log
        if log then
          return log[2]
        end
      end
    ]])
    assert.same({
      unusual = true,
      status = 'completed',
      min_nanousd = 3000000000,
      text = 'review',
      limit = 100,
      offset = 0,
      sort = 'started',
      ascending = false,
    }, asked)
  end)
end)

describe('one call', function()
  it('brings all figures of a view', function()
    for _, key in ipairs({ '1', '2', '3', '4', '5', '6', '1' }) do
      local before = child:lua([[return #FAKE.asked]])
      child:type(key)
      child:await([[return #FAKE.asked > ...]], before)
      child:redraw()
      assert.equals(before + 1, child:lua([[return #FAKE.asked]]), key)
      assert.equals('batch', child:lua([[return FAKE.asked[#FAKE.asked].verb]]))
    end
  end)

  it('is followed by a second only when there is nothing metered', function()
    child:type('q')
    child:lua([[
      for _, run in ipairs(FAKE.runs()) do
        run.billing = 'subscription'
      end
      ASKED = #FAKE.asked
    ]])
    child:type(':CostReport<CR>')
    child:expect('API-equivalent this month')
    assert.equals(2, child:lua([[return #FAKE.asked - ASKED]]))
    child:type('2')
    child:expect('API-equivalent this month')
    assert.equals(3, child:lua([[return #FAKE.asked - ASKED]]))
  end)
end)

describe('kinds of billing', function()
  it('are gone through with b, each with what is not in it', function()
    walk(child, {
      { 'b', '$1.51 API-equivalent this month' },
      { 'b', '0 ¢ local this month' },
      { 'b', '≥ $23.86 of $50.00 this month' },
    })
    child:expect('kept apart: $1.51 API-equivalent · 483k tokens local (b)')
  end)
end)
