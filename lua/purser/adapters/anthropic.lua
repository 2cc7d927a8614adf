--- Anthropic's Messages API.

local http = require('purser.adapters.http')

local MAX_OUTPUT = 16384
local THINKING = { medium = 4096, high = 12288 }

--- Models from before the effort parameter take a thinking budget instead.
---@param model string
---@return boolean
local function takes_budget(model)
  return (
    model:match('claude%-3')
    or model:match('haiku%-4')
    or model:match('sonnet%-4%-[05]')
    or model:match('sonnet%-4%-2')
  )
      ~= nil
    or (model:match('opus%-4%-[01]') or model:match('opus%-4%-2')) ~= nil
end

---@type purser.Adapter
return {
  name = 'anthropic',
  label = 'Anthropic API',
  kind = 'http',
  dialect = 'anthropic',
  program = 'curl',
  keys = { 'ANTHROPIC_API_KEY' },
  base_url = 'https://api.anthropic.com',
  base_url_env = 'ANTHROPIC_BASE_URL',
  path = '/v1/messages',
  models = { 'claude-opus-5-5', 'claude-sonnet-5-5', 'claude-opus-5', 'claude-sonnet-5', 'claude-haiku-4-5' },
  default_model = 'claude-sonnet-5-5',

  build = function(ask)
    local body = {
      model = ask.model,
      max_tokens = ask.max_output or MAX_OUTPUT,
      stream = true,
      system = ask.system,
      messages = http.messages(ask),
    }
    if ask.effort and not takes_budget(ask.model) then
      body.output_config = { effort = ask.effort }
    elseif THINKING[ask.effort] then
      local budget = math.min(THINKING[ask.effort], body.max_tokens - 1024)
      if budget >= 1024 then
        body.thinking = { type = 'enabled', budget_tokens = budget }
      end
    end
    return http.invocation({
      command = ask.command,
      url = ask.url,
      headers = { ['anthropic-version'] = '2023-06-01', ['x-api-key'] = ask.key },
      body = body,
      keys = { 'ANTHROPIC_API_KEY' },
    })
  end,
}
