/* shapes.c - see shapes.h. */
#include "api/shapes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/money.h"
#include "usage/flag_names.h"

bool shape_add(cJSON *object, const char *key, cJSON *value) {
  if (object != NULL && value != NULL && cJSON_AddItemToObject(object, key, value))
    return true;
  cJSON_Delete(value);
  return false;
}

static void write_int(struct buf *out, int64_t value) {
  char digits[24];
  size_t at = sizeof digits;
  uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    digits[--at] = (char)('0' + left % 10);
    left /= 10;
  } while (left > 0);
  if (value < 0)
    digits[--at] = '-';
  buf_add(out, digits + at, sizeof digits - at);
}

bool shape_add_int(cJSON *object, const char *key, int64_t value) {
  char text[24];
  (void)snprintf(text, sizeof text, "%" PRId64, value);
  return cJSON_AddRawToObject(object, key, text) != NULL;
}

bool shape_add_text(cJSON *object, const char *key, const char *value) {
  return value == NULL || cJSON_AddStringToObject(object, key, value) != NULL;
}

static bool add_cents(cJSON *object, const char *key, int64_t nanousd) {
  struct buf text = BUF_INIT;
  money_write_cents(&text, nanousd);
  const bool done =
      buf_status(&text) == PURSER_OK && cJSON_AddRawToObject(object, key, buf_text(&text)) != NULL;
  buf_fini(&text);
  return done;
}

char *shape_print(cJSON *tree) {
  char *text = tree != NULL ? cJSON_PrintUnformatted(tree) : NULL;
  cJSON_Delete(tree);
  return text;
}

/* A whole number under a name: most of every shape. */
struct int_field {
  const char *key;
  int64_t value;
};

static bool add_ints(cJSON *object, const struct int_field *fields, size_t count) {
  if (object == NULL)
    return false;
  for (size_t i = 0; i < count; i++) {
    if (!shape_add_int(object, fields[i].key, fields[i].value))
      return false;
  }
  return true;
}

struct text_field {
  const char *key;
  const char *value;
};

