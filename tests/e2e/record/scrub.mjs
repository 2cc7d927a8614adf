// Makes a recording fit to be kept: our own paths instead of the recorder's, no prose of the clients' makers, nothing
// long. Fields and their order stay as they are, since they are what a decoder has to live with.

import path from 'node:path'

// Lists and texts that only describe the client; an empty value of the same type takes their place.
const EMPTIED = new Set([
  'addedLines',
  'addedNames',
  'addedTypes',
  'agents',
  'base_instructions',
  'betas',
  'builtInTypes',
  'cacheControl',
  'capabilities',
  'developer_instructions',
  'identity',
  'instructions',
  'mcp_servers',
  'memory_paths',
  'plugins',
  'rendered',
  'renderedBesideToolResult',
  'replacement_history',
  'shape',
  'skills',
  'slash_commands',
  'systemPrompt',
  'terminal_slash_commands',
  'tools',
  'user_instructions',
])

const LONGEST = 160
const ELIDED = '(left out)'

function emptied(value) {
  if (Array.isArray(value)) return []
  if (typeof value === 'string') return ''
  return value && typeof value === 'object' ? {} : value
}

/**
 * place: {folder, home, project}; texts: [[pattern, replacement]] for what a client puts around our own words;
 * before: a change to a whole line, where one needs to know what kind of line it is.
 */
export function scrubber(place, port, { texts, before }) {
  const dashed = (folder) => folder.replace(/[^A-Za-z0-9]/g, '-')
  const replacements = [
    [place.project, '/home/me/proj'],
    [place.home, '/home/me'],
    [path.join(place.folder, 'tmp'), '/tmp'],
    [place.folder, '/home/me'],
    [dashed(place.project), dashed('/home/me/proj')],
    [`127.0.0.1:${port}`, '127.0.0.1:1'],
  ]
  const text = (given) => {
    let out = given
    for (const [from, to] of replacements) out = out.replaceAll(from, to)
    for (const [pattern, to] of texts) out = out.replace(pattern, to)
    return out
  }
  const walk = (value, key) => {
    if (EMPTIED.has(key)) return emptied(value)
    if (typeof value === 'string') {
      const clean = text(value)
      return clean.length > LONGEST ? ELIDED : clean
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, null))
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [text(name), walk(item, name)]))
    }
    return value
  }
  const object = (given) => walk(before(given), null)
  const line = (given) => {
    try {
      return JSON.stringify(object(JSON.parse(given)))
    } catch {
      return text(given)
    }
  }
  const lines = (given) =>
    given
      .split('\n')
      .filter((one) => one !== '')
      .map((one) => line(one) + '\n')
      .join('')
  return { text, object, lines }
}
