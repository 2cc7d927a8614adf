/* queue.h - from the worker to the editor: messages behind a descriptor.
 *
 * The worker pushes, the main loop takes. The descriptor becomes readable when the queue stops being empty and quiet when it is
 * empty again, so that a burst costs one wake. */
#ifndef API_QUEUE_H
#define API_QUEUE_H

#include <uv.h>

#include "base/public.h"

struct message {
  struct message *next;
  purser_message body;
  char *json; /* owned */
};

struct queue {
  uv_mutex_t lock;
  struct message *first;
  struct message *last;
  int read_fd;
  int write_fd;
};

int queue_init(struct queue *queue);
void queue_fini(struct queue *queue);
/* An empty message, made before it is needed: an answer that was promised must not be lost for want of memory. */
struct message *message_new(void);
/* Takes over `message` (NULL: one is made, and nothing is sent when that fails) and `json` (NULL: "{}"). */
void queue_push(struct queue *queue, struct message *message, const purser_message *body,
                char *json);
/* The oldest message, now the caller's (message_free), or NULL. */
struct message *queue_take(struct queue *queue);
void message_free(struct message *message);

#endif
