/* zone_find.c - where zones are on a machine, and which one is the system's. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/zone.h"
#include "base/zone_internal.h"

enum {
  ZONE_FILE_MAX = 1 << 20
};

/* Debian and most others, Solaris and old BSDs, NixOS. TZDIR comes before them. */
static const char *const folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                      "/usr/share/lib/zoneinfo", "/etc/zoneinfo"};

static int read_small_file(const char *path, struct buf *out) {
  int status = PURSER_ENOTFOUND;
  struct stat info;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return status;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > ZONE_FILE_MAX)
    goto out;
  for (;;) {
    char chunk[4096];
    const ssize_t got = read(fd, chunk, sizeof chunk);
    if (got == 0)
      break;
    if (got < 0) {
      if (errno == EINTR)
        continue;
      status = PURSER_EIO;
      goto out;
    }
    buf_add(out, chunk, (size_t)got);
    if (out->len > ZONE_FILE_MAX)
      goto out;
  }
  status = buf_status(out);

out:
  (void)close(fd);
  return status;
}

static int load_file(struct zone **out, const char *path, const char *name, struct error *error) {
  struct buf bytes = BUF_INIT;
  int status = read_small_file(path, &bytes);
  if (status == PURSER_OK)
    status = zone_from_bytes(out, name, bytes.data, bytes.len, error);
  else
    (void)error_set(error, status, "time zone: can't read %s", path);
  buf_fini(&bytes);
  return status;
}

/* Names are looked up below the zone folders and nowhere else. */
static bool name_is_safe(const char *name) {
  if (name[0] == '/' || name[0] == '\0' || strlen(name) > 200)
    return false;
  for (const char *part = name;; part++) {
    const size_t len = strcspn(part, "/");
    if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.'))
      return false;
    part += len;
    if (*part == '\0')
      return true;
  }
}

static bool is_utc(const char *name) {
  static const char *const names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "Zulu", "Etc/UCT"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(name, names[i]) == 0)
      return true;
  }
  return false;
}

static int load_named(struct zone **out, const char *name, struct error *error) {
  if (!name_is_safe(name))
    return error_set(error, PURSER_ENOTFOUND,
                     "\"%s\" is no time zone: give an IANA name such as Europe/Berlin", name);
  /* Known everywhere, also where tzdata is not installed. */
  if (is_utc(name))
    return zone_from_rule(out, name, "UTC0", error);

  const char *own = getenv("TZDIR");
  char path[PATH_MAX];
  for (size_t i = 0; i <= sizeof folders / sizeof folders[0]; i++) {
    const char *folder = i == 0 ? own : folders[i - 1];
    if (folder == NULL || folder[0] == '\0')
      continue;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
      continue;
    const int status = load_file(out, path, name, error);
    if (status != PURSER_ENOTFOUND)
      return status;
  }
  const int status = zone_from_rule(out, name, name, error);
  if (status != PURSER_EPARSE)
    return status;
  return error_set(error, PURSER_ENOTFOUND,
                   "time zone \"%s\" was not found under %s: give an IANA name such as "
                   "Europe/Berlin, or install tzdata",
                   name, own != NULL && own[0] != '\0' ? own : folders[0]);
}

/* "/usr/share/zoneinfo/Europe/Berlin" -> "Europe/Berlin"; NULL if it lies elsewhere. */
static const char *name_of_path(const char *path) {
  const char *at = strstr(path, "zoneinfo/");
  if (at == NULL)
    return NULL;
  at += strlen("zoneinfo/");
  /* Some link through a tree with or without leap seconds. */
  if (strncmp(at, "posix/", 6) == 0)
    at += 6;
  return at[0] != '\0' ? at : NULL;
}

static int load_path(struct zone **out, const char *path, struct error *error) {
  char real[PATH_MAX];
  return load_file(out, path, realpath(path, real) != NULL ? name_of_path(real) : NULL, error);
}

/* TZ: ":Europe/Berlin", "Europe/Berlin", "/path/to/file", "CET-1CEST,M3.5.0,M10.5.0/3"; empty is UTC. */
static int load_tz(struct zone **out, const char *tz) {
  if (tz[0] == ':')
    tz++;
  if (tz[0] == '\0')
    return zone_from_rule(out, "UTC", "UTC0", NULL);
  if (tz[0] == '/')
    return load_path(out, tz, NULL);
  return load_named(out, tz, NULL);
}

static int load_etc_timezone(struct zone **out) {
  struct buf text = BUF_INIT;
  int status = read_small_file("/etc/timezone", &text);
  if (status == PURSER_OK) {
    char *name = mem_strndup(buf_text(&text), strcspn(buf_text(&text), " \t\r\n#"));
    status = name != NULL ? load_named(out, name, NULL) : PURSER_ENOMEM;
    mem_free(name);
  }
  buf_fini(&text);
  return status;
}

static int load_system(struct zone **out, struct error *error) {
  int status = PURSER_ENOTFOUND;
  char real[PATH_MAX];
  const char *tz = getenv("TZ");
  if (tz != NULL)
    status = load_tz(out, tz);
  /* A link says the name; a copy does not, then /etc/timezone may. */
  if (status != PURSER_OK && status != PURSER_ENOMEM && realpath("/etc/localtime", real) != NULL &&
      name_of_path(real) != NULL)
    status = load_path(out, "/etc/localtime", NULL);
  if (status != PURSER_OK && status != PURSER_ENOMEM)
    status = load_etc_timezone(out);
  if (status != PURSER_OK && status != PURSER_ENOMEM)
    status = load_path(out, "/etc/localtime", NULL);
  if (status != PURSER_OK && status != PURSER_ENOMEM)
    status = zone_from_rule(out, "UTC", "UTC0", NULL);
  if (status != PURSER_OK)
    return error_set(error, status, "read the system's time zone: %s", purser_strerror(status));
  return PURSER_OK;
}

int zone_load(struct zone **out, const char *name, struct error *error) {
  *out = NULL;
  if (name == NULL || name[0] == '\0')
    return load_system(out, error);
  return load_named(out, name, error);
}
