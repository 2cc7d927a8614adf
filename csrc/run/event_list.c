/* event_list.c - see event_list.h. Each event owns one block with all its strings; the block starts where `id` does. */
#include "run/event_list.h"

#include <string.h>

#include "base/mem.h"

enum {
  STRINGS = 12
};

/* The strings of an event in a fixed order, so that copying is a loop. */
static void strings_of(purser_event *event, purser_str *out[STRINGS]) {
  purser_str *const all[STRINGS] = {
      &event->id,    &event->name,       &event->text,   &event->session,
      &event->model, &event->request_id, &event->parent, &event->service_tier,
      &event->speed, &event->effort,     &event->cwd,    &event->branch,
  };
  memcpy(out, all, sizeof all);
}

static void release(purser_event *event) {
  /* Borrowed as const by readers, owned here. */
  void *block;
  memcpy(&block, &event->id.ptr, sizeof block);
  mem_free(block);
}

void event_list_clear(struct event_list *list) {
  for (size_t i = 0; i < list->count; i++)
    release(&list->events[i]);
  list->count = 0;
  list->failed = false;
}

void event_list_fini(struct event_list *list) {
  event_list_clear(list);
  mem_free(list->events);
  *list = EVENT_LIST_INIT;
}

int event_list_add(struct event_list *list, const purser_event *event) {
  void *events = list->events;
  if (mem_grow(&events, &list->cap, list->count + 1, sizeof *list->events) != PURSER_OK)
    goto full;
  list->events = events;

  purser_event copy = *event;
  purser_str *strings[STRINGS];
  strings_of(&copy, strings);
  size_t size = 1;
  for (int i = 0; i < STRINGS; i++)
    size += strings[i]->len;
  char *block = mem_alloc(size);
  if (block == NULL)
    goto full;
  size_t at = 0;
  for (int i = 0; i < STRINGS; i++) {
    if (strings[i]->len != 0)
      memcpy(block + at, strings[i]->ptr, strings[i]->len);
    strings[i]->ptr = block + at;
    at += strings[i]->len;
  }
  block[at] = '\0';
  list->events[list->count++] = copy;
  return PURSER_OK;
full:
  list->failed = true;
  return PURSER_ENOMEM;
}

bool event_counts(const purser_event *event) {
  switch ((enum purser_event_kind)event->kind) {
  case PURSER_EVENT_TEXT:
  case PURSER_EVENT_THINKING:
  case PURSER_EVENT_TOOL_RESULT:
  case PURSER_EVENT_RATE_LIMIT:
  case PURSER_EVENT_PROMPT: return false;
  case PURSER_EVENT_TOOL_CALL:
  case PURSER_EVENT_USAGE:
  case PURSER_EVENT_SESSION:
  case PURSER_EVENT_COMPACTION:
  case PURSER_EVENT_RETRY:
  case PURSER_EVENT_RESULT:
  case PURSER_EVENT_ERROR: return true;
  }
  return false;
}
