--- The file in which a client has written down a run: its transcript, for reading.

local M = {}

--- Where the file of a session lies below the client's folder.
---@type table<string, fun(root: string, session: string): string[]>
local PATTERNS = {
  claude_transcript = function(root, session)
    return { ('%s/projects/*/%s.jsonl'):format(root, session) }
  end,
  codex_rollout = function(root, session)
    return {
      ('%s/sessions/*/*/*/rollout-*-%s.jsonl'):format(root, session),
      ('%s/archived_sessions/rollout-*-%s.jsonl'):format(root, session),
    }
  end,
  gemini_chat = function(root, session)
    return { ('%s/tmp/*/chats/session-*%s*.json*'):format(root, session:sub(1, 8)) }
  end,
}

---@param source string
---@return { kind: string, root: string }?
local function record_of(source)
  local adapter = require('purser.adapters').get(source)
  if not adapter or not adapter.record then
    return nil
  end
  local found = adapter.record(vim.fn.environ())
  local own = (require('purser.config').get().adapters[source] or {}).record_root
  return { kind = found.kind, root = own and vim.fs.normalize(own) or found.root }
end

--- The transcript of a run.
---@param run purser.RunRow
---@return string? path
---@return string? problem
function M.find(run)
  local session = run.session or ''
  local record = record_of(run.source or '')
  local patterns = record and PATTERNS[record.kind]
  if not record or not patterns then
    return nil, ('this run is not of this Neovim, and %s keeps no transcript as a file'):format(run.source or '?')
  elseif not session:match('^[%w_-]+$') then
    return nil, 'this run is not of this Neovim, and has no session to look for'
  end
  for _, pattern in ipairs(patterns(vim.fn.escape(record.root, '*?[]{},$`'), session)) do
    local path = vim.fn.glob(pattern, true, true)[1]
    if path then
      return path
    end
  end
  return nil, ('the transcript of session %s is gone'):format(session)
end

return M
