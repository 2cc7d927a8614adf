/* name_texts.c - see name_texts.h. */
#include "ledger/name_texts.h"

#include <string.h>

#include "base/mem.h"

struct name_text {
  int64_t id;
  char *text;
};

/* Where it is, or belongs. */
static size_t place_of(const struct name_texts *texts, int64_t id) {
  size_t low = 0;
  size_t high = texts->count;
  while (low < high) {
    const size_t mid = (low + high) / 2;
    if (texts->items[mid].id < id)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

static int read_text(struct db *db, int64_t id, char **out, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_int(id);
  int status = db_query(db, &q, "SELECT text FROM name WHERE id = ?", &value, 1, error);
  if (status == PURSER_OK)
    status = db_step(db, &q, error);
  if (status == PURSER_OK || status == DB_ROW) {
    *out = mem_strdup(status == DB_ROW ? db_column_text(q.stmt, 0) : "");
    status = *out != NULL ? PURSER_OK : error_set(error, PURSER_ENOMEM, "out of memory");
  }
  db_done(&q);
  return status;
}

int name_texts_get(struct name_texts *texts, struct db *db, int64_t id, const char **out,
                   struct error *error) {
  *out = "";
  if (id == 0)
    return PURSER_OK;
  const size_t at = place_of(texts, id);
  if (at < texts->count && texts->items[at].id == id) {
    *out = texts->items[at].text;
    return PURSER_OK;
  }
  char *text = NULL;
  void *items = texts->items;
  int status = read_text(db, id, &text, error);
  if (status == PURSER_OK &&
      mem_grow(&items, &texts->cap, texts->count + 1, sizeof *texts->items) != PURSER_OK) {
    mem_free(text);
    status = error_set(error, PURSER_ENOMEM, "out of memory");
  }
  texts->items = items;
  if (status != PURSER_OK)
    return status;
  memmove(&texts->items[at + 1], &texts->items[at], (texts->count - at) * sizeof *texts->items);
  texts->items[at] = (struct name_text){id, text};
  texts->count++;
  *out = text;
  return PURSER_OK;
}

void name_texts_fini(struct name_texts *texts) {
  for (size_t i = 0; i < texts->count; i++)
    mem_free(texts->items[i].text);
  mem_free(texts->items);
  *texts = (struct name_texts)NAME_TEXTS_INIT;
}
