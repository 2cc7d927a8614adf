/* bench_report.c - what the views of the editor ask, of a ledger of two years.
 *
 *   PURSER_BENCH_RUNS=1000000    how many runs it has
 *   PURSER_BENCH_DIR             where it is kept for the next time; /var/tmp
 *
 * Twelve agents, forty workspaces, fifteen models, five efforts, branches that come and go; some of each far busier than others. The
 * times are those of a whole question: reading, adding up, and the JSON that goes to the editor. Target: 16 ms, one frame. */
#include "bench.h"

#include <stdarg.h>
#include <time.h>

#include "api/core.h"
#include "base/calendar.h"
#include "base/mem.h"
#include "base/zone.h"
#include "ledger/internal.h"

enum {
  AGENTS = 12,
  WORKSPACES = 40,
  MODELS = 15,
  DAYS = 730,
  MADE_AS = 6 /* raise it when what is made changes: kept ledgers are made anew */
};

/* ---- a ledger of two years ---- */

static const char *const agents[AGENTS] = {"reviewer", "fixer", "writer",   "planner",
                                           "tester",   "docs",  "sql",      "infra",
                                           "triage",   "port",  "refactor", "chat"};
static const char *const models[MODELS] = {
    "claude-opus-4-7",  "claude-sonnet-4-5", "gpt-5.5",
    "claude-haiku-4-5", "gemini-3-pro",      "gpt-5.5-mini",
    "gemini-3.6-flash", "claude-opus-4-5",   "gpt-5.1-codex",
    "deepseek-v4-pro",  "deepseek-chat",     "claude-sonnet-4",
    "gemini-2.5-flash", "qwen3-coder",       "o3"};
static const char *const sources[] = {"claude", "codex", "gemini", "opencode", "anthropic"};
static const char *const efforts[] = {"", "low", "medium", "high", "max"};

static uint64_t random_state = 42;

static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state >> 11;
}

static int64_t below(int64_t n) {
  return (int64_t)(next_random() % (uint64_t)n);
}

/* The first ones far more often than the last: the smaller of three. */
static int64_t mostly_first(int64_t n) {
  int64_t least = below(n);
  for (int i = 0; i < 2; i++) {
    const int64_t other = below(n);
    least = other < least ? other : least;
  }
  return least;
}

/* Most are small, a few very large. */
static int64_t long_tail(int64_t typical) {
  int64_t value = typical / 4 + below(typical);
  for (int i = 0; i < 12 && below(3) == 0; i++)
    value *= 2;
  return value;
}

static struct run_spec make_spec(int64_t n, int64_t day) {
  static char workspace[64];
  static char branch[64];
  static char conversation[32];
  const int64_t agent = mostly_first(AGENTS);
  const int64_t w = mostly_first(WORKSPACES);
  /* An agent has its model, which changes twice a year; now and then it is asked for another one. */
  const int64_t model = below(10) == 0 ? mostly_first(MODELS) : (agent * 5 + day / 180) % MODELS;
  snprintf(workspace, sizeof workspace, "/home/someone/projects/project-%02d", (int)w);
  if (below(2) == 0)
    snprintf(branch, sizeof branch, "main");
  else
    snprintf(branch, sizeof branch, "feature-%d-%d", (int)w, (int)(day / 6 + below(2)));
  snprintf(conversation, sizeof conversation, "c%d", (int)(n / 3));
  return (struct run_spec){
      .agent = agents[agent],
      .workspace = workspace,
      .branch = branch,
      .source = sources[agent % 5],
      .model = models[model],
      .effort = efforts[below(8) == 0 ? below(5) : agent % 5],
      .conversation = conversation,
      .prompt = "Explain what this function does, and why it fails for empty input.",
      .prompt_bytes = 68,
      .billing = agent == 11                ? BILLING_LOCAL
                 : agent == 4 || agent == 9 ? BILLING_SUBSCRIPTION
                                            : BILLING_METERED,
  };
}

