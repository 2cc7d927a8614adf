--- The filter of the log: `agent:reviewer status:failed >10 upload` as a question to the core, and what is left for us to look at.

local M = {}

---@class (exact) purser.Filter
---@field ask table<string, string> what the core filters by
---@field above? number cents
---@field words string[] all of them in the prompt, agent or workspace

local KEYS = { agent = true, workspace = true, model = true, status = true, source = true }

---@param text? string
---@return purser.Filter
function M.parse(text)
  local out = { ask = {}, words = {} }
  for word in (text or ''):gmatch('%S+') do
    local key, value = word:match('^(%a+):(.+)$')
    local above = word:match('^>([%d.]+)$')
    if key and KEYS[key] then
      out.ask[key] = value
    elseif above and tonumber(above) then
      out.above = tonumber(above)
    else
      out.words[#out.words + 1] = word:lower()
    end
  end
  -- Only a whole path is a workspace to the core; a name is looked for here.
  local workspace = out.ask.workspace
  if workspace and workspace:sub(1, 1) ~= '/' then
    out.ask.workspace = nil
    out.words[#out.words + 1] = workspace:lower()
  end
  return out
end

---@param filter purser.Filter
---@param row purser.RunRow
---@return boolean
function M.matches(filter, row)
  if filter.above and (row.sums and row.sums.cost_nanousd or 0) <= filter.above * 10000000 then
    return false
  end
  if #filter.words == 0 then
    return true
  end
  local text = table.concat({ row.prompt or '', row.agent, row.workspace or '', row.branch or '' }, '\n'):lower()
  for _, word in ipairs(filter.words) do
    if not text:find(word, 1, true) then
      return false
    end
  end
  return true
end

return M
