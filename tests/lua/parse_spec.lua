-- What is typed after the commands.

local parse = require('purser.commands.parse')

local NAMES = { 'reviewer', 'fixer', 'claude' }

describe(':AgentRun takes', function()
  local cases = {
    { 'reviewer explain this', { agent = 'reviewer', prompt = 'explain this' } },
    { 'explain this', { prompt = 'explain this' } },
    { '', { prompt = '' } },
    { 'reviewer', { agent = 'reviewer', prompt = '' } },
    { '--model=opus reviewer --effort=low go', { agent = 'reviewer', model = 'opus', effort = 'low', prompt = 'go' } },
    { '--agent=fixer reviewer is wrong', { agent = 'fixer', prompt = 'reviewer is wrong' } },
    { 'reviewer fixer did it', { agent = 'reviewer', prompt = 'fixer did it' } },
    { 'reviewer say  "two  spaces" | and a bar', { agent = 'reviewer', prompt = 'say  "two  spaces" | and a bar' } },
    { '-- --model=x is what I mean', { prompt = '--model=x is what I mean' } },
    { 'reviewer -- -', { agent = 'reviewer', prompt = '-' } },
    { 'claud', { prompt = 'claud' } },
    { '-c and then?', { continue = true, prompt = 'and then?' } },
    { 'reviewer -c go on', { agent = 'reviewer', continue = true, prompt = 'go on' } },
    { '-x is a flag', { prompt = '-x is a flag' } },
  }
  for _, case in ipairs(cases) do
    it(('%q'):format(case[1]), function()
      assert.same(case[2], parse.agent_run(case[1], NAMES))
    end)
  end

  local problems = {
    { '--effort=huge go', '--effort=huge: expected low, medium or high' },
    { '--model= go', '--model= wants a name' },
    {
      '--modle=x go',
      '--modle=x is no option (--model=, --effort= and --agent= are); write -- before a prompt that begins so',
    },
    {
      'revewer explain',
      'there is no agent "revewer", did you mean "reviewer"? (write -- before a prompt that begins so)',
    },
  }
  for _, case in ipairs(problems) do
    it(('not %q'):format(case[1]), function()
      assert.equal(case[2], parse.agent_run(case[1], NAMES).problem)
    end)
  end
end)

