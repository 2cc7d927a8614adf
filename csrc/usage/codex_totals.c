/* codex_totals.c - see codex_totals.h. */
#include "usage/codex_totals.h"

#include <string.h>

#include "usage/tokens.h"

static bool same(const purser_usage *a, const purser_usage *b) {
  return a->input == b->input && a->cache_read == b->cache_read &&
         a->cache_write_5m == b->cache_write_5m && a->output == b->output;
}

static enum codex_step at_seam(struct codex_totals *totals, const purser_usage *total,
                               const purser_usage *last, purser_usage *out) {
  totals->known = true;
  totals->mark = *total;
  if (last == NULL) {
    *out = *total;
    return tokens_none(total) ? CODEX_REPEATED : CODEX_UNSURE;
  }
  *out = *last;
  return tokens_none(last) ? CODEX_REPEATED : CODEX_REQUEST;
}

enum codex_step codex_totals_next(struct codex_totals *totals, const purser_usage *total,
                                  const purser_usage *last, purser_usage *out, bool *clamped) {
  if (!totals->known)
    return at_seam(totals, total, last, out);
  if (tokens_total(total) > tokens_total(&totals->mark)) {
    *out = tokens_minus(total, &totals->mark, clamped);
    totals->mark = *total;
    return CODEX_REQUEST;
  }
  /* A counter that began anew shows its first request alone; anything else that is lower was written before. */
  if (last != NULL && same(total, last) && !same(total, &totals->mark) && !tokens_none(last)) {
    *out = *last;
    totals->mark = *total;
    return CODEX_REQUEST;
  }
  return CODEX_REPEATED;
}

void codex_totals_counted(struct codex_totals *totals, const purser_usage *total) {
  if (!totals->known || tokens_total(total) > tokens_total(&totals->mark))
    totals->mark = *total;
  totals->known = true;
}

static int hex(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

int64_t codex_id_ms(purser_str id) {
  /* "01a208a1-db60-7461-aab1-556503a45002": 48 bits of time, then the version. */
  if (id.len != 36 || id.ptr[8] != '-' || id.ptr[13] != '-' || id.ptr[14] != '7')
    return 0;
  int64_t ms = 0;
  for (size_t i = 0; i < 13; i++) {
    if (i == 8)
      continue;
    const int digit = hex(id.ptr[i]);
    if (digit < 0)
      return 0;
    ms = ms * 16 + digit;
  }
  return ms;
}
