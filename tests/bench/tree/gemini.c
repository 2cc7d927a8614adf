/* gemini.c - the folder of Gemini CLI: a chat file for each session, and which project has which short name. */
#include <stdio.h>
#include <string.h>

#include "sizes.h"
#include "writers.h"

struct chat {
  struct world *world;
  struct out *out;
  struct dice dice;
  const struct workspace *workspace;
  uint32_t session;
  const char *model;
};

static void add_prompt(struct chat *chat, int64_t at_ms) {
  struct buf *buf = &chat->out->buf;
  char id[ID_SIZE];
  char at[32];
  id_uuid(id, &chat->dice);
  time_write(at, at_ms);
  buf_addf(buf, "{\"id\":\"%s\",\"timestamp\":\"%s\",\"type\":\"user\",\"content\":[{\"text\":\"",
           id, at);
  text_add(&chat->world->text, &chat->dice, 80, buf);
  buf_adds(buf, "\"}]}\n");
  buf_addf(buf, "{\"$set\":{\"lastUpdated\":\"%s\"}}\n", at);
}

static void add_answer(struct chat *chat, const char *id, int64_t at_ms, const purser_usage *u,
                       bool with_tools) {
  struct buf *buf = &chat->out->buf;
  const size_t before = buf->len;
  const int64_t input = u->input + u->cache_read;
  char at[32];
  time_write(at, at_ms);
  buf_addf(
      buf,
      "{\"id\":\"%s\",\"timestamp\":\"%s\",\"type\":\"gemini\",\"content\":\"ahoy\",\"thoughts\":[],"
      "\"tokens\":{\"input\":%lld,\"output\":%lld,\"cached\":%lld,\"thoughts\":%lld,\"tool\":0,"
      "\"total\":%lld},\"model\":\"%s\"",
      id, at, (long long)input, (long long)(u->output - u->reasoning), (long long)u->cache_read,
      (long long)u->reasoning, (long long)(input + u->output), chat->model);
  if (with_tools) {
    buf_adds(buf, ",\"toolCalls\":[{\"id\":\"run_1\",\"name\":\"run\",\"result\":[{\"output\":\"");
    text_add(&chat->world->text, &chat->dice, (size_t)dice_int(&chat->dice, 300, 6000), buf);
    buf_adds(buf, "\"}]}]");
  }
  buf_adds(buf, "}\n");
  chat->world->truth->usage_bytes += (int64_t)(buf->len - before);
}

static void write_answer(struct chat *chat, int64_t at_ms) {
  struct truth *truth = chat->world->truth;
  char id[ID_SIZE];
  purser_usage u = {.input = dice_between(&chat->dice, 500, 9000),
                    .cache_read = dice_between(&chat->dice, 0, 60000),
                    .output = dice_between(&chat->dice, 50, 3000)};
  u.reasoning = u.output / 3;
  id_uuid(id, &chat->dice);
  add_answer(chat, id, at_ms, &u, false);
  if (world_springs(chat->world, &chat->dice, TRAP_GEMINI_RESTATED, 600)) {
    add_answer(chat, id, at_ms, &u, true);
    world_planted(chat->world, TRAP_GEMINI_RESTATED);
  }
  const struct truth_request request = {
      .at_ms = at_ms,
      .usage = u,
      .tier = "",
      .speed = "",
      .model = truth_name(&truth->models, chat->model),
      .workspace = chat->workspace->name,
      .session = chat->session,
      .source = TRUTH_GEMINI,
  };
  truth_add(truth, &request, id, 0);
}

static void write_chat(struct world *world, uint64_t number, int64_t target) {
  static const char *const models[] = {"gemini-2.5-pro", "gemini-2.5-flash"};
  struct out out;
  struct chat chat = {.world = world, .out = &out};
  char id[ID_SIZE];
  char at[32];
  char path[512];
  chat.dice = dice_for(world->options->seed, 13000000 + number);
  chat.workspace = world_workspace(world, &chat.dice);
  chat.model = models[dice_roll(&chat.dice) % 2];
  int64_t at_ms = world_moment(world, &chat.dice);
  id_uuid(id, &chat.dice);
  chat.session = truth_name_new(&world->truth->sessions, id);
  time_write(at, at_ms);
  (void)snprintf(path, sizeof path, ".gemini/tmp/p%02d/chats/session-%.13s-%.2s-%.8s.jsonl",
                 (int)(chat.workspace - world->workspaces), at, at + 14, id);
  out_open(&out, world, path);
  buf_addf(
      &out.buf,
      "{\"sessionId\":\"%s\",\"projectHash\":\"00\",\"startTime\":\"%s\",\"lastUpdated\":\"%s\","
      "\"kind\":\"main\"}\n",
      id, at, at);
  do {
    at_ms += 60000;
    add_prompt(&chat, at_ms);
    for (int i = dice_int(&chat.dice, 1, 5); i > 0; i--)
      write_answer(&chat, at_ms += 3000);
    out_flush(&out, false);
  } while (out_size(&out) < target);
  out_close(&out, world, at_ms);
}

/* The client says it in two places. */
static void write_root(struct world *world, int number) {
  char path[64];
  struct out out;
  (void)snprintf(path, sizeof path, ".gemini/tmp/p%02d/.project_root", number);
  out_open(&out, world, path);
  buf_adds(&out.buf, world->workspaces[number].cwd);
  out_close(&out, world, world->first_ms);
}

void gemini_write(struct world *world, int64_t bytes) {
  struct sizes sizes;
  struct out out;
  for (int i = 0; i < world->workspace_count; i++)
    write_root(world, i);
  out_open(&out, world, ".gemini/projects.json");
  buf_adds(&out.buf, "{\"projects\":{");
  for (int i = 0; i < world->workspace_count; i++)
    buf_addf(&out.buf, "%s\"%s\":\"p%02d\"", i > 0 ? "," : "", world->workspaces[i].json, i);
  buf_adds(&out.buf, "}}\n");
  out_close(&out, world, world->first_ms);
  sizes_plan(&sizes, world->options->seed + 2, bytes, world_files_per_gb(world));
  for (size_t i = 0; i < sizes.count; i++)
    write_chat(world, i, sizes.bytes[i]);
  sizes_free(&sizes);
}
