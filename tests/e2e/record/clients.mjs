// What the recorder has to know of each client: where it keeps its records, and which of its words are not ours to keep.

import fs from 'node:fs'
import path from 'node:path'

function filesUnder(folder, ending) {
  if (!fs.existsSync(folder)) return []
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const full = path.join(folder, entry.name)
      return entry.isDirectory() ? filesUnder(full, ending) : entry.name.endsWith(ending) ? [full] : []
    })
    .sort()
}

/** What is said between a client's own prefix and suffix is ours, so only the prefix and the suffix are replaced. */
const CLAUDE_TEXTS = [
  [/^API Error: /, 'error: '],
  [/^This session is being continued from a previous conversation[\s\S]*/, 'Summary of what was said before.'],
  [/^\s*<tools-used-before-summary>[\s\S]*/, 'The sub-agent reports: done.'],
]

const claude = {
  /** [{file, name}]: where a record is, and under which name it is kept (the client's own layout). */
  records(place) {
    const projects = path.join(place.home, '.claude/projects')
    return [...filesUnder(projects, '.jsonl'), ...filesUnder(projects, '.meta.json')].map((file) => ({
      file,
      name: path.relative(projects, file).split(path.sep).slice(1).join('/'),
    }))
  },
  texts: CLAUDE_TEXTS,
  before(line) {
    if (line.type === 'attachment') return { ...line, attachment: { type: line.attachment.type } }
    if (line.type === 'api-request-blob') return { ...line, message: {} }
    return line
  },
}

const codex = {
  records(place) {
    const sessions = path.join(place.home, '.codex/sessions')
    return filesUnder(sessions, '.jsonl').map((file) => ({ file, name: path.relative(sessions, file) }))
  },
  texts: [],
  before(line) {
    const payload = line.payload
    const theirs = payload?.role === 'developer' || JSON.stringify(payload?.content ?? '').includes('<environment_context>')
    if (line.type === 'response_item' && theirs) return { ...line, payload: { ...payload, content: [] } }
    return line
  },
}

export const CLIENTS = { claude, codex }
