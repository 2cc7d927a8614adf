/* test_budget_property.c - eight real processes at one ledger, in any order: admissions, requests, ends, crashes, raises,
 * midnights. Whatever they do, a limit is never overshot by more than the largest single request, no hold outlives its owner, and each
 * threshold is told once per period and limit version.
 *
 * The order is drawn from a seed and the processes are told one by one what to do, so that a failure can be repeated.
 * PURSER_STRESS_SEEDS asks for more seeds. */
#include "support/gate.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/internal.h"

enum {
  PROCESSES = 8,
  STEPS = 160,
  AGENTS = 3,
  SCOPES = 4
};

/* No request costs more; covers are made of it. */
#define LARGEST (9 * CENT)

static const char *const agents[AGENTS] = {"reviewer", "writer", "fixer"};
static const char *const scopes[SCOPES] = {"global", "agent:reviewer", "agent:writer",
                                           "workspace:/w"};

/* ---- the other side of the pipe ---- */

enum verb {
  ADMIT,
  SPEND,
  FINISH
};

struct command {
  enum verb verb;
  int64_t now_ms;
  int64_t estimate, minimum, request; /* ADMIT */
  int agent;
  int64_t run_id;
  int64_t cost, turn; /* SPEND */
};

struct reply {
  int status;
  bool admitted;
  int64_t run_id;
  enum verdict verdict;
};

static void obey(struct books *books, const struct command *c, struct reply *r) {
  struct ledger *ledger = books->ledger;
  books->clock.now_ms = c->now_ms;
  *r = (struct reply){.run_id = c->run_id};
  if (c->verb == ADMIT) {
    const struct run_spec spec = {
        .agent = agents[c->agent], .workspace = "/w", .source = "claude", .model = "model-a"};
    const struct admission_request request = {.spec = &spec,
                                              .estimate_nanousd = c->estimate,
                                              .minimum_nanousd = c->minimum,
                                              .request_nanousd = c->request,
                                              .fallback_nanousd = -1};
    struct admission a;
    r->status = budget_admit(ledger, &request, &a, NULL);
    r->admitted = a.admitted;
    r->run_id = a.run_id;
    return;
  }
  r->status = ledger_begin(ledger, NULL);
  if (c->verb == SPEND && r->status == PURSER_OK) {
    char key[48];
    struct booked booked;
    (void)snprintf(key, sizeof key, "%lld/%lld", (long long)c->run_id, (long long)c->turn);
    const struct request request = books_request(books, c->run_id, key, c->cost);
    r->status = ledger_book(ledger, &request, &booked, NULL);
    if (r->status == PURSER_OK)
      r->status =
          budget_spent(ledger, c->run_id, booked.delta_nanousd, LARGEST, &r->verdict, NULL, NULL);
  }
  if (c->verb == FINISH && r->status == PURSER_OK) {
    const struct run_end end = {.status = RUN_COMPLETED};
    r->status = ledger_run_end(ledger, c->run_id, &end, NULL, NULL);
    if (r->status == PURSER_OK)
      r->status = budget_release(ledger, c->run_id, NULL);
  }
  if (r->status == PURSER_OK)
    r->status = budget_check_thresholds(ledger, c->run_id, NULL);
  if (r->status == PURSER_OK)
    r->status = ledger_commit(ledger, NULL);
}

static void serve(const char *path, int in, int out) {
  struct books books = {.ledger = NULL};
  struct command c;
  struct reply r;
  fake_clock_init(&books.clock, "2026-11-24T12:00:00Z");
  const struct ledger_options options = {.path = path, .clock = &books.clock.clock};
  if (ledger_open(&books.ledger, &options, NULL) != PURSER_OK)
    _exit(1);
  while (read(in, &c, sizeof c) == (ssize_t)sizeof c) {
    obey(&books, &c, &r);
    if (write(out, &r, sizeof r) != (ssize_t)sizeof r)
      break;
  }
  ledger_close(books.ledger);
  _exit(0);
}

