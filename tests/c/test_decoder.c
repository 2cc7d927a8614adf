/* test_decoder.c - what holds for every dialect, whatever the bytes: nothing crashes, nothing leaks, memory is bounded, and what makes
 * no sense is said a few times and then passed over. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "support/events.h"
#include "support/fail_mem.h"
#include "support/support.h"
#include "usage/decoder.h"

static void ignore(void *data, const purser_event *event) {
  int64_t *bytes = data;
  /* Touch every string, so that a sanitizer sees a bad one. */
  const purser_str all[] = {event->id,    event->name,       event->text,   event->session,
                            event->model, event->request_id, event->parent, event->service_tier,
                            event->speed, event->effort,     event->cwd,    event->branch};
  for (size_t i = 0; i < COUNT(all); i++) {
    assert_non_null(all[i].ptr);
    for (size_t c = 0; c < all[i].len; c++)
      *bytes += all[i].ptr[c] != '\0';
  }
  const purser_usage *u = &event->usage;
  assert_true(u->input >= 0 && u->cache_read >= 0 && u->cache_write_5m >= 0 &&
              u->cache_write_1h >= 0);
  assert_true(u->output >= 0 && u->reasoning >= 0 && u->reasoning <= u->output &&
              u->web_searches >= 0);
  assert_true(event->cost_nanousd >= -1);
}

/* ---- the table ---- */

static void every_name_opens_and_others_are_listed(void **state) {
  (void)state;
  struct error error = {0};
  struct decoder *decoder = NULL;
  int64_t bytes = 0;
  size_t count = 0;
  for (const char *const *name = decoder_dialects(); *name != NULL; name++, count++) {
    assert_int_equal(decoder_open(&decoder, *name, ignore, &bytes, &error), PURSER_OK);
    assert_int_equal(decoder_end(decoder), PURSER_OK);
    decoder_free(decoder);
  }
  assert_int_equal(count, 11);
  assert_int_equal(bytes, 0);
  assert_int_equal(decoder_open(&decoder, "klingon", ignore, &bytes, &error), PURSER_EINVAL);
  assert_null(decoder);
  assert_non_null(strstr(error.message, "klingon"));
  for (const char *const *name = decoder_dialects(); *name != NULL; name++)
    assert_non_null(strstr(error.message, *name));
  decoder_free(NULL);
}

static bool is_http(const char *dialect) {
  return strncmp(dialect, "openai_", 7) == 0 || strcmp(dialect, "anthropic") == 0 ||
         strcmp(dialect, "gemini_api") == 0;
}

/* ---- what makes no sense ---- */

static size_t count_of(const char *text, const char *what) {
  size_t n = 0;
  for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
    n++;
  return n;
}

static void malformed_lines_are_said_a_few_times_in_a_row(void **state) {
  (void)state;
  for (const char *const *name = decoder_dialects(); *name != NULL; name++) {
    if (is_http(*name))
      continue;
    const char *input =
        "Warning: something\n{\"type\":\n\n]\n{1:2}\n\"text\n{\"type\":\"x\"}\nagain\n";
    char *events = events_decode(*name, input, strlen(input), 0);
    assert_int_equal(count_of(events, "\"malformed\""), 4);
    assert_non_null(strstr(events, "Warning: something"));
    assert_non_null(strstr(events, "again"));
    mem_free(events);
    events_expect_same("malformed lines", *name, input, strlen(input));
  }
}

static void malformed_events_do_not_end_a_stream(void **state) {
  (void)state;
  events_expect(
      "openai_chat",
      "data: {'choices':[{'delta':{'content':'a'}}]}\n\n"
      "data: {'type': 'broken', 'x': [1, 2.\n\n"
      "data: {'choices':[{'delta':{'content':'b'},'finish_reason':'stop'}]}\n\ndata: [DONE]\n\n",
      "{'kind':'text','text':'a'}\n"
      "{'kind':'error','name':'malformed','text':'{\\'type\\': \\'broken\\', \\'x\\': [1, 2.','http_status':0,'retry_after_ms':-1}\n"
      "{'kind':'text','text':'b'}\n{'kind':'result','name':'completed'}\n");
}

