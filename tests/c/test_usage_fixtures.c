/* test_usage_fixtures.c - what the real clients and APIs printed and recorded, against what was truly served to them.
 *
 * tests/fixtures/{streams,records}/<group>/expect.json lists each recording's requests with their figures. Nothing here knows a
 * single scenario: whatever is recorded next is tested too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "support/events.h"
#include "usage/decoder.h"

/* How a group's figures show up. */
static const struct group {
  const char *name;
  const char *record;   /* the dialect of its records; NULL: it keeps none */
  int32_t total_scope;  /* of the totals in its stream; -1: none */
  bool own_ids;         /* events carry ids of the client's, not the provider's */
  bool tells_reasoning; /* the client passes it on */
} groups[] = {
    {"claude", "claude_transcript", PURSER_SCOPE_RUN, false, false},
    {"codex", "codex_rollout", PURSER_SCOPE_SESSION, false, true},
    {"gemini", "gemini_chat", PURSER_SCOPE_RUN, true, true},
    {"opencode", NULL, -1, true, true},
    {"anthropic", NULL, -1, false, true},
    {"openai_responses", NULL, -1, false, true},
    {"openai_chat", NULL, -1, false, true},
    {"gemini_api", NULL, -1, false, true},
};

/* ---- what a decoder saw ---- */

enum {
  SEEN_MAX = 512
};

struct seen {
  struct {
    char id[128];
    char model[64];
    purser_usage usage;
    uint32_t flags;
    int32_t scope;
  } usage[SEEN_MAX];
  size_t count;
  int results;
  int failures; /* errors that end a run */
  int malformed;
  bool result_failed;
};

static void look(void *data, const purser_event *event) {
  struct seen *seen = data;
  if (event->kind == PURSER_EVENT_RESULT) {
    seen->results++;
    seen->result_failed = (event->flags & PURSER_FLAG_FAILED) != 0;
  }
  if (event->kind == PURSER_EVENT_ERROR && (event->flags & PURSER_FLAG_FAILED) != 0)
    seen->failures++;
  if (event->kind == PURSER_EVENT_ERROR && event->name.len == 9 &&
      memcmp(event->name.ptr, "malformed", 9) == 0)
    seen->malformed++;
  if (event->kind != PURSER_EVENT_USAGE)
    return;
  assert_true(seen->count < SEEN_MAX);
  assert_true(event->id.len < sizeof seen->usage[0].id);
  assert_true(event->model.len < sizeof seen->usage[0].model);
  memcpy(seen->usage[seen->count].model, event->model.ptr, event->model.len);
  memcpy(seen->usage[seen->count].id, event->id.ptr, event->id.len);
  seen->usage[seen->count].usage = event->usage;
  seen->usage[seen->count].flags = event->flags;
  seen->usage[seen->count].scope = event->scope;
  seen->count++;
}

static struct seen *decode_file(const char *dialect, const char *path) {
  size_t len = 0;
  struct seen *seen = mem_zalloc(sizeof *seen);
  struct decoder *decoder = NULL;
  char *text = events_read_file(path, &len);
  assert_non_null(seen);
  assert_int_equal(decoder_open(&decoder, dialect, look, seen, NULL), PURSER_OK);
  assert_int_equal(decoder_feed(decoder, text, len), PURSER_OK);
  assert_int_equal(decoder_end(decoder), PURSER_OK);
  decoder_free(decoder);
  events_expect_same(path, dialect, text, len);
  mem_free(text);
  return seen;
}

/* ---- what was served ---- */

static purser_usage served(const struct json_doc *doc, json_id usage) {
  return (purser_usage){
      .input = json_i64_or(doc, json_get(doc, usage, "input"), 0),
      .cache_read = json_i64_or(doc, json_get(doc, usage, "cache_read"), 0),
      .cache_write_5m = json_i64_or(doc, json_get(doc, usage, "cache_write_5m"), 0),
      .cache_write_1h = json_i64_or(doc, json_get(doc, usage, "cache_write_1h"), 0),
      .output = json_i64_or(doc, json_get(doc, usage, "output"), 0),
      .reasoning = json_i64_or(doc, json_get(doc, usage, "reasoning"), 0),
  };
}

static bool same(const purser_usage *a, const purser_usage *b, bool reasoning) {
  return a->input == b->input && a->cache_read == b->cache_read &&
         a->cache_write_5m + a->cache_write_1h == b->cache_write_5m + b->cache_write_1h &&
         a->cache_write_1h == b->cache_write_1h && a->output == b->output &&
         (!reasoning || a->reasoning == b->reasoning);
}

