-- Everything that goes wrong with an agent, through the real core: one clear message that says what to do, what was spent is booked,
-- and the editor goes on.

local config = require('purser.config')
local core = require('purser.core')
local http_server = require('helpers.http_server')
local notices = require('helpers.notices').catch()
local runner = require('purser.runner')
local tmp = require('helpers.tmp')

local PATIENCE = 60000

local function wait(what, fn)
  assert(vim.wait(PATIENCE, fn, 2), 'waited in vain for ' .. what)
end

local function ask(verb, args)
  local answer
  core.ask(verb, args, function(err, body)
    answer = err or body
  end)
  wait(verb, function()
    return answer
  end)
  return answer
end

local replies = 0

--- The lines of a stream of claude's, with an id of its own.
local function stream(last)
  replies = replies + 1
  local id = ('msg_bad_%d'):format(replies)
  return {
    start = '{"type":"system","subtype":"init","session_id":"s-' .. id .. '","model":"claude-sonnet-4-5"}',
    answer = (
      '{"type":"assistant","message":{"id":"%s","model":"claude-sonnet-4-5",'
      .. '"content":[{"type":"text","text":"hello"}],'
      .. '"usage":{"input_tokens":1000,"output_tokens":200}},"request_id":"req_%s"}'
    ):format(id, id),
    done = last
      or '{"type":"result","subtype":"success","is_error":false,"result":"hello",'
        .. '"usage":{"input_tokens":1000,"output_tokens":200}}',
  }
end

--- An agent that is a shell script.
local function agent(body, options)
  config.setup({
    limits = vim.tbl_extend('force', { grace = 200 }, (options or {}).limits or {}),
    agents = { tester = { adapter = 'script', command = tmp.script('fake-client', body), dialect = 'claude' } },
  })
end

local function start(options)
  return assert(
    (runner.start(vim.tbl_extend('force', { agent = 'tester', prompt = 'do it', headless = true }, options or {})))
  )
end

local function final(run)
  wait('the end of the run', function()
    return run:is_final()
  end)
  return run
end

local function print_lines(...)
  return "cat >/dev/null; printf '%s\\n' "
    .. table.concat(
      vim.tbl_map(function(line)
        return "'" .. line:gsub("'", "'\\''") .. "'"
      end, { ... }),
      ' '
    )
end

--- What is booked of a run: its status, and its cost in cents.
local function booked(run)
  local row = ask('run', { id = run.id }).run
  return row.status, row.sums.cost_nanousd / 1e7
end

--- The cost of stream(): 1000 tokens at $3 and 200 at $15 per million.
local CENTS = 0.6

after_each(function()
  notices:clear()
end)