/* JSON that is fine, and none of the things that were expected. */
static void values_of_the_wrong_kind_are_passed_over(void **state) {
  (void)state;
  static const char *const values[] = {"null",  "true", "0",  "-1",   "1e999", "\"\"",
                                       "\"x\"", "[]",   "{}", "[[]]", "[{}]",  "{\"a\":[]}"};
  static const char *const keys[] = {"type",     "message", "event",      "payload", "part",
                                     "item",     "usage",   "error",      "result",  "stats",
                                     "response", "choices", "candidates", "content", "subtype",
                                     "$set",     "tokens",  "delta"};
  static const char *const types[] = {"assistant",
                                      "user",
                                      "system",
                                      "result",
                                      "stream_event",
                                      "rate_limit_event",
                                      "turn.completed",
                                      "turn.failed",
                                      "item.completed",
                                      "error",
                                      "init",
                                      "tool_result",
                                      "step_finish",
                                      "tool_use",
                                      "message_start",
                                      "message_delta",
                                      "content_block_delta",
                                      "response.completed",
                                      "response.output_item.done",
                                      "session_meta",
                                      "token_usage_record",
                                      "event_msg",
                                      "turn_context",
                                      "cost-state"};
  struct buf input = BUF_INIT;
  for (size_t t = 0; t < COUNT(types); t++) {
    for (size_t k = 1; k < COUNT(keys); k++) {
      for (size_t v = 0; v < COUNT(values); v++)
        buf_addf(&input, "data: {\"type\":\"%s\",\"%s\":%s}\n\n", types[t], keys[k], values[v]);
    }
  }
  for (const char *const *name = decoder_dialects(); *name != NULL; name++) {
    int64_t bytes = 0;
    struct decoder *decoder = NULL;
    assert_int_equal(decoder_open(&decoder, *name, ignore, &bytes, NULL), PURSER_OK);
    for (size_t at = 0; at < input.len;) {
      /* API dialects take the lines as they are, the others without the field's name. */
      const char *end = strstr(input.data + at, "\n\n");
      const size_t n = (size_t)(end - input.data) - at + 2;
      const size_t skip = is_http(*name) ? 0 : strlen("data: ");
      assert_int_equal(decoder_feed(decoder, input.data + at + skip, n - skip), PURSER_OK);
      at += n;
    }
    assert_int_equal(decoder_end(decoder), PURSER_OK);
    decoder_free(decoder);
  }
  buf_fini(&input);
}

static void depth_and_nul_bytes_are_survived(void **state) {
  (void)state;
  struct buf deep = BUF_INIT;
  for (int i = 0; i < 100000; i++)
    buf_adds(&deep, "{\"error\":");
  buf_adds(&deep, "1");
  for (int i = 0; i < 100000; i++)
    buf_addc(&deep, '}');
  buf_addc(&deep, '\n');
  static const char nul[] =
      "{\"type\":\"a\0b\",\"sessionID\":\"\0\",\"session_id\":\"\\u0000\"}\n\0\0\n\0";
  for (const char *const *name = decoder_dialects(); *name != NULL; name++) {
    int64_t bytes = 0;
    struct decoder *decoder = NULL;
    assert_int_equal(decoder_open(&decoder, *name, ignore, &bytes, NULL), PURSER_OK);
    if (is_http(*name))
      assert_int_equal(decoder_feed(decoder, "data: ", 6), PURSER_OK);
    assert_int_equal(decoder_feed(decoder, deep.data, deep.len), PURSER_OK);
    assert_int_equal(decoder_feed(decoder, nul, sizeof nul - 1), PURSER_OK);
    assert_int_equal(decoder_end(decoder), PURSER_OK);
    decoder_free(decoder);
  }
  buf_fini(&deep);
}

