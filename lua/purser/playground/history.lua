--- Some months of sample history, as the JSON lines that `purser import` takes. The same seed and day give the same lines.

local dates = require('purser.ui.dates')

local M = {}

local DAY_MS = 86400000

--- A generator of its own: math.random differs between builds.
---@param seed integer
---@return fun(most: integer): integer from 0 to most - 1
local function random(seed)
  local state = seed % 2147483647
  return function(most)
    state = (state * 16807) % 2147483647
    return state % most
  end
end

---@class (exact) purser.SampleAgent
---@field name string
---@field source string
---@field model string
---@field effort string
---@field weight integer how often
---@field size integer how much a request is about
---@field loops integer requests in a run, at most
---@field billing? string who sends the bill; metered unless said

---@type purser.SampleAgent[]
local AGENTS = {
  { name = 'demo', source = 'script', model = 'claude-opus-5-5', effort = 'medium', weight = 4, size = 3, loops = 3 },
  { name = 'reviewer', source = 'claude', model = 'claude-opus-5-5', effort = 'high', weight = 5, size = 9, loops = 9 },
  { name = 'fixer', source = 'claude', model = 'claude-sonnet-5', effort = 'medium', weight = 6, size = 8, loops = 14 },
  {
    name = 'codex',
    source = 'codex',
    model = 'gpt-5.5',
    effort = 'medium',
    weight = 3,
    size = 6,
    loops = 8,
    billing = 'subscription',
  },
  { name = 'namer', source = 'anthropic', model = 'claude-haiku-4-5', effort = 'low', weight = 5, size = 1, loops = 1 },
  { name = 'gemini', source = 'gemini', model = 'gemini-2.5-pro', effort = 'low', weight = 2, size = 4, loops = 4 },
  { name = 'cellar', source = 'openai', model = 'house-blend', effort = '', weight = 1, size = 2, loops = 2 },
}

local PROMPTS = {
  'Review the change on this branch and name what could break',
  'Why does the upload stop at 2 GB?',
  'Write a test for the tide table parser',
  'Find a better name for this function',
  'Explain this regular expression',
  'Make the failing test pass without touching the fixture',
  'Move the date arithmetic into a module of its own',
  'Summarise what changed since the last release',
  'Is there a race between the writer and the watcher?',
  'Draft the release notes',
}

local BRANCHES = { 'main', 'main', 'main', 'fix/upload', 'tide-tables' }

---@param pick fun(most: integer): integer
---@param agent purser.SampleAgent
---@param turn integer
---@return table
local function usage(pick, agent, turn)
  local context = agent.size * 1800 + turn * agent.size * 900
  local cached = turn > 1 and math.floor(context * (88 + pick(10)) / 100) or 0
  local fresh = context - cached
  local openai = agent.source == 'codex' or agent.source == 'openai' or agent.source == 'gemini'
  return {
    input = 60 + pick(240) + (openai and fresh or math.floor(fresh * 0.1)),
    cache_read = cached,
    cache_write_5m = openai and 0 or math.floor(fresh * 0.9),
    cache_write_1h = 0,
    output = 120 + pick(agent.size * 140),
    reasoning = 0,
  }
end

---@class (exact) purser.SampleOptions
---@field now_ms integer
---@field days integer how far back
---@field seed integer
---@field workspaces string[] the first is used most

--- The lines, oldest first.
---@param options purser.SampleOptions
---@return string[]
function M.lines(options)
  local pick = random(options.seed)
  local wheel = {}
  for _, agent in ipairs(AGENTS) do
    for _ = 1, agent.weight do
      wheel[#wheel + 1] = agent
    end
  end
  local out, count = {}, 0
  local today = dates.day_number(dates.of(options.now_ms))
  -- The local midnight of today, so that the day has its runs in office hours wherever one is.
  local clock = os.date('*t', math.floor(options.now_ms / 1000)) --[[@as osdate]]
  local midnight = options.now_ms - ((clock.hour * 60 + clock.min) * 60 + clock.sec) * 1000
  for day = today - options.days, today do
    local weekday = dates.weekday(dates.from_number(day))
    local runs = weekday >= 6 and pick(2) or 2 + pick(6)
    local start = midnight - (today - day) * DAY_MS
    for _ = 1, runs do
      local agent = wheel[pick(#wheel) + 1]
      count = count + 1
      local at = start + (8 * 60 + pick(11 * 60)) * 60000
      local loops = 1 + pick(agent.loops)
      local run = {
        uid = ('sample-%d-%d'):format(options.seed, count),
        agent = agent.name,
        workspace = options.workspaces[1 + pick(1 + pick(#options.workspaces))],
        branch = BRANCHES[pick(#BRANCHES) + 1],
        source = agent.source,
        model = agent.model,
        effort = agent.effort,
        session = ('%08x-5a3e-4000-8000-%012x'):format(options.seed, count),
        conversation = ('sample-%d'):format(math.floor(count / 2)),
        prompt = PROMPTS[pick(#PROMPTS) + 1],
        started_ms = at,
        ended_ms = at + loops * (3000 + pick(9000)),
        status = ({ [3] = 'failed', [9] = 'cancelled' })[pick(24)] or 'completed',
        billing = agent.billing or 'metered',
      }
      -- What has not happened yet is not written down.
      if run.ended_ms < options.now_ms then
        for turn = 1, loops do
          out[#out + 1] = vim.json.encode({
            run = run,
            request = {
              key = ('sample/%d-%d-%d'):format(options.seed, count, turn),
              request_id = ('req_sample_%d_%d_%d'):format(options.seed, count, turn),
              at_ms = at + math.floor((run.ended_ms - at) * turn / loops),
              model = agent.model,
              tier = 'standard',
              speed = '',
              flags = {},
              usage = usage(pick, agent, turn),
            },
          })
        end
      end
    end
  end
  return out
end

---@param path string
---@param options purser.SampleOptions
---@return integer lines
function M.write(path, options)
  local lines = M.lines(options)
  local file = assert(io.open(path, 'w'))
  for _, line in ipairs(lines) do
    file:write(line, '\n')
  end
  file:close()
  return #lines
end

return M
