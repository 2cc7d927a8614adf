/* doctor_ledger.c - the ledger and its budgets: whole, and able to do what they are for. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/version.h"
#include "budget/budget.h"
#include "cli/doctor.h"
#include "cli/input.h"

/* ---- the build ---- */

enum {
  VERSION_MAX = 32,
  LIBRARY_MAX = 64 * 1024 * 1024
};

/* What a library of ours says of itself, read out of its file: a library that is broken is not run by whoever looks. */
static bool read_version(const char *path, char version[VERSION_MAX]) {
  struct buf file = BUF_INIT;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const char *mark = NULL;
  if (fd >= 0 && input_read(&file, fd, 0, LIBRARY_MAX))
    mark = memmem(buf_text(&file), file.len, VERSION_MARK, strlen(VERSION_MARK));
  if (mark != NULL)
    (void)snprintf(version, VERSION_MAX, "%s", mark + strlen(VERSION_MARK));
  if (fd >= 0)
    (void)close(fd);
  buf_fini(&file);
  return mark != NULL;
}

/* The library that was installed with this program: beside it, or in lib/ beside its bin/. */
static bool find_library(struct buf *path) {
  char program[PATH_MAX];
  const ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
  static const char *const places[] = {"/libpurser.so", "/../lib/libpurser.so"};
  if (len <= 0)
    return false;
  program[len] = '\0';
  char *slash = strrchr(program, '/');
  if (slash == NULL)
    return false;
  *slash = '\0';
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    buf_clear(path);
    buf_adds(path, program);
    buf_adds(path, places[i]);
    if (!path->failed && access(path->data, R_OK) == 0)
      return true;
  }
  return false;
}

void doctor_look_at_build(struct doctor *doctor) {
  struct buf path = BUF_INIT;
  char version[VERSION_MAX];
  if (!find_library(&path))
    doctor_add(doctor, FINDING_OK, "build", NULL, "purser %s", purser_version());
  else if (!read_version(buf_text(&path), version))
    doctor_add(doctor, FINDING_WARN, "build", "Build it anew: make build",
               "the program is %s, but %s is no library of purser's", purser_version(),
               buf_text(&path));
  else if (strcmp(version, purser_version()) == 0)
    doctor_add(doctor, FINDING_OK, "build", NULL, "purser %s, and its library is of that version",
               purser_version());
  else
    doctor_add(doctor, FINDING_WARN, "build", "Build both anew: make build",
               "the program is %s, but %s is %s", purser_version(), buf_text(&path), version);
  buf_fini(&path);
}

/* ---- the ledger ---- */

struct models {
  struct doctor *doctor;
  int64_t unpriced;
};

static int see_model(void *data, const char *key, const struct sums *sums) {
  struct models *models = data;
  if (sums->unpriced_requests == 0)
    return PURSER_OK;
  models->unpriced++;
  doctor_add(models->doctor, FINDING_WARN, "prices",
             "Give it a price in prices.json, or refresh the cards: purser prices update FILE",
             "model %s has no price: %lld requests are in no sum, and no budget can count them",
             key[0] != '\0' ? key : "(unnamed)", (long long)sums->unpriced_requests);
  return PURSER_OK;
}

static void tell_size(struct doctor *doctor, const struct sums *total) {
  struct stat info;
  const char *path = ledger_path(doctor->ledger);
  const int64_t bytes = stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
  doctor_add(doctor, FINDING_OK, "ledger", NULL, "%s (%lld.%lld MB): %lld runs, %lld requests",
             path, (long long)(bytes / 1000000), (long long)(bytes / 100000 % 10),
             (long long)total->runs, (long long)total->requests);
}

void doctor_look_at_ledger(struct doctor *doctor) {
  const struct report_query query = {
      .by = REPORT_BY_MODEL, .since_day = INT64_MIN, .until_day = INT64_MAX};
  struct models models = {.doctor = doctor};
  struct sums total = {0};
  struct error error = {0};
  int64_t ahead = 0;
  if (ledger_check(doctor->ledger, &error) != PURSER_OK) {
    doctor_add(doctor, FINDING_ERROR, "ledger",
               "Put a backup in its place (the files beside it that end in .bak-N, or an export).",
               "%s", error_text(&error));
    return;
  }
  if (ledger_report(doctor->ledger, &query, see_model, &models, &total, &error) != PURSER_OK) {
    doctor_add(doctor, FINDING_ERROR, "ledger", NULL, "%s", error_text(&error));
    return;
  }
  tell_size(doctor, &total);
  if (ledger_quarantined(doctor->ledger, &ahead, &error) == PURSER_OK && ahead > 0)
    doctor_add(doctor, FINDING_WARN, "ledger", "Set this machine's or the other one's clock.",
               "%lld requests are dated more than a day ahead: they are kept, and not counted",
               (long long)ahead);
}

/* ---- budgets that can't work (rule 31) ---- */

static int64_t spend_of(struct doctor *doctor, const char *agent, const char *billing) {
  const struct report_query query = {
      .agent = agent, .billing = billing, .since_day = INT64_MIN, .until_day = INT64_MAX};
  struct sums sums = {0};
  return ledger_report(doctor->ledger, &query, NULL, NULL, &sums, NULL) == PURSER_OK ? sums.requests
                                                                                     : 0;
}

static void look_at_workspace(struct doctor *doctor, const char *path) {
  struct stat info;
  if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
    doctor_add(doctor, FINDING_WARN, "budgets",
               "Set one for the folder that is meant, and remove this one (purser help budget).",
               "there is a budget for workspace %s, and no such folder", path);
}

static void look_at_agent(struct doctor *doctor, const char *agent) {
  bool enforced = false;
  char *text = NULL;
  if (ledger_meta_get(doctor->ledger, "enforce_subscription", &text, NULL) == PURSER_OK)
    enforced = text != NULL && strcmp(text, "1") == 0;
  mem_free(text);
  if (!enforced && spend_of(doctor, agent, "metered") == 0 &&
      spend_of(doctor, agent, "subscription") > 0)
    doctor_add(doctor, FINDING_WARN, "budgets",
               "Set enforce_subscription in setup() if it is meant to hold for subscriptions, too.",
               "the budget of agent %s counts nothing: all it does is under a subscription", agent);
}

static int see_policy(void *data, const struct policy_state *state) {
  struct doctor *doctor = data;
  const struct policy *p = &state->policy;
  if (!p->has_limit)
    return PURSER_OK;
  if (p->scope == SCOPE_WORKSPACE)
    look_at_workspace(doctor, p->scope_key);
  if (p->scope == SCOPE_AGENT)
    look_at_agent(doctor, p->scope_key);
  if (state->limit_nanousd > 0 && state->spent_nanousd >= state->limit_nanousd) {
    struct buf scope = BUF_INIT;
    scope_write(&scope, p->scope, p->scope_key);
    doctor_add(doctor, FINDING_INFO, "budgets", NULL, "the budget %s is used up", buf_text(&scope));
    buf_fini(&scope);
  }
  return PURSER_OK;
}

void doctor_look_at_budgets(struct doctor *doctor) {
  struct error error = {0};
  const size_t before = doctor->count;
  if (budget_policy_each(doctor->ledger, see_policy, doctor, &error) != PURSER_OK)
    doctor_add(doctor, FINDING_ERROR, "budgets", NULL, "%s", error_text(&error));
  else if (doctor->count == before)
    doctor_add(doctor, FINDING_OK, "budgets", NULL, "nothing is wrong with them");
}
