-- A provider in the spec's own process: it answers requests on the loopback with what it was given, and keeps what it
-- was sent. A full one is in tests/e2e/provider; this one plays heads, cuts and silences to the byte.
--
--   local server = require('helpers.http_server').start({ 'HTTP/1.1 429 No\r\nretry-after: 0\r\n\r\n{}', ok })
--   server.url, server.requests[1].head, .body

local M = {}

--- One answer is used per request; the last one goes on answering. An answer is bytes, or { bytes…, cut = true } with the
--- connection reset at the end, or { bytes…, hang = true } with the connection left open.
---@param answers (string|table)[]
---@return table server
function M.start(answers)
  local server = { requests = {} }
  local tcp = assert(vim.uv.new_tcp())
  assert(tcp:bind('127.0.0.1', 0))
  server.url = ('http://127.0.0.1:%d'):format(tcp:getsockname().port)
  local clients = {}

  local function answer(client)
    local given = answers[math.min(#server.requests, #answers)]
    given = type(given) == 'string' and { given } or given
    for _, bytes in ipairs(given) do
      client:write(bytes)
    end
    if given.hang then
      return
    end
    client:shutdown(function()
      if given.cut and not client:is_closing() then
        client:close_reset()
      elseif not client:is_closing() then
        client:close()
      end
    end)
  end

  tcp:listen(16, function()
    local client = assert(vim.uv.new_tcp())
    tcp:accept(client)
    clients[#clients + 1] = client
    local got = ''
    client:read_start(function(_, bytes)
      if not bytes then
        return
      end
      got = got .. bytes
      local head, body = got:match('^(.-\r\n\r\n)(.*)$')
      local length = head and tonumber(head:lower():match('content%-length: (%d+)')) or 0
      if head and #body >= length then
        server.requests[#server.requests + 1] = { head = head, body = body }
        answer(client)
      end
    end)
  end)

  function server.stop()
    for _, client in ipairs(clients) do
      if not client:is_closing() then
        client:close()
      end
    end
    if not tcp:is_closing() then
      tcp:close()
    end
  end
  return server
end

---@param events table[] each is written as one server-sent event
---@return string
function M.sse(events)
  local out = { 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n' }
  for _, event in ipairs(events) do
    out[#out + 1] = ('event: %s\ndata: %s\n\n'):format(event.type, vim.json.encode(event))
  end
  return table.concat(out)
end

--- A whole answer of the Messages API.
---@param id string
---@param text string
---@return table[] events
function M.messages(id, text)
  return {
    {
      type = 'message_start',
      message = {
        id = id,
        type = 'message',
        role = 'assistant',
        model = 'claude-sonnet-4-5',
        content = {},
        usage = { input_tokens = 1000, output_tokens = 1 },
      },
    },
    { type = 'content_block_start', index = 0, content_block = { type = 'text', text = '' } },
    { type = 'content_block_delta', index = 0, delta = { type = 'text_delta', text = text } },
    { type = 'content_block_stop', index = 0 },
    { type = 'message_delta', delta = { stop_reason = 'end_turn' }, usage = { output_tokens = 200 } },
    { type = 'message_stop' },
  }
end

--- A refusal.
---@param status integer
---@param kind string
---@param message string
---@param fields? string more of the head, each line with its \r\n
---@return string
function M.refusal(status, kind, message, fields)
  local body = vim.json.encode({ type = 'error', error = { type = kind, message = message } })
  return ('HTTP/1.1 %d Whatever\r\ncontent-type: application/json\r\nconnection: close\r\n%s\r\n%s'):format(
    status,
    fields or '',
    body
  )
end

return M
