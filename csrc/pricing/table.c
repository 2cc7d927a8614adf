/* table.c - see table.h. */
#include "pricing/table.h"

#include <string.h>

const char *price_class_name(enum price_class class) {
  static const char *const names[CLASS_COUNT] = {"standard", "batch", "flex", "priority", "fast"};
  return names[class];
}

const char *price_source_name(enum price_source source) {
  static const char *const names[SOURCE_COUNT] = {"genai-prices", "litellm", "models.dev"};
  return names[source];
}

const struct price_name *price_table_names(const struct price_table *table, const char *name,
                                           size_t *count) {
  size_t low = 0;
  size_t high = table->name_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (strcmp(table->names[middle].name, name) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  size_t end = low;
  while (end < table->name_count && strcmp(table->names[end].name, name) == 0)
    end++;
  *count = end - low;
  return end != low ? &table->names[low] : NULL;
}

const struct price_model *price_table_find(const struct price_table *table, const char *provider,
                                           const char *name) {
  size_t count;
  const struct price_name *names = price_table_names(table, name, &count);
  for (size_t i = 0; i < count; i++) {
    const struct price_model *model = &table->models[names[i].model];
    if (strcmp(model->provider, provider) == 0)
      return model;
  }
  return NULL;
}

const struct price_card *price_model_card(const struct price_model *model, int64_t day) {
  const struct price_card *found = NULL;
  for (size_t i = 0; i < model->card_count && model->cards[i].valid_from <= day; i++)
    found = &model->cards[i];
  return found;
}

const struct price_step *price_card_step(const struct price_card *card, enum price_class class,
                                         int64_t prompt) {
  const struct price_step *found = NULL;
  for (size_t i = 0; i < card->step_count; i++) {
    const struct price_step *step = &card->steps[i];
    if (step->class == class && (found == NULL || prompt > step->above))
      found = step;
  }
  return found;
}

static int64_t scaled(int64_t rate, int64_t numerator, int64_t denominator) {
  /* Rates stay far below INT64_MAX / 5: what a file may hold is bounded where it is read. */
  return (rate * numerator + denominator / 2) / denominator;
}

struct rates rates_complete(struct rates said) {
  struct rates full = said;
  if (full.cache_read < 0)
    full.cache_read = scaled(said.input, 1, 10);
  if (full.cache_write_5m < 0)
    full.cache_write_5m = scaled(said.input, 5, 4);
  if (full.cache_write_1h < 0)
    full.cache_write_1h = scaled(said.input, 2, 1);
  if (full.reasoning < 0)
    full.reasoning = said.output;
  return full;
}
