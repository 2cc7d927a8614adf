--- The filter of the log: `agent:rev status:failed >10 upload` as a question to the core. All of it is answered there, over all runs.

local M = {}

--- What can be asked for, and how a part of it is asked for; without a `like` only the whole matches.
---@type table<string, { like?: string }>
local KEYS = {
  agent = { like = 'agent_like' },
  workspace = { like = 'workspace_like' },
  model = { like = 'model_like' },
  source = {},
  effort = {},
  branch = {},
  billing = {},
  conversation = {},
  status = {},
}

--- The names of `status` as the windows show them.
local STATUS = {
  ok = 'completed',
  done = 'completed',
  open = 'admitted,running,settling',
  budget = 'stopped_budget',
  limit = 'stopped_limit',
  stopped = 'stopped_budget,stopped_limit',
  cut = 'abandoned',
}

local NANO_PER_CENT = 10000000

--- Words, of which one may have blanks between quotes.
---@param text string
---@return string[]
local function words_of(text)
  local out, now, quoted = {}, nil, false
  for char in text:gmatch('.') do
    if char == '"' then
      quoted = not quoted
      now = now or ''
    elseif char:match('%s') and not quoted then
      out[#out + 1] = now
      now = nil
    else
      now = (now or '') .. char
    end
  end
  out[#out + 1] = now
  return out
end

---@param value string
---@return string
local function statuses(value)
  local out = {}
  for one in value:gmatch('[^,]+') do
    out[#out + 1] = STATUS[one:lower()] or one:lower()
  end
  return table.concat(out, ',')
end

--- The arguments of the verb `log`.
---@param text? string
---@return table<string, string|integer|boolean>
function M.parse(text)
  local out, rest = {}, {}
  for _, word in ipairs(words_of(text or '')) do
    local key, sign, value = word:match('^(%a+)([:=])(.+)$')
    local above = tonumber(word:match('^>([%d.]+)$'))
    if key and KEYS[key] then
      local like = KEYS[key].like
      if key == 'status' then
        value = statuses(value)
      elseif key == 'workspace' and value:sub(1, 1) == '~' then
        value = vim.fs.normalize(value)
      end
      local whole = sign == '=' or not like or (key == 'workspace' and value:sub(1, 1) == '/')
      out[whole and key or like] = value
    elseif above then
      out.min_nanousd = math.floor(above * NANO_PER_CENT + 0.5)
    elseif word == 'unusual' then
      out.unusual = true
    else
      rest[#rest + 1] = word
    end
  end
  if #rest > 0 then
    out.text = table.concat(rest, ' ')
  end
  return out
end

--- A filter for exactly these values, as one would type it.
---@param values table<string, string>
---@return string
function M.exactly(values)
  local out = {}
  local keys = vim.tbl_keys(values)
  table.sort(keys)
  for _, key in ipairs(keys) do
    local word = ('%s=%s'):format(key, values[key])
    out[#out + 1] = word:find('%s') and '"' .. word .. '"' or word
  end
  return table.concat(out, ' ')
end

--- What can be typed, for the help.
M.HELP = {
  { 'upload', 'a part of the prompt; more words are one text' },
  { 'agent:rev', 'a part of the name; agent=reviewer the whole' },
  { 'workspace:har', 'a part of the path' },
  { 'model:opus', 'asked for or used' },
  { 'status:failed', 'also ok, open, cancelled, stopped, cut; with commas' },
  { 'effort:high', 'also branch: and billing:, the whole' },
  { '>10', 'more than 10 cents' },
  { 'unusual', 'only what stands out' },
}

return M
