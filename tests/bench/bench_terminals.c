/* bench_terminals.c - what a terminal waits for: a hook's verdict, the statusline and the gate, each a process of its own, from
 * its start to its end, over a ledger of a hundred thousand runs. The floor is a program that does nothing.
 *
 *   PURSER_BENCH_STARTS=200   how often each is started
 *
 * Target: 5 ms, the start of the process included. */
#include "bench.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "budget/budget.h"

enum {
  RUNS = 100000
};

/* A session of a client's with two requests in it. */
static void write_session(const char *path) {
  FILE *file = fopen(path, "w");
  if (file == NULL)
    exit(1);
  fputs(
      "{\"type\":\"user\",\"sessionId\":\"s1\",\"uuid\":\"u1\",\"cwd\":\"/\",\"timestamp\":\"2026-11-24T10:00:00.000Z\","
      "\"message\":{\"role\":\"user\",\"content\":\"Say hello\"}}\n",
      file);
  for (int i = 1; i <= 2; i++)
    fprintf(
        file,
        "{\"type\":\"assistant\",\"sessionId\":\"s1\",\"uuid\":\"a%d\",\"cwd\":\"/\",\"requestId\":\"req_%d\","
        "\"timestamp\":\"2026-11-24T10:00:0%d.000Z\",\"message\":{\"id\":\"msg_bench_%d\",\"role\":\"assistant\","
        "\"model\":\"claude-opus-5-5\",\"content\":[],\"stop_reason\":\"end_turn\",\"usage\":{"
        "\"input_tokens\":1000,\"cache_read_input_tokens\":3000,\"output_tokens\":100}}}\n",
        i, i, i, i);
  fclose(file);
}

static void write_question(const char *path, const char *session) {
  FILE *file = fopen(path, "w");
  if (file == NULL)
    exit(1);
  fprintf(
      file,
      "{\"session_id\":\"s1\",\"transcript_path\":\"%s\",\"cwd\":\"/\",\"permission_mode\":\"default\","
      "\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"ls\"}}\n",
      session);
  fclose(file);
}

/* How long one start takes, its output thrown away; *cpu_ns is what of it the processor had to do: the same on a busy machine. */
static int64_t start(const char *const *argv, const char *input, int64_t *cpu_ns) {
  struct rusage usage;
  posix_spawn_file_actions_t files;
  pid_t pid = 0;
  int code = 0;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, input, O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  const int64_t from = now_ns();
  char *words[8] = {NULL};
  for (int i = 0; argv[i] != NULL && i < 7; i++)
    words[i] = strdup(argv[i]);
  if (posix_spawnp(&pid, argv[0], &files, NULL, words, environ) != 0 ||
      wait4(pid, &code, 0, &usage) != pid || !WIFEXITED(code) || WEXITSTATUS(code) != 0) {
    fprintf(stderr, "benchmark: %s failed\n", argv[0]);
    exit(1);
  }
  const int64_t ns = now_ns() - from;
  *cpu_ns = (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
            (int64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
  for (int i = 0; words[i] != NULL; i++)
    free(words[i]);
  posix_spawn_file_actions_destroy(&files);
  return ns;
}

/* One more response in the session: what a hook has to read before its verdict. */
static void add_response(const char *path) {
  static int n = 2;
  FILE *file = fopen(path, "a");
  if (file == NULL)
    exit(1);
  n++;
  fprintf(
      file,
      "{\"type\":\"assistant\",\"sessionId\":\"s1\",\"uuid\":\"a%d\",\"cwd\":\"/\",\"requestId\":\"req_%d\","
      "\"timestamp\":\"2026-11-24T10:00:03.000Z\",\"message\":{\"id\":\"msg_bench_%d\",\"role\":\"assistant\","
      "\"model\":\"claude-opus-5-5\",\"content\":[],\"stop_reason\":\"end_turn\",\"usage\":{"
      "\"input_tokens\":1000,\"cache_read_input_tokens\":3000,\"output_tokens\":100}}}\n",
      n, n, n);
  fclose(file);
}

/* `session`: it grows before each start; NULL none. */
static void measure(const char *what, const char *const *argv, const char *input,
                    const char *session) {
  const char *asked = getenv("PURSER_BENCH_STARTS");
  const long times = asked != NULL ? strtol(asked, NULL, 10) : 200;
  struct samples wall = {0};
  struct samples cpu = {0};
  int64_t cpu_ns = 0;
  for (int i = 0; i < 5; i++)
    (void)start(argv, input, &cpu_ns);
  for (long i = 0; i < times; i++) {
    if (session != NULL)
      add_response(session);
    samples_add(&wall, start(argv, input, &cpu_ns));
    samples_add(&cpu, cpu_ns);
  }
  samples_print(&wall, what);
  samples_print(&cpu, "    of the processor");
  free(wall.ns);
  free(cpu.ns);
}

static void set_budget(struct ledger *ledger) {
  struct policy p;
  struct error error = {0};
  budget_policy_init(&p);
  p.scope = SCOPE_GLOBAL;
  p.has_limit = true;
  p.limit_nanousd = INT64_C(100000000) * 1000000000;
  must(budget_policy_set(ledger, &p, NULL, &error), &error);
}

int main(void) {
  char folder[BENCH_PATH];
  char path[BENCH_PATH + 32];
  char session[BENCH_PATH + 32];
  char question[BENCH_PATH + 32];
  bench_folder(folder, sizeof folder);
  struct ledger *ledger = bench_open(folder);
  bench_fill(ledger, 0, RUNS, 2);
  set_budget(ledger);
  ledger_close(ledger);
  snprintf(path, sizeof path, "%.600s/purser.db", folder);
  snprintf(session, sizeof session, "%.600s/projects", folder);
  mkdir(session, 0700);
  snprintf(session, sizeof session, "%.600s/projects/-", folder);
  mkdir(session, 0700);
  snprintf(session, sizeof session, "%.600s/projects/-/s1.jsonl", folder);
  snprintf(question, sizeof question, "%.600s/question", folder);
  write_session(session);
  write_question(question, session);
  setenv("PURSER_DB", path, 1);
  unsetenv("PURSER_RUN");

  const char *const nothing[] = {"true", NULL};
  const char *const version[] = {PURSER_PROGRAM, "--version", NULL};
  const char *const hook[] = {PURSER_PROGRAM, "hook", "claude", NULL};
  const char *const line[] = {PURSER_PROGRAM, "statusline", NULL};
  const char *const gate[] = {PURSER_PROGRAM, "gate", "--agent", "reviewer", NULL};
  measure("a program that does nothing", nothing, "/dev/null", NULL);
  measure("purser --version", version, "/dev/null", NULL);
  measure("purser hook claude, nothing new", hook, question, NULL);
  measure("purser hook claude, after a response", hook, question, session);
  measure("purser statusline", line, "/dev/null", NULL);
  measure("purser gate", gate, "/dev/null", NULL);
  unlink(session);
  unlink(question);
  for (int up = 0; up < 2; up++) {
    *strrchr(session, '/') = '\0';
    rmdir(session);
  }
  bench_remove(folder);
  return 0;
}
