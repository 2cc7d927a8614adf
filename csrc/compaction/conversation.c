/* conversation.c - see conversation.h. */
#include "compaction/conversation.h"

#include <string.h>

#include "base/mem.h"
#include "pricing/pricing.h"

enum {
  HISTORY = 60,
  CACHE_TTL_MS = 300000, /* what providers keep a prefix for, unless it was written for an hour */
  CACHE_TTL_LONG_MS = 3600000,
  DEFAULT_RESERVE = 20000
};

void conversation_fini(struct conversation *conversation) {
  for (size_t i = 0; i < conversation->count; i++) {
    mem_free(conversation->texts[i]);
    mem_free((void *)(uintptr_t)conversation->items[i].id);
    mem_free((void *)(uintptr_t)conversation->items[i].name);
  }
  mem_free(conversation->items);
  mem_free(conversation->ids);
  mem_free(conversation->texts);
  mem_free(conversation->kinds);
  mem_free(conversation->model);
  *conversation = (struct conversation){.count = 0};
}

/* ---- loading ---- */

static int grow(struct conversation *c) {
  if (c->count < c->cap)
    return PURSER_OK;
  const size_t cap = c->cap > 0 ? c->cap * 2 : 64;
  void *items = mem_realloc(c->items, cap * sizeof *c->items);
  if (items == NULL)
    return PURSER_ENOMEM;
  c->items = items;
  void *ids = mem_realloc(c->ids, cap * sizeof *c->ids);
  if (ids == NULL)
    return PURSER_ENOMEM;
  c->ids = ids;
  void *texts = mem_realloc(c->texts, cap * sizeof *c->texts);
  if (texts == NULL)
    return PURSER_ENOMEM;
  c->texts = texts;
  void *kinds = mem_realloc(c->kinds, cap * sizeof *c->kinds);
  if (kinds == NULL)
    return PURSER_ENOMEM;
  c->kinds = kinds;
  c->cap = cap;
  return PURSER_OK;
}

static const char *copied(const char *text, bool *failed) {
  if (text == NULL || text[0] == '\0')
    return NULL;
  const char *copy = mem_strdup(text);
  *failed = *failed || copy == NULL;
  return copy;
}

static int add_item(void *data, const struct chat_item *item) {
  struct conversation *c = data;
  bool failed = grow(c) != PURSER_OK;
  if (failed)
    return PURSER_ENOMEM;
  const size_t at = c->count++;
  c->ids[at] = item->id;
  c->kinds[at] = item->kind;
  c->texts[at] = mem_strdup(item->text);
  c->items[at] = (struct compaction_item){
      .kind = (enum item_kind)item->kind,
      .id = copied(item->call, &failed),
      .name = copied(item->name, &failed),
      .tokens = item->masked ? plan_limits_default.placeholder : item->tokens,
      .failed = item->failed,
  };
  return failed || c->texts[at] == NULL ? PURSER_ENOMEM : PURSER_OK;
}

struct facts {
  struct conversation *conversation;
  char *agent;
};

static int take_facts(void *data, const struct chat_row *row) {
  struct facts *facts = data;
  facts->conversation->requests = row->requests;
  facts->conversation->failures = row->failures;
  facts->conversation->model = mem_strdup(row->model);
  facts->agent = mem_strdup(row->agent);
  return facts->conversation->model == NULL || facts->agent == NULL ? PURSER_ENOMEM : PURSER_OK;
}

struct newest {
  int64_t at_ms, after_tokens;
};

static int take_newest(void *data, const struct chat_compaction *row) {
  struct newest *newest = data;
  if (row->undone_ms == 0 && newest->at_ms == 0)
    *newest = (struct newest){row->at_ms, row->after_tokens};
  return 0;
}

static struct compaction_rates rates_of(const struct model_info *info) {
  return (struct compaction_rates){
      .input = info->input,
      .cache_read = info->cache_read >= 0 ? info->cache_read : info->input,
      .cache_write = info->cache_write_5m >= 0 ? info->cache_write_5m : info->input,
      .output = info->output,
  };
}

/* Without a price money says nothing, and only a full window does. */
static void take_prices(struct conversation *c, const struct catalog *catalog,
                        const struct conversation_options *options, bool written_for_an_hour) {
  struct model_info info;
  if (catalog_find(catalog, options->provider, c->model, options->now_ms, &info) == PURSER_OK) {
    c->context.window = info.context_window;
    if (info.max_output > 0 && info.max_output < DEFAULT_RESERVE)
      c->context.output_reserve = info.max_output;
    if (info.input >= 0)
      c->context.rates = rates_of(&info);
    if (written_for_an_hour && info.cache_write_1h >= 0)
      c->context.rates.cache_write = info.cache_write_1h;
  }
  c->context.summary_rates = c->context.rates;
  c->context.summary_reads_cache = true;
  if (options->summary_model == NULL || strcmp(options->summary_model, c->model) == 0)
    return;
  if (catalog_find(catalog, NULL, options->summary_model, options->now_ms, &info) == PURSER_OK &&
      info.input >= 0) {
    c->context.summary_rates = rates_of(&info);
    c->context.summary_reads_cache = false;
  }
}

/* What the provider counted beyond the items is what the client sends along; where it counted less, our estimate was too large. */
static void reconcile(struct conversation *c) {
  int64_t seen = 0;
  for (size_t i = 1; i < c->count; i++)
    seen += c->items[i].tokens;
  const int64_t counted = c->context.context_tokens;
  if (counted == 0) {
    c->context.context_tokens = seen;
  } else if (counted >= seen) {
    c->items[0].tokens = counted - seen;
  } else {
    int64_t scaled = 0;
    for (size_t i = 1; i < c->count; i++) {
      c->items[i].tokens = c->items[i].tokens * (counted * 1000 / seen) / 1000;
      scaled += c->items[i].tokens;
    }
    c->items[0].tokens = counted - scaled;
  }
}

