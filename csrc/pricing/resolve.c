/* resolve.c - from a name to a card: aliases, sellers, layers. See catalog.h; the forms of a name come from model_name.h. */
#include <string.h>

#include "base/calendar.h"
#include "pricing/catalog.h"
#include "pricing/model_name.h"
#include "pricing/provider.h"

/* Who may be asked for a price: names in lower case, "" where unknown. */
struct sellers {
  char hint[MODEL_NAME_SIZE];
  char space[MODEL_NAME_SIZE];      /* the name's first segment: "acme" in "acme/large" */
  const struct provider *from_hint; /* NULL for a stranger */
  const struct provider *from_name; /* the outermost seller that the name's namespaces name */
  const struct provider *chosen;    /* whose prices come first; NULL */
  bool local;
};

static void lower(char *out, const char *text, size_t len) {
  if (len >= MODEL_NAME_SIZE)
    len = 0;
  for (size_t i = 0; i < len; i++)
    out[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
  out[len] = '\0';
}

static void find_sellers(struct sellers *s, const char *hint, const char *model) {
  *s = (struct sellers){0};
  if (hint != NULL)
    lower(s->hint, hint, strlen(hint));
  const char *slash = strchr(model, '/');
  if (slash != NULL)
    lower(s->space, model, (size_t)(slash - model));
  s->from_hint = provider_find(s->hint, strlen(s->hint));
  struct model_name name;
  if (model_name_init(&name, model) == PURSER_OK) {
    while (model_name_next(&name)) {}
    s->from_name = name.provider;
  }
  s->local = (s->from_hint != NULL && s->from_hint->kind == PROVIDER_LOCAL) ||
             (s->from_name != NULL && s->from_name->kind == PROVIDER_LOCAL);
  /* A router or cloud in the name is more than a hint; a maker in it is less. */
  const bool routed = s->from_name != NULL && s->from_name->kind == PROVIDER_RESELLER;
  s->chosen = routed || s->from_hint == NULL ? s->from_name : s->from_hint;
}

/* Whether a user's entry for `provider` speaks of this request. */
static bool is_asked(const struct sellers *s, const char *provider) {
  if (provider[0] == '\0')
    return true;
  if (strcmp(provider, s->hint) == 0 || strcmp(provider, s->space) == 0)
    return true;
  if (s->local && strcmp(provider, "local") == 0)
    return true;
  return s->chosen != NULL && strcmp(provider, s->chosen->id) == 0;
}

static bool take(struct resolved *out, const struct price_model *model, int64_t day) {
  const struct price_card *card = model != NULL ? price_model_card(model, day) : NULL;
  if (card == NULL)
    return false;
  out->model = model;
  out->card = card;
  return true;
}

/* The user's own entries, through all forms of the name. `anyone`: also those of a provider that nobody named. */
static bool resolve_override(const struct catalog *catalog, const struct sellers *s,
                             const char *model, int64_t day, bool anyone, struct resolved *out) {
  const struct price_table *table = &catalog->override;
  if (table->model_count == 0)
    return false;
  struct model_name name;
  if (model_name_init(&name, model) != PURSER_OK)
    return false;
  /* The namespace of a provider that only the user knows is no decoration to the pipeline. */
  const size_t own = s->space[0] != '\0' ? strlen(s->space) + 1 : 0;
  do {
    const char *const forms[] = {name.form, own != 0 &&
                                                    strncmp(name.form, s->space, own - 1) == 0 &&
                                                    name.form[own - 1] == '/'
                                                ? name.form + own
                                                : NULL};
    for (size_t f = 0; f < 2 && forms[f] != NULL; f++) {
      size_t count;
      const struct price_name *names = price_table_names(table, forms[f], &count);
      for (size_t i = 0; i < count; i++) {
        const struct price_model *found = &table->models[names[i].model];
        const struct provider *seller = provider_find(found->provider, strlen(found->provider));
        const bool stray = anyone && (seller == NULL || seller->kind != PROVIDER_LOCAL);
        if ((stray || is_asked(s, found->provider)) && take(out, found, day))
          return true;
      }
    }
  } while (model_name_next(&name));
  return false;
}

/* A provider that the user declared free or local as a whole. */
static bool resolve_free_provider(const struct catalog *catalog, const struct sellers *s,
                                  int64_t day, struct resolved *out) {
  size_t count;
  const struct price_name *names = price_table_names(&catalog->override, "*", &count);
  for (size_t i = 0; i < count; i++) {
    const struct price_model *found = &catalog->override.models[names[i].model];
    if (is_asked(s, found->provider) && take(out, found, day))
      return true;
  }
  return false;
}

enum who {
  WHO_CHOSEN, /* only the chosen seller */
  WHO_MAKERS, /* only makers */
  WHO_ANYONE  /* makers, and resellers where the form itself says that it is theirs */
};

static bool may_sell(const struct sellers *s, const struct price_model *model, enum who who,
                     bool qualified) {
  const struct provider *seller = provider_find(model->provider, strlen(model->provider));
  if (seller == NULL)
    return false;
  switch (who) {
  case WHO_CHOSEN: return seller == s->chosen;
  case WHO_MAKERS: return seller->kind == PROVIDER_MAKER;
  case WHO_ANYONE: return seller->kind == PROVIDER_MAKER || qualified;
  }
  return false;
}

/* The models of a form are sorted by their seller's rank, makers first. */
static const struct price_model *look_up(const struct catalog *catalog, const struct sellers *s,
                                         const char *form, enum who who) {
  const struct price_table *const tables[] = {catalog->builtin, &catalog->update};
  const bool qualified = model_name_is_qualified(form);
  for (size_t t = 0; t < 2; t++) {
    size_t count;
    const struct price_name *names = price_table_names(tables[t], form, &count);
    for (size_t i = 0; i < count; i++) {
      const struct price_model *model = &tables[t]->models[names[i].model];
      if (may_sell(s, model, who, qualified))
        return model;
    }
  }
  return NULL;
}

static const struct price_model *walk(const struct catalog *catalog, const struct sellers *s,
                                      const char *text, enum who who) {
  struct model_name name;
  if (model_name_init(&name, text) != PURSER_OK)
    return NULL;
  do {
    const struct price_model *model = look_up(catalog, s, name.form, who);
    if (model != NULL)
      return model;
  } while (model_name_next(&name));
  return NULL;
}

/* The chosen seller's price; else, without a seller to choose or with one who has none, the maker's. */
static const struct price_model *find_listed(const struct catalog *catalog, const struct sellers *s,
                                             const char *text) {
  const struct price_model *model = NULL;
  struct model_name name;
  if (s->from_hint == NULL && model_name_init(&name, text) == PURSER_OK)
    model = look_up(catalog, s, name.form, WHO_ANYONE);
  if (model == NULL && s->chosen != NULL)
    model = walk(catalog, s, text, WHO_CHOSEN);
  const bool routed = s->chosen != NULL && s->chosen->kind == PROVIDER_RESELLER;
  return model != NULL ? model : walk(catalog, s, text, routed ? WHO_MAKERS : WHO_ANYONE);
}

static const char *unalias(const struct catalog *catalog, const char *model) {
  if (catalog->override_file.alias_count == 0)
    return model;
  char name[MODEL_NAME_SIZE];
  lower(name, model, strlen(model));
  for (size_t i = 0; i < catalog->override_file.alias_count; i++) {
    if (strcmp(catalog->override_file.aliases[i].name, name) == 0)
      return catalog->override_file.aliases[i].target;
  }
  return model;
}

bool catalog_resolve(const struct catalog *catalog, const char *hint, const char *model,
                     int64_t at_ms, struct resolved *out) {
  *out = (struct resolved){0};
  if (model == NULL || model[0] == '\0')
    return false;
  const int64_t day = at_ms / CALENDAR_DAY_MS - (at_ms % CALENDAR_DAY_MS < 0);
  const char *text = unalias(catalog, model);
  struct sellers sellers;
  find_sellers(&sellers, hint, text);
  struct model_name name;
  out->million = model_name_init(&name, text) == PURSER_OK && name.million;
  if (resolve_override(catalog, &sellers, text, day, false, out) ||
      resolve_free_provider(catalog, &sellers, day, out))
    return true;
  if (sellers.local)
    return false;
  const struct price_model *listed = find_listed(catalog, &sellers, text);
  if (listed == NULL)
    return resolve_override(catalog, &sellers, text, day, true, out);
  /* The user's word on this very model, then the newer set's, then the built-in one's. */
  return take(out, price_table_find(&catalog->override, listed->provider, listed->name), day) ||
         take(out, price_table_find(&catalog->override, "", listed->name), day) ||
         take(out, price_table_find(&catalog->update, listed->provider, listed->name), day) ||
         take(out, price_table_find(catalog->builtin, listed->provider, listed->name), day);
}
