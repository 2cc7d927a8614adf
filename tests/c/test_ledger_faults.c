/* test_ledger_faults.c - every exported call of the ledger and the budgets with each of its allocations failing, and with each of its
 * operations on the disk failing, once and from there on. Whatever happens: a proper status, no leak, nothing half written, and the same
 * handle works as soon as the world does. */
#include "support/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/history.h"
#include "ledger/internal.h"
#include "support/fail_mem.h"
#include "support/fail_vfs.h"

/* What the calls work on. */
struct world {
  struct books books;
  int64_t run;    /* admitted, with requests */
  int64_t policy; /* of everything, by the month */
  int64_t turn;
};

typedef int (*operation)(struct world *world, struct error *error);

/* ---- the calls ---- */

static int one_row(void *data, const struct run_row *row) {
  (void)data;
  (void)row;
  return 0;
}

static int one_request(void *data, const struct request_row *row) {
  (void)data;
  (void)row;
  return 0;
}

static int one_sum(void *data, const char *key, const struct sums *sums) {
  (void)data;
  (void)key;
  (void)sums;
  return 0;
}

static int one_state(void *data, const struct policy_state *state) {
  (void)data;
  (void)state;
  return 0;
}

static int one_crossing(void *data, const struct crossing *crossing) {
  (void)data;
  (void)crossing;
  return 0;
}

static int one_audit(void *data, const struct audit_row *row) {
  (void)data;
  (void)row;
  return 0;
}

/* Until the sweep asks whether its fault was met. */
static bool suspended_mem, suspended_vfs;

static void suspend_faults(void) {
  suspended_mem = fail_mem_off();
  suspended_vfs = fail_vfs_off();
}

/* Ends a transaction as callers do: all or nothing. */
static int end(struct ledger *ledger, int status, struct error *error) {
  if (status == PURSER_OK)
    return ledger_commit(ledger, error);
  ledger_rollback(ledger);
  return status;
}

static int do_run_get(struct world *w, struct error *error) {
  struct run_row row;
  const int status = ledger_run_get(w->books.ledger, w->run, &row, error);
  run_row_fini(&row);
  return status;
}

static int do_run_each(struct world *w, struct error *error) {
  const struct run_filter filter = {
      .agent = "reviewer", .workspace = "/w", .model = "model-a", .status = -1, .limit = 5};
  return ledger_run_each(w->books.ledger, &filter, one_row, NULL, error);
}

static int do_request_each(struct world *w, struct error *error) {
  return ledger_request_each(w->books.ledger, w->run, one_request, NULL, error);
}

static int do_run_sums(struct world *w, struct error *error) {
  struct sums sums;
  return ledger_run_sums(w->books.ledger, w->run, "model-a", &sums, error);
}

static int do_reports(struct world *w, struct error *error) {
  struct zone *zone = NULL;
  int status = zone_load(&zone, "<-08>8", error);
  for (int by = REPORT_BY_NOTHING; by <= REPORT_BY_SOURCE && status == PURSER_OK; by++) {
    struct report_query query = {.by = (enum report_by)by,
                                 .agent = "reviewer",
                                 .since_day = INT64_MIN,
                                 .until_day = INT64_MAX};
    struct sums total;
    status = ledger_report(w->books.ledger, &query, one_sum, NULL, &total, error);
    query.zone = zone;
    if (status == PURSER_OK)
      status = ledger_report(w->books.ledger, &query, one_sum, NULL, &total, error);
  }
  zone_free(zone);
  return status;
}

static int do_history(struct world *w, struct error *error) {
  struct history history;
  return ledger_history(w->books.ledger, "reviewer", "model-a", &history, error);
}

static int do_meta(struct world *w, struct error *error) {
  char *value = NULL;
  int status = ledger_meta_set(w->books.ledger, "key", "value", error);
  if (status == PURSER_OK)
    status = ledger_meta_get(w->books.ledger, "key", &value, error);
  mem_free(value);
  return status;
}

