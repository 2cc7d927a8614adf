/* watch.h - notices when a client writes in one of its folders.
 *
 * Folders are watched one by one on the caller's loop (inotify has no trees), the ones that changed last first, and no more than a bounded
 * number: watches are a scarce good that the editor's other plugins want too. Where one can't be had the watcher says that it is not
 * complete, and its owner polls. One thread: the loop's. */
#ifndef API_WATCH_H
#define API_WATCH_H

#include <uv.h>

#include "base/error.h"

enum {
  WATCH_MOST = 512 /* folders */
};

struct watch_root {
  const char *path;
  int depth; /* how many levels of folders below it are watched, too */
  int tag;   /* what the caller knows it by */
};

/* A file or folder that was made, changed or removed; `path` is valid during the call. A folder stands for all that is in it. */
typedef void (*watch_changed)(void *data, int tag, const char *path);

struct watcher;

/* Copies the roots. A root that does not exist is looked for at every refresh. */
int watcher_start(struct watcher **out, uv_loop_t *loop, const struct watch_root *roots,
                  size_t count, watch_changed changed, void *data, struct error *error);

/* Looks for folders that are not watched and should be; `changed` is called for those that are found. */
void watcher_refresh(struct watcher *watcher);

/* Looks whether a root has come that was not there: cheap, for it asks for the roots only. */
void watcher_look_for_roots(struct watcher *watcher);

/* Whether every folder there is is watched. */
bool watcher_complete(const struct watcher *watcher);
size_t watcher_count(const struct watcher *watcher);

/* Stops; memory is given back while the loop runs on (it must, until its handles are closed). NULL is fine. */
void watcher_stop(struct watcher *watcher);

#endif
