/* estimate_run.c - estimates with what the ledger knows: the agent's history, and what its prompts came to (rule 32). */
#include <string.h>

#include "run/calibrate.h"
#include "run/life.h"

static const char *or_empty(const char *text) {
  return text != NULL ? text : "";
}

/* What the ledger knows of the family and the agent, into the input. */
static int look_up(struct ledger *ledger, const struct run_request *request,
                   struct estimate_input *input, struct error *error) {
  const char *family = estimate_family(input->model);
  int32_t ratios[TOKEN_RATIOS];
  struct prompt_pair pairs[PROMPT_PAIRS];
  size_t count = 0;
  int status = ledger_token_ratios(ledger, family, ratios, &count, error);
  if (status != PURSER_OK)
    return status;
  input->permille = calibrate_permille(estimate_family_permille(input->model), ratios, count);
  status = ledger_prompt_pairs(ledger, family, or_empty(request->agent),
                               or_empty(request->workspace), pairs, &count, error);
  if (status == PURSER_OK && count == 0)
    status = ledger_prompt_pairs_anywhere(ledger, family, or_empty(request->agent), pairs, &count,
                                          error);
  if (status == PURSER_OK)
    input->overhead_tokens = calibrate_overhead(pairs, count, input->permille);
  return status;
}

static int estimate(struct ledger *ledger, const struct run_config *config,
                    const struct run_request *request, struct estimate_input *input,
                    struct estimate *out, struct error *error) {
  const int status = look_up(ledger, request, input, error);
  if (status == PURSER_OK)
    estimate_run(config, input, out);
  return status;
}

int run_estimate(struct ledger *ledger, const struct run_config *config,
                 const struct run_request *request, struct estimate *out, struct error *error) {
  const char *prompt = or_empty(request->prompt);
  struct history history;
  int status =
      ledger_history(ledger, or_empty(request->agent), or_empty(request->model), &history, error);
  if (status != PURSER_OK)
    return status;
  struct estimate_input input = {
      .model = or_empty(request->model),
      .provider = request->provider,
      .at_ms = clock_now_ms(ledger_clock(ledger)),
      .prompt_tokens = estimate_text_tokens(prompt, strlen(prompt)),
      .context_tokens = request->context_tokens,
      .max_output = request->max_output,
      .history = &history,
  };
  status = estimate(ledger, config, request, &input, out, error);
  const char *stand_in = estimate_stand_in(or_empty(request->source), or_empty(request->model));
  if (status == PURSER_OK && out->status == COST_UNKNOWN && stand_in != NULL) {
    input.model = stand_in;
    status = estimate(ledger, config, request, &input, out, error);
    if (status == PURSER_OK && out->status == COST_KNOWN)
      out->status = COST_ESTIMATED;
  }
  /* A client's default model has no name before it starts; its history has a price. */
  if (status == PURSER_OK && out->status == COST_UNKNOWN && history.p95_nanousd > 0) {
    out->status = COST_ESTIMATED;
    out->low_nanousd = history.p50_nanousd;
    out->high_nanousd = history.p95_nanousd;
  }
  return status;
}

/* Tokens of a whole run are those of many requests: a long-context price chosen by their sum would be wrong (rule 15). */
#define SHORT_PROMPT INT64_C(50000)

/* What tokens in that proportion cost, under the name that was asked for, else under the one that stands for it. -1: no price. */
static int64_t price_of(const struct run_config *config, const struct run_request *request,
                        const char *model, int64_t at_ms, const struct estimate *own) {
  const int64_t parts = own->input_tokens / SHORT_PROMPT + 1;
  const char *names[] = {model, estimate_stand_in(or_empty(request->source), model)};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    struct price price;
    const struct price_query query = {
        .model = names[i],
        .provider = request->provider,
        .at_ms = at_ms,
        .reported_nanousd = -1,
        .usage = {.input = own->input_tokens / parts, .output = own->output_tokens / parts},
    };
    if (names[i] == NULL)
      continue;
    price_request(config->catalog, &query, &price);
    if (price.status != COST_UNKNOWN && price.cost_nanousd > 0)
      return price.cost_nanousd;
  }
  return -1;
}

static int64_t scaled(int64_t amount, int64_t by, int64_t of) {
  __extension__ typedef __int128 i128;
  return (int64_t)(((i128)amount * by + of / 2) / of);
}

void run_estimate_other(struct ledger *ledger, const struct run_config *config,
                        const struct run_request *request, const struct estimate *own,
                        const char *model, struct estimate *out) {
  const int64_t now_ms = clock_now_ms(ledger_clock(ledger));
  const int64_t mine = price_of(config, request, or_empty(request->model), now_ms, own);
  const int64_t other = price_of(config, request, model, now_ms, own);
  *out = *own;
  if (mine < 0 || other < 0 || own->status == COST_UNKNOWN) {
    *out = (struct estimate){.status = COST_UNKNOWN};
    return;
  }
  /* What such runs really cost knows about caching; makers' cache rates are parts of their prices, so that holds for the other, too. */
  out->low_nanousd = scaled(own->low_nanousd, other, mine);
  out->high_nanousd = scaled(own->high_nanousd, other, mine);
  out->minimum_nanousd = scaled(own->minimum_nanousd, other, mine);
}

/* A figure beyond this is a mistake of somebody's, and would overflow. */
#define MOST_TOKENS INT64_C(1000000000)

int life_calibrate(struct run *run, struct error *error) {
  const struct prompt_pair pair = {run->plain_tokens, run->tally.first_prompt};
  if (!run->begins || run->compaction || pair.estimated <= 0 || pair.reported <= 0 ||
      pair.estimated > MOST_TOKENS || pair.reported > MOST_TOKENS)
    return PURSER_OK;
  struct run_row row = {0};
  struct prompt_pair earlier[PROMPT_PAIRS];
  size_t count = 0;
  const char *family = estimate_family(run->model);
  int status = ledger_run_get(run->ledger, run->id, &row, error);
  if (status == PURSER_OK)
    status =
        ledger_prompt_pairs(run->ledger, family, row.agent, row.workspace, earlier, &count, error);
  run_row_fini(&row);
  if (status != PURSER_OK)
    return status;
  return ledger_prompt_pair_add(run->ledger, run->id, family, &pair,
                                calibrate_sample(earlier, count, &pair), error);
}
