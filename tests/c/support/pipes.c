/* pipes.c - see pipes.h. */
#include "support/pipes.h"

#include <unistd.h>

bool pipe_tell(int fd) {
  const char byte = 0;
  return write(fd, &byte, 1) == 1;
}

bool pipe_hear(int fd) {
  char byte;
  return read(fd, &byte, 1) == 1;
}
