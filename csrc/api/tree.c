/* tree.c - see tree.h. */
#include "api/tree.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"

void tree_install(void) {
  cJSON_Hooks hooks = {mem_alloc, mem_free};
  cJSON_InitHooks(&hooks);
}

bool tree_add_int(cJSON *object, const char *key, int64_t value) {
  char text[24];
  (void)snprintf(text, sizeof text, "%" PRId64, value);
  return cJSON_AddRawToObject(object, key, text) != NULL;
}

bool tree_add_text(cJSON *object, const char *key, const char *value) {
  return value == NULL || cJSON_AddStringToObject(object, key, value) != NULL;
}

bool tree_add(cJSON *object, const char *key, cJSON *value) {
  if (object != NULL && value != NULL && cJSON_AddItemToObject(object, key, value))
    return true;
  cJSON_Delete(value);
  return false;
}

bool tree_append(cJSON *list, cJSON *value) {
  if (value != NULL && cJSON_AddItemToArray(list, value))
    return true;
  cJSON_Delete(value);
  return false;
}

cJSON *tree_raw(struct buf *text) {
  cJSON *raw = buf_status(text) == PURSER_OK ? cJSON_CreateRaw(buf_text(text)) : NULL;
  buf_fini(text);
  return raw;
}

cJSON *tree_sums(const struct sums *sums) {
  struct buf text = BUF_INIT;
  shape_sums(&text, NULL, sums);
  return tree_raw(&text);
}

cJSON *tree_budget(const struct policy_state *state) {
  struct buf text = BUF_INIT;
  shape_budget(&text, state);
  return tree_raw(&text);
}

cJSON *tree_run(const struct run_row *row) {
  struct buf text = BUF_INIT;
  shape_run(&text, row);
  return tree_raw(&text);
}

cJSON *tree_refusal(const struct run_answer *answer) {
  struct buf text = BUF_INIT;
  shape_refusal(&text, answer);
  return tree_raw(&text);
}

char *tree_print(cJSON *tree) {
  char *text = tree != NULL ? cJSON_PrintUnformatted(tree) : NULL;
  cJSON_Delete(tree);
  return text;
}