describe(':Purser budget takes', function()
  local cases = {
    { 'agent:reviewer 500', { scope = 'agent:reviewer', action = 'set', cents = 500 } },
    { 'workspace:. 2000', { scope = 'workspace:.', action = 'set', cents = 2000 } },
    { 'global 10000 week ask', { scope = 'global', action = 'set', cents = 10000, period = 'week', at_limit = 'ask' } },
    { 'agent:reviewer +200', { scope = 'agent:reviewer', action = 'raise', cents = 200 } },
    { 'global off', { scope = 'global', action = 'off' } },
    { 'global remove day', { scope = 'global', action = 'remove', period = 'day' } },
    { 'global 0', { scope = 'global', action = 'set', cents = 0 } },
    { 'global $12.50', { scope = 'global', action = 'set', cents = 1250 } },
    { 'agent:reviewer', { scope = 'agent:reviewer', action = 'show' } },
    { 'global ask', { scope = 'global', action = 'set', at_limit = 'ask' } },
    {
      'global --zone=Europe/Paris 500 --reset-day=3 --thresholds=50,90 --at-limit=warn --period=week',
      {
        scope = 'global',
        action = 'set',
        cents = 500,
        period = 'week',
        zone = 'Europe/Paris',
        reset_day = 3,
        thresholds = { 50, 90 },
        at_limit = 'warn',
      },
    },
    { 'global --zone=system', { scope = 'global', action = 'set', zone = '' } },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      assert.same(case[2], parse.budget(vim.split(case[1], ' ')))
    end)
  end

  local problems = {
    { 'shipwright 500', '"shipwright" is no scope: expected agent:NAME, workspace:PATH or global' },
    { 'reviewer 500', '"reviewer" is no scope, did you mean "agent:reviewer"?' },
    { 'agnt:reviewer 500', '"agnt:reviewer" is no scope, did you mean "agent:reviewer"?' },
    { 'agent: 500', '"agent:" names nobody: write agent:reviewer' },
    { 'workspace: 500', '"workspace:" names nobody: write workspace:.' },
    { 'global -3', 'a budget can\'t be negative; "off" is no limit' },
    { 'global 2.5', '2.5 is no whole number of cents: 2 or 3?' },
    { 'global 1e3', '"1e3" is not a number of cents; $5 is 500' },
    { 'global lots', '"lots" is not a number of cents; $5 is 500' },
    { 'global wek', '"wek" is not understood, did you mean "week"?' },
    {
      'global 99999999999999999999',
      'a budget is at most 900000000 cents ($9 million)',
    },
    { 'global +0', 'a raise of 0 changes nothing' },
    { 'global 5 6', '"6" is one word too many' },
    {
      'global 5 --zone=Europe/Pariss',
      '--zone: no time zone "Europe/Pariss": did you mean "Europe/Paris"?',
    },
    { 'global 5 --period=year', '--period: expected month, week or day, got "year"' },
    { 'global 5 --at-limit=stop', '--at-limit: expected block, ask or warn, got "stop"' },
    { 'global 5 week --reset-day=9', '--reset-day: "9" is no weekday: 1 is Monday, 7 is Sunday' },
    {
      'global 5 --thresholds=80,x',
      '--thresholds: "x" is no percent from 1 to 1000: thresholds are written as 50,80,100',
    },
    { 'global 5 --zonne=UTC', 'there is no option --zonne, did you mean --zone=?' },
    { 'global 5 --zone', '--zone wants a value: --zone=…' },
    { 'global +5 ask', 'a raise takes a period, and nothing else' },
    { 'global remove --zone=UTC', 'remove takes a period, and nothing else' },
  }
  for _, case in ipairs(problems) do
    it('not ' .. case[1], function()
      assert.equal(case[2], parse.budget(vim.split(case[1], ' '), NAMES).problem)
    end)
  end
end)

describe(':CostReport takes', function()
  local cases = {
    { '', 'report', {} },
    { 'tab', 'report', { where = 'tab' } },
    { 'models', 'report', { name = 'models' } },
    { 'agent reviewer vsplit', 'agent', { name = 'reviewer', where = 'vsplit' } },
    { 'workspace', 'workspace', {} },
    { 'run 12', 'run', { name = '12' } },
    { 'log failed reviewer', 'log', { words = { 'failed', 'reviewer' } } },
    { 'whatif', 'whatif', {} },
    { 'whatif agent reviewer tab', 'whatif', { scope = 'agent', name = 'reviewer', where = 'tab' } },
    { 'review workspace', 'review', { scope = 'workspace' } },
    { 'kinds workspace /w', 'kinds', { scope = 'workspace', name = '/w' } },
    { 'digest 2026-10', 'digest', { month = '2026-10' } },
    { 'advice split', 'advice', { where = 'split' } },
  }
  for _, case in ipairs(cases) do
    it(('%q'):format(case[1]), function()
      local line = parse.report(vim.split(case[1], ' ', { trimempty = true }))
      assert.same({ case[2], case[3] }, { line.view, line.args })
      assert.is_nil(line.problem)
    end)
  end

  it('not what there is not', function()
    assert.equal('there is no view "agnts", did you mean "agents"?', parse.report({ 'agnts' }).problem)
    assert.equal('which agent? :CostReport agent NAME', parse.report({ 'agent' }).problem)
    assert.equal('which agent? :CostReport whatif agent NAME', parse.report({ 'whatif', 'agent' }).problem)
    assert.equal(
      '"reviewer" is neither "agent" nor "workspace": :CostReport whatif agent NAME',
      parse.report({ 'whatif', 'reviewer' }).problem
    )
    assert.equal('"soon" is no month: write it as 2026-11', parse.report({ 'digest', 'soon' }).problem)
    assert.equal('there is no view "digset", did you mean "digest"?', parse.report({ 'digset' }).problem)
    assert.equal('"x" is no run: runs have numbers', parse.report({ 'run', 'x' }).problem)
  end)
end)
