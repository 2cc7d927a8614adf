#!/usr/bin/env node
// A model provider for the end-to-end tests: it listens on the loopback alone, speaks the dialects of the providers
// that purser knows, behaves as it is told, and keeps a record of what it served. Nothing it says is worth reading.
//
//   node main.mjs --port 0 [--log FILE] [--script FILE] [--tag NAME] [--dump FOLDER]
//
// Prints one line, "listening PORT", and goes when its stdin ends or on SIGTERM, so that it cannot outlive its test.
//
//   --log     where the record goes (log.mjs), one JSON line a request; tests read it as the truth
//   --script  rules for requests whose prompt the test does not write (script.mjs)
//   --tag     the part of identifiers that makes them unique; random unless given
//   --dump    a folder for whole requests, keys left out, for a look at what a client sends
//
// What it can be told is at the head of directives.mjs, the figures it reports in figures.mjs.

import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { openLog } from './log.mjs'
import { loadScript } from './script.mjs'
import { createProvider } from './server.mjs'

const KEYS = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'cookie'])

function options(argv) {
  const known = { port: '0', log: null, script: null, tag: crypto.randomBytes(3).toString('hex'), dump: null }
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '')
    if (!(name in known) || argv[i + 1] === undefined) throw new Error(`unknown or incomplete option: ${argv[i]}`)
    known[name] = argv[i + 1]
  }
  return known
}

function dumper(folder) {
  if (!folder) return null
  fs.mkdirSync(folder, { recursive: true })
  return (n, headers, body) => {
    const shown = Object.fromEntries(Object.entries(headers).filter(([name]) => !KEYS.has(name)))
    fs.writeFileSync(path.join(folder, `${n}.json`), JSON.stringify({ headers: shown, body }, null, 1))
  }
}

const given = options(process.argv.slice(2))
const server = createProvider({
  tag: given.tag,
  rules: loadScript(given.script),
  log: openLog(given.log),
  dump: dumper(given.dump),
})

function leave() {
  server.closeAllConnections?.()
  process.exit(0)
}

process.stdin.resume()
process.stdin.on('end', leave)
process.stdin.on('error', leave)
process.on('SIGTERM', leave)

server.listen(Number(given.port), '127.0.0.1', () => {
  process.stdout.write(`listening ${server.address().port}\n`)
})
