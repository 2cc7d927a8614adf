/* counts.c - what an import came to, as JSON. */
#include "base/json.h"
#include "import/import.h"

void import_counts_write(struct buf *out, const struct import_counts *c) {
  const struct {
    const char *key;
    int64_t value;
  } fields[] = {
      {"files", c->files},
      {"unchanged", c->unchanged},
      {"read", c->read},
      {"rewritten", c->rewritten},
      {"failed", c->failed},
      {"deferred", c->deferred},
      {"bytes", c->bytes},
      {"bytes_left", c->bytes_left},
      {"lines", c->lines},
      {"malformed", c->malformed},
      {"runs", c->runs},
      {"booked", c->booked},
      {"replaced", c->replaced},
      {"duplicates", c->duplicates},
      {"quarantined", c->quarantined},
      {"uncertain", c->uncertain},
      {"cost_nanousd", c->cost_nanousd},
  };
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    json_put_i64(out, fields[i].key, fields[i].value);
}
