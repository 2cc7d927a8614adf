--- Any URL that speaks OpenAI's chat completions: routers, gateways, local servers.

local http = require('purser.adapters.http')

---@type purser.Adapter
return {
  name = 'openai_chat',
  label = 'OpenAI-compatible API',
  kind = 'http',
  dialect = 'openai_chat',
  program = 'curl',
  -- No variable of its own: a key is only sent to a URL for which it was named.
  keys = {},
  path = '/v1/chat/completions',
  models = {},

  build = function(ask)
    local messages = http.messages(ask)
    if ask.system then
      table.insert(messages, 1, { role = 'system', content = ask.system })
    end
    local body = {
      model = ask.model,
      stream = true,
      stream_options = { include_usage = true },
      messages = messages,
      max_tokens = ask.max_output,
      reasoning_effort = ask.effort,
    }
    return http.invocation({
      command = ask.command,
      url = ask.url,
      headers = ask.key and { authorization = 'Bearer ' .. ask.key } or {},
      body = body,
    })
  end,
}
