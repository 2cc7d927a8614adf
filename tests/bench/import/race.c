/* race.c - see race.h. */
#include "race.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/order.h"
#include "floor.h"
#include "rows.h"
#include "world.h"

static void lap_add(struct laps *laps, enum lap lap, const struct measured *m) {
  if (laps->counts[lap] < ROUNDS_MAX) {
    laps->cpu_ns[lap][laps->counts[lap]] = m->cpu_ns;
    laps->ns[lap][laps->counts[lap]++] = m->ns;
  }
  if (m->peak_kib > laps->peak_kib && lap >= LAP_COLD)
    laps->peak_kib = m->peak_kib;
}

static int64_t median(const int64_t *ns, int count) {
  int64_t sorted[ROUNDS_MAX];
  if (count == 0)
    return 0;
  memcpy(sorted, ns, sizeof sorted);
  qsort(sorted, (size_t)count, sizeof sorted[0], order_int64);
  return sorted[count / 2];
}

int64_t laps_median(const struct laps *laps, enum lap lap) {
  return median(laps->ns[lap], laps->counts[lap]);
}

int64_t laps_median_cpu(const struct laps *laps, enum lap lap) {
  return median(laps->cpu_ns[lap], laps->counts[lap]);
}

/* ---- the two ---- */

struct surroundings {
  char home[800], claude[800], codex[800], data[800], ledger[800], path[2000];
  const char *env[12];
};

/* The same for both: nothing of the user's, no colours, UTC. */
static void surround(const struct race *race, struct surroundings *s) {
  const char *path = getenv("PATH");
  (void)snprintf(s->home, sizeof s->home, "HOME=%s", race->home);
  (void)snprintf(s->claude, sizeof s->claude, "CLAUDE_CONFIG_DIR=%s/.claude", race->home);
  (void)snprintf(s->codex, sizeof s->codex, "CODEX_HOME=%s/.codex", race->home);
  (void)snprintf(s->data, sizeof s->data, "XDG_DATA_HOME=%s/data", race->folder);
  (void)snprintf(s->ledger, sizeof s->ledger, "PURSER_DB=%s", race->ledger);
  (void)snprintf(s->path, sizeof s->path, "PATH=%s", path != NULL ? path : "/usr/bin:/bin");
  const char *const env[] = {s->home, s->claude, s->codex,     s->data,       s->ledger,
                             s->path, "TZ=UTC",  "NO_COLOR=1", "LOG_LEVEL=0", NULL};
  memcpy(s->env, env, sizeof env);
}

static struct measured run(const struct race *race, const char *const *argv, const char *input,
                           const char *output) {
  struct surroundings s;
  surround(race, &s);
  const struct process process = {.argv = argv, .env = s.env, .input = input, .output = output};
  const struct measured m = process_run(&process);
  if (m.exit_code != 0)
    tree_die("%s %s ended with %d", argv[0], argv[1], m.exit_code);
  return m;
}

static struct measured read_ours(const struct race *race) {
  const char *const argv[] = {race->purser, "import", "claude", NULL};
  return run(race, argv, NULL, NULL);
}

static struct measured read_theirs(const struct race *race) {
  const char *const argv[] = {race->ccusage, "claude", "daily", "--offline",
                              "--json",      "-z",     "UTC",   NULL};
  return run(race, argv, NULL, race->rows);
}

/* What Claude Code says to its hooks and its statusline. */
static void write_question(const struct race *race, char *out, size_t size) {
  (void)snprintf(
      out, size,
      "{\"session_id\":\"%s\",\"transcript_path\":\"%s\",\"hook_event_name\":\"Stop\","
      "\"cwd\":\"/home/someone/projects/"
      "ship-00\",\"model\":{\"id\":\"claude-opus-4-5-20251101\",\"display_name\":\"Opus\"},"
      "\"workspace\":{\"current_dir\":\"/home/someone/projects/ship-00\",\"project_dir\":"
      "\"/home/someone/projects/ship-00\"},\"version\":\"2.1.330\",\"cost\":{"
      "\"total_cost_usd\":0.5,\"total_duration_ms\":1000,\"total_api_duration_ms\":500}}\n",
      race->session, race->grows);
}

static struct measured answer_ours(const struct race *race, bool hooked) {
  char question[2048];
  const char *const hook[] = {race->purser, "hook", "claude", NULL};
  const char *const argv[] = {race->purser, "statusline", NULL};
  write_question(race, question, sizeof question);
  struct measured m = hooked ? run(race, hook, question, NULL) : read_ours(race);
  const struct measured answer = run(race, argv, question, NULL);
  m.ns += answer.ns;
  m.cpu_ns += answer.cpu_ns;
  return m;
}

static struct measured answer_theirs(const struct race *race) {
  char question[2048];
  const char *const argv[] = {race->ccusage, "statusline", "--offline", "--no-cache", NULL};
  write_question(race, question, sizeof question);
  return run(race, argv, question, NULL);
}

/* ---- laps ---- */

static struct measured read_by_cat(const struct race *race) {
  const char *const argv[] = {
      "sh", "-c", "find \"$HOME\" -name '*.jsonl' -type f -print0 | xargs -0 cat >/dev/null", NULL};
  return run(race, argv, NULL, NULL);
}

