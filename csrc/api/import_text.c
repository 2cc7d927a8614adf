/* import_text.c - what the importer tells, as JSON. */
#include "api/importer_internal.h"
#include "api/tree.h"
#include "base/json.h"

enum {
  FAULTS_TOLD = 50
};

static void add_source(struct buf *out, const struct import_source_result *source) {
  json_put_item(out);
  json_open(out);
  json_put_text(out, "source", source->source->name);
  json_put_text(out, "title", source->source->title);
  import_counts_write(out, &source->counts);
  json_close(out);
}

static void add_fault(struct buf *out, const struct import_fault *fault) {
  json_put_item(out);
  json_open(out);
  json_put_text(out, "source", fault->source);
  json_put_text(out, "kind", fault->kind);
  json_put_text(out, "path", fault->path != NULL ? fault->path : "");
  json_put_text(out, "message", fault->text != NULL ? fault->text : "");
  json_put_i64(out, "line", fault->line);
  json_close(out);
}

void import_write_result(struct buf *out, const struct import_result *result) {
  json_put_list(out, "sources");
  for (size_t i = 0; i < result->source_count; i++)
    add_source(out, &result->sources[i]);
  buf_addc(out, ']');
  json_put_list(out, "faults");
  for (size_t i = 0; i < result->fault_count && i < FAULTS_TOLD; i++)
    add_fault(out, &result->faults[i]);
  buf_addc(out, ']');
  import_counts_write(out, &result->total);
  json_put_bool(out, "cancelled", result->cancelled);
  json_put_i64(out, "fault_count", (int64_t)result->fault_count);
}

void import_tell(struct importer *im, const char *state, const struct import_counts *counts) {
  struct buf out = BUF_INIT;
  json_open(&out);
  json_put_text(&out, "state", state);
  import_counts_write(&out, counts);
  json_close(&out);
  const purser_message head = {.kind = PURSER_MESSAGE_IMPORT};
  char *text = buf_detach(&out);
  if (text != NULL)
    queue_push(im->options.messages, NULL, &head, text);
}

static const char *state_name(enum importer_state state) {
  switch (state) {
  case IMPORTER_IDLE: return "idle";
  case IMPORTER_RUNNING: return "running";
  case IMPORTER_WAITING: return "waiting";
  case IMPORTER_FAILED: return "failed";
  }
  return "idle";
}

bool importer_describe(struct importer *im, cJSON *out) {
  uv_mutex_lock(&im->lock);
  bool done = tree_add_text(out, "state", state_name(im->state)) &&
              tree_add_text(out, "message", im->message) &&
              tree_add_int(out, "watched", im->watched) &&
              cJSON_AddBoolToObject(out, "watching", im->complete) != NULL;
  struct buf text = BUF_INIT;
  if (done && im->state == IMPORTER_RUNNING) {
    json_open(&text);
    import_counts_write(&text, &im->counts);
    json_close(&text);
    done = tree_add(out, "now", tree_raw(&text));
  }
  if (done && im->last_ms != 0) {
    json_open(&text);
    json_put_i64(&text, "at_ms", im->last_ms);
    import_write_result(&text, &im->last);
    json_close(&text);
    done = tree_add(out, "last", tree_raw(&text));
  }
  uv_mutex_unlock(&im->lock);
  return done;
}
