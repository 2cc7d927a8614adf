/* import_print.h - an import as it goes on and as it ended, for people and for programs. */
#ifndef CLI_IMPORT_PRINT_H
#define CLI_IMPORT_PRINT_H

#include "base/buf.h"
#include "cli/cli.h"
#include "import/import.h"

/* The bar on a terminal; nothing where err is none. */
struct import_bar {
  struct cli *cli;
  int64_t total; /* bytes */
  int64_t drawn_ns;
  bool on;
  bool visible;
};
void import_bar_begin(struct import_bar *bar, bool wanted);
/* import_options.progress; `data` is the bar. */
int import_bar_step(void *data, const struct import_counts *total);
void import_bar_end(struct import_bar *bar);

void import_write_text(struct buf *out, const struct import_result *result, bool dry_run);
void import_write_json(struct buf *out, const struct import_result *result, bool dry_run);
/* The first few of what could not be read, on err. */
void import_print_faults(struct cli *cli, const struct import_result *result);

#endif
