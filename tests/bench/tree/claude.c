/* claude.c - the folder of Claude Code: sessions, what they were resumed or forked from, their subagents. */
#include "claude.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sizes.h"
#include "writers.h"

/* ---- sessions ---- */

static const char *choose_model(struct dice *dice) {
  static const char *const models[] = {
      "claude-opus-4-5-20251101",   "claude-opus-4-5-20251101",  "claude-sonnet-4-5-20250929",
      "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001", "claude-opus-4-1-20250805",
      "claude-sonnet-4-20250514",
  };
  return models[dice_roll(dice) % (sizeof models / sizeof models[0])];
}

static void plan_session(struct world *world, uint64_t number, int64_t target,
                         struct session *out) {
  static const char *const branches[] = {"main", "main", "fix/leak", "feature/a-b", ""};
  struct dice dice = dice_for(world->options->seed, 1000 + number);
  *out = (struct session){
      .seed = dice_roll(&dice),
      .workspace = world_workspace(world, &dice),
      .model = choose_model(&dice),
      .branch = branches[dice_roll(&dice) % 5],
      .old = dice_permille(&dice, 350),
      .start_ms = world_moment(world, &dice),
      .turn_ms = dice_between(&dice, 90, 1500) * 1000,
      .target = target,
  };
  id_uuid(out->id, &dice);
  out->second = out->workspace;
  const struct workspace *second = world_workspace(world, &dice);
  if (world_springs(world, &dice, TRAP_MOVED, 80))
    out->second = second;
  out->long_lived = world_springs(world, &dice, TRAP_LONG_CONTEXT, 70);
  out->name = truth_name_new(&world->truth->sessions, out->id);
}

/* ---- turns ---- */

enum {
  RESPONSES_MAX = 12
};

/* What a turn consists of; the same for the session itself and for all that copy it. */
static int plan_turn(const struct world *world, const struct session *session, int turn,
                     struct response responses[RESPONSES_MAX]) {
  struct dice dice = dice_for(session->seed, (uint64_t)turn + 1);
  const int count = dice_int(&dice, 1, RESPONSES_MAX);
  const int64_t start = session->start_ms + turn * session->turn_ms;
  for (int i = 0; i < count; i++)
    response_plan(world, session, turn, start + 2000 + i * 6000, &dice, &responses[i]);
  return count;
}

/* Tool output until usage has its usual share of the bytes. */
static void fill_up(struct voice *voice, int64_t at_ms) {
  enum {
    SMALLEST = 300
  };
  const int64_t share = world_share(voice->world, voice->usage_bytes) - out_size(voice->out);
  const int64_t room = voice->session->target - out_size(voice->out);
  const int64_t wanted = voice->copy || share < room ? share : room;
  if (wanted > SMALLEST) {
    line_tool_result(voice, at_ms, (size_t)wanted);
  } else {
    line_other(voice, at_ms);
  }
}

static int64_t turn_start(const struct session *session, int turn) {
  return session->start_ms + turn * session->turn_ms;
}

/* Returns how many responses were written: a session ends where it is large enough. */
static int write_turn(struct voice *voice, int turn) {
  const struct session *session = voice->session;
  struct response responses[RESPONSES_MAX] = {0};
  int count = plan_turn(voice->world, session, turn, responses);
  voice->turn = turn;
  line_prompt(voice, turn_start(session, turn));
  for (int i = 0; i < count; i++) {
    response_write(voice, &responses[i]);
    fill_up(voice, responses[i].at_ms + 5000);
    if (!voice->copy && out_size(voice->out) >= session->target)
      count = i + 1;
  }
  for (int i = 0; i < count; i++) {
    if (responses[i].shape == SHAPE_RESTATED)
      response_restate(voice, &responses[i]);
  }
  return count;
}

static struct voice voice_of(struct world *world, struct out *out, const struct session *session) {
  return (struct voice){
      .world = world,
      .out = out,
      .session = session,
      .session_id = session->id,
      .agent_id = "",
      .dice = dice_for(session->seed, UINT64_C(1) << 40),
      .line = BUF_INIT,
  };
}

/* ---- subagents ---- */