static int do_session_total(struct world *w, struct error *error) {
  purser_usage usage = {.input = 5};
  int64_t cost = 0;
  int status = ledger_session_total_set(w->books.ledger, "s", "m", &usage, 7, error);
  if (status == PURSER_OK)
    status = ledger_session_total_get(w->books.ledger, "s", "m", &usage, &cost, error);
  return status;
}

static int do_set_zone(struct world *w, struct error *error) {
  const char *name = w->turn++ % 2 == 0 ? "<-08>8" : "<+05>-5";
  return ledger_set_zone(w->books.ledger, name, error);
}

static int do_run_life(struct world *w, struct error *error) {
  struct ledger *ledger = w->books.ledger;
  char agent[32];
  (void)snprintf(agent, sizeof agent, "agent-%lld", (long long)w->turn++);
  const struct run_spec spec = {.agent = agent, .workspace = "/new", .prompt = "hello"};
  const struct run_end over = {.status = RUN_FAILED, .reason = "exit", .message = "it broke"};
  const struct run_counts counts = {1, 2, 3};
  int64_t run = 0;
  int status = ledger_begin(ledger, error);
  if (status != PURSER_OK)
    return status;
  status = ledger_run_create(ledger, &spec, RUN_ADMITTED, &run, error);
  if (status == PURSER_OK)
    status = ledger_run_set_status(ledger, run, RUN_RUNNING, error);
  if (status == PURSER_OK)
    status = ledger_run_set_session(ledger, run, agent, error);
  if (status == PURSER_OK)
    status = ledger_run_end(ledger, run, &over, &counts, error);
  return end(ledger, status, error);
}

/* A new response, a better record of it, and one dated far ahead. */
static int do_book(struct world *w, struct error *error) {
  struct ledger *ledger = w->books.ledger;
  char key[32];
  struct booked booked;
  (void)snprintf(key, sizeof key, "fault/%lld", (long long)w->turn++);
  struct request r = books_request(&w->books, w->run, key, 1000);
  r.request_id = "req";
  r.tier = key;
  int status = ledger_begin(ledger, error);
  if (status != PURSER_OK)
    return status;
  status = ledger_book(ledger, &r, &booked, error);
  r.usage.output += 50;
  r.price.cost_nanousd += 70;
  if (status == PURSER_OK)
    status = ledger_book(ledger, &r, &booked, error);
  r.at_ms += 10 * INT64_C(86400000);
  r.key = "ahead";
  if (status == PURSER_OK)
    status = ledger_book(ledger, &r, &booked, error);
  return end(ledger, status, error);
}

static int do_policies(struct world *w, struct error *error) {
  struct ledger *ledger = w->books.ledger;
  struct policy p = gate_policy("agent:writer", 100 + w->turn++);
  int64_t id = 0;
  int status = budget_policy_set(ledger, &p, &id, error);
  if (status == PURSER_OK)
    status = budget_policy_raise(ledger, id, 5 * CENT, "user", error);
  p.origin = ORIGIN_CONFIG;
  if (status == PURSER_OK)
    status = budget_config_replace(ledger, &p, 1, error);
  if (status == PURSER_OK)
    status = budget_policy_remove(ledger, id, error);
  if (status == PURSER_OK)
    status = budget_config_replace(ledger, NULL, 0, error);
  return status;
}

static int do_policy_each(struct world *w, struct error *error) {
  return budget_policy_each(w->books.ledger, one_state, NULL, error);
}

