/* price_file_card.c - reading one rate card of a price file; see price_file.h for the format. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/money.h"
#include "pricing/price_file_internal.h"

size_t price_enter(struct price_reader *r, json_id id) {
  const size_t mark = strlen(r->path);
  const purser_str key = json_key(&r->doc, id);
  snprintf(r->path + mark, PRICE_PATH_SIZE - mark, "%s%.*s", mark != 0 ? "." : "", (int)key.len,
           key.ptr);
  return mark;
}

void price_leave(struct price_reader *r, size_t mark) {
  r->path[mark] = '\0';
}

int price_bad(struct price_reader *r, const char *format, ...) {
  /* Without memory what was read may be cut short; that is not the file's fault. */
  if (r->text.failed || r->out->drafts.failed)
    return error_set(r->error, PURSER_ENOMEM, "%s: out of memory", r->file);
  char what[ERROR_MESSAGE_SIZE / 2];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return error_set(r->error, PURSER_EPARSE, "%s: %s: %s", r->file,
                   r->path[0] != '\0' ? r->path : "top level", what);
}

bool price_is_key(const struct price_reader *r, json_id id, const char *name) {
  const purser_str key = json_key(&r->doc, id);
  return strlen(name) == key.len && memcmp(name, key.ptr, key.len) == 0;
}

bool price_is_remark(const struct price_reader *r, json_id id) {
  return price_is_key(r, id, "note") || price_is_key(r, id, "source") ||
         price_is_key(r, id, "comment") || price_is_key(r, id, "$schema");
}

const char *price_string(struct price_reader *r, json_id id) {
  buf_clear(&r->text);
  json_add_text(&r->doc, id, &r->text);
  return buf_text(&r->text);
}

static int read_rate(struct price_reader *r, json_id id, int64_t *out) {
  int64_t rate = 0;
  const int status = json_decimal(&r->doc, id, 9, &rate);
  if (json_kind(&r->doc, id) != JSON_NUMBER || status != PURSER_OK || rate < 0 || rate > RATE_MAX)
    return price_bad(r, "give dollars per million tokens as a number from 0 to 10000, such as 2.5");
  *out = rate;
  return PURSER_OK;
}

/* One of the six rates by its name; NULL for another field. */
static int64_t *rate_field(const struct price_reader *r, json_id id, struct rates *rates) {
  if (price_is_key(r, id, "input"))
    return &rates->input;
  if (price_is_key(r, id, "output"))
    return &rates->output;
  if (price_is_key(r, id, "cache_read"))
    return &rates->cache_read;
  if (price_is_key(r, id, "cache_write_5m"))
    return &rates->cache_write_5m;
  if (price_is_key(r, id, "cache_write_1h"))
    return &rates->cache_write_1h;
  if (price_is_key(r, id, "reasoning"))
    return &rates->reasoning;
  return NULL;
}

static int class_field(const struct price_reader *r, json_id id) {
  for (int class = CLASS_BATCH; class < CLASS_COUNT; class ++) {
    if (price_is_key(r, id, price_class_name((enum price_class) class)))
      return class;
  }
  return -1;
}

static int read_step(struct price_reader *r, struct draft_card *card, json_id object,
                     enum price_class class, int64_t above);

/* "fast": 6 is six times the standard rates of the same prompt size; they have been read by then. */
static int read_multiple(struct price_reader *r, struct draft_card *card, json_id id,
                         enum price_class class, int64_t above) {
  int64_t permille = 0;
  if (json_decimal(&r->doc, id, 3, &permille) != PURSER_OK || permille < 0 || permille > 100000)
    return price_bad(r,
                     "give a multiple of the standard rates from 0 to 100, or an object of rates");
  const struct price_step *standard = draft_find_step(card, CLASS_STANDARD, above);
  const struct rates base = standard != NULL ? standard->rates : RATES_UNSAID;
  struct price_step *step = draft_step(card, class, above);
  if (step == NULL)
    return price_bad(r, "too many prices on one card");
  const int64_t from[] = {base.input,          base.cache_read, base.cache_write_5m,
                          base.cache_write_1h, base.output,     base.reasoning};
  int64_t to[6];
  for (size_t i = 0; i < 6; i++)
    to[i] = from[i] < 0 ? RATE_UNSAID : (from[i] * permille + 500) / 1000;
  step->rates = (struct rates){to[0], to[1], to[2], to[3], to[4], to[5]};
  return PURSER_OK;
}

static int read_class(struct price_reader *r, struct draft_card *card, json_id id,
                      enum price_class class, int64_t above) {
  switch (json_kind(&r->doc, id)) {
  case JSON_NUMBER: return read_multiple(r, card, id, class, above);
  case JSON_OBJECT: return read_step(r, card, id, class, above);
  case JSON_MISSING:
  case JSON_NULL:
  case JSON_FALSE:
  case JSON_TRUE:
  case JSON_STRING:
  case JSON_ARRAY: break;
  }
  return price_bad(
      r, "give rates as {\"input\": ..., \"output\": ...}, or a multiple of the standard ones");
}

/* The classes of an object, once its own rates are known. */
static int read_classes(struct price_reader *r, struct draft_card *card, json_id object,
                        int64_t above) {
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const int class = class_field(r, id);
    if (class < 0)
      continue;
    const size_t mark = price_enter(r, id);
    const int status = read_class(r, card, id, (enum price_class) class, above);
    if (status != PURSER_OK)
      return status;
    price_leave(r, mark);
  }
  return PURSER_OK;
}

