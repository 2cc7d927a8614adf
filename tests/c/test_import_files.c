/* test_import_files.c - files that grow, shrink, vanish, can't be read or hold what nobody expects: each is read as far as it goes,
 * counted and told of, and none ends the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "import/tree.h"
#include "support/fail_vfs.h"
#include "support/records.h"

#define FILE_1 "claude/projects/p/s1.jsonl"
#define FILE_2 "claude/projects/p/s2.jsonl"

static const struct import_counts *counts(const struct records *records) {
  return &records->result.total;
}

/* ---- patterns ---- */

static void patterns_match_whole_paths_and_lead_to_them(void **state) {
  (void)state;
  static const struct {
    const char *glob, *path;
    bool matches, leads;
  } cases[] = {
      {"a/*.jsonl", "a/x.jsonl", true, false},
      {"a/*.jsonl", "a/x.json", false, false},
      {"a/*.jsonl", "a", false, true},
      {"a/*.jsonl", "b", false, false},
      {"a/*.jsonl", "a/b/x.jsonl", false, false},
      {"*/x?", "q/xy", true, false},
      {"*/x?", "q", false, true},
      {"a/**/r-*", "a/r-1", true, true},
      {"a/**/r-*", "a/b/c/r-1", true, true},
      {"a/**/r-*", "a/b/c", false, true},
      {"a/**/r-*", "b/r-1", false, false},
      {"x.db", "x.db", true, false},
      {"x.db", "x.db-wal", false, false},
      {"*a*b*c", "zabxbc", true, false},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    if (tree_match(cases[i].glob, cases[i].path, false) != cases[i].matches ||
        tree_match(cases[i].glob, cases[i].path, true) != cases[i].leads)
      fail_msg("%s against %s", cases[i].glob, cases[i].path);
  }
}

/* ---- rule 13 ---- */

static void rule_13_what_is_appended_is_all_that_is_read(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_import(&r);
  assert_int_equal(counts(&r)->read, 1);
  assert_int_equal(counts(&r)->booked, 1);
  records_import(&r);
  assert_int_equal(counts(&r)->unchanged, 1);
  assert_int_equal(counts(&r)->bytes, 0);
  const char *more = claude_answer("s1", "m2", 2, 6);
  records_add(&r, FILE_1, more);
  records_import(&r);
  assert_int_equal(counts(&r)->bytes, strlen(more));
  assert_int_equal(counts(&r)->booked, 1);
  assert_int_equal(counts(&r)->rewritten, 0);
  records_expect_requests(&r, "m1 s1 10/5 1\nm2 s1 10/6 1\n");
  records_expect_runs(&r, "1 prompt u1 2 /nowhere/p\n");
  records_close(&r);
}

static void rule_13_half_a_line_waits_for_its_other_half(void **state) {
  (void)state;
  struct records r;
  char line[1200];
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  (void)snprintf(line, sizeof line, "%s", claude_answer("s1", "m1", 1, 5));
  const size_t len = strlen(line);
  for (size_t at = 0; at < len; at += 97) {
    char part[128];
    const size_t n = len - at < 97 ? len - at : 97;
    memcpy(part, line + at, n);
    part[n] = '\0';
    records_add(&r, FILE_1, part);
    records_import(&r);
    assert_int_equal(counts(&r)->malformed, 0);
  }
  records_expect_requests(&r, "m1 s1 10/5 1\n");
  records_close(&r);
}

/* The client may have died before it wrote the newline. */
static void rule_13_a_whole_last_line_without_its_newline_counts_once(void **state) {
  (void)state;
  struct records r;
  char line[1200];
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  (void)snprintf(line, sizeof line, "%s", claude_answer("s1", "m1", 1, 5));
  line[strlen(line) - 1] = '\0';
  records_add(&r, FILE_1, line);
  records_import(&r);
  records_expect_requests(&r, "m1 s1 10/5 1\n");
  records_add(&r, FILE_1, "\n");
  records_add(&r, FILE_1, claude_answer("s1", "m2", 2, 6));
  records_import(&r);
  assert_int_equal(counts(&r)->malformed, 0);
  records_expect_requests(&r, "m1 s1 10/5 1\nm2 s1 10/6 1\n");
  records_close(&r);
}

