/* import_text.c - what the importer tells, as JSON. */
#include "api/importer_internal.h"
#include "api/tree.h"

enum {
  FAULTS_TOLD = 50
};

bool import_add_counts(cJSON *out, const struct import_counts *c) {
  const struct {
    const char *name;
    int64_t value;
  } fields[] = {
      {"files", c->files},
      {"unchanged", c->unchanged},
      {"read", c->read},
      {"rewritten", c->rewritten},
      {"failed", c->failed},
      {"deferred", c->deferred},
      {"bytes", c->bytes},
      {"bytes_left", c->bytes_left},
      {"lines", c->lines},
      {"malformed", c->malformed},
      {"runs", c->runs},
      {"booked", c->booked},
      {"replaced", c->replaced},
      {"duplicates", c->duplicates},
      {"quarantined", c->quarantined},
      {"uncertain", c->uncertain},
      {"cost_nanousd", c->cost_nanousd},
  };
  bool done = true;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    done = done && tree_add_int(out, fields[i].name, fields[i].value);
  return done;
}

static bool add_source(cJSON *list, const struct import_source_result *source) {
  cJSON *object = cJSON_CreateObject();
  const bool done = object != NULL && tree_add_text(object, "source", source->source->name) &&
                    tree_add_text(object, "title", source->source->title) &&
                    import_add_counts(object, &source->counts) &&
                    cJSON_AddItemToArray(list, object);
  if (!done)
    cJSON_Delete(object);
  return done;
}

static bool add_fault(cJSON *list, const struct import_fault *fault) {
  cJSON *object = cJSON_CreateObject();
  const bool done = object != NULL && tree_add_text(object, "source", fault->source) &&
                    tree_add_text(object, "kind", fault->kind) &&
                    tree_add_text(object, "path", fault->path != NULL ? fault->path : "") &&
                    tree_add_text(object, "message", fault->text != NULL ? fault->text : "") &&
                    tree_add_int(object, "line", fault->line) && cJSON_AddItemToArray(list, object);
  if (!done)
    cJSON_Delete(object);
  return done;
}

bool import_add_result(cJSON *out, const struct import_result *result) {
  cJSON *sources = cJSON_AddArrayToObject(out, "sources");
  cJSON *faults = cJSON_AddArrayToObject(out, "faults");
  bool done = sources != NULL && faults != NULL && import_add_counts(out, &result->total) &&
              cJSON_AddBoolToObject(out, "cancelled", result->cancelled) != NULL &&
              tree_add_int(out, "fault_count", (int64_t)result->fault_count);
  for (size_t i = 0; done && i < result->source_count; i++)
    done = add_source(sources, &result->sources[i]);
  for (size_t i = 0; done && i < result->fault_count && i < FAULTS_TOLD; i++)
    done = add_fault(faults, &result->faults[i]);
  return done;
}

void import_tell(struct importer *im, const char *state, const struct import_counts *counts) {
  cJSON *object = cJSON_CreateObject();
  if (object != NULL &&
      (!tree_add_text(object, "state", state) || !import_add_counts(object, counts))) {
    cJSON_Delete(object);
    object = NULL;
  }
  const purser_message head = {.kind = PURSER_MESSAGE_IMPORT};
  char *text = tree_print(object);
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
  if (done && im->state == IMPORTER_RUNNING) {
    cJSON *now = cJSON_AddObjectToObject(out, "now");
    done = now != NULL && import_add_counts(now, &im->counts);
  }
  if (done && im->last_ms != 0) {
    cJSON *last = cJSON_AddObjectToObject(out, "last");
    done = last != NULL && tree_add_int(last, "at_ms", im->last_ms) &&
           import_add_result(last, &im->last);
  }
  uv_mutex_unlock(&im->lock);
  return done;
}
