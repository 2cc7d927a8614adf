/* codex_line.c - the lines of a rollout. */
#include "codex.h"

static void begin(struct scribe *scribe, const char *type, int64_t at_ms) {
  struct buf *line = &scribe->line;
  char at[32];
  time_write(at, at_ms);
  buf_clear(line);
  buf_addf(line, "{\"timestamp\":\"%s\",", at);
  if (!scribe->file->old)
    buf_addf(line, "\"ordinal\":%d,", scribe->ordinal++);
  buf_addf(line, "\"type\":\"%s\",\"payload\":{", type);
}

void rollout_write(struct scribe *scribe, bool usage) {
  struct out *out = scribe->out;
  buf_add(&out->buf, scribe->line.data, scribe->line.len);
  buf_addc(&out->buf, '\n');
  if (usage) {
    scribe->usage_bytes += (int64_t)scribe->line.len + 1;
    scribe->world->truth->usage_bytes += (int64_t)scribe->line.len + 1;
  }
  out_flush(out, false);
}

void rollout_cut(struct scribe *scribe) {
  const int64_t len = dice_between(&scribe->dice, 1, (int64_t)scribe->line.len - 2);
  buf_add(&scribe->out->buf, scribe->line.data, (size_t)len);
}

static void add_origin(struct buf *line, const struct thread *thread) {
  if (thread->parent == NULL) {
    buf_adds(line, ",\"source\":\"cli\"");
  } else if (thread->subagent) {
    buf_addf(line,
             ",\"parent_thread_id\":\"%s\",\"source\":{\"subagent\":{\"thread_spawn\":{"
             "\"parent_thread_id\":\"%s\",\"depth\":1}}}",
             thread->parent->id, thread->parent->id);
  } else {
    buf_addf(line, ",\"forked_from_id\":\"%s\",\"source\":\"cli\"", thread->parent->id);
  }
  if (thread->paginated)
    buf_adds(line, ",\"history_mode\":\"paginated\"");
}

void rollout_meta(struct scribe *scribe, const struct thread *thread) {
  struct buf *line = &scribe->line;
  char at[32];
  time_write(at, thread->start_ms);
  begin(scribe, "session_meta", thread->start_ms);
  buf_addf(line, "\"session_id\":\"%s\",\"id\":\"%s\"",
           thread->subagent ? thread->parent->id : thread->id, thread->id);
  add_origin(line, thread);
  buf_addf(line,
           ",\"timestamp\":\"%s\",\"cwd\":\"%s\",\"originator\":\"codex_cli_rs\",\"cli_version\":"
           "\"%s\",\"model_provider\":\"openai\",\"git\":{\"branch\":\"main\"},"
           "\"base_instructions\":\"",
           at, thread->workspace->json, thread->old ? "0.42.0" : "0.169.0");
  text_add(&scribe->world->text, &scribe->dice, 600, line);
  buf_adds(line, "\"}}");
  rollout_write(scribe, false);
}

static void add_turn_id(struct scribe *scribe, int turn, int64_t at_ms) {
  struct dice dice = dice_for(scribe->thread->seed, (UINT64_C(1) << 40) + (uint64_t)turn);
  char id[ID_SIZE];
  if (scribe->file->without_ids)
    return;
  id_uuid7(id, &dice, at_ms);
  buf_addf(&scribe->line, "\"turn_id\":\"%s\",", id);
}

static void add_prompt(struct scribe *scribe, int64_t at_ms) {
  struct buf *line = &scribe->line;
  begin(scribe, "event_msg", at_ms);
  if (scribe->file->old) {
    buf_adds(line, "\"type\":\"user_message\",\"message\":\"");
  } else {
    buf_addf(line,
             "\"type\":\"item_completed\",\"thread_id\":\"%s\",\"item\":{\"type\":\"UserMessage\","
             "\"id\":\"item\",\"content\":[{\"type\":\"text\",\"text\":\"",
             scribe->thread->id);
  }
  text_add(&scribe->world->text, &scribe->dice, (size_t)dice_int(&scribe->dice, 20, 300), line);
  buf_adds(line, scribe->file->old ? "\"}}" : "\"}]}}}");
  rollout_write(scribe, false);
}

