-- Conversations with real processes: gone on with, driven over their threshold, compacted, taken back.

local root = assert(vim.env.PURSER_ROOT)
local support = dofile(root .. '/tests/e2e/support/clients.lua')

local chats = require('purser.chats')
local compaction = require('purser.compaction')
local config = require('purser.config')
local core = require('purser.core')
local notices = require('helpers.notices').catch()
local runner = require('purser.runner')
local tmp = require('helpers.tmp')

local PATIENCE = 240000

local function wait(what, fn)
  assert(vim.wait(PATIENCE, fn, 5), 'waited in vain for ' .. what)
end

local function ask(verb, args)
  local err, answer
  core.ask(verb, args, function(problem, body)
    err, answer = problem, body or {}
  end)
  wait(verb, function()
    return err or answer
  end)
  assert(not err, err and err.message)
  return answer
end

local function final(run)
  wait('the end of the run', function()
    return run:is_final()
  end)
  assert.equal('completed', run.status, run.message)
  return run
end

--- Waits until the core has judged the conversation after the run.
local function judged(run)
  final(run)
  wait('the judgement', function()
    return run.judgement
  end)
  return run
end

local function go_on(conversation, prompt)
  local run, problem
  chats.go_on(conversation, prompt, { headless = true }, function(started, why)
    run, problem = started, why
  end)
  wait('the next run', function()
    return run or problem
  end)
  assert(run, problem)
  return judged(run)
end

local function compact(conversation, options)
  local problem, done
  compaction.run(conversation, options, function(why, what)
    problem, done = why, what
  end)
  wait('the compaction', function()
    return problem or done
  end)
  return problem, done
end

local function undo(conversation)
  local ended, problem = false, nil
  compaction.undo(conversation, function(why)
    ended, problem = true, why
  end)
  wait('the undoing', function()
    return ended
  end)
  assert.is_nil(problem)
end

local has_node = vim.fn.executable('node') == 1

