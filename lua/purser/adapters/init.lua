--- The adapters, by name. Each is a table of data and one pure function that says how a dispatch is put to the client or API.

local M = {}

--- What is asked of an adapter.
---@class (exact) purser.Ask
---@field prompt string
---@field model? string
---@field effort? "low"|"medium"|"high"
---@field system? string
---@field args string[] the user's own
---@field command string[] the program and its leading arguments
---@field session? string the client's session to go on with
---@field fork? boolean the session goes on in a copy
---@field messages? { role: "user"|"assistant", content: string }[] what was said before, for APIs that keep nothing
---@field remaining_usd? string what the tightest budget has left, for a client that can cap itself
---@field max_output? integer
---@field url? string
---@field key? string

--- How it is put.
---@class (exact) purser.Invocation
---@field argv string[]
---@field stdin? string
---@field env? table<string, string|false>
---@field extra? string what the child reads from descriptor 3
---@field prepare? fun(invocation: purser.Invocation): string? does what a pure function can't; answers what went wrong

---@class (exact) purser.Adapter
---@field name string
---@field label string for people
---@field kind "process"|"http"
---@field dialect string the decoder, csrc/usage/decoder.h
---@field program string what is looked for on PATH
---@field models string[] offered by completion
---@field default_model? string for APIs, which want one
---@field keys? string[] HTTP: the environment variables that may hold the key
---@field base_url? string HTTP
---@field base_url_env? string HTTP: the variable by which the provider's own libraries are pointed elsewhere
---@field path? string HTTP: what is appended to the base
---@field record? fun(env: table<string, string>): { kind: string, root: string }
---@field install? string how to get the program
---@field compact? string the prompt that makes the client compact its session
---@field build fun(ask: purser.Ask): purser.Invocation

--- In the order in which one is chosen when none was named.
M.names = {
  'claude',
  'codex',
  'gemini',
  'opencode',
  'anthropic',
  'openai',
  'gemini_api',
  'openai_chat',
  'script',
}

---@param name string
---@return purser.Adapter?
function M.get(name)
  if vim.list_contains(M.names, name) then
    return require('purser.adapters.' .. name)
  end
end

return M
