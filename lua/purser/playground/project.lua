--- The little project that the playground opens: something to ask about, with a mistake in it worth finding.

local M = {}

---@type table<string, string>
M.files = {
  ['README.md'] = [[
# harbour

Takes uploads in pieces and puts them together again.

- `lua/upload.lua` receives the pieces
- `tests/upload_spec.lua` tests it
]],
  ['lua/upload.lua'] = [[
--- Puts the pieces of an upload together.
local M = {}

local PIECE = 64 * 1024

local open = {}

--- Takes a piece. `offset` is where it belongs.
function M.receive(id, offset, data)
  local upload = open[id] or { size = 0, pieces = {} }
  open[id] = upload
  upload.pieces[offset / PIECE] = data
  upload.size = upload.size + #data
  return upload.size
end

--- The whole upload, once it is complete.
function M.finish(id)
  local upload = open[id]
  open[id] = nil
  return table.concat(upload.pieces)
end

return M
]],
  ['tests/upload_spec.lua'] = [[
local upload = require('upload')

describe('an upload', function()
  it('is what was sent', function()
    upload.receive('a', 0, 'the tide ')
    assert.equals('', upload.finish('a'))
  end)
end)
]],
}

--- Writes the project, unless it is there.
---@param folder string
function M.write(folder)
  for name, text in pairs(M.files) do
    local path = vim.fs.joinpath(folder, name)
    if not vim.uv.fs_stat(path) then
      vim.fn.mkdir(vim.fs.dirname(path), 'p')
      local file = assert(io.open(path, 'w'))
      file:write(text)
      file:close()
    end
  end
  if not vim.uv.fs_stat(vim.fs.joinpath(folder, '.git')) and vim.fn.executable('git') == 1 then
    vim.fn.system({ 'git', '-C', folder, 'init', '--quiet', '--initial-branch=main' })
  end
end

return M
