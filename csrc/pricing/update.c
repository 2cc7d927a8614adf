/* update.c - see update.h. */
#include "pricing/update.h"

#include <string.h>

#include "base/mem.h"
#include "pricing/merge.h"
#include "pricing/model_name.h"

/* A version's row that contradicts its model: it speaks for it only if no better row does. */
struct doubt {
  const struct price_model *model;
  const struct draft_model *row;
};

struct planner {
  struct price_update *out;
  const struct catalog *catalog;
  const struct source *source;
  int32_t today;
  struct draft_set work;          /* scratch models */
  const struct price_model **met; /* models that a row has spoken for */
  size_t met_count;
  size_t met_cap;
  struct doubt *doubts;
  size_t doubt_count;
  size_t doubt_cap;
};

static const struct price_model *listed(const struct planner *p, const char *provider,
                                        const char *text, enum merge_match *match) {
  struct model_name name;
  *match = MERGE_EXACT;
  if (model_name_init(&name, text) != PURSER_OK)
    return NULL;
  do {
    const struct price_model *model = price_table_find(&p->catalog->update, provider, name.form);
    if (model == NULL)
      model = price_table_find(p->catalog->builtin, provider, name.form);
    /* A name may stand in the built-in set while its model has newer cards above it. */
    if (model != NULL)
      return catalog_listed(p->catalog, provider, model->name);
    *match = merge_match_next(&name);
  } while (*match != MERGE_EXACT);
  return NULL;
}

static bool has_met(const struct planner *p, const struct price_model *model) {
  for (size_t i = 0; i < p->met_count; i++) {
    if (p->met[i] == model)
      return true;
  }
  return false;
}

static void meet(struct planner *p, const struct price_model *model) {
  void *met = p->met;
  if (mem_grow(&met, &p->met_cap, p->met_count + 1, sizeof(void *)) != PURSER_OK) {
    p->out->drafts.failed = true;
    return;
  }
  p->met = met;
  p->met[p->met_count++] = model;
}

static void report(struct planner *p, const struct price_change *change) {
  void *changes = p->out->changes;
  if (mem_grow(&changes, &p->out->change_cap, p->out->change_count + 1, sizeof *p->out->changes) !=
      PURSER_OK) {
    p->out->drafts.failed = true;
    return;
  }
  p->out->changes = changes;
  struct price_change *kept = &p->out->changes[p->out->change_count++];
  *kept = *change;
  kept->provider = draft_text(&p->out->drafts, change->provider, strlen(change->provider));
  kept->name = draft_text(&p->out->drafts, change->name, strlen(change->name));
}

static bool said_differs(int64_t said, int64_t known) {
  return said >= 0 && said != known;
}

/* Whether what a source says contradicts what is known. */
static bool rates_differ(const struct rates *said, const struct rates *known) {
  const struct rates full = rates_complete(*known);
  return said_differs(said->input, full.input) || said_differs(said->output, full.output) ||
         said_differs(said->cache_read, full.cache_read) ||
         said_differs(said->cache_write_5m, full.cache_write_5m) ||
         said_differs(said->cache_write_1h, full.cache_write_1h) ||
         said_differs(said->reasoning, full.reasoning);
}

static struct rates halved(const struct rates *whole) {
  const struct rates full = rates_complete(*whole);
  return (struct rates){full.input / 2,          full.cache_read / 2, full.cache_write_5m / 2,
                        full.cache_write_1h / 2, full.output / 2,     full.reasoning / 2};
}

/* The same for its classes and the prices of long prompts; what it leaves out it does not contradict. */
static bool steps_differ(const struct draft_card *said, const struct draft_card *known) {
  for (size_t i = 1; i < said->step_count; i++) {
    const struct price_step *step = &said->steps[i];
    const struct price_step *ours = draft_find_step(known, step->class, step->above);
    const struct price_step *standard = draft_find_step(known, CLASS_STANDARD, step->above);
    struct rates rates;
    if (ours != NULL) {
      rates = ours->rates;
    } else if ((step->class == CLASS_BATCH || step->class == CLASS_FLEX) && standard != NULL) {
      rates = halved(&standard->rates);
    } else {
      return true;
    }
    if (rates_differ(&step->rates, &rates))
      return true;
  }
  return false;
}

/* The model in the set that will be written. */
static struct draft_model *written(struct planner *p, const struct price_model *model) {
  struct draft_model *draft = draft_find(&p->out->drafts, model->provider, model->name);
  return draft != NULL ? draft : draft_thaw_model(&p->out->drafts, model);
}

