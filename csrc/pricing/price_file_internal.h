/* price_file_internal.h - what the two halves of the reader of price files share. */
#ifndef PRICING_PRICE_FILE_INTERNAL_H
#define PRICING_PRICE_FILE_INTERNAL_H

#include "base/json.h"
#include "pricing/price_file.h"

enum {
  PRICE_PATH_SIZE = 256
};

struct price_reader {
  struct price_file *out;
  struct json_doc doc;
  const char *file;
  struct error *error;
  struct buf text;            /* scratch for strings */
  char path[PRICE_PATH_SIZE]; /* "models.my-model.input": where the reader is */
};

/* Steps into a member; the result is what price_leave() wants. */
size_t price_enter(struct price_reader *r, json_id id);
void price_leave(struct price_reader *r, size_t mark);

/* "FILE: PATH: what to do": PURSER_EPARSE. */
int price_bad(struct price_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool price_is_key(const struct price_reader *r, json_id id, const char *name);
/* Whether a member is for people only. */
bool price_is_remark(const struct price_reader *r, json_id id);
/* A string's text, until the next call. */
const char *price_string(struct price_reader *r, json_id id);
int price_read_date(struct price_reader *r, json_id id, int32_t *out);

/* Reads a card into the model. `alone`: the object is the whole model, whose own fields may stand among the card's. */
int price_read_card(struct price_reader *r, struct draft_model *model, json_id object, bool alone);

#endif
