std = 'luajit'
cache = false
max_line_length = 120
max_comment_line_length = 140
self = false

-- Neovim's one global. Options and buffer variables are written through it.
globals = {
  'vim.g', 'vim.b', 'vim.w', 'vim.t', 'vim.v', 'vim.o', 'vim.go', 'vim.bo', 'vim.wo', 'vim.opt', 'vim.opt_local',
  'vim.env', 'vim.notify', 'vim.ui',
}
read_globals = { 'vim' }

-- Unused arguments of callbacks are kept for their names.
ignore = { '212/_.*' }

files['tests/**/*_spec.lua'] = { std = '+busted' }
files['tests/**'] = { globals = { 'vim' }, read_globals = {} }

exclude_files = { 'build', '.deps' }
