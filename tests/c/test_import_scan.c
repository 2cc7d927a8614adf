/* test_import_scan.c - the vector ways of finding lines and usage against the portable one, at every alignment. */
#include <stdlib.h>
#include <string.h>

#include "import/claude_line.h"
#include "import/scan.h"
#include "support/support.h"

enum {
  SIZE = 700
};

/* Bytes that look like the mark and like nothing. */
static void fill(struct rng *rng, char *bytes, size_t len) {
  static const char *const pieces[] = {"\"usage\"", "\"usage",      "usage\"",  "\"uxxg",
                                       "ug",        "\"us\n",       "\"usag\n", "u..g",
                                       "\"uuid\"",  "\\\"usage\\\""};
  size_t at = 0;
  while (at < len) {
    if (rng_chance(rng, 20)) {
      const char *piece = pieces[rng_below(rng, (int64_t)COUNT(pieces))];
      const size_t n = strlen(piece) < len - at ? strlen(piece) : len - at;
      // NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes, not a text
      memcpy(bytes + at, piece, n);
      at += n;
    } else if (rng_chance(rng, 3)) {
      bytes[at++] = '\n';
    } else {
      bytes[at++] = (char)rng_below(rng, 256);
    }
  }
}

static void the_vector_ways_find_what_the_portable_one_finds(void **state) {
  (void)state;
  const struct scan_way *ways;
  const size_t count = scan_ways(&ways);
  assert_string_equal(ways[0].name, "portable");
  const int seeds = property_seeds(3000);
  for (int seed = 0; seed < seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    const size_t len = (size_t)rng_below(&rng, SIZE);
    const size_t from = len > 0 ? (size_t)rng_below(&rng, (int64_t)len) : 0;
    char *bytes = malloc(len + 1); /* its very end: a read beyond it is seen by the sanitizers */
    assert_non_null(bytes);
    fill(&rng, bytes, len);
    for (int given = 0; given < 2; given++) {
      size_t want_usage = given != 0 ? 5 : SCAN_NONE;
      const size_t want = ways[0].line(bytes, from, len, &want_usage);
      for (size_t w = 1; w < count; w++) {
        size_t usage = given != 0 ? 5 : SCAN_NONE;
        const size_t got = ways[w].line(bytes, from, len, &usage);
        if (got != want || usage != want_usage)
          fail_msg("%s, seed %d: end %zu, mark %zu instead of %zu, %zu", ways[w].name, seed, got,
                   usage, want, want_usage);
      }
    }
    free(bytes);
  }
}

/* A line that comes in two parts is scanned from a mark's length before the seam. */
static void a_mark_across_a_seam_is_found(void **state) {
  (void)state;
  static const char line[] =
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{\"usage\":{}}zzzzzzzzzzzzz\n";
  const struct scan_way *ways;
  const size_t count = scan_ways(&ways);
  const size_t len = sizeof line - 1;
  for (size_t w = 0; w < count; w++) {
    for (size_t seam = 0; seam < len; seam++) {
      size_t usage = SCAN_NONE;
      assert_int_equal(ways[w].line(line, 0, seam, &usage), seam);
      const size_t from = seam < SCAN_OVERLAP ? 0 : seam - SCAN_OVERLAP;
      assert_int_equal(ways[w].line(line, from, len, &usage), len - 1);
      assert_int_equal(usage, strstr(line, "\"usage\"") - line);
    }
  }
}

static void a_mark_after_the_newline_is_the_next_lines(void **state) {
  (void)state;
  static const char two[] =
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\"usage\"bbbb"
      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n";
  const struct scan_way *ways;
  const size_t count = scan_ways(&ways);
  for (size_t w = 0; w < count; w++) {
    size_t usage = SCAN_NONE;
    const size_t end = ways[w].line(two, 0, sizeof two - 1, &usage);
    assert_int_equal(end, strchr(two, '\n') - two);
    assert_true(usage == SCAN_NONE);
    (void)ways[w].line(two, end + 1, sizeof two - 1, &usage);
    assert_int_equal(usage, end + 1);
  }
}

static void a_text_is_found_wherever_it_stands(void **state) {
  (void)state;
  char hay[200];
  static const char word[] = "\"tool\"";
  for (size_t len = 0; len < sizeof hay; len++) {
    memset(hay, 'r', sizeof hay);
    assert_false(scan_has(hay, len, word));
    for (size_t at = 0; at + 6 <= len; at++) {
      memset(hay, 'r', sizeof hay);
      // NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes, not a text
      memcpy(hay + at, word, 6);
      assert_true(scan_has(hay, len, "\"tool\""));
      assert_false(scan_has(hay, at + 5, "\"tool\""));
    }
  }
}

static void the_end_of_a_string_is_found_as_the_portable_way_finds_it(void **state) {
  (void)state;
  const int seeds = property_seeds(3000);
  for (int seed = 0; seed < seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    const size_t len = (size_t)rng_below(&rng, 120);
    char *bytes = malloc(len + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
      bytes[i] = rng_chance(&rng, 8) ? '"' : rng_chance(&rng, 12) ? '\\' : 'x';
    for (size_t from = 0; from <= len; from++) {
      bool escaped = false;
      bool want_escaped = false;
      const size_t want = claude_line_quote_portable(bytes, from, len, &want_escaped);
      const size_t got = claude_line_quote(bytes, from, len, &escaped);
      if (want >= len) /* no end: either may have run past it by an escape */
        assert_true(got >= len);
      else
        assert_int_equal(got, want);
      assert_int_equal(escaped, want_escaped);
    }
    free(bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_vector_ways_find_what_the_portable_one_finds),
      cmocka_unit_test(a_mark_across_a_seam_is_found),
      cmocka_unit_test(a_mark_after_the_newline_is_the_next_lines),
      cmocka_unit_test(a_text_is_found_wherever_it_stands),
      cmocka_unit_test(the_end_of_a_string_is_found_as_the_portable_way_finds_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
