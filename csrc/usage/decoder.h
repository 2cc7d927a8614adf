/* decoder.h - bytes of an agent's output or record in, events out.
 *
 * Incremental: fed chunks of any size, the same events come out for a stream fed whole, byte by byte, or in any pieces.
 * Pure: no I/O, no clock. Unknown events are skipped, malformed lines are reported as one PURSER_EVENT_ERROR named
 * "malformed" each (at most a few in a row) and never end the stream.
 *
 * What the names mean:
 *
 * A USAGE of scope run or session is a total for its model; a later one for the same model replaces it. One of scope request
 * is a response, restated only to improve it: final over partial, then more over less.
 *
 * RESULT: completed, max_tokens, refusal, content_filter, paused, tool_use (an API's model waits for tools), budget and max_turns
 * (the client's own limits), api_error, prompt_too_long, aborted, hook_stopped, blocked (by a hook, before a request), failed, cut
 * (it ended without saying so), unexpected (no such API there). A live dialect that understood anything ends with one at least.
 *
 * ERROR: authentication, billing, quota, permission, not_found, invalid_request, prompt_too_long, rate_limit, overloaded, server,
 * timeout, refusal, budget, max_turns, aborted, compaction, cut, unexpected, failed; warning; malformed and overflow (of the
 * stream itself). PURSER_FLAG_FAILED marks one that ends the run, `id` is the provider's own code, and the text ends
 * with what can be done. */
#ifndef USAGE_DECODER_H
#define USAGE_DECODER_H

#include "base/error.h"
#include "base/public.h"

struct decoder;

/* Called for each event, from decoder_feed and decoder_end; the event's strings are valid until it returns. */
typedef void (*decoder_sink)(void *data, const purser_event *event);

/* Live dialects: "claude" (-p --output-format stream-json, with or without --include-partial-messages), "codex" (exec --json),
 * "gemini" (-o stream-json), "opencode" (run --format json), "anthropic" (Messages SSE), "openai_responses", "openai_chat",
 * "gemini_api" (SSE; or one JSON body). The four API dialects accept an HTTP head before the body, as `curl -i` prints it.
 * Record dialects: "claude_transcript", "codex_rollout", "gemini_chat" (JSON lines as the clients store them).
 * PURSER_EINVAL for an unknown one; the message lists them. */
int decoder_open(struct decoder **out, const char *dialect, decoder_sink sink, void *data,
                 struct error *error);

/* 0 or PURSER_ENOMEM; after that the decoder still accepts input (what could not be held is lost and reported as an error
 * event "overflow": a line over DECODER_LINE_MAX is dropped, not stored). */
int decoder_feed(struct decoder *decoder, const char *bytes, size_t len);

/* The stream has ended: takes an unfinished last line if it is a whole value, and emits what was held back (usage that never became
 * final, a missing end). Feed nothing after it. */
int decoder_end(struct decoder *decoder);

void decoder_free(struct decoder *decoder);

/* For records that are read on in later: between two lines, after a feed that ended with a newline. Saving appends what the dialect must
 * remember to `out` (look at its status); loading puts a fresh or forgetful decoder there again. PURSER_EPARSE: it was
 * written by another version, and the decoder is as good as new. PURSER_ENOMEM likewise. */
struct buf;
void decoder_save(const struct decoder *decoder, struct buf *out);
int decoder_load(struct decoder *decoder, const void *bytes, size_t len);
/* As if nothing had been fed. */
void decoder_forget(struct decoder *decoder);

enum {
  DECODER_LINE_MAX = 64 * 1024 * 1024
};

/* The names above, NULL-terminated. */
const char *const *decoder_dialects(void);

/* One event as a JSON object on one line (without newline), for `purser decode`. */
void event_write_json(struct buf *out, const purser_event *event);

#endif