static struct request make_request(int64_t run_id, int64_t n, int64_t at_ms, const char *model,
                                   char *key, char *request_id) {
  struct request r = bench_request(run_id, n, at_ms, key, request_id);
  r.model = model;
  r.usage = (purser_usage){.input = below(900),
                           .cache_read = long_tail(20000),
                           .cache_write_5m = below(4000),
                           .output = long_tail(800)};
  r.price.input_nanousd = r.usage.input * 3000;
  r.price.cache_read_nanousd = r.usage.cache_read * 300;
  r.price.cache_write_nanousd = r.usage.cache_write_5m * 3750;
  r.price.output_nanousd = r.usage.output * 15000;
  r.price.cost_nanousd = r.price.input_nanousd + r.price.cache_read_nanousd +
                         r.price.cache_write_nanousd + r.price.output_nanousd;
  r.price.cache_saved_nanousd = r.usage.cache_read * 2700 - r.usage.cache_write_5m * 750;
  if (below(200) == 0)
    r.price.status = COST_UNKNOWN;
  return r;
}

static void make_run(struct ledger *ledger, int64_t n, int64_t at_ms, int64_t day) {
  struct error error = {0};
  struct booked booked;
  char key[64];
  char request_id[64];
  int64_t run_id = 0;
  struct run_spec spec = make_spec(n, day);
  spec.started_ms = at_ms;
  must(ledger_run_create(ledger, &spec, RUN_RUNNING, &run_id, &error), &error);
  const int64_t requests = 1 + below(3);
  for (int64_t i = 0; i < requests; i++) {
    const struct request r =
        make_request(run_id, n * 4 + i, at_ms + i * 1000, spec.model, key, request_id);
    must(ledger_book(ledger, &r, &booked, &error), &error);
  }
  const struct run_end end = {.status = below(20) == 0 ? RUN_FAILED : RUN_COMPLETED,
                              .ended_ms = at_ms + 60000,
                              .duration_ms = long_tail(20000),
                              .reason = "completed"};
  must(ledger_run_end(ledger, run_id, &end, NULL, &error), &error);
}

/* Indexes in no order of time are made at the end, at once: nobody else is in the ledger. */
static const char *const late_indexes[][2] = {
    {"run_by_cost", "cost"}, {"run_by_tokens", "tokens"}, {"run_by_duration", "duration_ms"}};

static void drop_late_indexes(struct ledger *ledger) {
  struct error error = {0};
  char sql[128];
  for (size_t i = 0; i < sizeof late_indexes / sizeof late_indexes[0]; i++) {
    snprintf(sql, sizeof sql, "DROP INDEX %s", late_indexes[i][0]);
    must(db_script(ledger->db, sql, &error), &error);
  }
}

static void make_late_indexes(struct ledger *ledger) {
  struct error error = {0};
  char sql[256];
  for (size_t i = 0; i < sizeof late_indexes / sizeof late_indexes[0]; i++) {
    snprintf(sql, sizeof sql,
             "CREATE INDEX %s ON run_log (%s, started_ms, agent, workspace, billing, status)"
             " WHERE status >= 3",
             late_indexes[i][0], late_indexes[i][1]);
    must(db_script(ledger->db, sql, &error), &error);
  }
}

static void make_ledger(const char *folder, int64_t runs, int64_t now_ms) {
  struct error error = {0};
  struct ledger *ledger = bench_open(folder);
  const int64_t span_ms = INT64_C(86400000) * DAYS;
  const int64_t start = now_ns();
  must(ledger_set_zone(ledger, "Europe/Berlin", &error), &error);
  drop_late_indexes(ledger);
  for (int64_t n = 0; n < runs; n++) {
    const int64_t offset_ms = (int64_t)((double)span_ms * (double)n / (double)runs);
    if (n % 4000 == 0)
      must(ledger_begin(ledger, &error), &error);
    make_run(ledger, n, now_ms - span_ms + offset_ms, offset_ms / 86400000);
    if (n + 1 == runs || (n + 1) % 4000 == 0)
      must(ledger_commit(ledger, &error), &error);
  }
  make_late_indexes(ledger);
  const int64_t booked = now_ns();
  must(ledger_judge_runs(ledger, INT64_MAX, NULL, &error), &error);
  printf("%-58s %10.1f us\n", "a run judged, many at once",
         (double)(now_ns() - booked) / 1e3 / (double)runs);
  ledger_close(ledger);
  printf("%-58s %10.1f s\n", "made", (double)(now_ns() - start) / 1e9);
}

