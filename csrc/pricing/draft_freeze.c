/* draft_freeze.c - finishing drafts: what follows from what a card says is filled in, what says nothing new is left out, and the
 * result becomes an immutable table. See draft.h. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "pricing/draft.h"
#include "pricing/provider.h"

__extension__ typedef __int128 i128;

static int64_t scale(int64_t rate, int64_t numerator, int64_t denominator) {
  if (rate < 0 || denominator <= 0)
    return rate;
  return (int64_t)(((i128)rate * numerator + denominator / 2) / denominator);
}

/* The buckets of a card's rates, to go through them. */
static int64_t *bucket(struct rates *rates, size_t i) {
  int64_t *const buckets[] = {&rates->input,          &rates->cache_read, &rates->cache_write_5m,
                              &rates->cache_write_1h, &rates->output,     &rates->reasoning};
  return i < sizeof buckets / sizeof buckets[0] ? buckets[i] : NULL;
}

static int64_t value(const struct rates *rates, size_t i) {
  struct rates copy = *rates;
  const int64_t *at = bucket(&copy, i);
  return at != NULL ? *at : RATE_UNSAID;
}

enum {
  BUCKETS = 6
};

/* What a step leaves open and its base says moves with input: prices of one request rise and fall together. */
static void fill_from(struct rates *rates, const struct rates *base) {
  for (size_t i = 0; i < BUCKETS; i++) {
    int64_t *at = bucket(rates, i);
    if (at != NULL && *at < 0)
      *at = scale(value(base, i), rates->input, base->input);
  }
}

/* A class that has no step for a prompt size that the standard prices have moves as those do. */
static void add_long_steps(struct draft_card *card, enum price_class class) {
  const struct price_step *base = draft_find_step(card, class, 0);
  if (base == NULL)
    return;
  const struct rates class_base = base->rates;
  const struct rates standard = card->steps[0].rates;
  for (size_t i = 1; i < card->step_count && card->steps[i].class == CLASS_STANDARD; i++) {
    const struct rates longer = card->steps[i].rates;
    const int64_t above = card->steps[i].above;
    if (draft_find_step(card, class, above) != NULL)
      continue;
    struct price_step *step = draft_step(card, class, above);
    if (step == NULL)
      return;
    for (size_t k = 0; k < BUCKETS; k++) {
      const bool said = value(&standard, k) > 0 && value(&longer, k) >= 0;
      *bucket(&step->rates, k) =
          said ? scale(value(&class_base, k), value(&longer, k), value(&standard, k)) : RATE_UNSAID;
    }
  }
}

static void complete(struct draft_card *card) {
  for (size_t i = 1; i < card->step_count; i++) {
    struct price_step *step = &card->steps[i];
    const struct price_step *base = &card->steps[0];
    if (step->class != CLASS_STANDARD && step->above != 0) {
      const struct price_step *same_size = draft_find_step(card, CLASS_STANDARD, step->above);
      base = same_size != NULL ? same_size : base;
    }
    fill_from(&step->rates, &base->rates);
  }
  for (int class = CLASS_BATCH; class < CLASS_COUNT; class ++)
    add_long_steps(card, (enum price_class) class);
}

static bool is_half(const struct rates *rates, const struct rates *standard) {
  for (size_t i = 0; i < BUCKETS; i++) {
    const int64_t whole = value(standard, i);
    if (value(rates, i) != (whole < 0 ? whole : whole / 2) || (whole > 0 && whole % 2 != 0))
      return false;
  }
  return true;
}

static void remove_class(struct draft_card *card, enum price_class class) {
  size_t kept = 0;
  for (size_t i = 0; i < card->step_count; i++) {
    if (card->steps[i].class != class)
      card->steps[kept++] = card->steps[i];
  }
  card->step_count = kept;
}

/* Batch and flex at half price go without saying (rule 19). */
static void drop_if_half(struct draft_card *card, enum price_class class) {
  for (size_t i = 0; i < card->step_count; i++) {
    const struct price_step *step = &card->steps[i];
    if (step->class != class)
      continue;
    const struct price_step *standard = draft_find_step(card, CLASS_STANDARD, step->above);
    if (standard == NULL || !is_half(&step->rates, &standard->rates))
      return;
  }
  remove_class(card, class);
}

static int by_date(const void *a, const void *b) {
  const struct draft_card *left = a;
  const struct draft_card *right = b;
  return (left->valid_from > right->valid_from) - (left->valid_from < right->valid_from);
}

static bool same_terms(const struct draft_card *a, const struct draft_card *b) {
  if (a->web_search != b->web_search || a->uplift_count != b->uplift_count ||
      a->step_count != b->step_count)
    return false;
  for (size_t i = 0; i < a->uplift_count; i++) {
    if (strcmp(a->uplifts[i].region, b->uplifts[i].region) != 0 ||
        a->uplifts[i].permille != b->uplifts[i].permille)
      return false;
  }
  for (size_t i = 0; i < a->step_count; i++) {
    const struct price_step *left = &a->steps[i];
    const struct price_step *right = &b->steps[i];
    if (left->class != right->class || left->above != right->above)
      return false;
    for (size_t k = 0; k < BUCKETS; k++) {
      if (value(&left->rates, k) != value(&right->rates, k))
        return false;
    }
  }
  return true;
}

