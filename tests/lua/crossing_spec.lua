-- A crossed threshold over several processes with the real ledger: two Neovims and the program. An event and a message in each
-- Neovim, and one notification on the desktop, whatever the notification program does.

local Child = require('helpers.child')
local tmp = require('helpers.tmp')

local SETUP = [[
  local db, options = ...
  EVENTS, SAID = {}, {}
  vim.notify = function(message) SAID[#SAID + 1] = message:find('spent this month', 1, true) and message or nil end
  vim.api.nvim_create_autocmd('User', {
    pattern = 'BudgetThresholdCrossed',
    callback = function(args) EVENTS[#EVENTS + 1] = args.data end,
  })
  local own = { db = db, budgets = { { scope = 'global', limit_cents = 100 } } }
  require('purser').setup(vim.tbl_extend('force', own, options))
  READY = false
  require('purser.core').ready(function() READY = true end)
]]

---@class (exact) test.Scene
---@field db string
---@field bin string the folder of the programs that are there
---@field config string the program's own XDG_CONFIG_HOME
---@field seen string
---@field children helpers.Child[]

--- Two Neovims on one ledger, and a notify-send that does what `body` says.
---@param body? string nil: there is none
---@param options table
---@param fn fun(scene: test.Scene)
---@param before? fun(scene: test.Scene) when no Neovim is there yet
local function with_two(body, options, fn, before)
  local folder = tmp.dir('desktop')
  local scene = { db = folder .. '/ledger.db', seen = folder .. '/seen', children = {} }
  local bin = tmp.dir('bin')
  scene.bin, scene.config = bin, tmp.dir('config')
  if body then
    local text = '#!/bin/sh\n' .. body:gsub('SEEN', scene.seen) .. '\n'
    tmp.write(bin .. '/notify-send', text, tonumber('755', 8))
  end
  for _, program in ipairs({ 'sh', 'sleep', 'git', 'printf' }) do
    local path = vim.fn.exepath(program)
    if path ~= '' then
      vim.uv.fs_symlink(path, bin .. '/' .. program)
    end
  end
  local ok, problem = xpcall(function()
    if before then
      before(scene)
    end
    for i = 1, 2 do
      local child = Child.start({ cols = 100, env = { PATH = bin } })
      scene.children[i] = child
      child:lua(SETUP, scene.db, options)
      child:await('return READY')
    end
    fn(scene)
  end, debug.traceback)
  for _, child in ipairs(scene.children) do
    child:stop()
  end
  assert(ok, problem)
end

--- Books a request through the program, as a shell would: 1.5 cents for a thousand tokens of input.
---@param scene test.Scene
---@param key string
---@param tokens integer
local function book(scene, key, tokens)
  local now = os.time() * 1000
  local line = vim.json.encode({
    run = {
      uid = key,
      agent = 'worker',
      workspace = '/x',
      source = 'claude',
      model = 'claude-opus-4-1',
      started_ms = now - 1000,
      ended_ms = now,
      status = 'completed',
      billing = 'metered',
    },
    request = {
      key = key,
      request_id = key,
      at_ms = now,
      model = 'claude-opus-4-1',
      tier = 'standard',
      speed = '',
      flags = {},
      usage = { input = tokens, cache_read = 0, cache_write_5m = 0, cache_write_1h = 0, output = 0, reasoning = 0 },
    },
  })
  local file = tmp.write(tmp.dir() .. '/lines', line .. '\n')
  local result = vim
    .system({ vim.env.PURSER_PROGRAM, 'import', file }, {
      env = { PURSER_DB = scene.db, PATH = scene.bin, XDG_CONFIG_HOME = scene.config },
      text = true,
    })
    :wait()
  assert.equals(0, result.code, result.stderr)
end

---@param scene test.Scene
---@param count integer
local function events(scene, count)
  local out = {}
  for i, child in ipairs(scene.children) do
    child:await('return #EVENTS >= ...', count)
    out[i] = child:lua('return EVENTS')
  end
  return out
end

local KEEP = [[printf '%s\n' "$*" >>SEEN]]

describe('a threshold that a program in a shell crosses', function()
  it('is an event and a message in every Neovim, and one notification on the desktop', function()
    with_two(KEEP, {}, function(scene)
      book(scene, 'a', 56000)
      local both = events(scene, 1)
      local mine = 0
      for _, seen in ipairs(both) do
        local data = seen[1]
        assert.same(
          { 'global', 80, 84, 100, 'month' },
          { data.scope, data.threshold, data.spend_cents, data.limit_cents, data.period }
        )
        assert.equals('number', type(data.policy))
        assert.is_true(data.resets_at > os.time() * 1000)
        mine = mine + (data.mine and 1 or 0)
      end
      assert.is_true(mine <= 1) -- the program tells of it, where it was the first to see it
      for _, child in ipairs(scene.children) do
        local said = child:await('return SAID[1]')
        assert.equals('purser: all agents together: 80 % of $1.00 spent this month', said)
      end
      -- Several at once announce the highest; then the next one.
      book(scene, 'b', 20000)
      events(scene, 2)
      tmp.await(scene.seen, 2)
      vim.wait(300)
      local lines = vim.split(vim.trim((tmp.read(scene.seen))), '\n')
      assert.equals(2, #lines)
      assert.matches('^%-%-app%-name=purser %-%- .* 80 %%', lines[1])
      assert.matches('spent 100 %%', lines[2])
      -- And no more of it: it is latched.
      book(scene, 'c', 1000)
      vim.wait(500)
      assert.equals(2, #vim.split(vim.trim((tmp.read(scene.seen))), '\n'))
    end)
  end)

  it('while no Neovim is there is told by the program', function()
    with_two(KEEP, {}, function(scene)
      tmp.await(scene.seen)
      vim.wait(300)
      for _, child in ipairs(scene.children) do
        assert.same({}, child:lua('return EVENTS'))
      end
      assert.matches(
        '^%-%-app%-name=purser %-%- Budget threshold all agents together have spent 80 %%',
        tmp.read(scene.seen)
      )
      assert.equals(1, #vim.split(vim.trim((tmp.read(scene.seen))), '\n'))
    end, function(scene)
      local result = vim
        .system({ vim.env.PURSER_PROGRAM, 'budget', 'set', 'global', '100' }, { env = { PURSER_DB = scene.db } })
        :wait()
      assert.equals(0, result.code)
      book(scene, 'a', 56000)
    end)
  end)

  it('that the program is not to tell of is told by the first Neovim that comes', function()
    with_two(KEEP, {}, function(scene)
      local first, second = scene.children[1], scene.children[2]
      assert.equals(80, first:await('return EVENTS[1]').threshold)
      tmp.await(scene.seen)
      vim.wait(300)
      assert.same({}, second:lua('return EVENTS'))
      assert.equals(1, #vim.split(vim.trim((tmp.read(scene.seen))), '\n'))
    end, function(scene)
      local result = vim
        .system({ vim.env.PURSER_PROGRAM, 'budget', 'set', 'global', '100' }, { env = { PURSER_DB = scene.db } })
        :wait()
      assert.equals(0, result.code)
      vim.fn.mkdir(scene.config .. '/purser')
      tmp.write(scene.config .. '/purser/config.json', '{"notifications": false}')
      book(scene, 'a', 56000)
    end)
  end)

  it('is quiet everywhere when the user says so, and still an event', function()
    with_two(KEEP, { notifications = false }, function(scene)
      book(scene, 'a', 56000)
      events(scene, 1)
      vim.wait(300)
      assert.is_nil(tmp.read(scene.seen))
      for _, child in ipairs(scene.children) do
        assert.same({}, child:lua('return SAID'))
      end
    end)
  end)

  it('never makes the editor wait for a notification program that hangs', function()
    with_two([[printf 'x\n' >>SEEN; exec sleep 300]], {}, function(scene)
      book(scene, 'a', 56000)
      events(scene, 1)
      for _, child in ipairs(scene.children) do
        child:await('return SAID[1]')
        local began = vim.uv.hrtime()
        child:type('ihello<Esc>')
        child:expect('hello')
        assert.is_true(vim.uv.hrtime() - began < 2e9)
      end
      assert.equals('x\n', tmp.await(scene.seen))
    end)
  end)
end)

describe('two Neovims that save the same budget', function()
  it('end up with what was saved last, both of them', function()
    with_two(nil, { notifications = false }, function(scene)
      local first, second = scene.children[1], scene.children[2]
      local function stands(child)
        return child:await([[
          local found
          require('purser.core').ask('budget.list', nil, function(_, body) found = body end)
          vim.wait(5000, function() return found end, 2)
          local budget = found.budgets[1]
          return { #found.budgets, budget.limit_cents, budget.origin, budget.at_limit }
        ]])
      end
      first:type(':Purser budget global 300 ask<CR>')
      first:expect('budget of everything: $3.00 a month')
      second:type(':Purser budget global 500<CR>')
      second:expect('budget of everything: $5.00 a month')
      local both = { 1, 500, 'saved', 'ask' }
      assert.same(both, stands(first))
      assert.same(both, stands(second))
      -- At once: each is saved whole, and one of them is the last.
      first:type(':Purser budget global 700<CR>')
      second:type(':Purser budget global 900<CR>')
      first:expect('$7.00 a month')
      second:expect('$9.00 a month')
      assert.same(stands(first), stands(second))
      assert.is_true(vim.list_contains({ 700, 900 }, stands(first)[2]))
      -- Removed by one, it is as setup() has it for both.
      second:type(':Purser budget global remove<CR>')
      second:expect('as setup() has it')
      assert.same({ 1, 100, 'config', 'block' }, stands(first))
    end)
  end)
end)
