// Gemini generateContent: a request's view, and a plan as a stream, as a whole body, or as a refusal.

import { newestTurn, pieces, sse } from '../text.mjs'

export const name = 'gemini_api'

const STATUS = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  529: 'UNAVAILABLE',
}

const ACTION = /\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/

export function route(method, path) {
  const match = method === 'POST' ? ACTION.exec(path) : null
  if (!match) return null
  const [, model, action] = match
  return { op: action === 'countTokens' ? 'count_tokens' : 'generate', model, stream: action.startsWith('stream') }
}

export function countTokens(bytes) {
  return { totalTokens: Math.ceil(bytes / 4) }
}

export function view(body, where) {
  const entries = (body.contents ?? []).map((content) => {
    const parts = content.parts ?? []
    const user = content.role !== 'model'
    return {
      who: user ? 'user' : 'model',
      texts: user ? parts.filter((part) => typeof part.text === 'string').map((part) => part.text) : [],
      results: parts.filter((part) => part.functionResponse).length,
      calls: parts.filter((part) => part.functionCall).length,
    }
  })
  const config = body.generationConfig ?? {}
  return {
    model: where.model,
    stream: where.stream,
    system: (body.systemInstruction?.parts ?? []).map((part) => part.text ?? '').join('\n'),
    tools: (body.tools ?? []).flatMap((tool) => (tool.functionDeclarations ?? []).map((declared) => declared.name)),
    wantsJson: config.responseMimeType === 'application/json',
    effort: config.thinkingConfig ? { thinking: config.thinkingConfig } : {},
    ...newestTurn(entries),
  }
}

export const responseId = (plan) => `gen-${plan.id}`

export function headers() {
  return {}
}

/** Thoughts are outside candidatesTokenCount here, though inside output in the books. */
function usageOf(usage, output = usage.output, thoughts = usage.reasoning) {
  const prompt = usage.input + usage.cache_read
  return {
    promptTokenCount: prompt,
    cachedContentTokenCount: usage.cache_read,
    candidatesTokenCount: output - thoughts,
    thoughtsTokenCount: thoughts,
    totalTokenCount: prompt + output,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }],
  }
}

function responseOf(plan, parts, usage, finish) {
  return {
    candidates: [{ content: { role: 'model', parts }, ...(finish ? { finishReason: finish } : {}), index: 0 }],
    ...(plan.mute ? {} : { usageMetadata: usage }),
    modelVersion: plan.model,
    responseId: responseId(plan),
  }
}

const thoughtPart = (text) => ({ text, thought: true })

const callPart = (plan) => ({
  functionCall: { id: `call_${plan.id}`, name: plan.call.name, args: plan.call.input },
  thoughtSignature: 'c2lnbmVk',
})

export function* stream(plan) {
  // Usage is cumulative in every chunk: the last one counts.
  let output = 0
  const step = (parts, finish = null) => {
    output++
    const final = finish !== null
    const reported = final ? plan.usage : { ...plan.usage, output, reasoning: 0 }
    const usage = final ? usageOf(plan.usage) : usageOf(plan.usage, output, 0)
    return { data: sse(responseOf(plan, parts, usage, finish)), reports: plan.mute ? null : reported }
  }
  if (plan.think) for (const piece of pieces(plan.think)) yield step([thoughtPart(piece)])
  if (plan.text !== null) for (const text of pieces(plan.text)) yield step([{ text }])
  yield step(plan.call ? [callPart(plan)] : [{ text: '' }], 'STOP')
}

export function whole(plan) {
  const parts = []
  if (plan.think) parts.push(thoughtPart(plan.think))
  if (plan.text !== null) parts.push({ text: plan.text })
  if (plan.call) parts.push(callPart(plan))
  return { body: responseOf(plan, parts, usageOf(plan.usage), 'STOP'), reports: plan.mute ? null : plan.usage }
}

export function refusal(plan, status, kind, message, retryAfter) {
  const details = []
  if (retryAfter) details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfter}s` })
  return {
    error: { code: status, message, status: STATUS[status] ?? 'UNKNOWN', ...(details.length ? { details } : {}) },
  }
}

export function errorEvent() {
  return sse({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } })
}
