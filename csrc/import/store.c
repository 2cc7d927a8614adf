/* store.c - see store.h. */
#include "import/store.h"

#include <string.h>

#include "base/mem.h"
#include "budget/budget.h"
#include "import/session_runs.h"
#include "import/settings.h"
#include "ledger/bulk.h"
#include "ledger/hash.h"
#include "ledger/import_log.h"

/* What one of the client's prompts became. */
struct known_prompt {
  uint64_t hash; /* 0: unused */
  int64_t run_id;
  int64_t told_ms;
};

/* A piece's run in the ledger. */
struct stored_run {
  int64_t id;    /* 0 not known yet */
  bool original; /* the file is the one that it was first written in, as far as can be told */
};

struct store {
  struct ledger *ledger;
  const struct import_options *options;
  struct import_result *result;
  const struct agent_rules *rules;
  struct places places;
  struct sessions sessions;
  struct known_prompt *prompts; /* open addressing */
  size_t prompt_slots, prompt_count;
  uint64_t *dry; /* hashes of what a dry run has met */
  size_t dry_slots, dry_count;
  struct stored_run *runs; /* of the piece */
  size_t run_cap;
  struct import_counts counts[IMPORT_SOURCES_MAX]; /* not committed yet, by place in the result */
};

int store_open(struct store **out, struct ledger *ledger, const struct import_options *options,
               struct import_result *result, struct error *error) {
  struct store *store = mem_zalloc(sizeof *store);
  *out = store;
  if (store == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  store->ledger = ledger;
  store->options = options;
  store->result = result;
  store->rules = options->settings != NULL ? options->settings->rules : NULL;
  return PURSER_OK;
}

void store_close(struct store *store) {
  if (store == NULL)
    return;
  places_fini(&store->places);
  sessions_fini(&store->sessions);
  mem_free(store->prompts);
  mem_free(store->dry);
  mem_free(store->runs);
  mem_free(store);
}

static int no_memory(struct error *error) {
  return error_set(error, PURSER_ENOMEM, "out of memory");
}

/* ---- the result ---- */

static size_t place_in(const struct import_result *result, const struct import_source *source) {
  size_t i = 0;
  while (i < result->source_count && result->sources[i].source != source)
    i++;
  return i;
}

struct import_counts *store_counts(struct import_result *result,
                                   const struct import_source *source) {
  const size_t place = place_in(result, source);
  return place < result->source_count ? &result->sources[place].counts : NULL;
}

void store_fault(struct import_result *result, const struct import_source *source, const char *kind,
                 const char *path, int64_t line, const char *text) {
  void *faults = result->faults;
  if (result->fault_count >= IMPORT_FAULTS_MAX ||
      mem_grow(&faults, &result->fault_cap, result->fault_count + 1, sizeof *result->faults) !=
          PURSER_OK)
    return;
  result->faults = faults;
  struct import_fault *fault = &result->faults[result->fault_count];
  *fault = (struct import_fault){
      .source = source->name,
      .path = mem_strdup(path),
      .text = mem_strdup(text),
      .line = line,
  };
  const size_t len = strnlen(kind, sizeof fault->kind - 1);
  memcpy(fault->kind, kind, len);
  if (fault->path == NULL || fault->text == NULL) {
    mem_free(fault->path);
    mem_free(fault->text);
    return;
  }
  result->fault_count++;
}

void import_result_fini(struct import_result *result) {
  for (size_t i = 0; i < result->fault_count; i++) {
    mem_free(result->faults[i].path);
    mem_free(result->faults[i].text);
  }
  mem_free(result->faults);
  *result = (struct import_result){0};
}

static void add_counts(struct import_counts *to, const struct import_counts *more) {
  to->read += more->read;
  to->rewritten += more->rewritten;
  to->failed += more->failed;
  to->bytes += more->bytes;
  to->bytes_left -= more->bytes;
  to->lines += more->lines;
  to->malformed += more->malformed;
  to->runs += more->runs;
  to->booked += more->booked;
  to->replaced += more->replaced;
  to->duplicates += more->duplicates;
  to->quarantined += more->quarantined;
  to->uncertain += more->uncertain;
  to->cost_nanousd += more->cost_nanousd;
}

void store_committed(struct store *store) {
  struct import_result *result = store->result;
  for (size_t i = 0; i < result->source_count; i++) {
    add_counts(&result->sources[i].counts, &store->counts[i]);
    add_counts(&result->total, &store->counts[i]);
    store->counts[i] = (struct import_counts){0};
  }
}

/* ---- prompts that are known ---- */

static struct known_prompt *prompt_slot(const struct store *store, uint64_t hash) {
  size_t at = (size_t)hash & (store->prompt_slots - 1);
  while (store->prompts[at].hash != 0 && store->prompts[at].hash != hash)
    at = (at + 1) & (store->prompt_slots - 1);
  return &store->prompts[at];
}

static int remember_prompt(struct store *store, const struct known_prompt *prompt,
                           struct error *error) {
  enum {
    FIRST = 64
  };
  if (2 * (store->prompt_count + 1) > store->prompt_slots) {
    struct known_prompt *old = store->prompts;
    const size_t old_slots = store->prompt_slots;
    const size_t slots = old_slots == 0 ? FIRST : 2 * old_slots;
    struct known_prompt *grown = mem_zalloc(slots * sizeof *grown);
    if (grown == NULL)
      return no_memory(error);
    store->prompts = grown;
    store->prompt_slots = slots;
    for (size_t i = 0; i < old_slots; i++) {
      if (old[i].hash != 0)
        *prompt_slot(store, old[i].hash) = old[i];
    }
    mem_free(old);
  }
  struct known_prompt *slot = prompt_slot(store, prompt->hash);
  store->prompt_count += slot->hash == 0;
  *slot = *prompt;
  return PURSER_OK;
}

static int put_prompt(struct store *store, const struct known_prompt *prompt, struct error *error) {
  const struct import_prompt_row row = {prompt->hash, prompt->run_id, prompt->told_ms};
  const int status = import_log_put_prompt(store->ledger, &row, error);
  return status == PURSER_OK ? remember_prompt(store, prompt, error) : status;
}

/* PURSER_ENOTFOUND if no run came of it yet. */
static int find_prompt(struct store *store, uint64_t hash, struct known_prompt *out,
                       struct error *error) {
  if (store->prompt_slots != 0) {
    const struct known_prompt *slot = prompt_slot(store, hash);
    if (slot->hash == hash) {
      *out = *slot;
      return PURSER_OK;
    }
  }
  struct import_prompt_row row;
  const int status = import_log_prompt(store->ledger, hash, &row, error);
  if (status != PURSER_OK)
    return status;
  *out = (struct known_prompt){row.hash, row.run_id, row.told_ms};
  return remember_prompt(store, out, error);
}

/* ---- from a piece's run to one of the ledger's ---- */

/* One piece while it is stored. */
struct storing {
  struct store *store;
  struct piece *piece;
  const struct import_source *source;
  struct import_counts *counts;
  int64_t told_ms; /* when the file was last written */
};

static const char *text(const struct storing *s, size_t offset) {
  return piece_text(s->piece, offset);
}

static int make_run(struct storing *s, const struct piece_run *run, struct stored_run *out,
                    struct error *error) {
  struct store *store = s->store;
  const char *cwd = text(s, run->cwd);
  const char *workspace = places_find(&store->places, cwd);
  if (workspace == NULL)
    return no_memory(error);
  const char *source = s->source->name;
  const char *model = text(s, run->model);
  const char *agent = agent_rules_agent(store->rules, source, workspace, model);
  const char *session = text(s, run->session);
  const struct run_spec spec = {
      .agent = agent,
      .workspace = workspace,
      .branch = text(s, run->branch),
      .source = source,
      .model = model,
      .effort = text(s, run->effort),
      .session = session,
      .prompt = text(s, run->prompt),
      .prompt_bytes = run->prompt_bytes,
      .started_ms = run->at_ms,
      .cwd = cwd,
      .billing = agent_rules_billing(store->rules, source, agent, run->at_ms,
                                     ledger_zone(store->ledger), NULL),
      .imported = true,
  };
  int status = ledger_run_create(store->ledger, &spec, RUN_COMPLETED, &out->id, error);
  const struct known_prompt prompt = {run->hash, out->id, s->told_ms};
  out->original = true;
  if (status == PURSER_OK)
    status = put_prompt(store, &prompt, error);
  if (status != PURSER_OK)
    return status;
  s->counts->runs++;
  struct session_runs *known = sessions_find(&store->sessions, store->ledger, session, error);
  if (known == NULL)
    return error_wrap(error, "look for a session's runs");
  /* Asked for just now, it would have been found. */
  bool there = false;
  for (size_t i = 0; i < known->count && !there; i++)
    there = known->runs[i].id == out->id;
  const struct import_run_row row = {
      .id = out->id,
      .started_ms = run->at_ms,
      .ended_ms = run->at_ms,
      .workspace = hash_text(workspace),
      .imported = true,
  };
  if (!there)
    session_runs_add(known, &row);
  return PURSER_OK;
}

/* A copy of the prompt was met before. Of two files the one that was left alone first has the original (rule 3). */
static int settle_origin(struct storing *s, const struct piece_run *run,
                         const struct known_prompt *known, struct error *error) {
  if (s->told_ms >= known->told_ms)
    return PURSER_OK;
  const struct known_prompt earlier = {known->hash, known->run_id, s->told_ms};
  int status = ledger_bulk_flush(s->store->ledger, error); /* it may not be written yet */
  if (status == PURSER_OK)
    status = ledger_run_set_session(s->store->ledger, known->run_id, text(s, run->session), error);
  return status == PURSER_OK ? put_prompt(s->store, &earlier, error) : status;
}

/* The run that the prompt became, or was sent by. 0: none yet. */
static int find_own_run(struct storing *s, const struct piece_run *run, struct stored_run *out,
                        struct error *error) {
  struct known_prompt known;
  int status = find_prompt(s->store, run->hash, &known, error);
  if (status == PURSER_OK) {
    out->id = known.run_id;
    out->original = s->told_ms <= known.told_ms;
    return settle_origin(s, run, &known, error);
  }
  if (status != PURSER_ENOTFOUND)
    return status;
  struct session_runs *session =
      sessions_find(&s->store->sessions, s->store->ledger, text(s, run->session), error);
  if (session == NULL)
    return error_wrap(error, "look for a session's runs");
  const struct import_run_row *live = session_runs_live(session, run->at_ms);
  out->id = live != NULL ? live->id : 0;
  const struct known_prompt prompt = {run->hash, out->id, INT64_MIN};
  return live != NULL ? put_prompt(s->store, &prompt, error) : PURSER_OK;
}

/* What was open, when it began, in the session that a subagent works for: all that it does is that prompt's. Where that prompt is
 * not known yet, and the session was elsewhere before it, what the subagent spends would count for the wrong workspace: then it gets a
 * run of its own. */
static int find_side_run(struct storing *s, const struct piece_run *run, struct stored_run *out,
                         struct error *error) {
  const size_t sessions[] = {run->parent, run->session};
  const char *workspace = places_find(&s->store->places, text(s, run->cwd));
  if (workspace == NULL)
    return no_memory(error);
  for (size_t i = 0; i < 2 && out->id == 0; i++) {
    if (text(s, sessions[i])[0] == '\0')
      continue;
    const struct session_runs *known =
        sessions_find(&s->store->sessions, s->store->ledger, text(s, sessions[i]), error);
    if (known == NULL)
      return error_wrap(error, "look for a session's runs");
    const struct import_run_row *at = session_runs_at(known, run->at_ms);
    const bool here = at != NULL && (workspace[0] == '\0' || at->workspace == hash_text(workspace));
    out->id = here ? at->id : 0;
    out->original = true;
  }
  return PURSER_OK;
}

/* ---- requests ---- */

static struct request request_of(const struct storing *s, const struct piece_request *r) {
  const struct piece *piece = s->piece;
  return (struct request){
      .key = piece_text(piece, r->key),
      .request_id = piece_text(piece, r->request_id),
      .at_ms = r->at_ms,
      .model = piece_text(piece, piece->names[r->model]),
      .tier = piece_text(piece, piece->names[r->tier]),
      .speed = piece_text(piece, piece->names[r->speed]),
      .region = "",
      .session = piece_text(piece, piece->names[r->session]),
      .flags = r->flags,
      .reported_nanousd = r->reported_nanousd,
      .usage = r->usage,
      .price = r->price,
  };
}

/* The run that the request will be booked for. A run that has nothing of its own, only copies, is not made. */
static int find_run(struct storing *s, const struct piece_request *r, struct request *request,
                    struct error *error) {
  const struct piece_run *run = &s->piece->runs[r->run];
  struct stored_run *known = &s->store->runs[r->run];
  int status = PURSER_OK;
  if (known->id == 0 && run->side)
    status = find_side_run(s, run, known, error);
  if (known->id == 0 && status == PURSER_OK)
    status = find_own_run(s, run, known, error);
  request->run_id = known->id;
  request->original = known->original || r->copied;
  if (status != PURSER_OK || known->id != 0)
    return status;
  struct import_run_row owner;
  status = import_log_owner(s->store->ledger, request, &owner, error);
  if (status == PURSER_OK && (!owner.imported || owner.started_ms <= run->at_ms)) {
    request->run_id = owner.id;
    return PURSER_OK;
  }
  if (status != PURSER_OK && status != PURSER_ENOTFOUND)
    return status;
  status = make_run(s, run, known, error);
  request->run_id = known->id;
  request->original = true;
  return status;
}

static void count(struct storing *s, const struct request *request, const struct booked *booked) {
  struct import_counts *c = s->counts;
  c->cost_nanousd += booked->delta_nanousd;
  switch (booked->outcome) {
  case BOOK_NEW:
    c->booked++;
    c->uncertain += (request->flags & PURSER_FLAG_UNCERTAIN) != 0;
    break;
  case BOOK_REPLACED: c->replaced++; break;
  case BOOK_DUPLICATE: c->duplicates++; break;
  case BOOK_QUARANTINED: c->quarantined++; break;
  }
}

static int book(struct storing *s, const struct piece_request *r, struct error *error) {
  struct request request = request_of(s, r);
  struct booked booked;
  int status = find_run(s, r, &request, error);
  if (status == PURSER_OK)
    status = ledger_book(s->store->ledger, &request, &booked, error);
  if (status == PURSER_OK && booked.outcome != BOOK_QUARANTINED)
    status = ledger_bulk_extend(s->store->ledger, booked.run_id, r->at_ms, error);
  if (status == PURSER_OK)
    count(s, &request, &booked);
  return status;
}

/* ---- a dry run ---- */

/* Whether the hash was met before; it is now. */
static bool met_before(struct store *store, uint64_t hash) {
  enum {
    FIRST = 4096
  };
  if (hash == 0)
    hash = 1;
  if (2 * (store->dry_count + 1) > store->dry_slots) {
    const size_t slots = store->dry_slots == 0 ? FIRST : 2 * store->dry_slots;
    uint64_t *grown = mem_zalloc(slots * sizeof *grown);
    if (grown == NULL)
      return false;
    for (size_t i = 0; i < store->dry_slots; i++) {
      size_t at = (size_t)store->dry[i] & (slots - 1);
      while (store->dry[i] != 0 && grown[at] != 0)
        at = (at + 1) & (slots - 1);
      grown[at] = store->dry[i] != 0 ? store->dry[i] : grown[at];
    }
    mem_free(store->dry);
    store->dry = grown;
    store->dry_slots = slots;
  }
  size_t at = (size_t)hash & (store->dry_slots - 1);
  while (store->dry[at] != 0 && store->dry[at] != hash)
    at = (at + 1) & (store->dry_slots - 1);
  const bool before = store->dry[at] == hash;
  store->dry_count += !before;
  store->dry[at] = hash;
  return before;
}

/* Near enough: a better record of a known response counts as known. */
static int book_dry(struct storing *s, const struct piece_request *r, struct error *error) {
  const struct request request = request_of(s, r);
  struct import_run_row owner;
  if (met_before(s->store, (uint64_t)r->hash)) {
    s->counts->duplicates++;
    return PURSER_OK;
  }
  const int status = import_log_owner(s->store->ledger, &request, &owner, error);
  if (status != PURSER_OK && status != PURSER_ENOTFOUND)
    return status;
  struct booked booked = {.outcome = status == PURSER_OK ? BOOK_DUPLICATE : BOOK_NEW};
  if (booked.outcome == BOOK_NEW && r->price.status != COST_UNKNOWN)
    booked.delta_nanousd = r->price.cost_nanousd;
  count(s, &request, &booked);
  return PURSER_OK;
}

/* ---- a piece ---- */

static void report_faults(struct storing *s) {
  struct buf path = BUF_INIT;
  if (s->piece->fault_count > 0)
    tree_path(s->piece->file, &path);
  for (size_t i = 0; i < s->piece->fault_count; i++) {
    const struct piece_fault *fault = &s->piece->faults[i];
    store_fault(s->store->result, s->source, fault->kind, buf_text(&path), fault->line,
                text(s, fault->text));
  }
  buf_fini(&path);
}

static int put_folder(struct store *store, struct tree_folder *folder, int64_t mtime_ns,
                      struct error *error) {
  struct import_folder_row row = {folder->id, folder->path, import_sources[folder->source]->name,
                                  mtime_ns};
  const int status = import_log_put_folder(store->ledger, &row, error);
  folder->id = row.id;
  folder->stored_mtime_ns = mtime_ns;
  return status;
}

static int put_file(struct storing *s, struct error *error) {
  const struct piece *piece = s->piece;
  struct tree_file *file = piece->file;
  struct tree_folder *folder = file->folder;
  int status = PURSER_OK;
  if (!piece->has_mark && !(piece->last && !piece->unread))
    return PURSER_OK;
  if (folder->id == 0)
    status = put_folder(s->store, folder, 0, error);
  struct import_file_row row = {.folder = folder->id, .name = file->name};
  if (piece->last && !piece->unread) {
    row.size = file->now_size;
    row.mtime_ns = file->now_mtime_ns;
    row.inode = file->now_inode;
  }
  if (status == PURSER_OK)
    status =
        import_log_put_file(s->store->ledger, &row, piece->has_mark ? &piece->state : NULL, error);
  file->known = file->known || status == PURSER_OK;
  return status;
}

static void count_piece(struct storing *s) {
  const struct piece *piece = s->piece;
  struct import_counts *c = s->counts;
  c->bytes += piece->bytes;
  c->lines += piece->lines;
  c->malformed += piece->malformed - piece->unread;
  c->duplicates += piece->duplicates;
  c->rewritten += piece->rewritten;
  c->failed += piece->unread;
  c->read += piece->last && !piece->unread;
}

static int reserve_runs(struct store *store, size_t runs, struct error *error) {
  void *items = store->runs;
  if (mem_grow(&items, &store->run_cap, runs, sizeof *store->runs) != PURSER_OK)
    return no_memory(error);
  store->runs = items;
  memset(store->runs, 0, runs * sizeof *store->runs);
  return PURSER_OK;
}

int store_piece(struct store *store, struct piece *piece, struct error *error) {
  const struct import_source *source = import_sources[piece->file->folder->source];
  struct storing s = {
      .store = store,
      .piece = piece,
      .source = source,
      .counts = &store->counts[place_in(store->result, source)],
      .told_ms = piece->file->now_mtime_ns / 1000000,
  };
  if (piece->failed)
    return no_memory(error);
  int status = piece->run_count > 0 ? reserve_runs(store, piece->run_count, error) : PURSER_OK;
  for (size_t i = 0; i < piece->request_count && status == PURSER_OK; i++) {
    status = store->options->dry_run ? book_dry(&s, &piece->requests[i], error)
                                     : book(&s, &piece->requests[i], error);
  }
  if (status == PURSER_OK && !store->options->dry_run)
    status = put_file(&s, error);
  if (status != PURSER_OK)
    return status;
  count_piece(&s);
  report_faults(&s);
  return PURSER_OK;
}

int store_settle(struct store *store, struct error *error) {
  const int status = ledger_bulk_flush(store->ledger, error);
  return status == PURSER_OK ? budget_check_thresholds(store->ledger, 0, error) : status;
}

/* A folder need not be read again when every file in it has a row. */
int store_folders(struct store *store, struct tree *tree, struct error *error) {
  int status = PURSER_OK;
  for (size_t i = 0; i < tree->folder_count && status == PURSER_OK; i++) {
    struct tree_folder *folder = tree->folders[i];
    if (!folder->changed)
      continue;
    bool whole = true;
    for (size_t f = 0; f < folder->file_count && whole; f++)
      whole = folder->files[f]->known;
    const int64_t mtime_ns = whole ? folder->mtime_ns : 0;
    if (folder->id == 0 || folder->stored_mtime_ns != mtime_ns)
      status = put_folder(store, folder, mtime_ns, error);
  }
  return status;
}
