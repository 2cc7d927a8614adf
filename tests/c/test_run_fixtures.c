/* test_run_fixtures.c - recorded runs of the real clients through the whole core: stream, record, totals, ledger.
 *
 * Every fixture says which requests the provider served. Whatever the client left out of its stream, and however often it told the
 * rest, each of them must stand in the ledger once, at its rate card's price. */
#include "support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "base/calendar.h"
#include "base/json.h"
#include "import/import.h"
#include "run/event_list.h"
#include "run/run.h"
#include "run/totals.h"
#include "support/fake_clock.h"
#include "support/temp.h"

struct client {
  const char *name;
  const char *record_kind;
  const char *record_below; /* where the record's files go, below the client's root */
};

static const struct client clients[] = {
    {"claude", "claude_transcript", "projects/p"},
    {"codex", "codex_rollout", "sessions"},
    {"gemini", "gemini_chat", "tmp"},
    {"opencode", "opencode", ""},
};

/* What the test stands on for one scenario. */
struct stage {
  const struct client *client;
  const char *scenario;
  struct temp temp;
  struct fake_clock clock;
  struct ledger *ledger;
  struct catalog *catalog;
  struct run_config config;
  struct rng rng;
};

static char *read_file(const char *path, size_t *len) {
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return NULL;
  (void)fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  (void)fseek(file, 0, SEEK_SET);
  char *data = malloc((size_t)size + 1);
  assert_non_null(data);
  *len = fread(data, 1, (size_t)size, file);
  data[*len] = '\0';
  (void)fclose(file);
  return data;
}

static int64_t line_time(const char *line, size_t len) {
  static const char mark[] = "\"timestamp\":";
  const char *at = memmem(line, len, mark, sizeof mark - 1);
  if (at == NULL)
    return 0;
  at += sizeof mark - 1;
  while (at < line + len && *at == ' ')
    at++;
  if (*at >= '0' && *at <= '9')
    return strtoll(at, NULL, 10); /* the data ends with a NUL */
  int64_t ms = 0;
  if (at + 25 <= line + len)
    (void)calendar_parse_instant(at + 1, 24, &ms);
  return ms;
}

/* opencode's database, made from its dump, as it stood at an instant. */
static void make_database(const struct stage *stage, const char *name, int64_t until_ms) {
  char from[1024];
  (void)snprintf(from, sizeof from, "%s/records/%s/%s/%s", PURSER_FIXTURES, stage->client->name,
                 stage->scenario, name);
  size_t len = 0;
  char *sql = read_file(from, &len);
  assert_non_null(sql);
  (void)mkdir(temp_path(&stage->temp, "root"), 0700);
  const char *path = temp_path(&stage->temp, "root/opencode.db");
  (void)remove(path);
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  char *message = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
    fail_msg("%s: %s", from, message);
  char later[128];
  (void)snprintf(later, sizeof later, "DELETE FROM message WHERE time_created >= %lld",
                 (long long)until_ms);
  assert_int_equal(sqlite3_exec(db, later, NULL, NULL, NULL), SQLITE_OK);
  (void)sqlite3_close(db);
  free(sql);
}

/* Copies a record as it stood at an instant: the clients append, so a later line was not there yet. */
static void copy_record(const struct stage *stage, const char *name, int64_t until_ms) {
  if (strstr(name, ".sql") != NULL) {
    make_database(stage, name, until_ms);
    return;
  }
  char from[1024];
  char to[1024];
  (void)snprintf(from, sizeof from, "%s/records/%s/%s/%s", PURSER_FIXTURES, stage->client->name,
                 stage->scenario, name);
  (void)snprintf(to, sizeof to, "root/%s/%s", stage->client->record_below, name);
  size_t len = 0;
  char *data = read_file(from, &len);
  assert_non_null(data);
  size_t end = 0;
  while (end < len) {
    const char *newline = memchr(data + end, '\n', len - end);
    const size_t next = newline != NULL ? (size_t)(newline - data) + 1 : len;
    if (line_time(data + end, next - end) >= until_ms)
      break;
    end = next;
  }
  char folder[1024];
  (void)snprintf(folder, sizeof folder, "%s", to);
  for (char *slash = strchr(folder, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(temp_path(&stage->temp, folder), 0700);
    *slash = '/';
  }
  temp_write(&stage->temp, to, data, end);
  free(data);
}

static void collect(void *data, const purser_event *event) {
  if (event_counts(event))
    assert_int_equal(event_list_add(data, event), 0);
}

static char *read_stream(const struct stage *stage, const char *run, size_t *len) {
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/streams/%s/%s.jsonl", PURSER_FIXTURES, stage->client->name,
                 run);
  char *data = read_file(path, len);
  assert_non_null(data);
  return data;
}

