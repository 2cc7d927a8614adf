/* tree.h - documents of JSON as they are put together for Lua: cJSON builds the trees; whole numbers, and the shapes of shapes.h, go
 * in as raw text, because its doubles would round what is exact. What makes a tree answers NULL when memory is short, what adds to
 * one false. */
#ifndef API_TREE_H
#define API_TREE_H

#include <cjson/cJSON.h>

#include "api/shapes.h"

/* Hands our allocator to cJSON, before its first use; again is fine. */
void tree_install(void);

bool tree_add_int(cJSON *object, const char *key, int64_t value);
bool tree_add_text(cJSON *object, const char *key, const char *value); /* NULL: left out */
bool tree_add(cJSON *object, const char *key, cJSON *value);           /* takes over value */
bool tree_append(cJSON *list, cJSON *value);                           /* takes over value */

/* What a text holds, which is given up with it. Raw: nothing can be added to it. */
cJSON *tree_raw(struct buf *text);
cJSON *tree_sums(const struct sums *sums);
cJSON *tree_budget(const struct policy_state *state);
cJSON *tree_run(const struct run_row *row);
cJSON *tree_refusal(const struct run_answer *answer);

/* Prints and frees the tree; NULL (also for a NULL tree) when memory is short. The text is freed with mem_free. */
char *tree_print(cJSON *tree);

#endif
