/* shapes.c - see shapes.h. */
#include "api/shapes.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/money.h"
#include "usage/flag_names.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A whole number under a name: most of every shape. */
struct int_field {
  const char *key;
  int64_t value;
};

static void put_ints(struct buf *out, const struct int_field *fields, size_t count) {
  for (size_t i = 0; i < count; i++)
    json_put_i64(out, fields[i].key, fields[i].value);
}

struct text_field {
  const char *key;
  const char *value;
};

static void put_texts(struct buf *out, const struct text_field *fields, size_t count) {
  for (size_t i = 0; i < count; i++)
    json_put_text(out, fields[i].key, fields[i].value);
}

static void put_cents(struct buf *out, const char *key, int64_t nanousd) {
  json_put_key(out, key);
  money_write_cents(out, nanousd);
}

static void put_scope(struct buf *out, enum scope_kind scope, const char *scope_key) {
  struct buf text = BUF_INIT;
  scope_write(&text, scope, scope_key);
  json_put_text(out, "scope", buf_text(&text));
  out->failed = out->failed || text.failed;
  buf_fini(&text);
}

void shape_sums(struct buf *out, const char *key, const struct sums *s) {
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
  json_open(out);
  json_put_text(out, "key", key);
  put_ints(out, fields, COUNT(fields));
  json_close(out);
}

static void put_usage(struct buf *out, const purser_usage *u) {
  const struct int_field fields[] = {
      {"input", u->input},
      {"cache_read", u->cache_read},
      {"cache_write_5m", u->cache_write_5m},
      {"cache_write_1h", u->cache_write_1h},
      {"output", u->output},
      {"reasoning", u->reasoning},
  };
  json_put_key(out, "usage");
  json_open(out);
  put_ints(out, fields, COUNT(fields));
  json_close(out);
}

static void put_thresholds(struct buf *out, const struct policy *policy) {
  json_put_list(out, "thresholds");
  for (int i = 0; i < policy->threshold_count; i++) {
    json_put_item(out);
    buf_addf(out, "%d", policy->thresholds[i]);
  }
  buf_addc(out, ']');
}

void shape_budget(struct buf *out, const struct policy_state *state) {
  const struct policy *p = &state->policy;
  const struct text_field texts[] = {
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
  json_open(out);
  put_scope(out, p->scope, p->scope_key);
  put_texts(out, texts, COUNT(texts));
  put_ints(out, ints, COUNT(ints));
  put_thresholds(out, p);
  if (p->forecast)
    json_put_bool(out, "forecast", true);
  if (p->has_limit) {
    json_put_i64(out, "limit_nanousd", state->limit_nanousd);
    put_cents(out, "limit_cents", p->limit_nanousd);
  }
  json_close(out);
}

void shape_listed_budget(struct buf *out, const struct policy_state *state,
                         const struct outlook *o) {
  shape_budget(out, state);
  json_reopen(out);
  if (o->forecast.method != FORECAST_NONE)
    json_put_i64(out, "forecast_nanousd", o->forecast.p50_nanousd);
  if (o->exhausted_ms != 0)
    json_put_i64(out, "exhausted_ms", o->exhausted_ms);
  json_close(out);
}

/* "unusual" and, where it is, which figures are: "cost tokens". */
static void put_unusual(struct buf *out, uint32_t unusual) {
  static const struct {
    uint32_t bit;
    const char *word;
  } figures[] = {{RUN_UNUSUAL_COST, "cost"},
                 {RUN_UNUSUAL_TOKENS, "tokens"},
                 {RUN_UNUSUAL_DURATION, "duration"}};
  char words[32] = "";
  json_put_bool(out, "unusual", unusual != 0);
  for (size_t i = 0; i < COUNT(figures); i++) {
    if ((unusual & figures[i].bit) == 0)
      continue;
    const size_t len = strlen(words);
    (void)snprintf(words + len, sizeof words - len, "%s%s", len > 0 ? " " : "", figures[i].word);
  }
  if (unusual != 0)
    json_put_text(out, "unusual_reason", words);
}

void shape_run(struct buf *out, const struct run_row *r) {
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
  json_open(out);
  put_texts(out, texts, COUNT(texts));
  put_ints(out, ints, COUNT(ints));
  put_unusual(out, r->unusual);
  json_put_key(out, "sums");
  shape_sums(out, NULL, &r->sums);
  json_close(out);
}

int64_t request_context(const struct request_row *r) {
  const purser_usage *u = &r->usage;
  return u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h + u->output;
}

void shape_request(struct buf *out, const struct request_row *r) {
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
  json_open(out);
  put_texts(out, texts, COUNT(texts));
  put_ints(out, ints, COUNT(ints));
  json_put_key(out, "flags");
  flags_write(out, r->flags);
  put_usage(out, &r->usage);
  if (r->status != COST_UNKNOWN)
    json_put_i64(out, "cost_nanousd", r->cost_nanousd);
  else
    json_put_null(out, "cost_nanousd");
  json_close(out);
}

void shape_crossing(struct buf *out, const struct crossing *c, bool mine) {
  const struct int_field ints[] = {
      {"id", c->id},
      {"policy", c->policy_id},
      {"threshold", c->threshold},
      {"start_ms", c->period.start_ms},
      {"resets_at_ms", c->period.end_ms},
      {"run", c->run_id},
      {"at_ms", c->at_ms},
  };
  json_open(out);
  put_scope(out, c->scope, c->scope_key);
  json_put_text(out, "period", period_kind_name(c->period_kind));
  put_ints(out, ints, COUNT(ints));
  put_cents(out, "spend_cents", c->spend_nanousd);
  put_cents(out, "limit_cents", c->limit_nanousd);
  json_put_bool(out, "mine", mine);
  if (c->exhausted_ms != 0) {
    json_put_bool(out, "forecast", true);
    json_put_i64(out, "exhausted_ms", c->exhausted_ms);
  }
  json_close(out);
}

static const char *refusal_name(enum refusal refusal) {
  static const char *const names[] = {"none", "wait", "exhausted", "never", "unpriced"};
  return names[refusal];
}

void shape_refusal(struct buf *out, const struct run_answer *answer) {
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
  json_open(out);
  put_texts(out, texts, COUNT(texts));
  put_ints(out, ints, COUNT(ints));
  if (a->has_policy) {
    json_put_key(out, "budget");
    shape_budget(out, &a->policy);
  }
  json_close(out);
}
