/* shapes.h - the core's structs as JSON (README.md of this folder). cJSON builds the trees; whole numbers go in as raw text, because
 * its doubles would round what is exact. Every function answers NULL when memory is short. */
#ifndef API_SHAPES_H
#define API_SHAPES_H

#include <cjson/cJSON.h>

#include "budget/budget.h"
#include "budget/outlook.h"
#include "run/run.h"

bool shape_add_int(cJSON *object, const char *key, int64_t value);
bool shape_add_text(cJSON *object, const char *key, const char *value); /* NULL: left out */
bool shape_add(cJSON *object, const char *key, cJSON *value);           /* takes over value */

/* Raw: nothing can be added to it. */
cJSON *shape_sums(const struct sums *sums);
/* The same as text, with a "key" in front unless it is NULL. */
void shape_write_sums(struct buf *out, const char *key, const struct sums *sums);
cJSON *shape_usage(const purser_usage *usage);
cJSON *shape_budget(const struct policy_state *state);
/* What a listed budget has besides: forecast_nanousd and exhausted_ms, where they are known. */
bool shape_add_outlook(cJSON *budget, const struct outlook *outlook);
cJSON *shape_run(const struct run_row *row);
cJSON *shape_request(const struct request_row *row);
/* How many tokens the conversation held after a request: its prompt and its answer. */
int64_t request_context(const struct request_row *row);
cJSON *shape_crossing(const struct crossing *crossing, bool mine);
cJSON *shape_refusal(const struct run_answer *answer);

/* Prints and frees the tree; NULL (also for a NULL tree) when memory is short. The text is freed with mem_free. */
char *shape_print(cJSON *tree);

#endif
