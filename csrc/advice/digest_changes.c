/* digest_changes.c - see digest_parts.h: how a month differs from the one before. */
#include "advice/digest_parts.h"
#include "advice/digest_text.h"
#include "base/money.h"

enum {
  CHANGES = 5
};

struct change {
  const struct digest_row *row;
  size_t cut;
  int64_t amount;
};

static int64_t size_of(int64_t amount) {
  return amount < 0 ? -amount : amount;
}

/* The largest ones, by insertion. */
static size_t find_changes(const struct digest_month *month, struct change out[CHANGES]) {
  size_t count = 0;
  for (size_t c = 0; c < DIGEST_CUTS; c++) {
    for (size_t i = 0; i < month->cuts[c].count; i++) {
      const struct digest_row *row = &month->cuts[c].rows[i];
      struct change change = {row, c, row->now.cost_nanousd - row->before.cost_nanousd};
      if (size_of(change.amount) < MONEY_PER_CENT)
        continue;
      for (size_t at = 0; at < count; at++) {
        if (size_of(change.amount) > size_of(out[at].amount)) {
          const struct change other = out[at];
          out[at] = change;
          change = other;
        }
      }
      if (count < CHANGES)
        out[count++] = change;
    }
  }
  return count;
}

static void write_change(struct buf *out, const struct change *change) {
  static const char *const words[] = {"Agent", "Workspace", "Model"};
  const int64_t now = change->row->now.cost_nanousd;
  const int64_t before = change->row->before.cost_nanousd;
  buf_addf(out, "- %s **", words[change->cut]);
  digest_key(out, change->row->key);
  buf_adds(out, "**: ");
  if (before == 0) {
    buf_adds(out, "new, with ");
    money_write_human(out, now);
  } else if (now == 0) {
    buf_adds(out, "nothing, after ");
    money_write_human(out, before);
  } else {
    money_write_human(out, size_of(change->amount));
    buf_adds(out, change->amount > 0 ? " more (" : " less (");
    money_write_human(out, now);
    buf_adds(out, " after ");
    money_write_human(out, before);
    buf_addc(out, ')');
  }
  buf_adds(out, ".\n");
}

void digest_changes(struct buf *out, const struct digest_month *month) {
  struct change changes[CHANGES];
  buf_adds(out, "## What changed\n\n");
  if (month->cuts[0].before.requests == 0) {
    buf_adds(out, "Nothing was booked in ");
    digest_before(out, month);
    buf_adds(out, ": there is nothing to compare with.\n\n");
    return;
  }
  const size_t count = find_changes(month, changes);
  for (size_t i = 0; i < count; i++)
    write_change(out, &changes[i]);
  buf_adds(out, count > 0 ? "\n" : "Hardly anything.\n\n");
}