static void replay(struct stage *stage, const char *run_name, const char *session, int exit_code,
                   int64_t start_ms) {
  stage->clock.now_ms = start_ms;
  char root[1024];
  (void)snprintf(root, sizeof root, "%s", temp_path(&stage->temp, "root"));
  const struct run_request request = {
      .agent = "tester",
      .source = stage->client->name,
      .workspace = "/home/me/proj",
      .prompt = "Say hello",
      .session = session,
      .record_kind = stage->client->record_kind,
      .record_root = root,
  };
  struct error error = {0};
  struct run *run = NULL;
  struct run_answer answer;
  assert_int_equal(run_admit(&run, stage->ledger, &stage->config, &request, &answer, &error), 0);
  assert_non_null(run);

  struct event_list list = EVENT_LIST_INIT;
  struct decoder *decoder = NULL;
  assert_int_equal(decoder_open(&decoder, stage->client->name, collect, &list, &error), 0);
  size_t len = 0;
  char *stream = read_stream(stage, run_name, &len);
  enum run_verdict verdict;
  for (size_t at = 0; at < len;) {
    size_t n = (size_t)rng_between(&stage->rng, 1, 4000);
    if (n > len - at)
      n = len - at;
    assert_int_equal(decoder_feed(decoder, stream + at, n), 0);
    at += n;
    assert_int_equal(run_observe(run, list.events, list.count, &verdict, NULL, &error), 0);
    event_list_clear(&list);
    if (rng_chance(&stage->rng, 20))
      assert_int_equal(run_follow(run, &verdict, NULL, &error), 0);
  }
  assert_int_equal(decoder_end(decoder), 0);
  assert_int_equal(run_observe(run, list.events, list.count, &verdict, NULL, &error), 0);
  const struct run_finish finish = {
      .exit_code = exit_code, .duration_ms = 1, .reason = "exit", .output = ""};
  if (run_settle(run, &finish, &error) != 0)
    fail_msg("%s: %s", run_name, error_text(&error));
  free(stream);
  decoder_free(decoder);
  event_list_fini(&list);
  run_free(run);
}

/* ---- the truth ---- */

struct truth {
  purser_usage sure; /* served to the end */
  purser_usage most; /* and those that were cut off */
  int64_t sure_nanousd;
  bool exact;
};

static purser_usage usage_of(const struct json_doc *doc, json_id id) {
  return (purser_usage){
      .input = json_i64_or(doc, json_get(doc, id, "input"), 0),
      .cache_read = json_i64_or(doc, json_get(doc, id, "cache_read"), 0),
      .cache_write_5m = json_i64_or(doc, json_get(doc, id, "cache_write_5m"), 0),
      .cache_write_1h = json_i64_or(doc, json_get(doc, id, "cache_write_1h"), 0),
      .output = json_i64_or(doc, json_get(doc, id, "output"), 0),
  };
}

static struct truth truth_of(const struct stage *stage, const struct json_doc *doc,
                             json_id scenario) {
  struct truth truth = {.exact = true};
  const json_id requests = json_get(doc, scenario, "requests");
  for (json_id r = json_first(doc, requests); r != JSON_NONE; r = json_next(doc, requests, r)) {
    /* opencode names its sessions by a request that it tells nobody of; purser gives it the title instead. */
    if (json_equals(doc, json_get(doc, r, "kind"), "title"))
      continue;
    const purser_usage usage = usage_of(doc, json_get(doc, r, "usage"));
    usage_add(&truth.most, &usage);
    if (!json_equals(doc, json_get(doc, r, "outcome"), "ok")) {
      if (!usage_is_zero(&usage))
        truth.exact = false;
      continue;
    }
    usage_add(&truth.sure, &usage);
    struct buf model = BUF_INIT;
    json_add_text(doc, json_get(doc, r, "model"), &model);
    const struct price_query query = {.model = buf_text(&model),
                                      .at_ms = stage->clock.now_ms,
                                      .reported_nanousd = -1,
                                      .usage = usage};
    struct price price;
    price_request(stage->catalog, &query, &price);
    if (price.status == COST_KNOWN)
      truth.sure_nanousd += price.cost_nanousd;
    buf_fini(&model);
  }
  return truth;
}

