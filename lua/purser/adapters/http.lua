--- A request to an API, as a curl that gets everything secret over pipes: its configuration (address, headers, key) on stdin, the
--- body on descriptor 3. Nothing of it is ever on a command line, in the environment or in a file.

local M = {}

--- A value in curl's configuration.
---@param text string
---@return string
local function quoted(text)
  local escaped = text:gsub('[\\"]', '\\%0'):gsub('\n', '\\n'):gsub('\r', '\\r'):gsub('\t', '\\t')
  return '"' .. escaped .. '"'
end

---@class (exact) purser.HttpRequest
---@field command string[] curl
---@field url string
---@field headers table<string, string>
---@field body table
---@field keys? string[] the variables that may hold a key, which curl does not need to see

---@param request purser.HttpRequest
---@return purser.Invocation
function M.invocation(request)
  local lines = {
    'url = ' .. quoted(request.url),
    'include', -- the decoder reads the head: status, Retry-After
    'silent',
    'show-error',
    'no-buffer',
    'connect-timeout = 30',
    'header = "content-type: application/json"',
    'header = "accept: text/event-stream, application/json"',
    'header = "expect:"',
    'data-binary = "@/dev/fd/3"',
  }
  local names = vim.tbl_keys(request.headers)
  table.sort(names)
  for _, name in ipairs(names) do
    lines[#lines + 1] = 'header = ' .. quoted(('%s: %s'):format(name, request.headers[name]))
  end
  local env = {}
  for _, name in ipairs(request.keys or {}) do
    env[name] = false
  end
  local argv = vim.list_extend({}, request.command)
  -- -q: the user's .curlrc may ask for output that no decoder understands.
  vim.list_extend(argv, { '-q', '--config', '-' })
  return {
    argv = argv,
    stdin = table.concat(lines, '\n') .. '\n',
    env = env,
    extra = vim.json.encode(request.body),
  }
end

--- The whole address: from "http://host", "http://host/v1" or "http://host/v1/messages".
---@param url string
---@param path string such as "/v1/messages"
---@return string
function M.url(url, path)
  url = url:gsub('/+$', '')
  local rest = path:match('^/v%d+%a*(/.*)$') or path
  if vim.endswith(url, rest) then
    return url
  elseif (url .. '/'):match('/v%d+%a*/') then
    return url .. rest
  end
  return url .. path
end

--- What was said before, and the prompt.
---@param ask purser.Ask
---@return { role: string, content: string }[]
function M.messages(ask)
  local messages = vim.list_extend({}, ask.messages or {})
  messages[#messages + 1] = { role = 'user', content = ask.prompt }
  return messages
end

return M
