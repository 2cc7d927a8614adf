/* setup.h - putting purser's hooks into a client's settings, and taking them out again. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "base/buf.h"
#include "base/error.h"

struct setup_client {
  const char *name;
  const char *title;
  const char *home_variable; /* names the client's folder, NULL none */
  const char *home;          /* below $HOME */
  const char *file;          /* in that folder */
  const char *const *events; /* that a hook is put at; ends with NULL */
  const char *matcher;       /* NULL: the client wants none */
  const char *extra;         /* further members of the hook, from the comma on */
  bool has_statusline;
  bool comments;          /* its settings may hold comments */
  const char *afterwards; /* what is left to the user, "" nothing */
};

/* NULL for one whose hooks are not known. */
const struct setup_client *setup_client_find(const char *name);

struct setup_plan {
  const struct setup_client *client;
  const char *hook;       /* the command of the hook */
  const char *statusline; /* the command of the statusline; NULL: leave it */
};

/* The settings with purser's entries in them, each once: what is there already stays where it is. `*free_statusline` (may be
 * NULL) says whether the user has no statusline of another program. PURSER_EPARSE when the text is no JSON object, or what
 * should be an object or a list in it is none; the message says which. */
int setup_apply(struct buf *out, const char *text, size_t len, const struct setup_plan *plan,
                bool *free_statusline, struct error *error);
/* The settings without them, and without what would be left empty. */
int setup_undo(struct buf *out, const char *text, size_t len, const struct setup_client *client,
               struct error *error);

/* Whether the settings have purser's hook at each of its events. */
bool setup_is_installed(const char *text, size_t len, const struct setup_client *client);

/* Whether a command line calls `purser WORD ...`, by whatever path. */
bool setup_is_ours(const char *command, const char *words);

/* ---- files ---- */

/* Where the client's settings are: appended, absolute. PURSER_ENOTFOUND without a home. */
int setup_path(struct buf *out, const struct setup_client *client, struct error *error);
/* What is in it; "" when there is no such file, and then *exists is false. */
int setup_read(struct buf *out, const char *path, bool *exists, struct error *error);
/* Puts a text in the place of a file, whole or not at all; a symbolic link stays one. */
int setup_write(const char *path, const struct buf *text, struct error *error);

#endif
