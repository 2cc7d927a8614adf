/* bench_decode.c - how fast bytes become events: nanoseconds a line and megabytes a second, per dialect.
 *
 * Streams are made up in the shape of the real ones, some tens of megabytes each, and fed in chunks of 64 KiB from warm memory. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "usage/decoder.h"

enum {
  CHUNK = 64 * 1024,
  SIZE = 32 * 1024 * 1024,
  ROUNDS = 5
};

static void count(void *data, const purser_event *event) {
  int64_t *events = data;
  *events += event->kind != 0;
}

/* ---- streams ---- */

static void add_filler(struct buf *out, size_t len) {
  static const char words[] = "the quick brown fox \\n jumps over a lazy dog and \\\"says\\\" so; ";
  while (len > 0) {
    const size_t n = len < sizeof words - 1 ? len : sizeof words - 1;
    /* Never half an escape. */
    buf_add(out, words, n == sizeof words - 1 ? n : 20);
    len -= n;
  }
}

/* One usage line for four bulky ones, as transcripts have them. */
static void make_transcript(struct buf *out) {
  for (int i = 0; out->len < SIZE; i++) {
    buf_addf(
        out,
        "{\"parentUuid\":\"94d6c6ae-1f47-4a2c-8b1e-%012d\",\"isSidechain\":false,\"message\":{\"id\":\"msg_%012d\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-opus-5-5\",\"content\":[{\"type\":\"text\",\"text\":\"",
        i, i);
    add_filler(out, 400);
    buf_addf(
        out,
        "\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":%d,\"cache_creation_input_tokens\":452,\"cache_read_input_tokens\":3002,\"output_tokens\":102,\"server_tool_use\":{\"web_search_requests\":0},\"service_tier\":\"standard\",\"cache_creation\":{\"ephemeral_1h_input_tokens\":50,\"ephemeral_5m_input_tokens\":402},\"speed\":\"standard\"}},\"requestId\":\"req_%d\",\"type\":\"assistant\",\"uuid\":\"1f474c2a-62a1-4cb8-8a92-%012d\",\"timestamp\":\"2026-11-23T13:22:44.373Z\",\"effort\":\"medium\",\"cwd\":\"/home/me/proj\",\"sessionId\":\"d10a42ed-b1c7-447a-a089-bd6e03c31efc\",\"version\":\"2.1.330\",\"gitBranch\":\"main\"}\n",
        i, i, i);
    for (int tool = 0; tool < 4; tool++) {
      buf_adds(
          out,
          "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"t\",\"type\":\"tool_result\",\"content\":\"");
      add_filler(out, 1200);
      buf_adds(
          out,
          "\"}]},\"timestamp\":\"2026-11-23T13:22:44.373Z\",\"cwd\":\"/home/me/proj\",\"sessionId\":\"d10a42ed-b1c7-447a-a089-bd6e03c31efc\",\"version\":\"2.1.330\",\"gitBranch\":\"main\"}\n");
    }
  }
}

static void make_claude(struct buf *out) {
  for (int i = 0; out->len < SIZE; i++) {
    buf_addf(
        out,
        "{\"type\":\"stream_event\",\"event\":{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"some words %d\\n\"}},\"session_id\":\"b6ad088a-29b9-472e-a2c7-8bf316476ed1\",\"parent_tool_use_id\":null,\"uuid\":\"34d84c8b-2cdb-4da1-8e2e-5c4e6cb8c4e1\",\"api_message_id\":\"msg_1\"}\n",
        i);
  }
}

