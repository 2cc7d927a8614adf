// An opencode database as SQL that makes it again: the tables that matter, their columns, the rows, scrubbed.

import { execFileSync } from 'node:child_process'

const TABLES = ['session', 'message', 'part']

const query = (file, sql) => {
  const out = execFileSync('sqlite3', ['-json', file, sql], { encoding: 'utf8' })
  return out.trim() === '' ? [] : JSON.parse(out)
}

const quoted = (value) => {
  if (value === null) return 'NULL'
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`
}

/** A column may hold JSON, whose strings are scrubbed one by one. */
function scrubbed(value, scrub) {
  if (typeof value !== 'string') return value
  if (!value.startsWith('{') && !value.startsWith('[')) return scrub.text(value)
  return JSON.stringify(scrub.object(JSON.parse(value)))
}

export function dumpDatabase(file, scrub) {
  const out = []
  for (const table of TABLES) {
    const columns = query(file, `PRAGMA table_info(${table})`)
    const declared = columns.map(({ name, type, pk }) => `  "${name}" ${type}${pk ? ' PRIMARY KEY' : ''}`)
    out.push(`CREATE TABLE "${table}" (\n${declared.join(',\n')}\n);`)
    for (const row of query(file, `SELECT * FROM ${table} ORDER BY time_created, id`)) {
      const values = columns.map(({ name }) => quoted(scrubbed(row[name], scrub)))
      out.push(`INSERT INTO "${table}" VALUES (${values.join(', ')});`)
    }
  }
  return out.join('\n') + '\n'
}
