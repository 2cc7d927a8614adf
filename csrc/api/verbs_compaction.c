/* verbs_compaction.c - compaction.judge, .plan, .apply, .undo, .failed, .list. */
#include <string.h>

#include "api/tree.h"
#include "api/verbs.h"
#include "base/mem.h"
#include "base/money.h"
#include "compaction/conversation.h"
#include "compaction/saved.h"
#include "run/estimate.h"

static int open_conversation(struct purser *core, struct args *args, struct conversation *out,
                             struct error *error) {
  *out = (struct conversation){.count = 0};
  const char *name = args_text(args, "conversation");
  const struct conversation_options options = {
      .summary_model = args_text(args, "summary_model"),
      .provider = args_text(args, "provider"),
      .now_ms = clock_now_ms(ledger_clock(core->ledger)),
  };
  if (args->failed)
    return PURSER_ENOMEM;
  if (name == NULL)
    return error_set(error, PURSER_EINVAL, "conversation: which one?");
  return conversation_load(out, core->ledger, core->catalog, name, &options, error);
}

/* ---- judge ---- */

struct figure {
  const char *key;
  int64_t value;
};

static bool add_figures(cJSON *out, const struct figure *figures, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!tree_add_int(out, figures[i].key, figures[i].value))
      return false;
  }
  return true;
}

static bool shape_outlook(cJSON *out, const struct conversation_advice *advice) {
  const struct compaction_outlook *o = &advice->verdict.outlook;
  const struct figure figures[] = {
      {"send_nanousd", o->send_nanousd},
      {"compact_nanousd", o->compact_nanousd},
      {"later_nanousd", o->later_nanousd},
      {"saving_nanousd", o->saving_nanousd},
      {"pays_after", o->pays_after},
      {"after_tokens", advice->plan.size_tokens},
      {"summary_tokens", advice->plan.summary_tokens},
      {"masked", (int64_t)advice->plan.masked},
      {"summarised", (int64_t)advice->plan.summarised},
  };
  return tree_add_text(out, "kind", advice->kind == PLAN_MASK ? "mask" : "summary") &&
         add_figures(out, figures, sizeof figures / sizeof figures[0]);
}

static bool shape_verdict(cJSON *out, const struct conversation *c,
                          const struct conversation_advice *advice) {
  const struct compaction_context *x = &c->context;
  const bool cold = x->ttl_ms <= 0 || x->idle_ms < 0 || x->idle_ms >= x->ttl_ms;
  money_sum next = {0};
  money_add_tokens(&next, x->context_tokens, cold ? x->rates.cache_write : x->rates.cache_read);
  const struct figure figures[] = {
      {"context_tokens", x->context_tokens},
      {"context_window", x->window},
      {"next_nanousd", money_round(next)},
      {"idle_ms", x->idle_ms},
      {"ttl_ms", x->ttl_ms},
      {"further_requests", x->further_requests_milli / 1000},
      {"failures", c->failures},
  };
  return tree_add_text(out, "level", compaction_level_name(advice->verdict.level)) &&
         tree_add_text(out, "reason", compaction_reason_name(advice->verdict.reason)) &&
         cJSON_AddBoolToObject(out, "cold", cold) != NULL &&
         cJSON_AddBoolToObject(out, "blocked", c->failures >= CONVERSATION_FAILURES_MAX) != NULL &&
         add_figures(out, figures, sizeof figures / sizeof figures[0]) &&
         (advice->verdict.level == COMPACTION_NONE || shape_outlook(out, advice));
}

int verb_compaction_judge(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct conversation c;
  struct conversation_advice advice;
  int status = open_conversation(core, args, &c, error);
  if (status != PURSER_OK)
    return status;
  const struct compaction_policy usual = compaction_policy_default;
  const struct compaction_policy policy = {
      .due_permille = args_int(args, "due_percent", usual.due_permille / 10) * 10,
      .margin_permille = args_int(args, "margin_percent", usual.margin_permille / 10) * 10,
      .minimum_nanousd = args_int(args, "minimum_nanousd", usual.minimum_nanousd),
  };
  status = conversation_judge(&c, &policy, &plan_limits_default, &advice, error);
  if (status == PURSER_OK && !shape_verdict(out, &c, &advice))
    status = PURSER_ENOMEM;
  mem_free(advice.fates);
  conversation_fini(&c);
  return status;
}