/* The ledger of an earlier day is as good: the questions are about the day on which it was made. */
static void find_kept(char *folder, size_t size, int64_t runs, int64_t *now_ms) {
  const char *base = getenv("PURSER_BENCH_DIR");
  char part[BENCH_PATH + 8];
  char stamp[BENCH_PATH + 16];
  struct stat info;
  snprintf(folder, size, "%s/purser-bench-report-%lld-%d.%d", base != NULL ? base : "/var/tmp",
           (long long)runs, MADE_AS, (int)PURSER_ABI_VERSION);
  snprintf(stamp, sizeof stamp, "%s/purser.db", folder);
  if (stat(stamp, &info) != 0) {
    *now_ms = clock_now_ms(&clock_system);
    snprintf(part, sizeof part, "%s.part", folder);
    bench_remove(part);
    bool made = mkdir(part, 0700) == 0;
    if (made) {
      make_ledger(part, runs, *now_ms);
      made = rename(part, folder) == 0;
    }
    if (!made) {
      perror(part);
      exit(1);
    }
  }
}

/* ---- questions ---- */

struct dates {
  char today[16], month[16], month_end[16], last_month[16], same_day[16];
  char year[16], year_end[16], day_30[16], day_90[16];
  int64_t month_ms, month_end_ms, year_ms, year_end_ms;
};

static void write_date(char out[16], int64_t day) {
  const struct civil c = calendar_civil(day);
  snprintf(out, 16, "%04d-%02d-%02d", (int)c.year % 10000, (int)c.month % 100, (int)c.day % 100);
}

static struct dates find_dates(const struct zone *zone, int64_t now_ms) {
  struct dates d;
  const int64_t today = zone_day(zone, now_ms);
  const struct civil c = calendar_civil(today);
  const int64_t month = today - c.day + 1;
  const int64_t month_end = month + calendar_days_in_month(c.year, c.month);
  const int64_t year = calendar_days((struct civil){c.year, 1, 1});
  const int64_t last_month = month - calendar_days_in_month(c.month == 1 ? c.year - 1 : c.year,
                                                            c.month == 1 ? 12 : c.month - 1);
  write_date(d.today, today);
  write_date(d.month, month);
  write_date(d.month_end, month_end - 1);
  write_date(d.last_month, last_month);
  write_date(d.same_day, last_month + c.day - 1 < month ? last_month + c.day - 1 : month - 1);
  write_date(d.year, year);
  write_date(d.year_end, calendar_days((struct civil){c.year + 1, 1, 1}) - 1);
  write_date(d.day_30, today - 29);
  write_date(d.day_90, today - 89);
  d.month_ms = zone_day_start_ms(zone, month);
  d.month_end_ms = zone_day_start_ms(zone, month_end);
  d.year_ms = zone_day_start_ms(zone, year);
  d.year_end_ms = now_ms + 86400000;
  return d;
}

static int64_t count(const char *json, const char *part) {
  int64_t n = 0;
  for (const char *at = json; (at = strstr(at, part)) != NULL; at += strlen(part))
    n++;
  return n;
}

