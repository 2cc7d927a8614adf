-- HTTP adapters: heads, delays, addresses, and where the secrets go.

local addresses = require('purser.adapters.http')
local http = require('purser.runner.http')

local function read(bytes, size)
  local reader = http.head_reader()
  local out, head = {}, nil
  for at = 1, #bytes, size do
    local whole, found = reader.feed(bytes:sub(at, at + size - 1))
    out[#out + 1] = whole
    head = head or found
  end
  out[#out + 1] = reader.finish()
  return table.concat(out), head
end

describe('the head of an answer', function()
  local cases = {
    { 'a plain one', 'HTTP/1.1 200 OK\r\nA: b\r\n\r\ndata: x\n', { status = 200, quota = false } },
    { 'HTTP/2', 'HTTP/2 529 \r\nretry-after: 7\r\n\r\n{}', { status = 529, retry_after_ms = 7000, quota = false } },
    { 'a fraction', 'HTTP/2 429\r\nRetry-After: 0.25\r\n\r\n', { status = 429, retry_after_ms = 250, quota = false } },
    {
      'milliseconds, which win',
      'HTTP/1.1 429 No\r\nretry-after-ms: 120\r\nretry-after: 9\r\n\r\n',
      { status = 429, retry_after_ms = 120, quota = false },
    },
    {
      'a date, which the decoder reads',
      'HTTP/1.1 429 No\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n',
      { status = 429, quota = false },
    },
    {
      'one that says not to try again',
      'HTTP/1.1 429 No\r\nx-should-retry: false\r\n\r\n',
      { status = 429, quota = true },
    },
    {
      'an interim one before',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\n\r\nx',
      { status = 503, quota = false },
    },
    {
      "a proxy's before",
      'HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 401\r\n\r\nx',
      { status = 401, quota = false },
    },
    { 'no head at all', 'data: {}\n\n', { status = 0, quota = false } },
    { 'bare newlines', 'HTTP/1.0 200 OK\nA: b\n\nbody', { status = 200, quota = false } },
  }
  for _, case in ipairs(cases) do
    it('is read: ' .. case[1] .. ', in pieces of any size, and nothing is lost', function()
      for size = 1, #case[2] do
        local out, head = read(case[2], size)
        assert.same(case[3], head)
        assert.equal(case[2], out)
      end
    end)
  end

  it('that never comes to an end is handed over all the same', function()
    local out, head = read('HTTP/1.1 200 OK\r\nA', 3)
    assert.equal('HTTP/1.1 200 OK\r\nA', out)
    assert.is_nil(head)
  end)
end)

describe('the wait before another try', function()
  it('is as long as told, up to the cap', function()
    assert.equal(1500, http.delay(1, 1500, 60000, 0.5))
    assert.equal(60000, http.delay(1, 3600000, 60000, 0.5))
    assert.equal(0, http.delay(3, 0, 60000, 0.5))
  end)

  it('doubles otherwise, with chance in its upper half', function()
    assert.same(
      { 500, 1000, 2000 },
      { http.delay(1, nil, 60000, 0), http.delay(2, nil, 60000, 0), http.delay(3, nil, 60000, 0) }
    )
    assert.equal(1000, http.delay(1, nil, 60000, 1))
    assert.equal(60000, http.delay(20, nil, 60000, 1))
  end)

  it('is for what may pass, and not for what will not', function()
    for _, status in ipairs({ 429, 500, 502, 503, 504, 529 }) do
      assert.is_true(http.retryable(status))
    end
    for _, status in ipairs({ 200, 400, 401, 403, 404, 413, 422, 501 }) do
      assert.is_false(http.retryable(status))
    end
    assert.is_true(http.says_quota('{"error":{"code":"insufficient_quota"}}'))
    assert.is_false(http.says_quota('{"error":{"code":"rate_limit_exceeded"}}'))
  end)
end)

describe('an address', function()
  local cases = {
    { 'https://api.anthropic.com', '/v1/messages', 'https://api.anthropic.com/v1/messages' },
    { 'https://api.anthropic.com/', '/v1/messages', 'https://api.anthropic.com/v1/messages' },
    { 'http://h/v1/messages', '/v1/messages', 'http://h/v1/messages' },
    { 'https://api.openai.com/v1', '/v1/responses', 'https://api.openai.com/v1/responses' },
    { 'https://openrouter.ai/api/v1/', '/v1/chat/completions', 'https://openrouter.ai/api/v1/chat/completions' },
    { 'https://h/api/paas/v4', '/v1/chat/completions', 'https://h/api/paas/v4/chat/completions' },
    { 'https://h/v1beta/openai', '/v1/chat/completions', 'https://h/v1beta/openai/chat/completions' },
    { 'http://localhost:11434', '/v1/chat/completions', 'http://localhost:11434/v1/chat/completions' },
    { 'https://h', '/v1beta/models', 'https://h/v1beta/models' },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. ' becomes ' .. case[3], function()
      assert.equal(case[3], addresses.url(case[1], case[2]))
    end)
  end
end)

describe('a request', function()
  it('has its key, its address and its body in pipes, and nowhere else', function()
    for _, name in ipairs({ 'anthropic', 'openai', 'openai_chat', 'gemini_api' }) do
      local adapter = assert(require('purser.adapters').get(name))
      local made = adapter.build({
        prompt = 'the "prompt"',
        model = 'some-model',
        args = {},
        command = { 'curl' },
        url = 'http://127.0.0.1:1/secret-path',
        key = 'sk-"quoted"\\key',
      })
      local seen = table.concat(made.argv, ' ') .. vim.inspect(made.env)
      assert.is_nil(seen:find('quoted', 1, true), name)
      assert.is_nil(seen:find('secret', 1, true), name)
      assert.truthy(made.stdin:find('sk-\\"quoted\\"\\\\key', 1, true), name)
      assert.truthy(made.extra:find('the \\"prompt\\"', 1, true), name)
      assert.is_nil(made.stdin:find('prompt', 1, true), name)
      -- curl does not need to see the keys that the editor was started with.
      for _, variable in ipairs(adapter.keys) do
        assert.is_false(made.env[variable], name)
      end
    end
  end)
end)
