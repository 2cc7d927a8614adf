-- The statusline: a cached string that is made when the spend changes.

local config = require('purser.config')
local statusline = require('purser.statusline')

local DOLLAR = 1000000000

---@param spent? number dollars of 25
---@param more? table
---@return purser.Spend
local function spend(spent, more)
  return vim.tbl_extend('force', {
    today_nanousd = 1.94 * DOLLAR,
    month_nanousd = 19.8 * DOLLAR,
    unpriced_requests = 0,
    budget = spent and {
      scope = 'agent:x',
      period = 'month',
      at_limit = 'block',
      spent_nanousd = spent * DOLLAR,
      limit_nanousd = 25 * DOLLAR,
    } or nil,
  }, more or {})
end

local OPTIONS = { warn = 80, error = 100 }

before_each(function()
  config.setup({})
end)

describe('the statusline', function()
  it("says today's spend and how much of the tightest budget is gone", function()
    local state = statusline.render(spend(19.75), OPTIONS)
    assert.equals('$1.94 today · 79 %', state.plain)
    assert.equals('$1.94 today · 79 %%', state.text)
    assert.equals('ok', state.level)
  end)

  it('has a highlight from the thresholds on', function()
    assert.equals('%#PurserStatuslineWarn#$1.94 today · 84 %%%*', statusline.render(spend(21), OPTIONS).text)
    assert.equals('%#PurserStatuslineOver#$1.94 today · 100 %% blocked%*', statusline.render(spend(25), OPTIONS).text)
    assert.equals('ok', statusline.render(spend(21), { warn = 90, error = 100 }).level)
  end)

  it('is empty when there is nothing to say', function()
    local state = statusline.render({ today_nanousd = 0, month_nanousd = 0, unpriced_requests = 0 }, OPTIONS)
    assert.same({ text = '', plain = '', level = 'none', blocked = false }, state)
  end)

  it('says that runs are blocked, which a budget that asks or warns does not do', function()
    local function state(more)
      local one = spend(25)
      one.budget = vim.tbl_extend('force', one.budget, more)
      local got = statusline.render(one, OPTIONS)
      return { got.plain, got.level, got.blocked }
    end
    assert.same({ '$1.94 today · 100 % blocked', 'over', true }, state({}))
    assert.same({ '$1.94 today · 100 %', 'over', false }, state({ at_limit = 'ask' }))
    assert.same({ '$1.94 today · 100 %', 'over', false }, state({ at_limit = 'warn' }))
    assert.same({ '$1.94 today · blocked', 'over', true }, state({ limit_nanousd = 0, spent_nanousd = 0 }))
    assert.same({ '$1.94 today', 'ok', false }, state({ limit_nanousd = false, spent_nanousd = 9 }))
  end)

  it('is a table look-up: asking for it makes nothing, not even garbage', function()
    config.setup({})
    local get = require('purser').statusline
    get()
    statusline.update(spend(21))
    jit.off(get)
    jit.off(statusline.get)
    assert.equals('%#PurserStatuslineWarn#$1.94 today · 84 %%%*', get())
    collectgarbage('collect')
    collectgarbage('stop')
    local before = collectgarbage('count')
    for _ = 1, 10000 do
      get()
    end
    local after = collectgarbage('count')
    collectgarbage('restart')
    assert.is_true((after - before) * 1024 / 10000 < 1)
  end)

  it('can be said otherwise, and survives a function that fails', function()
    local own = vim.tbl_extend('force', OPTIONS, {
      format = function(one)
        return ('%d %%'):format(one.month_nanousd / DOLLAR)
      end,
    })
    assert.equals('19 %%', statusline.render(spend(), own).text)
    own.format = function()
      error('no')
    end
    assert.equals('', statusline.render(spend(), own).text)
  end)

  it('fills vim.g and fires User PurserSpendChanged, but only when the text changes', function()
    local fired = 0
    statusline.update(spend(1))
    local id = vim.api.nvim_create_autocmd('User', {
      pattern = 'PurserSpendChanged',
      callback = function()
        fired = fired + 1
      end,
    })
    statusline.update(spend(21))
    statusline.update(spend(21))
    vim.api.nvim_del_autocmd(id)
    assert.equals(1, fired)
    assert.equals('$1.94 today · 84 %', vim.g.purser_text)
    assert.equals('warn', vim.g.purser_level)
    assert.is_false(vim.g.purser_blocked)
    assert.equals(84, vim.g.purser_percent)
    assert.equals(194, vim.g.purser_today_cents)
  end)

  it('can be switched off', function()
    config.setup({ statusline = { enabled = false } })
    statusline.update(spend(21))
    assert.equals('', statusline.state().text)
  end)
end)

describe('the highlights of the statusline', function()
  it('can be read on any ground', function()
    local function brightness(colour)
      return (0.299 * bit.rshift(colour, 16) + 0.587 * (bit.rshift(colour, 8) % 256) + 0.114 * (colour % 256)) / 255
    end
    require('purser.ui.highlights').setup()
    for _, scheme in ipairs({ 'default', 'blue', 'desert', 'morning', 'quiet', 'habamax' }) do
      for _, background in ipairs({ 'dark', 'light' }) do
        vim.o.background = background
        vim.cmd.colorscheme(scheme)
        for _, name in ipairs({ 'PurserStatuslineWarn', 'PurserStatuslineOver' }) do
          local hl = vim.api.nvim_get_hl(0, { name = name, link = false })
          if hl.fg and hl.bg then
            local apart = math.abs(brightness(hl.fg) - brightness(hl.bg))
            assert.is_true(apart >= 0.2, ('%s in %s, %s: %.2f'):format(name, scheme, background, apart))
          end
        end
      end
    end
    vim.cmd.colorscheme('default')
    vim.o.background = 'dark'
  end)
end)

describe('the lualine component', function()
  it('shows the plain text with "%" doubled, in the colour of its level', function()
    -- As lualine hands it over: a class with extend() and super.
    local base = {
      init = function(self, options)
        self.options = options
      end,
    }
    package.loaded['lualine.component'] = {
      extend = function()
        return setmetatable({ super = base }, { __index = base })
      end,
    }
    package.loaded['lualine.components.purser'] = nil
    local component = require('lualine.components.purser')
    config.setup({})
    statusline.update(spend(25))
    local one = setmetatable({}, { __index = component })
    one:init({})
    assert.equals('$1.94 today · 100 %% blocked', one:update_status())
    assert.equals('PurserStatuslineOver', one.options.color())
    local own = setmetatable({}, { __index = component })
    own:init({ color = 'Mine' })
    assert.equals('Mine', own.options.color)
  end)
end)
