-- One clear message for each way in which a run can end badly, that says what to do.

local ending = require('purser.runner.ending')

local function event(kind, fields)
  return vim.tbl_extend(
    'force',
    { kind = kind, flags = 0, text = '', name = '', id = '', number = 0, number2 = -1 },
    fields or {}
  )
end

local FAILED, BLOCKED = 1, 512

local function message(seen)
  return ending.message(vim.tbl_extend('force', {
    agent = 'reviewer',
    label = 'Claude Code',
    program = 'claude',
    http = false,
    exit_code = 0,
    signal = 0,
    bytes = 100,
    text = true,
    tries = 1,
  }, seen))
end

local API =
  { label = 'Anthropic API', program = 'curl', http = true, key_source = '$ANTHROPIC_API_KEY', model = 'opus' }

local function api(seen)
  return message(vim.tbl_extend('force', API, seen))
end

describe('a run that ended', function()
  it('well says nothing', function()
    assert.is_nil(message({ result = event('result', { name = 'completed' }) }))
  end)

  it('well, after an error that was overcome, says nothing', function()
    assert.is_nil(
      message({ error = event('error', { number = 529 }), result = event('result', { name = 'completed' }) })
    )
  end)

  local cases = {
    {
      'which never started',
      { spawn_problem = 'claude is not installed, or not on PATH' },
      'claude is not installed, or not on PATH',
    },
    { 'because the user said so', { stopped = 'cancelled', signal = 2 }, 'stopped by you' },
    {
      'because of a budget',
      { stopped = 'budget', stop_message = 'agent x has spent it all' },
      'agent x has spent it all',
    },
    { 'because of a budget, without words', { stopped = 'budget' }, 'stopped: the budget is exhausted' },
    {
      'with 1 and a reason',
      { exit_code = 1, stderr = 'Warning: x\n\27[31mNo conversation found\27[0m\n\n' },
      'claude ended with 1: No conversation found',
    },
    {
      'with 1 and silence',
      { exit_code = 1, bytes = 0, text = false },
      'claude ended with 1 and said nothing: try `claude` in a terminal.',
    },
    {
      'with 0 and an error inside',
      { result = event('result', { flags = FAILED, text = 'API Error: overloaded.' }) },
      'Claude Code reports an error: API Error: overloaded',
    },
    {
      'with 0 and a failure without words',
      { result = event('result', { flags = FAILED, name = 'error_max_turns' }) },
      'Claude Code reports an error: error_max_turns',
    },
    {
      "by another's signal",
      { signal = 9 },
      'claude was killed from outside (SIGKILL): what came is shown and booked.',
    },
    {
      'without a word',
      { bytes = 0, text = false },
      'claude ended without printing anything: try `claude` in a terminal.',
    },
    {
      'without a word, but with a reason',
      { bytes = 0, text = false, stderr = 'please log in' },
      'claude ended without printing anything: please log in',
    },
    {
      'with nothing that can be understood',
      { text = false, malformed = event('error', { name = 'malformed', text = 'Usage: claude [options]' }) },
      "what claude printed can't be understood (Usage: claude [options]): does purser know this version? "
        .. '(:checkhealth purser)',
    },
    {
      'in the middle, as the decoder says',
      {
        error = event('error', { name = 'cut', text = 'x' }),
        result = event('result', { flags = FAILED, name = 'cut' }),
      },
      'claude ended in the middle: what came is shown and booked.',
    },
    {
      'in the middle, killed',
      {
        signal = 15,
        error = event('error', { name = 'cut', text = 'x' }),
        result = event('result', { flags = FAILED, name = 'cut' }),
      },
      'claude was killed from outside (SIGTERM): what came is shown and booked.',
    },
    { 'in the middle, without a word', {}, 'claude ended in the middle: what came is shown and booked.' },
    {
      'in a hook',
      { result = event('result', { flags = BLOCKED, text = 'not on a Sunday' }) },
      'a hook of Claude Code stopped the run before anything was sent: not on a Sunday',
    },
    {
      "with a client's 401",
      { exit_code = 1, error = event('error', { number = 401, text = 'invalid x-api-key' }) },
      'Claude Code is not allowed in (401): log in with `claude`, or check its key. It says: invalid x-api-key.',
    },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      assert.equal(case[3], message(case[2]))
    end)
  end

  local apis = {
    {
      'with 401',
      { error = event('error', { number = 401, text = 'invalid x-api-key' }) },
      'Anthropic API refused the key (401): check $ANTHROPIC_API_KEY. It says: invalid x-api-key.',
    },
    {
      'with 404',
      { error = event('error', { number = 404 }) },
      'Anthropic API does not know the model "opus" (404): choose another with --model=…',
    },
    {
      'with 400',
      { error = event('error', { number = 400, text = 'max_tokens: too large' }) },
      'Anthropic API refused the request (400). It says: max_tokens: too large.',
    },
    {
      "with 401, and the decoder's advice",
      {
        error = event('error', { name = 'authentication', number = 401, text = 'bad - very bad - check the API key' }),
      },
      'Anthropic API refused the key (401): check $ANTHROPIC_API_KEY. It says: bad - very bad.',
    },
    {
      'with 429 at last',
      { tries = 4, error = event('error', { number = 429, text = 'slow down' }) },
      'Anthropic API has had enough of us (429) also after 4 tries: wait, or use another model. It says: slow down.',
    },
    {
      'with 529 at last',
      { tries = 4, error = event('error', { number = 529, text = 'Overloaded' }) },
      'Anthropic API is overloaded or down (529) also after 4 tries: try again later. It says: Overloaded.',
    },
    {
      'cut in the middle',
      {
        error = event('error', { name = 'cut', text = 'x' }),
        result = event('result', { flags = FAILED, name = 'cut' }),
      },
      'the connection broke in the middle of the answer: what came is shown and booked; send it again.',
    },
    {
      'unreached',
      { exit_code = 7, bytes = 0, text = false },
      "Anthropic API can't be reached: nobody answers at that address.",
    },
    {
      'unreached for another reason',
      { exit_code = 60, bytes = 0, text = false, stderr = 'curl: (60) SSL certificate problem' },
      "Anthropic API can't be reached: curl: (60) SSL certificate problem.",
    },
  }
  for _, case in ipairs(apis) do
    it('an API ' .. case[1], function()
      assert.equal(case[3], api(case[2]))
    end)
  end
end)
