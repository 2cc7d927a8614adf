// What a request is for, as far as it shows: "main", "subagent", "title", "compaction" or "router" (gemini asks a small
// model which model to ask).
//
// Codex says so in a header, and sub-agents of claude and opencode are known by one; the rest is given away by the
// shape of the answer that is asked for.

const SUMMARY_TAGS = /<analysis>[^]*<summary>|<state_snapshot>/
const ROUTER_FIELD = /complexity_score/

export function kindOf(view, headers) {
  const codex = codexKind(headers)
  if (codex) return codex === 'compaction' ? 'compaction' : 'main'
  if (view.wantsJson && ROUTER_FIELD.test(view.system)) return 'router'
  if (SUMMARY_TAGS.test(view.last) || (view.tools.length === 0 && SUMMARY_TAGS.test(view.system))) return 'compaction'
  if (headers['x-claude-code-agent-id'] || headers['x-parent-session-id']) return 'subagent'
  if (view.tools.length === 0 && /\btitle\b/i.test(view.system)) return 'title'
  return 'main'
}

function codexKind(headers) {
  try {
    return JSON.parse(headers['x-codex-turn-metadata']).request_kind
  } catch {
    return null
  }
}
