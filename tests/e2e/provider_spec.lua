-- The provider is what every end-to-end test takes as the truth, so it is held to its own word first: what it reports on
-- the wire is what it writes down.

local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local support = dofile(here .. '/support/clients.lua')

local BODIES = {
  anthropic = function(prompt)
    return '/v1/messages',
      { model = 'claude-opus-5-5', stream = true, messages = { { role = 'user', content = prompt } } }
  end,
  openai_responses = function(prompt)
    return '/v1/responses', { model = 'gpt-5.5', stream = true, input = prompt }
  end,
  openai_chat = function(prompt)
    local options = { include_usage = true }
    local messages = { { role = 'user', content = prompt } }
    return '/v1/chat/completions', { model = 'x', stream = true, stream_options = options, messages = messages }
  end,
  gemini_api = function(prompt)
    local contents = { { role = 'user', parts = { { text = prompt } } } }
    return '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', { contents = contents }
  end,
}

---The exclusive buckets that the last usage in a stream comes to, in each dialect's own terms.
local REPORTED = {
  anthropic = function(events)
    local start = events[1].message.usage
    local final = {}
    for _, event in ipairs(events) do
      final = event.type == 'message_delta' and event.usage or final
    end
    return {
      input = start.input_tokens,
      cache_read = start.cache_read_input_tokens,
      cache_write_5m = start.cache_creation.ephemeral_5m_input_tokens,
      cache_write_1h = start.cache_creation.ephemeral_1h_input_tokens,
      output = final.output_tokens,
      reasoning = final.output_tokens_details.thinking_tokens,
    }
  end,
  openai_responses = function(events)
    local usage = events[#events].response.usage
    local cached = usage.input_tokens_details
    return {
      input = usage.input_tokens - cached.cached_tokens - cached.cache_write_tokens,
      cache_read = cached.cached_tokens,
      cache_write_5m = cached.cache_write_tokens,
      cache_write_1h = 0,
      output = usage.output_tokens,
      reasoning = usage.output_tokens_details.reasoning_tokens,
    }
  end,
  openai_chat = function(events)
    local usage = events[#events].usage
    return {
      input = usage.prompt_tokens - usage.prompt_tokens_details.cached_tokens,
      cache_read = usage.prompt_tokens_details.cached_tokens,
      cache_write_5m = 0,
      cache_write_1h = 0,
      output = usage.completion_tokens,
      reasoning = usage.completion_tokens_details.reasoning_tokens,
    }
  end,
  gemini_api = function(events)
    local usage = events[#events].usageMetadata
    return {
      input = usage.promptTokenCount - usage.cachedContentTokenCount,
      cache_read = usage.cachedContentTokenCount,
      cache_write_5m = 0,
      cache_write_1h = 0,
      output = usage.candidatesTokenCount + usage.thoughtsTokenCount,
      reasoning = usage.thoughtsTokenCount,
    }
  end,
}

describe('the provider', function()
  local provider

  before_each(function()
    provider = support.provider.start({ tag = 'spec' })
  end)

  after_each(function()
    provider.stop()
  end)

  ---@return integer status, string body, integer curl's exit
  local function ask(dialect, prompt, header)
    local path, body = BODIES[dialect](prompt)
    local command = { 'curl', '-s', '-N', '-w', '\n%{http_code}', '-H', header or 'x-none: none' }
    vim.list_extend(command, { '--data-binary', vim.json.encode(body), provider.url .. path })
    local out = vim.fn.system(command)
    local text, status = out:match('^(.*)\n(%d+)$')
    return tonumber(status), text, vim.v.shell_error
  end

  local function events(text)
    local list = {}
    for data in text:gmatch('data: (%b{})') do
      list[#list + 1] = vim.json.decode(data)
    end
    return list
  end

  for dialect, reported in pairs(REPORTED) do
    it('reports in ' .. dialect .. ' what it writes down', function()
      local status, text = ask(dialect, 'Say hello {{think}}')
      assert.are.equal(200, status)
      local served = provider.served()
      assert.are.equal(1, #served)
      assert.are.equal('ok', served[1].outcome)
      assert.are.equal(dialect, served[1].dialect)
      assert.is_true(served[1].usage.reasoning > 0)
      assert.are.same(served[1].usage, reported(events(text)))
      assert.truthy(text:find(served[1].response_id, 1, true))
    end)

    it('refuses in ' .. dialect .. ' as often as it is told', function()
      local prompt = 'Say hello {{fail: 429 times=2 retry-after=3}}'
      local statuses = {}
      for _ = 1, 3 do
        statuses[#statuses + 1] = ask(dialect, prompt)
      end
      assert.are.same({ 429, 429, 200 }, statuses)
      local served = provider.served()
      assert.is_nil(served[1].usage)
      assert.are.equal('429', served[2].outcome)
      assert.are.equal('ok', served[3].outcome)
    end)
  end

  it('gives every request figures of its own', function()
    local seen = {}
    for _ = 1, 5 do
      ask('anthropic', 'Say hello')
    end
    for _, entry in ipairs(provider.served()) do
      for bucket, count in pairs(entry.usage) do
        local key = bucket .. count
        assert.is_true(bucket == 'reasoning' or seen[key] == nil, key)
        seen[key] = true
      end
    end
  end)

  it('says what got through of a stream that is cut', function()
    local _, _, exit = ask('anthropic', 'Say hello {{fail: cut after=4}}')
    assert.are.equal(18, exit)
    local entry = provider.served()[1]
    assert.are.equal('cut', entry.outcome)
    assert.are.equal(1001, entry.usage.input)
    assert.are.equal(1, entry.usage.output)
  end)

  it('takes figures from the prompt, and reports none when asked', function()
    ask('gemini_api', 'Say hello {{tokens: input=250000 output=7}}')
    ask('gemini_api', 'Say hello {{nousage}}')
    local served = provider.served()
    assert.are.equal(250000, served[1].usage.input)
    assert.are.equal(7, served[1].usage.output)
    assert.is_nil(served[2].usage)
  end)

  it('follows a script where the prompt says nothing', function()
    local scripted = support.provider.start({ script = { rules = { { when = { n = 2 }, ['do'] = '{{fail: 529}}' } } } })
    local real = provider
    provider = scripted
    local first, second, third = ask('anthropic', 'a'), ask('anthropic', 'b'), ask('anthropic', 'c')
    provider = real
    scripted.stop()
    assert.are.same({ 200, 529, 200 }, { first, second, third })
  end)

  it('writes down which header held a key, and never the key', function()
    ask('anthropic', 'Say hello', 'x-api-key: very-secret')
    ask('openai_chat', 'Say hello', 'authorization: Bearer very-secret')
    ask('openai_chat', 'Say hello')
    local served = provider.served()
    assert.are.same({ 'x-api-key', 'bearer' }, { served[1].auth, served[2].auth })
    assert.is_nil(served[3].auth)
    assert.is_nil(vim.inspect(provider.log()):find('very-secret', 1, true))
  end)
end)

describe('the clients', function()
  it('are kept to the provider and to their home', function()
    for _, name in ipairs({ 'claude', 'codex', 'gemini', 'opencode' }) do
      local home = vim.fn.tempname()
      support.client.prepare(name, home, 4711)
      local files = vim.fn.glob(home .. '/**/*', true, true)
      vim.list_extend(files, vim.fn.glob(home .. '/.*/**/*', true, true))
      local all = vim.inspect(support.client.env(name, home, 4711))
      for _, file in ipairs(files) do
        if vim.fn.isdirectory(file) == 0 then
          all = all .. table.concat(vim.fn.readfile(file), '\n')
        end
      end
      assert.truthy(all:find('127.0.0.1:4711', 1, true), name)
      assert.truthy(all:find(home, 1, true), name)
      assert.is_nil(all:find('${', 1, true), name)
    end
  end)
end)
