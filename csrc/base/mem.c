/* mem.c - see mem.h. */
#include "base/mem.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static const struct mem_hooks libc_hooks = {malloc, realloc, free};
static struct mem_hooks hooks = {malloc, realloc, free};

void mem_set_hooks(const struct mem_hooks *replacement) {
  hooks = replacement != NULL ? *replacement : libc_hooks;
}

void *mem_alloc(size_t size) {
  return hooks.allocate(size != 0 ? size : 1);
}

void *mem_zalloc(size_t size) {
  void *block = mem_alloc(size);
  if (block != NULL)
    memset(block, 0, size);
  return block;
}

void *mem_realloc(void *block, size_t size) {
  if (block == NULL)
    return mem_alloc(size);
  return hooks.resize(block, size != 0 ? size : 1);
}

void mem_free(void *block) {
  if (block != NULL)
    hooks.release(block);
}

char *mem_strndup(const char *text, size_t len) {
  if (text == NULL)
    return NULL;
  char *copy = mem_alloc(len + 1);
  if (copy == NULL)
    return NULL;
  memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

char *mem_strdup(const char *text) {
  return text != NULL ? mem_strndup(text, strlen(text)) : NULL;
}

int mem_grow(void **items, size_t *capacity, size_t want, size_t size) {
  if (want <= *capacity)
    return PURSER_OK;
  size_t cap = *capacity != 0 ? *capacity : 16;
  while (cap < want) {
    if (cap > SIZE_MAX / 2)
      return PURSER_ENOMEM;
    cap *= 2;
  }
  if (cap > SIZE_MAX / size)
    return PURSER_ENOMEM;
  void *grown = mem_realloc(*items, cap * size);
  if (grown == NULL)
    return PURSER_ENOMEM;
  *items = grown;
  *capacity = cap;
  return PURSER_OK;
}

/* SQLite wants to know a block's size; a header in front of it remembers. 16 bytes keep the alignment. */
enum {
  SQLITE_HEADER = 16
};

static void *sqlite_allocate(int size) {
  char *block = mem_alloc((size_t)size + SQLITE_HEADER);
  if (block == NULL)
    return NULL;
  memcpy(block, &size, sizeof size);
  return block + SQLITE_HEADER;
}

static void sqlite_release(void *block) {
  if (block != NULL)
    mem_free((char *)block - SQLITE_HEADER);
}

static void *sqlite_resize(void *block, int size) {
  char *grown = mem_realloc((char *)block - SQLITE_HEADER, (size_t)size + SQLITE_HEADER);
  if (grown == NULL)
    return NULL;
  memcpy(grown, &size, sizeof size);
  return grown + SQLITE_HEADER;
}

static int sqlite_size(void *block) {
  int size;
  memcpy(&size, (char *)block - SQLITE_HEADER, sizeof size);
  return size;
}

static int sqlite_roundup(int size) {
  return (size + 7) & ~7;
}

static int sqlite_init(void *data) {
  (void)data;
  return SQLITE_OK;
}

static void sqlite_shutdown(void *data) {
  (void)data;
}

int mem_install(void) {
  static bool done =
      false; /* the first caller is alone: it runs before any thread of ours is started */
  if (done)
    return PURSER_OK;
  static const sqlite3_mem_methods methods = {
      sqlite_allocate, sqlite_release, sqlite_resize,   sqlite_size,
      sqlite_roundup,  sqlite_init,    sqlite_shutdown, NULL,
  };
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
    return PURSER_ERROR;
  /* Nobody asks how much it has: counting takes a lock at each allocation. */
  (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  done = true;
  return PURSER_OK;
}
