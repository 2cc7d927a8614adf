/* ledger.c - a ledger's life: opening, transactions, settings, zones. What it records is in the files beside it. */
#include "ledger/ledger.h"
#include "ledger/bulk.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/file.h"
#include "ledger/internal.h"
#include "ledger/schema.h"
#include "ledger/unusual.h"

enum {
  BUSY_MS = 5000,
  ROLLUPS_CHANGED = 9 /* by the step to this schema, the last time */
};

const char *ledger_text(const char *text) {
  return text != NULL ? text : "";
}

/* ---- settings ---- */

int ledger_meta_get(struct ledger *ledger, const char *key, char **out, struct error *error) {
  const struct db_value value = db_text(key);
  const int status =
      db_get_text(ledger->db, "SELECT value FROM meta WHERE key = ?", &value, 1, out, error);
  return status == PURSER_ENOTFOUND ? PURSER_OK : status;
}

struct setting {
  const char *key;
  const char *value;
};

static int store_setting(struct ledger *ledger, void *data, struct error *error) {
  const struct setting *setting = data;
  const struct db_value values[] = {db_text(setting->key), db_text(setting->value)};
  return db_run(ledger->db,
                "INSERT INTO meta (key, value) VALUES (?, ?)"
                " ON CONFLICT DO UPDATE SET value = excluded.value",
                values, 2, error);
}

int ledger_meta_set(struct ledger *ledger, const char *key, const char *value,
                    struct error *error) {
  struct setting setting = {key, value};
  return ledger_transact(ledger, store_setting, &setting, error);
}

/* ---- zones ---- */

int ledger_named_zone(struct ledger *ledger, const char *name, const struct zone **out,
                      struct error *error) {
  /* "" is kept under the name it was found by; it is found anew, in case the system's has changed. */
  for (size_t i = 0; i < ledger->zone_count && name[0] != '\0'; i++) {
    if (strcmp(zone_name(ledger->zones[i]), name) == 0) {
      *out = ledger->zones[i];
      return PURSER_OK;
    }
  }
  struct zone *zone = NULL;
  const int status = zone_load(&zone, name, error);
  if (status != PURSER_OK)
    return status;
  const size_t room = sizeof ledger->zones / sizeof ledger->zones[0];
  if (ledger->zone_count == room) {
    zone_free(ledger->zones[0]);
    memmove(&ledger->zones[0], &ledger->zones[1],
            (room - 1) *
                sizeof(struct zone *)); /* NOLINT(bugprone-sizeof-expression): pointers are moved */
    ledger->zone_count--;
  }
  ledger->zones[ledger->zone_count++] = zone;
  *out = zone;
  return PURSER_OK;
}

static int load_zone(struct ledger *ledger, struct error *error) {
  char *name = NULL;
  int status = ledger_meta_get(ledger, "zone", &name, error);
  if (status != PURSER_OK)
    return status;
  if (name == NULL)
    return db_fail_status(db_path(ledger->db), PURSER_ECORRUPT, "its zone is missing", error);
  if (ledger->zone == NULL || strcmp(zone_name(ledger->zone), name) != 0) {
    struct zone *zone = NULL;
    status = zone_load(&zone, name, error);
    if (status == PURSER_OK) {
      zone_free(ledger->zone);
      ledger->zone = zone;
    } else {
      (void)error_wrap(error, "ledger %s", db_path(ledger->db));
    }
  }
  mem_free(name);
  return status;
}

const struct zone *ledger_zone(const struct ledger *ledger) {
  return ledger->zone;
}

static int change_zone(struct ledger *ledger, void *data, struct error *error) {
  const struct zone *zone = data;
  struct setting setting = {"zone", zone_name(zone)};
  const int status = store_setting(ledger, &setting, error);
  return status == PURSER_OK ? rollup_rebuild(ledger, zone, INT64_MIN, error) : status;
}

