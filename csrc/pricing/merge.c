/* merge.c - see merge.h. */
#include "pricing/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/money.h"
#include "pricing/model_name.h"

bool merge_same_base(const struct rates *a, const struct rates *b) {
  const bool reads = a->cache_read < 0 || b->cache_read < 0 || a->cache_read == b->cache_read;
  return a->input == b->input && a->output == b->output && reads;
}

struct draft_model *merge_find(const struct draft_set *set, const char *provider, const char *text,
                               enum merge_match *match) {
  struct model_name name;
  *match = MERGE_EXACT;
  if (model_name_init(&name, text) != PURSER_OK)
    return NULL;
  do {
    struct draft_model *model = draft_find(set, provider, name.form);
    if (model != NULL)
      return model;
    *match = merge_match_next(&name);
  } while (*match != MERGE_EXACT);
  return NULL;
}

enum merge_match merge_match_next(struct model_name *name) {
  if (!model_name_next(name))
    return MERGE_EXACT;
  return name->front == 0 ? MERGE_VERSION : MERGE_PLACE;
}

bool merge_stands_alone(enum price_source kind, enum merge_match match, bool in_spine) {
  if (kind == SOURCE_MODELS_DEV)
    return false;
  return match == MERGE_PLACE || !in_spine;
}

static int by_length(const void *a, const void *b) {
  const char *left = (*(struct draft_model *const *)a)->name;
  const char *right = (*(struct draft_model *const *)b)->name;
  const size_t left_len = strlen(left);
  const size_t right_len = strlen(right);
  if (left_len != right_len)
    return left_len < right_len ? -1 : 1;
  return strcmp(left, right);
}

void merge_sort(struct draft_set *set) {
  if (set->model_count != 0)
    qsort(set->models, set->model_count, sizeof(void *), by_length);
}

static struct merge_row *row_of(struct merge *m, const struct draft_model *model) {
  for (size_t i = 0; i < m->row_count; i++) {
    if (m->rows[i].model == model)
      return &m->rows[i];
  }
  return NULL;
}

static struct merge_row *add_row(struct merge *m, const struct draft_model *from) {
  struct draft_model *model = draft_copy_model(m->out, from);
  model->context_window = model->max_output = 0;
  void *rows = m->rows;
  if (mem_grow(&rows, &m->row_cap, m->row_count + 1, sizeof *m->rows) != PURSER_OK) {
    m->out->failed = true;
    return NULL;
  }
  m->rows = rows;
  struct merge_row *row = &m->rows[m->row_count++];
  *row = (struct merge_row){.model = model};
  return row;
}

static bool is_free_of_charge(const struct draft_model *model) {
  const struct rates *rates = &model->cards[0].steps[0].rates;
  return rates->input == 0 && rates->output == 0;
}

static bool is_free_by_name(const char *name) {
  const size_t len = strlen(name);
  return len > 5 && strcmp(name + len - 5, ":free") == 0;
}

static const struct draft_card *card_like(const struct draft_model *model,
                                          const struct rates *base) {
  for (size_t i = 0; i < model->card_count; i++) {
    if (merge_same_base(&model->cards[i].steps[0].rates, base))
      return &model->cards[i];
  }
  return NULL;
}

static void note(struct merge *m, struct merge_row *row, const struct draft_model *from,
                 enum price_source kind) {
  const struct draft_card *card = draft_card_at(from, m->as_of);
  if (card == NULL || row->has[kind])
    return;
  row->has[kind] = true;
  row->said[kind] = card->steps[0].rates;
  row->window[kind] = from->context_window;
  row->max_output[kind] = from->max_output;
  row->model->seen[kind] = source_fingerprint(from);
  const struct draft_card *ours = draft_card_at(row->model, m->as_of);
  row->earlier[kind] = ours != NULL &&
                       !merge_same_base(&ours->steps[0].rates, &card->steps[0].rates) &&
                       card_like(row->model, &card->steps[0].rates) != NULL;
  if (card->step_count > 1 && card->steps[1].class == CLASS_STANDARD)
    row->long_above[kind] = card->steps[1].above;
}

/* Long prompts' prices are only taken from the cross-check where the list that has them all is silent on the model. */
static void enrich(struct draft_set *set, const struct merge_row *row,
                   const struct draft_model *from, enum price_source kind) {
  struct draft_model *model = row->model;
  bool known = kind == SOURCE_MODELS_DEV && row->has[SOURCE_LITELLM];
  for (size_t i = 0; i < model->card_count; i++)
    known = known || merge_has_class(&model->cards[i], CLASS_STANDARD);
  for (size_t i = 0; i < model->card_count; i++)
    merge_enrich_card(set, &model->cards[i], &from->cards[0], !known);
}

