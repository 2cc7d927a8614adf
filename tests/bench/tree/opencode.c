/* opencode.c - the database of opencode, as far as it tells of money. */
#include <stdio.h>

#include <sqlite3.h>

#include "writers.h"

static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE project (id TEXT PRIMARY KEY, worktree TEXT NOT NULL, vcs TEXT,"
    "  time_created INTEGER NOT NULL, time_updated INTEGER NOT NULL, sandboxes TEXT NOT NULL);"
    "CREATE TABLE session (id TEXT PRIMARY KEY, project_id TEXT NOT NULL, parent_id TEXT,"
    "  slug TEXT NOT NULL, directory TEXT NOT NULL, title TEXT NOT NULL, version TEXT NOT NULL,"
    "  cost REAL DEFAULT 0 NOT NULL, time_created INTEGER NOT NULL, time_updated INTEGER NOT NULL);"
    "CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL,"
    "  time_created INTEGER NOT NULL, time_updated INTEGER NOT NULL, data TEXT NOT NULL);"
    "CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, session_id TEXT NOT NULL,"
    "  time_created INTEGER NOT NULL, time_updated INTEGER NOT NULL, data TEXT NOT NULL);"
    "CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);"
    "CREATE INDEX part_message_id_id_idx ON part (message_id, id);"
    "CREATE INDEX session_project_idx ON session (project_id);"
    "CREATE INDEX session_parent_idx ON session (parent_id);"
    "INSERT INTO project VALUES ('global', '/', NULL, 0, 0, '[]');"
    "BEGIN";

struct store {
  struct world *world;
  sqlite3 *db;
  struct buf sql;
};

static void run(struct store *store, const char *sql) {
  char *message = NULL;
  if (sqlite3_exec(store->db, sql, NULL, NULL, &message) != SQLITE_OK)
    tree_die("opencode.db: %s", message);
}

struct conversation {
  const char *id;
  const struct workspace *workspace;
  uint32_t name;
  uint64_t seed;
  int64_t start_ms;
  int prompts;
};

static void add_session(struct store *store, const struct conversation *c, const char *title,
                        int64_t created_ms) {
  buf_clear(&store->sql);
  buf_addf(&store->sql,
           "INSERT INTO session VALUES ('%s', 'global', NULL, 'slug', '%s', '%s', '1.18.33', 0,"
           " %lld, %lld)",
           c->id, c->workspace->cwd, title, (long long)created_ms,
           (long long)c->start_ms + c->prompts * 60000LL);
  run(store, buf_text(&store->sql));
}

static void add_message(struct store *store, const struct conversation *c, const char *id,
                        int64_t at_ms, const purser_usage *u) {
  buf_clear(&store->sql);
  buf_addf(&store->sql, "INSERT INTO message VALUES ('%s', '%s', %lld, %lld, '", id, c->id,
           (long long)at_ms, (long long)at_ms);
  if (u == NULL) {
    buf_addf(&store->sql, "{\"role\":\"user\",\"time\":{\"created\":%lld}}')", (long long)at_ms);
  } else {
    buf_addf(
        &store->sql,
        "{\"role\":\"assistant\",\"mode\":\"build\",\"modelID\":\"claude-sonnet-4-5\",\"providerID\":"
        "\"anthropic\",\"cost\":0,\"tokens\":{\"input\":%lld,\"output\":%lld,\"reasoning\":%lld,"
        "\"cache\":{\"read\":%lld,\"write\":%lld}},\"finish\":\"stop\",\"time\":{\"created\":%lld,"
        "\"completed\":%lld}}')",
        (long long)u->input, (long long)(u->output - u->reasoning), (long long)u->reasoning,
        (long long)u->cache_read, (long long)u->cache_write_5m, (long long)at_ms,
        (long long)at_ms + 900);
  }
  run(store, buf_text(&store->sql));
}

static void note(struct store *store, const struct conversation *c, const char *id, int64_t at_ms,
                 const purser_usage *u) {
  struct truth *truth = store->world->truth;
  const struct truth_request request = {
      .at_ms = at_ms,
      .usage = *u,
      .tier = "",
      .speed = "",
      .model = truth_name(&truth->models, "anthropic/claude-sonnet-4-5"),
      .workspace = c->workspace->name,
      .session = c->name,
      .source = TRUTH_OPENCODE,
  };
  truth_add(truth, &request, id, 0);
}

/* `copy`: the messages of the conversation again, in another and under new ids. */
static void add_messages(struct store *store, const struct conversation *c,
                         const struct conversation *copy) {
  struct dice dice = dice_for(c->seed, 1);
  struct dice ids = dice_for((copy != NULL ? copy : c)->seed, 2);
  for (int i = 0; i < c->prompts; i++) {
    char id[ID_SIZE];
    const int64_t at_ms = c->start_ms + i * 60000;
    id_made(id, "msg_", 26, &ids);
    add_message(store, copy != NULL ? copy : c, id, at_ms, NULL);
    for (int k = dice_int(&dice, 1, 4); k > 0; k--) {
      const int64_t answered_ms = at_ms + 10000 - k * 2000;
      purser_usage u = {.input = dice_between(&dice, 5, 4000),
                        .cache_read = dice_between(&dice, 0, 90000),
                        .cache_write_5m = dice_between(&dice, 0, 5000),
                        .output = dice_between(&dice, 40, 3000)};
      u.reasoning = u.output / 4;
      id_made(id, "msg_", 26, &ids);
      add_message(store, copy != NULL ? copy : c, id, answered_ms, &u);
      if (copy == NULL)
        note(store, c, id, answered_ms, &u);
    }
  }
}

static struct conversation plan(struct world *world, uint64_t number, char id[ID_SIZE]) {
  struct dice dice = dice_for(world->options->seed, 15000000 + number);
  struct conversation c = {.id = id};
  do {
    c.workspace = world_workspace(world, &dice);
  } while (c.workspace->cwd[0] == '\0');
  c.seed = dice_roll(&dice);
  c.start_ms = world_moment(world, &dice);
  c.prompts = dice_int(&dice, 1, 12);
  id_made(id, "ses_", 26, &dice);
  c.name = truth_name_new(&world->truth->sessions, id);
  return c;
}

static void write_conversations(struct store *store, uint64_t count) {
  struct world *world = store->world;
  struct dice dice = dice_for(world->options->seed, 16000000);
  for (uint64_t i = 0; i < count; i++) {
    char id[ID_SIZE];
    char fork_id[ID_SIZE];
    const struct conversation c = plan(world, i, id);
    add_session(store, &c, "Talk", c.start_ms);
    add_messages(store, &c, NULL);
    if (!world_springs(world, &dice, TRAP_OPENCODE_FORK, 200))
      continue;
    struct conversation fork = plan(world, 1000000 + i, fork_id);
    fork.workspace = c.workspace;
    fork.start_ms = c.start_ms + c.prompts * 60000 + HOUR_MS;
    add_session(store, &fork, "Talk (fork #1)", fork.start_ms);
    add_messages(store, &c, &fork);
    struct conversation own = fork;
    own.seed++;
    add_messages(store, &own, NULL);
    world_planted(world, TRAP_OPENCODE_FORK);
  }
}

void opencode_write(struct world *world, int64_t bytes) {
  struct store store = {.world = world, .sql = BUF_INIT};
  struct out out;
  enum {
    BYTES_PER_TALK = 8000
  };
  /* Makes the folders; SQLite takes an empty file for a new one. */
  out_open(&out, world, ".local/share/opencode/opencode.db");
  if (sqlite3_open(buf_text(&out.path), &store.db) != SQLITE_OK)
    tree_die("%s: %s", buf_text(&out.path), sqlite3_errmsg(store.db));
  out_close(&out, world, world->first_ms);
  run(&store, schema);
  write_conversations(&store, (uint64_t)(bytes / BYTES_PER_TALK + 3));
  run(&store, "COMMIT");
  (void)sqlite3_close(store.db);
  buf_fini(&store.sql);
}
