/* schema_sql.c - the tables. A version that was released is never edited: a change is a further step.
 *
 * Names (agents, workspaces, models, sessions ...) are kept once, in `name`, and known by their id; 0 is "". Money is nano-dollars,
 * times are UTC milliseconds. Nothing refers by foreign key: rows of the log are never deleted. */
#include "ledger/schema.h"

/* What a request, a run, a rollup or a session adds up to, in the order of struct purser_usage and cost. */
#define TOKENS                                                                             \
  "input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL, " \
  "cache_write_1h INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL, "
#define SUMS                                                                       \
  "requests INTEGER NOT NULL, " TOKENS                                             \
  "cost INTEGER NOT NULL, unpriced INTEGER NOT NULL, estimated INTEGER NOT NULL, " \
  "uncertain INTEGER NOT NULL"

static const char log_1[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;"

    /* anchor_ms, anchor_model: the day and model whose rollup counts the run; 0 not counted yet. */
    "CREATE TABLE run_log ("
    "  id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, agent INTEGER NOT NULL,"
    "  workspace INTEGER NOT NULL, branch INTEGER NOT NULL, source INTEGER NOT NULL,"
    "  model INTEGER NOT NULL, effort INTEGER NOT NULL, conversation INTEGER NOT NULL,"
    "  session INTEGER NOT NULL, record_root INTEGER NOT NULL, cwd INTEGER NOT NULL,"
    "  prompt TEXT, prompt_bytes INTEGER NOT NULL, status INTEGER NOT NULL,"
    "  billing INTEGER NOT NULL, imported INTEGER NOT NULL, started_ms INTEGER NOT NULL,"
    "  ended_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL, exit_code INTEGER NOT NULL,"
    "  signal INTEGER NOT NULL, reason INTEGER NOT NULL, message TEXT,"
    "  tool_calls INTEGER NOT NULL, retries INTEGER NOT NULL, compactions INTEGER NOT NULL, " SUMS
    ","
    "  dearest INTEGER NOT NULL, anchor_ms INTEGER NOT NULL, anchor_model INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX run_by_start ON run_log (started_ms);"
    "CREATE INDEX run_by_agent ON run_log (agent, started_ms);"

    /* hash is that of the key: an index of whole keys would double the table. period_ms: the time that counts for budgets where it is not
       at_ms, because the clock had been set back. */
    "CREATE TABLE request ("
    "  id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, hash INTEGER NOT NULL, key TEXT NOT NULL,"
    "  request_id TEXT, at_ms INTEGER NOT NULL, period_ms INTEGER, model INTEGER NOT NULL,"
    "  tier INTEGER NOT NULL, speed INTEGER NOT NULL, region INTEGER NOT NULL,"
    "  session INTEGER NOT NULL, rate_card INTEGER NOT NULL, flags INTEGER NOT NULL,"
    "  status INTEGER NOT NULL, " TOKENS "web_searches INTEGER NOT NULL, cost INTEGER NOT NULL,"
    "  extra INTEGER NOT NULL, reported INTEGER"
    ") STRICT;"
    "CREATE INDEX request_by_hash ON request (hash);"
    "CREATE INDEX request_by_run ON request (run_id);"
    "CREATE INDEX request_by_time ON request (at_ms);"
    "CREATE INDEX request_by_period ON request (period_ms) WHERE period_ms IS NOT NULL;"

    "CREATE TABLE quarantine ("
    "  key TEXT NOT NULL, request_id TEXT NOT NULL, run_id INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL, model TEXT NOT NULL, " TOKENS
    "  cost INTEGER, PRIMARY KEY (key, request_id)"
    ") STRICT, WITHOUT ROWID;";

static const char sums_1[] =
    "CREATE TABLE rollup ("
    "  day INTEGER NOT NULL, agent INTEGER NOT NULL, workspace INTEGER NOT NULL,"
    "  model INTEGER NOT NULL, source INTEGER NOT NULL, billing INTEGER NOT NULL,"
    "  runs INTEGER NOT NULL, " SUMS ","
    "  PRIMARY KEY (day, agent, workspace, model, source, billing)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE session_total ("
    "  session TEXT NOT NULL, model TEXT NOT NULL, " TOKENS
    "  web_searches INTEGER NOT NULL, cost INTEGER NOT NULL, PRIMARY KEY (session, model)"
    ") STRICT, WITHOUT ROWID;";

static const char budgets_1[] =
    /* The open period's counter is part of the policy: the gate reads one row per policy and no more. hidden: a saved policy of the same
       scope and period holds instead. latched: the highest threshold announced or passed; watch: the spend at which the next one may
       be crossed. */
    "CREATE TABLE policy ("
    "  id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, key INTEGER NOT NULL,"
    "  period INTEGER NOT NULL, origin INTEGER NOT NULL, reset_day INTEGER NOT NULL,"
    "  zone TEXT NOT NULL, limit_nanousd INTEGER, thresholds TEXT NOT NULL,"
    "  at_limit INTEGER NOT NULL, version INTEGER NOT NULL, saved_ms INTEGER NOT NULL,"
    "  hidden INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,"
    "  metered INTEGER NOT NULL, subscription INTEGER NOT NULL, raised INTEGER NOT NULL,"
    "  latched INTEGER NOT NULL, watch INTEGER NOT NULL, UNIQUE (scope, key, period, origin)"
    ") STRICT;"
    /* The periods that are closed, and those that a request with a time to come has touched. */
    "CREATE TABLE policy_period ("
    "  policy INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,"
    "  metered INTEGER NOT NULL, subscription INTEGER NOT NULL, raised INTEGER NOT NULL,"
    "  version INTEGER NOT NULL, PRIMARY KEY (policy, start_ms)"
    ") STRICT, WITHOUT ROWID;"

    /* One row per run in somebody's hands. amount: set aside; cover: the part of it that the request in flight may need;
       drawn: what came out of the parent's hold. */
    "CREATE TABLE hold ("
    "  run_id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, agent INTEGER NOT NULL,"
    "  workspace INTEGER NOT NULL, amount INTEGER NOT NULL, cover INTEGER NOT NULL,"
    "  drawn INTEGER NOT NULL, flags INTEGER NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,"
    "  start_time INTEGER NOT NULL, touched_ms INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE crossing ("
    "  id INTEGER PRIMARY KEY, policy INTEGER NOT NULL, scope INTEGER NOT NULL,"
    "  key INTEGER NOT NULL, period INTEGER NOT NULL, start_ms INTEGER NOT NULL,"
    "  end_ms INTEGER NOT NULL, threshold INTEGER NOT NULL, version INTEGER NOT NULL,"
    "  spend INTEGER NOT NULL, limit_nanousd INTEGER NOT NULL, run_id INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL, announced INTEGER NOT NULL, claimed INTEGER NOT NULL,"
    "  UNIQUE (policy, start_ms, threshold, version)"
    ") STRICT;"

    /* Who overrode, raised, saved or removed what. */
    "CREATE TABLE audit ("
    "  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,"
    "  policy INTEGER NOT NULL, run_id INTEGER NOT NULL, amount INTEGER NOT NULL,"
    "  detail TEXT NOT NULL"
    ") STRICT;";

/* ---- 2: what each kind of token cost, what caching saved, and cuts by effort and branch ---- */

/* `extra` is from here on whatever is not the price of tokens: searches, and costs that can't be split, as all of the earlier ones. What
   output cost is the rest. unusual: of a run whose tokens, cost or duration stand out, see unusual.h. */
static const char log_2[] =
    "ALTER TABLE request ADD COLUMN cost_input INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE request ADD COLUMN cost_cache_read INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE request ADD COLUMN cost_cache_write INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE request ADD COLUMN cache_saved INTEGER NOT NULL DEFAULT 0;"
    "UPDATE request SET extra = cost WHERE extra <> cost;"
    "ALTER TABLE run_log ADD COLUMN cost_input INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run_log ADD COLUMN cost_cache_read INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run_log ADD COLUMN cost_cache_write INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run_log ADD COLUMN cost_extra INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run_log ADD COLUMN cache_saved INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run_log ADD COLUMN unusual INTEGER NOT NULL DEFAULT 0;"
    "UPDATE run_log SET cost_extra = cost WHERE cost <> 0;";

/* grain and span: rollup.h. The rows are made anew from the log at the end of the upgrade. */
static const char sums_2[] =
    "DROP TABLE rollup;"
    "CREATE TABLE rollup ("
    "  grain INTEGER NOT NULL, span INTEGER NOT NULL, agent INTEGER NOT NULL,"
    "  workspace INTEGER NOT NULL, model INTEGER NOT NULL, effort INTEGER NOT NULL,"
    "  source INTEGER NOT NULL, branch INTEGER NOT NULL, billing INTEGER NOT NULL,"
    "  runs INTEGER NOT NULL, " SUMS ","
    "  cost_input INTEGER NOT NULL, cost_cache_read INTEGER NOT NULL,"
    "  cost_cache_write INTEGER NOT NULL, cost_extra INTEGER NOT NULL,"
    "  cache_saved INTEGER NOT NULL,"
    "  PRIMARY KEY (grain, span, agent, workspace, model, effort, source, branch, billing)"
    ") STRICT, WITHOUT ROWID;";

/* ---- 3: conversations ---- */

/* What was said, and what compaction did to it. place: the order; a summary takes that of the first item it stands for. masked, summarised:
   the compaction that did it, 0 none; made: the one that wrote this summary. */
static const char chats_3[] =
    "CREATE TABLE chat ("
    "  conversation INTEGER PRIMARY KEY, title TEXT NOT NULL,"
    "  agent INTEGER NOT NULL, workspace INTEGER NOT NULL, source INTEGER NOT NULL,"
    "  model INTEGER NOT NULL, effort INTEGER NOT NULL, session TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL, failures INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX chat_by_use ON chat (used_ms);"
    "CREATE TABLE chat_item ("
    "  id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, place INTEGER NOT NULL,"
    "  run_id INTEGER NOT NULL, kind INTEGER NOT NULL, call TEXT, name TEXT, text TEXT NOT NULL,"
    "  tokens INTEGER NOT NULL, failed INTEGER NOT NULL, masked INTEGER NOT NULL,"
    "  summarised INTEGER NOT NULL, made INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX chat_item_by_chat ON chat_item (conversation, place, id);"
    "CREATE TABLE compaction ("
    "  id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, kind TEXT NOT NULL, run_id INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL, before_tokens INTEGER NOT NULL, after_tokens INTEGER NOT NULL,"
    "  session_before TEXT NOT NULL, undone_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX compaction_by_conversation ON compaction (conversation, id);"
    "CREATE INDEX run_by_conversation ON run_log (conversation) WHERE conversation <> 0;";

/* ---- 4: what was read of the clients' own records ---- */

/* size, mtime_ns, inode: of a file when it was last read to its end; 0 while it was not. state: what a reader needs to go on. import_prompt:
   which run a prompt became, by the hash of the prompt's key, and when the file that told of it was last written. */
static const char import_4[] =
    "CREATE TABLE import_folder ("
    "  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, source TEXT NOT NULL,"
    "  mtime_ns INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE import_file ("
    "  folder INTEGER NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,"
    "  mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, PRIMARY KEY (folder, name)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE import_state ("
    "  folder INTEGER NOT NULL, name TEXT NOT NULL, state BLOB NOT NULL,"
    "  PRIMARY KEY (folder, name)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE import_prompt ("
    "  hash INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, told_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX run_by_session ON run_log (session, started_ms);";

/* ---- 5: what became of advice ---- */

static const char advice_5[] =
    "CREATE TABLE dismissed ("
    "  run_id INTEGER NOT NULL, finding TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    "  PRIMARY KEY (run_id, finding)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE accepted ("
    "  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, agent INTEGER NOT NULL, what TEXT NOT NULL,"
    "  was TEXT NOT NULL, becomes TEXT NOT NULL, promised INTEGER NOT NULL"
    ") STRICT;";

/* ---- 6: what prompts came to in the providers' tokens ---- */

/* See prompt_pair.h. */
static const char tokens_6[] =
    "CREATE TABLE prompt_pair ("
    "  family TEXT NOT NULL, agent INTEGER NOT NULL, workspace INTEGER NOT NULL,"
    "  run_id INTEGER NOT NULL, estimated INTEGER NOT NULL, reported INTEGER NOT NULL,"
    "  PRIMARY KEY (family, agent, workspace, run_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE token_ratio ("
    "  family TEXT NOT NULL, run_id INTEGER NOT NULL, permille INTEGER NOT NULL,"
    "  PRIMARY KEY (family, run_id)"
    ") STRICT, WITHOUT ROWID;";

/* ---- 7: the run log in any order ---- */

/* A run that is under way changes with every request, so that the indexes by figures hold runs that have ended, and the few others are
   looked up apart. run_ended has all that a sorted page of some days is chosen by. */
static const char order_7[] =
    "ALTER TABLE run_log ADD COLUMN tokens INTEGER"
    "  AS (input + cache_read + cache_write_5m + cache_write_1h + output) VIRTUAL;"
    "DROP INDEX run_by_start;"
    "CREATE INDEX run_open ON run_log (started_ms) WHERE status < 3;"
    "CREATE INDEX run_ended ON run_log"
    "  (started_ms, agent, workspace, billing, status, cost, tokens, duration_ms)"
    "  WHERE status >= 3;"
    "CREATE INDEX run_by_cost ON run_log (cost) WHERE status >= 3;"
    "CREATE INDEX run_by_tokens ON run_log (tokens) WHERE status >= 3;"
    "CREATE INDEX run_by_duration ON run_log (duration_ms) WHERE status >= 3;"
    "CREATE INDEX run_by_workspace ON run_log (workspace, started_ms);"
    "CREATE INDEX run_unusual ON run_log (started_ms) WHERE unusual <> 0;";

/* ---- 8: unusual runs ---- */

/* 0: nobody has judged it yet, see unusual.h. */
static const char unusual_8[] =
    "DROP INDEX run_unusual;"
    "CREATE INDEX run_unusual ON run_log (started_ms) WHERE unusual > 1;"
    "CREATE INDEX run_unjudged ON run_log (started_ms) WHERE unusual = 0 AND status >= 3;";

/* ---- 9: sums by month of agents, workspaces and models ---- */

/* Further grains of the rollups, which are made anew at the end of the upgrade. */
static const char months_9[] = "DELETE FROM rollup;";

/* ---- 10: a sorted page from its index alone ---- */

/* With what runs are mostly chosen by. SQLite finds no index to hold all that is asked where a column is computed, so that `tokens` is
   kept. Hours do to find requests by time, and are half as long. */
static const char order_10[] =
    "DROP INDEX run_ended; DROP INDEX run_by_cost; DROP INDEX run_by_tokens;"
    "DROP INDEX run_by_duration;"
    "ALTER TABLE run_log DROP COLUMN tokens;"
    "ALTER TABLE run_log ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0;"
    "UPDATE run_log SET tokens = input + cache_read + cache_write_5m + cache_write_1h + output;"
    "CREATE INDEX run_ended ON run_log"
    "  (started_ms, agent, workspace, billing, status, cost, tokens, duration_ms)"
    "  WHERE status >= 3;"
    "CREATE INDEX run_by_cost ON run_log (cost, started_ms, agent, workspace, billing, status)"
    "  WHERE status >= 3;"
    "CREATE INDEX run_by_tokens ON run_log (tokens, started_ms, agent, workspace, billing, status)"
    "  WHERE status >= 3;"
    "CREATE INDEX run_by_duration"
    "  ON run_log (duration_ms, started_ms, agent, workspace, billing, status) WHERE status >= 3;"
    "DROP INDEX request_by_time;"
    "CREATE INDEX request_by_hour ON request (at_ms / 3600000);";

/* ---- 11: less to write at an admission ---- */

/* A run has no session yet when it is admitted. */
static const char sessions_11[] =
    "DROP INDEX run_by_session;"
    "CREATE INDEX run_by_session ON run_log (session, started_ms) WHERE session <> 0;";

/* ---- 12: alarms on the forecast ---- */

/* forecast: whether a policy rings when at this pace its limit is reached. exhausted_ms: when that is; 0 a threshold was crossed. */
static const char forecast_12[] =
    "ALTER TABLE policy ADD COLUMN forecast INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE crossing ADD COLUMN exhausted_ms INTEGER NOT NULL DEFAULT 0;";

const struct schema_step schema_steps[] = {{{log_1, sums_1, budgets_1, NULL}},
                                           {{log_2, sums_2, NULL}},
                                           {{chats_3, NULL}},
                                           {{import_4, NULL}},
                                           {{advice_5, NULL}},
                                           {{tokens_6, NULL}},
                                           {{order_7, NULL}},
                                           {{unusual_8, NULL}},
                                           {{months_9, NULL}},
                                           {{order_10, NULL}},
                                           {{sessions_11, NULL}},
                                           {{forecast_12, NULL}}};
const int schema_version = sizeof schema_steps / sizeof schema_steps[0];
