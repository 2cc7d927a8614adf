#!/usr/bin/env node
// Records the fixtures in tests/fixtures/{streams,records}: runs the real clients, and curl, against the tests' own
// provider, and keeps what they print and what they write down, scrubbed, with the truth of what was served beside it.
//
//   node tests/e2e/record/main.mjs [CLIENT|DIALECT[/SCENARIO] …]
//
// The clients are looked for in $PURSER_CLIENTS, else in .deps/clients. $PURSER_RECORD_KEEP names a folder in which the
// raw recordings stay, for a look. Identifiers and times change with every recording: record again only what needs it.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { CLIENTS } from './clients.mjs'
import { CASES, ask, dialects } from './http.mjs'
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

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

/** What a test wants to know of a served request. */
const truth = ({ n, run, kind, model, stream, response_id, request_id, outcome, effort, usage }) => ({
  n,
  run,
  kind,
  model,
  stream,
  response_id,
  request_id,
  outcome,
  effort,
  usage,
})

const onlyModelCalls = (served) => served.filter((entry) => entry.op === 'generate')

// ---- clients

async function recordClient(client, scenario) {
  const traits = CLIENTS[client]
  const place = makePlace(path.join(SCRATCH, client, scenario.name))
  const provider = await startProvider(place, { tag: scenario.name.replace(/\W/g, ''), script: scenario.script })
  const scrub = scrubber(place, provider.port, traits)
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
      known[run.as] = sessionIn(result.stdout)
      known.session = known[run.as] ?? known.session
      streams[run.as] = scrub.lines(result.stdout)
      write(path.join(FIXTURES, 'streams', client, `${run.as}.jsonl`), streams[run.as])
      runs[run.as] = { args: run.args, exit: result.code, session: known[run.as] }
      if (run.env) runs[run.as].env = run.env
      if (result.signal) runs[run.as].signal = result.signal
      for (const entry of provider.served().slice(served.length)) served.push({ ...entry, run: run.as })
    }
  } finally {
    await provider.stop()
  }
  const target = path.join(FIXTURES, 'records', client, scenario.name)
  fs.rmSync(target, { recursive: true, force: true })
  const records = traits.records(place, scrub)
  for (const { name, text } of records) write(path.join(target, name), text)

  const requests = onlyModelCalls(served).map((entry) => {
    const mark = traits.mark(entry)
    const inRecords = records.filter(({ text }) => mark && text.includes(mark)).map(({ name }) => name)
    return { ...truth(entry), in_stream: mark ? streams[entry.run].includes(mark) : false, in_records: inRecords }
  })
  return { runs, records: records.map(({ name }) => name), requests }
}

// ---- APIs

async function recordDialect(dialect, test) {
  const place = makePlace(path.join(SCRATCH, dialect, test.name))
  const provider = await startProvider(place, { tag: test.name.replace(/\W/g, '') })
  try {
    const { out, exit } = await ask(dialect, test, provider.port)
    write(path.join(FIXTURES, 'streams', dialect, `${test.name}.sse`), out)
    return { curl_exit: exit, requests: onlyModelCalls(provider.served()).map(truth) }
  } finally {
    await provider.stop()
  }
}

// ---- the list

function jobs() {
  const list = []
  for (const [client, scenarios] of Object.entries(SCENARIOS)) {
    for (const scenario of scenarios) {
      list.push({
        group: client,
        name: scenario.name,
        kinds: ['streams', 'records'],
        record: () => recordClient(client, scenario),
      })
    }
  }
  for (const dialect of dialects()) {
    for (const test of CASES.filter(({ only }) => !only || only.includes(dialect))) {
      list.push({ group: dialect, name: test.name, kinds: ['streams'], record: () => recordDialect(dialect, test) })
    }
  }
  return list
}

/** Adds to the expectations of a group, in the order of the list. */
function expect(all, { group, name, kinds }, found) {
  const order = all.filter((job) => job.group === group).map((job) => job.name)
  for (const kind of kinds) {
    const file = path.join(FIXTURES, kind, group, 'expect.json')
    const known = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
    known[name] = found
    const sorted = Object.fromEntries(order.filter((each) => each in known).map((each) => [each, known[each]]))
    write(file, JSON.stringify(sorted, null, 1) + '\n')
  }
}

const wanted = process.argv.slice(2)
const all = jobs()
for (const job of all) {
  if (wanted.length && !wanted.includes(job.group) && !wanted.includes(`${job.group}/${job.name}`)) continue
  const found = await job.record()
  expect(all, job, found)
  const ends = Object.values(found.runs ?? {}).map((run) => run.signal ?? run.exit)
  process.stdout.write(
    `${job.group}/${job.name}: ${found.requests.length} requests, ends ${ends.join(', ') || found.curl_exit}\n`,
  )
}
