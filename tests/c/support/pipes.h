/* pipes.h - a byte through a pipe: how processes of a test wait for each other. */
#ifndef SUPPORT_PIPES_H
#define SUPPORT_PIPES_H

#include <stdbool.h>

/* Sends a byte; false when nobody listens. */
bool pipe_tell(int fd);
/* Waits for a byte; false when all writers have closed. */
bool pipe_hear(int fd);

#endif