static void add(purser_usage *sum, const purser_usage *usage) {
  sum->input += usage->input;
  sum->cache_read += usage->cache_read;
  sum->cache_write_5m += usage->cache_write_5m;
  sum->cache_write_1h += usage->cache_write_1h;
  sum->output += usage->output;
  sum->reasoning += usage->reasoning;
}

/* The final figures of a request were reported exactly once. */
static void expect_request(const struct group *group, const struct seen *seen, const char *where,
                           purser_str id, const purser_usage *usage) {
  int found = 0;
  for (size_t i = 0; i < seen->count; i++) {
    const bool named = group->own_ids || (strlen(seen->usage[i].id) == id.len &&
                                          memcmp(seen->usage[i].id, id.ptr, id.len) == 0);
    const bool final = (seen->usage[i].flags & PURSER_FLAG_PARTIAL) == 0;
    if (seen->usage[i].scope == PURSER_SCOPE_REQUEST && named && final &&
        same(&seen->usage[i].usage, usage, group->tells_reasoning))
      found++;
  }
  if (found != 1)
    fail_msg("%s: %.*s was reported %d times", where, (int)id.len, id.ptr, found);
}

/* ---- a group ---- */

struct context {
  const struct group *group;
  const struct json_doc *doc;
  const char *scenario;
  json_id body;
};

static bool text_is(const struct context *c, json_id id, const char *text) {
  return json_equals(c->doc, id, text);
}

/* An API's answer: one request, or one refusal. */
static void check_answer(const struct context *c, const char *path) {
  const json_id requests = json_get(c->doc, c->body, "requests");
  const json_id request = json_first(c->doc, requests);
  const json_id usage = json_get(c->doc, request, "usage");
  struct seen *seen = decode_file(c->group->name, path);
  assert_int_equal(seen->results, 1);
  if (text_is(c, json_get(c->doc, request, "outcome"), "ok")) {
    const purser_usage truth = served(c->doc, usage);
    assert_int_equal(seen->failures, 0);
    assert_false(seen->result_failed);
    if (truth.input + truth.output > 0)
      expect_request(c->group, seen, path,
                     json_raw(c->doc, json_get(c->doc, request, "response_id")), &truth);
  } else if (text_is(c, json_get(c->doc, request, "outcome"), "malformed")) {
    /* One event was broken; what came after it was read all the same. */
    assert_int_equal(seen->malformed, 1);
  } else if (seen->failures != 1 || !seen->result_failed) {
    fail_msg("%s: %d errors, the result %s", path, seen->failures,
             seen->result_failed ? "failed" : "did not");
  }
  mem_free(seen);
}

struct run {
  const char *name;
  purser_usage sum;
  int requests;
  bool all_ok;
};

static struct run sum_up(const struct context *c, purser_str name) {
  struct run run = {.name = name.ptr, .all_ok = true};
  const json_id requests = json_get(c->doc, c->body, "requests");
  for (json_id r = json_first(c->doc, requests); r != JSON_NONE;
       r = json_next(c->doc, requests, r)) {
    const purser_str of = json_raw(c->doc, json_get(c->doc, r, "run"));
    if (of.len != name.len || memcmp(of.ptr, name.ptr, name.len) != 0)
      continue;
    const purser_usage usage = served(c->doc, json_get(c->doc, r, "usage"));
    const json_id outcome = json_get(c->doc, r, "outcome");
    run.requests++;
    if (text_is(c, outcome, "ok"))
      add(&run.sum, &usage);
    else if (json_kind(c->doc, json_get(c->doc, r, "usage")) == JSON_OBJECT)
      run.all_ok = false; /* something was used, and nobody says how much of it was known */
  }
  return run;
}

/* The totals of all models; of each the last one counts. */
static purser_usage last_totals(const struct seen *seen, int32_t scope) {
  purser_usage total = {0};
  for (size_t i = 0; i < seen->count; i++) {
    bool last = seen->usage[i].scope == scope;
    for (size_t later = i + 1; later < seen->count; later++) {
      if (seen->usage[later].scope == scope &&
          strcmp(seen->usage[later].model, seen->usage[i].model) == 0)
        last = false;
    }
    if (last)
      add(&total, &seen->usage[i].usage);
  }
  return total;
}

/* Where a stream has no totals it has each request. */
static void check_requests(const struct context *c, purser_str run, const struct seen *seen,
                           const char *path) {
  const json_id requests = json_get(c->doc, c->body, "requests");
  for (json_id r = json_first(c->doc, requests); r != JSON_NONE;
       r = json_next(c->doc, requests, r)) {
    const purser_str of = json_raw(c->doc, json_get(c->doc, r, "run"));
    const purser_usage truth = served(c->doc, json_get(c->doc, r, "usage"));
    const bool here = of.len == run.len && memcmp(of.ptr, run.ptr, of.len) == 0;
    if (here && text_is(c, json_get(c->doc, r, "outcome"), "ok") &&
        json_is_true(c->doc, json_get(c->doc, r, "in_stream")))
      expect_request(c->group, seen, path, json_raw(c->doc, json_get(c->doc, r, "response_id")),
                     &truth);
  }
}

