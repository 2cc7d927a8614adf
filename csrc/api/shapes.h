/* shapes.h - the core's structs as JSON (README.md of this folder), written as text: ten times as fast as a tree of members, and
 * exact, where a tree's doubles would round. Each appends a whole object; who knows more of it goes on with json_reopen. */
#ifndef API_SHAPES_H
#define API_SHAPES_H

#include "base/buf.h"
#include "budget/budget.h"
#include "budget/outlook.h"
#include "run/run.h"

/* A "key" in front, unless it is NULL. */
void shape_sums(struct buf *out, const char *key, const struct sums *sums);
void shape_budget(struct buf *out, const struct policy_state *state);
/* With what a listed budget has besides: forecast_nanousd and exhausted_ms, where they are known. */
void shape_listed_budget(struct buf *out, const struct policy_state *state,
                         const struct outlook *outlook);
void shape_run(struct buf *out, const struct run_row *row);
void shape_request(struct buf *out, const struct request_row *row);
/* How many tokens the conversation held after a request: its prompt and its answer. */
int64_t request_context(const struct request_row *row);
void shape_crossing(struct buf *out, const struct crossing *crossing, bool mine);
void shape_refusal(struct buf *out, const struct run_answer *answer);

#endif