static void a_line_over_the_limit_is_dropped_and_the_next_one_read(void **state) {
  (void)state;
  struct decoder *decoder = NULL;
  int64_t bytes = 0;
  enum {
    PIECE = 1024 * 1024
  };
  char *piece = mem_alloc(PIECE);
  assert_non_null(piece);
  memset(piece, 'x', PIECE);
  assert_int_equal(decoder_open(&decoder, "codex", ignore, &bytes, NULL), PURSER_OK);
  for (int64_t fed = 0; fed <= DECODER_LINE_MAX; fed += PIECE)
    assert_int_equal(decoder_feed(decoder, piece, PIECE), PURSER_OK);
  assert_true(bytes > 0); /* the overflow was reported before the line ended */
  const int64_t before = bytes;
  static const char next[] =
      "\n{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\",\"text\":\"Hi\"}}\n";
  assert_int_equal(decoder_feed(decoder, next, sizeof next - 1), PURSER_OK);
  assert_int_equal(bytes - before, 2);
  decoder_free(decoder);
  mem_free(piece);
}

/* ---- mutations of real recordings ---- */

static const char *dialect_of(const char *folder, const char *group) {
  static const struct {
    const char *group;
    const char *record;
  } records[] = {
      {"claude", "claude_transcript"}, {"codex", "codex_rollout"}, {"gemini", "gemini_chat"}};
  if (strcmp(folder, "streams") == 0)
    return group;
  for (size_t i = 0; i < COUNT(records); i++) {
    if (strcmp(records[i].group, group) == 0)
      return records[i].record;
  }
  return NULL;
}

typedef void (*recording_fn)(const char *path, const char *dialect, const char *text, size_t len);

static void visit_file(const char *path, const char *dialect, recording_fn visit) {
  size_t len = 0;
  char *text = events_read_file(path, &len);
  visit(path, dialect, text, len);
  mem_free(text);
}

static void visit_folder(const char *path, const char *dialect, recording_fn visit) {
  DIR *dir = opendir(path);
  for (struct dirent *entry = dir ? readdir(dir) : NULL; entry != NULL; entry = readdir(dir)) {
    char child[1024];
    struct stat info;
    const size_t n = strlen(entry->d_name);
    (void)snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] == '.' || stat(child, &info) != 0)
      continue;
    if (S_ISDIR(info.st_mode))
      visit_folder(child, dialect, visit);
    else if ((n > 6 && strcmp(entry->d_name + n - 6, ".jsonl") == 0) ||
             (n > 4 && strcmp(entry->d_name + n - 4, ".sse") == 0))
      visit_file(child, dialect, visit);
  }
  if (dir != NULL)
    (void)closedir(dir);
}

static void visit_recordings(recording_fn visit) {
  static const char *const folders[] = {"streams", "records"};
  static const char *const known[] = {"claude",      "codex",     "gemini",
                                      "opencode",    "anthropic", "openai_responses",
                                      "openai_chat", "gemini_api"};
  for (size_t f = 0; f < COUNT(folders); f++) {
    for (size_t g = 0; g < COUNT(known); g++) {
      char path[1024];
      const char *dialect = dialect_of(folders[f], known[g]);
      (void)snprintf(path, sizeof path, "%s/%s/%s", PURSER_FIXTURES, folders[f], known[g]);
      if (dialect != NULL)
        visit_folder(path, dialect, visit);
    }
  }
}

static void decode_quietly(const char *dialect, const char *text, size_t len) {
  int64_t bytes = 0;
  struct decoder *decoder = NULL;
  assert_int_equal(decoder_open(&decoder, dialect, ignore, &bytes, NULL), PURSER_OK);
  assert_int_equal(decoder_feed(decoder, text, len), PURSER_OK);
  assert_int_equal(decoder_end(decoder), PURSER_OK);
  decoder_free(decoder);
}

