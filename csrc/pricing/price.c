/* price.c - the cost of one request; see pricing.h. */
#include <string.h>

#include "base/money.h"
#include "pricing/catalog.h"

const char *cost_status_name(enum cost_status status) {
  switch (status) {
  case COST_UNKNOWN: return "unknown";
  case COST_KNOWN: return "known";
  case COST_REPORTED: return "reported";
  case COST_ESTIMATED: return "estimated";
  }
  return "unknown";
}

static int64_t counted(int64_t tokens) {
  return tokens > 0 ? tokens : 0;
}

static int64_t sum4(int64_t a, int64_t b, int64_t c, int64_t d) {
  return money_add(money_add(a, b), money_add(c, d));
}

/* All prompt tokens of the request choose the tier: uncached, cache read and cache write (rule 15). */
static int64_t prompt_tokens(const purser_usage *usage) {
  return sum4(counted(usage->input), counted(usage->cache_read), counted(usage->cache_write_5m),
              counted(usage->cache_write_1h));
}

static bool is_any(const char *text, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(text, words[i]) == 0)
      return true;
  }
  return false;
}

/* What providers call a request that was served plainly. */
static bool is_plain(const char *word) {
  static const char *const words[] = {"", "standard", "default", "auto", "normal"};
  return word == NULL || is_any(word, words, sizeof words / sizeof words[0]);
}

/* Rates and the multiple of them that a request pays. */
struct terms {
  struct rates rates;
  int64_t numerator;
  int64_t denominator;
  int64_t web_search;
  bool assumed;
  bool long_context;
};

static void pay_class(struct terms *terms, const struct price_card *card, enum price_class class,
                      int64_t prompt) {
  const struct price_step *step = price_card_step(card, class, prompt);
  if (step == NULL) {
    step = price_card_step(card, CLASS_STANDARD, prompt);
    /* Batch and flex cost half unless the card says otherwise; nothing is known of another class (rule 19). */
    if (class == CLASS_BATCH || class == CLASS_FLEX) {
      terms->denominator = 2;
    } else {
      terms->assumed = true;
    }
  }
  terms->rates = rates_complete(step->rates);
  terms->long_context = step->above > 0;
}

static void pay_region(struct terms *terms, const struct price_card *card, const char *region) {
  static const char *const nowhere[] = {"", "global", "default", "standard", "not_available"};
  if (region == NULL || is_any(region, nowhere, sizeof nowhere / sizeof nowhere[0]) ||
      card->uplift_count == 0)
    return;
  for (size_t i = 0; i < card->uplift_count; i++) {
    if (strcmp(card->uplifts[i].region, region) == 0) {
      terms->numerator *= card->uplifts[i].permille;
      terms->denominator *= 1000;
      return;
    }
  }
  /* The card has uplifts, but none for this region: it may cost more than is known. */
  terms->assumed = true;
}

static struct terms terms_of(const struct price_card *card, const struct price_query *query,
                             enum price_class class) {
  struct terms terms = {.numerator = 1, .denominator = 1, .web_search = card->web_search};
  pay_class(&terms, card, class, prompt_tokens(&query->usage));
  pay_region(&terms, card, query->region);
  return terms;
}

static enum price_class class_of(const struct price_query *query, bool *strange) {
  *strange = false;
  if (!is_plain(query->speed)) {
    *strange = strcmp(query->speed, "fast") != 0 || !is_plain(query->tier);
    if (strcmp(query->speed, "fast") == 0)
      return CLASS_FAST;
  }
  if (is_plain(query->tier))
    return CLASS_STANDARD;
  for (int class = CLASS_BATCH; class <= CLASS_PRIORITY; class ++) {
    if (strcmp(query->tier, price_class_name((enum price_class) class)) == 0)
      return (enum price_class) class;
  }
  *strange = true;
  return CLASS_STANDARD;
}

static int64_t add_part(money_sum *total, const struct terms *terms, int64_t tokens, int64_t rate) {
  money_sum part = {0};
  money_add_tokens_scaled(&part, counted(tokens), rate, terms->numerator, terms->denominator);
  total->micro += part.micro;
  return money_round(part);
}

/* Each part is rounded by itself, the cost once: the few nano-dollars between them go to the largest part, where they show least. */
static void fit_parts(struct price *out, int64_t tokens_nanousd) {
  int64_t *const parts[] = {&out->input_nanousd, &out->cache_read_nanousd,
                            &out->cache_write_nanousd, &out->output_nanousd};
  int64_t rest = tokens_nanousd;
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    rest = money_add(rest, -*parts[i]);
  while (rest != 0) {
    int64_t *largest = parts[0];
    for (size_t i = 1; i < sizeof parts / sizeof parts[0]; i++) {
      if (*parts[i] > *largest)
        largest = parts[i];
    }
    /* No part falls below nothing: of four halves of a nano-dollar two are left. */
    const int64_t step = rest < -*largest ? -*largest : rest;
    *largest = money_add(*largest, step);
    rest -= step;
  }
}

