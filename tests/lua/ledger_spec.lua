-- A ledger that can't be used: one message that says what to do, no agent started, no foreign file touched.

local headless = require('helpers.headless')
local tmp = require('helpers.tmp')

local MARK = '/started'

--- Dispatches a run on a ledger, and says what came of it.
local function try(db, options)
  options = options or {}
  local folder = tmp.dir('mark')
  local got = headless.run(options.commands or { 'AgentRun tester hello' }, {
    setup = {
      db = db,
      agents = { tester = { adapter = 'script', command = tmp.script('agent', 'touch ' .. folder .. MARK) } },
    },
    args = options.args,
    env = options.env,
  })
  got.started = vim.uv.fs_stat(folder .. MARK) ~= nil
  return got
end

local function count(text, pattern)
  local _, n = text:gsub(vim.pesc(pattern), '')
  return n
end

--- A real ledger, with a run in it.
local function make_ledger()
  local db = tmp.dir('ledger') .. '/purser.db'
  assert.is_true(try(db).started)
  return db
end

local function sql(db, statement)
  local out = vim.fn.system({
    'python3',
    '-c',
    'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()',
    db,
    statement,
  })
  assert(vim.v.shell_error == 0, out)
end

local function refused(got, db, words)
  assert.is_false(got.started, 'an agent was started')
  local said = got.stderr
  assert.equal(1, count(said, words), said)
  assert.truthy(said:find(db, 1, true) or said:find(vim.fs.dirname(db), 1, true), said)
end

describe('a ledger', function()
  it('that is no database is left alone', function()
    local db = tmp.write(tmp.dir() .. '/notes.txt', ('dear diary, '):rep(500))
    local got = try(db)
    refused(got, db, 'not a')
    assert.equal(('dear diary, '):rep(500), tmp.read(db))
  end)

  it("that is another program's database is left alone", function()
    local db = tmp.dir() .. '/theirs.db'
    if vim.fn.executable('python3') == 0 then
      return pending('python3 is missing')
    end
    sql(db, 'create table theirs(x)')
    local before = tmp.read(db)
    local got = try(db)
    assert.is_false(got.started)
    assert.truthy(got.stderr:find(db, 1, true), got.stderr)
    assert.equal(before, tmp.read(db))
  end)

  it('from a newer version is left alone', function()
    if vim.fn.executable('python3') == 0 then
      return pending('python3 is missing')
    end
    local db = make_ledger()
    sql(db, 'pragma user_version = 9999')
    local got = try(db)
    assert.is_false(got.started)
    assert.truthy(got.stderr:find('newer', 1, true), got.stderr)
  end)

  it('that is damaged is not written to', function()
    local db = make_ledger()
    local text = assert(tmp.read(db))
    tmp.write(db, text:sub(1, 100) .. ('\1'):rep(4000) .. text:sub(4101))
    vim.uv.fs_unlink(db .. '-wal')
    local got = try(db)
    assert.is_false(got.started)
    assert.truthy(got.stderr:find(db, 1, true), got.stderr)
  end)

  it("in a folder that can't be written is said to be so", function()
    local got = try('/proc/purser/purser.db')
    assert.is_false(got.started)
    assert.truthy(got.stderr:find('/proc/purser', 1, true), got.stderr)
  end)

  it('is a folder', function()
    local db = tmp.dir('folder')
    local got = try(db)
    assert.is_false(got.started)
    assert.truthy(got.stderr:find(db, 1, true), got.stderr)
  end)

  it("that can't be opened makes every report say so, and the editor goes on", function()
    local got = try('/proc/purser/purser.db', { commands = { 'CostReport', 'Purser budget', 'echo "still here"' } })
    assert.truthy(got.stdout:find('/proc/purser', 1, true) or got.stderr:find('/proc/purser', 1, true))
    assert.truthy(got.stderr:find('still here', 1, true), got.stderr)
    assert.equal(0, got.code)
  end)

  it('is used again when what was wrong with it is mended', function()
    local folder = tmp.dir('mended')
    local db = folder .. '/purser.db'
    tmp.write(db, ('x'):rep(5000))
    local mark = tmp.dir() .. MARK
    local got = headless.run({
      'AgentRun tester one',
      ('lua vim.uv.fs_unlink(%q)'):format(db),
      'AgentRun tester two',
    }, {
      setup = {
        db = db,
        agents = { tester = { adapter = 'script', command = tmp.script('agent', 'echo x >>' .. mark) } },
      },
    })
    assert.equal('x\n', tmp.read(mark), got.stderr)
  end)

  it('is kept from other users', function()
    local db = make_ledger()
    local stat = assert(vim.uv.fs_stat(db))
    assert.equal(tonumber('600', 8), bit.band(stat.mode, tonumber('777', 8)))
  end)
end)