/* Swaps a byte, a digit, a structural character; drops or repeats a piece. */
static void mutate(struct rng *rng, char *text, size_t *len) {
  static const char structure[] = "{}[]\",:\\\n\r0-9e.\x00\xff";
  for (int64_t i = rng_between(rng, 1, 20); i > 0 && *len > 2; i--) {
    const size_t at = (size_t)rng_below(rng, (int64_t)*len);
    const size_t n = (size_t)rng_between(rng, 1, 40);
    const size_t cut = at + n < *len ? n : *len - at;
    if (rng_chance(rng, 60)) {
      text[at] = structure[rng_below(rng, (int64_t)sizeof structure - 1)];
    } else if (rng_chance(rng, 50)) {
      memmove(text + at, text + at + cut, *len - at - cut);
      *len -= cut;
    } else {
      memcpy(text, text + at, cut < at ? cut : at);
    }
  }
}

static void mutate_and_decode(const char *path, const char *dialect, const char *text, size_t len) {
  struct rng rng = {.state = len};
  /* The same damage wherever the project lies. */
  for (const char *c = path + strlen(PURSER_FIXTURES); *c != '\0'; c++)
    rng.state = rng.state * 31 + (unsigned char)*c;
  const int rounds = property_seeds(20);
  for (int i = 0; i < rounds; i++) {
    char *copy = mem_alloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    size_t left = len;
    mutate(&rng, copy, &left);
    /* The exact length, for the sanitizer. */
    char *exact = mem_alloc(left);
    assert_non_null(exact);
    memcpy(exact, copy, left);
    decode_quietly(dialect, exact, left);
    mem_free(exact);
    mem_free(copy);
  }
}

static void recordings_with_damage_are_survived(void **state) {
  (void)state;
  visit_recordings(mutate_and_decode);
}

static void another_dialects_recording_is_survived(const char *path, const char *dialect,
                                                   const char *text, size_t len) {
  (void)path;
  for (const char *const *name = decoder_dialects(); *name != NULL; name++) {
    if (strcmp(*name, dialect) != 0)
      decode_quietly(*name, text, len);
  }
}

static void any_recording_may_reach_any_dialect(void **state) {
  (void)state;
  visit_recordings(another_dialects_recording_is_survived);
}

/* ---- memory ---- */

static const struct {
  const char *dialect;
  const char *input;
} small[] = {
    {"anthropic",
     "HTTP/1.1 200 OK\r\nrequest-id: r\r\n\r\n"
     "data: {'type':'message_start','message':{'id':'m','model':'a\\n','usage':{'input_tokens':1}}}\n\n"
     "data: {'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'n'}}\n\n"
     "data: {'type':'content_block_delta','index':0,'delta':{'type':'input_json_delta','partial_json':'{}'}}\n\n"
     "data: {'type':'content_block_delta','index':1,'delta':{'type':'text_delta','text':'a\\nb'}}\n\n"
     "data: {'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':{'output_tokens':2,'iterations':[{'input_tokens':1,'output_tokens':1},{'output_tokens':1}]}}\n\n"
     "data: {'type':'message_stop'}\n\n"},
    {"anthropic",
     "HTTP/1.1 429 No\r\nretry-after: 1\r\n\r\n{'error':{'message':'a\\nb','type':'x'}}"},
    {"openai_chat",
     "{'choices':[{'message':{'content':'a\\nb','tool_calls':[{'id':'x','function':{'name':'n','arguments':'{}'}}]},'finish_reason':'stop'}],'usage':{'prompt_tokens':1}}"},
    {"claude",
     "{'type':'stream_event','event':{'type':'message_start','message':{'id':'m','model':'a','usage':{'input_tokens':1}}},'session_id':'s'}\n"
     "{'type':'result','is_error':true,'result':'a\\nb','model_usage_since_last_result':{'a':{'inputTokens':1}}}\n"},
    {"codex",
     "{'type':'thread.started','thread_id':'t'}\n{'type':'error','message':'{\\'error\\':{\\'message\\':\\'x\\'}}'}\n"},
    {"codex_rollout",
     "{'type':'session_meta','payload':{'id':'t'}}\n{'type':'event_msg','payload':{'type':'token_count','info':{'total_token_usage':{'input_tokens':5},'last_token_usage':{'input_tokens':5}}}}\n"},
    {"gemini",
     "{'type':'init','session_id':'s'}\n{'type':'result','status':'error','error':{'message':'[API Error: {\\'error\\':{\\'code\\':400}}]'}}\n"},
    {"opencode",
     "{'type':'step_finish','sessionID':'s','part':{'messageID':'m','reason':'stop','tokens':{'input':1}}}\n{'type':'step_finish','sessionID':'s','part':{'messageID':'m','tokens':{'input':1}}}\n"},
};

