/* Runs a fuzz target over the files of its corpus, once each, where there is no libFuzzer: in every
 * ordinary build, so that an input which once broke a parser is tried for ever after.
 *
 *   fuzz_thing CORPUS_DIR
 */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path) {
  int rc = -1;
  uint8_t *data = NULL;
  size_t size = 0;
  size_t room = 0;
  FILE *file = fopen(path, "rb");

  if (!file)
    goto out;
  for (;;) {
    if (size == room) {
      size_t wanted = room ? room * 2 : 4096;
      uint8_t *grown = realloc(data, wanted);
      if (!grown)
        goto out;
      data = grown;
      room = wanted;
    }
    size_t got = fread(data + size, 1, room - size, file);
    if (got == 0)
      break;
    size += got;
  }
  if (ferror(file))
    goto out;

  /* A copy of the exact length lets the sanitizer see a read past the end. */
  uint8_t *exact = malloc(size ? size : 1);
  if (!exact)
    goto out;
  memcpy(exact, data, size);
  LLVMFuzzerTestOneInput(exact, size);
  free(exact);
  rc = 0;

out:
  if (rc != 0)
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
  if (file)
    fclose(file);
  free(data);
  return rc;
}

int main(int argc, char **argv) {
  int failed = 0;
  unsigned replayed = 0;

  if (argc != 2) {
    fprintf(stderr, "usage: %s CORPUS_DIR\n", argv[0]);
    return 64;
  }
  LLVMFuzzerTestOneInput((const uint8_t *)"", 0);

  DIR *dir = opendir(argv[1]);
  if (!dir && errno != ENOENT) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
    char path[4096];
    if (entry->d_name[0] == '.')
      continue;
    int length = snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
    if (length < 0 || (size_t)length >= sizeof path || replay_file(path) != 0)
      failed = 1;
    replayed++;
  }
  if (dir)
    closedir(dir);
  printf("%u inputs replayed\n", replayed);
  return failed;
}