describe('a client', function()
  it('that does well is booked, and says nothing', function()
    local s = stream()
    agent(print_lines(s.start, s.answer, s.done))
    local run = final(start())
    assert.same({ 'completed', nil, 'hello' }, { run.status, run.message, run:answer() })
    assert.same({ 'completed', CENTS }, { booked(run) })
    assert.equal(1200, run.sums.input + run.sums.output)
  end)

  it('that is missing is not dispatched', function()
    config.setup({ agents = { tester = { adapter = 'claude', command = '/nowhere/claude' } } })
    local run, problem = runner.start({ agent = 'tester', prompt = 'p' })
    assert.is_nil(run)
    assert.equal("/nowhere/claude can't be executed: check agents.tester.command", problem)
  end)

  it('that vanished between the look and the start is booked as failed', function()
    local path = tmp.script('fake-client', 'exit 0')
    config.setup({ agents = { tester = { adapter = 'script', command = path } } })
    local run = start()
    vim.uv.fs_unlink(path)
    final(run)
    assert.equal('failed', run.status)
    assert.equal(path .. ' is not installed, or not on PATH', run.message)
    assert.same({ 'failed', 0 }, { booked(run) })
  end)

  it('that exits 1 shows its last words, and what came is booked', function()
    local s = stream()
    agent(print_lines(s.start, s.answer) .. '; echo "No conversation found" >&2; exit 1')
    local run = final(start())
    assert.equal('failed', run.status)
    assert.truthy(vim.endswith(run.message, 'fake-client ended with 1: No conversation found'), run.message)
    assert.same({ 'failed', CENTS }, { booked(run) })
  end)

  it('that exits 0 with an error inside has failed', function()
    local s = stream('{"type":"result","subtype":"success","is_error":true,"result":"API Error: 500 oops","usage":{}}')
    agent(print_lines(s.start, s.answer, s.done))
    local run = final(start())
    assert.equal('failed', run.status)
    assert.truthy(run.message:find('API Error: 500 oops', 1, true), run.message)
    assert.same({ 'failed', CENTS }, { booked(run) })
  end)

  it('that is killed keeps what it had earned', function()
    local s = stream()
    agent(print_lines(s.start, s.answer) .. '; kill -9 $$')
    local run = final(start())
    assert.equal('failed', run.status)
    assert.truthy(
      run.message:find('was killed from outside (SIGKILL): what came is shown and booked.', 1, true),
      run.message
    )
    assert.same({ 'failed', CENTS }, { booked(run) })
  end)

  it('that prints nothing is said to have printed nothing', function()
    agent('exit 0')
    local run = final(start())
    assert.equal('failed', run.status)
    assert.truthy(run.message:find('ended without printing anything: try `', 1, true), run.message)
  end)

  it('that prints something else altogether is not understood', function()
    agent('echo "Usage: fake-client [options]"; echo "  -h"')
    local run = final(start())
    assert.equal('failed', run.status)
    assert.truthy(run.message:find("can't be understood", 1, true), run.message)
  end)

  it('whose stream has a malformed line goes on', function()
    local s = stream()
    agent(print_lines(s.start, '{"type":"assistant","mess', s.answer, s.done))
    local run = final(start())
    assert.equal('completed', run.status)
    assert.same({ 'completed', CENTS }, { booked(run) })
    local notice = vim.tbl_filter(function(item)
      return item.kind == 'notice'
    end, run.items)[1]
    assert.equal('a line of the output could not be understood', notice.text)
  end)

  it('whose last line is not whole, or has no newline, is read as far as it goes', function()
    local s = stream()
    agent(print_lines(s.start, s.answer) .. "; printf '%s' '" .. s.done .. "'")
    assert.equal('completed', final(start()).status)
    s = stream()
    agent(print_lines(s.start, s.answer) .. "; printf '%s' '" .. s.done:sub(1, 40) .. "'")
    local run = final(start())
    assert.equal('failed', run.status)
    assert.same({ 'failed', CENTS }, { booked(run) })
  end)

  it('that hangs is ended, and what it had said is booked', function()
    local s = stream()
    agent(print_lines(s.start, s.answer) .. '; while :; do sleep 0.05; done', { limits = { wall_clock = 1 } })
    local run = final(start())
    assert.same({ 'limit', 'stopped: not done after 1 seconds (limits.wall_clock)' }, { run.status, run.message })
    local status, cents = booked(run)
    assert.equal('limit', (status:gsub('^stopped_', '')))
    assert.equal(CENTS, cents)
  end)

  it('that hangs and ignores signals is killed', function()
    agent(
      'trap "" INT TERM; cat >/dev/null; while :; do sleep 0.05; done',
      { limits = { wall_clock = 1, grace = 100 } }
    )
    assert.equal('limit', final(start()).status)
  end)

  it('that prints without end is ended', function()
    agent('cat >/dev/null; while :; do echo "{\\"type\\":\\"noise\\"}"; done', { limits = { output_bytes = 100000 } })
    local run = final(start())
    assert.same(
      { 'limit', 'stopped: it printed more than 100000 bytes (limits.output_bytes)' },
      { run.status, run.message }
    )
  end)

  it('that loops is ended by the number of its requests', function()
    local s = stream()
    local line = s.answer:gsub('"id":"([%w_]+)"', '"id":"%1_%%d"'):gsub('"req_[%w_]+"', '"req_%%d"')
    agent(
      print_lines(s.start)
        .. "; i=0; while [ $i -lt 2000 ]; do i=$((i+1)); printf '"
        .. line:gsub("'", '')
        .. "\\n' $i $i; sleep 0.02; done",
      { limits = { requests = 3, wall_clock = 60 } }
    )
    local run = final(start())
    assert.equal('limit', run.status)
    assert.truthy(run.message and run.message ~= '', 'it says why')
    assert.is_true(run.sums.requests >= 3 and run.sums.requests < 200, tostring(run.sums.requests))
  end)

  it('whose grandchild holds its output open does not hang the run', function()
    local s = stream()
    agent(print_lines(s.start, s.answer, s.done) .. '; sleep 300 & echo $! >' .. tmp.dir() .. '/pid; exit 0')
    assert.equal('completed', final(start()).status)
  end)

  it('that is stopped by the user is booked as cancelled', function()
    local s = stream()
    agent(print_lines(s.start, s.answer) .. '; while :; do sleep 0.05; done')
    local run = start()
    wait('its answer', function()
      return run:answer() ~= ''
    end)
    run:stop()
    assert.equal('stopping', run.status)
    final(run)
    assert.same({ 'cancelled', 'stopped by you' }, { run.status, run.message })
    assert.same({ 'cancelled', CENTS }, { booked(run) })
  end)

  it('that is stopped before it runs never runs', function()
    local mark = tmp.dir() .. '/started'
    agent('touch ' .. mark)
    local run = start()
    run:stop()
    assert.equal('cancelled', run.status)
    vim.wait(300)
    assert.is_nil(vim.uv.fs_stat(mark))
  end)

  it('leaves no hold behind, however it ended', function()
    ask('budget.set', { scope = 'agent:tester', period = 'month', limit_cents = 100000 })
    local s = stream()
    for _, body in ipairs({ print_lines(s.start, s.answer, s.done), 'exit 1', 'kill -9 $$', 'exit 0' }) do
      agent(body)
      final(start())
    end
    for _, budget in ipairs(ask('budget.list').budgets) do
      assert.equal(0, budget.held_nanousd, budget.scope)
    end
  end)

  it('is heard of on the desktop-less editor once, when no window shows it', function()
    agent('echo oh dear >&2; exit 3')
    local run = final(start({ headless = false }))
    assert.same({ 'purser: tester: ' .. run.message .. ' (0 ¢)' }, notices:messages())
  end)
end)