static void report_classes(struct merge *m, const struct draft_model *ours,
                           const struct draft_model *from, enum price_source kind) {
  const struct draft_card *card = card_like(ours, &from->cards[0].steps[0].rates);
  for (size_t i = 1; card != NULL && i < from->cards[0].step_count; i++) {
    const struct price_step *said = &from->cards[0].steps[i];
    const struct price_step *known = draft_find_step(card, said->class, said->above);
    if (known == NULL || said->rates.output < 0 || known->rates.output < 0)
      continue;
    if (known->rates.input == said->rates.input && known->rates.output == said->rates.output)
      continue;
    buf_addf(m->report, "class     %s/%s: %s above %lld: %s ", ours->provider, ours->name,
             price_class_name(said->class), (long long)said->above, price_source_name(kind));
    money_write_dollars(m->report, said->rates.input);
    buf_addc(m->report, '/');
    money_write_dollars(m->report, said->rates.output);
    buf_adds(m->report, "; taken ");
    money_write_dollars(m->report, known->rates.input);
    buf_addc(m->report, '/');
    money_write_dollars(m->report, known->rates.output);
    buf_addc(m->report, '\n');
  }
}

/* Whether a source without dates has a price of nothing that another one confirms. */
static bool is_confirmed_free(const struct source *other, const struct draft_model *model) {
  const struct draft_model *twin =
      other != NULL ? draft_find(&other->drafts, model->provider, model->name) : NULL;
  return twin != NULL && is_free_of_charge(twin);
}

/* A price of 0 that is none: the list does not know it (rule 17). */
static bool is_unknown_price(struct merge *m, const struct draft_model *model,
                             const struct draft_model *from, enum price_source kind,
                             const struct source *witness) {
  if (!is_free_of_charge(from) || is_free_by_name(from->name))
    return false;
  if (model == NULL && is_confirmed_free(witness, from))
    return false;
  if (model == NULL || !is_free_of_charge(model))
    buf_addf(m->report, "zero      %s/%s: %s has 0, unconfirmed; passed over\n", from->provider,
             from->name, price_source_name(kind));
  return true;
}

/* The model that a source's row speaks of; NULL for a new one. */
static struct draft_model *match_row(struct merge *m, const struct draft_model *from,
                                     enum price_source kind, enum merge_match *match) {
  struct draft_model *model = merge_find(m->out, from->provider, from->name, match);
  /* The spine's own models are what it takes for models. */
  if (kind == SOURCE_GENAI)
    return model != NULL && strcmp(model->name, from->name) == 0 ? model : NULL;
  if (model == NULL || *match == MERGE_EXACT ||
      card_like(model, &from->cards[0].steps[0].rates) != NULL)
    return model;
  if (!merge_stands_alone(kind, *match, row_of(m, model)->has[SOURCE_GENAI]))
    return model;
  buf_addf(m->report, "split     %s/%s: %s has a price of its own for it, not that of %s\n",
           from->provider, from->name, price_source_name(kind), model->name);
  return NULL;
}

static void add_source_row(struct merge *m, const struct draft_model *from, enum price_source kind,
                           const struct source *witness) {
  enum merge_match match;
  struct draft_model *model = match_row(m, from, kind, &match);
  if (is_unknown_price(m, model, from, kind, witness))
    return;
  struct merge_row *row = model != NULL ? row_of(m, model) : add_row(m, from);
  if (row == NULL)
    return;
  const bool like = card_like(row->model, &from->cards[0].steps[0].rates) != NULL;
  const bool speaks = !row->has[kind] && (like || match == MERGE_EXACT);
  if (speaks)
    note(m, row, from, kind);
  if (model == NULL)
    return;
  if (match == MERGE_EXACT)
    draft_add_name(m->out, model, from->name);
  if (speaks || (match != MERGE_PLACE && like))
    enrich(m->out, row, from, kind);
  if (like) {
    report_classes(m, model, from, kind);
  } else if (!speaks) {
    buf_addf(m->report, "version   %s/%s: %s has another price for it than for %s\n",
             from->provider, from->name, price_source_name(kind), model->name);
  }
}

/* Names and sizes without cards: for a model that the sources price. */
static void add_names_by_hand(struct merge *m, struct draft_model *model,
                              const struct draft_model *from) {
  if (model == NULL) {
    buf_addf(m->report, "by hand   %s/%s: names for a model that no source has\n", from->provider,
             from->name);
    return;
  }
  for (size_t i = 0; i < from->name_count; i++)
    draft_add_name(m->out, model, from->names[i]);
  if (from->context_window > 0)
    model->context_window = from->context_window;
  if (from->max_output > 0)
    model->max_output = from->max_output;
}

