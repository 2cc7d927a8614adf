-- Which project a folder belongs to.

local tmp = require('helpers.tmp')
local workspace = require('purser.workspace')

local function git(folder, ...)
  local argv = {
    'git',
    '-C',
    folder,
    '-c',
    'user.name=me',
    '-c',
    'user.email=me@localhost',
    '-c',
    'protocol.file.allow=always',
    ...,
  }
  local out = vim.fn.system(argv)
  assert(vim.v.shell_error == 0, table.concat(argv, ' ') .. ': ' .. out)
end

local function repository(hint)
  local folder = tmp.dir(hint)
  git(folder, 'init', '-q', '-b', 'main')
  tmp.write(folder .. '/sub/file', 'x')
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', 'Begin')
  return folder
end

local function get(folder)
  local found
  workspace.get(folder, function(answer)
    found = answer
  end)
  assert(vim.wait(30000, function()
    return found
  end, 2))
  return found
end

describe('a workspace', function()
  it('is the git root, with its branch', function()
    local folder = repository()
    assert.same({ root = folder, branch = 'main' }, get(folder))
    assert.same({ root = folder, branch = 'main' }, get(folder .. '/sub'))
    git(folder, 'checkout', '-q', '-b', 'feature/x')
    assert.equal('feature/x', get(folder).branch)
    git(folder, 'checkout', '-q', '--detach')
    assert.is_nil(get(folder).branch)
  end)

  it('is shared by the worktrees of a repository', function()
    local folder = repository()
    local tree = tmp.dir('trees') .. '/other'
    git(folder, 'worktree', 'add', '-q', '-b', 'other', tree)
    assert.same({ root = folder, branch = 'other' }, get(tree))
    assert.same({ root = folder, branch = 'other' }, get(tree .. '/sub'))
  end)

  it("is a submodule's own", function()
    local inner, outer = repository('inner'), repository('outer')
    git(outer, 'submodule', '--quiet', 'add', inner, 'lib')
    assert.equal(outer .. '/lib', get(outer .. '/lib/sub').root)
  end)

  it('is the folder itself where there is no repository', function()
    local folder = tmp.dir('plain')
    assert.same({ root = folder }, get(folder))
    -- and is found again when one is made
    git(folder, 'init', '-q', '-b', 'main')
    assert.equal(folder, get(folder).root)
  end)

  it('is the same through a symbolic link', function()
    local folder = repository()
    local link = tmp.dir('links') .. '/link'
    assert(vim.uv.fs_symlink(folder, link))
    assert.equal(folder, get(link).root)
  end)

  it("is not what the editor's own GIT_DIR says", function()
    local folder, other = repository('mine'), repository('theirs')
    vim.env.GIT_DIR = other .. '/.git'
    local found = get(folder)
    vim.env.GIT_DIR = nil
    assert.equal(folder, found.root)
  end)

  it('is asked for once, however many want to know', function()
    local folder = repository()
    local answers, first = 0, nil
    for _ = 1, 5 do
      workspace.root(folder, function(root)
        first = first or root
        answers = answers + 1
      end)
    end
    assert(vim.wait(30000, function()
      return answers == 5
    end, 2))
    assert.equal(folder, first)
    local at_once
    workspace.root(folder, function(root)
      at_once = root
    end)
    assert.equal(folder, at_once)
    assert.equal(folder, workspace.cached(folder))
  end)

  it('is the folder where git is missing', function()
    local folder, path = repository(), vim.env.PATH
    vim.env.PATH = tmp.dir('empty')
    local found = get(folder .. '/sub')
    vim.env.PATH = path
    assert.same({ root = folder .. '/sub' }, found)
  end)
end)
