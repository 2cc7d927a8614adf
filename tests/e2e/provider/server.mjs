// The HTTP side: reads a request, has a plan made for it, sends the plan and writes down what became of it.

import http from 'node:http'
import zlib from 'node:zlib'
import * as anthropic from './dialects/anthropic.mjs'
import * as gemini from './dialects/gemini_api.mjs'
import * as chat from './dialects/openai_chat.mjs'
import * as responses from './dialects/openai_responses.mjs'
import { parseDirectives } from './directives.mjs'
import { kindOf } from './kinds.mjs'
import { authPresence } from './log.mjs'
import { makePlan } from './plan.mjs'
import { matching } from './script.mjs'

const DIALECTS = [anthropic, responses, chat, gemini]

const MODELS = ['claude-opus-5-5', 'gpt-5.5-codex', 'gemini-2.5-flash']

/** options: {tag, rules, log, dump}; tag makes identifiers unique, dump(n, headers, body) may be null. */
export function createProvider({ tag, rules, log, dump }) {
  const state = { n: 0, taken: new Map(), tag, rules, log, dump }
  return http.createServer((req, res) => {
    serve(state, req, res).catch((error) => {
      log.write({ n: null, op: 'broken', path: req.url, outcome: String(error) })
      res.destroy()
    })
  })
}

async function serve(state, req, res) {
  const url = new URL(req.url, 'http://127.0.0.1')
  const raw = await bodyOf(req)
  const entry = { n: null, at: new Date().toISOString(), method: req.method, path: url.pathname }
  for (const dialect of DIALECTS) {
    const where = dialect.route(req.method, url.pathname)
    if (!where) continue
    entry.dialect = dialect.name
    entry.op = where.op
    if (where.op === 'count_tokens') return plainAnswer(state, res, entry, 200, dialect.countTokens(raw.length))
    entry.auth = authPresence(req.headers, url)
    return generate(
      state,
      { dialect, where, headers: req.headers, body: JSON.parse(raw.toString() || '{}') },
      res,
      entry,
    )
  }
  if (req.method === 'GET' && /\/models$/.test(url.pathname)) {
    entry.op = 'models'
    const data = MODELS.map((id) => ({ id, object: 'model', type: 'model', display_name: id }))
    return plainAnswer(state, res, entry, 200, { object: 'list', data, has_more: false })
  }
  entry.op = 'other'
  return plainAnswer(state, res, entry, 404, { error: { type: 'not_found_error', message: 'no such path' } })
}

async function bodyOf(req) {
  const parts = []
  for await (const part of req) parts.push(part)
  const raw = Buffer.concat(parts)
  const unpack = { gzip: zlib.gunzipSync, deflate: zlib.inflateSync, br: zlib.brotliDecompressSync }
  return unpack[req.headers['content-encoding']]?.(raw) ?? raw
}

function plainAnswer(state, res, entry, status, body) {
  state.log.write({ ...entry, outcome: status === 200 ? 'ok' : String(status) })
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(JSON.stringify(body))
}

async function generate(state, { dialect, where, headers, body }, res, entry) {
  const n = ++state.n
  const view = dialect.view(body, where)
  const kind = kindOf(view, headers)
  state.dump?.(n, headers, body)
  // Titles and compactions quote the prompt: its markers are not meant for them.
  const fromPrompt = kind === 'main' || kind === 'subagent' ? promptDirectives(view) : []
  const plan = makePlan({
    n,
    id: `${state.tag}_${String(n).padStart(4, '0')}`,
    view,
    kind,
    dialect: dialect.name,
    rules: [...matching(state.rules, { dialect: dialect.name, kind, n, view }), ...fromPrompt],
    taken: state.taken,
  })
  plan.created = Math.floor(Date.now() / 1000)
  Object.assign(entry, {
    n,
    model: view.model,
    stream: view.stream,
    bytes: JSON.stringify(body).length,
    kind,
    turn: view.rounds + 1,
    request_id: `req_${plan.id}`,
    response_id: dialect.responseId(plan),
    effort: view.effort,
    tool: plan.call?.name ?? null,
  })
  const done = once((outcome, usage) => state.log.write({ ...entry, outcome, usage }))
  if (plan.wait) await sleep(plan.wait)
  const refused = refusalOf(dialect, plan)
  if (refused) return refuse(res, dialect, plan, refused, done)
  if (!view.stream) return answerWhole(res, dialect, plan, done)
  return answerStream(res, dialect, plan, view, done)
}