/* Fails one allocation after the other: the status says so, or nothing was needed; and the decoder lives on. */
static void each_failing_allocation_is_reported_and_survived(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(small); i++) {
    char *input = events_quote(small[i].input);
    for (int64_t nth = 1;; nth++) {
      const int64_t alive = fail_mem_alive();
      int64_t bytes = 0;
      struct decoder *decoder = NULL;
      fail_mem_at(nth, false);
      int status = decoder_open(&decoder, small[i].dialect, ignore, &bytes, NULL);
      if (status == PURSER_OK) {
        for (size_t at = 0, len = strlen(input); at < len; at += 7) {
          const int one = decoder_feed(decoder, input + at, len - at < 7 ? len - at : 7);
          assert_true(one == PURSER_OK || one == PURSER_ENOMEM);
          if (one != PURSER_OK)
            status = one;
        }
        const int one = decoder_end(decoder);
        if (one != PURSER_OK)
          status = one;
      }
      const bool hit = fail_mem_off();
      decoder_free(decoder);
      assert_int_equal(fail_mem_alive(), alive);
      if (!hit)
        break;
      if (status != PURSER_ENOMEM)
        fail_msg("%s: allocation %lld failed, status %d", small[i].dialect, (long long)nth, status);
    }
    mem_free(input);
  }
}

static void feed_in_pieces(struct decoder *decoder, const struct buf *input) {
  for (size_t at = 0; at < input->len; at += 100) {
    const size_t n = input->len - at < 100 ? input->len - at : 100;
    assert_int_equal(decoder_feed(decoder, input->data + at, n), PURSER_OK);
  }
}

static void a_warm_decoder_allocates_nothing(void **state) {
  (void)state;
  int64_t bytes = 0;
  struct decoder *decoder = NULL;
  struct buf input = BUF_INIT;
  for (int i = 1000; i < 1300; i++) {
    buf_addf(&input, "{\"type\":\"assistant\",\"message\":{\"id\":\"m%d\",\"model\":\"a\",", i);
    buf_adds(&input,
             "\"stop_reason\":\"end_turn\",\"content\":[{\"type\":\"text\",\"text\":\"a\\nb\"}],"
             "\"usage\":{\"input_tokens\":1,\"output_tokens\":1}},\"sessionId\":\"s\\u00e9\"}\n");
  }
  assert_int_equal(decoder_open(&decoder, "claude_transcript", ignore, &bytes, NULL), PURSER_OK);
  feed_in_pieces(decoder, &input);
  fail_mem_at(INT64_MAX, false);
  feed_in_pieces(decoder, &input);
  assert_int_equal(fail_mem_count(), 0);
  (void)fail_mem_off();
  decoder_free(decoder);
  buf_fini(&input);
}

int main(void) {
  fail_mem_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_name_opens_and_others_are_listed),
      cmocka_unit_test(malformed_lines_are_said_a_few_times_in_a_row),
      cmocka_unit_test(malformed_events_do_not_end_a_stream),
      cmocka_unit_test(values_of_the_wrong_kind_are_passed_over),
      cmocka_unit_test(depth_and_nul_bytes_are_survived),
      cmocka_unit_test(a_line_over_the_limit_is_dropped_and_the_next_one_read),
      cmocka_unit_test(recordings_with_damage_are_survived),
      cmocka_unit_test(any_recording_may_reach_any_dialect),
      cmocka_unit_test(each_failing_allocation_is_reported_and_survived),
      cmocka_unit_test(a_warm_decoder_allocates_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
