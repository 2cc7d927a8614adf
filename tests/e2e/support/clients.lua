-- Starts the tests' own model provider and tells where the real clients are and how to keep them to it. For busted specs
-- inside Neovim. What the provider can be told is at the head of tests/e2e/provider/directives.mjs.

local uv = vim.uv

local HERE = vim.fs.dirname(vim.fs.normalize(uv.fs_realpath(debug.getinfo(1, 'S').source:sub(2))))
local ROOT = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(HERE)))
local PATIENCE = 20000

local M = { provider = {}, client = {} }

---@param path string
---@return string?
local function read(path)
  local fd = uv.fs_open(path, 'r', 384)
  if not fd then
    return nil
  end
  local text = uv.fs_read(fd, assert(uv.fs_fstat(fd)).size, 0)
  uv.fs_close(fd)
  return text
end

---@param path string
---@param text string
local function write(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  local fd = assert(uv.fs_open(path, 'w', 384))
  assert(uv.fs_write(fd, text))
  uv.fs_close(fd)
end

---@param text string
local function decode(text)
  return vim.json.decode(text, { luanil = { object = true, array = true } })
end

-- ---- the provider

---@class (exact) purser.e2e.Figures tokens in exclusive buckets
---@field input integer
---@field cache_read integer
---@field cache_write_5m integer
---@field cache_write_1h integer
---@field output integer reasoning inside it
---@field reasoning integer

---@class (exact) purser.e2e.Served one request, as the provider wrote it down
---@field n integer? number of the model call; nil for anything else that was asked
---@field op string "generate", "count_tokens", "models" or "other"
---@field at string
---@field method string
---@field path string
---@field dialect string?
---@field auth string? the header that carried a key, never the key
---@field model string?
---@field stream boolean?
---@field bytes integer? of the request's body
---@field kind string? "main", "subagent", "title", "compaction" or "router"
---@field turn integer? place in the turn, from 1
---@field request_id string?
---@field response_id string?
---@field effort table? what was asked for of effort and thinking
---@field tool string? the tool that was called
---@field outcome string "ok", an HTTP status, "cut", "error", "malformed", "hang", "gone" …
---@field usage purser.e2e.Figures? what was reported; nil when nothing was

---@class (exact) purser.e2e.Provider
---@field port integer
---@field url string without a trailing slash
---@field log fun(): purser.e2e.Served[] everything that was asked
---@field served fun(): purser.e2e.Served[] the model calls alone, in the order they came
---@field stop fun()

---@class (exact) purser.e2e.ProviderOptions
---@field script table? rules for requests whose prompt the spec does not write, see provider/script.mjs
---@field tag string? the part of identifiers that tells providers apart; random without it
---@field folder string? where log and script go; a temporary one without it

---@param options purser.e2e.ProviderOptions?
---@return purser.e2e.Provider
function M.provider.start(options)
  options = options or {}
  local folder = options.folder or vim.fn.tempname()
  vim.fn.mkdir(folder, 'p')
  local log = vim.fs.joinpath(folder, 'served.jsonl')
  local args = { vim.fs.joinpath(ROOT, 'tests/e2e/provider/main.mjs'), '--port', '0', '--log', log }
  if options.tag then
    vim.list_extend(args, { '--tag', options.tag })
  end
  if options.script then
    local script = vim.fs.joinpath(folder, 'script.json')
    write(script, vim.json.encode(options.script))
    vim.list_extend(args, { '--script', script })
  end

  local stdin, stdout, stderr = assert(uv.new_pipe()), assert(uv.new_pipe()), assert(uv.new_pipe())
  local said, complaint, ended = '', '', false
  local handle
  -- Its stdin is our end of a pipe: should this Neovim die, the provider goes too.
  handle = uv.spawn('node', { args = args, stdio = { stdin, stdout, stderr } }, function()
    ended = true
    handle:close()
  end)
  if not handle then
    error("node could not be started: the tests' provider needs it")
  end
  stdout:read_start(function(_, data)
    said = said .. (data or '')
  end)
  stderr:read_start(function(_, data)
    complaint = complaint .. (data or '')
  end)
  vim.wait(PATIENCE, function()
    return ended or said:find('\n') ~= nil
  end, 5)
  local port = tonumber(said:match('^listening (%d+)'))
  if not port then
    error('the provider did not start: ' .. complaint)
  end

  local function entries()
    local list = {}
    for line in vim.gsplit(read(log) or '', '\n', { trimempty = true }) do
      list[#list + 1] = decode(line)
    end
    return list
  end

  return {
    port = port,
    url = 'http://127.0.0.1:' .. port,
    log = entries,
    served = function()
      local calls = vim.tbl_filter(function(entry)
        return entry.op == 'generate'
      end, entries())
      table.sort(calls, function(a, b)
        return a.n < b.n
      end)
      return calls
    end,
    stop = function()
      for _, pipe in ipairs({ stdin, stdout, stderr }) do
        if not pipe:is_closing() then
          pipe:close()
        end
      end
      vim.wait(PATIENCE, function()
        return ended
      end, 5)
    end,
  }
end

-- ---- the clients

local settings = decode(assert(read(vim.fs.joinpath(HERE, 'clients.json'))))

---@param name string
local function known(name)
  return settings[name] or error('no such client: ' .. name)
end

---@param text string
---@param home string
---@param port integer
local function fill(text, home, port)
  return (text:gsub('%${(%w+)}', { home = home, port = tostring(port) }))
end

---Where the pinned client is, or nil when it has not been fetched.
---@param name string "claude", "codex", "gemini" or "opencode"
---@return string?
function M.client.find(name)
  local program = known(name).program
  local folder = vim.env.PURSER_CLIENTS or vim.fs.joinpath(ROOT, '.deps/clients')
  for _, place in ipairs({ name .. '/node_modules/.bin/' .. program, 'bin/' .. program }) do
    local path = vim.fs.joinpath(folder, place)
    if uv.fs_access(path, 'X') then
      return path
    end
  end
  return nil
end

---What the client's environment has to hold: its home, the provider's address, a key that is none, silence otherwise.
---@param name string
---@param home string
---@param port integer
---@return table<string, string>
function M.client.env(name, home, port)
  local env = { HOME = home }
  for variable, value in pairs(known(name).env) do
    env[variable] = fill(value, home, port)
  end
  return env
end

---Writes the client's own settings into that home.
---@param name string
---@param home string
---@param port integer
function M.client.prepare(name, home, port)
  vim.fn.mkdir(home, 'p')
  for file, lines in pairs(known(name).files) do
    write(vim.fs.joinpath(home, file), fill(table.concat(lines, '\n'), home, port))
  end
end

return M
