/* gate.c - see gate.h. */
#include "support/gate.h"

#include <stdio.h>
#include <string.h>

struct policy gate_policy(const char *scope, int64_t cents) {
  struct policy policy;
  struct error error = {0};
  budget_policy_init(&policy);
  assert_ok(scope_parse(scope, &policy.scope, policy.scope_key, sizeof policy.scope_key, &error),
            &error);
  (void)snprintf(policy.zone, sizeof policy.zone, "UTC");
  policy.has_limit = cents >= 0;
  policy.limit_nanousd = cents >= 0 ? cents * CENT : 0;
  return policy;
}

int64_t gate_set(struct ledger *ledger, const struct policy *policy) {
  struct error error = {0};
  int64_t id = 0;
  assert_ok(budget_policy_set(ledger, policy, &id, &error), &error);
  assert_true(id > 0);
  return id;
}

int64_t gate_budget(struct ledger *ledger, const char *scope, int64_t cents) {
  const struct policy policy = gate_policy(scope, cents);
  return gate_set(ledger, &policy);
}

struct wanted {
  int64_t id;
  bool found;
  struct policy_state state;
};

static int match(void *data, const struct policy_state *state) {
  struct wanted *wanted = data;
  if (state->policy.id == wanted->id) {
    wanted->state = *state;
    wanted->found = true;
  }
  return 0;
}

struct policy_state gate_state(struct ledger *ledger, int64_t policy_id) {
  struct wanted wanted = {.id = policy_id};
  struct error error = {0};
  assert_ok(budget_policy_each(ledger, match, &wanted, &error), &error);
  if (!wanted.found)
    fail_msg("policy %lld is not in force", (long long)policy_id);
  return wanted.state;
}

struct admission gate_admit(struct ledger *ledger, const struct admission_request *request) {
  struct admission admission;
  struct error error = {0};
  assert_ok(budget_admit(ledger, request, &admission, &error), &error);
  return admission;
}

struct admission gate_ask(struct ledger *ledger, int64_t estimate_cents, int64_t minimum_cents) {
  const struct run_spec spec = {
      .agent = "reviewer", .workspace = "/w", .source = "claude", .model = "model-a"};
  const struct admission_request request = {
      .spec = &spec,
      .estimate_nanousd = estimate_cents * CENT,
      .minimum_nanousd = minimum_cents * CENT,
      .fallback_nanousd = -1,
  };
  return gate_admit(ledger, &request);
}

enum verdict gate_spend(struct books *books, int64_t run_id, int64_t nanousd,
                        int64_t next_nanousd) {
  static int64_t turn = 0;
  char key[64];
  enum verdict verdict;
  struct policy_state policy;
  struct booked booked;
  struct error *error = &books->error;
  (void)snprintf(key, sizeof key, "spend/%lld/%lld", (long long)run_id, (long long)++turn);
  const struct request request = books_request(books, run_id, key, nanousd);
  assert_ok(ledger_begin(books->ledger, error), error);
  assert_ok(ledger_book(books->ledger, &request, &booked, error), error);
  assert_ok(budget_spent(books->ledger, run_id, booked.delta_nanousd, next_nanousd, &verdict,
                         &policy, error),
            error);
  assert_ok(budget_check_thresholds(books->ledger, run_id, error), error);
  assert_ok(ledger_commit(books->ledger, error), error);
  return verdict;
}

void gate_finish(struct books *books, int64_t run_id) {
  const struct run_end end = {.status = RUN_COMPLETED, .duration_ms = 10, .reason = "exit"};
  struct error *error = &books->error;
  assert_ok(ledger_begin(books->ledger, error), error);
  assert_ok(ledger_run_end(books->ledger, run_id, &end, NULL, error), error);
  assert_ok(budget_release(books->ledger, run_id, error), error);
  assert_ok(budget_check_thresholds(books->ledger, run_id, error), error);
  assert_ok(ledger_commit(books->ledger, error), error);
}
