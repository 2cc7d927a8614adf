/* codex.c - the folder of Codex: threads, their forks, what they started, the archive. */
#include "codex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "sizes.h"
#include "writers.h"

/* ---- turns ---- */

enum {
  RESPONSES_MAX = 8,
  MODEL_CHANGES_AT = 4
};

struct turn {
  struct counts counts[RESPONSES_MAX];
  char ids[RESPONSES_MAX][ID_SIZE];
  int count;
  bool resets;  /* its counter begins anew */
  bool repeats; /* its counter is written again at its end */
  bool equal;   /* two responses with the same counts */
};

static struct counts plan_counts(int turn, struct dice *dice) {
  struct counts c = {
      .cached = 4000 + turn % 10 * 9000 + dice_between(dice, 0, 8000),
      .output = dice_between(dice, 30, 2500),
      .written = dice_permille(dice, 100) ? dice_between(dice, 100, 3000) : 0,
  };
  c.reasoning = c.output * dice_between(dice, 0, 90) / 100;
  c.input = c.cached + c.written + dice_between(dice, 200, 9000);
  return c;
}

/* The same for the thread itself and for all that replay it. */
static void plan_turn(const struct world *world, const struct thread *thread, int number,
                      struct turn *turn) {
  struct dice dice = dice_for(thread->seed, (uint64_t)number + 1);
  turn->count = dice_int(&dice, 1, RESPONSES_MAX);
  turn->equal = world_springs(world, &dice, TRAP_CODEX_EQUAL_TURNS, 60) && turn->count > 1;
  turn->resets = world_springs(world, &dice, TRAP_CODEX_RESET, 30) && thread->old && number > 1;
  turn->repeats = world_springs(world, &dice, TRAP_CODEX_REEMITTED, 250);
  for (int i = 0; i < turn->count; i++) {
    turn->counts[i] = plan_counts(number, &dice);
    id_made(turn->ids[i], "resp_", 24, &dice);
  }
  if (turn->equal)
    turn->counts[1] = turn->counts[0];
}

static void counts_add(struct counts *sum, const struct counts *more) {
  sum->input += more->input;
  sum->cached += more->cached;
  sum->written += more->written;
  sum->output += more->output;
  sum->reasoning += more->reasoning;
}

static const char *model_at(const struct thread *thread, int turn) {
  return turn >= MODEL_CHANGES_AT && (thread->seed & 3) == 0 ? "gpt-5.4-mini" : thread->model;
}

static void note(struct scribe *scribe, int turn, const char *response_id, int64_t at_ms) {
  struct truth *truth = scribe->world->truth;
  const struct thread *thread = scribe->uncertain ? scribe->file : scribe->thread;
  const struct counts *c = &scribe->last;
  const struct truth_request request = {
      .at_ms = at_ms,
      .usage = {.input = c->input - c->cached - c->written,
                .cache_read = c->cached,
                .cache_write_5m = c->written,
                .output = c->output,
                .reasoning = c->reasoning},
      .tier = "",
      .speed = "",
      .model = truth_name(&truth->models, model_at(scribe->thread, turn)),
      .workspace = thread->workspace->name,
      .session = thread->name,
      .source = TRUTH_CODEX,
      .sidechain = thread->subagent,
      .uncertain = scribe->uncertain,
  };
  char key[128];
  (void)snprintf(key, sizeof key, "%s@%lld+%lld", thread->id, (long long)at_ms,
                 (long long)scribe->total.input + (long long)scribe->total.output);
  if (!scribe->replay || scribe->uncertain)
    truth_add(truth, &request, thread->old ? key : response_id, 0);
}

static void fill_up(struct scribe *scribe, int64_t at_ms) {
  const int64_t wanted = world_share(scribe->world, scribe->usage_bytes) - out_size(scribe->out);
  rollout_tool(scribe, at_ms, wanted > 200 ? (size_t)wanted : 200);
}

static void write_response(struct scribe *scribe, const struct turn *turn, int number, int i,
                           int64_t at_ms) {
  scribe->last = turn->counts[i];
  counts_add(&scribe->total, &scribe->last);
  if (!scribe->file->old) {
    rollout_record(scribe, number, turn->ids[i], at_ms);
    rollout_write(scribe, true);
  }
  fill_up(scribe, at_ms + 100);
  const int64_t counted_ms = scribe->file->old ? at_ms + 200 : at_ms;
  rollout_counter(scribe, at_ms + 200, false);
  rollout_write(scribe, true);
  note(scribe, number, turn->ids[i], counted_ms);
}

