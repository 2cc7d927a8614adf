// What a request is for, as far as it shows: "main", "title", "compaction", "subagent" or "router".

export function kindOf(view, headers) {
  return 'main'
}
