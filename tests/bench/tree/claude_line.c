/* claude_line.c - the lines of a transcript, in the manner of today's version and of an early one. */
#include <string.h>

#include "claude.h"

const struct workspace *voice_place(const struct voice *voice) {
  enum {
    MOVES_AT = 3
  };
  const struct session *session = voice->session;
  return voice->turn >= MOVES_AT ? session->second : session->workspace;
}

static void add_place(struct voice *voice) {
  const bool old = voice->session->old;
  buf_addf(&voice->line,
           "\"userType\":\"external\",%s\"cwd\":\"%s\",\"sessionId\":\"%s\",\"version\":\"%s\","
           "\"gitBranch\":\"%s\"",
           old ? "" : "\"entrypoint\":\"cli\",", voice_place(voice)->json, voice->session_id,
           old ? "1.0.117" : "2.1.330", voice->session->branch);
}

void line_begin(struct voice *voice) {
  struct buf *line = &voice->line;
  buf_clear(line);
  if (voice->parent[0] != '\0') {
    buf_addf(line, "{\"parentUuid\":\"%s\"", voice->parent);
  } else {
    buf_adds(line, "{\"parentUuid\":null");
  }
  buf_addf(line, ",\"isSidechain\":%s,", voice->sidechain ? "true" : "false");
  if (voice->agent_id[0] != '\0')
    buf_addf(line, "\"agentId\":\"%s\",", voice->agent_id);
  if (voice->session->old) {
    add_place(voice);
    buf_addc(line, ',');
  }
}

void line_end(struct voice *voice, const char *type, int64_t at_ms, uint64_t identity) {
  struct buf *line = &voice->line;
  struct dice same = dice_for(identity, 3);
  char at[32];
  time_write(at, at_ms);
  id_uuid(voice->parent, identity != 0 ? &same : &voice->dice);
  buf_addf(line, ",\"type\":\"%s\",\"uuid\":\"%s\",\"timestamp\":\"%s\"", type, voice->parent, at);
  if (!voice->session->old) {
    if (voice->origin != NULL)
      buf_addf(line, ",\"requestSessionId\":\"%s\"", voice->origin);
    buf_addc(line, ',');
    add_place(voice);
  }
  buf_addc(line, '}');
}

void line_write(struct voice *voice, bool usage, size_t len) {
  struct out *out = voice->out;
  buf_add(&out->buf, voice->line.data, len < voice->line.len ? len : voice->line.len);
  buf_adds(&out->buf, voice->crlf ? "\r\n" : "\n");
  if (usage) {
    voice->usage_bytes += (int64_t)len + 1;
    voice->world->truth->usage_bytes += (int64_t)len + 1;
  }
  out_flush(out, false);
}

void line_prompt(struct voice *voice, int64_t at_ms) {
  struct buf *line = &voice->line;
  const uint64_t identity = voice->session->seed + (uint64_t)voice->turn + 1;
  struct dice dice = dice_for(identity, 4);
  char id[ID_SIZE];
  id_uuid(id, &dice);
  line_begin(voice);
  buf_adds(line, "\"promptId\":\"");
  buf_addf(line, "%s\",\"message\":{\"role\":\"user\",\"content\":\"", id);
  text_add(&voice->world->text, &dice, (size_t)dice_int(&dice, 20, 300), line);
  buf_adds(line, "\"}");
  line_end(voice, "user", at_ms, identity);
  line_write(voice, false, line->len);
}

/* A subagent's result comes with what it used: the subagent's own file has counted that. */
static void add_summary_decoy(struct voice *voice) {
  buf_addf(
      &voice->line,
      ",\"toolUseResult\":{\"status\":\"completed\",\"totalTokens\":%d,\"usage\":{"
      "\"input_tokens\":%d,\"cache_creation_input_tokens\":900,\"cache_read_input_tokens\":40000,"
      "\"output_tokens\":%d,\"service_tier\":\"standard\"}}",
      50000, dice_int(&voice->dice, 1, 999), dice_int(&voice->dice, 1, 999));
}

