/* catalog.c - loading the catalogue and listing it; see pricing.h and catalog.h. */
#include "pricing/catalog.h"

#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "pricing/provider.h"

static int load_layer(struct price_file *file, const char *path, const char *id_prefix,
                      struct price_table *table, struct error *error) {
  if (path == NULL || path[0] == '\0')
    return PURSER_OK;
  const int status = price_file_read(file, path, error);
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK;
  if (status != PURSER_OK)
    return error_wrap(error, "prices");
  for (size_t i = 0; i < file->drafts.model_count; i++)
    file->drafts.models[i]->by_hand = id_prefix[0] != '\0';
  if (draft_freeze(&file->drafts, id_prefix, table) != PURSER_OK)
    return error_set(error, PURSER_ENOMEM, "prices: %s: out of memory", path);
  return PURSER_OK;
}

int catalog_load(struct catalog **out, const char *update_path, const char *override_path,
                 struct error *error) {
  *out = NULL;
  struct catalog *catalog = mem_zalloc(sizeof *catalog);
  if (catalog == NULL)
    return error_set(error, PURSER_ENOMEM, "prices: out of memory");
  catalog->builtin = &price_table_builtin;
  catalog->update_file = PRICE_FILE_INIT;
  catalog->override_file = PRICE_FILE_INIT;
  int status = load_layer(&catalog->update_file, update_path, "", &catalog->update, error);
  if (status == PURSER_OK)
    status = load_layer(&catalog->override_file, override_path, "user:", &catalog->override, error);
  if (status != PURSER_OK) {
    catalog_free(catalog);
    return status;
  }
  /* A newer purser knows more than what was fetched before it. */
  if (catalog->update.as_of < catalog->builtin->as_of)
    catalog->update = (struct price_table){0};
  *out = catalog;
  return PURSER_OK;
}

void catalog_free(struct catalog *catalog) {
  if (catalog == NULL)
    return;
  price_file_fini(&catalog->update_file);
  price_file_fini(&catalog->override_file);
  mem_free(catalog);
}

const struct price_model *catalog_listed(const struct catalog *catalog, const char *provider,
                                         const char *name) {
  const struct price_model *model = price_table_find(&catalog->update, provider, name);
  return model != NULL ? model : price_table_find(catalog->builtin, provider, name);
}

static void describe(const struct resolved *found, struct model_info *out) {
  const struct price_model *model = found->model;
  const struct rates rates = rates_complete(found->card->steps[0].rates);
  *out = (struct model_info){
      .model = model->name,
      .provider = model->provider,
      .rate_card = found->card->id,
      .context_window = model->context_window,
      .max_output = model->max_output,
      .input = rates.input,
      .cache_read = rates.cache_read,
      .cache_write_5m = rates.cache_write_5m,
      .cache_write_1h = rates.cache_write_1h,
      .output = rates.output,
      .free = model->free,
  };
  if (found->million && out->context_window < 1000000)
    out->context_window = 1000000;
  for (size_t i = 1; i < found->card->step_count && out->long_threshold == 0; i++) {
    if (found->card->steps[i].class == CLASS_STANDARD)
      out->long_threshold = found->card->steps[i].above;
  }
}

int catalog_find(const struct catalog *catalog, const char *provider_hint, const char *model,
                 int64_t at_ms, struct model_info *out) {
  struct resolved found;
  if (!catalog_resolve(catalog, provider_hint, model, at_ms, &found)) {
    *out = (struct model_info){.model = "",
                               .provider = "",
                               .rate_card = "",
                               .input = -1,
                               .cache_read = -1,
                               .cache_write_5m = -1,
                               .cache_write_1h = -1,
                               .output = -1};
    return PURSER_ENOTFOUND;
  }
  describe(&found, out);
  return PURSER_OK;
}

static int compare(const struct price_model *a, const struct price_model *b) {
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): both come from tables of models */
  const int names = strcmp(a->name, b->name);
  if (names != 0)
    return names;
  const int ranks = provider_rank(a->provider) - provider_rank(b->provider);
  return ranks != 0 ? ranks : strcmp(a->provider, b->provider);
}

/* The tables are sorted alike: a merge in which the upper layer hides the same model of a lower one. */
int catalog_each(const struct catalog *catalog, int64_t at_ms,
                 int (*each)(void *data, const struct model_info *info), void *data) {
  const struct price_table *const layers[] = {&catalog->override, &catalog->update,
                                              catalog->builtin};
  size_t at[3] = {0};
  const int64_t day = at_ms / CALENDAR_DAY_MS - (at_ms % CALENDAR_DAY_MS < 0);
  for (;;) {
    const struct price_model *least = NULL;
    for (size_t i = 0; i < 3; i++) {
      if (at[i] == layers[i]->model_count)
        continue;
      const struct price_model *model = &layers[i]->models[at[i]];
      if (least == NULL || compare(model, least) < 0)
        least = model;
    }
    if (least == NULL)
      return 0;
    struct resolved found = {0};
    for (size_t i = 0; i < 3; i++) {
      if (at[i] == layers[i]->model_count)
        continue;
      const struct price_model *model = &layers[i]->models[at[i]];
      if (compare(model, least) != 0)
        continue;
      at[i]++;
      if (found.card == NULL) {
        found.model = model;
        found.card = price_model_card(model, day);
      }
    }
    if (found.card == NULL)
      continue;
    struct model_info info;
    describe(&found, &info);
    const int stop = each(data, &info);
    if (stop != 0)
      return stop;
  }
}