static void make_rollout(struct buf *out) {
  for (int i = 1; out->len < SIZE; i++) {
    buf_adds(
        out,
        "{\"timestamp\":\"2026-11-23T13:37:59.738Z\",\"ordinal\":10,\"type\":\"response_item\",\"payload\":{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"");
    add_filler(out, 1500);
    buf_addf(
        out,
        "\"}}\n{\"timestamp\":\"2026-11-23T13:37:59.740Z\",\"ordinal\":12,\"type\":\"token_usage_record\",\"payload\":{\"thread_id\":\"01a208a0-b4f3-7fd2-986e-999932877844\",\"turn_id\":\"01a208a0-b534-72a3-98e7-0882bfd66ddd\",\"response_id\":\"resp_%d\",\"usage\":{\"input_tokens\":4002,\"cached_input_tokens\":3001,\"cache_write_input_tokens\":0,\"output_tokens\":101,\"reasoning_output_tokens\":21,\"total_tokens\":4103},\"thread_token_usage\":{\"input_tokens\":%d,\"cached_input_tokens\":0,\"output_tokens\":101}}}\n",
        i, i * 4002);
  }
}

static void make_codex(struct buf *out) {
  for (int i = 0; out->len < SIZE; i++)
    buf_addf(
        out,
        "{\"type\":\"item.completed\",\"item\":{\"id\":\"item_%d\",\"type\":\"command_execution\",\"command\":\"/bin/bash -lc 'cat README.md'\",\"aggregated_output\":\"hello\\nfrom README\\n\",\"exit_code\":0,\"status\":\"completed\"}}\n",
        i);
}

static void make_anthropic(struct buf *out) {
  for (int i = 0; out->len < SIZE; i++)
    buf_addf(
        out,
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"some words %d\"}}\n\n",
        i);
}

static void make_chat(struct buf *out) {
  for (int i = 0; out->len < SIZE; i++)
    buf_addf(
        out,
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1795440164,\"model\":\"deepseek-chat\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"some words %d\"},\"finish_reason\":null}]}\n\n",
        i);
}

static void make_gemini(struct buf *out) {
  for (int i = 0; out->len < SIZE; i++)
    buf_addf(
        out,
        "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"some words %d\"}]},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":4001,\"cachedContentTokenCount\":3001,\"candidatesTokenCount\":%d,\"totalTokenCount\":4002},\"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"gen-1\"}\n\n",
        i, i);
}

static const struct {
  const char *dialect;
  void (*make)(struct buf *out);
} cases[] = {
    {"claude_transcript", make_transcript},
    {"codex_rollout", make_rollout},
    {"claude", make_claude},
    {"codex", make_codex},
    {"anthropic", make_anthropic},
    {"openai_chat", make_chat},
    {"gemini_api", make_gemini},
};

/* ---- measuring ---- */

static int64_t run_once(const char *dialect, const struct buf *input, int64_t *events) {
  struct decoder *decoder = NULL;
  *events = 0;
  if (decoder_open(&decoder, dialect, count, events, NULL) != PURSER_OK)
    return -1;
  const int64_t before = clock_mono_ns(&clock_system);
  for (size_t at = 0; at < input->len; at += CHUNK) {
    const size_t n = input->len - at < CHUNK ? input->len - at : CHUNK;
    if (decoder_feed(decoder, input->data + at, n) != PURSER_OK)
      break;
  }
  (void)decoder_end(decoder);
  const int64_t took = clock_mono_ns(&clock_system) - before;
  decoder_free(decoder);
  return took;
}

static int64_t lines_of(const struct buf *input) {
  int64_t lines = 0;
  for (const char *at = input->data;
       (at = memchr(at, '\n', input->len - (size_t)(at - input->data))) != NULL; at++)
    lines++;
  return lines;
}

int main(void) {
  printf("%-18s %10s %10s %10s\n", "decode", "ns/line", "MB/s", "events");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf input = BUF_INIT;
    int64_t best = INT64_MAX;
    int64_t events = 0;
    cases[i].make(&input);
    for (int round = 0; round < ROUNDS; round++) {
      const int64_t took = run_once(cases[i].dialect, &input, &events);
      if (took > 0 && took < best)
        best = took;
    }
    const int64_t lines = lines_of(&input);
    printf("%-18s %10lld %10lld %10lld\n", cases[i].dialect, (long long)(best / lines),
           (long long)((int64_t)input.len * 1000 / best), (long long)events);
    buf_fini(&input);
  }
  return 0;
}