/* What the processor did for it, which a busy machine changes least. */
static int64_t cpu_ns(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* PURSER_BENCH_ONLY=part of a question's name. */
static bool is_wanted(const char *what) {
  const char *only = getenv("PURSER_BENCH_ONLY");
  return only == NULL || strstr(what, only) != NULL;
}

static void ask(struct purser *core, const char *what, const char *verb, const char *arguments) {
  enum {
    TIMES = 15
  };
  int64_t ns[TIMES];
  int64_t cpu[TIMES];
  int64_t rows = 0;
  size_t bytes = 0;
  if (!is_wanted(what))
    return;
  for (int i = 0; i < TIMES; i++) {
    struct error error = {0};
    char *json = NULL;
    const int64_t start = now_ns();
    const int64_t start_cpu = cpu_ns();
    must(verb_answer(core, verb, arguments, &json, &error), &error);
    ns[i] = now_ns() - start;
    cpu[i] = cpu_ns() - start_cpu;
    rows = count(json, "\"key\":") + count(json, "\"agent\":");
    bytes = strlen(json);
    if (count(json, "\"message\":\"no such") + count(json, "\"errors\":{\"") > 0) {
      fprintf(stderr, "benchmark: %s: %.200s\n", what, strstr(json, "\"errors\""));
      exit(1);
    }
    mem_free(json);
  }
  const double first = (double)ns[0] / 1e6;
  qsort(ns, TIMES, sizeof *ns, samples_compare);
  qsort(cpu, TIMES, sizeof *cpu, samples_compare);
  printf("%-52s %7.2f ms  (first %6.2f, cpu %6.2f) %5lld rows %4zu KB%s\n", what,
         (double)ns[TIMES / 2] / 1e6, first, (double)cpu[TIMES / 2] / 1e6, (long long)rows,
         bytes / 1024, ns[TIMES / 2] > 16000000 ? "  SLOW" : "");
  fflush(stdout);
}

/* The last two texts are kept. */
__attribute__((format(printf, 1, 2))) static const char *say(const char *format, ...) {
  static char texts[2][512];
  static int turn;
  va_list args;
  turn = 1 - turn;
  va_start(args, format);
  vsnprintf(texts[turn], sizeof texts[turn], format, args);
  va_end(args);
  return texts[turn];
}

static void add_report(char *out, const char *name, const char *by, const char *since,
                       const char *until, const char *more) {
  char one[512];
  snprintf(one, sizeof one,
           "%s\"%s\":[\"report\",{\"by\":\"%s\",\"since\":\"%s\",\"until\":\"%s\"%s}]",
           out[strlen(out) - 1] == '{' ? "" : ",", name, by, since, until, more);
  strcat(out, one);
}

/* A view: its headline, its days, its cuts, a page of its runs. `within`: `,"agent":"reviewer"` or nothing. */
static const char *view(const struct dates *d, const char *since, const char *until,
                        int64_t since_ms, int64_t until_ms, const char *within,
                        const char *const *by, const char *sort) {
  static char out[8192];
  char log[512];
  char metered[256];
  snprintf(metered, sizeof metered, "%.200s,\"billing\":\"metered\"", within);
  strcpy(out, "{\"questions\":{");
  add_report(out, "kinds", "billing", since, until, within);
  add_report(out, "before", "billing", d->last_month, d->same_day, metered);
  add_report(out, "days", "day", since, until, metered);
  if (within[0] != '\0')
    add_report(out, "quarter", "day", d->day_90, d->today, metered);
  for (; *by != NULL; by++)
    add_report(out, *by, *by, since, until, metered);
  snprintf(
      log, sizeof log,
      ",\"log\":[\"log\",{\"limit\":50,\"since_ms\":%lld,\"until_ms\":%lld,\"sort\":\"%s\"%s}]",
      (long long)since_ms, (long long)until_ms, sort, metered);
  strcat(out, log);
  strcat(out, ",\"budgets\":[\"budget.list\"]}}");
  return out;
}

static void ask_views(struct purser *core, const struct dates *d) {
  static const char *const all[] = {"agent", "workspace", "model", NULL};
  static const char *const of_agent[] = {"model", "effort", "workspace", NULL};
  static const char *const of_workspace[] = {"agent", "model", "branch", NULL};
  static const struct {
    const char *name, *within;
    const char *const *cuts;
  } views[] = {
      {"dashboard", "", all},
      {"agent window, the busiest", ",\"agent\":\"reviewer\"", of_agent},
      {"agent window, a quiet one", ",\"agent\":\"refactor\"", of_agent},
      {"workspace window, the busiest", ",\"workspace\":\"/home/someone/projects/project-00\"",
       of_workspace},
      {"workspace window, a quiet one", ",\"workspace\":\"/home/someone/projects/project-38\"",
       of_workspace},
  };
  for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
    const char *within = views[i].within;
    ask(core, say("%s: month", views[i].name), "batch",
        view(d, d->month, d->month_end, d->month_ms, d->month_end_ms, within, views[i].cuts,
             "started"));
    ask(core, say("%s: year", views[i].name), "batch",
        view(d, d->year, d->year_end, d->year_ms, d->year_end_ms, within, views[i].cuts,
             "started"));
    ask(core, say("%s: 30 days", views[i].name), "batch",
        view(d, d->day_30, d->today, d->month_ms, d->month_end_ms, within, views[i].cuts,
             "started"));
    ask(core, say("%s: 90 days", views[i].name), "batch",
        view(d, d->day_90, d->today, d->month_ms, d->month_end_ms, within, views[i].cuts,
             "started"));
    if (within[0] != '\0')
      ask(core, say("%s: year, dearest runs first", views[i].name), "batch",
          view(d, d->year, d->year_end, d->year_ms, d->year_end_ms, within, views[i].cuts, "cost"));
  }
}