/* ---- plan ---- */

static int kind_of(struct args *args, enum plan_kind *out, struct error *error) {
  const char *kind = args_text(args, "kind");
  *out = kind != NULL && strcmp(kind, "mask") == 0 ? PLAN_MASK : PLAN_SUMMARISE;
  if (kind != NULL && strcmp(kind, "mask") != 0 && strcmp(kind, "summary") != 0)
    return error_set(error, PURSER_EINVAL, "kind: mask or summary");
  return PURSER_OK;
}

/* The plan, with what the user wants kept: the same for showing it and for carrying it out. */
static int make_plan(struct args *args, const struct conversation *c, enum plan_kind kind,
                     struct plan *plan, enum item_fate **fates, struct error *error) {
  const struct plan_limits *limits = &plan_limits_default;
  const int status = conversation_plan(c, kind, limits, plan, fates, error);
  const json_id keep = json_get(&args->doc, 0, "keep");
  if (status != PURSER_OK)
    return status;
  for (json_id id = json_first(&args->doc, keep); id != JSON_NONE;
       id = json_next(&args->doc, keep, id))
    conversation_keep(c, json_i64_or(&args->doc, id, -1), limits, *fates, plan);
  return PURSER_OK;
}

static bool add_planned(cJSON *list, const struct conversation *c, const enum item_fate *fates) {
  static const char *const names[] = {"keep", "mask", "summarise"};
  /* The first item stands for what nobody said. */
  for (size_t i = 1; i < c->count; i++) {
    cJSON *object = cJSON_CreateObject();
    const bool done = object != NULL && tree_add_int(object, "id", c->ids[i]) &&
                      tree_add_text(object, "kind", chat_kind_name(c->kinds[i])) &&
                      tree_add_text(object, "name", c->items[i].name) &&
                      tree_add_text(object, "text", c->texts[i]) &&
                      tree_add_int(object, "tokens", c->items[i].tokens) &&
                      tree_add_text(object, "fate", names[fates[i]]) &&
                      cJSON_AddItemToArray(list, object);
    if (!done) {
      cJSON_Delete(object);
      return false;
    }
  }
  return true;
}

static int read_rules(struct args *args, struct file_list *out) {
  const json_id rules = json_get(&args->doc, 0, "rules");
  for (json_id id = json_first(&args->doc, rules); id != JSON_NONE;
       id = json_next(&args->doc, rules, id)) {
    struct buf path = BUF_INIT;
    json_add_text(&args->doc, id, &path);
    const int status = path.failed ? PURSER_ENOMEM : file_list_add(out, buf_text(&path));
    buf_fini(&path);
    if (status != PURSER_OK)
      return status;
  }
  return PURSER_OK;
}

static int write_request(const struct conversation *c, const enum item_fate *fates,
                         const struct file_list *files, const struct file_list *rules,
                         struct buf *out) {
  struct summary_item *items = mem_alloc((c->count + 1) * sizeof *items);
  size_t count = 0;
  if (items == NULL)
    return PURSER_ENOMEM;
  for (size_t i = 0; i < c->count; i++) {
    if (fates[i] == FATE_SUMMARISE)
      items[count++] = (struct summary_item){chat_kind_name(c->kinds[i]), c->items[i].name,
                                             c->texts[i], c->items[i].failed};
  }
  summary_write_request(out, items, count, files, rules);
  mem_free(items);
  return buf_status(out);
}

static int shape_plan(cJSON *out, struct args *args, const struct conversation *c,
                      const struct plan *plan, const enum item_fate *fates, struct error *error) {
  struct file_list files = {.count = 0};
  struct file_list rules = {.count = 0};
  struct buf request = BUF_INIT;
  int status = conversation_files(c, fates, &files, error);
  if (status == PURSER_OK)
    status = read_rules(args, &rules);
  if (status == PURSER_OK && plan->summarised > 0)
    status = write_request(c, fates, &files, &rules, &request);
  cJSON *list = cJSON_AddArrayToObject(out, "items");
  cJSON *paths = cJSON_AddArrayToObject(out, "files");
  bool done = status == PURSER_OK && list != NULL && paths != NULL && add_planned(list, c, fates);
  for (size_t i = 0; done && i < files.count; i++) {
    cJSON *path = cJSON_CreateString(files.paths[i]);
    done = path != NULL && cJSON_AddItemToArray(paths, path);
  }
  const struct figure figures[] = {
      {"before_tokens", c->context.context_tokens}, {"after_tokens", plan->size_tokens},
      {"summary_tokens", plan->summary_tokens},     {"masked", (int64_t)plan->masked},
      {"summarised", (int64_t)plan->summarised},
  };
  done = done && add_figures(out, figures, sizeof figures / sizeof figures[0]);
  if (plan->summarised > 0)
    done = done && tree_add_text(out, "request", buf_text(&request));
  file_list_fini(&files);
  file_list_fini(&rules);
  buf_fini(&request);
  return status == PURSER_OK && !done ? PURSER_ENOMEM : status;
}

