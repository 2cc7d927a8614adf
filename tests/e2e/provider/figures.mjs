// The tokens that request n reports, in exclusive buckets.
//
// Every request has figures of its own, so that a figure found in a ledger names the request it came from. Output grows
// with the square of n: two sets of requests that agree in their number and in the sum of their linear figures still
// differ here, so that a sum betrays a request that is missing or counted twice.

export const BUCKETS = ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'reasoning']

// Only Anthropic tells cache writes apart and charges for them; elsewhere they appear when a test asks for them.
const WRITES_CACHE = new Set(['anthropic'])

// A prime bounds the squares, so that a tool loop of some hundreds of requests stays within plausible figures.
const SQUARES_MODULO = 1009

export function figuresFor(n, dialect) {
  const writes = WRITES_CACHE.has(dialect)
  return {
    input: 1000 + n,
    cache_read: 3000 + 10 * n,
    cache_write_5m: writes ? 400 + n : 0,
    cache_write_1h: writes ? 50 + n : 0,
    output: 100 + ((n * n) % SQUARES_MODULO),
    reasoning: 0,
  }
}

/** Reasoning is part of output, and only there when the model thought. */
export function reasoningFor(n) {
  return 20 + (n % 80)
}

export function noFigures() {
  return Object.fromEntries(BUCKETS.map((name) => [name, 0]))
}
