/* piece.c - see piece.h. */
#include "import/piece.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum {
  TEXT_KEPT = 256 * 1024, /* a buffer that grew beyond it is given back */
  FAULTS_MAX = 64,        /* listed for one piece; all are counted */
  EXCERPT = 160
};

void piece_fini(struct piece *piece) {
  buf_fini(&piece->text);
  buf_fini(&piece->state);
  mem_free(piece->names);
  mem_free(piece->runs);
  mem_free(piece->requests);
  mem_free(piece->faults);
  *piece = (struct piece){0};
}

void piece_clear(struct piece *piece) {
  if (piece->text.cap > TEXT_KEPT)
    buf_fini(&piece->text);
  buf_clear(&piece->text);
  buf_clear(&piece->state);
  *piece = (struct piece){
      .text = piece->text,
      .state = piece->state,
      .names = piece->names,
      .name_cap = piece->name_cap,
      .runs = piece->runs,
      .run_cap = piece->run_cap,
      .requests = piece->requests,
      .request_cap = piece->request_cap,
      .faults = piece->faults,
      .fault_cap = piece->fault_cap,
  };
}

size_t piece_put(struct piece *piece, const char *text, size_t len) {
  struct buf *to = &piece->text;
  if (to->len == 0)
    buf_add(to, "", 1); /* offset 0 is "" */
  if (len == 0 || to->failed) {
    piece->failed = piece->failed || to->failed;
    return 0;
  }
  const size_t at = to->len;
  buf_add(to, text, len);
  buf_add(to, "", 1);
  if (!to->failed)
    return at;
  piece->failed = true;
  return 0;
}

int32_t piece_name(struct piece *piece, const char *text, size_t len) {
  /* The latest is the likeliest, and there are few. */
  for (size_t i = piece->name_count; i > 0; i--) {
    const char *known = piece_text(piece, piece->names[i - 1]);
    if (strncmp(known, text, len) == 0 && known[len] == '\0')
      return (int32_t)(i - 1);
  }
  void *names = piece->names;
  if (mem_grow(&names, &piece->name_cap, piece->name_count + 1, sizeof *piece->names) !=
      PURSER_OK) {
    piece->failed = true;
    return 0;
  }
  piece->names = names;
  piece->names[piece->name_count] = piece_put(piece, text, len);
  return (int32_t)piece->name_count++;
}

struct piece_run *piece_add_run(struct piece *piece) {
  void *runs = piece->runs;
  if (mem_grow(&runs, &piece->run_cap, piece->run_count + 1, sizeof *piece->runs) != PURSER_OK) {
    piece->failed = true;
    return NULL;
  }
  piece->runs = runs;
  struct piece_run *run = &piece->runs[piece->run_count++];
  *run = (struct piece_run){0};
  return run;
}

struct piece_request *piece_add_request(struct piece *piece) {
  void *requests = piece->requests;
  if (mem_grow(&requests, &piece->request_cap, piece->request_count + 1, sizeof *piece->requests) !=
      PURSER_OK) {
    piece->failed = true;
    return NULL;
  }
  piece->requests = requests;
  struct piece_request *request = &piece->requests[piece->request_count++];
  *request = (struct piece_request){0};
  return request;
}

void piece_add_fault(struct piece *piece, const char *kind, int64_t line, purser_str text) {
  void *faults = piece->faults;
  piece->malformed++;
  if (piece->fault_count >= FAULTS_MAX)
    return;
  if (mem_grow(&faults, &piece->fault_cap, piece->fault_count + 1, sizeof *piece->faults) !=
      PURSER_OK)
    return;
  piece->faults = faults;
  struct piece_fault *fault = &piece->faults[piece->fault_count++];
  fault->line = line;
  fault->text = piece_put(piece, text.ptr, text.len < EXCERPT ? text.len : EXCERPT);
  (void)snprintf(fault->kind, sizeof fault->kind, "%s", kind);
}
