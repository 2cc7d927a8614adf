/* verbs_report.c - what the ledger adds up to, and how it is. Its runs are verbs_log.c. */
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "api/tree.h"
#include "api/verbs.h"
#include "base/calendar.h"
#include "base/json.h"

static int add_row(void *data, const char *key, const struct sums *sums) {
  struct buf *rows = data;
  json_put_item(rows);
  shape_sums(rows, key, sums);
  return rows->failed ? PURSER_ENOMEM : PURSER_OK;
}

static int parse_by(const char *text, enum report_by *out, struct error *error) {
  *out = REPORT_BY_NOTHING;
  if (text == NULL)
    return PURSER_OK;
  const int by = report_by_parse(text);
  if (by < 0)
    return error_set(error, PURSER_EINVAL,
                     "by: expected day, month, agent, workspace, model, source, effort, branch or "
                     "billing, got \"%s\"",
                     text);
  *out = (enum report_by)by;
  return PURSER_OK;
}

int check_billing(const char *word, struct error *error) {
  if (word == NULL || billing_parse(word) >= 0)
    return PURSER_OK;
  return error_set(error, PURSER_EINVAL,
                   "billing: expected metered, subscription or local, got \"%s\"", word);
}

/* Days come in as dates, both included. */
static int parse_days(struct args *args, struct report_query *query, struct error *error) {
  query->since_day = INT64_MIN;
  query->until_day = INT64_MAX;
  const char *since = args_text(args, "since");
  const char *until = args_text(args, "until");
  if (since != NULL && calendar_parse_date(since, &query->since_day) != PURSER_OK) {
    return error_set(error, PURSER_EINVAL, "since: expected a date like 2026-11-24, got \"%s\"",
                     since);
  }
  if (until != NULL) {
    if (calendar_parse_date(until, &query->until_day) != PURSER_OK) {
      return error_set(error, PURSER_EINVAL, "until: expected a date like 2026-11-24, got \"%s\"",
                       until);
    }
    query->until_day++;
  }
  return PURSER_OK;
}

int verb_report(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct report_query query = {
      .agent = args_text(args, "agent"),
      .workspace = args_text(args, "workspace"),
      .source = args_text(args, "source"),
      .model = args_text(args, "model"),
      .effort = args_text_or_empty(args, "effort"),
      .branch = args_text_or_empty(args, "branch"),
      .billing = args_text(args, "billing"),
  };
  struct zone *zone = NULL;
  const char *zone_text = args_text(args, "zone");
  int status = parse_by(args_text(args, "by"), &query.by, error);
  if (status == PURSER_OK)
    status = check_billing(query.billing, error);
  if (status == PURSER_OK)
    status = parse_days(args, &query, error);
  if (status == PURSER_OK && zone_text != NULL)
    status = zone_load(&zone, zone_text, error);
  if (status != PURSER_OK)
    return status;
  query.zone = zone;
  struct sums total = {0};
  struct buf rows = BUF_INIT;
  buf_addc(&rows, '[');
  status = ledger_report(core->ledger, &query, add_row, &rows, &total, error);
  buf_addc(&rows, ']');
  const bool added =
      tree_add(out, "rows", tree_raw(&rows)) && tree_add(out, "total", tree_sums(&total));
  if (status == PURSER_OK && !added)
    status = PURSER_ENOMEM;
  zone_free(zone);
  return status;
}

/* ---- health ---- */

struct unpriced {
  cJSON *list;
  bool budgeted;
};

static int add_unpriced(void *data, const char *key, const struct sums *sums) {
  struct unpriced *u = data;
  if (sums->unpriced_requests == 0)
    return 0;
  return tree_append(u->list, cJSON_CreateString(key)) ? PURSER_OK : PURSER_ENOMEM;
}

static int see_limit(void *data, const struct policy_state *state) {
  struct unpriced *u = data;
  if (state->policy.has_limit)
    u->budgeted = true;
  return 0;
}

/* A cap that can't work says so (rule 31). */
static int add_advisories(const struct unpriced *u, cJSON *out) {
  cJSON *list = cJSON_AddArrayToObject(out, "advisories");
  if (list == NULL)
    return PURSER_ENOMEM;
  if (!u->budgeted)
    return PURSER_OK;
  const cJSON *model;
  cJSON_ArrayForEach(model, u->list) {
    struct buf text = BUF_INIT;
    buf_addf(
        &text,
        "model %s has no price: a budget can't count it. Give it one in prices.json or set fallback_rate.",
        model->valuestring);
    cJSON *item = buf_status(&text) == PURSER_OK ? cJSON_CreateString(buf_text(&text)) : NULL;
    buf_fini(&text);
    if (!tree_append(list, item))
      return PURSER_ENOMEM;
  }
  return PURSER_OK;
}

int verb_health(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)args;
  struct sums total = {0};
  struct unpriced unpriced = {.list = cJSON_AddArrayToObject(out, "unpriced_models")};
  if (unpriced.list == NULL)
    return PURSER_ENOMEM;
  const struct report_query query = {
      .by = REPORT_BY_MODEL, .since_day = INT64_MIN, .until_day = INT64_MAX};
  int status = ledger_report(core->ledger, &query, add_unpriced, &unpriced, &total, error);
  if (status == PURSER_OK)
    status = budget_policy_each(core->ledger, see_limit, &unpriced, error);
  if (status == PURSER_OK)
    status = add_advisories(&unpriced, out);
  if (status != PURSER_OK)
    return status;
  struct stat st;
  const int64_t size = stat(ledger_path(core->ledger), &st) == 0 ? (int64_t)st.st_size : 0;
  const bool done =
      tree_add_text(out, "path", ledger_path(core->ledger)) &&
      tree_add_text(out, "zone", zone_name(ledger_zone(core->ledger))) &&
      tree_add_text(out, "version", purser_version()) &&
      tree_add_text(out, "sqlite", sqlite3_libversion()) &&
      tree_add_text(out, "libuv", uv_version_string()) && tree_add_int(out, "size_bytes", size) &&
      tree_add_int(out, "runs", total.runs) && tree_add_int(out, "requests", total.requests);
  return done ? PURSER_OK : PURSER_ENOMEM;
}
