/* options.h - the documents that come in: purser_open()'s options and a run's spec (README.md of this folder). */
#ifndef API_OPTIONS_H
#define API_OPTIONS_H

#include "base/json.h"
#include "budget/budget.h"
#include "run/run.h"

struct options {
  char *db; /* NULL: the default */
  char *prices_update;
  char *prices_override;
  char *zone; /* NULL: leave the ledger's */
  enum keep_prompt keep_prompt;
  int64_t fallback_input; /* nano-dollars per million tokens; -1 none */
  int64_t fallback_output;
  bool enforce_subscription;
  bool readonly;
  struct policy *policies;
  size_t policy_count;
  char *
      settings; /* "sources", "agent_rules", "billing" and "notifications" as they came; NULL: none of them */
};

/* `json` NULL: defaults. The message names the field. */
int options_parse_json(struct options *out, const char *json, struct error *error);
void options_fini(struct options *options);

/* One policy out of a document; fields that are missing get their defaults. */
int policy_parse(const struct json_doc *doc, json_id id, struct policy *out, struct error *error);

/* A run's spec; strings live in `texts` until it is freed. */
struct spec {
  struct run_request request;
  char *dialect;
  bool has_billing; /* it was said how the run is billed */
  char *texts[16];
  int text_count;
};
int spec_parse(struct spec *out, const char *json, struct error *error);
void spec_fini(struct spec *spec);

/* A member's text as an owned string, NULL if missing or empty. PURSER_ENOMEM only. */
int json_dup(const struct json_doc *doc, json_id id, const char *key, char **out);

#endif
