/* totals.c - see totals.h. */
#include "run/totals.h"

#include <string.h>

#include "base/mem.h"

void totals_fini(struct totals *totals) {
  for (size_t i = 0; i < totals->count; i++)
    mem_free(totals->items[i].model);
  mem_free(totals->items);
  *totals = (struct totals){0};
}

static struct total *find(struct totals *totals, purser_str model, int32_t scope) {
  for (size_t i = 0; i < totals->count; i++) {
    struct total *t = &totals->items[i];
    if (t->scope == scope && strlen(t->model) == model.len &&
        memcmp(t->model, model.ptr, model.len) == 0) {
      return t;
    }
  }
  return NULL;
}

int totals_set(struct totals *totals, const purser_event *event) {
  const purser_str model = event->model.ptr != NULL ? event->model : (purser_str){"", 0};
  struct total *t = find(totals, model, event->scope);
  if (t == NULL) {
    void *items = totals->items;
    if (mem_grow(&items, &totals->cap, totals->count + 1, sizeof *totals->items) != PURSER_OK) {
      return PURSER_ENOMEM;
    }
    totals->items = items;
    char *name = mem_strndup(model.ptr, model.len);
    if (name == NULL)
      return PURSER_ENOMEM;
    t = &totals->items[totals->count++];
    *t = (struct total){.model = name, .scope = event->scope};
  }
  t->usage = event->usage;
  t->cost_nanousd = event->cost_nanousd;
  return PURSER_OK;
}

static int64_t less(int64_t a, int64_t b) {
  return a > b ? a - b : 0;
}

purser_usage usage_less(const purser_usage *a, const purser_usage *b) {
  return (purser_usage){
      .input = less(a->input, b->input),
      .cache_read = less(a->cache_read, b->cache_read),
      .cache_write_5m = less(a->cache_write_5m, b->cache_write_5m),
      .cache_write_1h = less(a->cache_write_1h, b->cache_write_1h),
      .output = less(a->output, b->output),
      .reasoning = less(a->reasoning, b->reasoning),
      .web_searches = less(a->web_searches, b->web_searches),
  };
}

void usage_add(purser_usage *sum, const purser_usage *more) {
  sum->input += more->input;
  sum->cache_read += more->cache_read;
  sum->cache_write_5m += more->cache_write_5m;
  sum->cache_write_1h += more->cache_write_1h;
  sum->output += more->output;
  sum->reasoning += more->reasoning;
  sum->web_searches += more->web_searches;
}

int64_t usage_prompt(const purser_usage *usage) {
  return usage->input + usage->cache_read + usage->cache_write_5m + usage->cache_write_1h;
}

bool usage_is_zero(const purser_usage *usage) {
  return usage_prompt(usage) == 0 && usage->output == 0 && usage->web_searches == 0;
}

static size_t bare_length(const char *model) {
  const char *bracket = strchr(model, '[');
  return bracket != NULL ? (size_t)(bracket - model) : strlen(model);
}

bool total_model_fits(const char *total_model, const char *request_model) {
  const size_t n = bare_length(total_model);
  if (n == 0)
    return true;
  return n == bare_length(request_model) && memcmp(total_model, request_model, n) == 0;
}
