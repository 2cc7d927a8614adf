-- The help: current, whole, and without dead ends.

local help = require('purser.config.help')
local tmp = require('helpers.tmp')

local root = assert(vim.env.PURSER_ROOT)
local text = assert((tmp.read(root .. '/doc/purser.txt')))

--- The tags that Neovim's own helptags finds.
local function tags()
  local folder = tmp.dir('doc')
  tmp.write(folder .. '/purser.txt', text)
  vim.cmd.helptags(folder)
  local out = {}
  for line in (assert(tmp.read(folder .. '/tags'))):gmatch('[^\n]+') do
    out[line:match('^[^\t]+')] = true
  end
  return out
end

describe('doc/purser.txt', function()
  it('lists the options as the schema has them (tests/tools/write-options)', function()
    assert.equal(help.renew(text), text)
  end)

  it('has no tag twice, and every link leads somewhere', function()
    local own = tags()
    -- What is in a code block is no link.
    local prose = text:gsub('>%a*\n.-\n<', '\n')
    local dead = {}
    for target in prose:gmatch('|([^|%s"]+)|') do
      if not own[target] and #vim.fn.getcompletion(target, 'help') == 0 then
        dead[#dead + 1] = target
      end
    end
    assert.same({}, dead)
  end)

  it('has a section for all that it lists', function()
    local own = tags()
    local contents = text:match('CONTENTS(.-)=====')
    local count = 0
    for target in contents:gmatch('|([^|]+)|') do
      count = count + 1
      assert.truthy(own[target], target)
    end
    assert.equal(21, count)
  end)

  it('has a tag for every command, verb, event and adapter', function()
    local own = tags()
    for name in pairs(require('purser.commands.purser').verbs) do
      assert.truthy(own[':Purser-' .. name], name)
    end
    for _, name in ipairs({
      ':AgentRun',
      ':CostReport',
      ':Purser',
      'BudgetThresholdCrossed',
      'PurserRunStarted',
      'PurserRunProgress',
      'PurserRunFinished',
      'PurserRunaway',
      'purser.setup()',
      'purser.statusline()',
    }) do
      assert.truthy(own[name], name)
    end
    for _, name in ipairs(require('purser.adapters').names) do
      local api = { anthropic = true, openai = true, gemini_api = true }
      assert.truthy(own['purser-adapter-' .. (api[name] and 'api' or name)], name)
    end
  end)

  it('fits 79 columns', function()
    local long = {}
    for line in text:gmatch('[^\n]+') do
      if vim.fn.strdisplaywidth(line) > 79 then
        long[#long + 1] = line
      end
    end
    assert.same({}, long)
  end)

  it('names every option of the schema, with a sentence', function()
    local function check(fields, path)
      for _, field in ipairs(fields) do
        assert.truthy(field.name, path)
        assert.truthy(field.doc and field.doc:match('%.$'), path .. field.name .. ' lacks a sentence')
        check(field.fields or (field.of and field.of.fields) or {}, path .. field.name .. '.')
      end
    end
    check(require('purser.config.schema').fields, '')
  end)

  it('opens', function()
    local folder = tmp.dir('runtime')
    tmp.write(folder .. '/doc/purser.txt', text)
    vim.cmd.helptags(folder .. '/doc')
    vim.opt.runtimepath:remove(root)
    vim.opt.runtimepath:append(folder)
    vim.cmd.help('purser-option-agents.NAME.monthly_budget')
    assert.truthy(vim.api.nvim_get_current_line():find('monthly_budget', 1, true))
    vim.cmd.help(':Purser-budget')
    vim.opt.runtimepath:prepend(root)
  end)
end)