int ledger_set_zone(struct ledger *ledger, const char *name, struct error *error) {
  struct zone *zone = NULL;
  int status = zone_load(&zone, name, error);
  if (status != PURSER_OK)
    return status;
  if (strcmp(zone_name(zone), zone_name(ledger->zone)) == 0) {
    zone_free(zone);
    return PURSER_OK;
  }
  if (db_in_transaction(ledger->db)) {
    zone_free(zone);
    return error_set(error, PURSER_EINVAL, "the zone can't be changed inside a transaction");
  }
  status = ledger_transact(ledger, change_zone, zone, error);
  if (status != PURSER_OK) {
    zone_free(zone);
    return error_wrap(error, "change the ledger's zone to %s", name);
  }
  zone_free(ledger->zone);
  ledger->zone = zone;
  return PURSER_OK;
}

/* ---- snapshots and transactions ---- */

int ledger_data_version(struct ledger *ledger, int64_t *out, struct error *error) {
  return db_get_int(ledger->db, "PRAGMA data_version", NULL, 0, out, error);
}

int64_t ledger_now(const struct ledger *ledger) {
  return clock_now_ms(&ledger->clock);
}

/* Another connection may have changed what this handle keeps in memory. */
static int refresh(struct ledger *ledger, struct error *error) {
  const uint32_t counter = db_change_counter(ledger->db);
  if (counter == ledger->change_counter && ledger->zone != NULL)
    return PURSER_OK;
  counters_forget(&ledger->counters);
  rollup_changed(&ledger->rollups);
  int64_t enforce = 0;
  int status = load_zone(ledger, error);
  if (status == PURSER_OK)
    status =
        db_get_int(ledger->db, "SELECT value = '1' FROM meta WHERE key = 'enforce_subscription'",
                   NULL, 0, &enforce, error);
  if (status == PURSER_ENOTFOUND)
    status = PURSER_OK;
  if (status == PURSER_OK) {
    ledger->enforce_subscription = enforce != 0;
    ledger->change_counter = counter;
  }
  return status;
}

bool ledger_is_current(struct ledger *ledger) {
  return ledger->zone != NULL && ledger->counters.loaded &&
         db_change_counter(ledger->db) == ledger->change_counter;
}

int ledger_begin(struct ledger *ledger, struct error *error) {
  if (db_in_transaction(ledger->db))
    return error_set(error, PURSER_EINVAL, "a transaction of the ledger is open already");
  if (db_read_only(ledger->db))
    return db_fail_status(db_path(ledger->db), PURSER_EREADONLY, "it was opened to be read only",
                          error);
  int status = db_begin(ledger->db, error);
  if (status != PURSER_OK)
    return status;
  ledger->failed = PURSER_OK;
  const uint32_t before = ledger->change_counter;
  status = refresh(ledger, error);
  if (status == PURSER_OK)
    status = bulk_began(ledger, before != ledger->change_counter, error);
  if (status != PURSER_OK)
    ledger_rollback(ledger);
  return status;
}

int ledger_commit(struct ledger *ledger, struct error *error) {
  int status = ledger->failed;
  if (status != PURSER_OK)
    (void)error_set(error, status, "nothing was stored, because an earlier step failed: %s",
                    purser_strerror(status));
  else if (!db_in_transaction(ledger->db))
    return error_set(error, PURSER_EINVAL, "no transaction of the ledger is open");
  else
    status = ledger_bulk_flush(ledger, error);
  if (status == PURSER_OK)
    status = rollup_flush(ledger, error);
  if (status == PURSER_OK)
    status = db_commit(ledger->db, error);
  if (status != PURSER_OK) {
    ledger_rollback(ledger);
    return status;
  }
  names_committed(&ledger->names);
  ledger->change_counter = db_change_counter(ledger->db);
  return PURSER_OK;
}

void ledger_rollback(struct ledger *ledger) {
  db_rollback(ledger->db);
  names_rolled_back(&ledger->names);
  counters_forget(&ledger->counters);
  rollup_forget(&ledger->rollups);
  bulk_rolled_back(ledger);
  ledger->failed = PURSER_OK;
}

int ledger_need_transaction(struct ledger *ledger, const char *what, struct error *error) {
  if (db_in_transaction(ledger->db))
    return PURSER_OK;
  return error_set(error, PURSER_EINVAL, "%s needs an open transaction", what);
}

