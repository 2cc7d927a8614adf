/* event_list.h - events kept beyond the decoder's next step: copied whole, strings included. */
#ifndef RUN_EVENT_LIST_H
#define RUN_EVENT_LIST_H

#include "base/public.h"

struct event_list {
  purser_event *events;
  size_t count;
  size_t cap;
  bool failed; /* an event was lost for want of memory */
};

#define EVENT_LIST_INIT ((struct event_list){0})

void event_list_fini(struct event_list *list);
void event_list_clear(struct event_list *list);
/* A copy of the event; 0 or PURSER_ENOMEM (and `failed`). */
int event_list_add(struct event_list *list, const purser_event *event);
/* True for the kinds that the ledger wants to know: the answer's text is not among them. */
bool event_counts(const purser_event *event);

#endif