static void between(const char *scenario, const char *what, int64_t low, int64_t value,
                    int64_t high) {
  if (value < low || value > high) {
    fail_msg("%s: %s is %lld, should be %lld to %lld", scenario, what, (long long)value,
             (long long)low, (long long)high);
  }
}

static void compare(const struct stage *stage, const struct truth *truth) {
  struct sums total;
  const struct report_query query = {.since_day = INT64_MIN, .until_day = INT64_MAX};
  assert_int_equal(ledger_report(stage->ledger, &query, NULL, NULL, &total, NULL), 0);
  const char *s = stage->scenario;
  const purser_usage *most = truth->exact ? &truth->sure : &truth->most;
  between(s, "input", truth->sure.input, total.input, most->input);
  between(s, "cache_read", truth->sure.cache_read, total.cache_read, most->cache_read);
  between(s, "cache_write_5m", truth->sure.cache_write_5m, total.cache_write_5m,
          most->cache_write_5m);
  between(s, "cache_write_1h", truth->sure.cache_write_1h, total.cache_write_1h,
          most->cache_write_1h);
  /* The output of a request that was cut off is the client's own estimate: nobody was told. */
  between(s, "output", truth->sure.output, total.output,
          truth->exact ? truth->sure.output : INT64_MAX);
  /* opencode went to a provider that no rate card knows: its own figure counts there. */
  if (truth->exact && strcmp(stage->client->name, "opencode") != 0)
    between(s, "cost", truth->sure_nanousd, total.cost_nanousd, truth->sure_nanousd);
}

/* ---- scenarios ---- */

/* A run's start: the first time its own stream or, for a client that prints none, its record tells. */
static int64_t first_time(const char *data, size_t len, int nth_turn) {
  int turns = 0;
  for (size_t at = 0; at < len;) {
    const char *newline = memchr(data + at, '\n', len - at);
    const size_t next = newline != NULL ? (size_t)(newline - data) + 1 : len;
    const int64_t ms = line_time(data + at, next - at);
    const bool turn = memmem(data + at, next - at, "\"task_started\"", 14) != NULL;
    if (nth_turn == 0 ? ms != 0 : turn && ++turns == nth_turn)
      return ms;
    at = next;
  }
  return 0;
}

enum {
  MOST_RUNS = 8
};

struct plan {
  char names[MOST_RUNS][64];
  char sessions[MOST_RUNS][64];
  int exits[MOST_RUNS];
  int64_t starts[MOST_RUNS];
  int count;
};

static void copy_raw(char *out, size_t size, purser_str text) {
  (void)snprintf(out, size, "%.*s", (int)text.len, text.ptr);
}

static void read_plan(struct stage *stage, const struct json_doc *doc, json_id scenario,
                      struct plan *plan) {
  const json_id runs = json_get(doc, scenario, "runs");
  const json_id records = json_get(doc, scenario, "records");
  for (json_id r = json_first(doc, runs); r != JSON_NONE; r = json_next(doc, runs, r)) {
    const int i = plan->count++;
    assert_in_range(i, 0, MOST_RUNS - 1);
    copy_raw(plan->names[i], sizeof plan->names[i], json_key(doc, r));
    copy_raw(plan->sessions[i], sizeof plan->sessions[i],
             json_raw(doc, json_get(doc, r, "session")));
    plan->exits[i] = (int)json_i64_or(doc, json_get(doc, r, "exit"), 0);
    size_t len = 0;
    char *stream = read_stream(stage, plan->names[i], &len);
    plan->starts[i] = first_time(stream, len, 0);
    free(stream);
  }
  /* codex prints no times: the turns of its record tell. A fork has a record of its own. */
  int turn = 0;
  char session_before[64] = "";
  for (int i = 0; i < plan->count && plan->starts[i] == 0; i++) {
    turn = strcmp(session_before, plan->sessions[i]) == 0 ? turn + 1 : 1;
    (void)snprintf(session_before, sizeof session_before, "%s", plan->sessions[i]);
    for (json_id f = json_first(doc, records); f != JSON_NONE; f = json_next(doc, records, f)) {
      char path[1024];
      const purser_str name = json_raw(doc, f);
      (void)snprintf(path, sizeof path, "%s/records/%s/%s/%.*s", PURSER_FIXTURES,
                     stage->client->name, stage->scenario, (int)name.len, name.ptr);
      if (strstr(path, plan->sessions[i]) == NULL)
        continue;
      size_t len = 0;
      char *data = read_file(path, &len);
      plan->starts[i] = first_time(data, len, turn);
      free(data);
    }
  }
}