static void write_replay(struct voice *voice, const struct session *session, int turn) {
  struct response responses[RESPONSES_MAX] = {0};
  const int planned = plan_turn(voice->world, session, turn, responses);
  const int count = turn == session->turns - 1 ? session->last_count : planned;
  for (int i = 0; i < count; i++) {
    const struct response *r = &responses[i];
    if (r->shape == SHAPE_PLAIN || r->shape == SHAPE_NULL_ID) {
      response_replay(voice, r);
      return;
    }
  }
}

/* A subagent that a turn started. Its responses are its own; only what it repeats of its parent is not. */
static void write_subagent(struct world *world, const struct session *session, int turn,
                           uint64_t number) {
  struct session agent = *session;
  struct dice dice = dice_for(session->seed, (UINT64_C(1) << 41) + number);
  char agent_id[ID_SIZE];
  char path[512];
  struct out out;
  agent.side = true;
  agent.seed = dice_roll(&dice);
  agent.start_ms = turn_start(session, turn) + 3000;
  agent.turn_ms = 1000;
  agent.target = dice_between(&dice, 4, dice_permille(&dice, 200) ? 900 : 120) * 1000;
  if (agent.target > session->target)
    agent.target = session->target / 2;
  id_made(agent_id, "a", 16, &dice);
  const char *folder = session->workspace->folder;
  if (session->old) {
    (void)snprintf(path, sizeof path, ".claude/projects/%s/agent-%s.jsonl", folder, agent_id);
  } else {
    (void)snprintf(path, sizeof path, ".claude/projects/%s/%s/subagents/agent-%s.jsonl", folder,
                   session->id, agent_id);
  }
  out_open(&out, world, path);
  struct voice voice = voice_of(world, &out, &agent);
  voice.sidechain = true;
  voice.agent_id = agent_id;
  const bool moved = turn >= 3; /* it works where its parent does */
  agent.workspace = moved ? session->second : session->workspace;
  agent.second = agent.workspace;
  if (world_springs(world, &dice, TRAP_SIDECHAIN_REPLAY, 300)) {
    line_prompt(&voice, agent.start_ms);
    write_replay(&voice, session, turn);
  }
  int t = 0;
  do {
    (void)write_turn(&voice, t++);
  } while (out_size(&out) < agent.target);
  world_planted(world, TRAP_SIDECHAIN);
  out_close(&out, world, turn_start(&agent, t));
  buf_fini(&voice.line);
}

/* ---- files ---- */

/* What a resumed or forked session's file begins with. */
static void write_copies(struct voice *voice, const struct session *parent, bool names_origin,
                         int turns) {
  const struct session *own = voice->session;
  voice->session = parent;
  voice->copy = true;
  voice->origin = names_origin ? parent->id : NULL;
  for (int turn = 0; turn < turns; turn++)
    (void)write_turn(voice, turn);
  voice->session = own;
  voice->copy = false;
  voice->origin = NULL;
  world_planted(voice->world, names_origin ? TRAP_FORK_COPY : TRAP_RESUME_COPY);
}

static void write_end(struct voice *voice, struct dice *dice) {
  struct response last;
  const struct session *session = voice->session;
  const bool springs = world_springs(voice->world, dice, TRAP_HALF_LINE, 60);
  if (world_springs(voice->world, dice, TRAP_COST_STATE, 500) && !session->old)
    line_cost_state(voice);
  response_plan(voice->world, session, 0, turn_start(session, session->turns), dice, &last);
  if (springs && last.torn < 0 && last.shape == SHAPE_PLAIN)
    response_cut(voice, &last);
}

