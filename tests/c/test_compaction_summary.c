/* test_compaction_summary.c - what a summary is asked for, and which ones will do. */
#include "support/support.h"

#include <string.h>

#include "compaction/summary.h"

static void files_are_read_from_the_inputs_of_calls(void **state) {
  (void)state;
  static const struct {
    const char *input, *files;
  } cases[] = {
      {"{\"file_path\":\"a.c\"}", "a.c"},
      {"{\"path\":\"src/b.lua\",\"content\":\"x\"}", "src/b.lua"},
      {"{\"command\":\"ls\"}", ""},
      {"not json at all", ""},
      {"*** Begin Patch\n*** Update File: src/a.c\n@@\n*** Add File: b.h\n", "src/a.c b.h"},
      {"{\"input\":\"*** Update File: src/a.c\\n@@\"}", "src/a.c"},
      {"{\"file_path\":\"a.c\",\"path\":\"a.c\"}", "a.c"},
      {"{\"file_path\":7}", ""},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct file_list files = {.count = 0};
    struct buf got = BUF_INIT;
    assert_int_equal(file_list_read(&files, cases[i].input), PURSER_OK);
    for (size_t k = 0; k < files.count; k++)
      buf_addf(&got, "%s%s", k > 0 ? " " : "", files.paths[k]);
    assert_string_equal(buf_text(&got), cases[i].files);
    buf_fini(&got);
    file_list_fini(&files);
  }
}

static void a_summary_must_be_something_smaller_and_name_the_files(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t tokens, replaced;
    const char *problem; /* NULL: it will do */
  } cases[] = {
      {"upload.lua holds the length", 90, 1000, NULL},
      {"src/upload.lua", 900, 1000, NULL},
      {"", 0, 1000, "empty"},
      {" \n\t", 1, 1000, "empty"},
      {"upload.lua", 901, 1000, "smaller"},
      {"upload.lua", 5000, 1000, "smaller"},
      {"the upload", 90, 1000, "does not name src/upload.lua"},
  };
  struct file_list files = {.count = 0};
  assert_int_equal(file_list_add(&files, "src/upload.lua"), PURSER_OK);
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct error error = {0};
    const int status =
        summary_check(cases[i].text, cases[i].tokens, cases[i].replaced, &files, &error);
    if (cases[i].problem == NULL)
      assert_int_equal(status, PURSER_OK);
    else if (status != PURSER_EINVAL || strstr(error_text(&error), cases[i].problem) == NULL)
      fail_msg("\"%s\": %s", cases[i].text, error_text(&error));
  }
  file_list_fini(&files);
}

static void the_request_names_files_rules_and_items(void **state) {
  (void)state;
  struct file_list files = {.count = 0};
  struct file_list rules = {.count = 0};
  struct buf out = BUF_INIT;
  const struct summary_item items[] = {{"call", "Bash", "make test", false},
                                       {"result", NULL, "one failed", true}};
  assert_int_equal(file_list_add(&files, "src/a.c"), PURSER_OK);
  assert_int_equal(file_list_add(&rules, "AGENTS.md"), PURSER_OK);
  summary_write_request(&out, items, COUNT(items), &files, &rules);
  static const char *const parts[] = {"## Constraints", "- src/a.c", "- AGENTS.md",
                                      "[call Bash]\nmake test", "[result, failed]\none failed"};
  for (size_t i = 0; i < COUNT(parts); i++)
    assert_non_null(strstr(buf_text(&out), parts[i]));
  buf_fini(&out);
  file_list_fini(&files);
  file_list_fini(&rules);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_are_read_from_the_inputs_of_calls),
      cmocka_unit_test(a_summary_must_be_something_smaller_and_name_the_files),
      cmocka_unit_test(the_request_names_files_rules_and_items),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