void rollout_turn_begins(struct scribe *scribe, int turn, int64_t at_ms, const char *model) {
  struct buf *line = &scribe->line;
  begin(scribe, "event_msg", at_ms);
  buf_adds(line, "\"type\":\"task_started\",");
  add_turn_id(scribe, turn, at_ms);
  buf_adds(line, "\"model_context_window\":258400}}");
  rollout_write(scribe, false);
  begin(scribe, "turn_context", at_ms + 1);
  add_turn_id(scribe, turn, at_ms);
  buf_addf(line,
           "\"cwd\":\"%s\",\"approval_policy\":\"never\",\"model\":\"%s\",\"effort\":\"medium\","
           "\"summary\":\"none\"}}",
           scribe->thread->workspace->json, model);
  rollout_write(scribe, false);
  add_prompt(scribe, at_ms + 2);
}

void rollout_tool(struct scribe *scribe, int64_t at_ms, size_t len) {
  struct buf *line = &scribe->line;
  begin(scribe, "response_item", at_ms);
  buf_adds(line, "\"type\":\"function_call_output\",\"call_id\":\"call_1\",\"output\":\"");
  text_add(&scribe->world->text, &scribe->dice, len, line);
  buf_adds(line, "\"}}");
  rollout_write(scribe, false);
}

static void add_counts(struct buf *line, const char *name, const struct counts *c) {
  buf_addf(line, "\"%s\":{\"input_tokens\":%lld,\"cached_input_tokens\":%lld,", name,
           (long long)c->input, (long long)c->cached);
  if (c->written != 0)
    buf_addf(line, "\"cache_write_input_tokens\":%lld,", (long long)c->written);
  buf_addf(line, "\"output_tokens\":%lld,\"reasoning_output_tokens\":%lld,\"total_tokens\":%lld}",
           (long long)c->output, (long long)c->reasoning,
           (long long)c->input + (long long)c->output);
}

void rollout_record(struct scribe *scribe, int turn, const char *response_id, int64_t at_ms) {
  struct buf *line = &scribe->line;
  begin(scribe, "token_usage_record", at_ms);
  buf_addf(line, "\"thread_id\":\"%s\",", scribe->thread->id);
  add_turn_id(scribe, turn, at_ms);
  buf_addf(line, "\"session_id\":\"%s\",\"response_id\":\"%s\",", scribe->thread->id, response_id);
  add_counts(line, "usage", &scribe->last);
  buf_addc(line, ',');
  add_counts(line, "turn_token_usage", &scribe->last);
  buf_addc(line, ',');
  add_counts(line, "thread_token_usage", &scribe->total);
  buf_adds(line, "}}");
}

void rollout_counter(struct scribe *scribe, int64_t at_ms, bool last_is_zero) {
  static const struct counts zero;
  struct buf *line = &scribe->line;
  begin(scribe, "event_msg", at_ms);
  buf_adds(line, "\"type\":\"token_count\",\"info\":{");
  add_counts(line, "total_token_usage", &scribe->total);
  buf_addc(line, ',');
  add_counts(line, "last_token_usage", last_is_zero ? &zero : &scribe->last);
  buf_adds(line, ",\"model_context_window\":258400},\"rate_limits\":{\"primary\":{\"used_percent\":"
                 "12.5,\"window_minutes\":300,\"resets_at\":1795450000},\"secondary\":null}}}");
}

void rollout_complete(struct scribe *scribe, int64_t at_ms) {
  begin(scribe, "event_msg", at_ms);
  buf_adds(&scribe->line, "\"type\":\"task_complete\",\"last_agent_message\":\"");
  text_add(&scribe->world->text, &scribe->dice, 80, &scribe->line);
  buf_adds(&scribe->line, "\"}}");
  rollout_write(scribe, false);
}
