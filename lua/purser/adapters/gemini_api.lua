--- Google's Gemini API, streamed as server-sent events.

local http = require('purser.adapters.http')

local BUDGET = { low = 1024, medium = 8192, high = 24576 }
local LEVEL = { low = 'low', medium = 'medium', high = 'high' }

--- Models up to 2.5 take a number of tokens, later ones a level; the first 3 Pro knew no medium.
---@param model string
---@param effort string
---@return table
local function thinking(model, effort)
  if model:match('gemini%-[12][.%-]') then
    return { thinkingBudget = BUDGET[effort] }
  elseif model:match('gemini%-3%-pro') and effort == 'medium' then
    return { thinkingLevel = 'high' }
  end
  return { thinkingLevel = LEVEL[effort] }
end

---@type purser.Adapter
return {
  name = 'gemini_api',
  label = 'Gemini API',
  kind = 'http',
  dialect = 'gemini_api',
  program = 'curl',
  keys = { 'GEMINI_API_KEY', 'GOOGLE_API_KEY' },
  base_url = 'https://generativelanguage.googleapis.com',
  base_url_env = 'GOOGLE_GEMINI_BASE_URL',
  path = '/v1beta/models',
  models = {
    'gemini-3.1-pro-preview',
    'gemini-3.5-flash',
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'gemini-2.5-flash-lite',
  },
  default_model = 'gemini-3.5-flash',

  build = function(ask)
    local contents = {}
    for _, message in ipairs(http.messages(ask)) do
      local role = message.role == 'assistant' and 'model' or 'user'
      contents[#contents + 1] = { role = role, parts = { { text = message.content } } }
    end
    local generation = { maxOutputTokens = ask.max_output }
    if ask.effort then
      generation.thinkingConfig = thinking(ask.model, ask.effort)
    end
    local body = {
      contents = contents,
      systemInstruction = ask.system and { parts = { { text = ask.system } } } or nil,
      generationConfig = next(generation) and generation or nil,
    }
    return http.invocation({
      command = ask.command,
      url = ('%s/%s:streamGenerateContent?alt=sse'):format(ask.url, vim.uri_encode(ask.model, 'rfc3986')),
      headers = { ['x-goog-api-key'] = ask.key },
      body = body,
      keys = { 'GEMINI_API_KEY', 'GOOGLE_API_KEY' },
    })
  end,
}
