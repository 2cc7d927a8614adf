--- Conversations for the windows' specs, beside the plain-table ledger of fake_data.lua.

local fake = require('ui.fake_data')

local HOUR = 3600000
local CENT = 10000000

local function chat(fields)
  return vim.tbl_extend('keep', fields, {
    agent = 'reviewer',
    workspace = '/home/ada/src/harbour',
    source = 'anthropic',
    model = 'claude-opus-5-5',
    effort = 'high',
    session = '',
    created_ms = fake.NOW - 9 * HOUR,
    unpriced_requests = 0,
    compactions = 0,
    failures = 0,
  })
end

local CHATS = {
  chat({
    conversation = 'c1',
    title = 'Why does the upload time out when the file is larger than 2 GB?',
    used_ms = fake.NOW - 0.2 * HOUR,
    runs = 7,
    requests = 41,
    cost_nanousd = 214.3 * CENT,
    tokens = 118400,
    compactions = 1,
  }),
  chat({
    conversation = 'c2',
    title = 'Find a better name for this function',
    agent = 'namer',
    model = 'claude-haiku-5',
    used_ms = fake.NOW - 26 * HOUR,
    runs = 2,
    requests = 2,
    cost_nanousd = 0.42 * CENT,
    tokens = 1900,
  }),
  chat({
    conversation = 'c3',
    title = 'Move the date arithmetic into a module of its own',
    used_ms = fake.NOW - 50 * HOUR,
    runs = 12,
    requests = 96,
    cost_nanousd = 611 * CENT,
    tokens = 164000,
    failures = 3,
  }),
}

local COMPACTIONS = {
  {
    id = 1,
    conversation = 'c1',
    kind = 'summary',
    run = 311,
    at_ms = fake.NOW - 3 * HOUR,
    before_tokens = 151000,
    after_tokens = 38000,
    undone_ms = 0,
    requests = 9,
    saved_tokens = 1017000,
    saved_nanousd = 46.8 * CENT,
    cost_nanousd = 9.1 * CENT,
  },
}

local ITEMS = {
  { 'user', 'Why does the upload time out when the file is larger than 2 GB?', 19, 'keep' },
  { 'answer', 'I will look at how the length is kept, and then at the server.', 420, 'summarise' },
  { 'call', '{"file_path":"lua/upload.lua"}', 31, 'summarise', 'Read' },
  { 'result', 'local M = {}\nlocal n = ffi.new("int32_t", #body)', 18400, 'mask' },
  { 'call', '{"command":"make test"}', 22, 'keep', 'Bash' },
  { 'result', 'upload_spec.lua:31: expected 2147483648, got -2147483648', 900, 'keep' },
  { 'user', 'Leave the fixture alone. Use a wider integer.', 12, 'keep' },
  { 'answer', 'The length is an int64_t now; the test passes.', 640, 'keep' },
}

local function items(kind)
  local out = {}
  for i, item in ipairs(ITEMS) do
    local fate = item[4]
    if kind == 'summary' and fate == 'mask' then
      fate = 'summarise'
    elseif kind == 'mask' and fate == 'summarise' then
      fate = 'keep'
    end
    out[i] = { id = i, kind = item[1], text = item[2], tokens = item[3], fate = fate, name = item[5] }
  end
  return out
end

return {
  ['chat.list'] = function(args)
    return { chats = args.text == 'nothing' and {} or CHATS }
  end,
  ['compaction.list'] = function()
    return { compactions = COMPACTIONS }
  end,
  ['chat.get'] = function(args)
    for _, one in ipairs(CHATS) do
      if one.conversation == args.conversation then
        return { chat = one, items = items('summary') }
      end
    end
    return nil, 'nothing is kept of that conversation'
  end,
  ['compaction.judge'] = function()
    return {
      level = 'advised',
      reason = 'cache_cold',
      cold = true,
      blocked = false,
      context_tokens = 118400,
      context_window = 200000,
      next_nanousd = 118.4 * CENT,
      idle_ms = 12 * 60000,
      ttl_ms = 300000,
      further_requests = 14,
      failures = 0,
      kind = 'summary',
      after_tokens = 38000,
      summary_tokens = 2000,
      masked = 0,
      summarised = 3,
      send_nanousd = 118.4 * CENT,
      compact_nanousd = 102.2 * CENT,
      later_nanousd = 4 * CENT,
      saving_nanousd = 68.2 * CENT,
      pays_after = 0,
    }
  end,
  ['compaction.plan'] = function(args)
    local kind = args.kind or 'summary'
    return {
      items = items(kind),
      before_tokens = 118400,
      after_tokens = kind == 'mask' and 100000 or 38000,
      summary_tokens = kind == 'mask' and 0 or 2000,
      masked = kind == 'mask' and 1 or 0,
      summarised = kind == 'mask' and 0 or 3,
      files = { 'lua/upload.lua' },
      request = 'Summarise.',
    }
  end,
  ['chat.rename'] = function()
    return {}
  end,
  ['chat.fork'] = function()
    return { chat = CHATS[1] }
  end,
}