static void write_session(struct world *world, struct session *session,
                          const struct session *parent) {
  char path[512];
  struct out out;
  struct dice dice = dice_for(session->seed, UINT64_C(1) << 42);
  (void)snprintf(path, sizeof path, ".claude/projects/%s/%s.jsonl", session->workspace->folder,
                 session->id);
  out_open(&out, world, path);
  struct voice voice = voice_of(world, &out, session);
  voice.crlf = world_springs(world, &dice, TRAP_CRLF, 15);
  if (voice.crlf)
    world_planted(world, TRAP_CRLF);
  if (session->second != session->workspace)
    world_planted(world, TRAP_MOVED);
  if (parent != NULL) {
    const int turns = dice_int(&dice, 1, parent->turns - 1);
    if (session->old) {
      session->name = parent->name;
      truth_same_session(world->truth, session->id, parent->name);
    }
    write_copies(&voice, parent, !session->old, turns);
    session->start_ms = parent->start_ms + parent->turns * parent->turn_ms + HOUR_MS;
  }
  int turn = 0;
  do {
    session->last_count = write_turn(&voice, turn++);
  } while (out_size(&out) < session->target);
  session->turns = turn;
  write_end(&voice, &dice);
  out_flush(&out, true);
  session->size = out.written;
  out_close(&out, world, turn_start(session, turn));
  buf_fini(&voice.line);
}

static void write_subagents(struct world *world, const struct session *session) {
  struct dice dice = dice_for(session->seed, UINT64_C(1) << 43);
  for (uint64_t i = 0; i < 3; i++) {
    const int turn = dice_int(&dice, 0, session->turns - 1);
    if (world_springs(world, &dice, TRAP_SIDECHAIN, 150))
      write_subagent(world, session, turn, i);
  }
}

/* ---- what has no business there ---- */

static void write_file(struct world *world, const char *path, const char *text) {
  struct out out;
  out_open(&out, world, path);
  buf_adds(&out.buf, text);
  out_close(&out, world, world->first_ms);
}

static void write_stray(struct world *world) {
  struct buf link = BUF_INIT;
  if (!world_has(world, TRAP_STRAY_FILES))
    return;
  write_file(world, ".claude/projects/-stray/empty.jsonl", "");
  write_file(world, ".claude/projects/-stray/notes.txt", "usage of water: two barrels\n");
  write_file(world, ".claude/projects/-stray/folder.jsonl/readme.md", "not a transcript\n");
  write_file(world, ".claude/projects/-stray/prose.jsonl", "this was never JSON\n{\n[]\n17\n\n\n");
  write_file(world, ".claude/settings.json", "{}\n");
  buf_addf(&link, "%s/.claude/projects/-stray/loop", world->options->root);
  if (symlink("..", buf_text(&link)) != 0 && errno != EEXIST)
    tree_die("%s: %s", buf_text(&link), strerror(errno));
  buf_fini(&link);
  world_planted(world, TRAP_STRAY_FILES);
}

/* ---- the whole ---- */

/* An earlier session of the same project to copy from: small, and with turns enough. */
static const struct session *choose_parent(const struct session *sessions, size_t count,
                                           const struct session *child, struct dice *dice) {
  enum {
    TRIES = 20,
    LARGEST = 1500 * 1000
  };
  const struct session *found = NULL;
  for (int i = 0; i < TRIES && count > 0; i++) {
    const struct session *s = &sessions[dice_roll(dice) % count];
    if (found == NULL && s->workspace == child->workspace && s->old == child->old && s->turns > 2 &&
        s->size < LARGEST && s->second == s->workspace)
      found = s;
  }
  return found;
}

void claude_write(struct world *world, int64_t bytes) {
  struct sizes sizes;
  /* Subagents' files are files as well. */
  const int percent = world_has(world, TRAP_SIDECHAIN) ? 70 : 100;
  sizes_plan(&sizes, world->options->seed, bytes, world_files_per_gb(world) * percent / 100);
  struct session *sessions = tree_grown(NULL, sizes.count, sizeof *sessions);
  for (size_t i = 0; i < sizes.count; i++) {
    struct session *session = &sessions[i];
    struct dice dice = dice_for(world->options->seed, 5000000 + i);
    plan_session(world, i, sizes.bytes[i], session);
    const enum trap trap = session->old ? TRAP_RESUME_COPY : TRAP_FORK_COPY;
    const bool forks = world_springs(world, &dice, trap, 120);
    const struct session *parent = choose_parent(sessions, i, session, &dice);
    write_session(world, session, forks ? parent : NULL);
    write_subagents(world, session);
  }
  write_stray(world);
  free(sessions);
  sizes_free(&sizes);
}
