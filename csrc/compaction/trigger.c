/* trigger.c - see trigger.h. */
#include "compaction/trigger.h"

#include "base/money.h"

const struct compaction_policy compaction_policy_default = {
    .due_permille = 920,
    .margin_permille = 1000,
    .minimum_nanousd = MONEY_PER_CENT / 2,
};

/* From here on an agent's own conversations tell more than the rule of thumb. */
enum {
  CONVERSATIONS_ENOUGH = 5
};
/* Of the usable window: what compaction must come below when the window is full. */
enum {
  ROOMY_PERMILLE = 700
};

const char *compaction_level_name(enum compaction_level level) {
  switch (level) {
  case COMPACTION_NONE: return "none";
  case COMPACTION_ADVISED: return "advised";
  case COMPACTION_DUE: return "due";
  }
  return "none";
}

const char *compaction_reason_name(enum compaction_reason reason) {
  switch (reason) {
  case COMPACTION_NOTHING_GAINED: return "nothing_gained";
  case COMPACTION_PAYS_BACK: return "pays_back";
  case COMPACTION_CACHE_COLD: return "cache_cold";
  case COMPACTION_WINDOW_FULL: return "window_full";
  }
  return "nothing_gained";
}

static int64_t price(int64_t tokens, int64_t rate, int64_t more_tokens, int64_t more_rate) {
  money_sum sum = {0};
  money_add_tokens(&sum, tokens, rate);
  money_add_tokens(&sum, more_tokens, more_rate);
  return money_round(sum);
}

static bool is_cold(const struct compaction_context *context) {
  return context->ttl_ms <= 0 || context->idle_ms < 0 || context->idle_ms >= context->ttl_ms;
}

static int64_t summary_price(const struct compaction_context *context,
                             const struct compaction_option *option, bool cold) {
  if (option->summary_tokens <= 0)
    return 0;
  const struct compaction_rates *rates = &context->summary_rates;
  const bool cached = context->summary_reads_cache && !cold;
  return price(context->context_tokens, cached ? rates->cache_read : rates->input,
               option->summary_tokens, rates->output);
}

/* Requests after which `debt` is paid off at `each`. */
static int64_t requests_to_pay(int64_t debt, int64_t each) {
  if (debt <= 0)
    return 0;
  return each <= 0 ? -1 : (debt + each - 1) / each;
}

void compaction_look_ahead(const struct compaction_context *context,
                           const struct compaction_option *option, struct compaction_outlook *out) {
  const struct compaction_rates *rates = &context->rates;
  const int64_t before = context->context_tokens;
  const int64_t after = option->size_tokens;
  const bool cold = is_cold(context);
  const int64_t prefix = cold ? 0 : option->prefix_tokens;
  *out = (struct compaction_outlook){.cold = cold};
  out->send_nanousd = price(before, cold ? rates->cache_write : rates->cache_read, 0, 0);
  out->compact_nanousd =
      money_add(summary_price(context, option, cold),
                price(prefix, rates->cache_read, after - prefix, rates->cache_write));
  out->later_nanousd = price(before - after, rates->cache_read, 0, 0);
  const int64_t now = out->send_nanousd - out->compact_nanousd;
  const int64_t later_milli =
      context->further_requests_milli > 1000 ? context->further_requests_milli - 1000 : 0;
  /* The next request is `now`; those after it save, at a rate per thousandth of one. */
  money_sum later = {0};
  money_add_tokens_scaled(&later, before - after, rates->cache_read, later_milli, 1000);
  out->saving_nanousd = money_add(now, money_round(later));
  out->pays_after = requests_to_pay(-now, out->later_nanousd);
}

/* ---- the judgement ---- */

static bool fills(const struct compaction_context *context, int64_t tokens, int64_t permille) {
  const int64_t usable = context->window - context->output_reserve;
  return context->window > 0 && tokens >= usable / 1000 * permille;
}

static bool is_smaller(const struct compaction_context *context,
                       const struct compaction_option *option) {
  return option->size_tokens <= context->context_tokens - context->context_tokens / 10;
}

/* What is lost if the conversation ends at once. */
static int64_t risked(const struct compaction_outlook *outlook) {
  const int64_t loss = outlook->compact_nanousd - outlook->send_nanousd;
  return loss > 0 ? loss : 0;
}

static bool is_worth_it(const struct compaction_outlook *outlook,
                        const struct compaction_policy *policy) {
  return outlook->saving_nanousd >= policy->minimum_nanousd &&
         outlook->saving_nanousd >= risked(outlook) / 1000 * policy->margin_permille;
}

void compaction_judge(const struct compaction_context *context,
                      const struct compaction_option *options, size_t count,
                      const struct compaction_policy *policy, struct compaction_verdict *out) {
  const bool full = fills(context, context->context_tokens, policy->due_permille);
  bool found = false;
  bool makes_room = false;
  *out = (struct compaction_verdict){.level = COMPACTION_NONE};
  for (size_t i = 0; i < count; i++) {
    if (!is_smaller(context, &options[i]))
      continue;
    struct compaction_outlook outlook;
    compaction_look_ahead(context, &options[i], &outlook);
    /* A full window that stays nearly full would be back at once: room counts before money. */
    const bool roomy = full && !fills(context, options[i].size_tokens, ROOMY_PERMILLE);
    if (found && (makes_room > roomy ||
                  (makes_room == roomy && outlook.saving_nanousd <= out->outlook.saving_nanousd)))
      continue;
    found = true;
    makes_room = roomy;
    out->option = i;
    out->outlook = outlook;
  }
  if (!found)
    return;
  if (full) {
    out->level = COMPACTION_DUE;
    out->reason = COMPACTION_WINDOW_FULL;
  } else if (is_worth_it(&out->outlook, policy)) {
    out->level = COMPACTION_ADVISED;
    out->reason = out->outlook.cold ? COMPACTION_CACHE_COLD : COMPACTION_PAYS_BACK;
  }
}

int64_t compaction_further_requests(const int64_t *lengths, size_t count, int64_t so_far) {
  int64_t went_on = 0;
  int64_t remained = 0;
  for (size_t i = 0; i < count; i++) {
    if (lengths[i] <= so_far)
      continue;
    went_on++;
    remained += lengths[i] - so_far;
  }
  if (went_on >= CONVERSATIONS_ENOUGH)
    return remained * 1000 / went_on;
  return so_far > 0 ? so_far * 1000 : 1000;
}
