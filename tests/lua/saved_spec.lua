-- What is saved of an agent from the editor: a file that wins over setup(), and can be taken back.

local agents = require('purser.agents')
local config = require('purser.config')
local saved = require('purser.config.saved')
local tmp = require('helpers.tmp')

local function agent()
  return assert(agents.get('tester'))
end

describe('what is saved of an agent', function()
  before_each(function()
    vim.env.XDG_DATA_HOME = tmp.dir('data')
    config.setup({
      agents = {
        tester = { adapter = 'script', command = '/bin/sh', model = 'big', effort = 'high', system = 'Be brief.' },
      },
    })
  end)

  it('wins over setup(), says so, and can be taken back', function()
    assert.is_nil(saved.set('tester', 'model', 'small'))
    assert.is_nil(saved.set('tester', 'effort', 'low'))
    assert.same({ 'small', 'low', 'Be brief.' }, { agent().model, agent().effort, agent().system })
    assert.same({ model = true, effort = true }, agent().saved)
    assert.is_nil(saved.set('tester', 'model', nil))
    assert.same({ 'big', 'low' }, { agent().model, agent().effort })
    assert.same({ effort = true }, agent().saved)
  end)

  it("can be the client's own choice, which is not what setup() says", function()
    saved.set('tester', 'model', '')
    saved.set('tester', 'effort', '')
    saved.set('tester', 'system', '')
    assert.same({}, { agent().model, agent().effort, agent().system })
  end)

  it('outlives setup(), and is for all Neovims: readable by their user only', function()
    saved.set('tester', 'model', 'small')
    config.setup({ agents = { tester = { adapter = 'script', command = '/bin/sh', model = 'other' } } })
    assert.equal('small', agent().model)
    assert.equal('600', ('%o'):format(bit.band(vim.uv.fs_stat(saved.path()).mode, 511)))
    -- another Neovim saves
    tmp.write(saved.path(), '{"version":1,"agents":{"tester":{"model":"theirs"},"else":{"effort":"low"}}}')
    assert.equal('theirs', agent().model)
    assert.is_nil(saved.set('tester', 'effort', 'low'))
    assert.same(
      { tester = { model = 'theirs', effort = 'low' }, ['else'] = { effort = 'low' } },
      vim.json.decode((tmp.read(saved.path()))).agents
    )
  end)

  it('is not saved when it is wrong, with the reason', function()
    assert.equal('expected "low", "medium" or "high", got "max"', saved.set('tester', 'effort', 'max'))
    assert.is_nil(tmp.read(saved.path()))
    tmp.write(saved.path(), '{"agents":{"tester":{"effort":"max","model":5,"colour":"red"}}}')
    assert.same({ 'big', 'high' }, { agent().model, agent().effort })
  end)

  it('is never written over a file that is not understood', function()
    for _, text in ipairs({ '{"agents":', '[]', '{"agents":{"x":3}}', '' }) do
      tmp.write(saved.path(), text)
      assert.equal('big', agent().model)
      assert.equal(saved.path() .. " can't be read: mend it or move it away", saved.problem())
      assert.equal(saved.problem(), saved.set('tester', 'model', 'small'))
      assert.equal(text, tmp.read(saved.path()))
    end
  end)

  it("that can't be written is said", function()
    vim.env.XDG_DATA_HOME = tmp.write(tmp.dir() .. '/a-file', '')
    local ok, problem = pcall(saved.set, 'tester', 'model', 'small')
    assert.is_true(ok)
    assert.truthy(problem and problem:find("can't be written", 1, true), problem)
  end)
end)