/* ---- this side ---- */

struct worker {
  pid_t pid;
  int to, from;
  int64_t run_id; /* 0 idle */
  int64_t turn;
};

static void hire(struct worker *w, const char *path, struct worker *all) {
  int to[2];
  int from[2];
  assert_int_equal(pipe(to), 0);
  assert_int_equal(pipe(from), 0);
  *w = (struct worker){.pid = fork()};
  assert_true(w->pid >= 0);
  if (w->pid == 0) {
    for (int i = 0; i < PROCESSES; i++) {
      if (all[i].to > 0) {
        (void)close(all[i].to);
        (void)close(all[i].from);
      }
    }
    (void)close(to[1]);
    (void)close(from[0]);
    serve(path, to[0], from[1]);
  }
  (void)close(to[0]);
  (void)close(from[1]);
  w->to = to[1];
  w->from = from[0];
}

static void dismiss(struct worker *w, bool kill_it) {
  if (kill_it)
    assert_int_equal(kill(w->pid, SIGKILL), 0);
  (void)close(w->to);
  (void)close(w->from);
  assert_int_equal(waitpid(w->pid, NULL, 0), w->pid);
  *w = (struct worker){.pid = 0};
}

static struct reply tell(struct worker *w, const struct command *c) {
  struct reply r;
  assert_int_equal(write(w->to, c, sizeof *c), sizeof *c);
  assert_int_equal(read(w->from, &r, sizeof r), sizeof r);
  assert_int_equal(r.status, PURSER_OK);
  return r;
}

struct world {
  struct rng rng;
  struct books books;
  struct worker workers[PROCESSES];
  int64_t policies[SCOPES];
};

static void admit(struct world *world, struct worker *w) {
  struct rng *rng = &world->rng;
  struct command c = {
      .verb = ADMIT,
      .now_ms = world->books.clock.now_ms,
      .agent = (int)rng_below(rng, AGENTS),
      .estimate = LARGEST * rng_between(rng, 1, 6),
      .minimum = rng_below(rng, LARGEST / 2),
      .request = rng_chance(rng, 70) ? LARGEST : 0,
  };
  const struct reply r = tell(w, &c);
  if (r.admitted)
    w->run_id = r.run_id;
}

static void spend(struct world *world, struct worker *w) {
  const struct command c = {
      .verb = SPEND,
      .now_ms = world->books.clock.now_ms,
      .run_id = w->run_id,
      .cost = rng_below(&world->rng, LARGEST + 1),
      .turn = ++w->turn,
  };
  const struct reply r = tell(w, &c);
  if (r.verdict != VERDICT_CONTINUE) {
    const struct command end = {
        .verb = FINISH, .now_ms = world->books.clock.now_ms, .run_id = w->run_id};
    (void)tell(w, &end);
    w->run_id = 0;
  }
}

static void finish(struct world *world, struct worker *w) {
  const struct command c = {
      .verb = FINISH, .now_ms = world->books.clock.now_ms, .run_id = w->run_id};
  (void)tell(w, &c);
  w->run_id = 0;
}

static int settle(void *data, int64_t run_id) {
  gate_finish(data, run_id);
  return 0;
}

static void step(struct world *world) {
  struct rng *rng = &world->rng;
  struct books *books = &world->books;
  struct worker *w = &world->workers[rng_below(rng, PROCESSES)];
  const int64_t dice = rng_below(rng, 100);
  if (dice < 3) {
    const int64_t policy = world->policies[rng_below(rng, SCOPES)];
    assert_ok(budget_policy_raise(books->ledger, policy, rng_between(rng, 1, 40) * CENT, "user",
                                  &books->error),
              &books->error);
  } else if (dice < 6) {
    const char *path = ledger_path(books->ledger);
    dismiss(w, true);
    hire(w, path, world->workers);
  } else if (dice < 8) {
    assert_ok(budget_reclaim(books->ledger, settle, books, &books->error), &books->error);
  } else if (dice < 9) {
    fake_clock_advance(&books->clock, INT64_C(86400000));
  } else if (w->run_id == 0) {
    admit(world, w);
  } else if (dice < 85) {
    spend(world, w);
  } else {
    finish(world, w);
  }
}

