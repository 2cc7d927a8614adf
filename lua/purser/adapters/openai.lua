--- OpenAI's Responses API.

local http = require('purser.adapters.http')

---@param model string
---@return boolean
local function reasons(model)
  return not (model:match('^gpt%-4') or model:match('^gpt%-3') or model:match('^chatgpt') or model:match('%-chat'))
end

---@type purser.Adapter
return {
  name = 'openai',
  label = 'OpenAI API',
  kind = 'http',
  dialect = 'openai_responses',
  program = 'curl',
  keys = { 'OPENAI_API_KEY' },
  base_url = 'https://api.openai.com/v1',
  base_url_env = 'OPENAI_BASE_URL',
  path = '/v1/responses',
  models = { 'gpt-5.6', 'gpt-5.5', 'gpt-5.4-mini', 'gpt-5.4-nano' },
  default_model = 'gpt-5.5',

  build = function(ask)
    local body = {
      model = ask.model,
      stream = true,
      store = false, -- nothing is kept elsewhere than it must
      instructions = ask.system,
      input = http.messages(ask),
      max_output_tokens = ask.max_output,
    }
    if ask.effort and reasons(ask.model) then
      body.reasoning = { effort = ask.effort }
    end
    return http.invocation({
      command = ask.command,
      url = ask.url,
      headers = { authorization = 'Bearer ' .. ask.key },
      body = body,
      keys = { 'OPENAI_API_KEY' },
    })
  end,
}
