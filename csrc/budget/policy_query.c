/* policy_query.c - the policies in force, and where each stands now. */
#include "base/mem.h"
#include "budget/budget.h"
#include "budget/policy_row.h"
#include "ledger/internal.h"

struct list {
  struct policy_row *rows;
  size_t count;
  size_t cap;
};

static int collect(void *data, const struct policy_row *row) {
  struct list *list = data;
  void *rows = list->rows;
  const int status = mem_grow(&rows, &list->cap, list->count + 1, sizeof *list->rows);
  list->rows = rows;
  if (status == PURSER_OK)
    list->rows[list->count++] = *row;
  return status;
}

/* All of one snapshot, then the callbacks: those may write. */
int budget_policy_each(struct ledger *ledger,
                       int (*each)(void *data, const struct policy_state *state), void *data,
                       struct error *error) {
  struct list list = {0};
  struct policy_state *states = NULL;
  bool mine = false;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = counters_load(ledger, error);
  if (status == PURSER_OK) {
    status = policy_row_each(ledger, true, collect, &list, error);
    if (status == PURSER_ENOMEM)
      (void)error_set(error, status, "out of memory");
  }
  if (status == PURSER_OK) {
    states = mem_alloc((list.count + 1) * sizeof *states);
    if (states == NULL)
      status = error_set(error, PURSER_ENOMEM, "out of memory");
  }
  for (size_t i = 0; i < list.count && status == PURSER_OK; i++)
    status = policy_state_of(ledger, &list.rows[i], &states[i], error);
  ledger_read_end(ledger, mine);
  if (status != PURSER_OK)
    (void)error_wrap(error, "read the budgets");
  for (size_t i = 0; i < list.count && status == PURSER_OK; i++)
    status = each(data, &states[i]);
  mem_free(states);
  mem_free(list.rows);
  return status;
}
