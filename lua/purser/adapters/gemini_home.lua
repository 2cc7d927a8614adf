--- A home for Gemini CLI in which an effort is set, and everything else is the user's own.

local M = {}

--- Its settings may carry comments, which are none of JSON's business.
---@param text string
---@return string
function M.without_comments(text)
  local out, at = {}, 1
  while at <= #text do
    local from = text:find('["/]', at)
    if not from then
      break
    end
    out[#out + 1] = text:sub(at, from - 1)
    local two = text:sub(from, from + 1)
    if text:sub(from, from) == '"' then
      local to = from + 1
      while to <= #text and text:sub(to, to) ~= '"' do
        to = to + (text:sub(to, to) == '\\' and 2 or 1)
      end
      out[#out + 1] = text:sub(from, to)
      at = to + 1
    elseif two == '//' then
      at = text:find('\n', from, true) or #text + 1
    elseif two == '/*' then
      local _, to = text:find('*/', from + 2, true)
      at = (to or #text) + 1
    else
      out[#out + 1] = '/'
      at = from + 1
    end
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

--- The settings with the effort in them. All of the client's chat models extend one of these two.
---@param settings table
---@param thinking { budget: integer, level: string }
---@return table
function M.with_effort(settings, thinking)
  local function override(base, config)
    return { match = { model = base }, modelConfig = { generateContentConfig = { thinkingConfig = config } } }
  end
  local out = vim.deepcopy(settings)
  out.modelConfigs = out.modelConfigs or {}
  local overrides = vim.list_extend({}, out.modelConfigs.customOverrides or {})
  overrides[#overrides + 1] = override('chat-base-2.5', { thinkingBudget = thinking.budget })
  overrides[#overrides + 1] = override('chat-base-3', { thinkingLevel = thinking.level })
  out.modelConfigs.customOverrides = overrides
  return out
end

---@param path string
---@return string?
local function read(path)
  local file = io.open(path, 'rb')
  local text = file and file:read('*a')
  if file then
    file:close()
  end
  return text
end

---@param invocation purser.Invocation
---@param effort string
---@param thinking { budget: integer, level: string }
---@return string? problem
function M.prepare(invocation, effort, thinking)
  local uv = vim.uv
  local own = vim.fs.joinpath(vim.env.GEMINI_CLI_HOME or vim.env.HOME or '', '.gemini')
  local home = vim.fs.joinpath(vim.fn.stdpath('cache') --[[@as string]], 'purser', 'gemini-' .. effort)
  local folder = vim.fs.joinpath(home, '.gemini')
  local text = read(vim.fs.joinpath(own, 'settings.json'))
  local ok, settings = pcall(vim.json.decode, text and M.without_comments(text) or '{}')
  if not ok or type(settings) ~= 'table' then
    return ("%s can't be read, so no effort can be set"):format(vim.fs.joinpath(own, 'settings.json'))
  end
  vim.fn.mkdir(folder, 'p', tonumber('700', 8))
  -- Sessions and history stay where the user's own client looks for them.
  for _, name in ipairs({ 'tmp', 'history' }) do
    vim.fn.mkdir(vim.fs.joinpath(own, name), 'p')
  end
  for name in vim.fs.dir(own) do
    local here = vim.fs.joinpath(folder, name)
    if name ~= 'settings.json' and uv.fs_readlink(here) ~= vim.fs.joinpath(own, name) then
      uv.fs_unlink(here)
      uv.fs_symlink(vim.fs.joinpath(own, name), here)
    end
  end
  local path = vim.fs.joinpath(folder, 'settings.json')
  local file, problem = io.open(path, 'wb')
  if not file then
    return ("%s can't be written: %s"):format(path, problem)
  end
  local encoded = vim.json.encode(M.with_effort(next(settings) and settings or vim.empty_dict(), thinking))
  file:write(encoded)
  file:close()
  invocation.env = vim.tbl_extend('force', invocation.env or {}, { GEMINI_CLI_HOME = home })
end

return M