static int load(struct conversation *c, struct ledger *ledger, const struct catalog *catalog,
                const char *name, const struct conversation_options *options, struct facts *facts,
                struct error *error) {
  static const struct chat_item unseen = {.kind = CHAT_SYSTEM, .text = "", .call = "", .name = ""};
  struct chat_request last;
  struct newest newest = {0};
  int64_t lengths[HISTORY];
  size_t count = 0;
  int status = add_item(c, &unseen);
  if (status == PURSER_OK)
    status = chat_get(ledger, name, take_facts, facts, error);
  if (status == PURSER_OK)
    status = chat_items(ledger, name, false, add_item, c, error);
  if (status == PURSER_OK)
    status = chat_compaction_each(ledger, name, take_newest, &newest, error);
  if (status == PURSER_OK)
    status = chat_lengths(ledger, facts->agent, name, lengths, HISTORY, &count, error);
  if (status != PURSER_OK)
    return status;
  status = chat_last_request(ledger, name, &last, error);
  if (status != PURSER_OK && status != PURSER_ENOTFOUND)
    return status;
  const purser_usage *u = &last.usage;
  c->used_ms = last.at_ms;
  c->context = (struct compaction_context){
      .context_tokens =
          u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h + u->output,
      .output_reserve = DEFAULT_RESERVE,
      .ttl_ms = u->cache_write_1h > 0 ? CACHE_TTL_LONG_MS : CACHE_TTL_MS,
      .idle_ms = last.at_ms > 0 ? options->now_ms - last.at_ms : -1,
      .further_requests_milli = compaction_further_requests(lengths, count, c->requests),
  };
  /* A compaction since then: the provider has not counted what is left. */
  if (newest.at_ms > last.at_ms)
    c->context.context_tokens = newest.after_tokens;
  take_prices(c, catalog, options, u->cache_write_1h > 0);
  reconcile(c);
  return PURSER_OK;
}

int conversation_load(struct conversation *out, struct ledger *ledger,
                      const struct catalog *catalog, const char *name,
                      const struct conversation_options *options, struct error *error) {
  *out = (struct conversation){.count = 0};
  struct facts facts = {.conversation = out};
  const int status = load(out, ledger, catalog, name, options, &facts, error);
  mem_free(facts.agent);
  if (status == PURSER_ENOMEM)
    (void)error_set(error, status, "read conversation %s: out of memory", name);
  if (status != PURSER_OK)
    conversation_fini(out);
  return status;
}

/* ---- judging ---- */

int conversation_plan(const struct conversation *conversation, enum plan_kind kind,
                      const struct plan_limits *limits, struct plan *out, enum item_fate **fates,
                      struct error *error) {
  *fates = mem_alloc((conversation->count + 1) * sizeof **fates);
  int status = *fates != NULL ? PURSER_OK : PURSER_ENOMEM;
  if (status == PURSER_OK)
    status = plan_make(conversation->items, conversation->count, kind, limits, *fates, out);
  if (status == PURSER_OK)
    return status;
  mem_free(*fates);
  *fates = NULL;
  return error_set(error, status, "plan a compaction: out of memory");
}

int conversation_judge(const struct conversation *conversation,
                       const struct compaction_policy *policy, const struct plan_limits *limits,
                       struct conversation_advice *out, struct error *error) {
  enum item_fate *fates[2] = {NULL, NULL};
  struct plan plans[2] = {{0}};
  struct compaction_option options[2] = {{0}};
  int status = PURSER_OK;
  *out = (struct conversation_advice){.fates = NULL};
  for (int kind = PLAN_MASK; kind <= PLAN_SUMMARISE && status == PURSER_OK; kind++) {
    status = conversation_plan(conversation, (enum plan_kind)kind, limits, &plans[kind],
                               &fates[kind], error);
    options[kind] = (struct compaction_option){plans[kind].prefix_tokens, plans[kind].size_tokens,
                                               plans[kind].summary_tokens};
  }
  if (status == PURSER_OK) {
    compaction_judge(&conversation->context, options, 2, policy, &out->verdict);
    if (out->verdict.level != COMPACTION_NONE) {
      out->kind = (enum plan_kind)out->verdict.option;
      out->plan = plans[out->kind];
      out->fates = fates[out->kind];
      fates[out->kind] = NULL;
    }
  }
  mem_free(fates[PLAN_MASK]);
  mem_free(fates[PLAN_SUMMARISE]);
  return status;
}

void conversation_keep(const struct conversation *conversation, int64_t id,
                       const struct plan_limits *limits, enum item_fate *fates, struct plan *plan) {
  const struct compaction_item *items = conversation->items;
  for (size_t i = 0; i < conversation->count; i++) {
    if (conversation->ids[i] != id)
      continue;
    for (size_t k = 0; k < conversation->count; k++) {
      if (k == i ||
          (items[i].id != NULL && items[k].id != NULL && strcmp(items[i].id, items[k].id) == 0))
        fates[k] = FATE_KEEP;
    }
  }
  plan_measure(items, conversation->count, limits, fates, plan);
}

int conversation_files(const struct conversation *conversation, const enum item_fate *fates,
                       struct file_list *out, struct error *error) {
  *out = (struct file_list){.count = 0};
  for (size_t i = 0; i < conversation->count; i++) {
    if (fates[i] != FATE_SUMMARISE || conversation->items[i].kind != ITEM_CALL)
      continue;
    if (file_list_read(out, conversation->texts[i]) != PURSER_OK) {
      file_list_fini(out);
      return error_set(error, PURSER_ENOMEM, "out of memory");
    }
  }
  return PURSER_OK;
}