static int do_admit(struct world *w, struct error *error) {
  struct ledger *ledger = w->books.ledger;
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w", .parent_run = w->run};
  const struct admission_request request = {.spec = &spec,
                                            .estimate_nanousd = 100,
                                            .fallback_nanousd = -1,
                                            .override_once = true,
                                            .who = "test",
                                            .dry = w->turn++ % 2 == 1};
  struct admission a;
  int status = budget_admit(ledger, &request, &a, error);
  if (status != PURSER_OK || a.run_id == 0)
    return status;
  const struct run_end over = {.status = RUN_COMPLETED};
  status = ledger_begin(ledger, error);
  if (status != PURSER_OK)
    return status;
  status = ledger_run_end(ledger, a.run_id, &over, NULL, error);
  if (status == PURSER_OK)
    status = budget_release(ledger, a.run_id, error);
  return end(ledger, status, error);
}

static int do_refuse(struct world *w, struct error *error) {
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w"};
  const struct admission_request request = {.spec = &spec,
                                            .estimate_nanousd = INT64_C(1) << 50,
                                            .minimum_nanousd = INT64_C(1) << 50,
                                            .fallback_nanousd = -1};
  struct admission a;
  const int status = budget_admit(w->books.ledger, &request, &a, error);
  if (status == PURSER_OK)
    assert_int_equal(a.refusal, REFUSAL_NEVER);
  else
    assert_false(a.admitted);
  return status;
}

static int do_spend(struct world *w, struct error *error) {
  struct ledger *ledger = w->books.ledger;
  char key[32];
  struct booked booked;
  enum verdict verdict;
  struct policy_state policy;
  (void)snprintf(key, sizeof key, "spent/%lld", (long long)w->turn++);
  /* Two cents each: thresholds are crossed on the way. */
  const struct request r = books_request(&w->books, w->run, key, 2 * CENT);
  int status = ledger_begin(ledger, error);
  if (status != PURSER_OK)
    return status;
  status = ledger_book(ledger, &r, &booked, error);
  if (status == PURSER_OK)
    status = budget_spent(ledger, w->run, booked.delta_nanousd, CENT, &verdict, &policy, error);
  if (status == PURSER_OK)
    status = budget_check_thresholds(ledger, w->run, error);
  return end(ledger, status, error);
}

/* A policy whose every cent is a threshold: crossing something each time. */
static int do_cross(struct world *w, struct error *error) {
  struct ledger *ledger = w->books.ledger;
  bool mine;
  int status = ledger_begin(ledger, error);
  if (status != PURSER_OK)
    return status;
  status = db_run(ledger->db, "UPDATE policy SET latched = 0, watch = 0, version = version + 1",
                  NULL, 0, error);
  counters_forget(&ledger->counters);
  if (status == PURSER_OK)
    status = budget_check_thresholds(ledger, 0, error);
  status = end(ledger, status, error);
  if (status == PURSER_OK)
    status = budget_crossing_each(ledger, 0, one_crossing, NULL, error);
  if (status == PURSER_OK)
    status = budget_crossing_claim(ledger, 1 + w->turn++, &mine, error);
  return status;
}

static int do_audit(struct world *w, struct error *error) {
  return budget_audit_each(w->books.ledger, 0, one_audit, NULL, error);
}

struct settling {
  struct ledger *ledger;
  struct error *error;
};

static int settle(void *data, int64_t run_id) {
  const struct settling *s = data;
  const struct run_end over = {.status = RUN_ABANDONED};
  int status = ledger_begin(s->ledger, s->error);
  if (status != PURSER_OK)
    return status;
  status = ledger_run_end(s->ledger, run_id, &over, NULL, s->error);
  if (status == PURSER_OK)
    status = budget_release(s->ledger, run_id, s->error);
  return end(s->ledger, status, s->error);
}

static int do_reclaim(struct world *w, struct error *error) {
  struct ledger *ledger = w->books.ledger;
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w"};
  struct settling settling = {ledger, error};
  int64_t run = 0;
  int status = ledger_begin(ledger, error);
  if (status != PURSER_OK)
    return status;
  /* A hold whose owner never was. */
  status = ledger_run_create(ledger, &spec, RUN_RUNNING, &run, error);
  const struct db_value id = db_int(run);
  if (status == PURSER_OK)
    status = db_run(ledger->db,
                    "INSERT INTO hold SELECT ?, 0, 0, 0, 5, 5, 0, 0, host, 999999999, 1, touched_ms"
                    " FROM hold LIMIT 1",
                    &id, 1, error);
  status = end(ledger, status, error);
  return status == PURSER_OK ? budget_reclaim(ledger, settle, &settling, error) : status;
}

