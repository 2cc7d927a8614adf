/* process.c - see process.h. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

static void give_up(const char *what, int code) {
  (void)fprintf(stderr, "benchmark: %s: %s\n", what, strerror(code));
  exit(1);
}

/* A descriptor to read `input` from. Small inputs only: they fit into a pipe. */
static int input_of(const char *input) {
  int ends[2];
  if (input == NULL)
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
  const size_t len = strlen(input);
  if (pipe(ends) != 0 || write(ends[1], input, len) != (ssize_t)len)
    give_up("pipe", errno);
  (void)close(ends[1]);
  return ends[0];
}

static int64_t time_ns(const struct timeval *time) {
  return (int64_t)time->tv_sec * 1000000000 + (int64_t)time->tv_usec * 1000;
}

static const char starter[] = "--start";

enum {
  RESULT_FD = 3
};

/* In the small process between: everything but the result's pipe is the program's. */
static struct measured measure(char *const *argv) {
  struct rusage usage;
  pid_t pid = 0;
  int status = 0;
  posix_spawn_file_actions_t actions;
  (void)posix_spawn_file_actions_init(&actions);
  (void)posix_spawn_file_actions_addclose(&actions, RESULT_FD);
  const int64_t began = clock_mono_ns(&clock_system);
  const int failed = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
  if (failed != 0)
    return (struct measured){.exit_code = -failed - 1};
  while (wait4(pid, &status, 0, &usage) < 0) {
    if (errno != EINTR)
      give_up("wait4", errno);
  }
  const int64_t ended = clock_mono_ns(&clock_system);
  (void)posix_spawn_file_actions_destroy(&actions);
  return (struct measured){
      .ns = ended - began,
      .cpu_ns = time_ns(&usage.ru_utime) + time_ns(&usage.ru_stime),
      .peak_kib = (int64_t)usage.ru_maxrss,
      .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
  };
}

void process_be_the_starter(int argc, char **argv) {
  if (argc < 3 || strcmp(argv[1], starter) != 0)
    return;
  const struct measured m = measure(argv + 2);
  _exit(write(RESULT_FD, &m, sizeof m) == (ssize_t)sizeof m ? 0 : 1);
}

static pid_t start(const struct process *process, int result) {
  posix_spawn_file_actions_t actions;
  const char *argv[64] = {"bench_import", starter};
  size_t count = 2;
  pid_t pid = 0;
  const int in = input_of(process->input);
  const int out = open(process->output != NULL ? process->output : "/dev/null",
                       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (in < 0 || out < 0)
    give_up("open", errno);
  for (size_t i = 0; process->argv[i] != NULL && count < 63; i++)
    argv[count++] = process->argv[i];
  (void)posix_spawn_file_actions_init(&actions);
  (void)posix_spawn_file_actions_adddup2(&actions, in, 0);
  (void)posix_spawn_file_actions_adddup2(&actions, out, 1);
  (void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  (void)posix_spawn_file_actions_adddup2(&actions, result, RESULT_FD);
  const int failed =
      posix_spawn(&pid, "/proc/self/exe", &actions, NULL, (char *const *)(uintptr_t)argv,
                  (char *const *)(uintptr_t)process->env);
  if (failed != 0)
    give_up("/proc/self/exe", failed);
  (void)posix_spawn_file_actions_destroy(&actions);
  (void)close(in);
  (void)close(out);
  return pid;
}

struct measured process_run(const struct process *process) {
  struct measured m = {0};
  int ends[2];
  int status = 0;
  if (pipe2(ends, O_CLOEXEC) != 0)
    give_up("pipe", errno);
  const pid_t pid = start(process, ends[1]);
  (void)close(ends[1]);
  if (read(ends[0], &m, sizeof m) != (ssize_t)sizeof m || m.exit_code < -1)
    give_up(process->argv[0], m.exit_code < -1 ? -m.exit_code - 1 : EIO);
  (void)close(ends[0]);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return m;
}
