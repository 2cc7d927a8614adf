-- Run inside a Neovim of its own: reads what the clients have recorded, and writes down what came of it. With "watch" in the plan it
-- goes on until so many requests are in the ledger, read without being asked. The plan's file is named by PURSER_PLAN.

local handle = assert(io.open(assert(vim.env.PURSER_PLAN)))
local plan = vim.json.decode(handle:read('*a'))
handle:close()

vim.opt.runtimepath:prepend(plan.root)
vim.cmd.runtime('plugin/purser.lua')
require('purser').setup(plan.watch and {} or { sources = false })

local core = require('purser.core')
local result

local function done(body)
  local out = assert(io.open(plan.out, 'w'))
  out:write(vim.json.encode(body))
  out:close()
end

if not plan.watch then
  require('purser.import').run({}, function(err, body)
    result = err or body
  end)
  assert(vim.wait(120000, function()
    return result ~= nil
  end, 10))
  done(result)
  return core.close()
end

local asking = false
core.open()
done({ ready = true })
assert(vim.wait(240000, function()
  if not asking then
    asking = true
    core.ask('report', { by = 'agent' }, function(_, body)
      asking = false
      result = body and body.total
    end)
  end
  return result and result.requests >= plan.watch
end, 10))
done(result)
core.close()
