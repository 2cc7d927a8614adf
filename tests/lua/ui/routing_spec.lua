-- A model or an effort that would do: shown below the prompt, and used only when the user takes it up.

local scene = require('ui.scene')

local OPEN = [[
  SENT = nil
  ROUTE = ...
  FAKE.asked = {}
  package.loaded['purser.core'] = FAKE.core({
    route = function(args)
      local suggestion = vim.deepcopy(ROUTE)
      if args.model == suggestion.model or args.text == '' then
        return { kind = suggestion.kind, note = 'fits' }
      end
      return suggestion
    end,
    ['advice.accept'] = function() return { id = 1 } end,
  })
  require('purser.ui.input').open({
    agent = 'reviewer', model = 'claude-opus-5-5', effort = 'high', context_tokens = CONTEXT,
    on_submit = function(prompt, options) SENT = { prompt, options.agent, options.model, options.effort } end,
  })
]]

local BOTH = {
  kind = 'formatting',
  words = 'Reformat',
  model = 'claude-haiku-4-5',
  effort = 'low',
  now = { low_nanousd = 21000000, high_nanousd = 31000000, status = 'known' },
  ['then'] = { low_nanousd = 3000000, high_nanousd = 4000000, status = 'known' },
}

--- What was asked with a verb.
local ASKED = [[
  local verb = ...
  local out = {}
  for _, one in ipairs(FAKE.asked) do
    out[#out + 1] = one.verb == verb and one.args or nil
  end
  return out
]]

describe('a suggestion', function()
  it('looks well', function()
    scene.at_each_size(function(child)
      child:lua(OPEN, BOTH)
      child:type('Reformat this file')
      child:expect('claude-haiku-4-5')
      scene.picture(child, 'prompt-route', '≈ 3.1–4.0 ¢')
    end)
  end)

  it('is used when it is taken, for this run alone, and written down when it is sent', function()
    scene.with(100, 30, function(child)
      child:lua(OPEN, BOTH)
      child:type('Reformat this file')
      child:expect('looks like formatting')
      child:type('<C-g>')
      child:expect('claude-haiku-4-5 low')
      child:expect_gone('looks like')
      assert.same({}, child:lua(ASKED, 'advice.accept'))
      child:type('<C-s>')
      assert.same({ 'Reformat this file', 'reviewer', 'claude-haiku-4-5', 'low' }, child:await('return SENT'))
      assert.same(
        { { agent = 'reviewer', what = 'model', from = 'claude-opus-5-5', to = 'claude-haiku-4-5' } },
        child:lua(ASKED, 'advice.accept')
      )
      assert.equals('claude-opus-5-5', child:lua([[return require('purser.agents').get('reviewer').model]]))
    end)
  end)

  it('changes nothing when it is not taken', function()
    scene.with(100, 30, function(child)
      child:lua(OPEN, BOTH)
      child:type('Reformat this file')
      child:expect('looks like formatting')
      child:type('<C-s>')
      assert.same({ 'Reformat this file', 'reviewer', 'claude-opus-5-5', 'high' }, child:await('return SENT'))
      assert.same({}, child:lua(ASKED, 'advice.accept'))
    end)
  end)

  it('that was taken and then changed back is not written down', function()
    scene.with(100, 30, function(child)
      child:lua(OPEN, { kind = 'formatting', effort = 'low' })
      child:type('Reformat this file')
      child:expect('looks like formatting: low effort would do')
      child:type('<C-g>')
      child:expect('claude-opus-5-5 low')
      child:type('<C-e>')
      child:expect('claude-opus-5-5 medium')
      child:type('<C-s>')
      assert.same({ 'Reformat this file', 'reviewer', 'claude-opus-5-5', 'medium' }, child:await('return SENT'))
      assert.same({}, child:lua(ASKED, 'advice.accept'))
    end)
  end)

  it('asks with what the user wrote, the rules, and what the agent takes', function()
    scene.with(100, 30, function(child)
      child:lua([[
        local config = require('purser.config').get()
        config.routing.rules = { { match = 'triage', kind = 'fix' } }
        config.routing.kinds = { fix = { effort = 'low' } }
      ]])
      child:lua(OPEN, BOTH)
      child:type('triage this')
      child:expect('looks like formatting')
      local args = child:lua(ASKED, 'route')
      args = args[#args]
      assert.equals('triage this', args.text)
      assert.equals('claude-opus-5-5', args.model)
      assert.same({ { match = 'triage', kind = 'fix' } }, args.rules)
      assert.same({ fix = { effort = 'low' } }, args.kinds)
      assert.same({ true, true, true }, { args.builtin, args.takes_model, args.takes_effort })
      assert.truthy(vim.list_contains(args.models, 'claude-opus-5-5'))
    end)
  end)

  it('is not asked for when it is switched off, nor in a conversation that goes on', function()
    for _, setting in ipairs({
      [[require('purser.config').get().routing.enabled = false]],
      [[CONTEXT = 20000]],
    }) do
      scene.with(100, 30, function(child)
        child:lua(setting)
        child:lua(OPEN, BOTH)
        child:type('Reformat this file')
        child:expect('≈')
        child:await([[return #vim.tbl_filter(function(one)
          return one.verb == 'estimate' and (one.args.prompt or ''):find('file') ~= nil
        end, FAKE.asked) > 0]])
        assert.same({}, child:lua(ASKED, 'route'))
      end)
    end
  end)

  it('of which part an agent takes nothing is not asked for', function()
    local routing = require('purser.routing')
    require('purser.config').setup({})
    local function agent(name, fields)
      return vim.tbl_extend('force', { name = 'a', adapter = require('purser.adapters').get(name) }, fields or {})
    end
    local function asked(one)
      local args = routing.arguments(one, {}, 'x')
      return args and { args.takes_model, args.takes_effort }
    end
    assert.same({ true, true }, asked(agent('claude')))
    assert.is_nil(asked(agent('script')))
    assert.same({ true, false }, asked(agent('script', { model = 'gpt-5.5' })))
    assert.same({ false, true }, asked(agent('script', { effort = 'high' })))
    assert.is_nil(routing.arguments(agent('claude'), {}, '  \n'))
  end)

  it("comes from the real core, by the user's rules", function()
    require('purser.config').setup({
      agents = { reviewer = { adapter = 'claude', model = 'opus', effort = 'high' } },
      routing = {
        rules = { { match = 'release notes', kind = 'writing' } },
        kinds = { writing = { effort = 'low', tier = 'medium' } },
      },
    })
    local agent = assert(require('purser.agents').get('reviewer'))
    local function suggested(text)
      local spec = {
        agent = 'reviewer',
        source = 'claude',
        dialect = 'claude',
        workspace = '/w',
        model = 'opus',
        effort = 'high',
        prompt = text,
      }
      local answer
      require('purser.routing').ask(agent, spec, text, {}, function(suggestion)
        answer = suggestion or 'none'
      end)
      assert(vim.wait(60000, function()
        return answer ~= nil
      end, 2))
      return answer
    end
    local writing = suggested('write the Release Notes')
    assert.same(
      { 'writing', 'Release Notes', 'sonnet', 'low' },
      { writing.kind, writing.words, writing.model, writing.effort }
    )
    assert.is_true(writing['then'].high_nanousd < writing.now.high_nanousd)
    local formatting = suggested('reformat this')
    assert.same({ 'formatting', 'haiku', 'low' }, { formatting.kind, formatting.model, formatting.effort })
    assert.equal('none', suggested('design a job queue'))
    assert.equal('none', suggested('hello'))
  end)

  it('fits any width', function()
    local panel = require('purser.ui.input_panel')
    local width = require('purser.ui.width')
    for cells = 1, 120 do
      local text = panel.suggestion(BOTH, cells)
      assert.is_true(text == nil or width.of(text) <= cells)
    end
    assert.equals('claude-haiku-4-5, low', panel.suggestion(BOTH, 21))
    assert.is_nil(panel.suggestion(BOTH, 20))
  end)
end)

describe('the options of routing', function()
  local function problems(routing)
    local found = require('purser.config').setup({ routing = routing })
    return vim.tbl_map(function(one)
      return one.message
    end, found)
  end

  after_each(function()
    require('purser.config').setup({})
  end)

  it('are checked', function()
    assert.same({}, problems({ rules = { { match = 'x*', kind = 'mine' } }, kinds = { mine = { tier = 'small' } } }))
    assert.same({}, problems(false))
    assert.is_false(require('purser.config').get().routing.enabled)
    assert.same(
      { 'routing.rules: rule 1: nothing is said of the kind "formating", did you mean "formatting"?' },
      problems({ rules = { { match = 'x', kind = 'formating' } } })
    )
    assert.same({ 'routing.rules[1].match: which words?' }, problems({ rules = { { kind = 'fix' } } }))
    assert.same(
      { 'routing.rules[1].match: expected words, got "?!"' },
      problems({ rules = { { match = '?!', kind = 'fix' } } })
    )
    assert.same(
      { 'routing.kinds.fix.tier: expected "small", "medium", "large" or "keep", got "tiny"' },
      problems({ kinds = { fix = { tier = 'tiny' } } })
    )
  end)
end)
