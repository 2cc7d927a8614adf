/* price_paths.c - see price_paths.h. */
#include "pricing/price_paths.h"

#include <stdlib.h>

/* The XDG specification wants relative paths ignored. */
static void add_folder(struct buf *out, const char *variable, const char *below_home) {
  const char *folder = getenv(variable);
  const char *home = getenv("HOME");
  if (folder != NULL && folder[0] == '/') {
    buf_adds(out, folder);
  } else if (home != NULL && home[0] == '/') {
    buf_adds(out, home);
    buf_adds(out, below_home);
  } else {
    return;
  }
  buf_adds(out, "/purser/prices.json");
}

void price_path_update(struct buf *out) {
  add_folder(out, "XDG_DATA_HOME", "/.local/share");
}

void price_path_override(struct buf *out) {
  add_folder(out, "XDG_CONFIG_HOME", "/.config");
}
