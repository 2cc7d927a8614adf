/* import_print.c - see import_print.h. */
#include "cli/import_print.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/money.h"

/* ---- the bar ---- */

enum {
  WIDTH = 30,
  REDRAW_NS = 50 * 1000 * 1000
};

void import_bar_begin(struct import_bar *bar, bool wanted) {
  bar->on = wanted && isatty(fileno(bar->cli->err)) == 1;
}

static void draw(struct import_bar *bar, int64_t done, int64_t booked) {
  char cells[WIDTH + 1];
  const int filled = bar->total > 0 ? (int)(done * WIDTH / bar->total) : WIDTH;
  memset(cells, ' ', WIDTH);
  memset(cells, '#', (size_t)filled);
  cells[WIDTH] = '\0';
  (void)fprintf(bar->cli->err, "\r[%s] %lld of %lld MB, %lld requests ", cells,
                (long long)(done / 1000000), (long long)(bar->total / 1000000), (long long)booked);
  (void)fflush(bar->cli->err);
  bar->visible = true;
}

int import_bar_step(void *data, const struct import_counts *total) {
  struct import_bar *bar = data;
  const int64_t now = clock_mono_ns(&clock_system);
  const int64_t all = total->bytes + (total->bytes_left > 0 ? total->bytes_left : 0);
  if (!bar->on || (bar->visible && now - bar->drawn_ns < REDRAW_NS))
    return 0;
  bar->drawn_ns = now;
  bar->total = all;
  draw(bar, total->bytes, total->booked);
  return 0;
}

void import_bar_end(struct import_bar *bar) {
  if (bar->visible)
    (void)fprintf(bar->cli->err, "\r\033[K");
}

/* ---- words ---- */

static void add_count(struct buf *out, int64_t count, const char *one, const char *many) {
  cli_write_count(out, count);
  buf_addf(out, " %s", count == 1 ? one : many);
}

static void add_remarks(struct buf *out, const struct import_counts *c) {
  const struct {
    int64_t count;
    const char *one, *many;
  } remarks[] = {
      {c->replaced, "better record of a known one", "better records of known ones"},
      {c->quarantined, "dated ahead and set aside", "dated ahead and set aside"},
      {c->uncertain, "uncertain", "uncertain"},
      {c->malformed, "line unreadable", "lines unreadable"},
      {c->failed, "file unreadable", "files unreadable"},
      {c->deferred, "file left to its run", "files left to their runs"},
  };
  for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++) {
    if (remarks[i].count == 0)
      continue;
    buf_adds(out, "; ");
    add_count(out, remarks[i].count, remarks[i].one, remarks[i].many);
  }
}

static void add_line(struct buf *out, const char *title, const struct import_counts *c,
                     bool dry_run) {
  buf_addf(out, "%s: ", title);
  add_count(out, c->files, "file", "files");
  if (c->files == 0) {
    buf_addc(out, '\n');
    return;
  }
  buf_adds(out, ", ");
  cli_write_count(out, c->read);
  buf_adds(out, " read; ");
  add_count(out, c->booked, "new request", "new requests");
  if (dry_run) {
    buf_adds(out, " would be booked");
  } else {
    buf_adds(out, " in ");
    add_count(out, c->runs, "new run", "new runs");
  }
  buf_adds(out, ", ");
  money_write_human(out, c->cost_nanousd);
  add_remarks(out, c);
  buf_addc(out, '\n');
}

void import_write_text(struct buf *out, const struct import_result *result, bool dry_run) {
  for (size_t i = 0; i < result->source_count; i++)
    add_line(out, result->sources[i].source->title, &result->sources[i].counts, dry_run);
}

void import_print_faults(struct cli *cli, const struct import_result *result) {
  enum {
    SHOWN = 10
  };
  for (size_t i = 0; i < result->fault_count && i < SHOWN; i++) {
    const struct import_fault *fault = &result->faults[i];
    (void)fprintf(cli->err, "%s: %s", cli->program, fault->path);
    if (fault->line > 0)
      (void)fprintf(cli->err, ":%lld", (long long)fault->line);
    (void)fprintf(cli->err, ": %s", fault->kind);
    if (fault->line == 0 && fault->text[0] != '\0')
      (void)fprintf(cli->err, ": %s", fault->text);
    (void)fputc('\n', cli->err);
  }
  if (result->fault_count > SHOWN)
    (void)fprintf(cli->err, "%s: and %zu more (--json lists them)\n", cli->program,
                  result->fault_count - SHOWN);
}

/* ---- JSON ---- */

static void add_fault(struct buf *out, const struct import_fault *fault) {
  json_put_item(out);
  json_open(out);
  json_put_text(out, "source", fault->source);
  json_put_text(out, "kind", fault->kind);
  json_put_text(out, "path", fault->path);
  if (fault->line > 0)
    json_put_i64(out, "line", fault->line);
  json_put_text(out, "text", fault->text);
  json_close(out);
}

void import_write_json(struct buf *out, const struct import_result *result, bool dry_run) {
  json_open(out);
  import_counts_write(out, &result->total);
  json_put_bool(out, "dry_run", dry_run);
  json_put_list(out, "sources");
  for (size_t i = 0; i < result->source_count; i++) {
    json_put_item(out);
    json_open(out);
    json_put_text(out, "source", result->sources[i].source->name);
    import_counts_write(out, &result->sources[i].counts);
    json_close(out);
  }
  buf_addc(out, ']');
  json_put_list(out, "faults");
  for (size_t i = 0; i < result->fault_count; i++)
    add_fault(out, &result->faults[i]);
  buf_adds(out, "]}\n");
}
