// The record of what was served: one JSON line a request, complete before the client sees the end of its answer, so
// that whoever waited for the client can read it. Keys and bodies never get in here.

import fs from 'node:fs'

export function openLog(file) {
  if (!file) return { write() {} }
  const fd = fs.openSync(file, 'a')
  return {
    write(entry) {
      fs.writeSync(fd, JSON.stringify(entry) + '\n')
    },
  }
}

/** Which header carried a key, if any; never its value. */
export function authPresence(headers, url) {
  if (headers['x-api-key']) return 'x-api-key'
  if (headers['x-goog-api-key']) return 'x-goog-api-key'
  if (headers.authorization) return headers.authorization.toLowerCase().startsWith('bearer ') ? 'bearer' : 'other'
  return url.searchParams.has('key') ? 'query' : null
}