static int64_t turn_start(const struct thread *thread, int turn) {
  return thread->start_ms + 1000 + turn * thread->turn_ms;
}

static void mark_planted(struct scribe *scribe, const struct turn *turn, bool resets) {
  struct world *world = scribe->world;
  if (scribe->replay)
    return;
  if (resets)
    world_planted(world, TRAP_CODEX_RESET);
  if (turn->repeats)
    world_planted(world, TRAP_CODEX_REEMITTED);
  if (turn->equal)
    world_planted(world, TRAP_CODEX_EQUAL_TURNS);
}

static void write_turn(struct scribe *scribe, int number) {
  static const struct counts zero;
  const struct thread *thread = scribe->thread;
  const int64_t start = turn_start(thread, number);
  struct turn turn = {0};
  plan_turn(scribe->world, thread, number, &turn);
  /* A new counter is told from an old one by being lower. */
  const struct counts *first = &turn.counts[0];
  const bool resets =
      turn.resets && first->input + first->output < scribe->total.input + scribe->total.output;
  if (resets)
    scribe->total = zero;
  rollout_turn_begins(scribe, number, start, model_at(thread, number));
  for (int i = 0; i < turn.count; i++)
    write_response(scribe, &turn, number, i, start + 2000 + i * 5000);
  if (turn.repeats) {
    rollout_counter(scribe, start + 50000, dice_permille(&scribe->dice, 500));
    rollout_write(scribe, true);
  }
  rollout_complete(scribe, start + 51000);
  mark_planted(scribe, &turn, resets);
}

/* ---- files ---- */

static void write_path(const struct thread *thread, const char *folder, char *path, size_t size) {
  char at[32];
  time_write(at, thread->start_ms);
  at[13] = '-';
  at[16] = '-';
  at[19] = '\0';
  if (folder == NULL) {
    (void)snprintf(path, size, ".codex/sessions/%.4s/%.2s/%.2s/rollout-%s-%s.jsonl", at, at + 5,
                   at + 8, at, thread->id);
  } else {
    (void)snprintf(path, size, ".codex/%s/rollout-%s-%s.jsonl", folder, at, thread->id);
  }
}

static void write_replay(struct scribe *scribe, int turns) {
  const struct thread *parent = scribe->file->parent;
  scribe->thread = parent;
  scribe->replay = true;
  scribe->uncertain = scribe->file->without_ids;
  rollout_meta(scribe, parent);
  for (int turn = 0; turn < turns; turn++)
    write_turn(scribe, turn);
  scribe->thread = scribe->file;
  scribe->replay = false;
  world_planted(scribe->world, scribe->uncertain ? TRAP_CODEX_NO_LINEAGE : TRAP_CODEX_REPLAY);
}

static void write_end(struct scribe *scribe, struct dice *dice, int turn) {
  struct turn cut = {0};
  if (!world_springs(scribe->world, dice, TRAP_HALF_LINE, 60))
    return;
  const int64_t at_ms = turn_start(scribe->thread, turn);
  plan_turn(scribe->world, scribe->thread, turn, &cut);
  scribe->last = cut.counts[0];
  counts_add(&scribe->total, &scribe->last);
  if (scribe->file->old) {
    rollout_counter(scribe, at_ms, false);
  } else {
    rollout_record(scribe, turn, cut.ids[0], at_ms);
  }
  rollout_cut(scribe);
  world_planted(scribe->world, TRAP_HALF_LINE);
}

static void write_turns(struct scribe *scribe, struct thread *thread, struct dice *dice) {
  const struct thread *parent = thread->parent;
  rollout_meta(scribe, thread);
  if (parent != NULL && thread->paginated && !thread->subagent) {
    scribe->total = parent->total;
    world_planted(scribe->world, TRAP_CODEX_PAGINATED);
  } else if (parent != NULL && !thread->paginated) {
    write_replay(scribe, parent->turns);
  }
  if (thread->subagent)
    world_planted(scribe->world, TRAP_CODEX_SUBAGENT);
  int turn = 0;
  do {
    write_turn(scribe, turn++);
  } while (out_size(scribe->out) < thread->target);
  thread->turns = turn;
  thread->total = scribe->total;
  write_end(scribe, dice, turn);
}

