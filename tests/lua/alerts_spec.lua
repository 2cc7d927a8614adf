-- What is said without being asked: thresholds on the desktop and in the editor, warnings, runs that were cut off.

local fake = require('helpers.fake_core').install()
local alerts = require('purser.alerts')
local config = require('purser.config')
local notices = require('helpers.notices').catch()
local notify = require('purser.notify')
local tmp = require('helpers.tmp')

local function wait(what, fn)
  assert(vim.wait(30000, fn, 2), 'waited in vain for ' .. what)
end

local CROSSING = {
  id = 1,
  policy = 3,
  scope = 'agent:reviewer',
  threshold = 80,
  spend_cents = 2012,
  limit_cents = 2500,
  period = 'month',
  start_ms = 1793491200000,
  resets_at_ms = 1796083200000, -- 2026-12-01
  run = 7,
  mine = true,
}

alerts.register()

describe('a crossed threshold', function()
  local seen, fired

  before_each(function()
    notices:clear()
    seen = tmp.dir('desktop') .. '/seen'
    fired = {}
    vim.api.nvim_create_autocmd('User', {
      group = vim.api.nvim_create_augroup('test', {}),
      pattern = 'BudgetThresholdCrossed',
      callback = function(args)
        fired[#fired + 1] = args.data
      end,
    })
    config.setup({ notifications = { command = tmp.script('notify', ('printf "%%s\\n" "$@" >>%s'):format(seen)) } })
  end)

  local function cross(changes)
    fake:send('crossed', vim.tbl_extend('force', CROSSING, changes or {}))
    wait('the event', function()
      return fired[1]
    end)
  end

  it('is an event with its data', function()
    cross()
    assert.same({
      policy = 3,
      scope = 'agent:reviewer',
      threshold = 80,
      spend_cents = 2012,
      limit_cents = 2500,
      period = 'month',
      resets_at = 1796083200000,
      run = 7,
      mine = true,
    }, fired[1])
  end)

  it('is said in words, here and on the desktop', function()
    cross()
    local words = 'agent reviewer has spent 80 % of the budget this month: $20.12 of $25.00, resets on 2026-12-01'
    local line = 'purser: agent reviewer: 80 % of $25.00 spent this month'
    assert.same({ { message = line, level = vim.log.levels.WARN } }, vim.list_slice(notices))
    assert.equal('Budget threshold\n' .. words .. '\n', tmp.await(seen, 2))
  end)

  it('is on the desktop of one instance only', function()
    cross({ mine = false })
    assert.equal(1, #notices)
    vim.wait(200)
    assert.is_nil(tmp.read(seen))
  end)

  it('at the limit is an error', function()
    cross({ threshold = 100 })
    assert.equal(vim.log.levels.ERROR, notices[1].level)
  end)

  it('of the forecast says when the limit is reached', function()
    cross({ threshold = 0, forecast = true, exhausted_ms = 1795521600000 })
    assert.same({
      {
        message = 'purser: agent reviewer: at this pace $25.00 are used up on 2026-11-24',
        level = vim.log.levels.WARN,
      },
    }, vim.list_slice(notices))
    local words = 'agent reviewer: at this pace the budget of $25.00 is used up on 2026-11-24, $20.12 of it are spent'
    assert.equal('Budget threshold\n' .. words .. '\n', tmp.await(seen, 2))
    assert.is_true(fired[1].forecast)
    assert.equal(1795521600000, fired[1].exhausted_at)
  end)

  it('is quiet when the user says so, and still an event', function()
    config.setup({ notifications = { thresholds = false } })
    cross()
    assert.equal(0, #notices)
    assert.is_nil(tmp.read(seen))
  end)

  it('of every scope is told apart', function()
    assert.equal(
      'all agents together have spent 50 % of the budget today: 40.00 ¢ of 80.00 ¢, resets on 2026-12-01',
      alerts.crossing_text(vim.tbl_extend('force', CROSSING, {
        scope = 'global',
        threshold = 50,
        spend_cents = 40,
        limit_cents = 80,
        period = 'day',
      }))
    )
    assert.truthy(
      vim.startswith(
        alerts.crossing_text(vim.tbl_extend('force', CROSSING, { scope = 'workspace:' .. vim.env.HOME .. '/src' })),
        'workspace ~/src has spent 80 %'
      )
    )
  end)
end)

describe('the desktop', function()
  local path

  before_each(function()
    path = vim.env.PATH
    config.setup()
  end)

  after_each(function()
    vim.env.PATH = path
  end)

  local function desktop()
    local way
    notify.desktop('Title', 'text; with $odd "things"', function(found)
      way = found
    end)
    wait('an answer', function()
      return way
    end)
    return way
  end

  it('is reached by notify-send, whose words are never options or a script', function()
    local seen = tmp.dir() .. '/seen'
    local folder = vim.fs.dirname(tmp.script('notify-send', ('printf "%%s\\n" "$@" >%s'):format(seen)))
    vim.env.PATH = folder .. ':' .. path
    assert.equal('program', desktop())
    assert.equal('--app-name=purser\n--\nTitle\ntext; with $odd "things"\n', tmp.read(seen))
  end)

  it('is reached by osascript where that is', function()
    local folder = vim.fs.dirname(tmp.script('osascript', 'true'))
    vim.env.PATH = folder
    local argv = notify.desktop_command('Title', 'text')
    assert.same({ 'Title', 'text' }, vim.list_slice(argv, #argv - 1))
    assert.equal('osascript', argv[1])
  end)

  it('is the terminal where there is no program: by its own sequence, and nothing in the words ends it', function()
    local term, tmux = vim.env.TERM, vim.env.TMUX
    vim.env.TMUX = nil
    for name, sequence in pairs({
      ['xterm-256color'] = '\27]9;Title: a; b  c\27\\',
      ['foot'] = '\27]777;notify;Title;a; b  c\27\\',
      ['xterm-kitty'] = '\27]777;notify;Title;a; b  c\27\\',
    }) do
      vim.env.TERM = name
      assert.equal(sequence, notify.sequence('Title', 'a; b\27\7c'))
    end
    vim.env.TERM, vim.env.TMUX = 'tmux-256color', '/tmp/tmux-0/default,1,0'
    assert.equal('\27Ptmux;\27\27]9;Title: x\27\27\\\27\\', notify.sequence('Title', 'x'))
    vim.env.TERM, vim.env.TMUX = term, tmux
  end)

  it('without a program, or with one that fails, is not worth a fuss', function()
    vim.env.PATH = tmp.dir('empty')
    assert.equal('none', desktop())
    config.setup({ notifications = { command = tmp.script('notify', 'exit 1') } })
    vim.env.PATH = path
    assert.equal('none', desktop())
    config.setup({ notifications = { command = '/no/such/program' } })
    assert.equal('none', desktop())
  end)

  it('whose program hangs is not waited for', function()
    config.setup({ notifications = { command = tmp.script('notify', 'trap "" INT; sleep 300') } })
    assert.equal('none', desktop())
  end)
end)

describe("the core's own words", function()
  before_each(function()
    notices:clear()
  end)

  it('are said once', function()
    fake:send('warning', { message = 'the price file is from 2019' })
    fake:send('warning', { message = 'the price file is from 2019' })
    wait('the warning', function()
      return notices[1]
    end)
    vim.wait(50)
    assert.same({ 'purser: the price file is from 2019' }, notices:messages())
  end)

  it('about runs that were cut off are said together', function()
    for id = 101, 103 do
      fake:send('settled', { run = { id = id, status = 'abandoned' } })
    end
    fake:send('settled', { run = { id = 104, status = 'completed' } })
    wait('the notice', function()
      return notices[1]
    end)
    assert.same(
      { 'purser: 3 runs were cut off when Neovim went down: what was spent is booked now (:CostReport log)' },
      notices:messages()
    )
  end)

  it("about a ledger that can't be opened are said, once", function()
    fake:send('opened', { message = 'the ledger is damaged' }, -12)
    fake:send('opened', { message = 'the ledger is damaged' }, -12)
    wait('the notice', function()
      return notices[1]
    end)
    vim.wait(50)
    assert.same(
      { { message = 'purser: the ledger is damaged', level = vim.log.levels.ERROR } },
      vim.list_slice(notices)
    )
  end)
end)