static void rule_13_a_file_that_was_written_anew_is_read_anew(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_add(&r, FILE_1, claude_answer("s1", "m2", 2, 6));
  records_import(&r);
  /* Shorter, longer, of the same length: told by what lay before the place where reading stopped. */
  static const char *const ids[] = {"m3", "m4", "m5"};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(unlink(records_path(&r, FILE_1)), 0);
    records_add(&r, FILE_1, claude_prompt("s1", ids[i], 3 + i));
    records_add(&r, FILE_1, claude_answer("s1", ids[i], 3 + i, 7));
    for (int n = 0; n < i; n++)
      records_add(&r, FILE_1, claude_answer("s1", ids[i], 3 + i, 7));
    records_import(&r);
    assert_int_equal(counts(&r)->rewritten, 1);
    assert_int_equal(counts(&r)->booked, 1);
  }
  records_expect_requests(&r,
                          "m1 s1 10/5 1\nm2 s1 10/6 1\nm3 s1 10/7 2\nm4 s1 10/7 3\nm5 s1 10/7 4\n");
  records_close(&r);
}

/* A copy of the folder on another machine, or brought back from a backup. */
static void rule_13_the_same_bytes_under_another_inode_go_on(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_import(&r);
  assert_int_equal(rename(records_path(&r, FILE_1), records_path(&r, "old")), 0);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  const char *more = claude_answer("s1", "m2", 2, 6);
  records_add(&r, FILE_1, more);
  records_import(&r);
  assert_int_equal(counts(&r)->rewritten, 0);
  assert_int_equal(counts(&r)->bytes, strlen(more));
  records_close(&r);
}

static void rule_14_what_the_client_deletes_stays(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_import(&r);
  assert_int_equal(unlink(records_path(&r, FILE_1)), 0);
  records_import(&r);
  assert_int_equal(counts(&r)->files, 0);
  assert_int_equal(counts(&r)->failed, 0);
  records_expect_requests(&r, "m1 s1 10/5 1\n");
  records_close(&r);
}

/* Cut anywhere, imported after each piece: the same as at once. */
static void any_pieces_come_to_the_same(void **state) {
  (void)state;
  struct buf whole = BUF_INIT;
  char id[16];
  for (int i = 0; i < 12; i++) {
    if (i % 4 == 0) {
      (void)snprintf(id, sizeof id, "u%d", i / 4);
      buf_adds(&whole, claude_prompt("s1", id, i));
    }
    (void)snprintf(id, sizeof id, "m%02d", i - i % 3);
    buf_adds(&whole, claude_answer("s1", id, i, 5 + i));
  }
  const int seeds = property_seeds(12);
  for (int seed = 0; seed < seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    struct records r;
    records_open(&r);
    for (size_t at = 0; at < whole.len;) {
      const size_t n = (size_t)rng_between(&rng, 1, 1500);
      char part[1501];
      (void)snprintf(part, sizeof part, "%.*s", (int)n, whole.data + at);
      at += strlen(part);
      records_add(&r, FILE_1, part);
      records_import(&r);
      if (rng_chance(&rng, 20))
        books_reopen(&r.books);
    }
    records_expect_requests(&r, "m00 s1 10/7 1\nm03 s1 10/10 1\nm06 s1 10/13 2\nm09 s1 10/16 3\n");
    records_expect_runs(&r, "1 prompt u0 2 /nowhere/p\n2 prompt u1 1 /nowhere/p\n"
                            "3 prompt u2 1 /nowhere/p\n");
    records_close(&r);
  }
  buf_fini(&whole);
}