/* Writes the thread to a folder; NULL: where threads usually are. */
static void write_thread(struct world *world, struct thread *thread, const char *folder) {
  struct dice dice = dice_for(thread->seed, UINT64_C(1) << 42);
  char path[512];
  struct out out;
  write_path(thread, folder, path, sizeof path);
  out_open(&out, world, path);
  struct scribe scribe = {.world = world,
                          .out = &out,
                          .thread = thread,
                          .file = thread,
                          .dice = dice_for(thread->seed, UINT64_C(1) << 43),
                          .line = BUF_INIT};
  write_turns(&scribe, thread, &dice);
  out_flush(&out, true);
  thread->size = out.written;
  out_close(&out, world, turn_start(thread, thread->turns));
  buf_fini(&scribe.line);
}

/* The same file once more in the archive: told twice, counted once. */
static void write_again(struct world *world, const struct thread *thread) {
  struct thread again = *thread;
  struct truth *truth = world->truth;
  const size_t count = truth->count;
  int64_t planted[TRAP_COUNT];
  memcpy(planted, truth->planted, sizeof planted);
  write_thread(world, &again, "archived_sessions");
  truth->count = count;
  memcpy(truth->planted, planted, sizeof planted);
  world_planted(world, TRAP_CODEX_ARCHIVED);
}

/* ---- the whole ---- */

static void plan_thread(struct world *world, uint64_t number, int64_t target, struct thread *out) {
  static const char *const models[] = {"gpt-5.5-codex", "gpt-5.5", "gpt-5.4", "gpt-5.4-mini"};
  struct dice dice = dice_for(world->options->seed, 9000000 + number);
  *out = (struct thread){
      .seed = dice_roll(&dice),
      .workspace = world_workspace(world, &dice),
      .model = models[dice_roll(&dice) % 4],
      .old = dice_permille(&dice, 400),
      .start_ms = world_moment(world, &dice),
      .turn_ms = dice_between(&dice, 70, 900) * 1000,
      .target = target,
  };
  out->paginated = !out->old;
  id_uuid7(out->id, &dice, out->start_ms);
  out->name = truth_name_new(&world->truth->sessions, out->id);
}

static bool fits(const struct thread *parent, const struct thread *child) {
  enum {
    LARGEST = 1500 * 1000
  };
  return parent->old == child->old && parent->parent == NULL && parent->size < LARGEST;
}

/* Makes the thread a fork or a subagent of an earlier one, begun after it. */
static void adopt(struct world *world, const struct thread *threads, size_t count,
                  struct thread *child, struct dice *dice) {
  enum {
    TRIES = 12
  };
  const struct thread *parent = NULL;
  for (int i = 0; i < TRIES && count > 0; i++) {
    const struct thread *t = &threads[dice_roll(dice) % count];
    if (parent == NULL && fits(t, child))
      parent = t;
  }
  const bool lost = world_springs(world, dice, TRAP_CODEX_NO_LINEAGE, 90);
  const bool replays = world_springs(world, dice, TRAP_CODEX_REPLAY, 150);
  const bool forks = world_springs(world, dice, TRAP_CODEX_PAGINATED, 100);
  const bool starts = world_springs(world, dice, TRAP_CODEX_SUBAGENT, 120);
  const bool wanted = child->old ? lost || replays : forks || starts;
  if (parent == NULL || !wanted)
    return;
  child->parent = parent;
  child->without_ids = child->old && lost;
  child->subagent = !child->old && starts;
  child->workspace = parent->workspace;
  child->model = parent->model;
  child->start_ms = turn_start(parent, parent->turns) + HOUR_MS;
  id_uuid7(child->id, dice, child->start_ms);
  child->name = truth_name_new(&world->truth->sessions, child->id);
}

void codex_write(struct world *world, int64_t bytes) {
  struct sizes sizes;
  sizes_plan(&sizes, world->options->seed + 1, bytes, world_files_per_gb(world));
  struct thread *threads = tree_grown(NULL, sizes.count, sizeof *threads);
  for (size_t i = 0; i < sizes.count; i++) {
    struct thread *thread = &threads[i];
    struct dice dice = dice_for(world->options->seed, 11000000 + i);
    plan_thread(world, i, sizes.bytes[i], thread);
    adopt(world, threads, i, thread, &dice);
    const bool archived = world_springs(world, &dice, TRAP_CODEX_ARCHIVED, 80);
    const bool both = dice_permille(&dice, 500);
    write_thread(world, thread, archived && !both ? "archived_sessions" : NULL);
    if (archived && both && thread->size < 1500 * 1000)
      write_again(world, thread);
  }
  free(threads);
  sizes_free(&sizes);
}
