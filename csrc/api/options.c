/* options.c - see options.h. */
#include "api/options.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/money.h"

int json_dup(const struct json_doc *doc, json_id id, const char *key, char **out) {
  *out = NULL;
  const json_id value = json_get(doc, id, key);
  if (json_kind(doc, value) != JSON_STRING)
    return PURSER_OK;
  struct buf text = BUF_INIT;
  json_add_text(doc, value, &text);
  if (text.len == 0) {
    const int status = buf_status(&text);
    buf_fini(&text);
    return status;
  }
  *out = buf_detach(&text);
  return *out != NULL ? PURSER_OK : PURSER_ENOMEM;
}

static int copy_text(const struct json_doc *doc, json_id id, const char *key, char *out,
                     size_t size, struct error *error) {
  char *text;
  if (json_dup(doc, id, key, &text) != PURSER_OK) {
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  if (text == NULL)
    return PURSER_OK;
  const bool fits = strlen(text) < size;
  if (fits)
    (void)snprintf(out, size, "%s", text);
  mem_free(text);
  return fits ? PURSER_OK : error_set(error, PURSER_EINVAL, "%s: too long", key);
}

/* A word that one of the core's own functions knows: its value, `otherwise` when it is missing, or an error that
 * lists the words. */
static int word(const struct json_doc *doc, json_id id, const char *key,
                int (*parse)(const char *name), const char *words, int otherwise, int *out,
                struct error *error) {
  const json_id value = json_get(doc, id, key);
  *out = otherwise;
  if (json_kind(doc, value) == JSON_MISSING || json_kind(doc, value) == JSON_NULL)
    return PURSER_OK;
  char *text;
  if (json_dup(doc, id, key, &text) != PURSER_OK)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  const int found = text != NULL ? parse(text) : -1;
  mem_free(text);
  if (found < 0)
    return error_set(error, PURSER_EINVAL, "%s: expected one of %s", key, words);
  *out = found;
  return PURSER_OK;
}

static int parse_limit(const struct json_doc *doc, json_id id, struct policy *out,
                       struct error *error) {
  const json_id value = json_get(doc, id, "limit_cents");
  const enum json_kind kind = json_kind(doc, value);
  if (kind == JSON_MISSING || kind == JSON_NULL)
    return PURSER_OK;
  enum {
    MOST_CENTS = 900000000
  }; /* nine million dollars: what int64 nano-dollars hold, with room for sums */
  int64_t cents;
  if (json_i64(doc, value, &cents) != PURSER_OK || cents < 0 || cents > MOST_CENTS) {
    return error_set(error, PURSER_EINVAL,
                     "limit_cents: expected a whole number of cents from 0 to %d", MOST_CENTS);
  }
  out->has_limit = true;
  out->limit_nanousd = cents * MONEY_PER_CENT;
  return PURSER_OK;
}

static int parse_thresholds(const struct json_doc *doc, json_id id, struct policy *out,
                            struct error *error) {
  const json_id list = json_get(doc, id, "thresholds");
  if (json_kind(doc, list) != JSON_ARRAY)
    return PURSER_OK;
  out->threshold_count = 0;
  int64_t last = 0;
  for (json_id v = json_first(doc, list); v != JSON_NONE; v = json_next(doc, list, v)) {
    int64_t percent;
    if (json_i64(doc, v, &percent) != PURSER_OK || percent <= last || percent > 1000 ||
        out->threshold_count == POLICY_THRESHOLDS_MAX) {
      return error_set(error, PURSER_EINVAL,
                       "thresholds: expected up to %d ascending whole percents from 1 to 1000",
                       POLICY_THRESHOLDS_MAX);
    }
    last = percent;
    out->thresholds[out->threshold_count++] = (int32_t)percent;
  }
  return PURSER_OK;
}

int policy_parse(const struct json_doc *doc, json_id id, struct policy *out, struct error *error) {
  budget_policy_init(out);
  char scope[1100] = "";
  int status = copy_text(doc, id, "scope", scope, sizeof scope, error);
  if (status == PURSER_OK) {
    status = scope_parse(scope, &out->scope, out->scope_key, sizeof out->scope_key, error);
  }
  int value = 0;
  if (status == PURSER_OK)
    status = word(doc, id, "period", period_parse_kind, "\"month\", \"week\", \"day\"",
                  (int)out->period, &value, error);
  if (status != PURSER_OK)
    return status;
  out->period = (enum period_kind)value;
  status = word(doc, id, "at_limit", budget_at_limit_parse, "\"block\", \"ask\", \"warn\"",
                (int)out->at_limit, &value, error);
  if (status != PURSER_OK)
    return status;
  out->at_limit = (enum at_limit)value;
  out->reset_day = (int32_t)json_i64_or(doc, json_get(doc, id, "reset_day"), out->reset_day);
  const int last_day = out->period == PERIOD_WEEK ? 7 : 31;
  if (out->reset_day < 1 || out->reset_day > last_day) {
    return error_set(error, PURSER_EINVAL, "reset_day: expected 1 to %d", last_day);
  }
  status = copy_text(doc, id, "zone", out->zone, sizeof out->zone, error);
  if (status == PURSER_OK)
    status = parse_limit(doc, id, out, error);
  if (status == PURSER_OK)
    status = parse_thresholds(doc, id, out, error);
  out->forecast = json_is_true(doc, json_get(doc, id, "forecast"));
  return status;
}

static int parse_policies(struct options *out, const struct json_doc *doc, struct error *error) {
  const json_id list = json_get(doc, 0, "policies");
  size_t cap = 0;
  for (json_id v = json_first(doc, list); v != JSON_NONE; v = json_next(doc, list, v)) {
    void *items = out->policies;
    if (mem_grow(&items, &cap, out->policy_count + 1, sizeof *out->policies) != PURSER_OK) {
      return error_set(error, PURSER_ENOMEM, "out of memory");
    }
    out->policies = items;
    const int status = policy_parse(doc, v, &out->policies[out->policy_count], error);
    if (status != PURSER_OK)
      return error_wrap(error, "policies[%zu]", out->policy_count + 1);
    out->policies[out->policy_count++].origin = ORIGIN_CONFIG;
  }
  return PURSER_OK;
}

/* Dollars per million tokens -> nano-dollars per million tokens. */
static int parse_rate(const struct json_doc *doc, const char *path, int64_t *out,
                      struct error *error) {
  const json_id value = json_path(doc, 0, path);
  *out = -1;
  if (json_kind(doc, value) == JSON_MISSING || json_kind(doc, value) == JSON_NULL)
    return PURSER_OK;
  if (json_decimal(doc, value, 9, out) != PURSER_OK || *out < 0) {
    *out = -1;
    return error_set(error, PURSER_EINVAL, "%s: expected dollars per million tokens", path);
  }
  return PURSER_OK;
}

/* What the import is told: kept as it came, for the ledger keeps it for the program (import/settings.h). */
static int parse_settings(struct options *out, const struct json_doc *doc, struct error *error) {
  static const char *const keys[] = {"sources", "agent_rules", "billing", "notifications"};
  struct buf text = BUF_INIT;
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    const json_id id = json_get(doc, 0, keys[i]);
    const enum json_kind kind = json_kind(doc, id);
    if (kind == JSON_MISSING || kind == JSON_NULL)
      continue;
    if (kind == JSON_STRING || kind == JSON_NUMBER) {
      buf_fini(&text);
      return error_set(error, PURSER_EINVAL, "%s: expected a list or an object", keys[i]);
    }
    const purser_str raw = json_raw(doc, id);
    buf_addf(&text, "%s\"%s\":%.*s", text.len == 0 ? "{" : ",", keys[i], (int)raw.len, raw.ptr);
  }
  if (text.len == 0 && !text.failed)
    return PURSER_OK;
  buf_addc(&text, '}');
  out->settings = buf_detach(&text);
  return out->settings != NULL ? PURSER_OK : error_set(error, PURSER_ENOMEM, "out of memory");
}

