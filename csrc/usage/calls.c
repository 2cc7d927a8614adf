/* calls.c - see calls.h. */
#include "usage/calls.h"

#include "base/mem.h"

void calls_fini(struct calls *calls) {
  for (size_t i = 0; i < calls->made; i++) {
    buf_fini(&calls->items[i].id);
    buf_fini(&calls->items[i].name);
    buf_fini(&calls->items[i].input);
  }
  mem_free(calls->items);
  *calls = (struct calls){0};
}

struct call *calls_find(struct calls *calls, int64_t index) {
  for (size_t i = 0; i < calls->count; i++) {
    if (calls->items[i].index == index)
      return &calls->items[i];
  }
  return NULL;
}

struct call *calls_at(struct decoder *decoder, struct calls *calls, int64_t index) {
  struct call *found = calls_find(calls, index);
  if (found != NULL)
    return found;
  if (calls->count == CALLS_MAX)
    return NULL;
  void *items = calls->items;
  if (mem_grow(&items, &calls->cap, calls->count + 1, sizeof *calls->items) != PURSER_OK) {
    decoder->status = PURSER_ENOMEM;
    return NULL;
  }
  calls->items = items;
  if (calls->count == calls->made)
    calls->items[calls->made++] =
        (struct call){.id = BUF_INIT, .name = BUF_INIT, .input = BUF_INIT};
  struct call *call = &calls->items[calls->count++];
  call->index = index;
  buf_clear(&call->id);
  buf_clear(&call->name);
  buf_clear(&call->input);
  return call;
}

void calls_add_input(struct decoder *decoder, struct call *call, json_id piece) {
  if (call == NULL || call->input.len > DECODER_LINE_MAX)
    return;
  json_add_text(&decoder->doc, piece, &call->input);
}

static void emit_call(struct decoder *decoder, struct call *call) {
  if (call->id.failed || call->name.failed || call->input.failed)
    decoder->status = PURSER_ENOMEM;
  purser_event event = event_new(PURSER_EVENT_TOOL_CALL);
  event.id = str_of_buf(&call->id);
  event.name = str_of_buf(&call->name);
  event.text = str_of_buf(&call->input);
  emit(decoder, &event);
}

void calls_emit(struct decoder *decoder, struct calls *calls, int64_t index) {
  struct call *call = calls_find(calls, index);
  if (call == NULL)
    return;
  emit_call(decoder, call);
  /* Its buffers go behind those under way, for the next call. */
  const struct call done = *call;
  const size_t at = (size_t)(call - calls->items);
  for (size_t i = at; i + 1 < calls->count; i++)
    calls->items[i] = calls->items[i + 1];
  calls->count--;
  calls->items[calls->count] = done;
}

void calls_emit_all(struct decoder *decoder, struct calls *calls) {
  for (size_t i = 0; i < calls->count; i++)
    emit_call(decoder, &calls->items[i]);
  calls->count = 0;
}
