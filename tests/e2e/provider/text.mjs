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

/** What the provider writes when a client asks it to sum up a conversation. */
export const SUMMARY = '<summary>The user asked for something, and it was done.</summary>'
const SUMMARISED = /The user asked for something, and it was done\./

/**
 * The newest turn of a conversation: the user's texts that carry it and how many rounds of tools it has had.
 * entries: [{who: "user"|"model", texts, results, calls}] in order; `results` and `calls` are counts.
 *
 * It begins after the model's last word without a call; within it the last message with markers counts. Some clients
 * keep the user's own messages when they compact: markers older than the summary are done with.
 */
export function newestTurn(entries) {
  let start = entries.length
  while (start > 0 && !(entries[start - 1].who === 'model' && entries[start - 1].calls === 0)) start--
  const turn = entries.slice(start)
  const holds = (pattern) => turn.map((entry) => entry.texts.some((text) => pattern.test(text))).lastIndexOf(true)
  const marked = holds(/\{\{/)
  const summed = holds(SUMMARISED)
  const from = turn.slice(Math.max(marked, summed, 0))
  const texts = marked > summed ? turn[marked].texts : from.flatMap((entry) => entry.texts)
  return {
    texts: marked >= 0 && marked === summed ? [] : texts,
    rounds: from.filter((entry) => entry.results > 0).length,
    last: entries.flatMap((entry) => entry.texts).at(-1) ?? '',
  }
}
