#!/usr/bin/env node
// Records the fixtures of tests/fixtures/{streams,records}: runs the real clients against the tests' own provider, and
// keeps what they print and what they write down, scrubbed, with the truth of what was served beside it.
//
//   node tests/e2e/record/main.mjs [CLIENT[/SCENARIO] …]
//
// The clients are looked for in $PURSER_CLIENTS, else in .deps/clients. $PURSER_RECORD_KEEP names a folder in which the
// raw recordings stay, for a look.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { CLIENTS } from './clients.mjs'
import { makePlace, runClient, startProvider } from './run.mjs'
import { SCENARIOS } from './scenarios.mjs'
import { scrubber } from './scrub.mjs'

const FIXTURES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../fixtures')
const SCRATCH = process.env.PURSER_RECORD_KEEP ?? fs.mkdtempSync(path.join(os.tmpdir(), 'purser-record-'))

const SESSION_KEYS = ['session_id', 'thread_id', 'sessionID']

function sessionIn(stdout) {
  for (const key of SESSION_KEYS) {
    const match = new RegExp(`"${key}":"([^"]+)"`).exec(stdout)
    if (match) return match[1]
  }
  return null
}

function scrubLines(text, scrub, before) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return JSON.stringify(scrub.line(before(JSON.parse(line))))
      } catch {
        return scrub.text(line)
      }
    })
    .map((line) => line + '\n')
    .join('')
}

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

/** What of the log a test wants to know, and where the clients mention each request. */
function truth(served, streams, records) {
  return served
    .filter((entry) => entry.op === 'generate')
    .map((entry) => ({
      n: entry.n,
      run: entry.run,
      kind: entry.kind,
      model: entry.model,
      response_id: entry.response_id,
      request_id: entry.request_id,
      outcome: entry.outcome,
      effort: entry.effort,
      usage: entry.usage,
      in_stream: streams[entry.run].includes(entry.response_id),
      in_record: Object.keys(records).filter((name) => records[name].includes(`"${entry.response_id}"`)),
    }))
}

async function record(client, scenario) {
  const { records: recordsOf, texts, before } = CLIENTS[client]
  const place = makePlace(path.join(SCRATCH, client, scenario.name))
  const provider = await startProvider(place, { tag: scenario.name.replace(/\W/g, ''), script: scenario.script })
  const scrub = scrubber(place, provider.port, texts)
  const known = { session: null }
  const runs = {}
  const streams = {}
  const served = []
  try {
    for (const make of scenario.runs) {
      const run = make(known)
      const result = await runClient(client, run.args, place, provider.port, run)
      fs.writeFileSync(path.join(place.folder, `${run.as}.stdout`), result.stdout)
      fs.writeFileSync(path.join(place.folder, `${run.as}.stderr`), result.stderr)
      known.session = sessionIn(result.stdout) ?? known.session
      known[run.as] = sessionIn(result.stdout)
      streams[run.as] = scrubLines(result.stdout, scrub, before)
      write(path.join(FIXTURES, 'streams', client, `${run.as}.jsonl`), streams[run.as])
      runs[run.as] = {
        args: run.args.map((arg) => scrub.text(arg)),
        exit: result.code,
        ...(result.signal ? { signal: result.signal } : {}),
        session: known[run.as],
      }
      for (const entry of provider.served().slice(served.length)) served.push({ ...entry, run: run.as })
    }
  } finally {
    await provider.stop()
  }
  const records = {}
  fs.rmSync(path.join(FIXTURES, 'records', client, scenario.name), { recursive: true, force: true })
  for (const { file, name } of recordsOf(place)) {
    records[name] = scrubLines(fs.readFileSync(file, 'utf8'), scrub, before)
    write(path.join(FIXTURES, 'records', client, scenario.name, name), records[name])
  }
  return { runs, records: Object.keys(records), requests: truth(served, streams, records) }
}

function keep(client, found) {
  for (const kind of ['streams', 'records']) {
    const file = path.join(FIXTURES, kind, client, 'expect.json')
    const all = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
    Object.assign(all, found)
    const order = SCENARIOS[client].map((scenario) => scenario.name).filter((name) => name in all)
    write(file, JSON.stringify(Object.fromEntries(order.map((name) => [name, all[name]])), null, 1) + '\n')
  }
}

const wanted = process.argv.slice(2)
for (const [client, scenarios] of Object.entries(SCENARIOS)) {
  const found = {}
  for (const scenario of scenarios) {
    const name = `${client}/${scenario.name}`
    if (wanted.length && !wanted.includes(client) && !wanted.includes(name)) continue
    found[scenario.name] = await record(client, scenario)
    const { runs, requests } = found[scenario.name]
    const exits = Object.entries(runs).map(([as, run]) => `${as} exit ${run.signal ?? run.exit}`)
    process.stdout.write(`${name}: ${exits.join(', ')}; ${requests.length} requests\n`)
  }
  if (Object.keys(found).length) keep(client, found)
}
