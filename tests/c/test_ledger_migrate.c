/* test_ledger_migrate.c - a ledger of every earlier schema, with data in it, becomes a present one: nothing is lost, and all adds up. */
#include "support/books.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/schema.h"

/* Sixty days, three agents, all billings, known, reported, estimated and unknown costs, in a zone where days are not UTC's. */
static const char schema_1_data[] =
    "INSERT INTO meta VALUES ('zone', 'Asia/Kolkata');"
    "INSERT INTO name VALUES (1, 'reviewer'), (2, 'writer'), (3, 'sql'), (4, '/w/a'), (5, '/w/b'),"
    " (6, 'claude'), (7, 'model-a'), (8, 'model-b'), (9, 'high'), (10, 'main'), (11, 'card-a');"
    "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 299)"
    " INSERT INTO request SELECT i + 1, i / 5 + 1, i * 7919, 'claude/' || i, NULL,"
    "  1750000000000 + i * 17280000, NULL, 7 + i % 2, 0, 0, 0, 0, 11, iif(i % 7 = 0, 32, 0), i % 4,"
    "  100 + i, i * 3, i % 5, 0, 20 + i, 0, 0, iif(i % 4 = 0, 0, 1000000 + i), iif(i % 9 = 1, 500, 0), NULL"
    "  FROM n;"
    "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 59)"
    " INSERT INTO run_log SELECT i + 1, 0, i % 3 + 1, i % 2 + 4, (i % 2) * 10, 6, 7, (i % 3 = 0) * 9, 0, 0, 0, 0,"
    "  'Why?', 4, 3, i % 3, 0, 1750000000000 + i * 86400000, 0, 1000, 0, 0, 0, NULL, 0, 0, 0,"
    "  count(*), sum(q.input), sum(q.cache_read), sum(q.cache_write_5m), 0, sum(q.output), 0, sum(q.cost),"
    "  sum(q.status = 0), sum(iif(q.status = 3, q.cost, 0)), sum(iif(q.flags & 32, q.cost, 0)),"
    "  max(q.cost), min(q.at_ms), 7 + i * 5 % 2"
    "  FROM n JOIN request q ON q.run_id = i + 1 GROUP BY i;"
    /* As if the rollups had been wrong: they are made anew. */
    "INSERT INTO rollup VALUES (20000, 1, 4, 7, 6, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);";

static void make_schema_1(const char *path) {
  struct db *db = NULL;
  struct error error = {0};
  const struct db_options options = {.busy_ms = 50};
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fclose(file), 0);
  assert_ok(db_open(&db, path, &options, &error), &error);
  assert_ok(schema_upgrade(db, schema_steps, 1, NULL, &error), &error);
  assert_ok(db_script(db, schema_1_data, &error), &error);
  db_close(db);
}

static void an_older_ledger_s_costs_can_t_be_split_and_still_add_up(void **state) {
  (void)state;
  struct temp temp;
  struct error error = {0};
  struct ledger *ledger = NULL;
  struct stat backup;
  temp_make(&temp);
  const struct ledger_options options = {.path = temp_path(&temp, "purser.db")};
  make_schema_1(options.path);
  assert_ok(ledger_open(&ledger, &options, &error), &error);
  assert_int_equal(stat(temp_path(&temp, "purser.db.bak-1"), &backup), 0);
  assert_string_equal(zone_name(ledger_zone(ledger)), "Asia/Kolkata");

  const struct sums total = books_total(ledger);
  assert_int_equal(total.runs, 60);
  assert_int_equal(total.requests, 300);
  assert_int_equal(total.unpriced_requests, 75);
  assert_int_equal(total.cost_nanousd, INT64_C(225033750));
  assert_int_equal(total.cost_extra_nanousd, total.cost_nanousd);
  assert_int_equal(total.cost_output_nanousd, 0);
  assert_int_equal(total.cache_saved_nanousd, 0);
  books_audit(ledger);
  ledger_close(ledger);

  /* A second opening finds nothing to do. */
  assert_ok(ledger_open(&ledger, &options, &error), &error);
  const struct sums again = books_total(ledger);
  assert_memory_equal(&again, &total, sizeof total);
  ledger_close(ledger);
  temp_remove(&temp);
}

/* It was made, and nobody has used it: not even its zone is known. */
static void an_older_ledger_without_anything_in_it_is_migrated_too(void **state) {
  (void)state;
  struct temp temp;
  struct error error = {0};
  struct ledger *ledger = NULL;
  struct db *db = NULL;
  temp_make(&temp);
  const struct ledger_options options = {.path = temp_path(&temp, "purser.db")};
  make_schema_1(options.path);
  const struct db_options as_it_is = {.busy_ms = 50};
  assert_ok(db_open(&db, options.path, &as_it_is, &error), &error);
  assert_ok(db_script(db, "DELETE FROM meta; DELETE FROM request; DELETE FROM run_log", &error),
            &error);
  db_close(db);
  assert_ok(ledger_open(&ledger, &options, &error), &error);
  assert_int_equal(books_total(ledger).requests, 0);
  books_audit(ledger);
  ledger_close(ledger);
  temp_remove(&temp);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_older_ledger_s_costs_can_t_be_split_and_still_add_up),
      cmocka_unit_test(an_older_ledger_without_anything_in_it_is_migrated_too),
  };
  assert_int_equal(mem_install(), 0); /* before SQLite is used for the first time */
  return cmocka_run_group_tests(tests, NULL, NULL);
}