/* Rounded once, from the exact products. */
static int64_t cache_saved(const struct terms *terms, const purser_usage *usage) {
  const struct {
    int64_t tokens, rate;
  } cached[] = {
      {counted(usage->cache_read), terms->rates.cache_read},
      {counted(usage->cache_write_5m), terms->rates.cache_write_5m},
      {counted(usage->cache_write_1h), terms->rates.cache_write_1h},
  };
  money_sum saved = {0};
  for (size_t i = 0; i < sizeof cached / sizeof cached[0]; i++) {
    money_add_tokens_scaled(&saved, cached[i].tokens, terms->rates.input, terms->numerator,
                            terms->denominator);
    money_add_tokens_scaled(&saved, -cached[i].tokens, cached[i].rate, terms->numerator,
                            terms->denominator);
  }
  return money_round(saved);
}

static void add_up(const struct terms *terms, const purser_usage *usage, struct price *out) {
  const int64_t output = counted(usage->output);
  const int64_t reasoning = counted(usage->reasoning) < output ? counted(usage->reasoning) : output;
  money_sum total = {0};
  out->input_nanousd = add_part(&total, terms, usage->input, terms->rates.input);
  out->cache_read_nanousd = add_part(&total, terms, usage->cache_read, terms->rates.cache_read);
  out->cache_write_nanousd =
      money_add(add_part(&total, terms, usage->cache_write_5m, terms->rates.cache_write_5m),
                add_part(&total, terms, usage->cache_write_1h, terms->rates.cache_write_1h));
  out->output_nanousd = money_add(add_part(&total, terms, output - reasoning, terms->rates.output),
                                  add_part(&total, terms, reasoning, terms->rates.reasoning));
  out->extra_nanousd = 0;
  out->status = terms->assumed ? COST_ESTIMATED : COST_KNOWN;
  out->tier_assumed = terms->assumed;
  out->long_context = terms->long_context;
  if (usage->web_searches > 0) {
    money_sum calls = {0};
    if (terms->web_search >= 0) {
      /* A charge by the call is a rate by the million calls. */
      money_add_tokens_scaled(&calls, usage->web_searches, terms->web_search, 1000000, 1);
      out->extra_nanousd = money_round(calls);
    } else {
      out->status =
          COST_ESTIMATED; /* the searches cost something, and the card does not say what (rule 17) */
    }
  }
  fit_parts(out, money_round(total));
  out->cache_saved_nanousd = cache_saved(terms, usage);
  out->cost_nanousd = money_add(money_round(total), out->extra_nanousd);
}

static void price_without_card(const struct price_query *query, struct price *out) {
  *out = (struct price){.rate_card = ""};
  if (query->reported_nanousd >= 0) {
    out->status = COST_REPORTED;
    out->cost_nanousd = query->reported_nanousd;
  }
}

void price_found(const struct resolved *found, const struct price_query *query, struct price *out) {
  if (found == NULL) {
    price_without_card(query, out);
    return;
  }
  *out = (struct price){.rate_card = found->card->id};
  bool strange;
  const enum price_class class = class_of(query, &strange);
  struct terms terms = terms_of(found->card, query, class);
  terms.assumed = (terms.assumed || strange) && !found->model->free;
  add_up(&terms, &query->usage, out);
}

void price_request(const struct catalog *catalog, const struct price_query *query,
                   struct price *out) {
  struct resolved found;
  const bool there = catalog_resolve(catalog, query->provider, query->model, query->at_ms, &found);
  price_found(there ? &found : NULL, query, out);
}

void price_ceiling(const struct catalog *catalog, const struct price_query *query,
                   struct price *out) {
  struct resolved found;
  if (!catalog_resolve(catalog, query->provider, query->model, query->at_ms, &found)) {
    price_without_card(query, out);
    return;
  }
  for (int class = CLASS_STANDARD; class < CLASS_COUNT; class ++) {
    if (class != CLASS_STANDARD && price_card_step(found.card, (enum price_class) class, 0) == NULL)
      continue;
    struct terms terms = terms_of(found.card, query, (enum price_class) class);
    /* A hold assumes nothing: it takes the dearest that the card knows. */
    terms.rates.reasoning =
        terms.rates.reasoning > terms.rates.output ? terms.rates.reasoning : terms.rates.output;
    terms.rates.output = terms.rates.reasoning;
    struct price price = {.rate_card = found.card->id};
    add_up(&terms, &query->usage, &price);
    if (class == CLASS_STANDARD || price.cost_nanousd > out->cost_nanousd)
      *out = price;
  }
}
