/* prices_generate.c - `purser prices generate`: writes the built-in rate cards from the sources' files. For those who work on purser. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "cli/options.h"
#include "cli/prices.h"
#include "pricing/merge.h"

struct inputs {
  const char *paths[SOURCE_COUNT];
  const char *hand_kept;
  const char *out;
  int64_t as_of;
};

static int read_inputs(const struct inputs *in, struct source sources[SOURCE_COUNT],
                       struct price_file *by_hand, struct buf *report, struct error *error) {
  for (int kind = 0; kind < SOURCE_COUNT; kind++) {
    const int status = source_read(&sources[kind], in->paths[kind], error);
    if (status != PURSER_OK)
      return status;
    if (sources[kind].kind != (enum price_source)kind)
      return error_set(error, PURSER_EINVAL, "%s is %s's list, not %s's", in->paths[kind],
                       price_source_name(sources[kind].kind),
                       price_source_name((enum price_source)kind));
    merge_sort(&sources[kind].drafts);
    buf_add(report, buf_text(&sources[kind].remarks), sources[kind].remarks.len);
  }
  return price_file_read(by_hand, in->hand_kept, error);
}

static int write_out(const char *path, const struct buf *text, struct error *error) {
  FILE *file = fopen(path, "wbe");
  if (file == NULL)
    return error_set(error, PURSER_EIO, "%s: %s", path, strerror(errno));
  const bool written = fwrite(buf_text(text), 1, text->len, file) == text->len;
  if (fclose(file) != 0 || !written)
    return error_set(error, PURSER_EIO, "%s: writing failed", path);
  return PURSER_OK;
}

static int generate(const struct inputs *in, struct buf *report, struct error *error) {
  struct source sources[SOURCE_COUNT] = {SOURCE_INIT, SOURCE_INIT, SOURCE_INIT};
  struct price_file by_hand = PRICE_FILE_INIT;
  struct draft_set merged = DRAFT_SET_INIT;
  struct price_table table;
  struct buf text = BUF_INIT;
  int status = read_inputs(in, sources, &by_hand, report, error);
  if (status != PURSER_OK)
    goto out;
  const struct source *const all[SOURCE_COUNT] = {&sources[0], &sources[1], &sources[2]};
  status = merge_prices(&merged, all, &by_hand, (int32_t)in->as_of, report);
  if (status == PURSER_OK)
    status = draft_freeze(&merged, "", &table);
  if (status != PURSER_OK) {
    error_set(error, status, "merging the sources");
    goto out;
  }
  cards_write(
      &text, &table,
      " * Facts from genai-prices (pydantic, MIT), LiteLLM's price map (BerriAI, MIT) and models.dev (MIT), and from hand_kept.json,\n"
      " * which says where its own are from.\n");
  size_t cards = 0;
  for (size_t i = 0; i < table.model_count; i++)
    cards += table.models[i].card_count;
  buf_addf(report, "%zu models, %zu cards, %zu names written\n", table.model_count, cards,
           table.name_count);
  status = text.failed || report->failed ? error_set(error, PURSER_ENOMEM, "out of memory")
                                         : write_out(in->out, &text, error);

out:
  for (int kind = 0; kind < SOURCE_COUNT; kind++)
    source_fini(&sources[kind]);
  price_file_fini(&by_hand);
  draft_set_fini(&merged);
  buf_fini(&text);
  return status;
}

int prices_generate(struct cli *cli, int argc, char **argv) {
  struct inputs in = {.as_of = INT64_MIN};
  const char *none = NULL;
  const struct option_spec specs[] = {
      {.name = "genai", .text = &in.paths[SOURCE_GENAI]},
      {.name = "litellm", .text = &in.paths[SOURCE_LITELLM]},
      {.name = "models-dev", .text = &in.paths[SOURCE_MODELS_DEV]},
      {.name = "hand-kept", .text = &in.hand_kept},
      {.name = "as-of", .days = &in.as_of},
      {.name = "out", .text = &in.out},
      {0},
  };
  const int count = options_parse(cli, specs, argc, argv, &none, 0);
  if (count < 0)
    return CLI_USAGE;
  if (in.paths[0] == NULL || in.paths[1] == NULL || in.paths[2] == NULL || in.hand_kept == NULL ||
      in.out == NULL || in.as_of == INT64_MIN)
    return cli_usage(
        cli, "prices",
        "generate needs --genai, --litellm, --models-dev, --hand-kept, --as-of and --out");
  struct error error = {0};
  struct buf report = BUF_INIT;
  const int status = generate(&in, &report, &error);
  int code = cli_print(cli, &report);
  buf_fini(&report);
  if (status != PURSER_OK)
    code = cli_fail(cli, &error);
  return code;
}