void draft_tidy(struct draft_model *model) {
  if (model->card_count == 0)
    return;
  qsort(model->cards, model->card_count, sizeof *model->cards, by_date);
  for (size_t i = 0; i < model->card_count; i++) {
    struct draft_card *card = &model->cards[i];
    complete(card);
    drop_if_half(card, CLASS_BATCH);
    drop_if_half(card, CLASS_FLEX);
  }
  size_t kept = 1;
  for (size_t i = 1; i < model->card_count; i++) {
    if (!same_terms(&model->cards[i], &model->cards[kept - 1]))
      model->cards[kept++] = model->cards[i];
  }
  model->card_count = kept;
}

static int by_name(const void *a, const void *b) {
  const struct draft_model *left = *(struct draft_model *const *)a;
  const struct draft_model *right = *(struct draft_model *const *)b;
  const int names = strcmp(left->name, right->name);
  if (names != 0)
    return names;
  const int ranks = provider_rank(left->provider) - provider_rank(right->provider);
  return ranks != 0 ? ranks : strcmp(left->provider, right->provider);
}

static int by_name_and_model(const void *a, const void *b) {
  const struct price_name *left = a;
  const struct price_name *right = b;
  const int names = strcmp(left->name, right->name);
  if (names != 0)
    return names;
  return (left->model > right->model) - (left->model < right->model);
}

static const char *card_id(struct draft_set *set, const char *prefix,
                           const struct draft_model *model, int32_t from) {
  struct buf id = BUF_INIT;
  buf_adds(&id, prefix);
  if (model->provider[0] != '\0')
    buf_addf(&id, "%s/", model->provider);
  buf_adds(&id, model->name);
  if (from != ALWAYS) {
    buf_addc(&id, '@');
    calendar_write_date(&id, from);
  }
  const char *text = draft_text(set, buf_text(&id), id.len);
  set->failed = set->failed || id.failed;
  buf_fini(&id);
  return text;
}

static void *copied(struct draft_set *set, const void *items, size_t size) {
  void *copy = draft_alloc(set, size);
  if (copy != NULL && size != 0)
    memcpy(copy, items, size);
  return copy;
}

static void freeze_model(struct draft_set *set, const char *prefix, const struct draft_model *draft,
                         struct price_model *out) {
  struct price_card *cards = draft_alloc(set, draft->card_count * sizeof *cards);
  *out = (struct price_model){
      .provider = draft->provider,
      .name = draft->name,
      .context_window = draft->context_window,
      .max_output = draft->max_output,
      .free = draft->free,
      .by_hand = draft->by_hand,
      .cards = cards,
      .card_count = cards != NULL ? draft->card_count : 0,
  };
  memcpy(out->seen, draft->seen, sizeof out->seen);
  for (size_t i = 0; i < out->card_count; i++) {
    const struct draft_card *card = &draft->cards[i];
    cards[i] = (struct price_card){
        .id = card_id(set, prefix, draft, card->valid_from),
        .valid_from = card->valid_from,
        .web_search = card->web_search,
        .uplifts = copied(set, card->uplifts, card->uplift_count * sizeof card->uplifts[0]),
        .uplift_count = card->uplift_count,
        .steps = copied(set, card->steps, card->step_count * sizeof card->steps[0]),
        .step_count = card->step_count,
    };
  }
}

int draft_freeze(struct draft_set *set, const char *prefix, struct price_table *out) {
  *out = (struct price_table){.as_of = set->as_of};
  memcpy(out->listed, set->listed, sizeof out->listed);
  if (set->failed)
    return PURSER_ENOMEM;
  if (set->model_count == 0)
    return PURSER_OK;
  qsort(set->models, set->model_count, sizeof(void *), by_name);
  size_t name_count = 0;
  for (size_t i = 0; i < set->model_count; i++)
    name_count += 1 + set->models[i]->name_count;
  struct price_model *models = draft_alloc(set, set->model_count * sizeof *models);
  struct price_name *names = draft_alloc(set, name_count * sizeof *names);
  if (models == NULL || names == NULL)
    return PURSER_ENOMEM;
  size_t at = 0;
  for (size_t i = 0; i < set->model_count; i++) {
    const struct draft_model *draft = set->models[i];
    freeze_model(set, prefix, draft, &models[i]);
    names[at++] = (struct price_name){draft->name, (uint32_t)i};
    for (size_t k = 0; k < draft->name_count; k++)
      names[at++] = (struct price_name){draft->names[k], (uint32_t)i};
  }
  qsort(names, name_count, sizeof *names, by_name_and_model);
  out->models = models;
  out->model_count = set->model_count;
  out->names = names;
  out->name_count = name_count;
  return draft_status(set);
}
