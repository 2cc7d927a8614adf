// Runs a provider and a real client beside it, in a folder of their own.

import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const ROOT = path.resolve(HERE, '../../..')
const SETTINGS = JSON.parse(fs.readFileSync(path.join(HERE, '../support/clients.json'), 'utf8'))

// A recording takes seconds; a client that loops for ever is to be seen, not waited for.
const LONGEST_RUN = 120000

/** Where the pinned clients are: the folder that holds <name>/node_modules/.bin/<program>. */
const CLIENTS = process.env.PURSER_CLIENTS ?? path.join(ROOT, '.deps/clients')

export function programOf(client) {
  const { program } = SETTINGS[client]
  const places = [
    path.join(CLIENTS, client, 'node_modules/.bin', program),
    path.join(CLIENTS, 'node_modules/.bin', program),
  ]
  const found = places.find((place) => fs.existsSync(place))
  if (!found) throw new Error(`no ${program} in ${CLIENTS}`)
  return found
}

/** A scratch folder with a home and a small git project. */
export function makePlace(folder) {
  fs.rmSync(folder, { recursive: true, force: true })
  const place = { folder, home: path.join(folder, 'home'), project: path.join(folder, 'proj') }
  fs.mkdirSync(place.home, { recursive: true })
  fs.mkdirSync(path.join(folder, 'tmp'))
  fs.mkdirSync(place.project)
  fs.writeFileSync(path.join(place.project, 'README.md'), 'hello from README\n')
  const git = (...args) =>
    spawnSync('git', ['-c', 'user.name=me', '-c', 'user.email=me@localhost', ...args], { cwd: place.project })
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('commit', '-q', '-m', 'Begin')
  return place
}

export async function startProvider(place, { tag, script }) {
  const log = path.join(place.folder, 'served.jsonl')
  const args = [
    path.join(HERE, '../provider/main.mjs'),
    '--log',
    log,
    '--tag',
    tag,
    '--dump',
    path.join(place.folder, 'dump'),
  ]
  if (script) {
    const file = path.join(place.folder, 'script.json')
    fs.writeFileSync(file, JSON.stringify(script))
    args.push('--script', file)
  }
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const first = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data))))
  return {
    port: Number(/listening (\d+)/.exec(first)[1]),
    served: () => (fs.existsSync(log) ? readLines(log) : []),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.stdin.end()
      }),
  }
}

export const readLines = (file) =>
  fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

const fill = (text, values) => text.replace(/\$\{(\w+)\}/g, (_, name) => values[name])

/** Writes the client's settings and runs it once: {code, signal, stdout, stderr}. */
export function runClient(client, args, place, port, { env = {}, killAfter = null } = {}) {
  const settings = SETTINGS[client]
  const values = { home: place.home, port }
  for (const [file, lines] of Object.entries(settings.files)) {
    const target = path.join(place.home, file)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.writeFileSync(target, lines.map((line) => fill(line, values)).join('\n'))
  }
  const own = Object.fromEntries(Object.entries(settings.env).map(([name, value]) => [name, fill(value, values)]))
  const child = spawn(programOf(client), args, {
    cwd: place.project,
    env: {
      PATH: process.env.PATH,
      HOME: place.home,
      TMPDIR: path.join(place.folder, 'tmp'),
      LANG: 'C.UTF-8',
      ...own,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => {
    out.stdout += data
    if (killAfter && out.stdout.includes(killAfter.text)) process.kill(-child.pid, killAfter.signal)
  })
  child.stderr.on('data', (data) => (out.stderr += data))
  const leash = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), LONGEST_RUN)
  return new Promise((resolve) =>
    child.on('close', (code, signal) => {
      clearTimeout(leash)
      resolve({ ...out, code, signal })
    }),
  )
}
