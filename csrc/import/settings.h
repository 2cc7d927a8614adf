/* settings.h - which records are read, for whom they count, how they are billed and what is told: as the user has said.
 *
 * Editor and program must agree on it, or the same transcript would count for different agents. So there is one file for both,
 * ${XDG_CONFIG_HOME:-~/.config}/purser/config.json, with the fields "sources", "agent_rules", "billing" and "notifications". What setup() is given is
 * stored in the ledger when the editor opens it, and holds for the program too; a field that the file has counts before it. */
#ifndef IMPORT_SETTINGS_H
#define IMPORT_SETTINGS_H

#include "import/agent_rules.h"

enum {
  SETTINGS_SOURCES = 4
};

struct source_setting {
  const char *name; /* "claude", "codex", "opencode", "gemini" */
  bool off;
  char **folders; /* more places of its records, absolute */
  size_t folder_count;
};

struct import_settings {
  bool off; /* no source is read by itself */
  struct source_setting sources[SETTINGS_SOURCES];
  struct agent_rules *rules;
  bool notices_off;    /* crossed thresholds are not told */
  bool desktop_off;    /* not on the desktop */
  char **notice_words; /* the program that does, with its arguments; none: what is there */
  size_t notice_word_count;
};

/* Where the file is. Empty without a home. */
void import_settings_path(struct buf *out);

/* `stored`: a JSON object of these fields as setup() gave them, NULL none. `path`: the file, NULL its usual place; that there is none
 * is fine. A mistake in either is an error: nothing may be booked by a rule that was misread. */
int import_settings_load(struct import_settings **out, const char *stored, const char *path,
                         struct error *error);
/* The same with what the ledger has stored. */
int import_settings_of(struct import_settings **out, struct ledger *ledger, struct error *error);
/* NULL is fine. */
void import_settings_free(struct import_settings *settings);

/* Stores what setup() gave (NULL: nothing) in the ledger, if it is not there already. */
int import_settings_store(struct ledger *ledger, const char *stored, struct error *error);

#endif