static void add_by_hand(struct merge *m, const struct draft_model *from) {
  struct draft_model *model = draft_find(m->out, from->provider, from->name);
  /* The name may have stood for another model so far; from now on it has its own. */
  if (model != NULL && strcmp(model->name, from->name) != 0)
    model = NULL;
  if (from->card_count == 0) {
    add_names_by_hand(m, model, from);
    return;
  }
  struct merge_row *row = model != NULL ? row_of(m, model) : add_row(m, from);
  if (row == NULL)
    return;
  if (model == NULL) {
    row->model->context_window = from->context_window;
    row->model->max_output = from->max_output;
    return;
  }
  const struct draft_card before =
      model->card_count != 0 ? model->cards[0] : (struct draft_card){.web_search = RATE_UNSAID};
  struct draft_model *copy = draft_copy_model(m->out, from);
  m->out->model_count--; /* only its cards are wanted */
  for (size_t i = 0; i < copy->card_count; i++)
    merge_enrich_card(m->out, &copy->cards[i], &before, false);
  model->cards = copy->cards;
  model->card_count = copy->card_count;
  model->card_cap = copy->card_cap;
  model->by_hand = true;
  model->context_window = from->context_window;
  model->max_output = from->max_output;
  for (size_t i = 0; i < from->name_count; i++)
    draft_add_name(m->out, model, from->names[i]);
}

/* LiteLLM counts the output out of the window; with it, two sources that mean the same agree. */
static int64_t choose_window(const struct merge_row *row) {
  const int64_t genai = row->window[SOURCE_GENAI];
  const int64_t dev = row->window[SOURCE_MODELS_DEV];
  const int64_t input = row->window[SOURCE_LITELLM];
  const int64_t whole = input + row->max_output[SOURCE_LITELLM];
  if (dev > 0 && (dev == input || dev == whole || dev == genai))
    return dev;
  if (genai > 0 && (genai == input || genai == whole))
    return genai;
  return dev > 0 ? dev : (input > 0 ? input : genai);
}

static bool is_resold(const struct draft_model *model, const struct draft_model *seller) {
  struct model_name name;
  if (seller == model || model_name_init(&name, seller->name) != PURSER_OK)
    return false;
  do {
    if (draft_has_name(model, name.form))
      return true;
  } while (model_name_next(&name));
  return false;
}

/* Lists drop what is retired; a reseller's row may still know how large it was. */
static void borrow_sizes(struct merge *m, struct draft_model *model) {
  for (size_t i = 0; i < m->row_count; i++) {
    const struct draft_model *seller = m->rows[i].model;
    if ((model->context_window != 0 && model->max_output != 0) || !is_resold(model, seller))
      continue;
    if (model->context_window == 0)
      model->context_window = seller->context_window;
    if (model->max_output == 0)
      model->max_output = seller->max_output;
  }
}

static void choose_windows(struct merge *m) {
  for (size_t i = 0; i < m->row_count; i++) {
    const struct merge_row *row = &m->rows[i];
    if (row->model->context_window == 0)
      row->model->context_window = choose_window(row);
    if (row->model->max_output == 0)
      row->model->max_output = row->max_output[SOURCE_MODELS_DEV] > 0
                                   ? row->max_output[SOURCE_MODELS_DEV]
                                   : row->max_output[SOURCE_LITELLM];
  }
  for (size_t i = 0; i < m->row_count; i++)
    borrow_sizes(m, m->rows[i].model);
}

int merge_prices(struct draft_set *out, const struct source *const sources[SOURCE_COUNT],
                 const struct price_file *by_hand, int32_t as_of, struct buf *report) {
  struct merge m = {.out = out, .as_of = as_of, .report = report};
  out->as_of = as_of;
  for (int kind = 0; kind < SOURCE_COUNT; kind++) {
    const struct source *source = sources[kind];
    out->listed[kind] = source != NULL ? source->listed : 0;
    const struct source *witness = kind == SOURCE_LITELLM ? sources[SOURCE_MODELS_DEV] : NULL;
    for (size_t i = 0; source != NULL && i < source->drafts.model_count; i++)
      add_source_row(&m, source->drafts.models[i], (enum price_source)kind, witness);
  }
  merge_plain_names(out);
  if (by_hand != NULL) {
    for (size_t i = 0; i < by_hand->drafts.model_count; i++)
      add_by_hand(&m, by_hand->drafts.models[i]);
  }
  choose_windows(&m);
  merge_report(&m);
  for (size_t i = 0; i < out->model_count; i++)
    draft_tidy(out->models[i]);
  merge_names(out);
  mem_free(m.rows);
  return draft_status(out);
}
