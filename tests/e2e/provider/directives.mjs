// The little language that tells the provider how to behave.
//
// A prompt (or a rule of the script file) carries markers in double braces; everything outside them is ignored.
// Markers nest, so that a sub-agent can be given markers of its own, and never need a quote or a backslash,
// so that no client's quoting gets in the way.
//
//   {{say: TEXT}}            the closing answer
//   {{think: TEXT}}          a thinking block before whatever comes
//   {{shell: COMMAND}}       one call of the client's own shell tool; several of them come one after the other
//   {{read: PATH}}           one call of its file reading tool
//   {{agent: PROMPT}}        one sub-agent with that prompt (claude's Agent or Task, opencode's task); with
//                            model=NAME on another model, with background=yes without waiting for it (claude)
//   {{loop: COMMAND}}        a shell call in answer to every result, for ever
//   {{loop: COMMAND times=N}}  … N times, then the closing answer
//   {{tokens: NAME=N …}}     figures to report in place of this request's own; NAME is a bucket of figures.mjs.
//                            With at=T only for the T-th request of the turn
//   {{slow: MS}}             a pause before every chunk but the first
//   {{wait: MS}}             a pause before anything is sent
//   {{nousage}}              reports no usage at all
//   {{plain}}                does nothing; a prompt that carries it is not mistaken for the one before it
//   {{fail: KIND …}}         a failure. KIND is an HTTP status (401, 403, 429, 500, 503, 529 …) or one of
//                              overflow   400, the prompt is longer than the model's window
//                              quota      429, and waiting will not help
//                              cut        the connection breaks in the middle of the body
//                              error      the provider reports an error inside the stream (streams only)
//                              malformed  one event that is not JSON; the stream then goes on (streams only)
//                              hang       the answer falls silent and the connection stays open
//                            options: times=N (then all is well; for ever without it), at=T (only the T-th request
//                            of the turn), after=N (chunks before the trouble begins, default 3),
//                            retry-after=S (a header on the refusal)
//
// A turn is what happens between a user's prompt and the closing answer; its first request is at=1.

const OPEN = '{{'
const CLOSE = '}}'

/** Cuts the top-level markers out of a text: [{name, value}]. */
export function parseDirectives(text) {
  const found = []
  let at = text.indexOf(OPEN)
  while (at >= 0) {
    const end = closingBrace(text, at)
    if (end < 0) break
    const directive = split(text.slice(at + OPEN.length, end))
    if (directive) found.push(directive)
    at = text.indexOf(OPEN, end + CLOSE.length)
  }
  return found
}

function closingBrace(text, start) {
  let depth = 0
  for (let i = start; i < text.length - 1; i++) {
    if (text.startsWith(OPEN, i)) {
      depth++
      i++
    } else if (text.startsWith(CLOSE, i)) {
      depth--
      if (depth === 0) return i
      i++
    }
  }
  return -1
}

function split(inner) {
  const match = /^\s*([a-z]+)\s*(?::\s*([\s\S]*))?$/.exec(inner)
  return match ? { name: match[1], value: (match[2] ?? '').trim() } : null
}

/** Takes `name=value` words off a directive's value: "ls -l times=3" -> {rest: "ls -l", options: {times: "3"}}. */
export function takeOptions(value, names) {
  const options = {}
  const rest = []
  for (const word of value.split(/\s+/)) {
    const eq = word.indexOf('=')
    if (eq > 0 && names.includes(word.slice(0, eq))) options[word.slice(0, eq)] = word.slice(eq + 1)
    else if (word) rest.push(word)
  }
  return { rest: rest.join(' '), options }
}