function promptDirectives(view) {
  return view.texts.flatMap((text) => parseDirectives(text).map((d, k) => ({ ...d, owner: `${text}#${k}` })))
}

// ---- refusals

const MESSAGES = {
  401: 'The key is not valid.',
  403: 'This key may not do that.',
  429: 'Too many requests, please slow down.',
  500: 'Something went wrong on our side.',
  503: 'The service is unavailable.',
  529: 'Overloaded',
  quota: 'The quota of this account is used up.',
  overflow: 'The prompt is longer than the context window of this model.',
}

const STATUS = { overflow: 400, quota: 429 }

function refusalOf(dialect, plan) {
  const kind = plan.fault?.kind
  const status = STATUS[kind] ?? (/^\d{3}$/.test(kind ?? '') ? Number(kind) : null)
  if (status === null) return null
  const message = MESSAGES[kind] ?? `Refused with ${kind}.`
  return { status, body: dialect.refusal(plan, status, kind, message, plan.fault.retryAfter) }
}

function refuse(res, dialect, plan, { status, body }, done) {
  const head = { 'content-type': 'application/json', ...dialect.headers(plan) }
  if (plan.fault.retryAfter !== null) head['retry-after'] = plan.fault.retryAfter
  done(plan.fault.kind, null)
  res.writeHead(status, head)
  res.end(JSON.stringify(body))
}

// ---- answers

const SETTLE = 100

function answerWhole(res, dialect, plan, done) {
  const { body, reports } = dialect.whole(plan)
  const text = JSON.stringify(body)
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...dialect.headers(plan),
  })
  if (plan.fault?.kind === 'cut') {
    done('cut', null)
    res.write(text.slice(0, text.length >> 1), () => res.socket.destroy())
    return
  }
  if (plan.fault?.kind === 'hang') {
    done('hang', null)
    res.flushHeaders()
    return
  }
  done('ok', reports)
  res.end(text)
}

async function answerStream(res, dialect, plan, view, done) {
  let reported = null
  res.on('close', () => done('gone', reported))
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...dialect.headers(plan) })
  const chunks = [...dialect.stream(plan, view)]
  for (const [index, chunk] of chunks.entries()) {
    if (plan.fault && index === Math.min(plan.fault.after, chunks.length - 1)) {
      if (plan.fault.kind === 'malformed') await send(res, 'data: {"type": "torn", "list": [1, 2\n\n')
      else return stumble(res, dialect, plan, reported, done)
    }
    if (plan.slow && index > 0) await sleep(plan.slow)
    if (res.destroyed) return
    reported = chunk.reports ?? reported
    // The last word is in the log before the client can act on it.
    if (index === chunks.length - 1) done(plan.fault?.kind ?? 'ok', reported)
    await send(res, chunk.data)
  }
  res.end()
}

async function stumble(res, dialect, plan, reported, done) {
  // A client that is handed the break together with what came before may never look at the latter.
  await sleep(SETTLE)
  done(plan.fault.kind, reported)
  if (plan.fault.kind === 'cut') res.socket?.destroy()
  else if (plan.fault.kind === 'error') res.end(dialect.errorEvent(plan))
  // "hang": the client, or whoever watches it, has to give up.
}

const send = (res, data) => new Promise((resolve) => res.write(data, resolve))

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function once(act) {
  let spent = false
  return (...args) => {
    if (!spent) act(...args)
    spent = true
  }
}
