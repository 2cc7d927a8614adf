/* sentence.c - see sentence.h. */
#include "budget/sentence.h"

#include <stdio.h>

#include "base/calendar.h"
#include "base/money.h"

/* "the monthly budget of agent reviewer ($5.00)" */
static void write_budget(struct buf *out, const struct policy_state *state) {
  static const char *const adjectives[] = {"monthly", "weekly", "daily"};
  const struct policy *p = &state->policy;
  buf_addf(out, "the %s budget of ", adjectives[p->period]);
  switch (p->scope) {
  case SCOPE_AGENT: buf_addf(out, "agent %s", p->scope_key); break;
  case SCOPE_WORKSPACE: buf_addf(out, "workspace %s", p->scope_key); break;
  case SCOPE_GLOBAL: buf_adds(out, "everything"); break;
  }
  if (p->has_limit) {
    buf_adds(out, " (");
    money_write_human(out, state->limit_nanousd);
    buf_addc(out, ')');
  }
}

static void write_money(struct buf *out, int64_t nanousd) {
  money_write_human(out, nanousd);
}

static void write_reset(struct buf *out, const struct policy_state *state,
                        const struct zone *zone) {
  buf_adds(out, "; it resets on ");
  calendar_write_date(out, zone_day(zone, state->period.end_ms));
}

static void write_refusal(struct buf *out, const struct admission *a, int64_t need,
                          const struct zone *zone) {
  const struct policy_state *s = &a->policy;
  const int64_t left = money_add(s->limit_nanousd, -s->spent_nanousd);
  switch (a->refusal) {
  case REFUSAL_NONE: break;
  case REFUSAL_WAIT:
    buf_adds(out, "runs in flight hold ");
    write_money(out, s->held_nanousd);
    buf_adds(out, " of ");
    write_budget(out, s);
    buf_adds(out, ": there is room when they give some back");
    break;
  case REFUSAL_EXHAUSTED:
    write_budget(out, s);
    if (left <= 0) {
      buf_adds(out, " is used up: ");
      write_money(out, s->spent_nanousd);
      buf_adds(out, " are spent");
    } else {
      buf_adds(out, " has ");
      write_money(out, left);
      buf_adds(out, " left, and this run needs at least ");
      write_money(out, need);
    }
    write_reset(out, s, zone);
    break;
  case REFUSAL_NEVER:
    if (s->limit_nanousd == 0) {
      write_budget(out, s);
      buf_adds(out, " allows no paid runs");
    } else {
      buf_adds(out, "this run needs at least ");
      write_money(out, need);
      buf_adds(out, ", more than all of ");
      write_budget(out, s);
    }
    break;
  case REFUSAL_UNPRICED:
    buf_adds(out, "the model has no price, so ");
    write_budget(out, s);
    buf_adds(out, " can't answer for it: give it a price or a fallback rate");
    break;
  }
}

void sentence_write(struct admission *out, int64_t need, const struct zone *zone) {
  struct buf text = BUF_INIT;
  out->message[0] = '\0';
  if (out->refusal != REFUSAL_NONE) {
    write_refusal(&text, out, need, zone);
  } else if (out->warned) {
    write_budget(&text, &out->policy);
    buf_adds(&text, " is exceeded; it only warns");
    write_reset(&text, &out->policy, zone);
  }
  (void)snprintf(out->message, sizeof out->message, "%s", buf_text(&text));
  if (out->message[0] >= 'a' && out->message[0] <= 'z')
    out->message[0] = (char)(out->message[0] - 'a' + 'A');
  buf_fini(&text);
}