void line_tool_result(struct voice *voice, int64_t at_ms, size_t len) {
  struct buf *line = &voice->line;
  struct world *world = voice->world;
  char id[ID_SIZE];
  line_begin(voice);
  id_made(id, "toolu_01", 22, &voice->dice);
  buf_addf(
      line,
      "\"message\":{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"%s\",\"type\":\"tool_result\","
      "\"content\":\"",
      id);
  text_add(&world->text, &voice->dice, len / 2, line);
  buf_adds(line, "\",\"is_error\":false}]}");
  if (world_springs(world, &voice->dice, TRAP_DECOY, 40)) {
    add_summary_decoy(voice);
    world_planted(world, TRAP_DECOY);
  } else {
    buf_adds(line, ",\"toolUseResult\":{\"stdout\":\"");
    text_add(&world->text, &voice->dice, len / 2, line);
    buf_adds(line, "\",\"stderr\":\"\",\"interrupted\":false,\"isImage\":false}");
  }
  line_end(voice, "user", at_ms, 0);
  line_write(voice, false, line->len);
}

/* A running subagent's message, as its parent's file reports the progress. */
static void progress_decoy(struct voice *voice, int64_t at_ms) {
  line_begin(voice);
  buf_addf(
      &voice->line,
      "\"data\":{\"type\":\"agent_progress\",\"message\":{\"type\":\"assistant\",\"message\":{\"id\":"
      "\"msg_decoy\",\"model\":\"claude-opus-4-5-20251101\",\"usage\":{\"input_tokens\":%d,"
      "\"output_tokens\":9}},\"requestId\":\"req_decoy\"}}",
      dice_int(&voice->dice, 1, 99999));
  line_end(voice, "progress", at_ms, 0);
  line_write(voice, false, voice->line.len);
}

void line_cost_state(struct voice *voice) {
  struct dice *dice = &voice->dice;
  buf_clear(&voice->line);
  buf_addf(
      &voice->line,
      "{\"type\":\"cost-state\",\"sessionId\":\"%s\",\"totalCostUSD\":1.25,\"modelUsage\":{\"%s\":{"
      "\"inputTokens\":%d,\"outputTokens\":%d,\"cacheReadInputTokens\":%d,"
      "\"cacheCreationInputTokens\":%d,\"costUSD\":1.25}},\"hasUnknownModelCost\":false}",
      voice->session_id, voice->session->model, dice_int(dice, 1, 999), dice_int(dice, 1000, 99999),
      dice_int(dice, 1000, 999999), dice_int(dice, 1000, 99999));
  line_write(voice, false, voice->line.len);
  world_planted(voice->world, TRAP_COST_STATE);
}

void line_other(struct voice *voice, int64_t at_ms) {
  struct buf *line = &voice->line;
  char at[32];
  if (world_springs(voice->world, &voice->dice, TRAP_DECOY, 200)) {
    progress_decoy(voice, at_ms);
    world_planted(voice->world, TRAP_DECOY);
    return;
  }
  time_write(at, at_ms);
  buf_clear(line);
  switch (dice_int(&voice->dice, 0, 3)) {
  case 0:
    buf_addf(line,
             "{\"type\":\"queue-operation\",\"operation\":\"enqueue\",\"timestamp\":\"%s\","
             "\"sessionId\":\"%s\",\"content\":\"",
             at, voice->session_id);
    text_add(&voice->world->text, &voice->dice, 60, line);
    buf_adds(line, "\"}");
    break;
  case 1:
    buf_addf(line, "{\"type\":\"mode\",\"mode\":\"normal\",\"sessionId\":\"%s\"}",
             voice->session_id);
    break;
  case 2:
    buf_addf(line,
             "{\"type\":\"file-history-snapshot\",\"messageId\":\"%s\",\"snapshot\":{\"timestamp\":"
             "\"%s\",\"trackedFileBackups\":{}},\"isSnapshotUpdate\":false}",
             voice->parent, at);
    break;
  default:
    line_begin(voice);
    buf_adds(line, "\"attachment\":{\"type\":\"environment\",\"note\":\"");
    text_add(&voice->world->text, &voice->dice, 400, line);
    buf_adds(line, "\"}");
    line_end(voice, "attachment", at_ms, 0);
  }
  line_write(voice, false, line->len);
}
