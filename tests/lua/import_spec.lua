-- What clients record themselves reaches the ledger: when Neovim starts, when they write on, and when it is asked for; under the agent and
-- the bill that the rules say, and once however many look.

local Child = require('helpers.child')
local tmp = require('helpers.tmp')

local made = 0

--- A prompt and its answer, as Claude Code writes them: 1,000 tokens in, 100 out, of a model that has a price.
local function exchange(session, cwd, options)
  options = options or {}
  made = made + 1
  local at = os.date('!%Y-%m-%dT%H:%M:%S.000Z')
  local prompt = vim.json.encode({
    type = 'user',
    uuid = 'u' .. made,
    timestamp = at,
    sessionId = session,
    cwd = cwd,
    message = { role = 'user', content = 'Prompt ' .. made },
  })
  local answer = vim.json.encode({
    type = 'assistant',
    uuid = 'a' .. made,
    parentUuid = 'u' .. made,
    isSidechain = false,
    timestamp = at,
    sessionId = session,
    cwd = cwd,
    requestId = 'req_' .. made,
    message = {
      id = options.id or 'msg_' .. made,
      type = 'message',
      role = 'assistant',
      model = 'claude-opus-4-1',
      content = { { type = 'text', text = 'Done.' } },
      stop_reason = 'end_turn',
      usage = { input_tokens = 1000, output_tokens = 100 },
    },
  })
  return prompt .. '\n' .. answer .. '\n'
end

--- A home in which Claude Code has worked.
local function home_with(projects)
  local home = tmp.dir('home')
  for project, text in pairs(projects) do
    tmp.write(('%s/.claude/projects/%s/%s.jsonl'):format(home, project, project), text)
  end
  return home
end

