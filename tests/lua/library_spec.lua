-- The native library: found by explicit path, checked before it is used, and missed with one clear message.

local headless = require('helpers.headless')
local library = require('purser.core.library')
local tmp = require('helpers.tmp')

local function build_stub(source)
  local folder = tmp.dir('stub')
  tmp.write(folder .. '/stub.c', source)
  local path = folder .. '/libpurser.so'
  local compiler = vim.fn.executable('cc') == 1 and 'cc' or 'gcc'
  local out = vim.fn.system({ compiler, '-shared', '-fPIC', '-o', path, folder .. '/stub.c' })
  assert(vim.v.shell_error == 0, out)
  return path
end

--- What `:AgentRun` says with this library.
local function try(path)
  return headless.run({ 'AgentRun tester hello', 'echo "still here"' }, {
    env = { PURSER_LIB = path },
    setup = { agents = { tester = { adapter = 'script', command = 'true' } } },
  })
end

local ROOT = vim.env.PURSER_ROOT
local BUILD = 'make -C ' .. ROOT .. ' build'

describe('the library', function()
  local before

  before_each(function()
    before = vim.env.PURSER_LIB
  end)

  after_each(function()
    vim.env.PURSER_LIB = before
  end)

  it('is looked for in three places, and nowhere else', function()
    vim.env.PURSER_LIB = nil
    local name = vim.uv.os_uname().sysname == 'Darwin' and 'libpurser.dylib' or 'libpurser.so'
    assert.same({ ROOT .. '/build/' .. name, ROOT .. '/lib/' .. name }, library.candidates())
    vim.env.PURSER_LIB = '/mine.so'
    assert.same({ '/mine.so' }, library.candidates())
  end)

  it('that is there is loaded, once', function()
    local found, problem = library.load()
    assert.is_nil(problem)
    assert.equal(before, found.path)
    assert.truthy(found.version:match('^%d+%.%d+'))
    assert.truthy(library.load())
  end)

  it('that is missing is said with its paths and the command that mends it', function()
    local got = try('/nowhere/libpurser.so')
    assert.truthy(
      got.stderr:find('the native library is missing. Looked for:\n  /nowhere/libpurser.so\n', 1, true),
      got.stderr
    )
    assert.truthy(got.stderr:find('Build it with: ' .. BUILD, 1, true), got.stderr)
    assert.truthy(got.stderr:find('still here', 1, true))
    local _, times = got.stderr:gsub('the native library', '')
    assert.equal(1, times)
  end)

  local broken = {
    {
      'that is no library',
      function()
        return tmp.write(tmp.dir() .. '/libpurser.so', 'not an ELF file')
      end,
      "can't be loaded: ",
    },
    {
      "that is somebody else's",
      function()
        return build_stub('int other(void) { return 1; }')
      end,
      "is not purser's.",
    },
    {
      'of another age',
      function()
        return build_stub('int purser_abi_version(void) { return 77; }')
      end,
      'speaks version 77 of the interface, the plugin version ',
    },
    {
      'of the same version, built too early',
      function()
        local abi = tmp.read(library.header_path()):match('PURSER_ABI_VERSION%s*=%s*(%d+)')
        return build_stub(('int purser_abi_version(void) { return %s; }'):format(abi))
      end,
      'lacks purser_',
    },
  }
  for _, case in ipairs(broken) do
    it(case[1] .. ' is not used', function()
      local path = case[2]()
      local got = try(path)
      local said = got.stderr
      assert.truthy(said:find('the native library does not fit this plugin: ' .. path .. ' ' .. case[3], 1, true), said)
      assert.truthy(said:find('Build it anew with: ' .. BUILD, 1, true), said)
      assert.truthy(said:find('still here', 1, true), said)
    end)
  end

  it('that was built in the meantime is used without a restart', function()
    local link = tmp.dir() .. '/libpurser.so'
    local got = headless.run({
      'AgentRun tester one',
      ('lua vim.uv.fs_symlink(%q, %q)'):format(before, link),
      'AgentRun tester two',
    }, {
      env = { PURSER_LIB = link },
      setup = { agents = { tester = { adapter = 'script', command = 'true' } } },
    })
    assert.truthy(got.stderr:find('is missing', 1, true))
    assert.truthy(got.stderr:find('ended without printing anything', 1, true), got.stderr)
  end)

  it('needs a command that can be pasted, whatever the folder is called', function()
    assert.equal(BUILD, library.build_command())
  end)
end)
