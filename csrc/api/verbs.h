/* verbs.h - what can be asked: each verb turns its arguments into a tree of JSON. One function a verb; they live in verbs_*.c by
 * what they ask about. */
#ifndef API_VERBS_H
#define API_VERBS_H

#include <cjson/cJSON.h>

#include "api/args.h"
#include "api/core.h"

/* Fills `out`, an empty object. PURSER_ENOMEM may be answered without a message. */
typedef int (*verb_function)(struct purser *core, struct args *args, cJSON *out,
                             struct error *error);

/* What only metered, subscription and local are; NULL is fine. */
int check_billing(const char *word, struct error *error);
/* Finds a verb by name and lets it fill `out`. */
int verb_fill(struct purser *core, const char *verb, purser_str arguments, cJSON *out,
              struct error *error);

int verb_report(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_log(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_run(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_conversation(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_batch(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_health(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_prices(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_budget_list(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_budget_set(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_budget_remove(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_budget_raise(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_forecast(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_crossings(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_estimate(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_gate(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_watch(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_recover(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_import_status(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_sources(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_chat_append(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_chat_list(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_chat_get(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_chat_messages(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_chat_rename(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_chat_delete(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_chat_fork(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_chat_session(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_compaction_judge(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_compaction_plan(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_compaction_apply(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_compaction_undo(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_compaction_failed(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_compaction_list(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_run_budget(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_route(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_review(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_review_dismiss(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_review_restore(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_what_if(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_compare(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_advice_accept(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_digest(struct purser *core, struct args *args, cJSON *out, struct error *error);
int verb_advice_after(struct purser *core, struct args *args, cJSON *out, struct error *error);

#endif
