/* notify.h - the desktop notification of a crossed threshold, where no editor is there to send it (rule 30). */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

#include "base/buf.h"
#include "import/settings.h"
#include "ledger/ledger.h"

/* Texts, each closed by a NUL. */
struct notices {
  struct buf texts;
  bool desktop; /* the user wants them there */
  struct buf
      command; /* words, each closed by a NUL: the user's own program; empty: what is there */
};

/* Claims the crossings of periods that are not over and that nobody has told of; what this process then has to tell is added to `out`.
 * Nothing where the user wants no notices. An editor, or another program, tells of the others. */
int notices_take(struct ledger *ledger, const struct import_settings *settings, struct notices *out,
                 struct error *error);

/* Sends them, by processes of their own that are ended after three seconds: nobody waits. `terminal`: a descriptor of the user's terminal, which is
 * asked where there is no program for it; -1 none. */
void notices_send(const struct notices *notices, int terminal);

void notices_fini(struct notices *notices);

#endif
