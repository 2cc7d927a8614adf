/* bench_writers.c - eight processes at one ledger, each admitting runs as fast as it can: how long does one wait at most, does everybody
 * get its turn, is anything lost?
 *
 *   PURSER_BENCH_WRITES=3000   admissions of each process
 *   PURSER_BENCH_DIR           where the ledger is made; /var/tmp
 *
 * Target: longest wait < 50 ms, nobody starved, nothing lost. On a machine that has other things to do a process waits for a
 * processor as well; where the kernel tells how long (/proc/self/schedstat), that part of the longest waits is shown. */
#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "budget/budget.h"
#include "ledger/internal.h"

enum {
  WRITERS = 8
};

/* One admission, as its process saw it; nanoseconds. */
struct admitted {
  int64_t took;
  int64_t lock;      /* until the ledger could be written */
  int64_t processor; /* ready to go on, and no processor to do so */
  int32_t tries;
  int32_t writer;
};

/* What the processes share: each has a part of the samples to itself. */
struct board {
  int64_t writes;
  int64_t end_ns[WRITERS];
  struct admitted samples[];
};

/* Nanoseconds that this process was ready and did not run; 0 where the kernel does not tell. */
static int64_t processor_wait(int file) {
  char text[96];
  const ssize_t len = file >= 0 ? pread(file, text, sizeof text - 1, 0) : 0;
  text[len > 0 ? len : 0] = '\0';
  char *end = text;
  (void)strtoll(text, &end, 10); /* how long it ran */
  return strtoll(end, NULL, 10);
}

static void finish(struct ledger *ledger, int64_t run_id) {
  const struct run_end end = {.status = RUN_COMPLETED};
  struct error error = {0};
  must(ledger_begin(ledger, &error), &error);
  must(ledger_run_end(ledger, run_id, &end, NULL, &error), &error);
  must(budget_release(ledger, run_id, &error), &error);
  must(ledger_commit(ledger, &error), &error);
}

static void admit_side_by_side(const char *folder, struct board *board, int writer) {
  struct ledger *ledger = bench_open(folder);
  struct error error = {0};
  const int file = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
  for (int64_t n = 0; n < board->writes; n++) {
    struct run_spec spec = bench_spec(n * WRITERS + writer);
    const struct admission_request request = {
        .spec = &spec, .estimate_nanousd = 1000, .fallback_nanousd = -1};
    struct admission a;
    const int64_t processor = processor_wait(file);
    const int64_t start = now_ns();
    must(budget_admit(ledger, &request, &a, &error), &error);
    const struct db_wait wait = db_last_wait(ledger->db);
    board->samples[writer * board->writes + n] = (struct admitted){
        .took = now_ns() - start,
        .lock = wait.ns,
        .processor = processor_wait(file) - processor,
        .tries = wait.tries,
        .writer = writer,
    };
    if (!a.admitted)
      exit(1);
    finish(ledger, a.run_id);
  }
  board->end_ns[writer] = now_ns();
  ledger_close(ledger);
}

static int by_time(const void *a, const void *b) {
  const struct admitted *x = a;
  const struct admitted *y = b;
  return (x->took < y->took) - (x->took > y->took);
}

static int count_run(void *data, const struct run_row *row) {
  (void)row;
  ++*(int64_t *)data;
  return 0;
}

static void set_budget(const char *folder) {
  struct policy policy;
  struct error error = {0};
  struct ledger *ledger = bench_open(folder);
  budget_policy_init(&policy);
  policy.scope = SCOPE_GLOBAL;
  policy.has_limit = true;
  policy.limit_nanousd = INT64_C(1000000000) * 1000000;
  must(budget_policy_set(ledger, &policy, NULL, &error), &error);
  ledger_close(ledger);
}

static int64_t count_runs(const char *folder) {
  struct ledger *ledger = bench_open(folder);
  struct error error = {0};
  int64_t runs = 0;
  must(ledger_run_each(ledger, NULL, count_run, &runs, &error), &error);
  ledger_close(ledger);
  return runs;
}

/* How many each process had admitted when the first was through with all of its own: nobody starved if they are alike. */
static void print_shares(const struct board *board, int64_t start_ns) {
  int64_t longest = 0;
  int64_t shortest = INT64_MAX;
  for (int i = 0; i < WRITERS; i++) {
    const int64_t took = board->end_ns[i] - start_ns;
    longest = took > longest ? took : longest;
    shortest = took < shortest ? took : shortest;
  }
  printf("%-46s %10.0f /s the fastest, %.0f /s the slowest\n", "  admissions of one process",
         (double)board->writes / ((double)shortest / 1e9),
         (double)board->writes / ((double)longest / 1e9));
}

static void print_waits(struct board *board) {
  const size_t count = (size_t)(board->writes * WRITERS);
  struct admitted *all = board->samples;
  double longest[WRITERS] = {0};
  for (size_t i = 0; i < count; i++) {
    const double ms = (double)all[i].took / 1e6;
    if (ms > longest[all[i].writer])
      longest[all[i].writer] = ms;
  }
  qsort(all, count, sizeof *all, by_time);
  printf("%-46s p50 %8.2f ms  p99 %8.2f ms  p99.9 %7.2f ms\n", "eight writers: an admission",
         (double)all[count / 2].took / 1e6, (double)all[count / 100].took / 1e6,
         (double)all[count / 1000].took / 1e6);
  printf("%-46s %10.1f ms\n", "eight writers: longest wait", (double)all[0].took / 1e6);
  for (int i = 0; i < 3; i++)
    printf("  %d. took %6.1f ms: the lock %6.1f (asked %d times), without a processor %6.1f\n",
           i + 1, (double)all[i].took / 1e6, (double)all[i].lock / 1e6, (int)all[i].tries,
           (double)all[i].processor / 1e6);
  printf("%-46s", "  longest of each process, ms");
  for (int i = 0; i < WRITERS; i++)
    printf(" %5.1f", longest[i]);
  putchar('\n');
}

int main(void) {
  char folder[BENCH_PATH];
  const char *text = getenv("PURSER_BENCH_WRITES");
  const int64_t writes = text != NULL ? strtoll(text, NULL, 10) : 3000;
  const size_t size = sizeof(struct board) + (size_t)writes * WRITERS * sizeof(struct admitted);
  struct board *board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (board == MAP_FAILED || writes < 1)
    return 1;
  board->writes = writes;
  bench_folder(folder, sizeof folder);
  set_budget(folder);
  const int64_t start = now_ns();
  for (int i = 0; i < WRITERS; i++) {
    if (fork() == 0) {
      admit_side_by_side(folder, board, i);
      _exit(0);
    }
  }
  for (int i = 0; i < WRITERS; i++) {
    int status = 0;
    if (wait(&status) < 0 || status != 0)
      return 1;
  }
  const double s = (double)(now_ns() - start) / 1e9;
  print_waits(board);
  print_shares(board, start);
  printf("%-46s %10lld of %lld, %.0f commits/s\n", "eight writers: runs in the ledger",
         (long long)count_runs(folder), (long long)(writes * WRITERS),
         2.0 * (double)writes * WRITERS / s);
  bench_remove(folder);
  return 0;
}