/* The month ends: the open periods are closed. */
static int do_roll(struct world *w, struct error *error) {
  fake_clock_advance(&w->books.clock, 32 * INT64_C(86400000));
  return do_spend(w, error);
}

static int do_reopen(struct world *w, struct error *error) {
  struct ledger *again = NULL;
  const struct ledger_options options = {.path = ledger_path(w->books.ledger),
                                         .clock = &w->books.clock.clock,
                                         .vfs = FAIL_VFS_NAME,
                                         .busy_ms = 50};
  const int status = ledger_open(&again, &options, error);
  assert_true((status == PURSER_OK) == (again != NULL));
  ledger_close(again);
  return status;
}

/* With nothing in memory yet: every page is read from the disk. Only looks, so that it stays the same at each turn. */
static int do_cold(struct world *w, struct error *error) {
  struct world cold = *w;
  const struct ledger_options options = {.path = ledger_path(w->books.ledger),
                                         .clock = &w->books.clock.clock,
                                         .vfs = FAIL_VFS_NAME,
                                         .busy_ms = 50};
  int status = ledger_open(&cold.books.ledger, &options, error);
  if (status != PURSER_OK)
    return status;
  static const operation steps[] = {do_reports,     do_run_each, do_request_each,
                                    do_policy_each, do_refuse,   do_audit};
  for (size_t i = 0; i < COUNT(steps) && status == PURSER_OK; i++)
    status = steps[i](&cold, error);
  ledger_close(cold.books.ledger);
  w->turn = cold.turn;
  return status;
}

static int do_create(struct world *w, struct error *error) {
  static const char *const leftovers[] = {"new/purser.db", "new/purser.db-journal",
                                          "new/purser.db-wal", "new/purser.db-shm"};
  struct ledger *fresh = NULL;
  const struct ledger_options options = {
      .path = temp_path(&w->books.temp, leftovers[0]), .vfs = FAIL_VFS_NAME, .busy_ms = 50};
  const int status = ledger_open(&fresh, &options, error);
  ledger_close(fresh);
  if (status != PURSER_OK) {
    /* What is left of the attempt is no obstacle to the next one. */
    struct error second = {0};
    suspend_faults();
    assert_ok(ledger_open(&fresh, &options, &second), &second);
    ledger_close(fresh);
  }
  for (size_t i = 0; i < COUNT(leftovers); i++)
    (void)unlink(temp_path(&w->books.temp, leftovers[i]));
  return status;
}

static const struct {
  const char *name;
  operation run;
} operations[] = {
    {"run_get", do_run_get},
    {"run_each", do_run_each},
    {"request_each", do_request_each},
    {"run_sums", do_run_sums},
    {"report", do_reports},
    {"history", do_history},
    {"meta", do_meta},
    {"session_total", do_session_total},
    {"set_zone", do_set_zone},
    {"run_create to run_end", do_run_life},
    {"book", do_book},
    {"policies", do_policies},
    {"policy_each", do_policy_each},
    {"admit", do_admit},
    {"refuse", do_refuse},
    {"spent", do_spend},
    {"thresholds", do_cross},
    {"audit", do_audit},
    {"reclaim", do_reclaim},
    {"a new period", do_roll},
    {"open", do_reopen},
    {"cold", do_cold},
    {"create", do_create},
};

/* A ledger is made of thousands of allocations, most of them SQLite's, one like the other: there every 17th is enough. */
static int64_t next_fault(int64_t n) {
  return n < 300 ? n + 1 : n + 17;
}

/* ---- the sweeps ---- */