static bool add_texts(cJSON *object, const struct text_field *fields, size_t count) {
  if (object == NULL)
    return false;
  for (size_t i = 0; i < count; i++) {
    if (!shape_add_text(object, fields[i].key, fields[i].value))
      return false;
  }
  return true;
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Half a document is worse than none. */
static cJSON *whole(cJSON *object, bool complete) {
  if (complete)
    return object;
  cJSON_Delete(object);
  return NULL;
}

/* A view may ask for a thousand of these: written as text, which is ten times as fast as a tree of members. */
void shape_write_sums(struct buf *out, const char *key, const struct sums *s) {
  const struct int_field fields[] = {
      {"runs", s->runs},
      {"requests", s->requests},
      {"input", s->input},
      {"cache_read", s->cache_read},
      {"cache_write_5m", s->cache_write_5m},
      {"cache_write_1h", s->cache_write_1h},
      {"output", s->output},
      {"reasoning", s->reasoning},
      {"cost_nanousd", s->cost_nanousd},
      {"unpriced_requests", s->unpriced_requests},
      {"estimated_nanousd", s->estimated_nanousd},
      {"uncertain_nanousd", s->uncertain_nanousd},
      {"cost_input_nanousd", s->cost_input_nanousd},
      {"cost_cache_read_nanousd", s->cost_cache_read_nanousd},
      {"cost_cache_write_nanousd", s->cost_cache_write_nanousd},
      {"cost_output_nanousd", s->cost_output_nanousd},
      {"cost_extra_nanousd", s->cost_extra_nanousd},
      {"cache_saved_nanousd", s->cache_saved_nanousd},
  };
  buf_addc(out, '{');
  if (key != NULL) {
    buf_adds(out, "\"key\":");
    json_write_str(out, key, strlen(key));
  }
  for (size_t i = 0; i < COUNT(fields); i++) {
    buf_adds(out, i > 0 || key != NULL ? ",\"" : "\"");
    buf_adds(out, fields[i].key);
    buf_adds(out, "\":");
    write_int(out, fields[i].value);
  }
  buf_addc(out, '}');
}

cJSON *shape_sums(const struct sums *s) {
  struct buf text = BUF_INIT;
  shape_write_sums(&text, NULL, s);
  cJSON *raw = buf_status(&text) == PURSER_OK ? cJSON_CreateRaw(buf_text(&text)) : NULL;
  buf_fini(&text);
  return raw;
}

cJSON *shape_usage(const purser_usage *u) {
  const struct int_field fields[] = {
      {"input", u->input},
      {"cache_read", u->cache_read},
      {"cache_write_5m", u->cache_write_5m},
      {"cache_write_1h", u->cache_write_1h},
      {"output", u->output},
      {"reasoning", u->reasoning},
  };
  cJSON *object = cJSON_CreateObject();
  return whole(object, add_ints(object, fields, COUNT(fields)));
}

static bool add_thresholds(cJSON *object, const struct policy *policy) {
  cJSON *list = cJSON_CreateIntArray(policy->thresholds, policy->threshold_count);
  return shape_add(object, "thresholds", list);
}

cJSON *shape_budget(const struct policy_state *state) {
  const struct policy *p = &state->policy;
  struct buf scope = BUF_INIT;
  scope_write(&scope, p->scope, p->scope_key);
  const struct text_field texts[] = {
      {"scope", buf_text(&scope)},
      {"period", period_kind_name(p->period)},
      {"zone", p->zone},
      {"at_limit", budget_at_limit_name(p->at_limit)},
      {"origin", budget_origin_name(p->origin)},
  };
  const struct int_field ints[] = {
      {"id", p->id},
      {"reset_day", p->reset_day},
      {"version", p->version},
      {"spent_nanousd", state->spent_nanousd},
      {"held_nanousd", state->held_nanousd},
      {"raise_nanousd", state->raise_nanousd},
      {"start_ms", state->period.start_ms},
      {"resets_at_ms", state->period.end_ms},
  };
  cJSON *object = cJSON_CreateObject();
  bool done = add_texts(object, texts, COUNT(texts)) && add_ints(object, ints, COUNT(ints)) &&
              add_thresholds(object, p) &&
              (!p->forecast || cJSON_AddTrueToObject(object, "forecast") != NULL);
  if (p->has_limit) {
    done = done && shape_add_int(object, "limit_nanousd", state->limit_nanousd) &&
           add_cents(object, "limit_cents", p->limit_nanousd);
  }
  buf_fini(&scope);
  return whole(object, done);
}

bool shape_add_outlook(cJSON *budget, const struct outlook *o) {
  return (o->forecast.method == FORECAST_NONE ||
          shape_add_int(budget, "forecast_nanousd", o->forecast.p50_nanousd)) &&
         (o->exhausted_ms == 0 || shape_add_int(budget, "exhausted_ms", o->exhausted_ms));
}

/* "unusual" and, where it is, which figures are: "cost tokens". */
static bool add_unusual(cJSON *object, uint32_t unusual) {
  static const struct {
    uint32_t bit;
    const char *word;
  } figures[] = {{RUN_UNUSUAL_COST, "cost"},
                 {RUN_UNUSUAL_TOKENS, "tokens"},
                 {RUN_UNUSUAL_DURATION, "duration"}};
  char words[32] = "";
  if (cJSON_AddBoolToObject(object, "unusual", unusual != 0) == NULL)
    return false;
  for (size_t i = 0; i < COUNT(figures); i++) {
    if ((unusual & figures[i].bit) == 0)
      continue;
    const size_t len = strlen(words);
    (void)snprintf(words + len, sizeof words - len, "%s%s", len > 0 ? " " : "", figures[i].word);
  }
  return unusual == 0 || shape_add_text(object, "unusual_reason", words);
}

cJSON *shape_run(const struct run_row *r) {
  const struct text_field texts[] = {
      {"agent", r->agent},
      {"workspace", r->workspace},
      {"branch", r->branch},
      {"source", r->source},
      {"model", r->model},
      {"effort", r->effort},
      {"conversation", r->conversation},
      {"session", r->session},
      {"prompt", r->prompt},
      {"status", run_status_name(r->status)},
      {"billing", billing_name(r->billing)},
      {"reason", r->reason},
      {"message", r->message},
      {"cwd", r->cwd},
  };
  const struct int_field ints[] = {
      {"id", r->id},
      {"parent", r->parent_run},
      {"prompt_bytes", r->prompt_bytes},
      {"started_ms", r->started_ms},
      {"ended_ms", r->ended_ms},
      {"duration_ms", r->duration_ms},
      {"exit_code", r->exit_code},
      {"signal", r->signal},
      {"tool_calls", r->counts.tool_calls},
      {"retries", r->counts.retries},
      {"compactions", r->counts.compactions},
  };
  cJSON *object = cJSON_CreateObject();
  return whole(object, add_texts(object, texts, COUNT(texts)) &&
                           add_ints(object, ints, COUNT(ints)) && add_unusual(object, r->unusual) &&
                           shape_add(object, "sums", shape_sums(&r->sums)));
}

int64_t request_context(const struct request_row *r) {
  const purser_usage *u = &r->usage;
  return u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h + u->output;
}

static cJSON *flag_list(uint32_t flags) {
  cJSON *list = cJSON_CreateArray();
  for (int i = 0; list != NULL && flag_name(i) != NULL; i++) {
    if ((flags & (uint32_t)1 << i) == 0)
      continue;
    cJSON *name = cJSON_CreateString(flag_name(i));
    if (name == NULL || !cJSON_AddItemToArray(list, name)) {
      cJSON_Delete(name);
      cJSON_Delete(list);
      return NULL;
    }
  }
  return list;
}

cJSON *shape_request(const struct request_row *r) {
  const struct text_field texts[] = {
      {"key", r->key},         {"request_id", r->request_id},
      {"model", r->model},     {"tier", r->tier},
      {"speed", r->speed},     {"rate_card", r->rate_card},
      {"session", r->session}, {"status", cost_status_name(r->status)},
  };
  const struct int_field ints[] = {
      {"id", r->id},
      {"at_ms", r->at_ms},
      {"context_tokens", request_context(r)},
      {"cost_input_nanousd", r->cost_input_nanousd},
      {"cost_cache_read_nanousd", r->cost_cache_read_nanousd},
      {"cost_cache_write_nanousd", r->cost_cache_write_nanousd},
      {"cost_output_nanousd", r->cost_output_nanousd},
      {"extra_nanousd", r->extra_nanousd},
      {"cache_saved_nanousd", r->cache_saved_nanousd},
  };
  cJSON *object = cJSON_CreateObject();
  bool done = add_texts(object, texts, COUNT(texts)) && add_ints(object, ints, COUNT(ints)) &&
              shape_add(object, "flags", flag_list(r->flags)) &&
              shape_add(object, "usage", shape_usage(&r->usage));
  if (r->status == COST_UNKNOWN) {
    done = done && cJSON_AddNullToObject(object, "cost_nanousd") != NULL;
  } else {
    done = done && shape_add_int(object, "cost_nanousd", r->cost_nanousd);
  }
  return whole(object, done);
}

cJSON *shape_crossing(const struct crossing *c, bool mine) {
  struct buf scope = BUF_INIT;
  scope_write(&scope, c->scope, c->scope_key);
  const struct text_field texts[] = {
      {"scope", buf_text(&scope)},
      {"period", period_kind_name(c->period_kind)},
  };
  const struct int_field ints[] = {
      {"id", c->id},
      {"policy", c->policy_id},
      {"threshold", c->threshold},
      {"start_ms", c->period.start_ms},
      {"resets_at_ms", c->period.end_ms},
      {"run", c->run_id},
      {"at_ms", c->at_ms},
  };
  cJSON *object = cJSON_CreateObject();
  bool done = add_texts(object, texts, COUNT(texts)) && add_ints(object, ints, COUNT(ints)) &&
              add_cents(object, "spend_cents", c->spend_nanousd) &&
              add_cents(object, "limit_cents", c->limit_nanousd) &&
              cJSON_AddBoolToObject(object, "mine", mine) != NULL;
  if (c->exhausted_ms != 0)
    done = done && cJSON_AddTrueToObject(object, "forecast") != NULL &&
           shape_add_int(object, "exhausted_ms", c->exhausted_ms);
  buf_fini(&scope);
  return whole(object, done);
}

static const char *refusal_name(enum refusal refusal) {
  static const char *const names[] = {"none", "wait", "exhausted", "never", "unpriced"};
  return names[refusal];
}

cJSON *shape_refusal(const struct run_answer *answer) {
  const struct admission *a = &answer->admission;
  const struct text_field texts[] = {
      {"refusal", refusal_name(a->refusal)},
      {"at_limit", budget_at_limit_name(a->at_limit)},
      {"message", a->message},
  };
  const struct int_field ints[] = {
      {"estimate_nanousd", answer->estimate.high_nanousd},
      {"low_nanousd", answer->estimate.low_nanousd},
      {"minimum_nanousd", answer->estimate.minimum_nanousd},
  };
  cJSON *object = cJSON_CreateObject();
  bool done = add_texts(object, texts, COUNT(texts)) && add_ints(object, ints, COUNT(ints));
  if (a->has_policy)
    done = done && shape_add(object, "budget", shape_budget(&a->policy));
  return whole(object, done);
}
