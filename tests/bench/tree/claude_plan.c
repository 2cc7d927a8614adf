/* claude_plan.c - what a response is and which trap it holds: all that counts is decided here, before a line is written. */
#include "claude.h"

#include <string.h>

/* Chances out of a thousand. The first shapes that spring win. */
static const struct {
  enum shape shape;
  enum trap trap;
  int permille;
} chances[] = {
    {SHAPE_NO_REQUEST_ID, TRAP_NO_REQUEST_ID, 12},
    {SHAPE_NULL_ID, TRAP_NULL_ID, 8},
    {SHAPE_RESTATED, TRAP_RESTATED, 15},
    {SHAPE_SYNTHETIC, TRAP_SYNTHETIC, 6},
    {SHAPE_TORN, TRAP_TORN_LINE, 2},
    {SHAPE_HUGE, TRAP_HUGE_LINE, 1},
    {SHAPE_ITERATIONS, TRAP_ITERATIONS, 8},
    {SHAPE_SPEED, TRAP_SPEED, 10},
    {SHAPE_NUL, TRAP_NUL_BYTES, 3},
    {SHAPE_DUPLICATE_KEYS, TRAP_DUPLICATE_KEYS, 4},
    {SHAPE_NUMBERS, TRAP_NUMBERS, 8},
    {SHAPE_PAST, TRAP_DATES, 2},
    {SHAPE_FUTURE, TRAP_DATES, 2},
    {SHAPE_ESCAPED, TRAP_ESCAPED_NAMES, 6},
    {SHAPE_KEY_ORDER, TRAP_KEY_ORDER, 6},
    {SHAPE_REUSED_ID, TRAP_REUSED_ID, 3},
    {SHAPE_MIDNIGHT, TRAP_MIDNIGHT, 3},
};

static enum shape choose_shape(const struct world *world, struct dice *dice) {
  enum shape shape = SHAPE_PLAIN;
  for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++) {
    const bool springs = world_springs(world, dice, chances[i].trap, chances[i].permille);
    if (springs && shape == SHAPE_PLAIN)
      shape = chances[i].shape;
  }
  return shape;
}

/* A conversation grows until it is compacted; each prompt reads from the cache what the one before has written. */
static void plan_usage(const struct session *session, int turn, struct dice *dice,
                       struct response *r) {
  const int64_t step = session->long_lived ? 45000 : 11000;
  const int64_t context = 14000 + turn % 12 * step + dice_between(dice, 0, 9000);
  r->usage = (purser_usage){
      .input = dice_between(dice, 1, 12),
      .cache_read = context,
      .output = dice_between(dice, 20, 900),
      .cache_write_5m = dice_between(dice, 100, 6000),
  };
  if (dice_permille(dice, 60))
    r->usage.output += dice_between(dice, 1000, 14000);
  if (dice_permille(dice, 150) && !session->old)
    r->usage.cache_write_1h = dice_between(dice, 50, 4000);
}

static void plan_cache(const struct world *world, const struct session *session, struct dice *dice,
                       struct response *r) {
  const bool springs = world_springs(world, dice, TRAP_CACHE_SHAPES, 250);
  const bool zeros = world_springs(world, dice, TRAP_CACHE_ZEROS, 40);
  const int shape = dice_int(dice, CACHE_FLAT, CACHE_NESTED);
  r->cache = session->old ? CACHE_FLAT : CACHE_BOTH;
  if (springs)
    r->cache = (enum cache_shape)shape;
  if (zeros)
    r->cache = CACHE_NESTED_ZEROS;
  if (r->cache == CACHE_FLAT || r->cache == CACHE_NESTED_ZEROS) {
    r->usage.cache_write_5m += r->usage.cache_write_1h;
    r->usage.cache_write_1h = 0;
  }
}

static void plan_numbers(struct dice *dice, struct response *r) {
  static const int64_t meant[] = {0, 12, 12, 1000, 5, 0, 0, INT64_C(1000000000000)};
  r->variant = dice_int(dice, 0, (int)(sizeof meant / sizeof meant[0]) - 1);
  r->usage.input = meant[r->variant];
}

static int64_t midnight_before(int64_t at_ms) {
  return at_ms - at_ms % DAY_MS;
}

static void plan_shape(struct response *r, struct dice *dice) {
  r->variant = dice_int(dice, 0, 5);
  switch (r->shape) {
  case SHAPE_NO_REQUEST_ID: r->request_id[0] = '\0'; break;
  case SHAPE_NUMBERS: plan_numbers(dice, r); break;
  case SHAPE_TORN: r->torn = dice_int(dice, 0, r->lines - 1); break;
  case SHAPE_SPEED:
    r->speed = r->variant < 3 ? "fast" : "standard";
    r->tier = r->variant < 3 ? "standard" : r->variant < 5 ? "batch" : "priority";
    break;
  case SHAPE_REUSED_ID: strcpy(r->id, r->variant < 3 ? "msg_relay_0001" : "msg_relay_0002"); break;
  case SHAPE_MIDNIGHT:
    r->lines = 3;
    r->at_ms = midnight_before(r->at_ms) - 500;
    r->gap_ms = 400;
    break;
  case SHAPE_FUTURE:
    r->at_ms = INT64_C(4070908800000) + dice_between(dice, 0, DAY_MS); /* 2099 */
    break;
  case SHAPE_PAST: r->at_ms = dice_between(dice, 1, HOUR_MS); break;
  case SHAPE_PLAIN:
  case SHAPE_NULL_ID:
  case SHAPE_RESTATED:
  case SHAPE_SYNTHETIC:
  case SHAPE_ITERATIONS:
  case SHAPE_HUGE:
  case SHAPE_NUL:
  case SHAPE_DUPLICATE_KEYS:
  case SHAPE_ESCAPED:
  case SHAPE_KEY_ORDER: break;
  }
}

void response_plan(const struct world *world, const struct session *session, int turn,
                   int64_t at_ms, struct dice *dice, struct response *out) {
  *out = (struct response){
      .shape = choose_shape(world, dice),
      .model = session->model,
      .tier = "standard",
      .speed = "standard",
      .torn = -1,
      .at_ms = at_ms,
      .gap_ms = dice_between(dice, 200, 3000),
  };
  id_made(out->id, "msg_01", 22, dice);
  id_made(out->request_id, "req_011C", 20, dice);
  const int lines = dice_int(dice, 1, 4);
  const bool growing = dice_permille(dice, 500);
  if (world_has(world, TRAP_STREAMED)) {
    out->lines = lines;
    out->growing = growing;
  } else {
    out->lines = 1;
  }
  if (session->side && out->shape == SHAPE_REUSED_ID)
    out->shape = SHAPE_PLAIN; /* there, equal ids mean the same response */
  plan_usage(session, turn, dice, out);
  plan_cache(world, session, dice, out);
  plan_shape(out, dice);
  if (out->shape == SHAPE_ITERATIONS || out->shape == SHAPE_NUMBERS)
    out->growing = false;
}
