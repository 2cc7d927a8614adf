/* process.h - running a program and measuring it: time from start to end, processor time, memory at its peak. */
#ifndef IMPORT_PROCESS_H
#define IMPORT_PROCESS_H

#include <stdint.h>

struct process {
  const char *const *argv; /* argv[0] is a path, or a name that PATH finds */
  const char *const *env;  /* all of it */
  const char *input;       /* what it reads, NULL nothing */
  const char *output;      /* the file that gets what it prints, NULL nowhere */
};

struct measured {
  int64_t ns;
  int64_t cpu_ns; /* of all its threads and of the children that it waited for */
  int64_t peak_kib;
  int exit_code; /* -1: killed */
};

/* Runs it to its end. Ends the benchmark if it can't be started. */
struct measured process_run(const struct process *process);

/* What main() calls first. A process's peak is at least that of whoever started it, and a benchmark that knows what is right is large: so
 * it starts itself anew for each measurement, and that starts the program. Does not come back from there. */
void process_be_the_starter(int argc, char **argv);

#endif
