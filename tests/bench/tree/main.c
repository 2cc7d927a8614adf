/* main.c - `make_tree FOLDER [seed=N] [mb=N] [traps=LIST] [density=PERCENT] [clients=LIST] [zone=NAME]`: a home folder of transcripts, and
 * beside it FOLDER.truth.json with what they amount to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"

static unsigned clients_of(const char *text) {
  return (strstr(text, "claude") != NULL ? TREE_CLAUDE : 0U) |
         (strstr(text, "codex") != NULL ? TREE_CODEX : 0U) |
         (strstr(text, "gemini") != NULL ? TREE_GEMINI : 0U) |
         (strstr(text, "opencode") != NULL ? TREE_OPENCODE : 0U);
}

static int usage(void) {
  (void)fputs(
      "usage: make_tree FOLDER [seed=N] [mb=N] [kb=N] [per_gb=FILES] [usage=PERCENT] [traps=all,-dates|everyday|none|...] "
      "[density=PERCENT] [clients=claude,codex,gemini,opencode] [zone=NAME]\ntraps:",
      stderr);
  for (int i = 0; trap_name(i) != NULL; i++)
    (void)fprintf(stderr, " %s", trap_name(i));
  (void)fputc('\n', stderr);
  return 64;
}

static const char *value_of(const char *argument, const char *key) {
  const size_t len = strlen(key);
  return strncmp(argument, key, len) == 0 && argument[len] == '=' ? argument + len + 1 : NULL;
}

static bool take(struct tree_options *options, const char **zone, const char *argument) {
  const char *value;
  if ((value = value_of(argument, "seed")) != NULL) {
    options->seed = strtoull(value, NULL, 10);
  } else if ((value = value_of(argument, "mb")) != NULL) {
    options->bytes = strtoll(value, NULL, 10) * 1000 * 1000;
  } else if ((value = value_of(argument, "kb")) != NULL) {
    options->bytes = strtoll(value, NULL, 10) * 1000;
  } else if ((value = value_of(argument, "per_gb")) != NULL) {
    options->files_per_gb = (int)strtol(value, NULL, 10);
  } else if ((value = value_of(argument, "usage")) != NULL) {
    options->usage_percent = (int)strtol(value, NULL, 10);
  } else if ((value = value_of(argument, "traps")) != NULL) {
    return traps_parse(value, &options->traps) == 0;
  } else if ((value = value_of(argument, "density")) != NULL) {
    options->density = (int)strtol(value, NULL, 10);
  } else if ((value = value_of(argument, "clients")) != NULL) {
    options->clients = clients_of(value);
  } else if ((value = value_of(argument, "zone")) != NULL) {
    *zone = value;
  } else {
    return false;
  }
  return true;
}

int main(int argc, char **argv) {
  struct tree_options options = {.seed = 1,
                                 .bytes = 10 * 1000 * 1000,
                                 .traps = TRAPS_ALL,
                                 .density = 100,
                                 .clients = TREE_CLAUDE | TREE_CODEX};
  const char *zone_text = "America/New_York";
  struct zone *zone = NULL;
  struct error error = {0};
  struct truth truth;
  char path[4096];
  if (argc < 2)
    return usage();
  for (int i = 2; i < argc; i++) {
    if (!take(&options, &zone_text, argv[i]))
      return usage();
  }
  if (zone_load(&zone, zone_text, &error) != PURSER_OK) {
    (void)fprintf(stderr, "make_tree: %s\n", error_text(&error));
    return 1;
  }
  options.root = argv[1];
  tree_make(&options, &truth);
  (void)snprintf(path, sizeof path, "%s.truth.json", argv[1]);
  FILE *file = fopen(path, "w");
  if (file != NULL)
    truth_write(&truth, zone, file);
  const int status = file != NULL && fclose(file) == 0 ? 0 : 1;
  (void)printf("%lld files, %.1f MB, %zu requests, usage on %.1f %% of the bytes\n",
               (long long)truth.files, (double)truth.bytes / 1e6, truth.count,
               100.0 * (double)truth.usage_bytes / (double)(truth.bytes > 0 ? truth.bytes : 1));
  truth_fini(&truth);
  zone_free(zone);
  return status;
}