local function append(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  local file = assert(io.open(path, 'ab'))
  file:write(text)
  file:close()
end

local children = {}

---@param home string
---@param setup? table
local function start(home, setup)
  local child = Child.start({ home = home })
  table.insert(children, child)
  child:lua('require("purser").setup(...)', setup or {})
  child:lua([[
    _G.warnings = {}
    vim.notify = function(text) table.insert(_G.warnings, text) end
    require('purser').statusline()
    require('purser.core').open()
  ]])
  return child
end

--- The answer to a question to the ledger.
local function ask(child, verb, args)
  child:lua(
    [[
    local verb, args = ...
    _G.answer = nil
    require('purser.core').ask(verb, args, function(err, body) _G.answer = { err = err, body = body } end)
  ]],
    verb,
    args or vim.empty_dict()
  )
  local answer = child:await('return _G.answer')
  assert.equal(nil, answer.err and answer.err.message)
  return answer.body
end

local function total(child)
  local sums = ask(child, 'report', { by = 'agent' }).total
  return { runs = sums.runs, requests = sums.requests, input = sums.input }
end

--- Waits until the ledger has so many requests: what is read by itself comes when it comes.
local function await_requests(child, count)
  child:wait_for(function()
    return ask(child, 'report', { by = 'agent' }).total.requests >= count
  end, count .. ' requests')
  assert.equal(count, ask(child, 'report', { by = 'agent' }).total.requests)
end

--- Waits until everything was looked at once.
local function await_first_look(child)
  child:wait_for(function()
    local status = ask(child, 'import.status')
    return status.last ~= nil and status.state == 'idle'
  end, 'the first look')
end

describe('the records of clients', function()
  after_each(function()
    for _, child in ipairs(children) do
      child:stop()
    end
    children = {}
  end)

  it('are read when Neovim starts, and shown', function()
    local child = start(home_with({ a = exchange('a', '/w/a') .. exchange('a', '/w/a'), b = exchange('b', '/w/b') }))
    await_requests(child, 3)
    assert.same({ runs = 3, requests = 3, input = 3000 }, total(child))
    child:wait_for(function()
      return child:lua('return vim.g.purser_today_cents or 0') > 0
    end, 'the spend in the statusline')
  end)

  it('are read on when a client writes, in files and folders that are new as well', function()
    local home = home_with({ a = exchange('a', '/w/a') })
    local child = start(home)
    await_first_look(child)
    await_requests(child, 1)
    append(home .. '/.claude/projects/a/a.jsonl', exchange('a', '/w/a'))
    await_requests(child, 2)
    append(home .. '/.claude/projects/a/a2.jsonl', exchange('a2', '/w/a'))
    await_requests(child, 3)
    append(home .. '/.claude/projects/new/n.jsonl', exchange('n', '/w/n'))
    await_requests(child, 4)
    -- A client that was never there before.
    append(home .. '/.codex/sessions/2026/11/24/rollout-x.jsonl', '\n')
    assert.equal(0, #child:lua('return _G.warnings'))
  end)

  it('are counted once however many Neovims look', function()
    local home = home_with({ a = exchange('a', '/w/a'), b = exchange('b', '/w/b') })
    local one, two = start(home), start(home)
    await_first_look(one)
    await_first_look(two)
    for i = 1, 5 do
      append(home .. '/.claude/projects/a/a.jsonl', exchange('a', '/w/a'))
      await_requests(one, 2 + i)
      await_requests(two, 2 + i)
    end
    assert.same({ runs = 7, requests = 7, input = 7000 }, total(two))
    assert.same(total(one), total(two))
  end)

  it('are left alone when the user says so, until they are asked for', function()
    local child = start(home_with({ a = exchange('a', '/w/a') }), { sources = false })
    assert.equal('off', ask(child, 'import.status').state)
    child:type(':Purser import<CR>')
    child:expect('1 new request in 1 new run')
    assert.same({ runs = 1, requests = 1, input = 1000 }, total(child))
    child:type(':Purser import claude --since 2020-01-01<CR>')
    child:expect('nothing new in 1 file')
  end)

  it('count for the agent that the rules name, and are billed as they say', function()
    local home = home_with({ a = exchange('a', '/w/a'), b = exchange('b', '/home/me/b'), c = exchange('c', '/w/c/d') })
    local child = start(home, {
      agents = { reviewer = { adapter = 'claude' } },
      agent_rules = {
        { workspace = '/w/a', agent = 'first' },
        { source = 'claude', workspace = '/w/*', model = '*opus*', agent = 'reviewer' },
      },
      billing = {
        { source = 'claude', billing = 'subscription', since = '2026-10-01' },
        { agent = 'first', billing = 'local' },
        { source = 'claude', billing = 'metered', since = '2999-01-01' },
      },
    })
    await_requests(child, 3)
    local found = {}
    for _, run in ipairs(ask(child, 'log', {}).runs) do
      found[run.workspace] = run.agent .. ' ' .. run.billing
    end
    assert.same({
      ['/w/a'] = 'first local',
      ['/home/me/b'] = 'claude subscription',
      ['/w/c/d'] = 'reviewer subscription',
    }, found)
  end)

  it('are not read under rules that were not understood', function()
    local home = home_with({ a = exchange('a', '/w/a') })
    local child = Child.start({ home = home })
    table.insert(children, child)
    child:lua([[
      _G.warnings = {}
      vim.notify = function(text) table.insert(_G.warnings, text) end
      require('purser').setup({ agent_rules = { { source = 'cluade', agent = 'x' } } })
      require('purser.core').open()
    ]])
    child:wait_for(function()
      return #child:lua('return _G.warnings') >= 2
    end, 'the warnings')
    local warnings = table.concat(child:lua('return _G.warnings'), '\n')
    assert.truthy(warnings:find('agent_rules[1].source: expected', 1, true), warnings)
    assert.truthy(warnings:find('there is no source "cluade"', 1, true), warnings)
    assert.equal(0, total(child).requests)
  end)

  it('follow the file that editor and program share', function()
    local home = home_with({ a = exchange('a', '/w/a') })
    tmp.write(home .. '/config/purser/config.json', '{"agent_rules":[{"agent":"shared"}]}')
    local child = start(home, { agent_rules = { { agent = 'of-the-editor' } } })
    await_requests(child, 1)
    assert.equal('shared', ask(child, 'log', {}).runs[1].agent)
  end)

  it('that can not be read are listed', function()
    local home = home_with({ a = exchange('a', '/w/a') .. 'half a line of "usage":{ and more\n' })
    local child = start(home)
    await_first_look(child)
    await_requests(child, 1)
    child:type(':Purser import --again<CR>')
    child:expect('1 problem')
    child:type(':Purser import --errors<CR>')
    child:expect('malformed')
    assert.equal(2, child:lua('return vim.fn.getqflist()[1].lnum') - 1)
  end)

  it('are where the question says', function()
    local home = home_with({ a = exchange('a', '/w/a') })
    local child = start(home, { sources = { codex = false, folders = { claude = { '/mnt/far/.claude' } } } })
    local found = {}
    for _, source in ipairs(ask(child, 'sources').sources) do
      found[source.source] = source
    end
    assert.same({ false, true, false, false }, {
      found.claude.off,
      found.codex.off,
      found.opencode.off,
      found.gemini.off,
    })
    assert.same({ path = home .. '/.claude', exists = true }, found.claude.roots[1])
    assert.same({ path = '/mnt/far/.claude', exists = false }, found.claude.roots[#found.claude.roots])
  end)
end)

describe(':Purser import', function()
  local parse = require('purser.commands.import').parse

  it('takes sources, options, or a file', function()
    assert.same({ sources = {} }, parse({}))
    assert.same({ sources = { 'codex', 'claude' } }, parse({ 'codex', 'claude' }))
    assert.same(
      { sources = {}, since = '2026-01-02', dry_run = true, again = true },
      parse({ '--since', '2026-01-02', '--dry-run', '--again' })
    )
    assert.same({ sources = {}, since = '2026-01-02' }, parse({ '--since=2026-01-02' }))
    assert.is_true(parse({ './backup.jsonl' }).file)
    assert.is_true(parse({ '-' }).file)
  end)

  it('says what it does not know', function()
    assert.equal('there is no source "claud", did you mean "claude"?', parse({ 'claud' }).problem)
    assert.equal('there is no source "xyzzy": there are claude, codex, opencode, gemini', parse({ 'xyzzy' }).problem)
    assert.equal('--since wants a day, such as 2026-10-01', parse({ '--since' }).problem)
    assert.equal('--since wants a day, such as 2026-10-01', parse({ '--since=today' }).problem)
  end)

  it('completes sources and options', function()
    local candidates = require('purser.commands.import').candidates('', { 'claude' })
    assert.is_false(vim.list_contains(candidates, 'claude'))
    assert.is_true(vim.list_contains(candidates, 'gemini'))
    assert.is_true(vim.list_contains(candidates, '--since'))
  end)

  it('sums up what came of it', function()
    local import = require('purser.import')
    local none = { booked = 0, replaced = 0, files = 2, sources = {}, faults = {} }
    assert.equal('nothing new in 2 files', import.summary(none))
    local some = {
      booked = 1234,
      replaced = 0,
      runs = 2,
      cost_nanousd = 5e9,
      quarantined = 1,
      fault_count = 2,
      sources = { { title = 'Claude Code', booked = 1200 }, { title = 'Codex', booked = 34 } },
    }
    assert.equal(
      'would book 1,234 new requests in 2 new runs (Claude Code 1,200, Codex 34), $5.00; '
        .. '1 dated ahead and not counted; 2 problems: see :Purser import --errors',
      import.summary(some, true)
    )
    assert.equal(
      'reading what the clients recorded: 25 %, 1 request',
      import.progress_text({ bytes = 1, bytes_left = 3, booked = 1 })
    )
  end)
end)

describe('the options of imports', function()
  local config = require('purser.config')

  after_each(function()
    config.setup({})
  end)

  local function core_options(options)
    config.setup(options)
    local all = config.core_options()
    return { sources = all.sources, agent_rules = all.agent_rules, billing = all.billing }
  end

  it('say nothing unless the user did', function()
    assert.same({}, core_options({}))
    assert.same({}, core_options({ sources = true }))
  end)

  it('reach the core', function()
    assert.same({ sources = false }, core_options({ sources = false }))
    assert.same(
      { sources = { gemini = false, claude = { '/mnt/a' } } },
      core_options({ sources = { gemini = false, folders = { claude = { '/mnt/a/' } } } })
    )
    assert.same(
      { sources = { codex = { '/mnt/b', '/mnt/c' } } },
      core_options({
        sources = { folders = { codex = { '/mnt/b' } } },
        adapters = { codex = { record_root = '/mnt/c' } },
      })
    )
    assert.same(
      { billing = { { source = 'codex', billing = 'local' }, { agent = 'x', billing = 'subscription' } } },
      core_options({
        billing = { { source = 'codex', billing = 'local' } },
        agents = { x = { adapter = 'claude', billing = 'subscription' } },
      })
    )
  end)

  it('stop runs and reading when they are wrong', function()
    local wrong = { billing = { { source = 'claude', billing = 'subscription', since = '1.10.2026' } } }
    assert.same(wrong, core_options(wrong))
    assert.truthy(config.blocked('claude'):find('billing[1].since', 1, true))
    assert.same({ agent_rules = { { source = 'claude' } } }, core_options({ agent_rules = { { source = 'claude' } } }))
    assert.truthy(config.blocked('claude'):find('agent_rules[1].agent: for which agent?', 1, true))
  end)
end)
