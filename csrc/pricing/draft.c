/* draft.c - see draft.h: the arena, and building models. */
#include "pricing/draft.h"

#include <string.h>

#include "base/mem.h"

enum {
  BLOCK_SIZE = 64 * 1024,
  ALIGNMENT = 16
};

struct draft_block {
  struct draft_block *next;
  size_t used;
  size_t size;
  _Alignas(ALIGNMENT) unsigned char data[];
};

void draft_set_fini(struct draft_set *set) {
  struct draft_block *block = set->blocks;
  while (block != NULL) {
    struct draft_block *next = block->next;
    mem_free(block);
    block = next;
  }
  mem_free(set->models);
  *set = DRAFT_SET_INIT;
}

int draft_status(const struct draft_set *set) {
  return set->failed ? PURSER_ENOMEM : PURSER_OK;
}

void *draft_alloc(struct draft_set *set, size_t size) {
  const size_t need = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  struct draft_block *block = set->blocks;
  if (block == NULL || block->size - block->used < need) {
    const size_t room = need > BLOCK_SIZE ? need : BLOCK_SIZE;
    block = mem_alloc(sizeof *block + room);
    if (block == NULL) {
      set->failed = true;
      return NULL;
    }
    block->next = set->blocks;
    block->used = 0;
    block->size = room;
    set->blocks = block;
  }
  void *memory = block->data + block->used;
  block->used += need;
  memset(memory, 0, need);
  return memory;
}

const char *draft_text(struct draft_set *set, const char *text, size_t len) {
  char *copy = draft_alloc(set, len + 1);
  if (copy == NULL)
    return "";
  memcpy(copy, text, len);
  return copy;
}