static void put_card(struct planner *p, struct draft_model *draft, const struct draft_card *said,
                     const struct draft_card *known, int32_t from) {
  for (size_t i = draft->card_count; i-- > 0;) {
    if (draft->cards[i].valid_from == from) {
      draft->card_count--;
      memmove(&draft->cards[i], &draft->cards[i + 1],
              (draft->card_count - i) * sizeof draft->cards[0]);
    }
  }
  struct draft_card *card = draft_add_card(&p->out->drafts, draft, from);
  *card = *said;
  card->valid_from = from;
  for (size_t i = 0; i < card->uplift_count; i++)
    card->uplifts[i].region =
        draft_text(&p->out->drafts, card->uplifts[i].region, strlen(card->uplifts[i].region));
  if (known != NULL)
    merge_enrich_card(&p->out->drafts, card, known, false);
}

static bool plan_card(struct planner *p, const struct price_model *model,
                      const struct draft_model *thawed, const struct draft_card *said) {
  const int32_t day = said->valid_from == ALWAYS ? p->today : said->valid_from;
  const struct draft_card *known = draft_card_at(thawed, day);
  if (known == NULL)
    return false; /* before the first price that we have: nothing to correct */
  const bool base = rates_differ(&said->steps[0].rates, &known->steps[0].rates);
  if (!base && !steps_differ(said, known))
    return false;
  put_card(p, written(p, model), said, known, day);
  report(p, &(struct price_change){
                .kind = PRICE_CHANGED,
                .provider = model->provider,
                .name = model->name,
                .valid_from = day,
                .before = rates_complete(known->steps[0].rates),
                .after = rates_complete(said->steps[0].rates),
                .other = !base,
            });
  return true;
}

/* Whether the source says what it said when the built-in set was made, whatever has been laid over that since. */
static bool is_as_before(const struct planner *p, const struct price_model *model,
                         const struct draft_model *row) {
  const struct price_model *builtin =
      price_table_find(p->catalog->builtin, model->provider, model->name);
  return builtin != NULL && builtin->seen[p->source->kind] == source_fingerprint(row);
}

static void plan_known(struct planner *p, const struct price_model *model,
                       const struct draft_model *row) {
  struct draft_model *thawed = draft_thaw_model(&p->work, model);
  struct draft_model *tidy = draft_copy_model(&p->work, row);
  if (p->work.failed)
    return;
  draft_tidy(tidy);
  bool changed = false;
  const struct draft_card *current = draft_card_at(tidy, p->today);
  for (size_t i = 0; i < tidy->card_count; i++) {
    /* What held before the list's first date is history that the catalogue has already. */
    if (tidy->cards[i].valid_from == ALWAYS && &tidy->cards[i] != current)
      continue;
    changed = plan_card(p, model, thawed, &tidy->cards[i]) || changed;
  }
  if (changed) {
    p->out->changed++;
  } else {
    p->out->same++;
  }
}

static void doubt(struct planner *p, const struct price_model *model,
                  const struct draft_model *row) {
  void *doubts = p->doubts;
  if (mem_grow(&doubts, &p->doubt_cap, p->doubt_count + 1, sizeof *p->doubts) != PURSER_OK) {
    p->out->drafts.failed = true;
    return;
  }
  p->doubts = doubts;
  p->doubts[p->doubt_count++] = (struct doubt){model, row};
}

static void plan_new(struct planner *p, const struct draft_model *row) {
  enum merge_match match;
  const struct draft_model *twin = merge_find(&p->out->drafts, row->provider, row->name, &match);
  if (twin != NULL && twin->card_count != 0 &&
      (match == MERGE_EXACT ||
       merge_same_base(&twin->cards[0].steps[0].rates, &row->cards[0].steps[0].rates)))
    return;
  struct draft_model *draft = draft_copy_model(&p->out->drafts, row);
  if (p->out->drafts.failed)
    return;
  p->out->added++;
  report(p, &(struct price_change){
                .kind = PRICE_ADDED,
                .provider = draft->provider,
                .name = draft->name,
                .valid_from = ALWAYS,
                .before = RATES_UNSAID,
                .after = rates_complete(draft->cards[0].steps[0].rates),
            });
}

static bool has_base(const struct price_model *model, const struct rates *base) {
  for (size_t i = 0; i < model->card_count; i++) {
    if (merge_same_base(&model->cards[i].steps[0].rates, base))
      return true;
  }
  return false;
}

