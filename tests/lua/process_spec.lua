-- Children: what they say, how they end, and that nobody of them stays.

local process = require('purser.process')
local tmp = require('helpers.tmp')

local PATIENCE = 30000 -- only ends a test that would hang

local function spawn(argv, options)
  local got = { out = {} }
  options = vim.tbl_extend('force', options or {}, {
    argv = argv,
    on_stdout = function(bytes)
      got.out[#got.out + 1] = bytes
      got.text = table.concat(got.out)
    end,
    on_exit = function(exit)
      got.exit = exit
    end,
  })
  got.process, got.problem = process.spawn(options)
  return got
end

local function wait(what, fn)
  assert(vim.wait(PATIENCE, fn, 2), 'waited in vain for ' .. what)
end

local function finish(got)
  wait('the end', function()
    return got.exit
  end)
  return got
end

local function sh(script, options)
  return spawn({ 'sh', '-c', script }, options)
end

describe('a child', function()
  it('is read to its end', function()
    local got = finish(sh('printf one; printf two >&2; exit 3'))
    assert.equal('one', got.text)
    assert.same({ code = 3, signal = 0, stderr = 'two', leftover = false }, got.exit)
  end)

  it('loses nothing of what it prints, however quick it is', function()
    for _ = 1, 200 do
      assert.equal('x\n', finish(sh('echo x')).text)
    end
  end)

  it('gets its input, and the end of it', function()
    assert.equal('hello', finish(spawn({ 'cat' }, { stdin = 'hello' })).text)
    assert.is_nil(finish(spawn({ 'cat' })).text)
    local big = ('0123456789'):rep(200000)
    assert.equal(#big, #finish(spawn({ 'cat' }, { stdin = big })).text)
  end)

  it('that does not read its input is no trouble', function()
    local got = finish(sh('exec <&-; echo done', { stdin = ('x'):rep(1000000) }))
    assert.equal('done\n', got.text)
    assert.equal(0, got.exit.code)
  end)

  it('reads more from descriptor 3, which can be opened again', function()
    local big = ('0123456789'):rep(200000)
    local got = finish(sh('cat; cat /dev/fd/3 | wc -c | tr -d " "', { stdin = 'first ', extra = big }))
    assert.equal('first 2000000\n', got.text)
  end)

  it("has our environment with changes, and nothing that is this editor's", function()
    vim.env.PURSER_TEST_GONE, vim.env.NVIM = 'x', '/tmp/socket'
    local got = finish(sh('env', { env = { PURSER_TEST = 'a b', PURSER_TEST_GONE = false } }))
    vim.env.PURSER_TEST_GONE, vim.env.NVIM = nil, nil
    local text = '\n' .. got.text
    assert.truthy(text:find('\nPURSER_TEST=a b\n', 1, true))
    for _, name in ipairs({ 'PURSER_TEST_GONE', 'NVIM', 'VIMRUNTIME', 'VIM' }) do
      assert.is_nil(text:find('\n' .. name .. '=', 1, true), name)
    end
  end)

  it('keeps only the end of a long stderr', function()
    local got = finish(sh('yes warning | head -c 100000 >&2; echo last >&2'))
    assert.is_true(#got.exit.stderr <= 4096)
    assert.truthy(vim.endswith(got.exit.stderr, 'last\n'))
  end)

  it('leads a process group of its own', function()
    local got = finish(sh('ps -o pgid= -p $$ | tr -d " "; echo $$'))
    local group, pid = got.text:match('(%d+)\n(%d+)')
    assert.equal(pid, group)
  end)

  it('whose grandchild keeps the output open does not hang', function()
    local got = finish(sh('sleep 300 & echo $!; exit 0'))
    assert.is_true(got.exit.leftover)
    assert.equal(0, got.exit.code)
    vim.uv.kill(tonumber(got.text), 'sigkill')
  end)
end)

describe("a child that can't be started", function()
  it('is one sentence', function()
    assert.equal('no-such-client is not installed, or not on PATH', spawn({ 'no-such-client' }).problem)
    local file = tmp.write(tmp.dir() .. '/plain', 'x', tonumber('644', 8))
    assert.equal(file .. ' may not be executed', spawn({ file }).problem)
    assert.equal(
      'the working directory /no/such/folder does not exist',
      spawn({ 'true' }, { cwd = '/no/such/folder' }).problem
    )
    assert.equal('the command line of true is too long', spawn({ 'true', ('x'):rep(5000000) }).problem)
  end)
end)

describe('stopping', function()
  local function alive(pid)
    return (vim.uv.kill(pid, 0)) == 0 and (tmp.read(('/proc/%d/stat'):format(pid)) or ''):match('%) (%a)') ~= 'Z'
  end

  --- Starts a script that says "ready" (and the pids of its children), and stops it.
  local function stop(script, grace)
    local got = sh(script)
    wait('the script', function()
      return got.text and got.text:find('ready', 1, true)
    end)
    local signals = {}
    got.process:stop(grace, function(signal)
      signals[#signals + 1] = signal
    end)
    finish(got)
    return got, signals
  end

  it('asks first', function()
    local got, signals = stop('trap "echo bye; exit 0" INT; echo ready; while :; do sleep 0.05; done', 60000)
    assert.truthy(got.text:find('bye', 1, true))
    assert.same({ 'sigint' }, signals)
    assert.equal(0, got.exit.code)
  end)

  it('then says it louder', function()
    local got, signals = stop('trap "" INT; trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done', 100)
    assert.same({ 'sigint', 'sigterm' }, signals)
    assert.equal(7, got.exit.code)
  end)

  it('then kills', function()
    local got, signals = stop('trap "" INT TERM; echo ready; while :; do sleep 0.05; done', 100)
    assert.same({ 'sigint', 'sigterm', 'sigkill' }, signals)
    assert.equal(9, got.exit.signal)
  end)

  it('reaches the whole group, also after its leader has gone', function()
    -- The leader obeys at once; its child ignores everything that can be ignored.
    local got = stop(
      [[
      sh -c 'trap "" INT TERM; while :; do sleep 0.05; done' & echo child $!
      trap 'exit 0' INT
      echo ready
      while :; do sleep 0.05; done
    ]],
      100
    )
    local child = tonumber(got.text:match('child (%d+)'))
    wait('the child to be gone', function()
      return not alive(child)
    end)
  end)

  it('twice is once, and afterwards is nothing', function()
    local got = sh('trap "" INT; echo ready; while :; do sleep 0.05; done')
    wait('the script', function()
      return got.text
    end)
    local signals = {}
    local function count(signal)
      signals[#signals + 1] = signal
    end
    got.process:stop(100, count)
    got.process:stop(100, count)
    finish(got)
    assert.same({ 'sigint', 'sigterm' }, signals)
    got.process:stop(100, count)
    assert.equal(2, #signals)
  end)
end)

describe('collecting', function()
  local function collect(argv, options)
    local result
    process.collect(argv, options or {}, function(found)
      assert.is_false(vim.in_fast_event())
      result = found
    end)
    wait('the result', function()
      return result
    end)
    return result
  end

  it('hands over what was printed', function()
    local result = collect({ 'sh', '-c', 'echo out; echo err >&2' })
    assert.is_true(result.ok)
    assert.equal('out\n', result.stdout)
    assert.equal('err\n', result.stderr)
    assert.is_nil(result.problem)
  end)

  it('says what went wrong', function()
    assert.equal(
      'sh ended with 3: because',
      collect({ 'sh', '-c', 'echo noise >&2; echo because >&2; exit 3' }).problem
    )
    assert.equal('sh ended by signal 9', collect({ 'sh', '-c', 'kill -9 $$' }).problem)
    assert.equal('no-such is not installed, or not on PATH', collect({ 'no-such' }).problem)
  end)

  it('ends what takes too long', function()
    local result = collect({ 'sh', '-c', 'echo first; while :; do sleep 0.05; done' }, { timeout_ms = 3000 })
    assert.is_false(result.ok)
    assert.equal('sh did not end in time', result.problem)
    assert.equal('first\n', result.stdout)
  end)
end)
