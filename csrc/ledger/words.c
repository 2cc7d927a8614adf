/* words.c - the ledger's enumerations as the words that the program and the editor use. */
#include <string.h>

#include "ledger/ledger.h"

static const char *const run_statuses[] = {
    "admitted",  "running",        "settling",      "completed", "failed",
    "cancelled", "stopped_budget", "stopped_limit", "abandoned", "refused",
};

static const char *const billings[] = {"metered", "subscription", "local"};

/* In the order of enum report_by; nothing has no word. */
static const char *const cuts[] = {"",      "day",    "month",  "agent",  "workspace",
                                   "model", "source", "effort", "branch", "billing"};

static int find(const char *const *words, size_t count, const char *word) {
  for (size_t i = 0; word != NULL && i < count; i++) {
    if (strcmp(words[i], word) == 0)
      return (int)i;
  }
  return -1;
}

/* What another version has written is answered with a word, too. */
static const char *get(const char *const *words, size_t count, unsigned value) {
  return value < count ? words[value] : "unknown";
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *run_status_name(enum run_status status) {
  return get(run_statuses, COUNT(run_statuses), (unsigned)status);
}

int run_status_parse(const char *name) {
  return find(run_statuses, COUNT(run_statuses), name);
}

const char *billing_name(enum billing billing) {
  return get(billings, COUNT(billings), (unsigned)billing);
}

int billing_parse(const char *name) {
  return find(billings, COUNT(billings), name);
}

static const char *const sorts[] = {"started", "cost", "tokens", "duration"};

int run_sort_parse(const char *name) {
  return find(sorts, COUNT(sorts), name);
}

int report_by_parse(const char *name) {
  const int by = find(cuts, COUNT(cuts), name);
  return by != REPORT_BY_NOTHING ? by : -1;
}