/* A list that knows no price writes 0 (rule 17). */
static bool is_unknown_price(const struct draft_model *row) {
  const struct rates *base = &row->cards[0].steps[0].rates;
  const size_t len = strlen(row->name);
  return base->input == 0 && base->output == 0 &&
         !(len > 5 && strcmp(row->name + len - 5, ":free") == 0);
}

static void plan_row(struct planner *p, const struct draft_model *row) {
  enum merge_match match;
  const struct price_model *model = listed(p, row->provider, row->name, &match);
  if (model != NULL && has_met(p, model))
    return;
  if (model != NULL && is_as_before(p, model, row)) {
    meet(p, model);
    p->out->same++;
    return;
  }
  if (is_unknown_price(row)) {
    if (model != NULL)
      meet(p, model);
    return;
  }
  if (model != NULL && match != MERGE_EXACT && !has_base(model, &row->cards[0].steps[0].rates)) {
    if (merge_stands_alone(p->source->kind, match, model->seen[SOURCE_GENAI] != 0)) {
      plan_new(p, row);
    } else {
      doubt(p, model, row);
    }
    return;
  }
  if (model == NULL) {
    plan_new(p, row);
    return;
  }
  meet(p, model);
  plan_known(p, model, row);
}

static void plan_doubts(struct planner *p) {
  for (size_t i = 0; i < p->doubt_count; i++) {
    if (has_met(p, p->doubts[i].model))
      continue;
    meet(p, p->doubts[i].model);
    plan_known(p, p->doubts[i].model, p->doubts[i].row);
  }
}

/* Models of a table that the source had and has no more. */
static void plan_gone(struct planner *p, const struct price_table *table) {
  for (size_t i = 0; i < table->model_count; i++) {
    const struct price_model *model = &table->models[i];
    const struct price_model *above =
        price_table_find(&p->catalog->update, model->provider, model->name);
    if (model->seen[p->source->kind] == 0)
      continue;
    p->out->listed++;
    if (has_met(p, model) || (above != NULL && has_met(p, above)))
      continue;
    p->out->gone++;
    report(p, &(struct price_change){
                  .kind = PRICE_GONE,
                  .provider = model->provider,
                  .name = model->name,
                  .before = RATES_UNSAID,
                  .after = RATES_UNSAID,
              });
  }
}

/* Counted over all its models, ours or not: half a file may by chance hold most of ours. */
static bool is_cut_short(const struct planner *p) {
  const uint64_t before = p->catalog->builtin->listed[p->source->kind];
  return (uint64_t)p->source->listed * 100 < before * (100 - UPDATE_LOSS_PERCENT);
}

int price_update_plan(struct price_update *out, const struct catalog *catalog,
                      struct source *source, int32_t today, struct error *error) {
  *out = PRICE_UPDATE_INIT;
  struct planner p = {
      .out = out, .catalog = catalog, .source = source, .today = today, .work = DRAFT_SET_INIT};
  out->drafts.as_of = today > catalog->builtin->as_of ? today : catalog->builtin->as_of;
  /* What an earlier update brought stays, unless it has become older than the built-in set. */
  for (size_t i = 0;
       catalog->update.model_count != 0 && i < catalog->update_file.drafts.model_count; i++)
    draft_copy_model(&out->drafts, catalog->update_file.drafts.models[i]);
  merge_sort(&source->drafts);
  for (size_t i = 0; i < source->drafts.model_count; i++)
    plan_row(&p, source->drafts.models[i]);
  plan_doubts(&p);
  plan_gone(&p, catalog->builtin);
  for (size_t i = 0; i < out->drafts.model_count; i++)
    draft_tidy(out->drafts.models[i]);
  int status = PURSER_OK;
  if (out->drafts.failed || p.work.failed) {
    status = error_set(error, PURSER_ENOMEM, "out of memory");
  } else if (is_cut_short(&p)) {
    status = error_set(
        error, PURSER_EREFUSED,
        "it lists %u models where %s listed %u; nothing was changed. Fetch the file again",
        source->listed, price_source_name(source->kind), catalog->builtin->listed[source->kind]);
  } else if (out->gone * 100 > out->listed * UPDATE_LOSS_PERCENT) {
    status = error_set(
        error, PURSER_EREFUSED,
        "%zu of the %zu models known from %s are missing from it; nothing was changed. Fetch the file again",
        out->gone, out->listed, price_source_name(source->kind));
  }
  draft_set_fini(&p.work);
  mem_free(p.met);
  mem_free(p.doubts);
  return status;
}

void price_update_fini(struct price_update *update) {
  draft_set_fini(&update->drafts);
  mem_free(update->changes);
  *update = PRICE_UPDATE_INIT;
}
