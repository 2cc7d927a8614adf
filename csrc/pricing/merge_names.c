/* merge_names.c - the names of merged models; see merge.h. */
#include <string.h>

#include "pricing/merge.h"
#include "pricing/model_name.h"

static void drop_name(struct draft_model *model, size_t at) {
  model->name_count--;
  memmove(&model->names[at], &model->names[at + 1],
          (model->name_count - at) * sizeof model->names[0]);
}

/* A name that is another model's own belongs to that one, and so does one that was given to it by hand. */
static bool belongs_to(const struct draft_model *owner, const struct draft_model *model,
                       const char *name) {
  if (owner == model || strcmp(owner->provider, model->provider) != 0)
    return false;
  return strcmp(owner->name, name) == 0 ||
         (owner->by_hand && !model->by_hand && draft_has_name(owner, name));
}

static void give_up_names(const struct draft_set *set, struct draft_model *model) {
  for (size_t i = model->name_count; i-- > 0;) {
    for (size_t k = 0; k < set->model_count; k++) {
      if (belongs_to(set->models[k], model, model->names[i])) {
        drop_name(model, i);
        break;
      }
    }
  }
}

static void rename_model(struct draft_set *set, struct draft_model *model, const char *name) {
  const char *before = model->name;
  for (size_t i = model->name_count; i-- > 0;) {
    if (strcmp(model->names[i], name) == 0)
      drop_name(model, i);
  }
  model->name = draft_text(set, name, strlen(name));
  draft_add_name(set, model, before);
}

/* "claude-3-5-haiku-latest" and "anthropic.claude-opus-4-1-20250805-v1:0" are names of something plainer. */
static void plain_name(struct draft_set *set, struct draft_model *model) {
  char name[MODEL_NAME_SIZE];
  const size_t len = strlen(model->name);
  if (len >= sizeof name)
    return;
  memcpy(name, model->name, len + 1);
  if (len > 5 && strcmp(name + len - 5, ":free") == 0)
    return;
  while (model_name_strip_end(name)) {}
  struct draft_model *owner = draft_find(set, model->provider, name);
  if (strcmp(name, model->name) != 0 && name[0] != '\0' && (owner == NULL || owner == model))
    rename_model(set, model, name);
  const size_t end = strlen(model->name);
  if (end <= 7 || strcmp(model->name + end - 7, "-latest") != 0)
    return;
  memcpy(name, model->name, end - 7);
  name[end - 7] = '\0';
  if (draft_has_name(model, name))
    rename_model(set, model, name);
}

/* Whether taking dates and versions off leads to the model without knowing this name. Regions and namespaces stay written out: they
 * are where prices differ. */
static bool is_found_without(const struct draft_set *set, const struct draft_model *model,
                             const char *text) {
  char name[MODEL_NAME_SIZE];
  const size_t len = strlen(text);
  if (len >= sizeof name)
    return true;
  memcpy(name, text, len + 1);
  while (model_name_strip_end(name)) {
    const struct draft_model *found = draft_find(set, model->provider, name);
    if (found != NULL)
      return found == model;
  }
  return false;
}

void merge_plain_names(struct draft_set *set) {
  for (size_t i = 0; i < set->model_count; i++)
    plain_name(set, set->models[i]);
}

void merge_names(struct draft_set *set) {
  for (size_t i = 0; i < set->model_count; i++)
    give_up_names(set, set->models[i]);
  for (size_t i = 0; i < set->model_count; i++) {
    struct draft_model *model = set->models[i];
    for (size_t k = model->name_count; k-- > 0;) {
      const char *name = model->names[k];
      drop_name(model, k);
      if (!is_found_without(set, model, name))
        draft_add_name(set, model, name);
    }
  }
}