int verb_compaction_plan(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct conversation c;
  struct plan plan;
  enum plan_kind kind;
  enum item_fate *fates = NULL;
  int status = kind_of(args, &kind, error);
  if (status == PURSER_OK)
    status = open_conversation(core, args, &c, error);
  if (status != PURSER_OK)
    return status;
  status = make_plan(args, &c, kind, &plan, &fates, error);
  if (status == PURSER_OK)
    status = shape_plan(out, args, &c, &plan, fates, error);
  mem_free(fates);
  conversation_fini(&c);
  return status;
}

/* ---- apply ---- */

struct applying {
  struct chat_compaction what;
  struct chat_change *changes;
  size_t count;
  const char *summary;
  int64_t summary_tokens, replaced_tokens;
};

static int collect(const struct conversation *c, const enum item_fate *fates, struct applying *a) {
  a->changes = mem_alloc((c->count + 1) * sizeof *a->changes);
  if (a->changes == NULL)
    return PURSER_ENOMEM;
  for (size_t i = 1; i < c->count; i++) {
    if (fates[i] == FATE_KEEP)
      continue;
    a->changes[a->count++] = (struct chat_change){c->ids[i], fates[i] == FATE_MASK};
    if (fates[i] == FATE_SUMMARISE)
      a->replaced_tokens += c->items[i].tokens;
  }
  return PURSER_OK;
}

/* A summary has to stand the test before anything is changed. */
static int check(const struct conversation *c, const enum item_fate *fates, struct applying *a,
                 struct error *error) {
  struct file_list files;
  int status = conversation_files(c, fates, &files, error);
  if (status != PURSER_OK)
    return status;
  a->summary_tokens = estimate_text_tokens(a->summary, strlen(a->summary)) *
                      estimate_family_permille(c->model) / 1000;
  status = summary_check(a->summary, a->summary_tokens, a->replaced_tokens, &files, error);
  file_list_fini(&files);
  return status;
}

static int apply(struct purser *core, struct args *args, const struct conversation *c,
                 enum plan_kind kind, struct applying *a, int64_t *id, struct error *error) {
  struct plan plan;
  enum item_fate *fates = NULL;
  int status = make_plan(args, c, kind, &plan, &fates, error);
  if (status == PURSER_OK)
    status = collect(c, fates, a);
  if (status == PURSER_OK && a->count == 0)
    status = error_set(error, PURSER_EINVAL, "there is nothing to gain from compacting this now");
  if (status == PURSER_OK && plan.summarised > 0)
    status = check(c, fates, a, error);
  a->what.before_tokens = c->context.context_tokens;
  a->what.after_tokens = plan.size_tokens - plan.summary_tokens + a->summary_tokens;
  if (status == PURSER_OK)
    status = chat_compact(core->ledger, &a->what, a->changes, a->count,
                          plan.summarised > 0 ? a->summary : NULL, a->summary_tokens, id, error);
  mem_free(fates);
  return status;
}

/* A client compacted its own session: what it kept is its business, that it happened is booked. */
static int apply_client(struct purser *core, struct args *args, struct applying *a, int64_t *id,
                        struct error *error) {
  a->what.kind = "client";
  a->what.before_tokens = args_int(args, "before_tokens", 0);
  a->what.after_tokens = args_int(args, "after_tokens", 0);
  if (a->what.after_tokens <= 0 || a->what.after_tokens >= a->what.before_tokens)
    return error_set(
        error, PURSER_EINVAL,
        "the client's compaction made nothing smaller (%lld tokens before, %lld after)",
        (long long)a->what.before_tokens, (long long)a->what.after_tokens);
  return chat_compact(core->ledger, &a->what, NULL, 0, NULL, 0, id, error);
}

