/* program.c - see program.h. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

static void read_all(FILE *file, struct buf *into) {
  char chunk[4096];
  size_t got;
  while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
    buf_add(into, chunk, got);
}

int program_run(const char *program, const char *arguments, struct buf *out, struct buf *err) {
  char command[2048];
  char errors[] = "/tmp/purser-stderr-XXXXXX";
  const int fd = mkstemp(errors);
  assert_true(fd >= 0);
  const int len =
      snprintf(command, sizeof command, "exec \"%s\" %s 2>%s", program, arguments, errors);
  assert_in_range(len, 1, sizeof command - 1);
  FILE *pipe = popen(command, "r"); // NOLINT(cert-env33-c): the test's own words
  assert_non_null(pipe);
  buf_clear(out);
  read_all(pipe, out);
  const int status = pclose(pipe);
  FILE *file = fdopen(fd, "r");
  assert_non_null(file);
  if (err != NULL) {
    buf_clear(err);
    read_all(file, err);
  }
  (void)fclose(file);
  (void)unlink(errors);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}