/* A client's run: its own total is what was served, and its result is there. */
static void check_run(const struct context *c, purser_str name, json_id facts, const char *path,
                      bool only) {
  const struct run run = sum_up(c, name);
  struct seen *seen = decode_file(c->group->name, path);
  const bool exited = json_i64_or(c->doc, json_get(c->doc, facts, "exit"), -1) == 0;
  const purser_usage total = last_totals(seen, c->group->total_scope);
  if (seen->results < 1)
    fail_msg("%s: no result", path);
  if (c->group->total_scope < 0)
    check_requests(c, name, seen, path);
  if (exited && run.all_ok && seen->failures > 0)
    fail_msg("%s: exited with 0, but %d errors", path, seen->failures);
  const bool comparable = c->group->total_scope == PURSER_SCOPE_RUN ||
                          (c->group->total_scope == PURSER_SCOPE_SESSION && only);
  if (exited && run.all_ok && comparable &&
      !same(&total, &run.sum,
            c->group->tells_reasoning && c->group->total_scope != PURSER_SCOPE_RUN))
    fail_msg("%s: input %lld instead of %lld, output %lld instead of %lld", path,
             (long long)total.input, (long long)run.sum.input, (long long)total.output,
             (long long)run.sum.output);
  mem_free(seen);
}

static void check_records(const struct context *c) {
  const json_id requests = json_get(c->doc, c->body, "requests");
  for (json_id r = json_first(c->doc, requests); r != JSON_NONE;
       r = json_next(c->doc, requests, r)) {
    const json_id files = json_get(c->doc, r, "in_records");
    const purser_usage truth = served(c->doc, json_get(c->doc, r, "usage"));
    if (!text_is(c, json_get(c->doc, r, "outcome"), "ok") || truth.input + truth.output == 0)
      continue;
    for (json_id f = json_first(c->doc, files); f != JSON_NONE; f = json_next(c->doc, files, f)) {
      const purser_str name = json_raw(c->doc, f);
      char path[1024];
      (void)snprintf(path, sizeof path, "%s/records/%s/%s/%.*s", PURSER_FIXTURES, c->group->name,
                     c->scenario, (int)name.len, name.ptr);
      struct seen *seen = decode_file(c->group->record, path);
      expect_request(c->group, seen, path, json_raw(c->doc, json_get(c->doc, r, "response_id")),
                     &truth);
      mem_free(seen);
    }
  }
}

static void check_scenario(const struct context *c) {
  const json_id runs = json_get(c->doc, c->body, "runs");
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/streams/%s/%s.sse", PURSER_FIXTURES, c->group->name,
                 c->scenario);
  if (access(path, R_OK) == 0)
    check_answer(c, path);
  const json_id first = json_first(c->doc, runs);
  const bool only = first != JSON_NONE && json_next(c->doc, runs, first) == JSON_NONE;
  for (json_id r = first; r != JSON_NONE; r = json_next(c->doc, runs, r)) {
    const purser_str name = json_key(c->doc, r);
    (void)snprintf(path, sizeof path, "%s/streams/%s/%.*s.jsonl", PURSER_FIXTURES, c->group->name,
                   (int)name.len, name.ptr);
    check_run(c, name, r, path, only);
  }
  if (c->group->record != NULL)
    check_records(c);
}

static int check_group(const struct group *group) {
  char path[1024];
  size_t len = 0;
  int scenarios = 0;
  (void)snprintf(path, sizeof path, "%s/streams/%s/expect.json", PURSER_FIXTURES, group->name);
  if (access(path, R_OK) != 0)
    return 0;
  char *text = events_read_file(path, &len);
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, text, len), PURSER_OK);
  for (json_id s = json_first(&doc, 0); s != JSON_NONE; s = json_next(&doc, 0, s)) {
    const purser_str key = json_key(&doc, s);
    char *name = mem_strndup(key.ptr, key.len);
    const struct context context = {group, &doc, name, s};
    check_scenario(&context);
    mem_free(name);
    scenarios++;
  }
  json_fini(&doc);
  mem_free(text);
  return scenarios;
}

static void what_was_served_is_what_is_decoded(void **state) {
  (void)state;
  int scenarios = 0;
  for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
    scenarios += check_group(&groups[i]);
  assert_true(scenarios > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_served_is_what_is_decoded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
