--- A ledger made of plain tables, for the windows' specs: a year of runs from a fixed seed, a clock that stands still, and a core
--- that answers the questions of csrc/api/README.md from them.
---
--- The zone must be UTC (TZ=UTC), so that a day is the same day everywhere.

local dates = require('purser.ui.dates')

local M = {}

--- Tuesday, 24 November 2026, 14:30 UTC.
M.NOW = 1795530600000

local DAY = 86400000
local HOME = '/home/ada'

--- Numbers that look random and are the same everywhere.
---@param seed integer
---@return fun(most: integer): integer
local function random(seed)
  local state = seed
  return function(most)
    state = (state * 1103 + 12345) % 1048576
    return math.floor(state / 16) % most
  end
end

local AGENTS = {
  { name = 'reviewer', source = 'claude', model = 'claude-opus-5-5', effort = 'high', size = 9, weight = 5 },
  { name = 'fixer', source = 'claude', model = 'claude-sonnet-5', effort = 'medium', size = 7, weight = 4 },
  { name = 'codex', source = 'codex', model = 'gpt-5.5-codex', effort = 'medium', size = 5, weight = 3 },
  { name = 'namer', source = 'anthropic', model = 'claude-haiku-5', effort = 'low', size = 1, weight = 4 },
  { name = 'gemini', source = 'gemini', model = 'gemini-3.5-pro', effort = 'low', size = 2, weight = 1 },
  { name = 'local', source = 'openai', model = 'house-model', effort = '', size = 3, weight = 1 },
}

local WORKSPACES = { HOME .. '/src/harbour', HOME .. '/src/lighthouse', HOME .. '/work/tide-tables', HOME .. '/notes' }

local PROMPTS = {
  'Review the change on this branch and name what could break',
  'Why does the upload time out when the file is larger than 2 GB?',
  'Write a test for the parser of tide tables',
  'Find a better name for this function',
  'Explain this regular expression',
  'Make the failing test pass without touching the fixture',
  'Move the date arithmetic into a module of its own',
  'Summarise what changed since the last release',
}

--- Dollars per million tokens, in nano-dollars per token.
local RATES = {
  ['claude-opus-5-5'] = { 5000, 500, 6250, 25000 },
  ['claude-sonnet-5'] = { 3000, 300, 3750, 15000 },
  ['gpt-5.5-codex'] = { 1750, 175, 1750, 14000 },
  ['claude-haiku-5'] = { 1000, 100, 1250, 5000 },
  ['gemini-3.5-pro'] = { 2000, 200, 2000, 12000 },
}

local SUMS = {
  'runs',
  'requests',
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'reasoning',
  'cost_nanousd',
  'unpriced_requests',
  'estimated_nanousd',
  'uncertain_nanousd',
  'cost_input_nanousd',
  'cost_cache_read_nanousd',
  'cost_cache_write_nanousd',
  'cost_output_nanousd',
  'cost_extra_nanousd',
  'cache_saved_nanousd',
}

---@return purser.Sums
local function nothing()
  local out = {}
  for _, name in ipairs(SUMS) do
    out[name] = 0
  end
  return out
end

---@param into purser.Sums
---@param more purser.Sums
local function add(into, more)
  for _, name in ipairs(SUMS) do
    into[name] = into[name] + (more[name] or 0)
  end
end

local runs ---@type purser.RunRow[]?
local seed = 7

--- Another ledger, from another seed.
---@param number integer
function M.reseed(number)
  seed, runs = number, nil
end

--- A ledger in which nothing was booked yet.
function M.empty()
  runs = {}
end

--- Who sends the bill: codex is under a subscription, every second run of the local model is at home.
---@param agent table
---@param id integer
---@return string
local function billing_of(agent, id)
  if agent.name == 'codex' then
    return 'subscription'
  end
  return agent.name == 'local' and id % 2 == 0 and 'local' or 'metered'
end