int options_parse_json(struct options *out, const char *json, struct error *error) {
  *out = (struct options){.keep_prompt = KEEP_EXCERPT, .fallback_input = -1, .fallback_output = -1};
  if (json == NULL)
    return PURSER_OK;
  struct json_doc doc = JSON_DOC_INIT;
  int status = json_parse(&doc, json, strlen(json));
  if (status != PURSER_OK) {
    (void)error_set(error, status, "options: not valid JSON");
    goto out;
  }
  status = json_dup(&doc, 0, "db", &out->db);
  if (status == PURSER_OK)
    status = json_dup(&doc, 0, "prices_update", &out->prices_update);
  if (status == PURSER_OK)
    status = json_dup(&doc, 0, "prices_override", &out->prices_override);
  if (status == PURSER_OK)
    status = json_dup(&doc, 0, "zone", &out->zone);
  if (status != PURSER_OK) {
    (void)error_set(error, status, "out of memory");
    goto out;
  }
  int keep;
  status = word(&doc, 0, "keep_prompt", keep_prompt_parse, "\"none\", \"excerpt\", \"all\"",
                KEEP_EXCERPT, &keep, error);
  out->keep_prompt = (enum keep_prompt)keep;
  if (status == PURSER_OK)
    status = parse_rate(&doc, "fallback.input", &out->fallback_input, error);
  if (status == PURSER_OK) {
    status = parse_rate(&doc, "fallback.output", &out->fallback_output, error);
  }
  if (out->fallback_output < 0)
    out->fallback_output = out->fallback_input;
  out->enforce_subscription = json_is_true(&doc, json_get(&doc, 0, "enforce_subscription"));
  out->readonly = json_is_true(&doc, json_get(&doc, 0, "readonly"));
  if (status == PURSER_OK)
    status = parse_policies(out, &doc, error);
  if (status == PURSER_OK)
    status = parse_settings(out, &doc, error);
out:
  json_fini(&doc);
  if (status != PURSER_OK)
    options_fini(out);
  return status;
}

