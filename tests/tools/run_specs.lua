-- nvim --clean -l run_specs.lua [busted option]... FILE...
--
-- Runs busted specs in Neovim's own LuaJIT, with the plugin on the runtimepath and tests/lua on Lua's path.
-- What fails is printed in full; the last line is "N passed, N failed, N skipped", and the exit code is 1 when
-- anything failed or nothing was there to run.

local root = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(vim.uv.fs_realpath(debug.getinfo(1, 'S').source:sub(2)))))

vim.env.LD_PRELOAD = nil -- meant for us (see specs), not for what the tests start
vim.opt.runtimepath:prepend(root)
package.path = table.concat({ root .. '/tests/lua/?.lua', root .. '/tests/lua/?/init.lua', package.path }, ';')

local totals = { success = 0, failure = 0, error = 0, pending = 0 }
local verbose = vim.env.PURSER_VERBOSE == '1'

local function say(...)
  io.stdout:write(string.format(...), '\n')
  io.stdout:flush()
end

local function indented(text)
  return (tostring(text):gsub('\n', '\n    '))
end

local function where(trace, element)
  trace = element.trace or trace
  return trace and trace.short_src and ('%s:%s'):format(trace.short_src, trace.currentline) or '?'
end

--- What busted calls an output handler. Test results are counted at each test's end; what fails outside of a test
--- (a file that does not load, a setup that throws) counts as an error of its own.
package.preload['purser_report'] = function()
  return function()
    local busted = require('busted')
    local report = {}

    local function fault(element, _, message, trace)
      local name = report.full_name(element)
      say('\nFAILED %s\n  at %s\n    %s', name, where(trace, element), indented(report.text(message)))
      if trace and trace.traceback then
        say('    %s', indented(vim.trim(trace.traceback)))
      end
      if element.descriptor ~= 'it' then
        totals.error = totals.error + 1
      end
      return nil, true
    end

    function report.text(message)
      return type(message) == 'string' and message or vim.inspect(message)
    end

    function report.full_name(element)
      local names = {}
      while element and element.descriptor ~= 'suite' do
        table.insert(names, 1, element.name or element.descriptor)
        element = busted.parent(element)
      end
      return table.concat(names, ' › ')
    end

    function report.subscribe()
      busted.subscribe({ 'test', 'end' }, function(element, _, status)
        totals[status] = totals[status] + 1
        if verbose then
          say('%-8s %s', status, report.full_name(element))
        end
        return nil, true
      end)
      busted.subscribe({ 'pending' }, function(element, _, message)
        say('skipped: %s%s', report.full_name(element), message and (' (' .. report.text(message) .. ')') or '')
        return nil, true
      end)
      busted.subscribe({ 'failure' }, fault)
      busted.subscribe({ 'error' }, fault)
    end

    return report
  end
end

local function finish()
  local failed = totals.failure + totals.error
  if totals.success + failed + totals.pending == 0 then
    say('no test was found')
    failed = 1
  end
  say('%d passed, %d failed, %d skipped', totals.success, failed, totals.pending)
  -- os.exit would close the Lua state under Neovim and leave out VimLeavePre.
  vim.cmd.cquit({ count = failed > 0 and 1 or 0 })
end

-- busted ends by itself through this: with an error when it may not end the process.
require('busted.compatibility').exit = function(code)
  if code ~= 0 and totals.failure + totals.error == 0 then
    totals.error = 1
  end
  finish()
end

table.insert(_G.arg, 1, '--output=purser_report')
require('busted.runner')({ standalone = false })
finish()
