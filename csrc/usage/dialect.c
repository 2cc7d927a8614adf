/* dialect.c - see dialect.h. */
#include "usage/dialect.h"

bool dialect_take(struct decoder *decoder, json_id type, const struct dialect_row *rows) {
  for (; rows->type != NULL; rows++) {
    if (json_equals(&decoder->doc, type, rows->type)) {
      rows->take(decoder);
      return true;
    }
  }
  return false;
}