/* ---- bad input ---- */

static void lines_that_make_no_sense_are_told_of_with_their_numbers(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, "this was never JSON\n");
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_add(&r, FILE_1, "{'type':'assistant','message':{'usage':{'input_tok\n\n17\n[]\n");
  records_write(&r, FILE_2, "\0\0\0\0\n{}\n", 8);
  records_import(&r);
  assert_int_equal(counts(&r)->malformed, 3);
  assert_int_equal(counts(&r)->booked, 1);
  assert_int_equal(r.result.fault_count, 3);
  int64_t lines[3] = {0};
  for (size_t i = 0; i < 3; i++) {
    const struct import_fault *fault = &r.result.faults[i];
    assert_string_equal(fault->kind, "malformed");
    const bool second = strstr(fault->path, "s2.jsonl") != NULL;
    lines[second ? 2 : fault->line == 2 ? 0 : 1] = fault->line;
  }
  assert_int_equal(lines[0], 2);
  assert_int_equal(lines[1], 4);
  assert_int_equal(lines[2], 1);
  /* And the numbers go on where reading was left. */
  records_add(&r, FILE_1, "broken again\n");
  records_import(&r);
  assert_int_equal(r.result.fault_count, 1);
  assert_int_equal(r.result.faults[0].line, 8);
  records_close(&r);
}

/* A tool's output of any length is passed over; a response however long is read. */
static void long_lines_take_no_more_than_they_are_worth(void **state) {
  (void)state;
  enum {
    MB = 1000 * 1000
  };
  struct records r;
  struct buf line = BUF_INIT;
  records_open(&r);
  buf_adds(&line,
           "{\"type\":\"user\",\"message\":{\"content\":[{\"type\":\"tool_result\",\"content\":\"");
  for (int i = 0; i < 5 * MB; i += 50)
    buf_adds(&line, "output output output output output output output o");
  buf_adds(&line, "\"}]},\"sessionId\":\"s1\"}\n");
  /* Usage at the end of what looked like a tool's output: then it is read after all. */
  buf_adds(&line, "{\"message\":{\"content\":[{\"type\":\"tool_result\",\"content\":\"");
  for (int i = 0; i < 3 * MB; i += 50)
    buf_adds(&line, "output output output output output output output o");
  buf_adds(
      &line,
      "\"}],\"id\":\"m1\",\"model\":\"x\",\"usage\":{\"input_tokens\":10,\"output_tokens\":5}},"
      "\"type\":\"assistant\",\"timestamp\":\"2026-11-20T10:00:00Z\",\"sessionId\":\"s1\"}\n");
  records_write(&r, FILE_1, line.data, line.len);
  records_add(&r, FILE_1, claude_answer("s1", "m2", 2, 6));
  records_import(&r);
  assert_int_equal(counts(&r)->malformed, 0);
  assert_int_equal(counts(&r)->lines, 3);
  records_expect_requests(&r, "m1 s1 10/5 1\nm2 s1 10/6 1\n");
  buf_fini(&line);
  records_close(&r);
}

static void a_line_beyond_all_measure_is_dropped_and_told_of(void **state) {
  (void)state;
  enum {
    MB = 1024 * 1024
  };
  struct records r;
  char *text = malloc(MB);
  records_open(&r);
  assert_non_null(text);
  memset(text, 'x', MB);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  FILE *file = fopen(records_path(&r, FILE_1), "a");
  assert_non_null(file);
  (void)fputs("{\"type\":\"user\",\"message\":{\"content\":\"", file);
  for (int i = 0; i < 200; i++)
    assert_int_equal(fwrite(text, 1, MB, file), MB);
  (void)fputs("\"}}\n", file);
  assert_int_equal(fclose(file), 0);
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_import(&r);
  assert_int_equal(counts(&r)->malformed, 1);
  assert_string_equal(r.result.faults[0].kind, "overflow");
  assert_int_equal(r.result.faults[0].line, 2);
  records_expect_requests(&r, "m1 s1 10/5 1\n");
  free(text);
  records_close(&r);
}

