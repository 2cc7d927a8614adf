/* merge_report.c - where the sources disagree, for whoever keeps the hand-kept file; see merge.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/money.h"
#include "pricing/merge.h"

static const struct {
  const char *name;
  size_t offset;
} buckets[] = {
    {"input", offsetof(struct rates, input)},
    {"output", offsetof(struct rates, output)},
    {"cache read", offsetof(struct rates, cache_read)},
    {"5 min write", offsetof(struct rates, cache_write_5m)},
    {"1 h write", offsetof(struct rates, cache_write_1h)},
};

static int64_t bucket(const struct rates *rates, size_t i) {
  int64_t value;
  memcpy(&value, (const char *)rates + buckets[i].offset, sizeof value);
  return value;
}

static void add_rate(struct buf *out, int64_t rate) {
  if (rate < 0) {
    buf_adds(out, "-");
  } else {
    money_write_dollars(out, rate);
  }
}

static void report_bucket(struct buf *out, const struct merge_row *row, const struct rates *ours,
                          size_t i) {
  int64_t first = RATE_UNSAID;
  bool differ = false;
  for (int kind = 0; kind < SOURCE_COUNT; kind++) {
    const int64_t value =
        row->has[kind] && !row->earlier[kind] ? bucket(&row->said[kind], i) : RATE_UNSAID;
    if (value < 0)
      continue;
    differ = differ || (first >= 0 && value != first);
    first = first >= 0 ? first : value;
  }
  if (!differ)
    return;
  buf_addf(out, "rates     %s/%s: %s:", row->model->provider, row->model->name, buckets[i].name);
  for (int kind = 0; kind < SOURCE_COUNT; kind++) {
    if (!row->has[kind] || row->earlier[kind] || bucket(&row->said[kind], i) < 0)
      continue;
    buf_addf(out, " %s ", price_source_name((enum price_source)kind));
    add_rate(out, bucket(&row->said[kind], i));
    buf_addc(out, ';');
  }
  buf_adds(out, " taken ");
  add_rate(out, bucket(ours, i));
  buf_adds(out, row->model->by_hand ? " by hand\n" : "\n");
}

static void report_long(struct buf *out, const struct merge_row *row,
                        const struct draft_card *ours) {
  bool differ = false;
  int64_t first = -1;
  for (int kind = 0; kind < SOURCE_COUNT; kind++) {
    if (!row->has[kind])
      continue;
    differ = differ || (first >= 0 && row->long_above[kind] != first);
    first = first >= 0 ? first : row->long_above[kind];
  }
  if (!differ)
    return;
  buf_addf(out, "long      %s/%s: dearer above:", row->model->provider, row->model->name);
  for (int kind = 0; kind < SOURCE_COUNT; kind++) {
    if (row->has[kind])
      buf_addf(out, " %s %lld;", price_source_name((enum price_source)kind),
               (long long)row->long_above[kind]);
  }
  const bool is_long = ours->step_count > 1 && ours->steps[1].class == CLASS_STANDARD;
  buf_addf(out, " taken %lld\n", is_long ? (long long)ours->steps[1].above : 0LL);
}

static void report_window(struct buf *out, const struct merge_row *row) {
  const int64_t genai = row->window[SOURCE_GENAI];
  const int64_t input = row->window[SOURCE_LITELLM];
  const int64_t dev = row->window[SOURCE_MODELS_DEV];
  const int64_t chosen = row->model->context_window;
  const int64_t whole = input + row->max_output[SOURCE_LITELLM];
  const bool agree = (genai == 0 || genai == chosen) &&
                     (input == 0 || input == chosen || whole == chosen) &&
                     (dev == 0 || dev == chosen);
  if (!agree)
    buf_addf(out, "window    %s/%s: genai-prices %lld; litellm %lld; models.dev %lld; taken %lld\n",
             row->model->provider, row->model->name, (long long)genai, (long long)input,
             (long long)dev, (long long)chosen);
}

static int by_model(const void *a, const void *b) {
  const struct merge_row *left = *(const struct merge_row *const *)a;
  const struct merge_row *right = *(const struct merge_row *const *)b;
  const int providers = strcmp(left->model->provider, right->model->provider);
  return providers != 0 ? providers : strcmp(left->model->name, right->model->name);
}

void merge_report(const struct merge *merge) {
  const struct merge_row **sorted = mem_alloc((merge->row_count + 1) * sizeof(void *));
  if (sorted == NULL) {
    merge->out->failed = true;
    return;
  }
  size_t by_hand = 0;
  size_t alone[SOURCE_COUNT] = {0};
  for (size_t i = 0; i < merge->row_count; i++) {
    const struct merge_row *row = &merge->rows[i];
    sorted[i] = row;
    by_hand += row->model->by_hand;
    for (int kind = 0; kind < SOURCE_COUNT; kind++)
      alone[kind] += row->has[kind];
  }
  qsort(sorted, merge->row_count, sizeof(void *), by_model);
  for (size_t i = 0; i < merge->row_count; i++) {
    const struct draft_card *ours = draft_card_at(sorted[i]->model, merge->as_of);
    if (ours == NULL)
      continue;
    for (size_t k = 0; k < sizeof buckets / sizeof buckets[0]; k++)
      report_bucket(merge->report, sorted[i], &ours->steps[0].rates, k);
    report_long(merge->report, sorted[i], ours);
    report_window(merge->report, sorted[i]);
  }
  buf_addf(
      merge->report,
      "%zu models: %zu from genai-prices, %zu from litellm, %zu from models.dev, %zu kept by hand\n",
      merge->row_count, alone[SOURCE_GENAI], alone[SOURCE_LITELLM], alone[SOURCE_MODELS_DEV],
      by_hand);
  mem_free(sorted);
}
