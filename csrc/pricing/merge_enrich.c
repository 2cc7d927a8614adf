/* merge_enrich.c - adding to a card what another one has beyond it; see merge.h. */
#include <string.h>

#include "pricing/merge.h"

__extension__ typedef __int128 i128;

static int64_t moved(int64_t rate, int64_t from, int64_t to) {
  if (rate < 0 || from <= 0 || to < 0)
    return rate;
  return (int64_t)(((i128)rate * to + from / 2) / from);
}

/* A class costs a multiple of the standard price; where that has other dates, the multiple stays. */
static void move_rates(struct rates *rates, const struct rates *from, const struct rates *to) {
  rates->input = moved(rates->input, from->input, to->input);
  rates->output = moved(rates->output, from->output, to->output);
  rates->reasoning = moved(rates->reasoning, from->output, to->output);
  rates->cache_read = moved(rates->cache_read, from->input, to->input);
  rates->cache_write_5m = moved(rates->cache_write_5m, from->input, to->input);
  rates->cache_write_1h = moved(rates->cache_write_1h, from->input, to->input);
}

bool merge_has_class(const struct draft_card *card, enum price_class class) {
  for (size_t i = 0; i < card->step_count; i++) {
    if (card->steps[i].class == class && (class != CLASS_STANDARD || card->steps[i].above > 0))
      return true;
  }
  return false;
}

static void fill_base(struct rates *rates, const struct rates *from) {
  if (rates->cache_read < 0)
    rates->cache_read = from->cache_read;
  if (rates->cache_write_5m < 0)
    rates->cache_write_5m = from->cache_write_5m;
  if (rates->cache_write_1h < 0)
    rates->cache_write_1h = from->cache_write_1h;
  if (rates->reasoning < 0)
    rates->reasoning = from->reasoning;
}

void merge_enrich_card(struct draft_set *set, struct draft_card *card,
                       const struct draft_card *from, bool long_steps) {
  const struct rates ours = card->steps[0].rates;
  const struct rates theirs = from->steps[0].rates;
  bool had[CLASS_COUNT];
  for (int class = 0; class < CLASS_COUNT; class ++)
    had[class] = merge_has_class(card, (enum price_class) class);
  for (size_t i = 1; i < from->step_count; i++) {
    const struct price_step *more = &from->steps[i];
    if (had[more->class] || (more->class == CLASS_STANDARD && !long_steps))
      continue;
    struct price_step *step = draft_step(card, more->class, more->above);
    if (step == NULL)
      continue;
    step->rates = more->rates;
    move_rates(&step->rates, &theirs, &ours);
  }
  if (merge_same_base(&ours, &theirs))
    fill_base(&card->steps[0].rates, &theirs);
  if (card->web_search < 0)
    card->web_search = from->web_search;
  for (size_t i = 0; i < from->uplift_count; i++) {
    bool known = false;
    for (size_t k = 0; k < card->uplift_count; k++)
      known = known || strcmp(card->uplifts[k].region, from->uplifts[i].region) == 0;
    if (!known)
      draft_uplift(card, draft_text(set, from->uplifts[i].region, strlen(from->uplifts[i].region)),
                   from->uplifts[i].permille);
  }
}
