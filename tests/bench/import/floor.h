/* floor.h - the least that reading a tree can cost: every byte into one buffer that is used again, by one thread. */
#ifndef IMPORT_FLOOR_H
#define IMPORT_FLOOR_H

#include <stdint.h>

/* Bytes of all files below the folder; links are not followed. */
int64_t floor_read(const char *folder);

#endif
