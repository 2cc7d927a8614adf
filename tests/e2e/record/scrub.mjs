// Makes a recording fit to be kept: our own paths instead of the recorder's, no prose of the clients' makers, nothing
// long. Fields and their order stay as they are, since they are what a decoder has to live with.

import path from 'node:path'

// Lists and texts that only describe the client; an empty value of the same type takes their place.
const EMPTIED = new Set([
  'tools',
  'slash_commands',
  'terminal_slash_commands',
  'agents',
  'skills',
  'plugins',
  'capabilities',
  'mcp_servers',
  'betas',
  'memory_paths',
  'addedNames',
  'addedLines',
  'addedTypes',
  'builtInTypes',
  'systemPrompt',
  'rendered',
  'renderedBesideToolResult',
  'cacheControl',
  'shape',
  'base_instructions',
  'state',
  'snapshot',
  'identity',
  'instructions',
  'developer_instructions',
  'user_instructions',
])

const LONGEST = 160
const ELIDED = '(left out)'

/** place: {folder, home, project}; texts: [[pattern, replacement]] for what a client puts around our own words. */
export function scrubber(place, port, texts) {
  const dashed = (folder) => folder.replace(/[^A-Za-z0-9]/g, '-')
  const replacements = [
    [place.project, '/home/me/proj'],
    [place.home, '/home/me'],
    [path.join(place.folder, 'tmp'), '/tmp'],
    [place.folder, '/home/me'],
    [dashed(place.project), dashed('/home/me/proj')],
    [`127.0.0.1:${port}`, '127.0.0.1:1'],
  ]
  const clean = (text) => {
    let out = text
    for (const [from, to] of replacements) out = out.replaceAll(from, to)
    for (const [pattern, to] of texts) out = out.replace(pattern, to)
    return out
  }
  const walk = (value, key) => {
    if (EMPTIED.has(key)) return Array.isArray(value) ? [] : typeof value === 'string' ? '' : value && {}
    if (typeof value === 'string') {
      const text = clean(value)
      return text.length > LONGEST ? ELIDED : text
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, null))
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [clean(name), walk(item, name)]))
    }
    return value
  }
  return { line: (object) => walk(object, null), text: clean }
}