void options_fini(struct options *options) {
  mem_free(options->db);
  mem_free(options->prices_update);
  mem_free(options->prices_override);
  mem_free(options->zone);
  mem_free(options->policies);
  mem_free(options->settings);
  *options = (struct options){0};
}

static int spec_text(struct spec *spec, const struct json_doc *doc, json_id id, const char *key,
                     const char **field) {
  char *text;
  const int status = json_dup(doc, id, key, &text);
  if (status != PURSER_OK || text == NULL)
    return status;
  spec->texts[spec->text_count++] = text;
  *field = text;
  return PURSER_OK;
}

static int spec_texts(struct spec *out, const struct json_doc *doc) {
  struct run_request *r = &out->request;
  const struct {
    const char *key;
    const char **field;
  } fields[] = {
      {"agent", &r->agent},     {"source", &r->source},
      {"model", &r->model},     {"provider", &r->provider},
      {"effort", &r->effort},   {"workspace", &r->workspace},
      {"cwd", &r->cwd},         {"branch", &r->branch},
      {"session", &r->session}, {"conversation", &r->conversation},
      {"prompt", &r->prompt},   {"who", &r->who},
  };
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    if (spec_text(out, doc, 0, fields[i].key, fields[i].field) != PURSER_OK)
      return PURSER_ENOMEM;
  }
  const json_id record = json_get(doc, 0, "record");
  int status = spec_text(out, doc, record, "kind", &r->record_kind);
  if (status == PURSER_OK)
    status = spec_text(out, doc, record, "root", &r->record_root);
  if (status == PURSER_OK)
    status = json_dup(doc, 0, "dialect", &out->dialect);
  return status;
}

/* A threshold: what is out of range is as far as it goes. */
static int64_t clamp(int64_t value) {
  enum {
    MOST = 900000000
  };
  return value < 0 ? 0 : value > MOST ? MOST : value;
}

int spec_parse(struct spec *out, const char *json, struct error *error) {
  *out = (struct spec){0};
  struct json_doc doc = JSON_DOC_INIT;
  int status = json_parse(&doc, json != NULL ? json : "", json != NULL ? strlen(json) : 0);
  if (status != PURSER_OK) {
    (void)error_set(error, status, "run spec: not valid JSON");
    goto out;
  }
  status = spec_texts(out, &doc);
  if (status != PURSER_OK) {
    (void)error_set(error, status, "out of memory");
    goto out;
  }
  struct run_request *r = &out->request;
  int billing;
  status = word(&doc, 0, "billing", billing_parse, "\"metered\", \"subscription\", \"local\"",
                BILLING_METERED, &billing, error);
  r->billing = (enum billing)billing;
  out->has_billing = json_kind(&doc, json_get(&doc, 0, "billing")) == JSON_STRING;
  r->context_tokens = json_i64_or(&doc, json_get(&doc, 0, "context_tokens"), 0);
  r->max_output = json_i64_or(&doc, json_get(&doc, 0, "max_output"), 0);
  r->parent_run = json_i64_or(&doc, json_get(&doc, 0, "parent_run"), 0);
  r->max_requests = json_i64_or(&doc, json_get(&doc, 0, "max_requests"), 0);
  r->max_output_tokens = json_i64_or(&doc, json_get(&doc, 0, "max_output_tokens"), 0);
  r->runaway = (struct runaway_limits){
      .repeats = (int32_t)clamp(json_i64_or(&doc, json_path(&doc, 0, "runaway.repeats"), 0)),
      .times_usual =
          (int32_t)clamp(json_i64_or(&doc, json_path(&doc, 0, "runaway.times_usual"), 0)),
      .least_nanousd =
          MONEY_PER_CENT * clamp(json_i64_or(&doc, json_path(&doc, 0, "runaway.least_cents"), 0)),
  };
  r->free = json_is_true(&doc, json_get(&doc, 0, "free"));
  r->override_once = json_is_true(&doc, json_get(&doc, 0, "override_once"));
  r->compaction = json_is_true(&doc, json_get(&doc, 0, "compaction"));
  if (status == PURSER_OK && (r->agent == NULL || r->source == NULL || r->workspace == NULL)) {
    status = error_set(error, PURSER_EINVAL, "run spec: agent, source and workspace are required");
  }
out:
  json_fini(&doc);
  if (status != PURSER_OK)
    spec_fini(out);
  return status;
}

void spec_fini(struct spec *spec) {
  for (int i = 0; i < spec->text_count; i++)
    mem_free(spec->texts[i]);
  mem_free(spec->dialect);
  *spec = (struct spec){0};
}
