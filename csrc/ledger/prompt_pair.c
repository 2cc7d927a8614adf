/* prompt_pair.c - see prompt_pair.h. */
#include "ledger/prompt_pair.h"

#include "ledger/internal.h"

static int read_pairs(struct ledger *ledger, const char *sql, const struct db_value *values,
                      size_t value_count, struct prompt_pair *out, size_t *count,
                      struct error *error) {
  struct query q = QUERY_INIT;
  *count = 0;
  int status = db_query(ledger->db, &q, sql, values, value_count, error);
  while (status == PURSER_OK && *count < PROMPT_PAIRS &&
         (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    out[(*count)++] = (struct prompt_pair){.estimated = sqlite3_column_int64(q.stmt, 0),
                                           .reported = sqlite3_column_int64(q.stmt, 1)};
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

/* `workspace` NULL: any. Names that were never stored have no pairs. */
static int find_pairs(struct ledger *ledger, const char *family, const char *agent,
                      const char *workspace, struct prompt_pair *out, size_t *count,
                      struct error *error) {
  int64_t agent_id = 0;
  int64_t workspace_id = 0;
  *count = 0;
  int status = names_find(&ledger->names, ledger->db, ledger_text(agent), &agent_id, error);
  if (status == PURSER_OK && workspace != NULL)
    status = names_find(&ledger->names, ledger->db, workspace, &workspace_id, error);
  const struct db_value values[] = {db_text(family), db_int(agent_id), db_int(workspace_id)};
  if (status == PURSER_OK && workspace != NULL)
    status = read_pairs(ledger,
                        "SELECT estimated, reported FROM prompt_pair WHERE family = ? AND agent = ?"
                        " AND workspace = ? ORDER BY run_id DESC",
                        values, 3, out, count, error);
  else if (status == PURSER_OK)
    status = read_pairs(ledger,
                        "SELECT estimated, reported FROM prompt_pair WHERE family = ? AND agent = ?"
                        " ORDER BY run_id DESC",
                        values, 2, out, count, error);
  if (status == PURSER_OK || status == PURSER_ENOTFOUND)
    return PURSER_OK;
  return error_wrap(error, "read what prompts came to");
}

int ledger_prompt_pairs(struct ledger *ledger, const char *family, const char *agent,
                        const char *workspace, struct prompt_pair *out, size_t *count,
                        struct error *error) {
  return find_pairs(ledger, family, agent, ledger_text(workspace), out, count, error);
}

int ledger_prompt_pairs_anywhere(struct ledger *ledger, const char *family, const char *agent,
                                 struct prompt_pair *out, size_t *count, struct error *error) {
  return find_pairs(ledger, family, agent, NULL, out, count, error);
}

int ledger_token_ratios(struct ledger *ledger, const char *family, int32_t *out, size_t *count,
                        struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_text(family);
  *count = 0;
  int status = db_query(ledger->db, &q,
                        "SELECT permille FROM token_ratio WHERE family = ? ORDER BY run_id DESC",
                        &value, 1, error);
  while (status == PURSER_OK && *count < TOKEN_RATIOS &&
         (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    out[(*count)++] = sqlite3_column_int(q.stmt, 0);
    status = PURSER_OK;
  }
  db_done(&q);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "read the ratios of %s", family);
}

static int add_ratio(struct ledger *ledger, int64_t run_id, const char *family, int32_t permille,
                     struct error *error) {
  const struct db_value values[] = {db_text(family), db_int(run_id), db_int(permille),
                                    db_int(TOKEN_RATIOS)};
  const int status =
      db_run(ledger->db, "INSERT OR REPLACE INTO token_ratio VALUES (?, ?, ?)", values, 3, error);
  if (status != PURSER_OK)
    return status;
  return db_run(ledger->db,
                "DELETE FROM token_ratio WHERE family = ?1 AND run_id <="
                " (SELECT run_id FROM token_ratio WHERE family = ?1"
                "  ORDER BY run_id DESC LIMIT 1 OFFSET ?4)",
                values, 4, error);
}

static int add_pair(struct ledger *ledger, int64_t run_id, const char *family,
                    const struct prompt_pair *pair, struct error *error) {
  const struct db_value values[] = {db_text(family), db_int(run_id), db_int(pair->estimated),
                                    db_int(pair->reported), db_int(PROMPT_PAIRS)};
  const int status = db_run(ledger->db,
                            "INSERT OR REPLACE INTO prompt_pair SELECT ?1, agent, workspace, ?2,"
                            " ?3, ?4 FROM run_log WHERE id = ?2",
                            values, 4, error);
  if (status != PURSER_OK)
    return status;
  return db_run(ledger->db,
                "DELETE FROM prompt_pair AS p WHERE p.family = ?1"
                " AND (p.agent, p.workspace) = (SELECT agent, workspace FROM run_log WHERE id = ?2)"
                " AND p.run_id <= (SELECT run_id FROM prompt_pair WHERE family = ?1"
                "  AND agent = p.agent AND workspace = p.workspace"
                "  ORDER BY run_id DESC LIMIT 1 OFFSET ?5)",
                values, 5, error);
}

int ledger_prompt_pair_add(struct ledger *ledger, int64_t run_id, const char *family,
                           const struct prompt_pair *pair, int32_t ratio_permille,
                           struct error *error) {
  int status = ledger_need_transaction(ledger, "keeping what a prompt came to", error);
  if (status != PURSER_OK)
    return status;
  status = add_pair(ledger, run_id, family, pair, error);
  if (status == PURSER_OK && ratio_permille > 0)
    status = add_ratio(ledger, run_id, family, ratio_permille, error);
  return ledger_spoil(ledger, status, "keep what a prompt came to", error);
}