static void deep_nesting_and_doubled_keys_are_read_as_ever(void **state) {
  (void)state;
  struct records r;
  struct buf line = BUF_INIT;
  records_open(&r);
  buf_adds(&line,
           "{'type':'assistant','sessionId':'s1','timestamp':'2026-11-20T10:00:00Z','message':{"
           "'id':'m1','id':'m2','model':'x','content':");
  for (int i = 0; i < 3000; i++)
    buf_addc(&line, '[');
  for (int i = 0; i < 3000; i++)
    buf_addc(&line, ']');
  buf_adds(&line, ",'usage':{'input_tokens':99,'input_tokens':10,'output_tokens':5}}}\n");
  records_add(&r, FILE_1, line.data);
  records_import(&r);
  assert_int_equal(counts(&r)->malformed, 0);
  records_expect_requests(&r, "m2 s1 10/5 1\n");
  buf_fini(&line);
  records_close(&r);
}

static void counts_that_are_none_are_clamped(void **state) {
  (void)state;
  static const struct {
    const char *raw;
    const char *stored;
  } cases[] = {
      {"-5", "0"},
      {"12.4", "12"},
      {"'12'", "12"},
      {"1e3", "1000"},
      {"99999999999999999999", "1000000000000"},
      {"null", "0"},
      {"true", "0"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct records r;
    char line[400];
    char expected[100];
    records_open(&r);
    (void)snprintf(
        line, sizeof line,
        "{'type':'assistant','sessionId':'s1','timestamp':'2026-11-20T10:00:00Z','message'"
        ":{'id':'m1','model':'x','usage':{'input_tokens':%s,'output_tokens':5}}}\n",
        cases[i].raw);
    records_add(&r, FILE_1, line);
    records_import(&r);
    (void)snprintf(expected, sizeof expected, "m1 s1 %s/5 1\n", cases[i].stored);
    records_expect_requests(&r, expected);
    records_close(&r);
  }
}

static void rule_23_dates_ahead_are_set_aside_and_old_ones_kept(void **state) {
  (void)state;
  static const char *const dates[] = {"1970-01-01T00:00:01Z", "2026-11-26T10:00:00Z",
                                      "2026-11-27T12:00:00Z", "9999-01-01T00:00:00Z", "yesterday"};
  struct records r;
  char line[400];
  records_open(&r);
  for (size_t i = 0; i < COUNT(dates); i++) {
    (void)snprintf(line, sizeof line,
                   "{'type':'assistant','sessionId':'s1','timestamp':'%s','message':{'id':'m%zu',"
                   "'model':'x','usage':{'input_tokens':10,'output_tokens':5}}}\n",
                   dates[i], i);
    records_add(&r, FILE_1, line);
  }
  records_import(&r);
  assert_int_equal(counts(&r)->booked + counts(&r)->quarantined, 5);
  assert_true(counts(&r)->quarantined >= 2);
  records_close(&r);
}

/* ---- folders ---- */

static void links_in_circles_end(void **state) {
  (void)state;
  struct records r;
  char target[700];
  records_open(&r);
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_add(&r, "elsewhere/x.jsonl", claude_answer("s1", "m2", 2, 6));
  (void)snprintf(target, sizeof target, "%s", records_path(&r, "elsewhere"));
  assert_int_equal(symlink("..", records_path(&r, "claude/projects/p/subagents")), 0);
  assert_int_equal(symlink(".", records_path(&r, "claude/projects/self")), 0);
  assert_int_equal(symlink(target, records_path(&r, "claude/projects/away")), 0);
  assert_int_equal(symlink("/nowhere", records_path(&r, "claude/projects/p/none.jsonl")), 0);
  assert_int_equal(symlink(records_path(&r, "elsewhere/x.jsonl"),
                           records_path(&r, "claude/projects/p/again.jsonl")),
                   0);
  records_import(&r);
  assert_int_equal(counts(&r)->failed, 0);
  assert_int_equal(counts(&r)->booked, 2);
  records_import(&r);
  assert_int_equal(counts(&r)->read, 0);
  records_close(&r);
}

static void what_can_t_be_read_is_told_of_and_ends_nothing(void **state) {
  (void)state;
  if (geteuid() == 0)
    skip(); /* root may read everything */
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_add(&r, FILE_2, claude_answer("s2", "m2", 2, 6));
  records_add(&r, "claude/projects/q/s3.jsonl", claude_answer("s3", "m3", 3, 7));
  assert_int_equal(chmod(records_path(&r, FILE_2), 0), 0);
  assert_int_equal(chmod(records_path(&r, "claude/projects/q"), 0), 0);
  records_import(&r);
  assert_int_equal(counts(&r)->booked, 1);
  assert_int_equal(counts(&r)->failed, 2);
  assert_int_equal(r.result.fault_count, 2);
  assert_int_equal(chmod(records_path(&r, FILE_2), 0600), 0);
  assert_int_equal(chmod(records_path(&r, "claude/projects/q"), 0700), 0);
  records_import(&r);
  assert_int_equal(counts(&r)->booked, 2);
  assert_int_equal(counts(&r)->failed, 0);
  records_close(&r);
}

static void what_has_a_files_name_and_is_none_is_passed_over(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_add(&r, "claude/projects/p/folder.jsonl/readme", "x\n");
  records_add(&r, "claude/projects/p/empty.jsonl", "");
  assert_int_equal(mkfifo(records_path(&r, "claude/projects/p/pipe.jsonl"), 0600), 0);
  records_import(&r);
  assert_int_equal(counts(&r)->booked, 1);
  assert_int_equal(counts(&r)->failed, 0);
  records_close(&r);
}

static void new_files_are_found_in_known_folders(void **state) {
  (void)state;
  struct records r;
  char path[100];
  records_open(&r);
  for (int i = 0; i < 8; i++) {
    char id[8];
    (void)snprintf(path, sizeof path, "claude/projects/p%d/s%d.jsonl", i % 3, i);
    (void)snprintf(id, sizeof id, "m%d", i);
    records_add(&r, path, claude_answer("s", id, i, 5));
    records_import(&r);
    assert_int_equal(counts(&r)->files, i + 1);
    assert_int_equal(counts(&r)->booked, 1);
  }
  records_close(&r);
}

/* A watcher says which files have changed. */
static void only_the_named_files_are_read(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_add(&r, FILE_2, claude_answer("s2", "m2", 2, 6));
  records_add(&r, "claude/projects/p/notes.txt", "x\n");
  char one[700];
  char other[700];
  (void)snprintf(one, sizeof one, "%s", records_path(&r, FILE_1));
  (void)snprintf(other, sizeof other, "%s", records_path(&r, "claude/projects/p/notes.txt"));
  const char *const paths[] = {one, other, "/nowhere/at/all.jsonl", NULL};
  const struct import_options options = {.paths = paths};
  for (int i = 0; i < 3; i++) {
    records_import_with(&r, &options);
    assert_int_equal(counts(&r)->files, 1);
    assert_int_equal(counts(&r)->booked, i == 0);
  }
  records_add(&r, FILE_1, claude_answer("s1", "m3", 3, 7));
  records_import_with(&r, &options);
  assert_int_equal(counts(&r)->booked, 1);
  records_import(&r);
  assert_int_equal(counts(&r)->booked, 1); /* the other one */
  records_expect_requests(&r, "m1 s1 10/5 1\nm2 s2 10/6 2\nm3 s1 10/7 1\n");
  records_close(&r);
}

/* ---- asking and stopping ---- */

static void a_dry_run_counts_and_writes_nothing(void **state) {
  (void)state;
  struct records r;
  int64_t before = 0;
  int64_t after = 0;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_import(&r);
  records_add(&r, FILE_1, claude_answer("s1", "m2", 2, 6));
  records_add(&r, FILE_2, claude_answer("s2", "m2", 2, 6));
  assert_ok(ledger_data_version(r.books.ledger, &before, &r.books.error), &r.books.error);
  const struct sums sums = books_total(r.books.ledger);
  const struct import_options options = {.dry_run = true};
  for (int i = 0; i < 2; i++) {
    records_import_with(&r, &options);
    assert_int_equal(counts(&r)->booked, 1);
    assert_int_equal(counts(&r)->duplicates, 1);
    assert_true(counts(&r)->cost_nanousd > 0);
  }
  assert_ok(ledger_data_version(r.books.ledger, &after, &r.books.error), &r.books.error);
  assert_int_equal(after, before);
  const struct sums same = books_total(r.books.ledger);
  assert_memory_equal(&same, &sums, sizeof sums);
  records_close(&r);
}

static void everything_is_read_again_when_asked(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_import(&r);
  const struct import_options options = {.again = true};
  records_import_with(&r, &options);
  assert_int_equal(counts(&r)->read, 1);
  assert_int_equal(counts(&r)->booked, 0);
  assert_int_equal(counts(&r)->duplicates, 1);
  records_close(&r);
}

static void files_from_before_a_day_are_left_for_another_time(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  const struct import_options options = {.since_ms = INT64_C(99999999999999)};
  records_import_with(&r, &options);
  assert_int_equal(counts(&r)->booked, 0);
  records_import(&r);
  assert_int_equal(counts(&r)->booked, 1);
  records_close(&r);
}

static int stop(void *data, const struct import_counts *total) {
  (void)total;
  int *left = data;
  return (*left)-- <= 0;
}

static void what_was_committed_before_a_cancel_stays(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  char path[100];
  char id[8];
  for (int i = 0; i < 6; i++) {
    (void)snprintf(path, sizeof path, "claude/projects/p/s%d.jsonl", i);
    (void)snprintf(id, sizeof id, "m%d", i);
    records_add(&r, path, claude_answer("s", id, i, 5));
  }
  char folder[700];
  (void)snprintf(folder, sizeof folder, "%s", records_path(&r, "claude"));
  const struct import_root root = {"claude", folder};
  int64_t booked = 0;
  for (int i = 0; i < 40 && booked < 6; i++) {
    int left = 1;
    struct import_result result;
    const struct import_options options = {
        .roots = &root, .root_count = 1, .batch_us = 1, .progress = stop, .data = &left};
    const int status = import_sync(r.books.ledger, r.catalog, &options, &result, &r.books.error);
    assert_true(status == PURSER_OK || status == PURSER_ECLOSED);
    assert_int_equal(result.cancelled, status == PURSER_ECLOSED);
    booked += result.total.booked;
    import_result_fini(&result);
  }
  assert_int_equal(booked, 6);
  assert_int_equal(books_total(r.books.ledger).requests, 6);
  records_close(&r);
}

/* Whatever the disk refuses, and whenever: what was committed stays, the rest comes when there is room again. */
static void a_full_disk_loses_and_doubles_nothing(void **state) {
  (void)state;
  static const enum fail_kind kinds[] = {FAIL_FULL, FAIL_IO};
  fail_vfs_install();
  for (size_t k = 0; k < COUNT(kinds); k++) {
    bool failed = true;
    for (int64_t nth = 1; failed; nth += 3) {
      struct records r;
      char path[100];
      char id[8];
      records_open(&r);
      for (int i = 0; i < 5; i++) {
        (void)snprintf(path, sizeof path, "claude/projects/p/s%d.jsonl", i);
        (void)snprintf(id, sizeof id, "m%d", i);
        records_add(&r, path, claude_prompt("s", id, i));
        records_add(&r, path, claude_answer("s", id, i, 5));
      }
      char folder[700];
      (void)snprintf(folder, sizeof folder, "%s", records_path(&r, "claude"));
      const struct import_root root = {"claude", folder};
      const struct import_options options = {.roots = &root, .root_count = 1, .batch_us = 1};
      struct ledger *ledger = NULL;
      const struct ledger_options on_bad_disk = {.path = records_path(&r, "purser.db"),
                                                 .clock = &r.books.clock.clock,
                                                 .vfs = FAIL_VFS_NAME};
      assert_ok(ledger_open(&ledger, &on_bad_disk, &r.books.error), &r.books.error);
      struct import_result result;
      fail_vfs_at(kinds[k], nth, true);
      const int status = import_sync(ledger, r.catalog, &options, &result, &r.books.error);
      failed = fail_vfs_off();
      if (!failed)
        assert_ok(status, &r.books.error);
      else if (status != PURSER_OK)
        assert_true(r.books.error.message[0] != '\0');
      import_result_fini(&result);
      ledger_close(ledger);
      books_reopen(&r.books);
      records_import(&r);
      assert_int_equal(books_total(r.books.ledger).requests, 5);
      assert_int_equal(books_total(r.books.ledger).runs, 5);
      records_close(&r);
    }
  }
}

static void an_unknown_source_is_refused(void **state) {
  (void)state;
  struct records r;
  struct import_result result;
  records_open(&r);
  const char *const names[] = {"cloude", NULL};
  const struct import_options options = {.sources = names};
  assert_int_equal(import_sync(r.books.ledger, r.catalog, &options, &result, &r.books.error),
                   PURSER_EINVAL);
  assert_non_null(strstr(r.books.error.message, "cloude"));
  import_result_fini(&result);
  records_close(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patterns_match_whole_paths_and_lead_to_them),
      cmocka_unit_test(rule_13_what_is_appended_is_all_that_is_read),
      cmocka_unit_test(rule_13_half_a_line_waits_for_its_other_half),
      cmocka_unit_test(rule_13_a_whole_last_line_without_its_newline_counts_once),
      cmocka_unit_test(rule_13_a_file_that_was_written_anew_is_read_anew),
      cmocka_unit_test(rule_13_the_same_bytes_under_another_inode_go_on),
      cmocka_unit_test(rule_14_what_the_client_deletes_stays),
      cmocka_unit_test(any_pieces_come_to_the_same),
      cmocka_unit_test(lines_that_make_no_sense_are_told_of_with_their_numbers),
      cmocka_unit_test(long_lines_take_no_more_than_they_are_worth),
      cmocka_unit_test(a_line_beyond_all_measure_is_dropped_and_told_of),
      cmocka_unit_test(deep_nesting_and_doubled_keys_are_read_as_ever),
      cmocka_unit_test(counts_that_are_none_are_clamped),
      cmocka_unit_test(rule_23_dates_ahead_are_set_aside_and_old_ones_kept),
      cmocka_unit_test(links_in_circles_end),
      cmocka_unit_test(what_can_t_be_read_is_told_of_and_ends_nothing),
      cmocka_unit_test(what_has_a_files_name_and_is_none_is_passed_over),
      cmocka_unit_test(new_files_are_found_in_known_folders),
      cmocka_unit_test(only_the_named_files_are_read),
      cmocka_unit_test(a_dry_run_counts_and_writes_nothing),
      cmocka_unit_test(everything_is_read_again_when_asked),
      cmocka_unit_test(files_from_before_a_day_are_left_for_another_time),
      cmocka_unit_test(what_was_committed_before_a_cancel_stays),
      cmocka_unit_test(a_full_disk_loses_and_doubles_nothing),
      cmocka_unit_test(an_unknown_source_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
