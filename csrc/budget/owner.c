/* owner.c - see owner.h. A process id is used again after its process has died, so it goes with the time the process began; and
 * means nothing on another host or in another container, so it goes with the name of both. */
#include "budget/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __APPLE__
#include <libproc.h>
#include <sys/sysctl.h>
#endif

/* What is known of a process by its id. */
enum process {
  PROCESS_GONE,
  PROCESS_THERE,
  PROCESS_UNKNOWN /* it can't be looked at: taken for alive */
};

#ifdef __APPLE__

static enum process look_at(int64_t pid, int64_t *start_time) {
  struct proc_bsdinfo info;
  const int got = proc_pidinfo((int)pid, PROC_PIDTBSDINFO, 0, &info, (int)sizeof info);
  if (got != (int)sizeof info)
    return errno == ESRCH ? PROCESS_GONE : PROCESS_UNKNOWN;
  *start_time = (int64_t)info.pbi_start_tvsec * 1000000 + (int64_t)info.pbi_start_tvusec;
  return info.pbi_status == SZOMB ? PROCESS_GONE : PROCESS_THERE;
}

static void name_container(char *out, size_t size) {
  (void)snprintf(out, size, "%s", "");
}

#else

/* A small file as text; -1 if it can't be read. */
static ssize_t slurp(const char *path, char *into, size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  const ssize_t got = read(fd, into, size - 1);
  (void)close(fd);
  if (got < 0)
    return -1;
  into[got] = '\0';
  return got;
}

/* The system's start, as a few bits: "so many ticks after the start" is said by another process after another start. */
static int64_t boot_bits(void) {
  char id[64];
  uint64_t bits = 0;
  if (slurp("/proc/sys/kernel/random/boot_id", id, sizeof id) < 0)
    return 0;
  for (const char *at = id; *at != '\0'; at++)
    bits = bits * 31 + (unsigned char)*at;
  return (int64_t)(bits & 0xfffff);
}

static enum process look_at(int64_t pid, int64_t *start_time) {
  char path[48];
  char stat[1024];
  (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
  if (slurp(path, stat, sizeof stat) < 0)
    return errno == ENOENT || errno == ESRCH ? PROCESS_GONE : PROCESS_UNKNOWN;
  /* The second field is the program's name in parentheses, which may hold anything. The third is its state, the 22nd the
   * start. */
  char *at = strrchr(stat, ')');
  if (at == NULL || at[1] != ' ')
    return PROCESS_UNKNOWN;
  at += 2;
  const char state = *at;
  for (int field = 3; field < 22 && at != NULL; field++) {
    at = strchr(at, ' ');
    if (at != NULL)
      at++;
  }
  if (at == NULL)
    return PROCESS_UNKNOWN;
  *start_time = boot_bits() << 42 | (strtoll(at, NULL, 10) & ((INT64_C(1) << 42) - 1));
  return state == 'Z' || state == 'X' ? PROCESS_GONE : PROCESS_THERE;
}

/* Containers that share a folder have process ids of their own. */
static void name_container(char *out, size_t size) {
  char link[64];
  const ssize_t len = readlink("/proc/self/ns/pid", link, sizeof link - 1);
  link[len > 0 ? len : 0] = '\0';
  const char *digits = strpbrk(link, "0123456789");
  (void)snprintf(out, size, "/%.12s", digits != NULL ? digits : "");
  char *end = strchr(out, ']');
  if (end != NULL)
    *end = '\0';
}

#endif

int budget_owner_self(struct owner *out) {
  /* Looked up once per process; a fork is another one. */
  static _Thread_local struct owner known;
  const int64_t pid = getpid();
  if (known.pid != pid) {
    char host[48] = "";
    char container[16];
    struct owner self = {.pid = pid};
    if (gethostname(host, sizeof host - 1) != 0)
      (void)snprintf(host, sizeof host, "localhost");
    name_container(container, sizeof container);
    (void)snprintf(self.host, sizeof self.host, "%s%s", host, container);
    if (look_at(pid, &self.start_time) != PROCESS_THERE)
      self.start_time = 0;
    known = self;
  }
  *out = known;
  return PURSER_OK;
}

bool owner_is_alive(const struct owner *owner, const struct owner *self, int64_t touched_ms,
                    int64_t now_ms) {
  if (strcmp(owner->host, self->host) != 0)
    return now_ms - touched_ms < OWNER_FOREIGN_MS;
  if (owner->pid == self->pid)
    return owner->start_time == self->start_time;
  const bool mine = owner->pid > 0 && kill((pid_t)owner->pid, 0) == 0;
  if (!mine && (owner->pid <= 0 || errno == ESRCH))
    return false;
  int64_t start_time = 0;
  switch (look_at(owner->pid, &start_time)) {
  case PROCESS_GONE:
    /* Somebody else's process may be there and still not be shown. */
    return !mine;
  case PROCESS_THERE:
    /* 0: the owner could not read its own, so that only the id is known. */
    return owner->start_time == 0 || owner->start_time == start_time;
  case PROCESS_UNKNOWN: break;
  }
  return true;
}