static void play(struct stage *stage, const struct json_doc *doc, json_id scenario) {
  struct plan plan = {.count = 0};
  read_plan(stage, doc, scenario, &plan);
  const json_id records = json_get(doc, scenario, "records");
  int64_t start = 0;
  for (int i = 0; i < plan.count; i++) {
    int64_t until = INT64_MAX;
    for (int j = plan.count - 1; j > i; j--) {
      if (plan.starts[j] != 0)
        until = plan.starts[j] - 20;
    }
    for (json_id f = json_first(doc, records); f != JSON_NONE; f = json_next(doc, records, f)) {
      char name[512];
      copy_raw(name, sizeof name, json_raw(doc, f));
      copy_record(stage, name, until);
    }
    /* Started a little before its first event; never before the run before it. */
    if (plan.starts[i] != 0)
      start = plan.starts[i] - 20;
    /* Whoever resumes or forks names the session that is gone on with. */
    const char *session = i > 0 ? plan.sessions[i - 1] : NULL;
    replay(stage, plan.names[i], session, plan.exits[i], start);
  }
}

/* What the client wrote down is read as if nobody had watched: all of it must be known (rule 12). */
static void import_records(const struct stage *stage) {
  char root[1024];
  (void)snprintf(root, sizeof root, "%s", temp_path(&stage->temp, "root"));
  const struct import_root roots[] = {{stage->client->name, root}};
  const char *const sources[] = {stage->client->name, NULL};
  const struct import_options options = {
      .sources = sources, .roots = roots, .root_count = 1, .again = true};
  struct import_result result;
  struct error error = {0};
  if (import_sync(stage->ledger, stage->catalog, &options, &result, &error) != 0)
    fail_msg("%s: %s", stage->scenario, error_text(&error));
  if (result.total.booked != 0 || result.total.runs != 0)
    fail_msg("%s: %lld requests and %lld runs were new to the ledger", stage->scenario,
             (long long)result.total.booked, (long long)result.total.runs);
  import_result_fini(&result);
}

static void scenario_is_booked_once(const struct client *client, const struct json_doc *doc,
                                    json_id id, uint64_t seed) {
  struct stage stage = {.client = client, .rng = {seed}};
  char name[64];
  copy_raw(name, sizeof name, json_key(doc, id));
  stage.scenario = name;
  temp_make(&stage.temp);
  fake_clock_init(&stage.clock, "2026-11-24T20:00:00Z");
  struct error error = {0};
  const struct ledger_options options = {.path = temp_path(&stage.temp, "purser.db"),
                                         .clock = &stage.clock.clock};
  assert_int_equal(ledger_open(&stage.ledger, &options, &error), 0);
  assert_int_equal(catalog_load(&stage.catalog, NULL, NULL, &error), 0);
  stage.config = (struct run_config){.catalog = stage.catalog,
                                     .keep_prompt = KEEP_EXCERPT,
                                     .fallback_input = -1,
                                     .fallback_output = -1};
  play(&stage, doc, id);
  const struct truth truth = truth_of(&stage, doc, id);
  compare(&stage, &truth);
  import_records(&stage);
  compare(&stage, &truth);
  catalog_free(stage.catalog);
  ledger_close(stage.ledger);
  temp_remove(&stage.temp);
}

static void fixtures_of(const struct client *client) {
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/streams/%s/expect.json", PURSER_FIXTURES, client->name);
  size_t len = 0;
  char *text = read_file(path, &len);
  assert_non_null(text);
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, text, len), 0);
  int scenarios = 0;
  for (json_id id = json_first(&doc, 0); id != JSON_NONE; id = json_next(&doc, 0, id)) {
    for (uint64_t seed = 1; seed <= 3; seed++)
      scenario_is_booked_once(client, &doc, id, seed);
    scenarios++;
  }
  assert_true(scenarios > 3);
  json_fini(&doc);
  free(text);
}

static void claude_runs_are_booked_once(void **state) {
  (void)state;
  fixtures_of(&clients[0]);
}

static void codex_runs_are_booked_once(void **state) {
  (void)state;
  fixtures_of(&clients[1]);
}

static void gemini_runs_are_booked_once(void **state) {
  (void)state;
  fixtures_of(&clients[2]);
}

static void opencode_runs_are_booked_once(void **state) {
  (void)state;
  fixtures_of(&clients[3]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(claude_runs_are_booked_once),
      cmocka_unit_test(codex_runs_are_booked_once),
      cmocka_unit_test(gemini_runs_are_booked_once),
      cmocka_unit_test(opencode_runs_are_booked_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
