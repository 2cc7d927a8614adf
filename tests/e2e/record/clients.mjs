// What the recorder has to know of each client: where it keeps its records, how a request is recognised in them, and
// which words are not ours to keep.
//
//   records(place, scrub)  [{name, text}]: its records, scrubbed, under the client's own names
//   mark(entry)            the text by which a served request is found in its output and records
//   texts, before          see scrub.mjs

import fs from 'node:fs'
import path from 'node:path'
import { dumpDatabase } from './sqlite.mjs'

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

const textFiles = (folder, files, scrub) =>
  files.map((file) => ({ name: path.relative(folder, file), text: scrub.lines(fs.readFileSync(file, 'utf8')) }))

const claude = {
  records(place, scrub) {
    const project = path.join(place.home, '.claude/projects', place.project.replace(/[^A-Za-z0-9]/g, '-'))
    const files = [...filesUnder(project, '.jsonl'), ...filesUnder(project, '.meta.json')]
    return textFiles(project, files, scrub)
  },
  mark: (entry) => `"${entry.response_id}"`,
  texts: [
    [
      /^(Failed to authenticate\. )?API Error: (Request rejected \((\d+)\) · )?/,
      (_, auth, rejected, status) => `error: ${status ? `${status} ` : ''}`,
    ],
    [/^error: 529 [\s\S]*/, 'error: 529 Overloaded'],
    [/^Prompt is too long[\s\S]*/, 'error: the prompt is too long'],
    [/^This session is being continued from a previous conversation[\s\S]*/, 'Summary of what was said before.'],
    [/^\s*<tools-used-before-summary>[\s\S]*/, 'The sub-agent reports: done.'],
    [/^\s*\[Subagent hand-back\][\s\S]*/, 'The sub-agent reports: done.'],
    [/^<task-notification>[\s\S]*/, 'The sub-agent has ended.'],
    [/^Async agent launched[\s\S]*/, 'The sub-agent was started.'],
  ],
  before(line) {
    if (line.type === 'attachment') return { ...line, attachment: { type: line.attachment.type } }
    if (line.type === 'api-request-blob') return { ...line, message: {} }
    return line
  },
}

const codex = {
  records(place, scrub) {
    const sessions = path.join(place.home, '.codex/sessions')
    return textFiles(sessions, filesUnder(sessions, '.jsonl'), scrub)
  },
  mark: (entry) => `"${entry.response_id}"`,
  texts: [
    [/^Codex ran out of room[\s\S]*/, 'error: the context window is full'],
    [/^Model metadata for `([^`]*)` not found[\s\S]*/, 'error: nothing is known of $1'],
  ],
  before(line) {
    const { type, payload } = line
    const theirs =
      payload?.role === 'developer' || JSON.stringify(payload?.content ?? '').includes('<environment_context>')
    if (type === 'response_item' && theirs) return { ...line, payload: { ...payload, content: [] } }
    if (type === 'world_state') return { ...line, payload: { ...payload, state: {} } }
    return line
  },
}

const gemini = {
  records(place, scrub) {
    const folder = path.join(place.home, '.gemini/tmp')
    return textFiles(folder, filesUnder(folder, '.jsonl'), scrub)
  },
  // Neither its output nor its chats name a response: the figures have to do.
  mark: ({ usage }) =>
    usage && `"tokens":{"input":${usage.input + usage.cache_read},"output":${usage.output - usage.reasoning},`,
  texts: [[/^<session_context>[\s\S]*/, '(left out)']],
  before: (line) => line,
}

const opencode = {
  records(place, scrub) {
    const file = path.join(place.home, '.local/share/opencode/opencode.db')
    return fs.existsSync(file) ? [{ name: 'opencode.sql', text: dumpDatabase(file, scrub) }] : []
  },
  mark: ({ usage }) => usage && `"input":${usage.input},"output":${usage.output - usage.reasoning},`,
  texts: [],
  before: (line) => line,
}

export const CLIENTS = { claude, codex, gemini, opencode }