describe('an API', function()
  local server

  local function serve(answers, options)
    server = http_server.start(answers)
    vim.env.PURSER_TEST_KEY = 'sk-test-secret'
    config.setup({
      retry = vim.tbl_extend('force', { tries = 3, longest = 50 }, (options or {}).retry or {}),
      limits = vim.tbl_extend('force', { grace = 200 }, (options or {}).limits or {}),
      agents = {
        tester = vim.tbl_extend('force', {
          adapter = 'anthropic',
          model = 'claude-sonnet-4-5',
          url = server.url,
          key_env = 'PURSER_TEST_KEY',
        }, (options or {}).agent or {}),
      },
    })
  end

  after_each(function()
    if server then
      server.stop()
      server = nil
    end
  end)

  local function good(text)
    replies = replies + 1
    return http_server.sse(http_server.messages(('msg_api_%d'):format(replies), text or 'hello'))
  end

  it('that does well is booked', function()
    serve({ good('hi there') })
    local run = final(start({ effort = 'low' }))
    assert.same({ 'completed', nil, 'hi there' }, { run.status, run.message, run:answer() })
    assert.same({ 'completed', CENTS }, { booked(run) })
    local request = server.requests[1]
    assert.truthy(request.head:find('POST /v1/messages', 1, true))
    assert.truthy(request.head:lower():find('x-api-key: sk-test-secret', 1, true))
    assert.equal('do it', vim.json.decode(request.body).messages[1].content)
  end)

  it('takes prompts of any length', function()
    serve({ good() })
    local prompt = ('"quotes" and \\ and ünïcode\n'):rep(50000)
    assert.equal('completed', final(start({ prompt = prompt })).status)
    assert.equal(prompt, vim.json.decode(server.requests[1].body).messages[1].content)
  end)

  it('that refuses the key fails at once, and says which', function()
    serve({ http_server.refusal(401, 'authentication_error', 'invalid x-api-key') })
    local run = final(start())
    assert.equal('failed', run.status)
    assert.equal(
      'Anthropic API refused the key (401): check $PURSER_TEST_KEY. It says: invalid x-api-key.',
      run.message
    )
    assert.equal(1, #server.requests)
    assert.same({ 'failed', 0 }, { booked(run) })
  end)

  it('that refuses the request fails at once', function()
    serve({ http_server.refusal(400, 'invalid_request_error', 'max_tokens: too large') })
    local run = final(start())
    assert.equal('Anthropic API refused the request (400). It says: max_tokens: too large.', run.message)
    assert.equal(1, #server.requests)
  end)

  for _, status in ipairs({ 429, 529, 500, 503 }) do
    it(('that says %d is asked again, and then does well'):format(status), function()
      serve({ http_server.refusal(status, 'overloaded_error', 'Overloaded'), good() })
      local run = final(start())
      assert.equal('completed', run.status)
      assert.equal(2, #server.requests)
      assert.same({ 'completed', CENTS }, { booked(run) })
      local notice = run.items[1]
      assert.equal('notice', notice.kind)
      assert.truthy(notice.text:find(('%d: try 2 of 3 in '):format(status), 1, true), notice.text)
    end)
  end

  it('that names a time is waited for', function()
    serve(
      { http_server.refusal(429, 'rate_limit_error', 'slow', 'retry-after: 1\r\n'), good() },
      { retry = { longest = 60000 } }
    )
    local began = vim.uv.hrtime()
    local run = final(start())
    assert.equal('completed', run.status)
    assert.is_true(vim.uv.hrtime() - began >= 1e9)
    assert.equal('429: try 2 of 3 in 1.0 s', run.items[1].text)
  end)

  it('that never recovers is given up, with the number of tries', function()
    serve({ http_server.refusal(529, 'overloaded_error', 'Overloaded') })
    local run = final(start())
    assert.equal('failed', run.status)
    assert.equal(
      'Anthropic API is overloaded or down (529) also after 3 tries: try again later. It says: Overloaded.',
      run.message
    )
    assert.equal(3, #server.requests)
  end)

  it('whose quota is used up is not asked again', function()
    local body =
      '{"error":{"code":"insufficient_quota","message":"You exceeded your current quota","type":"insufficient_quota"}}'
    serve({ 'HTTP/1.1 429 No\r\nconnection: close\r\n\r\n' .. body })
    local run = final(start())
    assert.equal('failed', run.status)
    assert.equal(1, #server.requests)
    assert.truthy(run.message:find('You exceeded your current quota', 1, true), run.message)
  end)

  it('can be stopped while it is waited for', function()
    serve(
      { http_server.refusal(429, 'rate_limit_error', 'slow', 'retry-after: 60\r\n') },
      { retry = { longest = 60000 } }
    )
    local run = start()
    wait('the pause', function()
      return run.status == 'retrying'
    end)
    run:stop()
    final(run)
    assert.same({ 'cancelled', 'stopped by you' }, { run.status, run.message })
    assert.equal(1, #server.requests)
  end)

  it('that is not there is asked again, and then said to be away', function()
    serve({ good() })
    server.stop()
    local run = final(start())
    assert.equal('failed', run.status)
    assert.equal("Anthropic API can't be reached: nobody answers at that address.", run.message)
  end)

  it('whose answer is cut in the middle keeps what came', function()
    local events = http_server.messages('msg_cut', 'half an ans')
    serve({ { http_server.sse({ events[1], events[2], events[3] }), cut = true } })
    local run = final(start())
    assert.equal('failed', run.status)
    assert.equal('half an ans', run:answer())
    assert.equal(
      'the connection broke in the middle of the answer: what came is shown and booked; send it again.',
      run.message
    )
    assert.equal(1, #server.requests) -- it may have been paid for already
    local status, cents = booked(run)
    assert.equal('failed', status)
    assert.is_true(cents > 0)
  end)

  it('that falls silent is ended by the clock', function()
    local events = http_server.messages('msg_hang', 'and then')
    serve({ { http_server.sse({ events[1], events[2], events[3] }), hang = true } }, { limits = { wall_clock = 1 } })
    local run = final(start())
    assert.same({ 'limit', 'and then' }, { run.status, run:answer() })
  end)

  it('that is no API at all is said to be none', function()
    serve({
      'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>Welcome to the hotel</html>\n',
    })
    local run = final(start())
    assert.equal('failed', run.status)
    assert.truthy(run.message:find("check the endpoint's address", 1, true), run.message)
  end)

  it('whose key comes from a command that fails is not asked', function()
    serve({ good() }, { agent = { key_cmd = { 'sh', '-c', 'echo "gpg: no secret key" >&2; exit 2' } } })
    local run = final(start())
    assert.equal('failed', run.status)
    assert.equal('the key could not be had: sh ended with 2: gpg: no secret key (agents.tester.key_cmd)', run.message)
    assert.equal(0, #server.requests)
    serve({ good() }, { agent = { key_cmd = 'true' } })
    assert.equal('the key could not be had: true printed nothing (agents.tester.key_cmd)', final(start()).message)
  end)

  it('whose key comes from a command gets it', function()
    serve({ good() }, { agent = { key_cmd = { 'echo', 'sk-from-command' } } })
    assert.equal('completed', final(start()).status)
    assert.truthy(server.requests[1].head:lower():find('x-api-key: sk-from-command', 1, true))
  end)

  it('leaves its key in no log, ledger, command line or environment', function()
    local seen = tmp.dir() .. '/seen'
    local spy = tmp.script('curl', ('{ echo "$@"; env; } >>%s; exec curl "$@"'):format(seen))
    serve({ good() }, { agent = { command = spy } })
    config.get().log_level = 'debug'
    local run = final(start())
    assert.equal('completed', run.status, run.message)
    local text = assert(tmp.read(seen))
    assert.is_nil(text:find('sk-test-secret', 1, true), 'on the command line or in the environment')
    assert.is_nil(text:find('do it', 1, true), 'the prompt on the command line')
    vim.wait(100)
    for _, path in ipairs({ require('purser.log').path(), core.state().path, core.state().path .. '-wal' }) do
      local content = tmp.read(path) or ''
      assert.is_nil(content:find('sk-test-secret', 1, true), path)
    end
  end)
end)

describe('a run', function()
  it('without a prompt, with an unknown agent, or with a configuration that could mean money is not begun', function()
    agent('exit 0')
    local _, problem = runner.start({ agent = 'tester', prompt = ' \n' })
    assert.equal('there is no prompt', problem)
    _, problem = runner.start({ agent = 'testr', prompt = 'p' })
    assert.equal('there is no agent "testr", did you mean "tester"?', problem)
    config.setup({ agents = { tester = { adapter = 'script', command = 'true', monthly_budget = -1 } } })
    _, problem = runner.start({ agent = 'tester', prompt = 'p' })
    assert.truthy(vim.startswith(problem, 'the configuration must be mended first: agents.tester.monthly_budget:'))
  end)

  it('is one of several side by side', function()
    local s = {}
    for i = 1, 5 do
      s[i] = stream()
    end
    agent(print_lines(s[1].start) .. '; sleep 0.2; printf "%s\\n" "$(cat ' .. tmp.dir() .. '/none 2>/dev/null)"')
    local runs = {}
    for i = 1, 5 do
      agent(print_lines(s[i].start, s[i].answer) .. "; sleep 0.2; printf '%s\\n' '" .. s[i].done .. "'")
      runs[i] = start()
    end
    for i = 1, 5 do
      assert.equal('completed', final(runs[i]).status)
      assert.same({ 'completed', CENTS }, { booked(runs[i]) })
    end
  end)

  it('begins a conversation, or goes on with one', function()
    local s = stream()
    agent(print_lines(s.start, s.answer, s.done))
    local first = final(start())
    assert.truthy(#first.conversation > 8)
    local second = final(start({ conversation = first.conversation, session = first.session }))
    local other = final(start())
    assert.not_equal(first.conversation, other.conversation)
    for _, run in ipairs({ first, second, other }) do
      assert.equal(run.conversation, ask('run', { id = run.id }).run.conversation)
    end
    assert.equal(first.conversation, second.conversation)
  end)

  it('fires its events, in order, with data', function()
    local fired = {}
    local group = vim.api.nvim_create_augroup('test', {})
    vim.api.nvim_create_autocmd('User', {
      group = group,
      pattern = 'PurserRun*',
      callback = function(args)
        fired[#fired + 1] = { args.match, args.data }
      end,
    })
    local s = stream()
    agent(print_lines(s.start, s.answer) .. "; sleep 0.5; printf '%s\\n' '" .. s.done .. "'")
    local run = final(start())
    vim.api.nvim_del_augroup_by_id(group)
    assert.equal('PurserRunStarted', fired[1][1])
    assert.equal('PurserRunFinished', fired[#fired][1])
    assert.equal('PurserRunProgress', fired[2][1])
    local data = fired[#fired][2]
    assert.same({ run.id, 'tester', 'completed', 200 }, { data.run, data.agent, data.status, data.sums.output })
  end)

  it('tells its subscribers in frames, and of text only what is new', function()
    local s = stream()
    agent(print_lines(s.start, s.answer, s.done))
    local run = start()
    local changes = {}
    run:subscribe(function(_, change)
      changes[#changes + 1] = change
    end)
    final(run)
    local first
    for _, change in ipairs(changes) do
      first = first or change.first
    end
    assert.equal(1, first)
    assert.is_true(#changes < 20)
  end)

  it('does not stall the editor while two thousand events a second come', function()
    local lines = {}
    for i = 1, 4000 do
      lines[i] = (
        '{"type":"stream_event","event":{"type":"content_block_delta","index":0,'
        .. '"delta":{"type":"text_delta","text":"word %d "}}}'
      ):format(i)
    end
    local file = tmp.write(tmp.dir() .. '/lines', table.concat(lines, '\n') .. '\n')
    local s = stream()
    agent(
      print_lines(s.start) .. '; cat ' .. file .. '; ' .. print_lines(s.answer, s.done):gsub('^cat >/dev/null; ', '')
    )
    local run = final(start())
    assert.equal('completed', run.status)
    assert.truthy(run:answer():find('word 4000', 1, true))
    assert.is_true(#run.items < 10, 'running text is one item')
  end)
end)
