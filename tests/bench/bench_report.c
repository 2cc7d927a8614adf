/* bench_report.c - what the views of the editor ask, of a ledger of two years.
 *
 * What is in it, and where it is kept, says kept_ledger.h. The times are those of a whole question: reading, adding up, and the JSON that
 * goes to the editor. Target: 16 ms, one frame. */
#include "kept_ledger.h"

#include <stdarg.h>
#include <time.h>

#include "api/core.h"
#include "base/calendar.h"
#include "base/mem.h"
#include "base/zone.h"

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
  qsort(ns, TIMES, sizeof *ns, order_int64);
  qsort(cpu, TIMES, sizeof *cpu, order_int64);
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
  struct purser core = {.ledger = NULL};
  int64_t now_ms = 0;
  core.ledger = open_kept(&now_ms);
  const struct dates d = find_dates(ledger_zone(core.ledger), now_ms);
  ask_views(&core, &d);
  ask_cuts(&core, &d);
  ask_logs(&core, &d);
  ledger_close(core.ledger);
  return 0;
}
