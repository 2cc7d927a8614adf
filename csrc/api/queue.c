/* queue.c - see queue.h. A pipe everywhere: an eventfd would save one descriptor on one system. */
#include "api/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static int set_flags(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
    return PURSER_EIO;
  return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? PURSER_OK : PURSER_EIO;
}

int queue_init(struct queue *queue) {
  *queue = (struct queue){.read_fd = -1, .write_fd = -1};
  if (uv_mutex_init(&queue->lock) != 0)
    return PURSER_ENOMEM;
  int fds[2];
  if (pipe(fds) != 0) {
    uv_mutex_destroy(&queue->lock);
    return PURSER_EIO;
  }
  queue->read_fd = fds[0];
  queue->write_fd = fds[1];
  if (set_flags(fds[0]) != PURSER_OK || set_flags(fds[1]) != PURSER_OK) {
    queue_fini(queue);
    return PURSER_EIO;
  }
  return PURSER_OK;
}

void message_free(struct message *message) {
  if (message == NULL)
    return;
  mem_free(message->json);
  mem_free(message);
}

void queue_fini(struct queue *queue) {
  struct message *message;
  while ((message = queue->first) != NULL) {
    queue->first = message->next;
    message_free(message);
  }
  if (queue->read_fd >= 0) {
    (void)close(queue->read_fd);
    (void)close(queue->write_fd);
    uv_mutex_destroy(&queue->lock);
  }
  queue->read_fd = queue->write_fd = -1;
}

static void wake(struct queue *queue) {
  ssize_t done;
  do {
    done = write(queue->write_fd, "!", 1);
  } while (done < 0 && errno == EINTR);
}

static void calm(struct queue *queue) {
  char drop[16];
  ssize_t got;
  do {
    got = read(queue->read_fd, drop, sizeof drop);
  } while (got > 0 || (got < 0 && errno == EINTR));
}

struct message *message_new(void) {
  return mem_zalloc(sizeof(struct message));
}

void queue_push(struct queue *queue, struct message *message, const purser_message *body,
                char *json) {
  if (message == NULL)
    message = message_new();
  if (message == NULL) {
    mem_free(json);
    return;
  }
  message->body = *body;
  message->json = json;
  message->body.json = json != NULL ? json : "{}";
  message->body.json_len = strlen(message->body.json);
  uv_mutex_lock(&queue->lock);
  const bool was_empty = queue->first == NULL;
  if (was_empty) {
    queue->first = message;
  } else {
    queue->last->next = message;
  }
  queue->last = message;
  if (was_empty)
    wake(queue);
  uv_mutex_unlock(&queue->lock);
}

struct message *queue_take(struct queue *queue) {
  uv_mutex_lock(&queue->lock);
  struct message *message = queue->first;
  if (message != NULL) {
    queue->first = message->next;
    if (queue->first == NULL)
      queue->last = NULL;
  }
  if (queue->first == NULL)
    calm(queue);
  uv_mutex_unlock(&queue->lock);
  return message;
}