static struct measured read_here(const struct race *race) {
  const int64_t began = clock_mono_ns(&clock_system);
  if (floor_read(race->home) < race->truth.bytes / 2)
    tree_die("%s can't be read", race->home);
  return (struct measured){.ns = clock_mono_ns(&clock_system) - began};
}

static void forget(const struct race *race) {
  static const char *const ends[] = {"", "-wal", "-shm", "-journal", "-import-lock"};
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    char path[760];
    (void)snprintf(path, sizeof path, "%s%s", race->ledger, ends[i]);
    (void)unlink(path);
  }
}

static void run_reading(struct race *race, int rounds) {
  struct measured m;
  (void)read_by_cat(race);
  for (int i = 0; i < rounds; i++) {
    m = read_by_cat(race);
    lap_add(&race->ours, LAP_CAT, &m);
    m = read_here(race);
    lap_add(&race->ours, LAP_FLOOR, &m);
    forget(race);
    m = read_ours(race);
    lap_add(&race->ours, LAP_COLD, &m);
    if (race->ccusage != NULL) {
      m = read_theirs(race);
      lap_add(&race->theirs, LAP_COLD, &m);
    }
    m = read_ours(race);
    lap_add(&race->ours, LAP_UNCHANGED, &m);
    if (race->ccusage != NULL) {
      m = read_theirs(race);
      lap_add(&race->theirs, LAP_UNCHANGED, &m);
    }
  }
}

static void compare_rows(struct race *race) {
  struct row_table should;
  struct row_table is;
  rows_of_truth(&race->truth, &should);
  race->row_count = should.count;
  if (!rows_of_ledger(race->ledger, &is))
    tree_die("%s can't be read", race->ledger);
  race->ours.wrong = rows_wrong(&is, &should);
  rows_free(&is);
  if (race->ccusage != NULL) {
    if (!rows_of_ccusage(race->rows, &is))
      tree_die("what ccusage printed can't be read");
    race->theirs.wrong = rows_wrong(&is, &should);
    rows_free(&is);
  }
  rows_free(&should);
}

/* A response more, now. */
static void append_line(const struct race *race, int number) {
  char at[32];
  struct buf line = BUF_INIT;
  time_write(at, clock_now_ms(&clock_system));
  buf_addf(
      &line,
      "{\"parentUuid\":null,\"isSidechain\":false,\"message\":{\"id\":\"msg_appended_%d\",\"type\":"
      "\"message\",\"role\":\"assistant\",\"model\":\"claude-opus-4-5-20251101\",\"content\":[{"
      "\"type\":\"text\",\"text\":\"ahoy\"}],\"stop_reason\":\"end_turn\",\"usage\":{"
      "\"input_tokens\":5,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":20000,"
      "\"output_tokens\":300}},\"requestId\":\"req_appended_%d\",\"type\":\"assistant\",\"uuid\":"
      "\"00000000-0000-4000-8000-%012d\",\"timestamp\":\"%s\",\"cwd\":\"/home/someone/projects/"
      "ship-00\",\"sessionId\":\"%s\",\"version\":\"2.1.330\",\"gitBranch\":\"main\"}\n",
      number, number, number, at, race->session);
  const int fd = open(race->grows, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, line.data, line.len) != (ssize_t)line.len)
    tree_die("%s can't be appended to", race->grows);
  (void)close(fd);
  buf_fini(&line);
}

static void run_appending(struct race *race, int rounds) {
  int number = 0;
  append_line(race, number++); /* the transcript begins: a new folder is another matter */
  (void)read_ours(race);
  for (int i = 0; i < rounds; i++) {
    append_line(race, number++);
    struct measured m = answer_ours(race, false);
    lap_add(&race->ours, LAP_APPENDED, &m);
    append_line(race, number++);
    m = answer_ours(race, true);
    lap_add(&race->ours, LAP_HOOKED, &m);
    if (race->ccusage == NULL)
      continue;
    append_line(race, number++);
    m = answer_theirs(race);
    lap_add(&race->theirs, LAP_APPENDED, &m);
  }
}

void race_run(struct race *race, int64_t bytes, int rounds) {
  const struct tree_options options = {.root = race->home,
                                       .seed = 1,
                                       .bytes = bytes,
                                       .traps = traps_everyday,
                                       .density = 100,
                                       .clients = TREE_CLAUDE};
  (void)snprintf(race->session, sizeof race->session, "5d1f9c1e-0f6f-4b8e-9a53-0123456789ab");
  (void)snprintf(race->grows, sizeof race->grows,
                 "%s/.claude/projects/-home-someone-projects-ship-00/%s.jsonl", race->home,
                 race->session);
  tree_make(&options, &race->truth);
  sync(); /* what is still to be written to the disk would run against both */
  race->ours.ran = true;
  race->theirs.ran = race->ccusage != NULL;
  run_reading(race, rounds);
  compare_rows(race);
  run_appending(race, rounds);
}

void race_remove(struct race *race) {
  const char *const argv[] = {"rm", "-rf", race->folder, NULL};
  const char *const env[] = {"PATH=/usr/bin:/bin", NULL};
  const struct process process = {.argv = argv, .env = env};
  (void)process_run(&process);
  truth_fini(&race->truth);
}
