// From a request and the directives that apply to it to a plan: what will be answered, and what will go wrong.
//
// A plan is plain data. A dialect turns it into chunks, the server sends them.
//   {n, id, model, think, text, call, usage, mute, fault, slow, wait}
//   id    the part of every identifier that names this request, unique over restarts
//   think, text   strings, or null
//   call  {name, input} or null
//   mute  true: usage is not reported
//   fault {kind, after, retryAfter} or null

import { takeOptions } from './directives.mjs'
import { BUCKETS, figuresFor, reasoningFor } from './figures.mjs'
import { SUMMARY } from './text.mjs'
import { callFor } from './tools.mjs'

const ANSWER = 'Here is the answer, in a handful of words that arrive one after the other.'
const TITLE = 'A short title'
const THOUGHT = 'Let me see what is wanted.'

const FAILURES = /^([45]\d\d|overflow|quota|cut|error|malformed|hang)$/

const CALLS = ['shell', 'read', 'agent']

/**
 * view     what the dialect read out of the request
 * rules    directives, those of the script before those of the prompt; each may carry `owner`, which names the place
 *          it was written at, so that "times" counts per place
 * taken    Map: how often each failure has happened so far; written here
 */
export function makePlan({ n, id, view, kind, dialect, rules, taken }) {
  const turn = view.rounds + 1
  const plan = {
    n,
    id,
    model: view.model,
    think: null,
    text: closingText(kind, view),
    call: null,
    usage: figuresFor(n, dialect),
    mute: false,
    fault: null,
    slow: 0,
    wait: 0,
  }
  const calls = []
  for (const rule of rules) apply(plan, rule, { turn, view, calls, taken })
  plan.call = calls[view.rounds] ?? null
  if (kind !== 'main' && kind !== 'subagent') plan.call = null
  if (plan.call) plan.text = null
  if (plan.think && plan.usage.reasoning === 0) plan.usage.reasoning = reasoningFor(n)
  return plan
}

function closingText(kind, view) {
  if (kind === 'title') return view.wantsJson ? JSON.stringify({ title: TITLE }) : TITLE
  if (kind === 'router') return JSON.stringify({ complexity_reasoning: 'simple', complexity_score: 10 })
  if (kind === 'compaction') return SUMMARY
  return ANSWER
}

function apply(plan, rule, { turn, view, calls, taken }) {
  const { name, value } = rule
  if (name === 'say') plan.text = value
  else if (name === 'think') plan.think = value || THOUGHT
  else if (name === 'slow') plan.slow = Number(value)
  else if (name === 'wait') plan.wait = Number(value)
  else if (name === 'nousage') plan.mute = true
  else if (name === 'tokens') applyTokens(plan, value, turn)
  else if (name === 'fail') plan.fault = faultFrom(rule, turn, taken) ?? plan.fault
  else if (name === 'loop') addLoop(calls, value, view)
  else if (CALLS.includes(name)) addCall(calls, name, value, view)
}

function addCall(calls, what, value, view) {
  const { rest, options } = what === 'agent' ? takeOptions(value, ['model', 'background']) : { rest: value }
  const call = callFor(what, rest, view.tools, options)
  if (call) calls.push(call)
}

function addLoop(calls, value, view) {
  const { rest, options } = takeOptions(value, ['times'])
  const rounds = options.times ? Number(options.times) : view.rounds + 1
  while (calls.length < rounds) {
    const call = callFor('shell', rest || 'true', view.tools)
    if (!call) return
    calls.push(call)
  }
}

function applyTokens(plan, value, turn) {
  const { options } = takeOptions(value, [...BUCKETS, 'at'])
  if (options.at && Number(options.at) !== turn) return
  for (const name of BUCKETS) if (options[name]) plan.usage[name] = Number(options[name])
}

function faultFrom(rule, turn, taken) {
  const { rest, options } = takeOptions(rule.value, ['times', 'at', 'after', 'retry-after'])
  if (!FAILURES.test(rest)) throw new Error(`no such failure: ${rest}`)
  if (options.at && Number(options.at) !== turn) return null
  if (options.times) {
    const before = taken.get(rule.owner) ?? 0
    if (before >= Number(options.times)) return null
    taken.set(rule.owner, before + 1)
  }
  return { kind: rest, after: Number(options.after ?? 3), retryAfter: options['retry-after'] ?? null }
}
