/* test_decoder_program.c - `purser decode` as a shell sees it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "support/support.h"
#include "support/temp.h"
#include "usage/decoder.h"

static const char stream[] =
    "{\"type\":\"thread.started\",\"thread_id\":\"th1\"}\n"
    "{\"type\":\"item.completed\",\"item\":{\"id\":\"i0\",\"type\":\"agent_message\",\"text\":\"Hi\"}}\n"
    "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":5,\"output_tokens\":2}}\n";

static const char events[] =
    "{\"kind\":\"session\",\"session\":\"th1\"}\n"
    "{\"kind\":\"text\",\"text\":\"Hi\"}\n"
    "{\"kind\":\"usage\",\"session\":\"th1\",\"scope\":\"session\",\"usage\":{\"input\":5,\"cache_read\":0,"
    "\"cache_write_5m\":0,\"cache_write_1h\":0,\"output\":2,\"reasoning\":0,\"web_searches\":0}}\n"
    "{\"kind\":\"result\",\"name\":\"completed\",\"session\":\"th1\"}\n";

/* Runs `purser ARGUMENTS` in a shell, both outputs into one buffer; returns the exit code. */
static int run(struct buf *out, const char *arguments) {
  char command[2048];
  char chunk[4096];
  size_t got = 0;
  buf_clear(out);
  (void)snprintf(command, sizeof command, "'%s' %s 2>&1", PURSER_PROGRAM, arguments);
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  while ((got = fread(chunk, 1, sizeof chunk, pipe)) > 0)
    buf_add(out, chunk, got);
  const int status = pclose(pipe);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void a_file_and_standard_input_give_an_event_a_line(void **state) {
  (void)state;
  struct temp temp;
  struct buf out = BUF_INIT;
  char arguments[1024];
  temp_make(&temp);
  temp_write(&temp, "stream.jsonl", stream, sizeof stream - 1);
  const char *path = temp_path(&temp, "stream.jsonl");
  (void)snprintf(arguments, sizeof arguments, "decode codex '%s'", path);
  assert_int_equal(run(&out, arguments), 0);
  assert_string_equal(buf_text(&out), events);
  (void)snprintf(arguments, sizeof arguments, "decode codex < '%s'", path);
  assert_int_equal(run(&out, arguments), 0);
  assert_string_equal(buf_text(&out), events);
  (void)snprintf(arguments, sizeof arguments, "decode codex - < '%s'", path);
  assert_int_equal(run(&out, arguments), 0);
  assert_string_equal(buf_text(&out), events);
  buf_fini(&out);
  temp_remove(&temp);
}

static void an_unknown_dialect_is_a_wrong_command_line_and_lists_them(void **state) {
  (void)state;
  struct buf out = BUF_INIT;
  assert_int_equal(run(&out, "decode klingon < /dev/null"), 64);
  for (const char *const *name = decoder_dialects(); *name != NULL; name++)
    assert_non_null(strstr(buf_text(&out), *name));
  assert_int_equal(run(&out, "decode < /dev/null"), 64);
  assert_int_equal(run(&out, "decode codex one two < /dev/null"), 64);
  buf_fini(&out);
}

static void what_cannot_be_read_or_written_is_one_message(void **state) {
  (void)state;
  struct buf out = BUF_INIT;
  assert_int_equal(run(&out, "decode codex /nowhere/to/be/found"), 1);
  assert_non_null(strstr(buf_text(&out), "/nowhere/to/be/found: No such file or directory"));
  assert_null(strchr(strchr(buf_text(&out), '\n') + 1, '\n'));
  assert_int_equal(run(&out, "decode codex /"), 1);
  assert_non_null(strstr(buf_text(&out), "Is a directory"));
  buf_fini(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_and_standard_input_give_an_event_a_line),
      cmocka_unit_test(an_unknown_dialect_is_a_wrong_command_line_and_lists_them),
      cmocka_unit_test(what_cannot_be_read_or_written_is_one_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