int verb_compaction_apply(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  const char *kind_name = args_text(args, "kind");
  const char *summary = args_text(args, "summary");
  struct applying a = {.summary = summary != NULL ? summary : ""};
  struct conversation c = {.count = 0};
  enum plan_kind kind = PLAN_MASK;
  int64_t id = 0;
  const bool by_client = kind_name != NULL && strcmp(kind_name, "client") == 0;
  int status = by_client ? PURSER_OK : kind_of(args, &kind, error);
  if (status == PURSER_OK)
    status = open_conversation(core, args, &c, error);
  if (status != PURSER_OK)
    return status;
  a.what.conversation = args_text(args, "conversation");
  a.what.session_before = args_text(args, "session_before");
  a.what.session = args_text(args, "session");
  a.what.run_id = args_int(args, "run", 0);
  a.what.kind = kind == PLAN_MASK ? "mask" : "summary";
  status = by_client ? apply_client(core, args, &a, &id, error)
                     : apply(core, args, &c, kind, &a, &id, error);
  const struct figure figures[] = {{"compaction", id},
                                   {"before_tokens", a.what.before_tokens},
                                   {"after_tokens", a.what.after_tokens}};
  if (status == PURSER_OK && !add_figures(out, figures, 3))
    status = PURSER_ENOMEM;
  mem_free(a.changes);
  conversation_fini(&c);
  return status;
}

/* ---- undo, failed, list ---- */

int verb_compaction_undo(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  const char *name = args_text(args, "conversation");
  char *session = NULL;
  int64_t id = 0;
  if (name == NULL)
    return error_set(error, PURSER_EINVAL, "conversation: which one?");
  int status = chat_undo(core->ledger, name, &id, &session, error);
  if (status == PURSER_OK &&
      !(tree_add_int(out, "compaction", id) && tree_add_text(out, "session", session)))
    status = PURSER_ENOMEM;
  mem_free(session);
  return status;
}

int verb_compaction_failed(struct purser *core, struct args *args, cJSON *out,
                           struct error *error) {
  const char *name = args_text(args, "conversation");
  int64_t failures = 0;
  if (name == NULL)
    return error_set(error, PURSER_EINVAL, "conversation: which one?");
  const int status = chat_compaction_failed(core->ledger, name, &failures, error);
  if (status != PURSER_OK)
    return status;
  const bool blocked = failures >= CONVERSATION_FAILURES_MAX;
  return tree_add_int(out, "failures", failures) &&
                 cJSON_AddBoolToObject(out, "blocked", blocked) != NULL
             ? PURSER_OK
             : PURSER_ENOMEM;
}

struct listing {
  struct purser *core;
  cJSON *list;
  struct error *error;
};

static int add_compaction(void *data, const struct chat_compaction *row) {
  const struct listing *l = data;
  struct compaction_saved saved;
  const int status = compaction_saved(l->core->ledger, l->core->catalog, row, &saved, l->error);
  if (status != PURSER_OK)
    return status;
  const struct figure figures[] = {
      {"id", row->id},
      {"run", row->run_id},
      {"at_ms", row->at_ms},
      {"before_tokens", row->before_tokens},
      {"after_tokens", row->after_tokens},
      {"undone_ms", row->undone_ms},
      {"requests", saved.requests},
      {"saved_tokens", saved.tokens},
      {"saved_nanousd", saved.nanousd},
      {"cost_nanousd", saved.cost_nanousd},
  };
  cJSON *object = cJSON_CreateObject();
  const bool done = object != NULL && tree_add_text(object, "kind", row->kind) &&
                    tree_add_text(object, "conversation", row->conversation) &&
                    add_figures(object, figures, sizeof figures / sizeof figures[0]) &&
                    cJSON_AddItemToArray(l->list, object);
  if (done)
    return 0;
  cJSON_Delete(object);
  return PURSER_ENOMEM;
}

int verb_compaction_list(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct listing l = {core, cJSON_AddArrayToObject(out, "compactions"), error};
  if (l.list == NULL)
    return PURSER_ENOMEM;
  return chat_compaction_each(core->ledger, args_text(args, "conversation"), add_compaction, &l,
                              error);
}
