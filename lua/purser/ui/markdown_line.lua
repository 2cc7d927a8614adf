--- What is what in a line of markdown: headings, lists, code, emphasis, links. Pure, and knows only one line at a time and whether a
--- fence is open; that is enough for what agents write, and costs the same wherever in an answer the line stands.

local M = {}

---@class (exact) purser.MarkdownState
---@field fence? string what opened the fence that is open
---@field language? string of that fence

---@class (exact) purser.MarkdownSpan
---@field [1] integer first byte, from 0
---@field [2] integer last byte, excluded
---@field [3] string highlight group

--- Code spans first: nothing in them is markup. Returns the line with them blanked out.
---@param line string
---@param out purser.MarkdownSpan[]
---@return string
local function code_spans(line, out)
  local at = 1
  while true do
    local first, last, ticks = line:find('(`+)', at)
    if not first then
      return line
    end
    -- The end is a run of exactly as many.
    local from = last + 1
    local stop_first, stop_last
    while true do
      local a, b, run = line:find('(`+)', from)
      if not a then
        break
      elseif #run == #ticks then
        stop_first, stop_last = a, b
        break
      end
      from = b + 1
    end
    if stop_first then
      out[#out + 1] = { first - 1, stop_last, '@markup.raw' }
      line = line:sub(1, first - 1) .. ('\1'):rep(stop_last - first + 1) .. line:sub(stop_last + 1)
      at = stop_last + 1
    else
      at = last + 1
    end
  end
end

--- Everything between two marks, when it touches both.
---@param line string
---@param pattern string with position captures around the whole
---@param group string
---@param out purser.MarkdownSpan[]
---@return string line with what was found blanked out
local function between(line, pattern, group, out)
  local at = 1
  while true do
    local first, last = line:find(pattern, at)
    if not first then
      return line
    end
    out[#out + 1] = { first - 1, last, group }
    line = line:sub(1, first - 1) .. ('\1'):rep(last - first + 1) .. line:sub(last + 1)
    at = last + 1
  end
end

---@param line string
---@param out purser.MarkdownSpan[]
local function inline(line, out)
  line = code_spans(line, out)
  local at = 1
  while true do
    local first, last, label, url = line:find('(%b[])(%b())', at)
    if not first then
      break
    end
    out[#out + 1] = { first - 1, first - 1 + #label, '@markup.link.label' }
    out[#out + 1] = { last - #url, last, '@markup.link.url' }
    at = last + 1
  end
  line = between(line, '%f[%w]https?://[^%s%)%]>\1]+', '@markup.link.url', out)
  line = between(line, '%*%*[^%s%*\1][^\1]-%f[%*]%*%*', '@markup.strong', out)
  line = between(line, '%f[%w_]__[^%s_\1][^\1]-__%f[^%w_]', '@markup.strong', out)
  line = between(line, '~~[^%s~\1][^\1]-~~', '@markup.strikethrough', out)
  line = between(line, '%*[^%s%*\1][^%*\1]*%*', '@markup.italic', out)
  between(line, '%f[%w_]_[^%s_\1][^_\1]*_%f[^%w_]', '@markup.italic', out)
end

--- The spans of a line. Changes `state` when the line opens or closes a fence.
---@param line string
---@param state purser.MarkdownState
---@return purser.MarkdownSpan[]
function M.spans(line, state)
  local out = {}
  local ticks, info = line:match('^%s*(```+)([^`]*)$')
  if not ticks then
    ticks, info = line:match('^%s*(~~~+)(.*)$')
  end
  if state.fence then
    if ticks and ticks:sub(1, 1) == state.fence:sub(1, 1) and #ticks >= #state.fence and not info:find('%S') then
      state.fence, state.language = nil, nil
    end
    out[1] = { 0, #line, '@markup.raw.block' }
    return out
  elseif ticks then
    state.fence, state.language = ticks, info:match('^%s*([%w_+#-]+)')
    out[1] = { 0, #line, '@markup.raw.block' }
    if state.language then
      local first = line:find(state.language, 1, true)
      out[2] = { first - 1, first - 1 + #state.language, '@label' }
    end
    return out
  end
  local hashes = line:match('^%s?%s?%s?(#+)%s')
  if hashes and #hashes <= 6 then
    out[1] = { 0, #line, ('@markup.heading.%d'):format(#hashes) }
    return out
  end
  local quote = line:match('^%s*()>')
  if quote then
    out[1] = { quote - 1, #line, '@markup.quote' }
  elseif line:match('^%s*([-*_])%s*%1%s*%1[%s%1]*$') then
    out[1] = { 0, #line, '@punctuation.special' }
    return out
  end
  local indent, marker = line:match('^(%s*)([-*+])%s')
  if not marker then
    indent, marker = line:match('^(%s*)(%d+[.)])%s')
  end
  if marker then
    out[#out + 1] = { #indent, #indent + #marker, '@markup.list' }
    local first, last, mark = line:find('^%s*%S+%s+%[([ xX])%]', 1)
    if first then
      out[#out + 1] = { last - 3, last, mark == ' ' and '@markup.list.unchecked' or '@markup.list.checked' }
    end
    -- The marker is no emphasis.
    line = line:sub(1, #indent) .. ('\1'):rep(#marker) .. line:sub(#indent + #marker + 1)
  end
  inline(line, out)
  return out
end

return M