static int read_step(struct price_reader *r, struct draft_card *card, json_id object,
                     enum price_class class, int64_t above) {
  struct rates rates = RATES_UNSAID;
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    int64_t *rate = rate_field(r, id, &rates);
    if (rate != NULL) {
      const int status = read_rate(r, id, rate);
      if (status != PURSER_OK)
        return status;
    } else if (!price_is_remark(r, id) && (class != CLASS_STANDARD || class_field(r, id) < 0)) {
      return price_bad(
          r,
          "unknown field; here may stand input, output, cache_read, cache_write_5m, cache_write_1h, reasoning");
    }
    price_leave(r, mark);
  }
  if (rates.input < 0 || rates.output < 0)
    return price_bad(r, "input and output are needed, in dollars per million tokens");
  struct price_step *step = draft_step(card, class, above);
  if (step == NULL)
    return price_bad(r, "too many prices on one card");
  step->rates = rates;
  return class == CLASS_STANDARD ? read_classes(r, card, object, above) : PURSER_OK;
}

static int read_above(struct price_reader *r, struct draft_card *card, json_id object) {
  if (json_kind(&r->doc, object) != JSON_OBJECT)
    return price_bad(
        r,
        "give an object of token counts, such as {\"200000\": {\"input\": 6, \"output\": 22.5}}");
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    const purser_str key = json_key(&r->doc, id);
    int64_t above = 0;
    if (money_parse_decimal(key.ptr, key.len, 0, &above) != PURSER_OK || above <= 0 ||
        above > WINDOW_MAX)
      return price_bad(r, "the key must be a number of tokens, such as \"200000\"");
    if (json_kind(&r->doc, id) != JSON_OBJECT)
      return price_bad(r, "give rates as {\"input\": ..., \"output\": ...}");
    const int status = read_step(r, card, id, CLASS_STANDARD, above);
    if (status != PURSER_OK)
      return status;
    price_leave(r, mark);
  }
  return PURSER_OK;
}

static int read_regions(struct price_reader *r, struct draft_card *card, json_id object) {
  if (json_kind(&r->doc, object) != JSON_OBJECT)
    return price_bad(r, "give an object of multiples, such as {\"us\": 1.1}");
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    int64_t permille = 0;
    if (json_decimal(&r->doc, id, 3, &permille) != PURSER_OK || permille < 100 || permille > 10000)
      return price_bad(r, "give a multiple from 0.1 to 10, such as 1.1");
    const purser_str key = json_key(&r->doc, id);
    draft_uplift(card, draft_lower(&r->out->drafts, key.ptr, key.len), (int32_t)permille);
    price_leave(r, mark);
  }
  return PURSER_OK;
}

int price_read_date(struct price_reader *r, json_id id, int32_t *out) {
  int64_t days = 0;
  if (json_kind(&r->doc, id) != JSON_STRING ||
      calendar_parse_date(price_string(r, id), &days) != PURSER_OK || days < -100000 ||
      days > 1000000)
    return price_bad(r, "give a date such as \"2026-09-01\"");
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as draft_add_card gives it */
  *out = (int32_t)days;
  return PURSER_OK;
}

static int read_web_search(struct price_reader *r, struct draft_card *card, json_id id) {
  int64_t nanousd = 0; /* dollars per thousand calls are thousandths of a dollar a call */
  if (json_kind(&r->doc, id) != JSON_NUMBER ||
      json_decimal(&r->doc, id, 6, &nanousd) != PURSER_OK || nanousd < 0 ||
      nanousd > INT64_C(100000) * 1000000)
    return price_bad(r, "give dollars per thousand searches as a number, such as 10");
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as draft_add_card gives it */
  card->web_search = nanousd;
  return PURSER_OK;
}

/* A field of a card that is not a rate or a class. 1: it was one. */
static int read_term(struct price_reader *r, struct draft_card *card, json_id id) {
  int status = PURSER_OK;
  if (price_is_key(r, id, "valid_from")) {
    status = price_read_date(r, id, &card->valid_from);
  } else if (price_is_key(r, id, "web_search")) {
    status = read_web_search(r, card, id);
  } else if (price_is_key(r, id, "regions")) {
    status = read_regions(r, card, id);
  } else if (!price_is_key(r, id, "above")) {
    return 0;
  }
  return status != PURSER_OK ? status : 1;
}

static bool is_model_field(const struct price_reader *r, json_id id) {
  static const char *const fields[] = {"names", "context_window", "max_output", "free", "cards"};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    if (price_is_key(r, id, fields[i]))
      return true;
  }
  return false;
}

int price_read_card(struct price_reader *r, struct draft_model *model, json_id object, bool alone) {
  struct draft_card *card = draft_add_card(&r->out->drafts, model, ALWAYS);
  json_id above = JSON_NONE;
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    int64_t *rate = rate_field(r, id, &card->steps[0].rates);
    int status = rate != NULL ? read_rate(r, id, rate) : read_term(r, card, id);
    if (status < 0)
      return status;
    if (price_is_key(r, id, "above"))
      above = id;
    const bool known =
        rate != NULL || status == 1 || class_field(r, id) >= 0 || price_is_remark(r, id);
    if (!known && !(alone && is_model_field(r, id)))
      return price_bad(r, "unknown field; the fields of a card are listed in :help purser-prices");
    price_leave(r, mark);
  }
  if (card->steps[0].rates.input < 0 || card->steps[0].rates.output < 0)
    return price_bad(
        r, "input and output are needed, in dollars per million tokens (or \"free\": true)");
  int status = read_classes(r, card, object, 0);
  if (status == PURSER_OK && above != JSON_NONE) {
    const size_t mark = price_enter(r, above);
    status = read_above(r, card, above);
    if (status == PURSER_OK)
      price_leave(r, mark);
  }
  return status;
}