---@param sums purser.Sums
---@param rate integer[] of input, cache read, cache write, output
local function price(sums, rate)
  sums.cost_input_nanousd = sums.input * rate[1]
  sums.cost_cache_read_nanousd = sums.cache_read * rate[2]
  sums.cost_cache_write_nanousd = sums.cache_write_5m * rate[3]
  sums.cost_output_nanousd = sums.output * rate[4]
  sums.cost_nanousd = sums.cost_input_nanousd
    + sums.cost_cache_read_nanousd
    + sums.cost_cache_write_nanousd
    + sums.cost_output_nanousd
  sums.cache_saved_nanousd = (sums.cache_read + sums.cache_write_5m) * rate[1]
    - sums.cost_cache_read_nanousd
    - sums.cost_cache_write_nanousd
end

--- All runs, oldest first.
---@return purser.RunRow[]
function M.runs()
  if runs then
    return runs
  end
  runs = {}
  local pick = random(seed)
  local today = math.floor(M.NOW / DAY)
  local wheel = {}
  for i, agent in ipairs(AGENTS) do
    for _ = 1, agent.weight do
      wheel[#wheel + 1] = i
    end
  end
  for day = today - 330, today do
    local weekday = dates.weekday(dates.from_number(day))
    local count = weekday >= 6 and pick(2) or 1 + pick(5)
    for n = 1, count do
      local agent = AGENTS[wheel[pick(#wheel) + 1]]
      local size = agent.size * (1 + pick(5))
      local sums = nothing()
      sums.runs, sums.requests = 1, 1 + pick(size) + math.floor(size / 6)
      sums.input = 900 + size * 700 + pick(2000)
      sums.cache_write_5m = size * 2100 + pick(900)
      sums.cache_read = sums.requests * size * 2500
      sums.output = 200 + size * 330 + pick(600)
      sums.reasoning = math.floor(sums.output / 3)
      local rate = RATES[agent.model]
      local billing = billing_of(agent, #runs + 1)
      if rate then
        price(sums, rate)
      elseif billing ~= 'local' then
        sums.unpriced_requests = sums.requests
      end
      local started = day * DAY + (9 * 60 + n * 61 + pick(50)) * 60000
      local status = ({ [3] = 'failed', [11] = 'cancelled', [19] = 'stopped_budget' })[pick(26)] or 'completed'
      runs[#runs + 1] = {
        id = #runs + 1,
        agent = agent.name,
        workspace = WORKSPACES[1 + pick(pick(4) + 1)],
        branch = pick(3) == 0 and 'fix/upload' or 'main',
        source = agent.source,
        model = agent.model,
        effort = agent.effort,
        conversation = 'c' .. math.floor(#runs / 3),
        session = ('%08x-77'):format(#runs * 7919),
        prompt = PROMPTS[pick(#PROMPTS) + 1],
        prompt_bytes = 60 + pick(400),
        status = status,
        billing = billing,
        started_ms = started,
        ended_ms = started + size * 2100 + 1400,
        duration_ms = size * 2100 + 1400,
        exit_code = status == 'completed' and 0 or 1,
        reason = status == 'completed' and 'completed' or status,
        message = status == 'failed' and 'the provider is overloaded (529)' or '',
        tool_calls = pick(size + 1),
        retries = status == 'failed' and 3 or 0,
        compactions = 0,
        sums = sums,
      }
      local run = runs[#runs]
      run.unusual = sums.cost_nanousd > 1700000000
      run.unusual_reason = run.unusual and 'tokens' or nil
    end
  end
  return runs
end

---@param text string
---@param part? string
---@return boolean
local function has(text, part)
  return not part or text:lower():find(part:lower(), 1, true) ~= nil
end

---@param run purser.RunRow
---@param query table
---@return boolean
local function wanted(run, query)
  for _, field in ipairs({ 'agent', 'workspace', 'source', 'model', 'effort', 'branch', 'billing', 'conversation' }) do
    if query[field] and run[field] ~= query[field] then
      return false
    end
  end
  local day = dates.from_number(math.floor(run.started_ms / DAY))
  return (not query.since or day >= query.since)
    and (not query['until'] or day <= query['until'])
    and (not query.since_ms or run.started_ms >= query.since_ms)
    and (not query.until_ms or run.started_ms < query.until_ms)
    and (not query.status or vim.list_contains(vim.split(query.status, ','), run.status))
    and (not query.min_nanousd or run.sums.cost_nanousd >= query.min_nanousd)
    and (not query.unusual or run.unusual)
    and has(run.agent, query.agent_like)
    and has(run.workspace, query.workspace_like)
    and has(run.model, query.model_like)
    and has(run.prompt, query.text)
end

local KEY = {
  day = function(run)
    return dates.from_number(math.floor(run.started_ms / DAY))
  end,
  month = function(run)
    return dates.from_number(math.floor(run.started_ms / DAY)):sub(1, 7)
  end,
}

---@param query table
---@return table
local function report(query)
  local by, rows, total = {}, {}, nothing()
  for _, run in ipairs(M.runs()) do
    if wanted(run, query) then
      local key = KEY[query.by] and KEY[query.by](run) or run[query.by] or ''
      if not by[key] then
        by[key] = nothing()
        by[key].key = key
        rows[#rows + 1] = by[key]
      end
      add(by[key], run.sums)
      add(total, run.sums)
    end
  end
  table.sort(rows, function(a, b)
    if KEY[query.by] then
      return a.key < b.key
    end
    return a.cost_nanousd == b.cost_nanousd and a.key < b.key or a.cost_nanousd > b.cost_nanousd
  end)
  return { rows = rows, total = total }
end

---@type table<string, fun(run: purser.RunRow): number>
local ORDER = {
  started = function(run)
    return run.started_ms
  end,
  cost = function(run)
    return run.sums.cost_nanousd
  end,
  tokens = function(run)
    return require('purser.views.parts').tokens_of(run.sums)
  end,
  duration = function(run)
    return run.duration_ms
  end,
}

---@param query table
---@return table
local function log(query)
  local all = vim.tbl_filter(function(run)
    return wanted(run, query)
  end, M.runs())
  local of = ORDER[query.sort or 'started']
  table.sort(all, function(a, b)
    local x, y = of(a), of(b)
    if query.ascending then
      a, b, x, y = b, a, y, x
    end
    return x == y and a.id > b.id or x > y
  end)
  local first = (query.offset or 0) + 1
  local last = first + (query.limit or 50) - 1
  return { runs = vim.list_slice(all, first, math.min(last, #all)), more = #all > last }
end

---@param id integer
---@return table
local function one_run(id)
  local run = M.runs()[id]
  local requests, left = {}, vim.deepcopy(run.sums)
  for i = 1, run.sums.requests do
    local part = {}
    for _, name in ipairs({ 'input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'reasoning' }) do
      part[name] = i == run.sums.requests and left[name] or math.floor(run.sums[name] / run.sums.requests)
      left[name] = left[name] - part[name]
    end
    local cost = i == run.sums.requests and left.cost_nanousd or math.floor(run.sums.cost_nanousd / run.sums.requests)
    left.cost_nanousd = left.cost_nanousd - cost
    requests[i] = {
      id = id * 100 + i,
      at_ms = run.started_ms + i * 4000,
      key = ('anthropic/msg_%04d_%02d'):format(id, i),
      model = run.model,
      tier = 'standard',
      speed = '',
      rate_card = run.sums.unpriced_requests == 0 and run.model .. '@2026-08-01' or '',
      session = run.session,
      status = run.sums.unpriced_requests == 0 and 'known' or 'unknown',
      flags = i == 2 and { 'sidechain' } or {},
      usage = part,
      cost_nanousd = run.sums.unpriced_requests == 0 and cost or nil,
      extra_nanousd = 0,
    }
  end
  return { run = run, requests = requests }
end

---@param id integer
---@return table
local function conversation(id)
  local own = M.runs()[id]
  local list, points = {}, {}
  local tokens = 9000
  for _, run in ipairs(M.runs()) do
    if run.conversation == own.conversation then
      list[#list + 1] = run
      for i, request in ipairs(one_run(run.id).requests) do
        tokens = tokens > 160000 and 20000 or tokens + 1500 + run.id % 7 * 400
        points[#points + 1] = {
          run = run.id,
          at_ms = run.started_ms + i * 4000,
          context_tokens = tokens,
          cost_nanousd = request.cost_nanousd or 0,
        }
      end
    end
  end
  return { runs = list, points = points }
end

local MONTH_END = 1796083200000 -- 1 December 2026

---@param scope string
---@param cents? integer
---@param spent integer
---@param more? table
---@return purser.Budget
local function budget(scope, cents, spent, more)
  return vim.tbl_extend('force', {
    id = 1,
    scope = scope,
    period = 'month',
    reset_day = 1,
    zone = '',
    limit_cents = cents,
    thresholds = { 50, 80, 100 },
    at_limit = 'block',
    origin = 'saved',
    version = 1,
    spent_nanousd = spent,
    held_nanousd = 0,
    raise_nanousd = 0,
    limit_nanousd = cents and cents * 10000000 or nil,
    start_ms = 1793491200000,
    resets_at_ms = MONTH_END,
  }, more or {})
end

---@return purser.Budget[]
function M.budgets()
  local function spent(query)
    query.since, query['until'], query.by, query.billing = '2026-11-01', '2026-11-30', 'month', 'metered'
    return report(query).total.cost_nanousd
  end
  return {
    budget('global', 5000, spent({}), { id = 1, held_nanousd = 600000000 }),
    budget('agent:reviewer', 2500, spent({ agent = 'reviewer' }), { id = 2, origin = 'config', at_limit = 'ask' }),
    budget('agent:namer', 30, spent({ agent = 'namer' }), { id = 3 }),
    budget('agent:local', 0, 0, { id = 4 }),
    budget('workspace:' .. HOME .. '/src/harbour', 1500, spent({ workspace = HOME .. '/src/harbour' }), {
      id = 5,
      raise_nanousd = 2000000000,
      limit_nanousd = 17000000000,
    }),
    budget(
      'global',
      500,
      220000000,
      { id = 6, period = 'day', resets_at_ms = M.NOW + 9.5 * 3600000, at_limit = 'warn' }
    ),
  }
end

--- Half as much again, give or take a fifth.
---@param query table
---@return table
local function forecast(query)
  local spent = report(vim.tbl_extend('force', { by = 'day', since = '2026-11-01', ['until'] = '2026-11-30' }, query))
  local total = spent.total.cost_nanousd
  local out = { days_active = #spent.rows, spent_nanousd = total, method = 'none', start_ms = 0, end_ms = MONTH_END }
  if #spent.rows >= 3 then
    out.method = 'weekdays'
    out.p10_nanousd, out.p50_nanousd, out.p90_nanousd =
      math.floor(total * 1.1), math.floor(total * 1.25), math.floor(total * 1.5)
  end
  return out
end

local TIERS = {
  ['claude-opus-5-5'] = 'large',
  ['claude-sonnet-5'] = 'medium',
  ['gpt-5.5-codex'] = 'large',
  ['claude-haiku-5'] = 'small',
  ['gemini-3.5-pro'] = 'large',
  ['house-model'] = 'unknown',
}

--- The same tokens at the rates of each model.
---@param query table
---@return table
local function what_if(query)
  local out = { requests = 0, cost_nanousd = 0, unpriced = 0, rows = {} }
  local rows = {}
  for model, tier in pairs(TIERS) do
    rows[model] = { model = model, tier = tier, cost_nanousd = 0, priced = 0, unpriced = 0 }
    out.rows[#out.rows + 1] = rows[model]
  end
  table.sort(out.rows, function(a, b)
    return a.model < b.model
  end)
  for _, run in ipairs(M.runs()) do
    if wanted(run, query) then
      out.requests = out.requests + run.sums.requests
      out.unpriced = out.unpriced + run.sums.unpriced_requests
      if run.sums.unpriced_requests == 0 then
        out.cost_nanousd = out.cost_nanousd + run.sums.cost_nanousd
        for model, row in pairs(rows) do
          local sums = vim.deepcopy(run.sums)
          if RATES[model] then
            price(sums, RATES[model])
            row.priced, row.cost_nanousd = row.priced + sums.requests, row.cost_nanousd + sums.cost_nanousd
          else
            row.unpriced = row.unpriced + sums.requests
          end
        end
      end
    end
  end
  return out
end

--- Past runs of a kind of task.
---@param args table
---@return table
local function compare(args)
  local function row(model, effort, count, nanousd, more)
    return vim.tbl_extend('force', {
      model = model,
      effort = effort,
      tier = TIERS[model],
      runs = count,
      priced = TIERS[model] == 'unknown' and 0 or count,
      nanousd = nanousd,
      tokens = math.floor(nanousd / 3000),
      duration_ms = 8000 + count * 900,
      completed = count,
      failed = 0,
      stopped = 0,
    }, more or {})
  end
  local rows = ({
    formatting = {
      row('claude-haiku-5', 'low', 31, 12000000),
      row('claude-opus-5-5', 'high', 9, 415000000, { completed = 8, failed = 1 }),
    },
    fix = {
      row('claude-sonnet-5', 'medium', 24, 520000000, { completed = 19, failed = 3, stopped = 2 }),
      row('claude-opus-5-5', 'high', 18, 1210000000),
    },
    other = { row('house-model', '', 3, 0) },
  })[args.kind]
  return { rows = rows or {}, looked_at = 85 }
end

--- Findings that were waved aside, by run and kind.
local dismissed = {} ---@type table<string, boolean>

---@param args table
---@return table
local function review(args)
  local reviewed = {}
  local query = { unusual = true, since_ms = 1793491200000, limit = 4, agent = args.agent, workspace = args.workspace }
  for _, run in ipairs(log(query).runs) do
    local findings = {}
    for _, finding in ipairs({
      { kind = 'context', nanousd = 912000000 - run.id % 7 * 1e7, measured = true, figure = 83, usual = 7 },
      { kind = 'break_up', nanousd = 300000000, measured = false, figure = 41, usual = 6 },
    }) do
      finding.dismissed = dismissed[run.id .. finding.kind]
      if not finding.dismissed or args.all then
        findings[#findings + 1] = finding
      end
    end
    if #findings > 0 then
      reviewed[#reviewed + 1] = { run = run, findings = findings }
    end
  end
  return { reviewed = reviewed }
end

---@param more table
---@return table
local function accepted(more)
  return vim.tbl_extend('force', {
    what = 'model',
    from = 'claude-opus-5-5',
    to = 'claude-sonnet-5',
    promised_nanousd = 6000000000,
    runs_before = 24,
    runs_since = 12,
    days_since = 7,
    per_run_before_nanousd = 900000000,
    per_run_since_nanousd = 520000000,
    per_run_nanousd = 380000000,
    saved_nanousd = 4560000000,
  }, more)
end

---@type table<string, fun(args: table): table?, string?>
local ANSWERS = {
  report = report,
  log = log,
  forecast = forecast,
  conversation = function(args)
    if not M.runs()[args.run] then
      return nil, ('there is no run %d'):format(args.run)
    end
    return conversation(args.run)
  end,
  run = function(args)
    if not M.runs()[args.id] then
      return nil, ('there is no run %d'):format(args.id)
    end
    return one_run(args.id)
  end,
  review = review,
  ['review.dismiss'] = function(args)
    dismissed[args.run .. args.finding] = true
    return {}
  end,
  ['review.restore'] = function(args)
    dismissed[args.run .. args.finding] = nil
    return {}
  end,
  what_if = what_if,
  compare = compare,
  ['advice.accept'] = function()
    return { id = 5 }
  end,
  ['advice.after'] = function()
    return {
      accepted = {
        accepted({ id = 4, at_ms = M.NOW - 1.4 * DAY, agent = 'reviewer', verdict = 'too_early', days_since = 1 }),
        accepted({ id = 3, at_ms = M.NOW - 16 * DAY, agent = 'fixer', verdict = 'saved' }),
        accepted({
          id = 2,
          at_ms = M.NOW - 40 * DAY,
          agent = 'namer',
          verdict = 'worse',
          from = 'claude-haiku-5',
          to = 'claude-sonnet-5',
          per_run_before_nanousd = 8000000,
          per_run_since_nanousd = 31000000,
          per_run_nanousd = -23000000,
          saved_nanousd = -276000000,
          promised_nanousd = 0,
        }),
        accepted({
          id = 1,
          at_ms = M.NOW - 90 * DAY,
          agent = 'gemini',
          verdict = 'no_difference',
          what = 'effort',
          from = 'high',
          to = 'low',
          per_run_since_nanousd = 880000000,
          per_run_nanousd = 20000000,
          saved_nanousd = 240000000,
        }),
      },
    }
  end,
  digest = function(args)
    return { markdown = require('ui.fake_digest')(dates.month_name(args.month)) }
  end,
  ['budget.list'] = function()
    return { budgets = M.budgets() }
  end,
  estimate = function(args)
    local scale = ({ low = 1, medium = 2, high = 4 })[args.effort] or 2
    return {
      low_nanousd = 7750000 * scale,
      high_nanousd = 10000000 * scale,
      input_tokens = 3100 + #(args.prompt or ''),
      output_tokens = 800,
      status = 'known',
      budget = M.budgets()[2],
    }
  end,
}

--- One question of many.
---@param args { questions: table<string, purser.Question> }
---@param own table<string, fun(args: table): table?, string?>
---@return table
local function batch(args, own)
  local out = { answers = vim.empty_dict(), errors = vim.empty_dict() }
  for name, question in pairs(args.questions) do
    local answer = own[question[1]] or ANSWERS[question[1]]
    local body, problem
    if answer then
      body, problem = answer(vim.deepcopy(question[2] or {}))
    else
      problem = 'no such verb: ' .. question[1]
    end
    out.answers[name] = body
    out.errors[name] = problem and { message = problem } or nil
  end
  return out
end

--- What was asked, in order.
---@type { verb: string, args: table }[]
M.asked = {}

--- Stands in the place of purser.core.
---@param answers? table<string, fun(args: table): table?, string?> instead of, or beside, those of this file
---@return table
function M.core(answers)
  local listeners = {}
  return {
    ask = function(verb, args, cb)
      M.asked[#M.asked + 1] = { verb = verb, args = args or {} }
      vim.schedule(function()
        local answer = (answers or {})[verb] or ANSWERS[verb]
        if verb == 'batch' and not answer then
          return cb and cb(nil, batch(args, answers or {}))
        elseif not answer then
          return cb and cb({ code = 'EINVAL', message = 'no such verb: ' .. verb })
        end
        local body, problem = answer(args or {})
        if cb then
          cb(problem and { code = 'ERROR', message = problem } or nil, body)
        end
      end)
    end,
    on = function(name, fn)
      listeners[name] = listeners[name] or {}
      listeners[name][fn] = true
      return function()
        listeners[name][fn] = nil
      end
    end,
    tell = function(name, body)
      for fn in pairs(listeners[name] or {}) do
        fn(body, {})
      end
    end,
    state = function()
      return { state = 'open', path = '/tmp/purser.db' }
    end,
    close = function() end,
    ready = function(cb)
      vim.schedule(cb)
    end,
  }
end

--- Puts the fake core, the clock and the folder in place.
---@param answers? table
---@return table core
function M.install(answers)
  local core = M.core(answers)
  package.loaded['purser.core'] = core
  package.loaded['purser.workspace'] = {
    root = function(_, cb)
      cb(HOME .. '/src/harbour')
    end,
    get = function(_, cb)
      cb({ root = HOME .. '/src/harbour', branch = 'main' })
    end,
    cached = function()
      return HOME .. '/src/harbour'
    end,
  }
  dates.now_ms = function()
    return M.NOW
  end
  vim.env.HOME = HOME
  return core
end

--- A context for drawing a view without a window.
---@param view purser.View
---@param more? table
---@return purser.ViewContext
function M.context(view, more)
  local ctx = vim.tbl_extend('force', {
    width = 94,
    height = 28,
    now_ms = M.NOW,
    today = '2026-11-24',
    month = '2026-11',
    range = 'month',
    back = 0,
    billing = 'metered',
    sort = view.sorted,
    args = {},
    here = HOME .. '/src/harbour',
    data = {},
    errors = {},
    extra = {},
  }, more or {})
  if not (more and more.data) then
    for name, question in pairs(view.questions(ctx)) do
      ctx.data[name] = ANSWERS[question[1]](vim.deepcopy(question[2] or {}))
    end
  end
  if view.prepare then
    view.prepare(ctx)
  end
  return ctx
end

return M
