// What is recorded of the APIs: what `curl -i` gets from the provider, status line and headers included.

import { spawn } from 'node:child_process'

const user = (text) => ({ role: 'user', content: text })
const TOOL = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] }

/** dialect: how a prompt becomes a request: {path, body}. */
const DIALECTS = {
  anthropic: {
    model: 'claude-opus-5-5',
    path: () => '/v1/messages',
    body: (model, prompt, { stream, tools }) => ({
      model,
      max_tokens: 8192,
      stream,
      messages: [user(prompt)],
      ...(tools ? { tools: [{ name: 'Bash', input_schema: TOOL }] } : {}),
    }),
  },
  openai_responses: {
    model: 'gpt-5.5',
    path: () => '/v1/responses',
    body: (model, prompt, { stream, tools }) => ({
      model,
      stream,
      input: prompt,
      ...(tools ? { tools: [{ type: 'function', name: 'shell_command', parameters: TOOL }] } : {}),
    }),
  },
  openai_chat: {
    model: 'deepseek-chat',
    path: () => '/v1/chat/completions',
    body: (model, prompt, { stream, tools }) => ({
      model,
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
      messages: [user(prompt)],
      ...(tools ? { tools: [{ type: 'function', function: { name: 'bash', parameters: TOOL } }] } : {}),
    }),
  },
  gemini_api: {
    model: 'gemini-2.5-flash',
    path: (model, { stream }) =>
      `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (model, prompt, { tools }) => ({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      ...(tools ? { tools: [{ functionDeclarations: [{ name: 'run_shell_command', parameters: TOOL }] }] } : {}),
    }),
  },
}

export const CASES = [
  { name: 'plain', prompt: 'Say hello' },
  { name: 'thinking', prompt: 'Say hello {{think}}' },
  { name: 'tool', prompt: 'Read it {{think}}{{shell: cat README.md}}', tools: true },
  { name: 'whole', prompt: 'Say hello', stream: false },
  { name: 'long-context', prompt: 'Say hello {{tokens: input=250000}}' },
  { name: 'cache-write', prompt: 'Say hello {{tokens: cache_write_5m=500}}', only: ['openai_responses'] },
  { name: 'no-usage', prompt: 'Say hello {{nousage}}' },
  { name: '401', prompt: 'Say hello {{fail: 401}}' },
  { name: '429-retry-after', prompt: 'Say hello {{fail: 429 retry-after=7}}' },
  { name: '429', prompt: 'Say hello {{fail: 429}}' },
  { name: 'quota', prompt: 'Say hello {{fail: quota}}' },
  { name: '500', prompt: 'Say hello {{fail: 500}}' },
  { name: '529', prompt: 'Say hello {{fail: 529}}' },
  { name: 'overflow', prompt: 'Say hello {{fail: overflow}}' },
  { name: 'cut', prompt: 'Say hello {{fail: cut after=4}}' },
  { name: 'error-event', prompt: 'Say hello {{fail: error after=4}}' },
  { name: 'malformed', prompt: 'Say hello {{fail: malformed after=3}}' },
]

export const dialects = () => Object.keys(DIALECTS)

/** {out, exit}: what curl printed, and how it ended. */
export function ask(dialect, test, port) {
  const { model, path, body } = DIALECTS[dialect]
  const how = { stream: test.stream !== false, tools: test.tools === true }
  const url = `http://127.0.0.1:${port}${path(model, how)}`
  const child = spawn('curl', ['-s', '-i', '-N', '-H', 'content-type: application/json', '--data-binary', '@-', url])
  child.stdin.end(JSON.stringify(body(model, test.prompt, how)))
  let out = ''
  child.stdout.on('data', (data) => (out += data))
  return new Promise((resolve) => child.on('close', (exit) => resolve({ out, exit })))
}