describe('a conversation with an API', function()
  local provider

  after_each(function()
    if provider then
      provider.stop()
      provider = nil
    end
    notices:clear()
  end)

  local function stage(adapter, model, policy, script)
    provider = support.provider.start({ script = script })
    vim.env.PURSER_TEST_KEY = 'sk-test-0000'
    config.setup({
      retry = { tries = 3, longest = 50 },
      limits = { grace = 200, wall_clock = 120 },
      agents = {
        tester = {
          adapter = adapter,
          model = model,
          url = provider.url,
          key_env = 'PURSER_TEST_KEY',
          compaction = policy,
        },
      },
    })
  end

  -- Forty thousand characters, about ten thousand tokens.
  local LONG = ('amber birch cedar dune ember '):rep(1400)

  --- Five long turns; the provider says that they nearly fill the window.
  ---@param full integer tokens
  local function drive(full)
    local run = assert(runner.start({ agent = 'tester', prompt = 'Begin {{say: ' .. LONG .. '}}', headless = true }))
    judged(run)
    for i = 2, 5 do
      local figures = i == 5 and (' {{tokens: input=%d}}'):format(full) or ''
      run = go_on(run.conversation, ('Turn %d {{say: %s}}%s'):format(i, LONG, figures))
    end
    return run
  end

  for _, case in ipairs({ { 'anthropic', 'claude-opus-4-5', 185000 }, { 'openai', 'gpt-4o', 115000 } }) do
    local adapter, model, full = case[1], case[2], case[3]
    describe(adapter, function()
      if not has_node then
        return pending('node is missing')
      end

      it('sends what was said before along with the next prompt', function()
        stage(adapter, model)
        local run = judged(
          assert(runner.start({ agent = 'tester', prompt = 'Remember {{say: the word is heron}}', headless = true }))
        )
        go_on(run.conversation, 'Which word? {{say: heron}}')
        local served = provider.served()
        assert.equal(2, #served)
        assert.is_true(served[2].bytes > served[1].bytes + #'the word is heron')
        local chat = ask('chat.get', { conversation = run.conversation })
        assert.same(
          { 'user', 'answer', 'user', 'answer' },
          vim.tbl_map(function(item)
            return item.kind
          end, chat.items)
        )
        assert.equal(2, chat.chat.runs)
      end)

      it('is compacted when it nearly fills the window, gone on with, and put back', function()
        stage(adapter, model)
        local run = drive(full)
        local conversation = run.conversation
        assert.equal('due', run.judgement.level, vim.inspect(run.judgement))
        assert.equal('window_full', run.judgement.reason)

        local before = ask('chat.messages', { conversation = conversation }).messages
        local problem, done = compact(conversation, {})
        assert.is_nil(problem)
        assert.is_true(done.after_tokens <= done.before_tokens * 0.9)

        -- The summary was a run like any other: in the log, priced, marked.
        local list = ask('compaction.list', { conversation = conversation }).compactions
        assert.equal(1, #list)
        local summary = ask('run', { id = list[1].run })
        assert.is_true(summary.run.sums.cost_nanousd > 0)
        assert.is_true(vim.list_contains(summary.requests[1].flags, 'compaction'))

        -- Every word of the user's is there, and the next request is smaller.
        local after = ask('chat.messages', { conversation = conversation }).messages
        local words = vim
          .iter(after)
          :map(function(message)
            return message.content
          end)
          :join('\n')
        for i = 2, 5 do
          assert.truthy(words:find(('Turn %d'):format(i), 1, true))
        end
        local largest = provider.served()[5].bytes
        go_on(conversation, 'And now? {{say: on we go}}')
        local served = provider.served()
        assert.is_true(served[#served].bytes < largest)

        undo(conversation)
        local again = ask('chat.messages', { conversation = conversation }).messages
        for i, message in ipairs(before) do
          assert.equal(message.content, again[i].content:sub(1, #message.content))
        end
      end)

      it('is compacted unasked where that is the policy', function()
        stage(adapter, model, 'auto')
        local run = drive(full)
        assert.equal('due', run.judgement.level, vim.inspect(run.judgement))
        wait('the compaction', function()
          return #ask('compaction.list', { conversation = run.conversation }).compactions == 1
        end)
      end)

      it('stays as it was when the summary is empty, too long, or cut off', function()
        local rule = { when = { prompt = 'Summarise the part' }, ['do'] = '{{fail: cut}}' }
        stage(adapter, model, nil, { rules = { rule } })
        local run = drive(full)
        local before = ask('chat.messages', { conversation = run.conversation }).messages
        for _, summary in ipairs({ ' \n ', LONG:rep(4) }) do
          local problem = compact(run.conversation, { kind = 'summary', summary = summary })
          assert.truthy(problem and problem:find('left as it is', 1, true), problem)
        end
        assert.same(before, ask('chat.messages', { conversation = run.conversation }).messages)
        assert.equal(2, ask('chat.get', { conversation = run.conversation }).chat.failures)
        local problem = compact(run.conversation, { kind = 'summary' })
        assert.truthy(problem and problem:find('could not be written', 1, true), problem)
        assert.same(before, ask('chat.messages', { conversation = run.conversation }).messages)
        assert.truthy(problem and problem:find('3 times in a row', 1, true), problem)
      end)
    end)
  end
end)

describe('a conversation with claude', function()
  if not has_node or not support.client.find('claude') then
    return pending('claude was not fetched')
  end
  local provider

  after_each(function()
    if provider then
      provider.stop()
      provider = nil
    end
    notices:clear()
  end)

  it('is compacted by the client in a copy of its session, gone on with, and put back', function()
    provider = support.provider.start()
    local home, workspace = tmp.dir(), tmp.dir()
    support.client.prepare('claude', home, provider.port)
    config.setup({
      limits = { grace = 200, wall_clock = 120 },
      agents = {
        tester = {
          adapter = 'claude',
          command = { support.client.find('claude') },
          env = support.client.env('claude', home, provider.port),
          cwd = workspace,
        },
      },
    })
    local run = judged(
      assert(runner.start({ agent = 'tester', prompt = 'Remember {{say: the word is heron}}', headless = true }))
    )
    local conversation, session = run.conversation, run.session
    run = go_on(conversation, 'Which word? {{say: heron}}')
    assert.equal(session, run.session)

    local problem, done = compact(conversation, {})
    assert.is_nil(problem)
    assert.is_true(done.before_tokens > done.after_tokens)
    local copy = ask('chat.get', { conversation = conversation }).chat.session
    assert.are_not.equal(session, copy)

    run = go_on(conversation, 'And now? {{say: on we go}}')
    assert.equal(copy, run.session)

    undo(conversation)
    assert.equal(session, ask('chat.get', { conversation = conversation }).chat.session)
    run = go_on(conversation, 'Once more {{say: as before}}')
    assert.equal(session, run.session)
  end)
end)

-- Those that can't compact by command start afresh, and are told what is left.
for _, case in ipairs({
  { 'codex', 'gpt-5.5' },
  { 'gemini', 'gemini-2.5-flash' },
  { 'opencode', 'loopback/gpt-5.5' },
}) do
  local name, model = case[1], case[2]
  describe('a conversation with ' .. name, function()
    if not has_node or not support.client.find(name) then
      return pending(name .. ' was not fetched')
    end
    local provider

    after_each(function()
      if provider then
        provider.stop()
        provider = nil
      end
      notices:clear()
    end)

    it('is compacted by a summary that a new session begins with, and put back', function()
      provider = support.provider.start()
      local home, workspace = tmp.dir(), tmp.dir()
      support.client.prepare(name, home, provider.port)
      config.setup({
        limits = { grace = 200, wall_clock = 120 },
        agents = {
          tester = {
            adapter = name,
            command = { support.client.find(name) },
            model = model,
            env = support.client.env(name, home, provider.port),
            cwd = workspace,
          },
        },
      })
      -- Gemini CLI takes what repeats itself for a loop.
      local words = {}
      for i = 1, 1600 do
        words[i] = ('%x'):format(i * 7919 % 65536)
      end
      local long = table.concat(words, ' ')
      local first =
        assert(runner.start({ agent = 'tester', prompt = 'Begin {{say: ' .. long .. '}}', headless = true }))
      local run = judged(first)
      local conversation, session = run.conversation, run.session
      for i = 2, 5 do
        run = go_on(conversation, ('Turn %d {{say: %s}}'):format(i, long))
        assert.equal(session, run.session)
      end

      local problem, done = compact(conversation, {})
      assert.is_nil(problem)
      assert.is_true(done.after_tokens <= done.before_tokens * 0.9)
      local largest = 0
      for _, served in ipairs(provider.served()) do
        largest = math.max(largest, served.bytes)
      end

      run = go_on(conversation, 'And now? {{say: on we go}}')
      local after = run.session
      assert.are_not.equal(session, after)
      local served = provider.served()
      assert.is_true(served[#served].bytes < largest)
      run = go_on(conversation, 'Again {{say: and on}}')
      assert.equal(after, run.session)

      undo(conversation)
      assert.equal(session, ask('chat.get', { conversation = conversation }).chat.session)
      if name == 'gemini' then
        return -- it deletes a session that was resumed in another minute than it began in, as soon as it starts another
      end
      run = go_on(conversation, 'Once more {{say: as before}}')
      assert.equal(session, run.session)
    end)
  end)
end
