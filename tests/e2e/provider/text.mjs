// Small helpers that every dialect needs.

/** Splits a text into the pieces it is streamed in: four words each, spaces kept. */
export function pieces(text) {
  return text.match(/(?:\s*\S+){1,4}(?:\s+$)?/g) ?? [text]
}

/** One server-sent event; `event` may be null. */
export function sse(data, event = null) {
  return `${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`
}

/** The text parts of a message whose content is a string or a list of parts. */
export function textsOf(content) {
  if (typeof content === 'string') return [content]
  return (content ?? []).filter((part) => typeof part.text === 'string').map((part) => part.text)
}

/**
 * The newest turn of a conversation: the user's texts that carry it and how many rounds of tools it has had.
 * entries: [{who: "user"|"model", texts, results, calls}] in order; `results` and `calls` are counts.
 */
export function newestTurn(entries) {
  let start = entries.length
  while (start > 0 && !(entries[start - 1].who === 'model' && entries[start - 1].calls === 0)) start--
  const turn = entries.slice(start)
  const marked = turn.map((entry) => entry.who === 'user' && entry.texts.some((t) => t.includes('{{'))).lastIndexOf(true)
  const from = marked >= 0 ? turn.slice(marked) : turn
  return {
    texts: (marked >= 0 ? [turn[marked]] : turn.filter((entry) => entry.who === 'user')).flatMap((entry) => entry.texts),
    rounds: from.filter((entry) => entry.results > 0).length,
    last: entries.filter((entry) => entry.who === 'user').flatMap((entry) => entry.texts).at(-1) ?? '',
  }
}