const char *draft_lower(struct draft_set *set, const char *text, size_t len) {
  char *copy = draft_alloc(set, len + 1);
  if (copy == NULL)
    return "";
  for (size_t i = 0; i < len; i++)
    copy[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
  return copy;
}

/* Written to where there is no memory left, so that callers need not look; the set says that it failed. */
static _Thread_local struct draft_model scratch_model;
static _Thread_local struct draft_card scratch_card;

static struct draft_model *new_model(struct draft_set *set) {
  struct draft_model *model = draft_alloc(set, sizeof *model);
  void *models = set->models;
  if (model == NULL ||
      mem_grow(&models, &set->model_cap, set->model_count + 1, sizeof(void *)) != PURSER_OK) {
    set->failed = true;
    scratch_model = (struct draft_model){.provider = "", .name = ""};
    return &scratch_model;
  }
  set->models = models;
  set->models[set->model_count++] = model;
  return model;
}

struct draft_model *draft_add_model(struct draft_set *set, const char *provider, const char *name) {
  struct draft_model *model = new_model(set);
  model->provider = draft_text(set, provider, strlen(provider));
  model->name = draft_lower(set, name, strlen(name));
  return model;
}

/* Arrays in the arena grow by copying; what is left behind goes with the set. */
static void *grown(struct draft_set *set, const void *items, size_t count, size_t *cap,
                   size_t size) {
  if (count < *cap)
    return NULL;
  const size_t more = *cap != 0 ? *cap * 2 : 2;
  void *copy = draft_alloc(set, more * size);
  if (copy == NULL)
    return NULL;
  if (count != 0)
    memcpy(copy, items, count * size);
  *cap = more;
  return copy;
}

bool draft_has_name(const struct draft_model *model, const char *name) {
  if (strcmp(model->name, name) == 0)
    return true;
  for (size_t i = 0; i < model->name_count; i++) {
    if (strcmp(model->names[i], name) == 0)
      return true;
  }
  return false;
}

void draft_add_name(struct draft_set *set, struct draft_model *model, const char *name) {
  const char *lower = draft_lower(set, name, strlen(name));
  if (lower[0] == '\0' || draft_has_name(model, lower))
    return;
  const char **names = grown(set, model->names, model->name_count, &model->name_cap, sizeof *names);
  if (names != NULL)
    model->names = names;
  if (model->name_count < model->name_cap)
    model->names[model->name_count++] = lower;
}

struct draft_card *draft_add_card(struct draft_set *set, struct draft_model *model,
                                  int32_t valid_from) {
  struct draft_card *cards =
      grown(set, model->cards, model->card_count, &model->card_cap, sizeof *cards);
  if (cards != NULL)
    model->cards = cards;
  struct draft_card *card =
      model->card_count < model->card_cap ? &model->cards[model->card_count++] : &scratch_card;
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a capacity above the count has cards behind it */
  *card = (struct draft_card){.valid_from = valid_from, .web_search = RATE_UNSAID, .step_count = 1};
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a capacity above the count has cards behind it */
  card->steps[0] = (struct price_step){.class = CLASS_STANDARD, .rates = RATES_UNSAID};
  return card;
}

struct draft_model *draft_copy_model(struct draft_set *set, const struct draft_model *model) {
  struct draft_model *copy = new_model(set);
  *copy = *model;
  copy->provider = draft_text(set, model->provider, strlen(model->provider));
  copy->name = draft_text(set, model->name, strlen(model->name));
  copy->names = NULL;
  copy->name_count = copy->name_cap = 0;
  copy->cards = NULL;
  copy->card_count = copy->card_cap = 0;
  for (size_t i = 0; i < model->name_count; i++)
    draft_add_name(set, copy, model->names[i]);
  for (size_t i = 0; i < model->card_count; i++) {
    struct draft_card *card = draft_add_card(set, copy, model->cards[i].valid_from);
    *card = model->cards[i];
    for (size_t k = 0; k < card->uplift_count; k++)
      card->uplifts[k].region =
          draft_text(set, card->uplifts[k].region, strlen(card->uplifts[k].region));
  }
  return copy;
}

struct draft_model *draft_thaw_model(struct draft_set *set, const struct price_model *frozen) {
  struct draft_model *model = draft_add_model(set, frozen->provider, frozen->name);
  model->context_window = frozen->context_window;
  model->max_output = frozen->max_output;
  model->free = frozen->free;
  model->by_hand = frozen->by_hand;
  memcpy(model->seen, frozen->seen, sizeof model->seen);
  for (size_t i = 0; i < frozen->card_count; i++) {
    const struct price_card *from = &frozen->cards[i];
    struct draft_card *card = draft_add_card(set, model, from->valid_from);
    card->web_search = from->web_search;
    for (size_t k = 0; k < from->uplift_count; k++)
      draft_uplift(card, draft_text(set, from->uplifts[k].region, strlen(from->uplifts[k].region)),
                   from->uplifts[k].permille);
    for (size_t k = 0; k < from->step_count; k++) {
      struct price_step *step = draft_step(card, from->steps[k].class, from->steps[k].above);
      if (step != NULL)
        *step = from->steps[k];
    }
  }
  return model;
}

const struct price_step *draft_find_step(const struct draft_card *card, enum price_class class,
                                         int64_t above) {
  for (size_t i = 0; i < card->step_count; i++) {
    if (card->steps[i].class == class && card->steps[i].above == above)
      return &card->steps[i];
  }
  return NULL;
}

static bool step_before(const struct price_step *step, enum price_class class, int64_t above) {
  return step->class != class ? step->class < class : step->above < above;
}

struct price_step *draft_step(struct draft_card *card, enum price_class class, int64_t above) {
  size_t at = 0;
  while (at < card->step_count && step_before(&card->steps[at], class, above))
    at++;
  if (at < card->step_count && card->steps[at].class == class && card->steps[at].above == above)
    return &card->steps[at];
  if (card->step_count == DRAFT_STEPS)
    return NULL;
  memmove(&card->steps[at + 1], &card->steps[at], (card->step_count - at) * sizeof card->steps[0]);
  card->step_count++;
  card->steps[at] = (struct price_step){.class = class, .above = above, .rates = RATES_UNSAID};
  return &card->steps[at];
}

void draft_uplift(struct draft_card *card, const char *region, int32_t permille) {
  for (size_t i = 0; i < card->uplift_count; i++) {
    if (strcmp(card->uplifts[i].region, region) == 0) {
      card->uplifts[i].permille = permille;
      return;
    }
  }
  if (card->uplift_count < DRAFT_UPLIFTS)
    card->uplifts[card->uplift_count++] = (struct price_uplift){region, permille};
}

struct draft_card *draft_card_at(const struct draft_model *model, int32_t day) {
  struct draft_card *found = NULL;
  for (size_t i = 0; i < model->card_count; i++) {
    struct draft_card *card = &model->cards[i];
    if (card->valid_from <= day && (found == NULL || card->valid_from >= found->valid_from))
      found = card;
  }
  return found;
}

struct draft_model *draft_find(const struct draft_set *set, const char *provider,
                               const char *name) {
  for (size_t i = 0; i < set->model_count; i++) {
    struct draft_model *model = set->models[i];
    if (strcmp(model->provider, provider) == 0 && draft_has_name(model, name))
      return model;
  }
  return NULL;
}
