/* doctor_prices.c - the price files, and where prices disagree: those of two layers, and those of a client and of its rate card. */
#include <string.h>

#include "base/money.h"
#include "cli/doctor.h"
#include "ledger/reported.h"
#include "pricing/price_paths.h"
#include "pricing/pricing.h"

enum {
  LAYERS = 3,
  WINDOW_DAYS = 30,
  PERCENT_OFF = 2 /* from here on a client and its card disagree */
};

#define DAY_MS INT64_C(86400000)

struct layers {
  struct doctor *doctor;
  struct catalog *catalogs[LAYERS]; /* built in; with updates; with the user's own */
};

static void add_rates(struct buf *out, const struct model_info *info) {
  money_write_human(out, info->input);
  buf_adds(out, " and ");
  money_write_human(out, info->output);
}

/* Of the models in use: that a later layer has another price is what layers are for, and may be a mistake all the same. */
static int compare(void *data, const char *model, const struct sums *sums) {
  static const char *const names[LAYERS] = {"the built-in card", "the update", "your price file"};
  struct layers *l = data;
  struct model_info before;
  (void)sums;
  bool known = catalog_find(l->catalogs[0], NULL, model, l->doctor->now_ms, &before) == PURSER_OK;
  int last = 0;
  for (int i = 1; i < LAYERS; i++) {
    struct model_info now;
    if (catalog_find(l->catalogs[i], NULL, model, l->doctor->now_ms, &now) != PURSER_OK)
      continue;
    if (known && (now.input != before.input || now.output != before.output)) {
      struct buf text = BUF_INIT;
      buf_addf(&text, "%s costs ", model);
      add_rates(&text, &now);
      buf_addf(&text, " a million tokens in and out by %s, ", names[i]);
      add_rates(&text, &before);
      buf_addf(&text, " by %s", names[last]);
      doctor_add(l->doctor, FINDING_INFO, "prices", NULL, "%s", buf_text(&text));
      buf_fini(&text);
    }
    before = now;
    known = true;
    last = i;
  }
  return PURSER_OK;
}

static int compare_reported(void *data, const struct reported_row *row) {
  __extension__ typedef __int128 i128;
  struct doctor *doctor = data;
  const int64_t off = row->reported_nanousd - row->cost_nanousd;
  if ((i128)(off < 0 ? -off : off) * 100 <= (i128)row->cost_nanousd * PERCENT_OFF)
    return PURSER_OK;
  struct buf text = BUF_INIT;
  buf_addf(&text, "%s: for %lld requests of the last %d days the rate card makes ", row->model,
           (long long)row->requests, WINDOW_DAYS);
  money_write_human(&text, row->cost_nanousd);
  buf_adds(&text, ", and the client says ");
  money_write_human(&text, row->reported_nanousd);
  doctor_add(doctor, FINDING_WARN, "prices",
             "Compare with the provider's page; purser prices MODEL shows the card.", "%s",
             buf_text(&text));
  buf_fini(&text);
  return PURSER_OK;
}

static bool load(struct layers *l, const char *update, const char *own) {
  const char *const paths[LAYERS][2] = {{NULL, NULL}, {update, NULL}, {update, own}};
  for (int i = 0; i < LAYERS; i++) {
    struct error error = {0};
    if (catalog_load(&l->catalogs[i], paths[i][0], paths[i][1], &error) == PURSER_OK)
      continue;
    doctor_add(l->doctor, FINDING_ERROR, "prices", NULL, "%s", error_text(&error));
    return false;
  }
  return true;
}

void doctor_look_at_prices(struct doctor *doctor) {
  struct layers l = {.doctor = doctor};
  struct buf update = BUF_INIT;
  struct buf own = BUF_INIT;
  struct error error = {0};
  const size_t before = doctor->count;
  price_path_update(&update);
  price_path_override(&own);
  if (load(&l, buf_text(&update), buf_text(&own)) && doctor->ledger != NULL) {
    const int64_t since = doctor->now_ms - WINDOW_DAYS * DAY_MS;
    const struct report_query query = {
        .by = REPORT_BY_MODEL, .since_day = since / DAY_MS, .until_day = INT64_MAX};
    if (ledger_report(doctor->ledger, &query, compare, &l, NULL, &error) != PURSER_OK ||
        ledger_reported_each(doctor->ledger, since, compare_reported, doctor, &error) != PURSER_OK)
      doctor_add(doctor, FINDING_ERROR, "prices", NULL, "%s", error_text(&error));
  }
  if (doctor->count == before)
    doctor_add(doctor, FINDING_OK, "prices", NULL, "the cards can be read, and agree");
  for (int i = 0; i < LAYERS; i++)
    catalog_free(l.catalogs[i]);
  buf_fini(&update);
  buf_fini(&own);
}
