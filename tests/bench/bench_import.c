/* bench_import.c - reading transcripts, against ccusage on the same tree in the same run.
 *
 * PURSER_BENCH_MB="100 1000 4000" says which sizes; the tree lies in PURSER_BENCH_DIR (/var/tmp), is that large there, and goes
 * again. Both programs are started anew each time, in turns; what is shown are medians. PURSER_CCUSAGE is the other program; without
 * it there is nothing to compare with. Traps that are a matter of taste are left out of the tree (trap.h). */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "import/race.h"
#include "world.h"

static double ms(int64_t ns) {
  return (double)ns / 1e6;
}

static void print_time(int64_t ns) {
  if (ns >= 1000000000) {
    (void)printf("%10.2f s ", ms(ns) / 1e3);
  } else {
    (void)printf("%10.1f ms", ms(ns));
  }
}

/* `target` 0: none. */
static void print_row(const struct race *race, const char *what, int64_t ours, int64_t theirs,
                      double target) {
  (void)printf("  %-34s", what);
  print_time(ours);
  if (race->theirs.ran) {
    const double ratio = (double)theirs / (double)ours;
    print_time(theirs);
    (void)printf("  %7.1f x", ratio);
    if (target > 0)
      (void)printf("  %5.0f x  %s", target, ratio >= target ? "met" : "MISSED");
  }
  (void)printf("\n");
}

static void print_lap(const struct race *race, enum lap lap, const char *what, double target) {
  print_row(race, what, laps_median(&race->ours, lap), laps_median(&race->theirs, lap), target);
}

static void print_memory(const struct race *race) {
  const double ours = (double)race->ours.peak_kib / 1024;
  const double theirs = (double)race->theirs.peak_kib / 1024;
  (void)printf("  %-34s%8.1f MiB", "peak memory", ours);
  if (race->theirs.ran)
    (void)printf("%8.1f MiB  1/%-7.1f  1/10     %s", theirs, theirs / ours,
                 theirs / ours >= 10 ? "met" : "MISSED");
  (void)printf("\n");
}

static void print_wrong(const struct race *race) {
  (void)printf("  wrong rows of %-20zu%12zu", race->row_count, race->ours.wrong);
  if (race->theirs.ran)
    (void)printf("%12zu", race->theirs.wrong);
  (void)printf("%s  %s\n", race->theirs.ran ? "                   0  " : "",
               race->ours.wrong == 0 ? "met" : "MISSED");
}

static void print(const struct race *race, int64_t mb) {
  const bool large = mb >= 1000;
  const bool huge = mb >= 4000;
  (void)printf(
      "\n%lld MB: %lld files, %.0f MB, %zu requests, %zu rows of day and model; medians of %d\n",
      (long long)mb, (long long)race->truth.files, (double)race->truth.bytes / 1e6,
      race->truth.count, race->row_count, race->ours.counts[LAP_COLD]);
  (void)printf("  %-34s%12s%s\n", "", "purser",
               race->theirs.ran ? "     ccusage      ratio   target" : "");
  (void)printf("  %-34s", "cat tree >/dev/null");
  print_time(laps_median(&race->ours, LAP_CAT));
  (void)printf("\n  %-34s", "every byte into one buffer");
  print_time(laps_median(&race->ours, LAP_FLOOR));
  (void)printf("\n");
  print_lap(race, LAP_COLD, "cold, with prices, into the ledger", large ? 8 : 0);
  print_row(race, "  of that, processor time", laps_median_cpu(&race->ours, LAP_COLD),
            laps_median_cpu(&race->theirs, LAP_COLD), 0);
  print_lap(race, LAP_UNCHANGED, "unchanged", huge ? 250 : large ? 150 : 0);
  const int64_t their_answer = laps_median(&race->theirs, LAP_APPENDED);
  const double sooner = large && !huge ? 250 : 0;
  print_lap(race, LAP_APPENDED, "a line appended, until answered", sooner);
  print_row(race, "  where its client calls the hook", laps_median(&race->ours, LAP_HOOKED),
            their_answer, sooner);
  print_memory(race);
  print_wrong(race);
  (void)fflush(stdout);
}

static bool has_room(const char *folder, int64_t mb) {
  struct statvfs info;
  if (statvfs(folder, &info) != 0)
    return false;
  return (int64_t)(info.f_bavail * info.f_frsize) / 1000000 > mb * 5 / 4 + 500;
}

static void run(const char *base, int64_t mb) {
  struct race race = {.purser = getenv("PURSER_PROGRAM"), .ccusage = getenv("PURSER_CCUSAGE")};
  if (race.purser == NULL)
    race.purser = PURSER_PROGRAM;
  if (race.ccusage != NULL && race.ccusage[0] == '\0')
    race.ccusage = NULL;
  if (!has_room(base, mb)) {
    (void)printf("\n%lld MB: no room in %s\n", (long long)mb, base);
    return;
  }
  (void)snprintf(race.folder, sizeof race.folder, "%.500s/purser-bench-XXXXXX", base);
  if (mkdtemp(race.folder) == NULL)
    tree_die("%s can't be made", race.folder);
  (void)snprintf(race.home, sizeof race.home, "%s/home", race.folder);
  (void)snprintf(race.ledger, sizeof race.ledger, "%s/purser.db", race.folder);
  (void)snprintf(race.rows, sizeof race.rows, "%s/rows.json", race.folder);
  race_run(&race, mb * 1000000, mb >= 2000 ? 3 : mb >= 500 ? 5 : 9);
  print(&race, mb);
  race_remove(&race);
}

int main(int argc, char **argv) {
  process_be_the_starter(argc, argv);
  const char *base = getenv("PURSER_BENCH_DIR");
  const char *sizes = getenv("PURSER_BENCH_MB");
  char *end = NULL;
  base = base != NULL ? base : "/var/tmp";
  sizes = sizes != NULL && sizes[0] != '\0' ? sizes : "100";
  for (long mb = strtol(sizes, &end, 10); end != sizes; mb = strtol(sizes, &end, 10)) {
    if (mb > 0)
      run(base, mb);
    sizes = end;
  }
  return 0;
}
