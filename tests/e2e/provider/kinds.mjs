// What a request is for, as far as it shows: "main", "title", "compaction", "subagent" or "router".

export function kindOf(view, headers) {
  if (headers['x-claude-code-agent-id']) return 'subagent'
  const codex = codexKind(headers)
  if (codex) return codex
  return 'main'
}

function codexKind(headers) {
  try {
    const { request_kind } = JSON.parse(headers['x-codex-turn-metadata'])
    return /compact/.test(request_kind) ? 'compaction' : null
  } catch {
    return null
  }
}
