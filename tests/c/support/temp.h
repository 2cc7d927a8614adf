/* temp.h - a folder that is gone after the test. */
#ifndef SUPPORT_TEMP_H
#define SUPPORT_TEMP_H

#include <stddef.h>

struct temp {
  char path[512];
};

/* Makes a fresh folder; fails the test if it can't. */
void temp_make(struct temp *temp);
/* Removes it with all that is in it, read-only files and folders included. */
void temp_remove(struct temp *temp);

/* The path of `name` below the folder; one of a few rotating static buffers. */
const char *temp_path(const struct temp *temp, const char *name);
/* Writes a file; fails the test if it can't. */
void temp_write(const struct temp *temp, const char *name, const void *bytes, size_t len);
/* Reads a whole file below the folder; the caller frees with free(). NULL if there is none. */
char *temp_read(const struct temp *temp, const char *name, size_t *len);

#endif
