/* digest_spent.c - see digest_parts.h: what a month was spent on. */
#include "advice/digest_parts.h"
#include "advice/digest_text.h"
#include "advice/markdown.h"
#include "base/money.h"

enum {
  ROWS = 6
};

static void add_sums(struct sums *into, const struct sums *more) {
  into->runs += more->runs;
  into->requests += more->requests;
  into->cost_nanousd = money_add(into->cost_nanousd, more->cost_nanousd);
  into->unpriced_requests += more->unpriced_requests;
}

static void add_change(struct markdown_table *table, const struct sums *now,
                       const struct sums *before) {
  struct buf *cell = markdown_cell(table);
  const int64_t change = now->cost_nanousd - before->cost_nanousd;
  if (before->cost_nanousd == 0 && now->cost_nanousd > 0) {
    buf_adds(cell, "new");
  } else if (change != 0) {
    buf_adds(cell, change > 0 ? "+" : "−");
    money_write_human(cell, change > 0 ? change : -change);
  }
  markdown_cell_end(table);
}

static void add_row(struct markdown_table *table, const struct digest_cut *cut,
                    const struct sums *now, const struct sums *before) {
  digest_cost(markdown_cell(table), now);
  markdown_cell_end(table);
  digest_percent(markdown_cell(table), now->cost_nanousd, cut->now.cost_nanousd);
  markdown_cell_end(table);
  buf_addf(markdown_cell(table), "%lld", (long long)now->runs);
  markdown_cell_end(table);
  digest_cost(markdown_cell(table), before);
  markdown_cell_end(table);
  add_change(table, now, before);
}

static void write_cut(struct buf *out, const struct digest_month *month, size_t which) {
  static const char *const titles[] = {"Agent", "Workspace", "Model"};
  const struct digest_cut *cut = &month->cuts[which];
  struct markdown_table table = MARKDOWN_TABLE(6, 0x3e);
  const size_t shown = cut->count > ROWS ? ROWS - 1 : cut->count;
  buf_addf(out, "### %ss\n\n", titles[which]);
  markdown_cell_add(&table, titles[which]);
  markdown_cell_add(&table, "Cost");
  markdown_cell_add(&table, "Share");
  markdown_cell_add(&table, "Runs");
  digest_before(markdown_cell(&table), month);
  markdown_cell_end(&table);
  markdown_cell_add(&table, "Change");
  for (size_t i = 0; i < shown; i++) {
    digest_key(markdown_cell(&table), cut->rows[i].key);
    markdown_cell_end(&table);
    add_row(&table, cut, &cut->rows[i].now, &cut->rows[i].before);
  }
  if (shown < cut->count) {
    struct sums now = {0};
    struct sums before = {0};
    for (size_t i = shown; i < cut->count; i++) {
      add_sums(&now, &cut->rows[i].now);
      add_sums(&before, &cut->rows[i].before);
    }
    buf_addf(markdown_cell(&table), "%lld more", (long long)(cut->count - shown));
    markdown_cell_end(&table);
    add_row(&table, cut, &now, &before);
  }
  markdown_cell_add(&table, "**All**");
  add_row(&table, cut, &cut->now, &cut->before);
  markdown_table_write(out, &table);
  markdown_table_fini(&table);
}

static void write_kinds(struct buf *out, const struct sums *total) {
  const struct {
    const char *name;
    int64_t tokens, cost;
  } kinds[] = {
      {"Input", total->input, total->cost_input_nanousd},
      {"Cache write", total->cache_write_5m + total->cache_write_1h,
       total->cost_cache_write_nanousd},
      {"Cache read", total->cache_read, total->cost_cache_read_nanousd},
      {"Output", total->output, total->cost_output_nanousd},
      {"Other", 0, total->cost_extra_nanousd},
  };
  struct markdown_table table = MARKDOWN_TABLE(4, 0xe);
  buf_adds(out, "### Tokens\n\n");
  markdown_cell_add(&table, "Kind");
  markdown_cell_add(&table, "Tokens");
  markdown_cell_add(&table, "Cost");
  markdown_cell_add(&table, "Share");
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    const bool other = i + 1 == sizeof kinds / sizeof kinds[0];
    if (other && kinds[i].cost == 0)
      continue;
    markdown_cell_add(&table, kinds[i].name);
    if (!other)
      digest_tokens(markdown_cell(&table), kinds[i].tokens);
    markdown_cell_end(&table);
    money_write_human(markdown_cell(&table), kinds[i].cost);
    markdown_cell_end(&table);
    digest_percent(markdown_cell(&table), kinds[i].cost, total->cost_nanousd);
    markdown_cell_end(&table);
  }
  markdown_table_write(out, &table);
  markdown_table_fini(&table);
  if (total->cache_read == 0)
    return;
  digest_percent(out, total->cache_read, digest_prompt_of(total));
  buf_adds(out, " of the prompt tokens were read from the cache, which ");
  buf_adds(out, total->cache_saved_nanousd >= 0 ? "saved " : "cost ");
  money_write_human(out, total->cache_saved_nanousd >= 0 ? total->cache_saved_nanousd
                                                         : -total->cache_saved_nanousd);
  buf_adds(out, total->cache_saved_nanousd >= 0 ? ".\n\n" : " more than it saved.\n\n");
}

void digest_spent_on(struct buf *out, const struct digest_month *month) {
  buf_adds(out, "## What it was spent on\n\n");
  for (size_t i = 0; i < DIGEST_CUTS; i++)
    write_cut(out, month, i);
  write_kinds(out, &month->cuts[0].now);
}
