/* name_texts.h - the texts of names by their ids, for reading many rows: each is asked for once. */
#ifndef LEDGER_NAME_TEXTS_H
#define LEDGER_NAME_TEXTS_H

#include "ledger/db.h"

struct name_texts {
  struct name_text *items; /* by id */
  size_t count, cap;
};
#define NAME_TEXTS_INIT \
  { NULL, 0, 0 }

/* *out is valid until name_texts_fini(); "" for 0 and for what was never stored. */
int name_texts_get(struct name_texts *texts, struct db *db, int64_t id, const char **out,
                   struct error *error);
void name_texts_fini(struct name_texts *texts);

#endif
