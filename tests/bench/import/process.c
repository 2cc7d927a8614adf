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

struct measured process_run(const struct process *process) {
  posix_spawn_file_actions_t actions;
  struct rusage usage;
  pid_t pid = 0;
  int status = 0;
  const int in = input_of(process->input);
  const int out = open(process->output != NULL ? process->output : "/dev/null",
                       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (in < 0 || out < 0)
    give_up("open", errno);
  (void)posix_spawn_file_actions_init(&actions);
  (void)posix_spawn_file_actions_adddup2(&actions, in, 0);
  (void)posix_spawn_file_actions_adddup2(&actions, out, 1);
  (void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const int64_t began = clock_mono_ns(&clock_system);
  const int failed =
      posix_spawnp(&pid, process->argv[0], &actions, NULL, (char *const *)(uintptr_t)process->argv,
                   (char *const *)(uintptr_t)process->env);
  if (failed != 0)
    give_up(process->argv[0], failed);
  while (wait4(pid, &status, 0, &usage) < 0) {
    if (errno != EINTR)
      give_up("wait4", errno);
  }
  const int64_t ended = clock_mono_ns(&clock_system);
  (void)posix_spawn_file_actions_destroy(&actions);
  (void)close(in);
  (void)close(out);
  return (struct measured){
      .ns = ended - began,
      .cpu_ns = time_ns(&usage.ru_utime) + time_ns(&usage.ru_stime),
      .peak_kib = (int64_t)usage.ru_maxrss,
      .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
  };
}