int ledger_spoil(struct ledger *ledger, int status, const char *what, struct error *error) {
  if (status >= PURSER_OK)
    return status;
  if (ledger->failed == PURSER_OK)
    ledger->failed = status;
  (void)error_wrap(error, "%s", what);
  return status;
}

int ledger_transact(struct ledger *ledger,
                    int (*body)(struct ledger *ledger, void *data, struct error *error), void *data,
                    struct error *error) {
  if (db_in_transaction(ledger->db)) {
    const int status = body(ledger, data, error);
    if (status < PURSER_OK && ledger->failed == PURSER_OK)
      ledger->failed = status;
    return status;
  }
  int status = ledger_begin(ledger, error);
  if (status != PURSER_OK)
    return status;
  status = body(ledger, data, error);
  if (status == PURSER_OK)
    return ledger_commit(ledger, error);
  ledger_rollback(ledger);
  return status;
}

int ledger_read_begin(struct ledger *ledger, bool *mine, struct error *error) {
  *mine = false;
  if (db_in_transaction(ledger->db))
    return PURSER_OK;
  int status = db_run(ledger->db, "BEGIN", NULL, 0, error);
  if (status != PURSER_OK)
    return status;
  *mine = true;
  /* A deferred transaction begins with its first read. */
  int64_t version;
  status = db_get_int(ledger->db, "PRAGMA user_version", NULL, 0, &version, error);
  if (status == PURSER_OK)
    status = refresh(ledger, error);
  if (status != PURSER_OK)
    ledger_read_end(ledger, mine);
  return status;
}

void ledger_read_end(struct ledger *ledger, bool mine) {
  if (mine)
    db_rollback(ledger->db);
}

/* ---- opening and closing ---- */

const char *ledger_path(const struct ledger *ledger) {
  return db_path(ledger->db);
}

const struct clock *ledger_clock(const struct ledger *ledger) {
  return &ledger->clock;
}

void ledger_close(struct ledger *ledger) {
  if (ledger == NULL)
    return;
  if (ledger->db != NULL)
    db_rollback(ledger->db);
  counters_fini(&ledger->counters);
  rollup_fini(&ledger->rollups);
  unusual_free(ledger->unusual);
  ledger_bulk_end(ledger);
  names_fini(&ledger->names);
  for (size_t i = 0; i < ledger->zone_count; i++)
    zone_free(ledger->zones[i]);
  zone_free(ledger->zone);
  db_close(ledger->db);
  mem_free(ledger);
}

/* NORMAL: a commit outlives the death of the process at once, and that of the machine after the next checkpoint; the file
 * is whole in any case. FULL would wait for the disk at every request. The log is checked in beside the writers (checkpoint.h), and
 * keeps its size when it begins anew: cutting it short would be done by a writer, while all others wait. */
static int set_up_connection(struct db *db, struct error *error) {
  return db_script(db,
                   "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
                   "PRAGMA cache_size = -4096;",
                   error);
}

/* The first to come writes down in which zone its days are days. */
static int store_first_zone(struct ledger *ledger, struct error *error) {
  char *name = NULL;
  int status = ledger_meta_get(ledger, "zone", &name, error);
  if (status == PURSER_OK && name == NULL) {
    struct zone *zone = NULL;
    status = zone_load(&zone, "", error);
    if (status == PURSER_OK) {
      const struct db_value value = db_text(zone_name(zone));
      status = db_run(ledger->db, "INSERT OR IGNORE INTO meta (key, value) VALUES ('zone', ?)",
                      &value, 1, error);
    }
    zone_free(zone);
  }
  mem_free(name);
  return status;
}

/* Steps that change what rollups there are leave them to be made anew, with the ledger's own days. */
static int finish_upgrade(void *data, int64_t from, struct error *error) {
  struct ledger *ledger = data;
  if (from >= ROLLUPS_CHANGED)
    return PURSER_OK;
  int status = store_first_zone(ledger, error);
  if (status == PURSER_OK)
    status = load_zone(ledger, error);
  return status == PURSER_OK ? rollup_rebuild(ledger, ledger->zone, INT64_MIN, error) : status;
}

