--- What the views ask the core for, and the asking: everything that a view needs is one question, answered from one moment of the
--- ledger, so that its figures fit each other.

local billing = require('purser.views.billing')
local slices = require('purser.ui.slices')
local span = require('purser.views.span')

local M = {}

--- A report of the stretch that is shown, of the kind of billing that is shown.
---@param ctx purser.ViewContext
---@param by string
---@param more? table further filters; `since` and `until` of its own
---@return purser.Question
function M.report(ctx, by, more)
  local since, last = span.of(ctx)
  local args = { by = by, since = since, ['until'] = last, billing = ctx.billing }
  return { 'report', vim.tbl_extend('force', args, more or {}) }
end

--- What there is of each kind of billing, and the stretch before: what every headline says.
---@param ctx purser.ViewContext
---@param within? table<string, string>
---@return table<string, purser.Question>
function M.headline(ctx, within)
  local since, last = span.of(ctx)
  local before, before_last = span.before(ctx)
  local out = {
    kinds = { 'report', vim.tbl_extend('force', { by = 'billing', since = since, ['until'] = last }, within or {}) },
    before = M.report(
      ctx,
      'billing',
      vim.tbl_extend('force', { since = before, ['until'] = before_last }, within or {})
    ),
    budgets = { 'budget.list' },
  }
  if span.is_this_month(ctx) then
    out.forecast = { 'forecast', vim.tbl_extend('force', { billing = ctx.billing }, within or {}) }
  end
  return out
end

local DECODE = { luanil = { object = true, array = true } }

--- Where nobody waits for them, the answers come packed: parsing all of a large batch at once would take longer than the editor
--- should be held up.
---@param packed table<string, string|table>
---@return table<string, table>
local function unpack_all(packed)
  local out = {}
  for name, one in pairs(packed) do
    slices.pause()
    out[name] = type(one) == 'string' and vim.json.decode(one, DECODE) or one
  end
  return out
end

---@param questions table<string, purser.Question>
---@param gently boolean nobody waits for it
---@param cb fun(answers: table<string, table>, errors: table<string, string>) gently: called in a slice
local function batch(questions, gently, cb)
  if next(questions) == nil then
    return vim.schedule(function()
      cb({}, {})
    end)
  end
  local asked = {}
  for name, question in pairs(questions) do
    local args = question[2]
    asked[name] = { question[1], args and next(args) and args or vim.empty_dict() }
  end
  require('purser.core').ask('batch', { questions = asked, packed = gently }, function(err, answer)
    if err then
      return cb({}, { batch = err.message })
    end
    local errors = {}
    for name, one in pairs(answer and answer.errors or {}) do
      errors[name] = one.message
    end
    local function unpacked()
      cb(unpack_all(answer and answer.answers or {}), errors)
    end
    if gently then
      slices.add(unpacked, true)
    else
      unpacked()
    end
  end)
end

--- Asks what a view needs. Where nobody has chosen a kind of billing, it is the first that there is anything of: only the ledger
--- knows, so that a second question follows when the guess was wrong.
---@param view purser.View
---@param ctx purser.ViewContext
---@param gently boolean nobody waits for it: what it takes is done in slices
---@param cb fun(answers: table<string, table>, errors: table<string, string>) gently: called in a slice
function M.ask(view, ctx, gently, cb)
  batch(view.questions(ctx), gently, function(answers, errors)
    if view.billed and not ctx.billing_chosen and answers.kinds then
      local kind = billing.first(answers.kinds)
      if kind ~= ctx.billing then
        ctx.billing = kind
        return batch(view.questions(ctx), gently, cb)
      end
    end
    cb(answers, errors)
  end)
end

return M
