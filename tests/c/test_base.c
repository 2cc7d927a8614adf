/* test_base.c - money, JSON, buffers and messages: the ground floor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/money.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void decimals_are_exact(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int scale;
    int status;
    int64_t value;
  } cases[] = {
      {"0", 9, 0, 0},
      {"1", 9, 0, 1000000000},
      {"0.018087600000000002", 9, 0, 18087600},
      {"1.5e-07", 15, 0, 150000000},
      {"1.5E-7", 9, 0, 150},
      {"-2.5", 0, 0, -3},
      {"2.5", 0, 0, 3},
      {"2.4999999999999999999999999999999999999999999", 0, 0, 2},
      {"9223372036854775807", 0, 0, INT64_MAX},
      {"9223372036854775808", 0, PURSER_ERANGE, 0},
      {"1e400", 0, PURSER_ERANGE, 0},
      {"1e-400", 9, 0, 0},
      {"1e99999999999", 0, PURSER_ERANGE, 0},
      {"0e99999999999", 0, 0, 0},
      {"00012.50", 2, 0, 1250},
      {".5", 1, 0, 5},
      {"5.", 1, 0, 50},
      {"", 0, PURSER_EPARSE, 0},
      {".", 0, PURSER_EPARSE, 0},
      {"-", 0, PURSER_EPARSE, 0},
      {"1e", 0, PURSER_EPARSE, 0},
      {"1x", 0, PURSER_EPARSE, 0},
      {"0x10", 0, PURSER_EPARSE, 0},
      {"1 ", 0, PURSER_EPARSE, 0},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t value = 0;
    const int status =
        money_parse_decimal(cases[i].text, strlen(cases[i].text), cases[i].scale, &value);
    if (status != cases[i].status || value != cases[i].value) {
      fail_msg("%s: status %d, value %lld", cases[i].text, status, (long long)value);
    }
  }
}

static void a_product_is_rounded_once(void **state) {
  (void)state;
  money_sum sum = {0};
  /* Three buckets of a third of a nano-dollar each are one nano-dollar, not none. */
  for (int i = 0; i < 3; i++)
    money_add_tokens(&sum, 1, 333334);
  assert_int_equal(money_round(sum), 1);
  sum = (money_sum){0};
  money_add_tokens(&sum, INT64_MAX, INT64_MAX);
  assert_int_equal(money_round(sum), INT64_MAX);
  sum = (money_sum){0};
  money_add_tokens_scaled(&sum, 1000000, 5000000000, 11, 10);
  assert_int_equal(money_round(sum), 5500000000);
}

static void amounts_are_written_for_people_and_exactly(void **state) {
  (void)state;
  static const struct {
    int64_t nanousd;
    const char *cents, *human;
  } cases[] = {
      {0, "0", "0.00 ¢"},
      {1, "0.0000001", "0.00 ¢"},
      {34200000, "3.42", "3.42 ¢"},
      {999949999, "99.9949999", "99.99 ¢"},
      {999950000, "99.995", "$1.00"},
      {1000000000, "100", "$1.00"},
      {41270000000, "4127", "$41.27"},
      {-1000000000, "-100", "-$1.00"},
      {INT64_MIN, "-922337203685.4775808", "-$9223372036.85"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct buf b = BUF_INIT;
    money_write_cents(&b, cases[i].nanousd);
    assert_string_equal(buf_text(&b), cases[i].cents);
    buf_clear(&b);
    money_write_human(&b, cases[i].nanousd);
    assert_string_equal(buf_text(&b), cases[i].human);
    buf_fini(&b);
  }
}

static void json_finds_members(void **state) {
  (void)state;
  static const char text[] =
      " {\"a\": [1, {\"b\": null}, \"x\\ny\\u00e9\\ud83d\\ude00\\ud800\"], \"u\": {\"in\": "
      "{\"n\": 12345678901234567, \"f\": 1.5, \"e\": 2e3, \"s\": \"77\", \"neg\": -4}}, "
      "\"a2\": {}, \"dup\": 1, \"dup\": 2, \"t\": true} ";
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, text, strlen(text)), 0);
  int64_t n = 0;
  assert_int_equal(json_i64(&doc, json_path(&doc, 0, "u.in.n"), &n), 0);
  assert_int_equal(n, 12345678901234567);
  assert_int_equal(json_i64(&doc, json_path(&doc, 0, "u.in.f"), &n), PURSER_EPARSE);
  assert_int_equal(json_i64(&doc, json_path(&doc, 0, "u.in.e"), &n), 0);
  assert_int_equal(n, 2000);
  assert_int_equal(json_i64_or(&doc, json_path(&doc, 0, "u.in.s"), -1), 77);
  assert_int_equal(json_i64_or(&doc, json_path(&doc, 0, "u.in.neg"), 0), -4);
  assert_int_equal(json_i64_or(&doc, json_path(&doc, 0, "u.out.neg"), 9), 9);
  assert_int_equal(json_i64_or(&doc, json_get(&doc, 0, "dup"), 0), 2);
  assert_true(json_is_true(&doc, json_get(&doc, 0, "t")));
  assert_int_equal(json_first(&doc, json_get(&doc, 0, "a2")), JSON_NONE);

  const json_id array = json_get(&doc, 0, "a");
  json_id item = json_first(&doc, array);
  assert_int_equal(json_i64_or(&doc, item, 0), 1);
  item = json_next(&doc, array, item);
  assert_int_equal(json_kind(&doc, json_get(&doc, item, "b")), JSON_NULL);
  item = json_next(&doc, array, item);
  struct buf scratch = BUF_INIT;
  static const char expected[] = "x\nyé😀\xEF\xBF\xBD"; /* the lone surrogate is replaced */
  const purser_str s = json_str(&doc, item, &scratch);
  assert_int_equal(s.len, strlen(expected));
  assert_memory_equal(s.ptr, expected, s.len);
  assert_int_equal(json_next(&doc, array, item), JSON_NONE);

  int members = 0;
  for (json_id v = json_first(&doc, 0); v != JSON_NONE; v = json_next(&doc, 0, v))
    members++;
  assert_int_equal(members, 6);
  buf_fini(&scratch);
  json_fini(&doc);
}

