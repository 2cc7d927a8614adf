// How OpenAI, and all who speak like it, refuse.

const TYPES = { 401: 'invalid_request_error', 429: 'rate_limit_error', 500: 'server_error', 503: 'server_error' }
const CODES = {
  401: 'invalid_api_key',
  429: 'rate_limit_exceeded',
  quota: 'insufficient_quota',
  overflow: 'context_length_exceeded',
}

export function refusal(plan, status, kind, message) {
  return {
    error: {
      message,
      type: kind === 'quota' ? 'insufficient_quota' : (TYPES[status] ?? 'invalid_request_error'),
      param: null,
      code: CODES[kind] ?? null,
    },
  }
}
