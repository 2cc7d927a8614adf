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
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      assert.same(case[2], parse.budget(vim.split(case[1], ' ')))
    end)
  end

  local problems = {
    { 'reviewer 500', '"reviewer" is no scope: expected agent:NAME, workspace:PATH or global' },
    { 'agent: 500', '"agent:" is no scope: expected agent:NAME, workspace:PATH or global' },
    { 'global', 'expected a number of cents, +CENTS, off or remove after the scope' },
    { 'global -3', 'expected a whole number of cents ≥ 0, got "-3"' },
    { 'global 2.5', 'expected a whole number of cents ≥ 0, got "2.5"' },
    { 'global $5', 'expected a whole number of cents ≥ 0, got "$5"' },
    { 'global 1e3', 'expected a whole number of cents ≥ 0, got "1e3"' },
    { 'global 99999999999999999999', 'expected at most 100000000000 cents, got 99999999999999999999' },
    { 'global +0', 'a raise of 0 changes nothing' },
    { 'global 5 6', '"6" is one word too many' },
  }
  for _, case in ipairs(problems) do
    it('not ' .. case[1], function()
      assert.equal(case[2], parse.budget(vim.split(case[1], ' ')).problem)
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
    assert.equal('"x" is no run: runs have numbers', parse.report({ 'run', 'x' }).problem)
  end)
end)
