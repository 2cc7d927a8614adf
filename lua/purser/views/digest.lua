--- The digest of a month: what was spent on what, what changed, what to do. The core writes it, as Markdown; here it is shown, and taken
--- along.

local Text = require('purser.ui.text')
local dates = require('purser.ui.dates')
local glyphs = require('purser.ui.glyphs')
local markdown = require('purser.views.markdown_text')
local ways = require('purser.views.ways')

---@type purser.View
local M = { name = 'digest', tab = 'dashboard', monthly = true }

---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.title(ctx)
  return { { ' Digest ', 'PurserTitle' }, { dates.month_name(ctx.month) .. ' ', 'PurserSubtitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  return { digest = { 'digest', { month = ctx.month } } }
end

---@param ctx purser.ViewContext
---@return string? markdown
local function text_of(ctx)
  return ctx.data.digest and ctx.data.digest.markdown
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local text = text_of(ctx)
  if not text then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  elseif ctx.printed then
    for _, line in ipairs(vim.split(vim.trim(text), '\n', { plain = true })) do
      out:add(glyphs.plain(line)):nl()
    end
    return out
  end
  return out:append(markdown.draw(text, ctx.width))
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  return { name = 'digest-' .. ctx.month, columns = {}, rows = {}, markdown = text_of(ctx) or '' }
end

--- In a buffer of its own, to be searched, edited and saved.
---@param browser purser.Browser
local function read(browser)
  local text = text_of(browser.ctx)
  if not text then
    return
  end
  browser.window:close()
  local buf = vim.api.nvim_create_buf(true, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, vim.split(vim.trim(text), '\n', { plain = true }))
  vim.bo[buf].filetype = 'markdown'
  vim.api.nvim_win_set_buf(0, buf)
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local out = {
    {
      lhs = { '<CR>', 'o' },
      desc = 'Read it as Markdown, in a buffer of its own',
      hint = 'as Markdown',
      rank = 2,
      group = 'Digest',
      run = function()
        read(browser)
      end,
    },
    {
      lhs = 'Y',
      desc = 'Yank all of it, as Markdown',
      hint = 'yank it',
      rank = 5,
      group = 'Digest',
      run = function()
        local text = text_of(browser.ctx)
        if text then
          vim.fn.setreg(vim.v.register, text)
          require('purser.notify').info('the digest was yanked, as Markdown')
        end
      end,
    },
  }
  return vim.list_extend(out, ways.keys(browser, 'digest'))
end

return M