static void ask_cuts(struct purser *core, const struct dates *d) {
  static const char *const cuts[] = {"day",    "month",  "agent",  "workspace", "model",
                                     "source", "effort", "branch", "billing"};
  for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
    ask(core, say("by %s: month", cuts[i]), "report",
        say("{\"by\":\"%s\",\"since\":\"%s\",\"until\":\"%s\"}", cuts[i], d->month, d->month_end));
    ask(core, say("by %s: everything", cuts[i]), "report", say("{\"by\":\"%s\"}", cuts[i]));
  }
}

static void ask_logs(struct purser *core, const struct dates *d) {
  static const char *const sorts[] = {"started", "cost", "tokens", "duration"};
  static const struct {
    const char *name, *filter;
  } filters[] = {
      {"all agents", ""},
      {"busiest agent", ",\"agent\":\"reviewer\""},
      {"quiet agent", ",\"agent\":\"refactor\""},
      {"quiet workspace", ",\"workspace\":\"/home/someone/projects/project-38\""},
  };
  char range[128];
  for (size_t s = 0; s < sizeof sorts / sizeof sorts[0]; s++) {
    for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
      for (int ever = 0; ever < 2; ever++) {
        char what[80];
        char arguments[512];
        snprintf(range, sizeof range, ",\"since_ms\":%lld,\"until_ms\":%lld",
                 (long long)d->month_ms, (long long)d->month_end_ms);
        snprintf(what, sizeof what, "log by %s, %s, %s", sorts[s], filters[f].name,
                 ever ? "ever" : "month");
        snprintf(arguments, sizeof arguments,
                 "{\"sort\":\"%s\",\"limit\":100,\"billing\":\"metered\"%s%s}", sorts[s],
                 filters[f].filter, ever ? "" : range);
        ask(core, what, "log", arguments);
      }
    }
  }
  ask(core, "log by cost, cheapest first, ever", "log",
      "{\"sort\":\"cost\",\"ascending\":true,\"limit\":100}");
  ask(core, "log by cost, page 20, ever", "log",
      "{\"sort\":\"cost\",\"offset\":1900,\"limit\":100}");
  ask(core, "log, above $2, ever", "log", "{\"min_nanousd\":2000000000,\"limit\":100}");
  ask(core, "log, unusual ones, ever", "log", "{\"unusual\":true,\"limit\":100}");
  ask(core, "log, a word of the prompt, ever", "log", "{\"text\":\"EMPTY\",\"limit\":100}");
  ask(core, "log, part of an agent's name, ever", "log", "{\"agent_like\":\"FAC\",\"limit\":100}");
}

int main(void) {
  char folder[BENCH_PATH];
  struct purser core = {.ledger = NULL};
  struct error error = {0};
  const char *text = getenv("PURSER_BENCH_RUNS");
  const int64_t runs = text != NULL ? strtoll(text, NULL, 10) : 1000000;
  int64_t now_ms = 0;
  find_kept(folder, sizeof folder, runs, &now_ms);
  core.ledger = bench_open(folder);
  struct sums total;
  const struct report_query everything = {.since_day = INT64_MIN, .until_day = INT64_MAX};
  must(ledger_report(core.ledger, &everything, NULL, NULL, &total, &error), &error);
  printf("%lld runs, %lld requests, %.0f MB, %.0f bytes a request\n", (long long)total.runs,
         (long long)total.requests, (double)bench_size(folder) / 1e6,
         (double)bench_size(folder) / (double)total.requests);
  struct stat info;
  char path[BENCH_PATH + 16];
  snprintf(path, sizeof path, "%s/purser.db", folder);
  now_ms = stat(path, &info) == 0 ? (int64_t)info.st_mtime * 1000 : clock_now_ms(&clock_system);
  const struct dates d = find_dates(ledger_zone(core.ledger), now_ms);
  ask_views(&core, &d);
  ask_cuts(&core, &d);
  ask_logs(&core, &d);
  ledger_close(core.ledger);
  return 0;
}
