/* digest_suggestions.c - see digest_parts.h: what to do about it. */
#include "advice/digest_parts.h"
#include "advice/digest_text.h"
#include "advice/markdown.h"
#include "advice/suggest.h"
#include "base/money.h"

static void write_model(struct buf *out, const struct suggestion *s) {
  markdown_text(out, s->agent);
  buf_adds(out, " with ");
  markdown_text(out, s->to);
  buf_adds(out, "**: ");
  money_write_human(out, s->nanousd);
  buf_adds(out, " less. Its requests, most of them of ");
  markdown_text(out, s->from);
  buf_adds(out, ", cost ");
  money_write_human(out, s->cost_nanousd);
  buf_adds(out, "; the same tokens would have cost ");
  money_write_human(out, s->cost_nanousd - s->nanousd);
  buf_adds(out, ". Another model may use more or fewer.\n");
}

static void write_finding(struct buf *out, const struct suggestion *s) {
  static const struct {
    const char *what, *why;
  } words[FINDING_KINDS] = {
      [FINDING_VERBOSE_PROMPT] = {"begin with less", "the first prompt was far larger than usual"},
      [FINDING_CONTEXT] = {"compact earlier",
                           "the context grew, and most of it was sent again and again"},
      [FINDING_BREAK_UP] = {"give it smaller tasks",
                            "there were many requests, retries, or the same call over and over"},
      [FINDING_COLD_CACHE] = {"mind the cache", "it was written, and hardly read"},
      [FINDING_MODEL] = {"give small tasks to a small model", "the answers were short"},
  };
  const char *what = words[s->finding].what;
  const char *why = words[s->finding].why;
  markdown_text(out, s->agent);
  buf_addf(out, ": %s**: ", what != NULL ? what : finding_name((enum finding_kind)s->finding));
  buf_adds(out, s->measured ? "" : "about ");
  money_write_human(out, s->nanousd);
  buf_adds(out, " less. In ");
  digest_count(out, s->runs, "run");
  buf_addf(out, " %s%srun %lld is the dearest.\n", why != NULL ? why : "", why != NULL ? "; " : "",
           (long long)s->dearest_run);
}

int digest_suggestions(struct ledger *ledger, const struct catalog *catalog,
                       const struct digest_month *month, struct buf *out, struct error *error) {
  const struct zone *zone = ledger_zone(ledger);
  const int64_t since = calendar_days(month->first);
  const int64_t until = calendar_days(month->last) + 1;
  const struct suggest_query query = {
      .since_ms = zone_day_start_ms(zone, since),
      .until_ms = zone_day_start_ms(zone, until),
      .since_day = since,
      .until_day = until,
      .billing = month->billing,
  };
  struct suggestions suggestions;
  const int status = suggest(ledger, catalog, &query, &suggestions, error);
  buf_adds(out, "## What to do\n\n");
  for (size_t i = 0; i < suggestions.count; i++) {
    const struct suggestion *s = &suggestions.items[i];
    buf_addf(out, "%d. **", (int)i + 1);
    if (s->finding == SUGGEST_MODEL)
      write_model(out, s);
    else
      write_finding(out, s);
  }
  if (suggestions.count == 0)
    buf_adds(out, "Nothing stands out.\n");
  suggestions_fini(&suggestions);
  return status;
}
