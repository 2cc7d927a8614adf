// OpenAI Responses: a request's view, and a plan as a stream, as a whole body, or as a refusal.

import { newestTurn, pieces, sse, textsOf } from '../text.mjs'
import { refusal as openaiRefusal } from './openai_errors.mjs'

export const name = 'openai_responses'

export function route(method, path) {
  return method === 'POST' && path.endsWith('/responses') ? { op: 'generate' } : null
}

export function view(body) {
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : (body.input ?? [])
  const entries = items.map((item) => {
    const type = item.type ?? 'message'
    const said = type === 'message'
    const asked = /_call$/.test(type)
    return {
      who: (said && item.role === 'assistant') || asked ? 'model' : said ? item.role : 'tool',
      texts: said && item.role === 'user' ? textsOf(item.content) : [],
      results: /_call_output$/.test(type) ? 1 : 0,
      calls: asked ? 1 : 0,
    }
  })
  const { effort, ...reasoning } = body.reasoning ?? {}
  return {
    model: body.model ?? '',
    stream: body.stream === true,
    system: body.instructions ?? '',
    tools: (body.tools ?? []).map((tool) => tool.name ?? tool.type),
    wantsJson: body.text?.format?.type === 'json_schema',
    effort: { ...(effort ? { effort } : {}), ...(body.reasoning ? { reasoning } : {}) },
    ...newestTurn(entries.filter((entry) => entry.who !== 'developer' && entry.who !== 'system')),
  }
}

export const responseId = (plan) => `resp_${plan.id}`

export function headers(plan) {
  return { 'x-request-id': `req_${plan.id}` }
}

function usageOf(usage) {
  const input = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cache_read,
      cache_write_tokens: usage.cache_write_5m + usage.cache_write_1h,
    },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + usage.output,
  }
}

function itemsOf(plan) {
  const items = []
  if (plan.think) {
    items.push({
      type: 'reasoning',
      id: `rs_${plan.id}`,
      summary: [{ type: 'summary_text', text: plan.think }],
      encrypted_content: 'c2VhbGVk',
    })
  }
  if (plan.text !== null) {
    items.push({
      type: 'message',
      id: `msg_${plan.id}`,
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: plan.text, annotations: [] }],
    })
  }
  if (plan.call) {
    items.push({
      type: 'function_call',
      id: `fc_${plan.id}`,
      call_id: `call_${plan.id}`,
      name: plan.call.name,
      arguments: JSON.stringify(plan.call.input),
      status: 'completed',
    })
  }
  return items
}

function responseOf(plan, rest) {
  return {
    id: responseId(plan),
    object: 'response',
    created_at: plan.created,
    model: plan.model,
    status: 'in_progress',
    error: null,
    output: [],
    usage: null,
    ...rest,
  }
}

const completed = (plan) =>
  responseOf(plan, {
    status: 'completed',
    output: itemsOf(plan),
    usage: plan.mute ? null : usageOf(plan.usage),
  })

/** An item as it is announced, before any of its content is there. */
function hollow(item) {
  if (item.type === 'message') return { ...item, status: 'in_progress', content: [] }
  if (item.type === 'function_call') return { ...item, status: 'in_progress', arguments: '' }
  return { ...item, summary: [] }
}

export function* stream(plan) {
  let number = 0
  const event = (type, fields) => ({ data: sse({ type, sequence_number: number++, ...fields }, type) })
  yield event('response.created', { response: responseOf(plan) })
  yield event('response.in_progress', { response: responseOf(plan) })
  for (const [index, item] of itemsOf(plan).entries()) {
    const at = { item_id: item.id, output_index: index }
    yield event('response.output_item.added', { output_index: index, item: hollow(item) })
    if (item.type === 'reasoning') {
      const [part] = item.summary
      yield event('response.reasoning_summary_part.added', { ...at, summary_index: 0, part: { ...part, text: '' } })
      for (const delta of pieces(part.text)) {
        yield event('response.reasoning_summary_text.delta', { ...at, summary_index: 0, delta })
      }
      yield event('response.reasoning_summary_text.done', { ...at, summary_index: 0, text: part.text })
      yield event('response.reasoning_summary_part.done', { ...at, summary_index: 0, part })
    } else if (item.type === 'message') {
      const [part] = item.content
      yield event('response.content_part.added', { ...at, content_index: 0, part: { ...part, text: '' } })
      for (const delta of pieces(part.text)) {
        yield event('response.output_text.delta', { ...at, content_index: 0, delta })
      }
      yield event('response.output_text.done', { ...at, content_index: 0, text: part.text })
      yield event('response.content_part.done', { ...at, content_index: 0, part })
    } else {
      const half = item.arguments.length >> 1
      for (const delta of [item.arguments.slice(0, half), item.arguments.slice(half)]) {
        yield event('response.function_call_arguments.delta', { ...at, delta })
      }
      yield event('response.function_call_arguments.done', { ...at, arguments: item.arguments })
    }
    yield event('response.output_item.done', { output_index: index, item })
  }
  yield { ...event('response.completed', { response: completed(plan) }), reports: plan.mute ? null : plan.usage }
}

export function whole(plan) {
  return { body: completed(plan), reports: plan.mute ? null : plan.usage }
}

export const refusal = openaiRefusal

export function errorEvent(plan) {
  const error = { code: 'server_error', message: 'The server had an error while answering.' }
  return sse(
    { type: 'response.failed', sequence_number: 99, response: responseOf(plan, { status: 'failed', error }) },
    'response.failed',
  )
}
