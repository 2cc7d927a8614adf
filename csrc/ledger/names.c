/* names.c - see names.h. */
#include "ledger/names.h"

#include <string.h>

#include "base/mem.h"
#include "ledger/hash.h"

enum {
  FIRST_SLOTS = 64,
  SLOTS_MAX = 4096 /* half full, it starts anew: sessions come without end */
};

void names_fini(struct names *names) {
  if (names->entries != NULL) {
    for (size_t i = 0; i < names->slots; i++)
      mem_free(names->entries[i].text);
  }
  mem_free(names->entries);
  *names = (struct names){0};
}

void names_rolled_back(struct names *names) {
  if (names->fresh)
    names_fini(names);
}

void names_committed(struct names *names) {
  names->fresh = false;
}

static struct name_entry *slot_of(struct names *names, const char *text, uint64_t hash) {
  size_t at = (size_t)hash & (names->slots - 1);
  while (names->entries[at].text != NULL &&
         (names->entries[at].hash != hash || strcmp(names->entries[at].text, text) != 0))
    at = (at + 1) & (names->slots - 1);
  return &names->entries[at];
}

/* Room for one more. */
static bool reserve(struct names *names) {
  if (names->entries != NULL && 2 * (names->count + 1) <= names->slots)
    return true;
  if (names->slots == SLOTS_MAX) {
    const bool fresh = names->fresh;
    names_fini(names);
    names->fresh = fresh;
  }
  const struct names old = *names;
  const size_t slots = old.slots == 0 ? FIRST_SLOTS : 2 * old.slots;
  struct name_entry *entries = mem_zalloc(slots * sizeof *entries);
  if (entries == NULL)
    return false;
  names->entries = entries;
  names->slots = slots;
  for (size_t i = 0; i < old.slots; i++) {
    if (old.entries[i].text != NULL)
      *slot_of(names, old.entries[i].text, old.entries[i].hash) = old.entries[i];
  }
  mem_free(old.entries);
  return true;
}

/* A cache: where memory is short it does without. */
static void remember(struct names *names, const char *text, uint64_t hash, int64_t id) {
  if (!reserve(names))
    return;
  struct name_entry *entry = slot_of(names, text, hash);
  if (entry->text != NULL)
    return;
  entry->text = mem_strdup(text);
  if (entry->text == NULL)
    return;
  entry->hash = hash;
  entry->id = id;
  names->count++;
}

int names_find(struct names *names, struct db *db, const char *text, int64_t *id,
               struct error *error) {
  *id = 0;
  if (text == NULL || text[0] == '\0')
    return PURSER_OK;
  const uint64_t hash = hash_text(text);
  if (names->entries != NULL) {
    const struct name_entry *entry = slot_of(names, text, hash);
    if (entry->text != NULL) {
      *id = entry->id;
      return PURSER_OK;
    }
  }
  const struct db_value value = db_text(text);
  const int status = db_get_int(db, "SELECT id FROM name WHERE text = ?", &value, 1, id, error);
  if (status == PURSER_OK)
    remember(names, text, hash, *id);
  return status;
}

int names_intern(struct names *names, struct db *db, const char *text, int64_t *id,
                 struct error *error) {
  int status = names_find(names, db, text, id, error);
  if (status != PURSER_ENOTFOUND)
    return status;
  const struct db_value value = db_text(text);
  status = db_run(db, "INSERT INTO name (text) VALUES (?)", &value, 1, error);
  if (status != PURSER_OK)
    return status;
  *id = sqlite3_last_insert_rowid(db_handle(db));
  names->fresh = true;
  remember(names, text, hash_text(text), *id);
  return PURSER_OK;
}

int names_filter(struct names *names, struct db *db, const char *text, struct db_value *out,
                 bool *nothing, struct error *error) {
  int64_t id = 0;
  *out = db_null();
  if (text == NULL)
    return PURSER_OK;
  const int status = names_find(names, db, text, &id, error);
  *nothing = *nothing || status == PURSER_ENOTFOUND;
  *out = db_int(id);
  return status == PURSER_ENOTFOUND ? PURSER_OK : status;
}