/* Several processes may make a ledger at once. While it is not in WAL mode yet, SQLite gives up at once where waiting could be a
 * deadlock: so the whole step is tried again. */
static int make_ready(struct ledger *ledger, struct error *error) {
  const struct schema_finish finish = {finish_upgrade, ledger};
  int status;
  db_wait_begin(ledger->db);
  do {
    status = schema_upgrade(ledger->db, schema_steps, schema_version, &finish, error);
    if (status == PURSER_OK)
      status = db_script(ledger->db, "PRAGMA journal_mode = WAL", error);
    if (status == PURSER_OK)
      status = store_first_zone(ledger, error);
    if (status == PURSER_OK)
      status = db_probe_write(ledger->db, error);
  } while (status == PURSER_EBUSY && db_wait(ledger->db));
  return status;
}

/* Reads only what is of this version: an older one waits for somebody who may migrate it. */
static int check_version(struct ledger *ledger, struct error *error) {
  int64_t version = 0;
  const int status = db_get_int(ledger->db, "PRAGMA user_version", NULL, 0, &version, error);
  if (status != PURSER_OK || version == schema_version)
    return status;
  return db_fail_status(db_path(ledger->db), PURSER_EREADONLY,
                        "it is of an older purser and would have to be migrated", error);
}

static int connect(struct ledger *ledger, const char *path, const struct db_options *options,
                   struct error *error) {
  db_close(ledger->db);
  int status = db_open(&ledger->db, path, options, error);
  if (status == PURSER_OK)
    status = set_up_connection(ledger->db, error);
  if (status == PURSER_OK)
    status = rollup_make_functions(ledger, error);
  if (status == PURSER_OK)
    status = options->read_only ? check_version(ledger, error) : make_ready(ledger, error);
  return status;
}

static int open_connection(struct ledger *ledger, const char *path,
                           const struct ledger_options *options, struct error *error) {
  struct db_options db_options = {
      .vfs = options->vfs,
      .read_only = options->read_only,
      .busy_ms = options->busy_ms != 0 ? options->busy_ms : BUSY_MS,
  };
  bool mine = false;
  int status = connect(ledger, path, &db_options, error);
  if (options->read_only && (status == PURSER_EREADONLY || status == PURSER_EIO) &&
      !file_has_log(path)) {
    /* Even a reader wants its lock files; where they can't be made, nobody else writes either. */
    db_options.immutable = true;
    status = connect(ledger, path, &db_options, error);
  }
  if (status == PURSER_OK)
    status = ledger_read_begin(ledger, &mine, error);
  ledger_read_end(ledger, mine);
  return status;
}

int ledger_open(struct ledger **out, const struct ledger_options *options, struct error *error) {
  *out = NULL;
  struct buf path = BUF_INIT;
  struct ledger *ledger = NULL;
  enum file_state state = FILE_MISSING;
  int status = mem_install();
  if (status != PURSER_OK)
    return error_set(error, status, "the allocator was refused: something used SQLite before");
  status = file_path(options->path, &path, error);
  if (status == PURSER_OK)
    status = file_inspect(path.data, schema_version, &state, error);
  if (status == PURSER_OK && state != FILE_LEDGER && options->read_only)
    status = error_set(error, PURSER_ENOTFOUND,
                       "ledger %s: there is none yet; the first run makes it", path.data);
  if (status == PURSER_OK && state == FILE_MISSING)
    status = file_create(path.data, error);
  if (status != PURSER_OK)
    goto out;

  ledger = mem_zalloc(sizeof *ledger);
  if (ledger == NULL) {
    status = db_fail_status(path.data, PURSER_ENOMEM, NULL, error);
    goto out;
  }
  ledger->clock = options->clock != NULL ? *options->clock : clock_system;
  status = open_connection(ledger, path.data, options, error);

out:
  if (status == PURSER_OK)
    *out = ledger;
  else
    ledger_close(ledger);
  buf_fini(&path);
  return status;
}