static void json_refuses_what_is_broken(void **state) {
  (void)state;
  static const char *const broken[] = {
      "",           "{",
      "[1",         "[1,]",
      "{\"a\"}",    "{\"a\":}",
      "{\"a\":1,}", "{a:1}",
      "\"x",        "\"\\",
      "\"\\\"",     "tru",
      "nul",        "[1 2]",
      "{} {}",      "]",
      "{]",         "[}",
      "{\"a\" 1}",  ",",
      ":",          "{\"a\":1 \"b\":2}",
      "+1",         "\x01",
  };
  struct json_doc doc = JSON_DOC_INIT;
  for (size_t i = 0; i < COUNT(broken); i++) {
    if (json_parse(&doc, broken[i], strlen(broken[i])) != PURSER_EPARSE) {
      fail_msg("accepted: %s", broken[i]);
    }
    assert_int_equal(json_kind(&doc, 0), JSON_MISSING);
  }
  json_fini(&doc);
}

static void json_depth_costs_no_stack(void **state) {
  (void)state;
  enum {
    DEPTH = 300000
  };
  char *text = malloc((size_t)2 * DEPTH);
  assert_non_null(text);
  memset(text, '[', DEPTH);
  memset(text + DEPTH, ']', DEPTH);
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, text, (size_t)2 * DEPTH), 0);
  assert_int_equal(doc.count, DEPTH);
  assert_int_equal(json_parse(&doc, text, DEPTH), PURSER_EPARSE);
  json_fini(&doc);
  free(text);
}

static void json_strings_survive_writing_and_reading(void **state) {
  (void)state;
  char bytes[256];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)i;
  struct buf out = BUF_INIT;
  json_write_str(&out, bytes, 128); /* ASCII, controls and NUL included */
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, buf_text(&out), out.len), 0);
  struct buf back = BUF_INIT;
  json_add_text(&doc, 0, &back);
  assert_int_equal(back.len, 128);
  assert_memory_equal(back.data, bytes, 128);
  buf_clear(&out);
  json_write_str(&out, bytes + 128, 128); /* no valid UTF-8 in there */
  assert_int_equal(out.len, 2 + 3 * 128);
  buf_fini(&out);
  buf_fini(&back);
  json_fini(&doc);
}

static void json_objects_get_their_commas(void **state) {
  (void)state;
  struct buf out = BUF_INIT;
  json_open(&out);
  json_close(&out);
  json_reopen(&out);
  json_put_text(&out, "a", "ends in {");
  json_put_text(&out, "left out", NULL);
  json_put_i64(&out, "least", INT64_MIN);
  json_put_i64(&out, "most", INT64_MAX);
  json_put_i64(&out, "none", 0);
  json_put_key(&out, "list");
  buf_addc(&out, '[');
  for (int i = 0; i < 2; i++) {
    json_put_item(&out);
    json_open(&out);
    json_put_bool(&out, "first", i == 0);
    json_close(&out);
  }
  buf_addc(&out, ']');
  json_close(&out);
  json_reopen(&out);
  json_put_text(&out, "later", "\"");
  json_close(&out);
  assert_string_equal(buf_text(&out),
                      "{\"a\":\"ends in {\",\"least\":-9223372036854775808,"
                      "\"most\":9223372036854775807,\"none\":0,"
                      "\"list\":[{\"first\":true},{\"first\":false}],\"later\":\"\\\"\"}");
  buf_fini(&out);
}

static void messages_wrap_upward(void **state) {
  (void)state;
  struct error e = {0};
  assert_int_equal(error_set(&e, PURSER_EIO, "disk I/O error"), PURSER_EIO);
  assert_int_equal(error_wrap(&e, "read %s", "schema version"), PURSER_EIO);
  (void)error_wrap(&e, "open ledger");
  assert_string_equal(error_text(&e), "open ledger: read schema version: disk I/O error");
  for (int i = 0; i < 100; i++)
    (void)error_wrap(&e, "storey %d", i);
  assert_true(strlen(error_text(&e)) < ERROR_MESSAGE_SIZE);
  assert_string_equal(purser_strerror(PURSER_EREFUSED), "refused by a budget");
  assert_string_equal(purser_strerror(-99), "unknown status");
  assert_string_equal(purser_strerror(1), "unknown status");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decimals_are_exact),
      cmocka_unit_test(a_product_is_rounded_once),
      cmocka_unit_test(amounts_are_written_for_people_and_exactly),
      cmocka_unit_test(json_finds_members),
      cmocka_unit_test(json_refuses_what_is_broken),
      cmocka_unit_test(json_depth_costs_no_stack),
      cmocka_unit_test(json_strings_survive_writing_and_reading),
      cmocka_unit_test(json_objects_get_their_commas),
      cmocka_unit_test(messages_wrap_upward),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
