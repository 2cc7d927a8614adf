// Anthropic Messages: a request's view, and a plan as a stream, as a whole body, or as a refusal.

import { newestTurn, pieces, sse, textsOf } from '../text.mjs'

export const name = 'anthropic'

const ERROR_TYPES = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

export function route(method, path) {
  if (method === 'POST' && path.endsWith('/v1/messages/count_tokens')) return { op: 'count_tokens' }
  if (method === 'POST' && path.endsWith('/v1/messages')) return { op: 'generate' }
  return null
}

export function countTokens(bytes) {
  return { input_tokens: Math.ceil(bytes / 4) }
}

export function view(body) {
  const entries = (body.messages ?? []).map((message) => {
    const parts = Array.isArray(message.content) ? message.content : []
    return {
      who: message.role === 'assistant' ? 'model' : message.role,
      texts: message.role === 'user' ? textsOf(message.content) : [],
      results: parts.filter((part) => part.type === 'tool_result').length,
      calls: parts.filter((part) => part.type === 'tool_use').length,
    }
  })
  return {
    model: body.model ?? '',
    stream: body.stream === true,
    system: textsOf(body.system).join('\n'),
    tools: (body.tools ?? []).map((tool) => tool.name),
    wantsJson: body.output_config?.format !== undefined || body.output_format !== undefined,
    effort: pick({ effort: body.output_config?.effort, thinking: body.thinking, max_tokens: body.max_tokens }),
    ...newestTurn(entries.filter((entry) => entry.who !== 'system')),
  }
}

const pick = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

export const responseId = (plan) => `msg_${plan.id}`

const toolId = (plan) => `toolu_${plan.id}`

export function headers(plan) {
  return { 'request-id': `req_${plan.id}`, 'anthropic-organization-id': 'org_test' }
}

function startUsage(usage) {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cache_write_5m + usage.cache_write_1h,
    cache_read_input_tokens: usage.cache_read,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cache_write_5m,
      ephemeral_1h_input_tokens: usage.cache_write_1h,
    },
    output_tokens: 1,
    service_tier: 'standard',
  }
}

function finalUsage(usage) {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cache_write_5m + usage.cache_write_1h,
    cache_read_input_tokens: usage.cache_read,
    output_tokens: usage.output,
    ...(usage.reasoning ? { output_tokens_details: { thinking_tokens: usage.reasoning } } : {}),
  }
}

const stopReason = (plan) => (plan.call ? 'tool_use' : 'end_turn')

/** The chunks of a streamed answer; `reports` on a chunk says what usage it makes known. */
export function* stream(plan) {
  const event = (data) => sse(data, data.type)
  const message = {
    id: responseId(plan),
    type: 'message',
    role: 'assistant',
    model: plan.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: plan.mute ? { input_tokens: 0, output_tokens: 0 } : startUsage(plan.usage),
  }
  yield {
    data: event({ type: 'message_start', message }),
    reports: plan.mute ? null : { ...plan.usage, output: 1, reasoning: 0 },
  }
  yield { data: event({ type: 'ping' }) }
  let index = 0
  for (const block of blocks(plan)) {
    yield { data: event({ type: 'content_block_start', index, content_block: block.start }) }
    for (const delta of block.deltas) yield { data: event({ type: 'content_block_delta', index, delta }) }
    yield { data: event({ type: 'content_block_stop', index }) }
    index++
  }
  const delta = { stop_reason: stopReason(plan), stop_sequence: null }
  yield {
    data: event({ type: 'message_delta', delta, ...(plan.mute ? {} : { usage: finalUsage(plan.usage) }) }),
    reports: plan.mute ? null : plan.usage,
  }
  yield { data: event({ type: 'message_stop' }) }
}

function* blocks(plan) {
  if (plan.think) {
    yield {
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...pieces(plan.think).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: 'c2lnbmVk' },
      ],
    }
  }
  if (plan.text !== null) {
    yield {
      start: { type: 'text', text: '' },
      deltas: pieces(plan.text).map((text) => ({ type: 'text_delta', text })),
    }
  }
  if (plan.call) {
    const json = JSON.stringify(plan.call.input)
    const half = json.length >> 1
    yield {
      start: { type: 'tool_use', id: toolId(plan), name: plan.call.name, input: {} },
      deltas: [json.slice(0, half), json.slice(half)].map((part) => ({ type: 'input_json_delta', partial_json: part })),
    }
  }
}

export function whole(plan) {
  const content = []
  if (plan.think) content.push({ type: 'thinking', thinking: plan.think, signature: 'c2lnbmVk' })
  if (plan.text !== null) content.push({ type: 'text', text: plan.text })
  if (plan.call) content.push({ type: 'tool_use', id: toolId(plan), name: plan.call.name, input: plan.call.input })
  return {
    body: {
      id: responseId(plan),
      type: 'message',
      role: 'assistant',
      model: plan.model,
      content,
      stop_reason: stopReason(plan),
      stop_sequence: null,
      ...(plan.mute ? {} : { usage: { ...startUsage(plan.usage), ...finalUsage(plan.usage) } }),
    },
    reports: plan.mute ? null : plan.usage,
  }
}

export function refusal(plan, status, kind, message) {
  const text = kind === 'overflow' ? 'prompt is too long: 1200000 tokens > 1000000 maximum' : message
  return {
    type: 'error',
    error: { type: ERROR_TYPES[status] ?? 'api_error', message: text },
    request_id: `req_${plan.id}`,
  }
}

export function errorEvent() {
  return sse({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error')
}
