// OpenAI Chat Completions and those compatible with it: a request's view, and a plan as a stream, as a whole body, or
// as a refusal.

import { newestTurn, pieces, sse, textsOf } from '../text.mjs'
import { refusal as openaiRefusal } from './openai_errors.mjs'

export const name = 'openai_chat'

export function route(method, path) {
  return method === 'POST' && path.endsWith('/chat/completions') ? { op: 'generate' } : null
}

export function view(body) {
  const entries = (body.messages ?? []).map((message) => ({
    who: message.role === 'assistant' ? 'model' : message.role,
    texts: message.role === 'user' ? textsOf(message.content) : [],
    results: message.role === 'tool' ? 1 : 0,
    calls: (message.tool_calls ?? []).length,
  }))
  const system = (body.messages ?? []).filter((message) => message.role === 'system' || message.role === 'developer')
  return {
    model: body.model ?? '',
    stream: body.stream === true,
    system: system.flatMap((message) => textsOf(message.content)).join('\n'),
    tools: (body.tools ?? []).map((tool) => tool.function?.name),
    wantsJson: body.response_format !== undefined && body.response_format.type !== 'text',
    wantsUsage: body.stream !== true || body.stream_options?.include_usage === true,
    effort: body.reasoning_effort === undefined ? {} : { effort: body.reasoning_effort },
    ...newestTurn(entries.filter((entry) => entry.who !== 'system' && entry.who !== 'developer')),
  }
}

export const responseId = (plan) => `chatcmpl-${plan.id}`

export function headers(plan) {
  return { 'x-request-id': `req_${plan.id}` }
}

function usageOf(usage) {
  const prompt = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cache_read },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  }
}

const finishReason = (plan) => (plan.call ? 'tool_calls' : 'stop')

const callOf = (plan) => ({
  id: `call_${plan.id}`,
  type: 'function',
  function: { name: plan.call.name, arguments: JSON.stringify(plan.call.input) },
})

export function* stream(plan, view) {
  const head = {
    id: responseId(plan),
    object: 'chat.completion.chunk',
    created: plan.created,
    model: plan.model,
  }
  const step = (delta, finish = null) => ({
    data: sse({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] }),
  })
  yield step({ role: 'assistant', content: '' })
  // What DeepSeek, Qwen and others call the model's thinking; OpenAI itself keeps it to itself.
  if (plan.think) for (const piece of pieces(plan.think)) yield step({ reasoning_content: piece })
  if (plan.text !== null) for (const piece of pieces(plan.text)) yield step({ content: piece })
  if (plan.call) {
    const call = callOf(plan)
    const json = call.function.arguments
    const half = json.length >> 1
    yield step({ tool_calls: [{ index: 0, ...call, function: { name: call.function.name, arguments: '' } }] })
    yield step({ tool_calls: [{ index: 0, function: { arguments: json.slice(0, half) } }] })
    yield step({ tool_calls: [{ index: 0, function: { arguments: json.slice(half) } }] })
  }
  yield step({}, finishReason(plan))
  if (view.wantsUsage && !plan.mute) {
    yield { data: sse({ ...head, choices: [], usage: usageOf(plan.usage) }), reports: plan.usage }
  }
  yield { data: 'data: [DONE]\n\n' }
}

export function whole(plan) {
  const message = { role: 'assistant', content: plan.text, refusal: null }
  if (plan.think) message.reasoning_content = plan.think
  if (plan.call) message.tool_calls = [callOf(plan)]
  return {
    body: {
      id: responseId(plan),
      object: 'chat.completion',
      created: plan.created,
      model: plan.model,
      choices: [{ index: 0, message, finish_reason: finishReason(plan) }],
      ...(plan.mute ? {} : { usage: usageOf(plan.usage) }),
    },
    reports: plan.mute ? null : plan.usage,
  }
}

export const refusal = openaiRefusal

export function errorEvent() {
  return sse({ error: { message: 'The server had an error while answering.', type: 'server_error', code: null } })
}
