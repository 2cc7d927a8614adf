/* world.c - places, times, chances; see world.h. */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

void tree_die(const char *format, ...) {
  va_list args;
  va_start(args, format);
  (void)fputs("tree: ", stderr);
  (void)vfprintf(stderr, format, args); // NOLINT(clang-analyzer-valist.Uninitialized)
  (void)fputc('\n', stderr);
  va_end(args);
  exit(1);
}

void *tree_grown(void *old, size_t count, size_t size) {
  void *grown = realloc(old, count * size);
  if (grown == NULL)
    tree_die("out of memory");
  return grown;
}

/* ---- places ---- */

static const struct {
  const char *cwd, *json;
} odd_places[] = {
    {"/home/someone/projects/caf\xc3\xa9 \"one\"", "/home/someone/projects/caf\\u00e9 \\\"one\\\""},
    {"/home/someone/projects/back\\slash", "/home/someone/projects/back\\\\slash"},
};

static char *copy_of(const char *text) {
  const size_t size = strlen(text) + 1;
  return memcpy(tree_grown(NULL, size, 1), text, size);
}

/* As Claude Code names a project's folder: what is neither letter nor digit becomes a dash. */
static char *folder_of(const char *cwd) {
  char *folder = copy_of(cwd);
  for (char *c = folder; *c != '\0'; c++) {
    const bool plain =
        (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
    if (!plain)
      *c = '-';
  }
  return folder;
}

static void make_workspaces(struct world *world, int count) {
  const int odd = world_has(world, TRAP_ESCAPED_NAMES) ? 2 : 0;
  world->workspaces = tree_grown(NULL, (size_t)count, sizeof *world->workspaces);
  world->workspace_count = count;
  for (int i = 0; i < count; i++) {
    struct workspace *w = &world->workspaces[i];
    char cwd[64];
    (void)snprintf(cwd, sizeof cwd, "/home/someone/projects/ship-%02d", i);
    const bool is_odd = i >= 1 && i <= odd;
    w->cwd = copy_of(is_odd ? odd_places[i - 1].cwd : cwd);
    w->json = copy_of(is_odd ? odd_places[i - 1].json : cwd);
    w->folder = folder_of(w->cwd);
    w->name = truth_name(&world->truth->workspaces, w->cwd);
  }
}

void world_open(struct world *world, const struct tree_options *options, struct truth *truth) {
  const int64_t large = INT64_C(50) * 1000 * 1000;
  int64_t day = 0;
  *world = (struct world){.options = options, .truth = truth};
  text_make(&world->text, options->bytes > large ? 16 * 1000 * 1000 : 1000 * 1000, options->seed,
            world_has(world, TRAP_DECOY));
  make_workspaces(world, options->bytes > large ? 40 : 8);
  (void)calendar_parse_date("2026-06-20", &day);
  world->first_ms = day * DAY_MS;
}

void world_close(struct world *world) {
  for (int i = 0; i < world->workspace_count; i++) {
    free((void *)(uintptr_t)world->workspaces[i].cwd);
    free((void *)(uintptr_t)world->workspaces[i].json);
    free((void *)(uintptr_t)world->workspaces[i].folder);
  }
  free(world->workspaces);
  text_free(&world->text);
}

const struct workspace *world_workspace(const struct world *world, struct dice *dice) {
  const int limit = dice_int(dice, 1, world->workspace_count);
  return &world->workspaces[dice_int(dice, 0, limit - 1)];
}

int64_t world_moment(const struct world *world, struct dice *dice) {
  enum {
    DAYS = 120
  };
  const int64_t day = dice_between(dice, 0, DAYS - 1);
  return world->first_ms + day * DAY_MS + dice_between(dice, 6 * HOUR_MS, 22 * HOUR_MS);
}

/* ---- chances ---- */

int world_files_per_gb(const struct world *world) {
  enum {
    USUAL = 2000
  };
  return world->options->files_per_gb > 0 ? world->options->files_per_gb : USUAL;
}

int64_t world_share(const struct world *world, int64_t usage_bytes) {
  enum {
    USUAL = 20 /* what is not filled up at a file's end brings it to 22 */
  };
  const int percent = world->options->usage_percent;
  return usage_bytes * 100 / (percent > 0 ? percent : USUAL);
}

bool world_has(const struct world *world, enum trap trap) {
  return (world->options->traps & TRAP_BIT(trap)) != 0;
}

bool world_springs(const struct world *world, struct dice *dice, enum trap trap, int permille) {
  const bool rolled = dice_permille(dice, permille * world->options->density / 100);
  return rolled && world_has(world, trap);
}

void world_planted(struct world *world, enum trap trap) {
  world->truth->planted[trap]++;
}

/* ---- names ---- */

void id_uuid(char *out, struct dice *dice) {
  const uint64_t a = dice_roll(dice);
  const uint64_t b = dice_roll(dice);
  (void)snprintf(out, ID_SIZE, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
                 (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
                 (unsigned)(0x8000 | (b >> 48 & 0x3fff)),
                 (unsigned long long)(b & UINT64_C(0xffffffffffff)));
}

void id_uuid7(char *out, struct dice *dice, int64_t at_ms) {
  const uint64_t a = dice_roll(dice);
  (void)snprintf(out, ID_SIZE, "%08x-%04x-7%03x-%04x-%012llx", (unsigned)(at_ms >> 16),
                 (unsigned)(at_ms & 0xffff), (unsigned)(a >> 52),
                 (unsigned)(0x8000 | (dice_roll(dice) & 0x3fff)),
                 (unsigned long long)(a & UINT64_C(0xffffffffffff)));
}

void id_made(char *out, const char *prefix, int letters, struct dice *dice) {
  static const char digits[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  size_t at = strlen(prefix);
  memcpy(out, prefix, at);
  for (int i = 0; i < letters; i += 8) {
    uint64_t bits = dice_roll(dice);
    for (int k = i; k < i + 8 && k < letters; k++, bits >>= 8)
      out[at++] = digits[(bits & 0xff) % (sizeof digits - 1)];
  }
  out[at] = '\0';
}

void time_write(char *out, int64_t at_ms) {
  const int64_t day = at_ms >= 0 ? at_ms / DAY_MS : -((-at_ms + DAY_MS - 1) / DAY_MS);
  const struct civil date = calendar_civil(day);
  const int ms = (int)(at_ms - day * DAY_MS);
  (void)snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)date.year % 10000,
                 (int)date.month % 100, (int)date.day % 100, ms / 3600000 % 100, ms / 60000 % 60,
                 ms / 1000 % 60, ms % 1000);
}