/* ---- what must hold at every step ---- */

static int64_t ask(struct ledger *ledger, const char *sql) {
  int64_t answer = 0;
  assert_int_equal(db_get_int(ledger->db, sql, NULL, 0, &answer, NULL), PURSER_OK);
  return answer;
}

static int check_policy(void *data, const struct policy_state *s) {
  const int seed = *(const int *)data;
  if (s->spent_nanousd > s->limit_nanousd + LARGEST)
    fail_msg("seed %d: %lld spent of %lld, with %lld at most in one request", seed,
             (long long)s->spent_nanousd, (long long)s->limit_nanousd, (long long)LARGEST);
  assert_true(s->held_nanousd >= 0);
  return 0;
}

static int check_crossing(void *data, const struct crossing *crossing) {
  (void)data;
  assert_true(crossing->spend_nanousd >= crossing->limit_nanousd / 100 * crossing->threshold);
  return 0;
}

static void check(struct world *world, int seed) {
  struct ledger *ledger = world->books.ledger;
  struct error error = {0};
  assert_ok(budget_policy_each(ledger, check_policy, &seed, &error), &error);
  assert_ok(budget_crossing_each(ledger, 0, check_crossing, NULL, &error), &error);
  /* Every run in flight has its row, and nobody else holds anything. */
  int64_t living = 0;
  for (int i = 0; i < PROCESSES; i++)
    living += world->workers[i].run_id != 0;
  const struct policy_state all = gate_state(ledger, world->policies[0]);
  if (living == 0)
    assert_int_equal(all.held_nanousd, 0);
  assert_int_equal(ask(ledger,
                       "SELECT count(*) FROM (SELECT 1 FROM crossing WHERE announced = 1"
                       " GROUP BY policy, start_ms, threshold, version HAVING count(*) > 1)"),
                   0);
  assert_true(ask(ledger, "SELECT count(*) FROM hold WHERE flags & 1") <= 8);
}

static void run_seed(int seed) {
  struct world world = {.rng = {(uint64_t)seed * 977}};
  books_open(&world.books, "2026-11-24T12:00:00Z");
  for (int i = 0; i < SCOPES; i++) {
    struct policy p = gate_policy(scopes[i], rng_between(&world.rng, 30, 200));
    p.period = rng_chance(&world.rng, 50) ? PERIOD_DAY : PERIOD_MONTH;
    world.policies[i] = gate_set(world.books.ledger, &p);
  }
  const char *path = ledger_path(world.books.ledger);
  for (int i = 0; i < PROCESSES; i++)
    hire(&world.workers[i], path, world.workers);
  for (int n = 0; n < STEPS; n++) {
    step(&world);
    check(&world, seed);
  }
  books_audit(world.books.ledger);
  for (int i = 0; i < PROCESSES; i++)
    dismiss(&world.workers[i], true);
  /* All are dead: nothing is held, and once settled nothing is left of it. */
  assert_int_equal(gate_state(world.books.ledger, world.policies[0]).held_nanousd, 0);
  assert_ok(budget_reclaim(world.books.ledger, settle, &world.books, &world.books.error),
            &world.books.error);
  assert_int_equal(ask(world.books.ledger, "SELECT count(*) FROM hold"), 0);
  assert_int_equal(ask(world.books.ledger, "SELECT count(*) FROM run_log WHERE status < 3"), 0);
  books_close(&world.books);
}

static void a_limit_is_overshot_by_at_most_one_request(void **state) {
  (void)state;
  const int seeds = property_seeds(12);
  for (int seed = 1; seed <= seeds; seed++)
    run_seed(seed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_limit_is_overshot_by_at_most_one_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