static void build(struct world *w) {
  *w = (struct world){.turn = 0};
  (void)setenv("TZ", "UTC", 1);
  temp_make(&w->books.temp);
  fake_clock_init(&w->books.clock, "2026-11-24T12:00:00Z");
  const struct ledger_options options = {.path = temp_path(&w->books.temp, "purser.db"),
                                         .clock = &w->books.clock.clock,
                                         .vfs = FAIL_VFS_NAME,
                                         .busy_ms = 50};
  assert_ok(ledger_open(&w->books.ledger, &options, &w->books.error), &w->books.error);
  w->policy = gate_budget(w->books.ledger, "global", 1000);
  (void)gate_budget(w->books.ledger, "agent:reviewer", 500);
  w->run = gate_ask(w->books.ledger, 100, 10).run_id;
  assert_int_not_equal(w->run, 0);
  for (int i = 0; i < 5; i++)
    (void)gate_spend(&w->books, w->run, 5 * CENT, CENT);
}

static void tear(struct world *w) {
  books_audit(w->books.ledger);
  ledger_close(w->books.ledger);
  temp_remove(&w->books.temp);
}

/* Once it has failed, it must work again, with the same handle, and nothing may be half done. */
static void recover(struct world *w, operation run, const char *name, int64_t n) {
  struct error error = {0};
  const int status = run(w, &error);
  if (status != PURSER_OK)
    fail_msg("%s after fault %lld: %s", name, (long long)n, error_text(&error));
}

static void every_allocation_fails_once_and_for_ever(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(operations); i++) {
    const int64_t alive = fail_mem_alive();
    struct world w;
    build(&w);
    for (int persistent = 0; persistent < 2; persistent++) {
      for (int64_t n = 1;; n = next_fault(n)) {
        struct error error = {0};
        fail_mem_at(n, persistent);
        const int status = operations[i].run(&w, &error);
        const bool reached = fail_mem_off() || suspended_mem;
        suspended_mem = false;
        if (status != PURSER_OK && status != PURSER_ENOMEM)
          fail_msg("%s, allocation %lld: status %d: %s", operations[i].name, (long long)n, status,
                   error_text(&error));
        if (!reached)
          break;
        if (status != PURSER_OK)
          recover(&w, operations[i].run, operations[i].name, n);
      }
      recover(&w, operations[i].run, operations[i].name, 0);
    }
    tear(&w);
    if (fail_mem_alive() != alive)
      fail_msg("%s leaks %lld blocks", operations[i].name, (long long)(fail_mem_alive() - alive));
  }
}

static void every_disk_operation_fails_once_and_for_ever(void **state) {
  (void)state;
  static const enum fail_kind kinds[] = {FAIL_IO, FAIL_FULL};
  for (size_t i = 0; i < COUNT(operations); i++) {
    struct world w;
    build(&w);
    for (int code = 0; code < 4; code++) {
      const enum fail_kind kind = kinds[code / 2];
      for (int64_t n = 1;; n++) {
        struct error error = {0};
        fail_vfs_at(kind, n, code % 2 == 1);
        const int status = operations[i].run(&w, &error);
        const bool reached = fail_vfs_off() || suspended_vfs;
        suspended_vfs = false;
        const bool proper = status == PURSER_OK || status == PURSER_EIO || status == PURSER_EFULL;
        if (!proper)
          fail_msg("%s, operation %lld: status %d: %s", operations[i].name, (long long)n, status,
                   error_text(&error));
        if (kind == FAIL_FULL && status == PURSER_EFULL && strstr(error.message, "full") == NULL)
          fail_msg("%s does not say that the disk is full: %s", operations[i].name,
                   error_text(&error));
        if (!reached)
          break;
        recover(&w, operations[i].run, operations[i].name, n);
      }
    }
    tear(&w);
  }
}

int main(void) {
  fail_mem_install();
  fail_vfs_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_fails_once_and_for_ever),
      cmocka_unit_test(every_disk_operation_fails_once_and_for_ever),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
