/* jsonl_write.c - see jsonl_write.h. The first line of a run tells all about it, those that follow whose they are. */
#include "import/jsonl_write.h"

#include "base/json.h"
#include "usage/flag_names.h"

enum {
  PIECE = 64 * 1024
};

struct writer {
  int (*put)(void *data, const char *bytes, size_t len);
  void *data;
  struct jsonl_written *written;
  struct error *error;
  struct buf text;
  struct buf whole; /* the run's object */
  struct buf brief; /* the same for its further lines */
  bool first;       /* no request of the run was written yet */
};

/* ---- members: what is empty or zero is left out ---- */

static void add_text(struct buf *out, const char *key, const char *text) {
  json_put_text(out, key, text[0] != '\0' ? text : NULL);
}

static void add_int(struct buf *out, const char *key, int64_t value) {
  if (value != 0)
    json_put_i64(out, key, value);
}

/* ---- a run ---- */

/* What is still open will not go on in another ledger. */
static enum run_status final_status(const struct run_row *row) {
  return row->status < RUN_COMPLETED ? RUN_ABANDONED : row->status;
}

static void write_identity(struct buf *out, const struct dump_run *run) {
  const struct run_row *row = run->row;
  buf_clear(out);
  json_open(out);
  add_text(out, "uid", run->uid);
  /* Said even where they are empty: they are what makes a line one of a booking. */
  json_put_text(out, "agent", row->agent);
  json_put_text(out, "workspace", row->workspace);
  json_put_text(out, "source", row->source);
  add_text(out, "session", row->session);
}

static void write_run(struct buf *out, const struct dump_run *run) {
  const struct run_row *row = run->row;
  write_identity(out, run);
  add_text(out, "parent", run->parent);
  add_int(out, "twin", run->twin);
  add_text(out, "branch", row->branch);
  add_text(out, "model", row->model);
  add_text(out, "effort", row->effort);
  add_text(out, "conversation", row->conversation);
  add_text(out, "prompt", row->prompt);
  add_int(out, "prompt_bytes", row->prompt_bytes);
  add_text(out, "cwd", row->cwd);
  add_text(out, "record_root", row->record_root);
  add_int(out, "started_ms", row->started_ms);
  add_int(out, "ended_ms", row->ended_ms != 0 ? row->ended_ms : row->started_ms);
  json_put_i64(out, "duration_ms", row->duration_ms);
  add_text(out, "status", run_status_name(final_status(row)));
  add_text(out, "billing", billing_name(row->billing));
  add_int(out, "exit_code", row->exit_code);
  add_int(out, "signal", row->signal);
  add_text(out, "reason", row->reason);
  add_text(out, "message", row->message);
  add_int(out, "tool_calls", row->counts.tool_calls);
  add_int(out, "retries", row->counts.retries);
  add_int(out, "compactions", row->counts.compactions);
  json_put_bool(out, "imported", run->imported);
  json_close(out);
}

/* ---- a request ---- */

static void write_usage(struct buf *out, const purser_usage *u) {
  json_put_key(out, "usage");
  json_open(out);
  add_int(out, "input", u->input);
  add_int(out, "cache_read", u->cache_read);
  add_int(out, "cache_write_5m", u->cache_write_5m);
  add_int(out, "cache_write_1h", u->cache_write_1h);
  add_int(out, "output", u->output);
  add_int(out, "reasoning", u->reasoning);
  add_int(out, "web_searches", u->web_searches);
  json_close(out);
}

static void write_cost(struct buf *out, const struct dump_request *request) {
  const struct request_row *r = &request->row;
  add_text(out, "cost_status", cost_status_name(r->status));
  if (r->status != COST_UNKNOWN)
    json_put_i64(out, "cost_nanousd", r->cost_nanousd);
  add_int(out, "cost_input_nanousd", r->cost_input_nanousd);
  add_int(out, "cost_cache_read_nanousd", r->cost_cache_read_nanousd);
  add_int(out, "cost_cache_write_nanousd", r->cost_cache_write_nanousd);
  add_int(out, "cost_output_nanousd", r->cost_output_nanousd);
  add_int(out, "extra_nanousd", r->extra_nanousd);
  add_int(out, "cache_saved_nanousd", r->cache_saved_nanousd);
  add_text(out, "rate_card", r->rate_card);
  if (request->reported_nanousd >= 0)
    json_put_i64(out, "reported_nanousd", request->reported_nanousd);
}

static void write_request(struct buf *out, const struct dump_request *request) {
  const struct request_row *r = &request->row;
  json_open(out);
  add_text(out, "key", r->key);
  add_text(out, "request_id", r->request_id);
  add_int(out, "at_ms", r->at_ms);
  add_int(out, "period_ms", request->period_ms);
  json_put_text(out, "model", r->model);
  add_text(out, "tier", r->tier);
  add_text(out, "speed", r->speed);
  add_text(out, "region", request->region);
  add_text(out, "session", r->session);
  if (r->flags != 0) {
    json_put_key(out, "flags");
    flags_write(out, r->flags);
  }
  write_usage(out, &r->usage);
  write_cost(out, request);
  json_close(out);
}

/* ---- lines ---- */

static int flush(struct writer *w, size_t least) {
  if (w->text.failed || w->whole.failed || w->brief.failed)
    return error_set(w->error, PURSER_ENOMEM, "out of memory");
  if (w->text.len == 0 || w->text.len < least)
    return PURSER_OK;
  const int status = w->put(w->data, w->text.data, w->text.len);
  buf_clear(&w->text);
  return status;
}

/* A run that never made a request is a line of its own. */
static int take_run(void *data, const struct dump_run *run) {
  struct writer *w = data;
  write_run(&w->whole, run);
  write_identity(&w->brief, run);
  json_close(&w->brief);
  w->first = true;
  w->written->runs++;
  if (run->row->sums.requests > 0)
    return PURSER_OK;
  buf_addf(&w->text, "{\"run\":%s}\n", buf_text(&w->whole));
  w->written->lines++;
  return flush(w, PIECE);
}

static int take_request(void *data, const struct dump_request *request) {
  struct writer *w = data;
  buf_addf(&w->text, "{\"run\":%s,\"request\":", buf_text(w->first ? &w->whole : &w->brief));
  write_request(&w->text, request);
  buf_adds(&w->text, "}\n");
  w->first = false;
  w->written->lines++;
  w->written->requests++;
  return flush(w, PIECE);
}

int jsonl_export(struct ledger *ledger, const struct dump_range *range,
                 int (*put)(void *data, const char *bytes, size_t len), void *data,
                 struct jsonl_written *out, struct error *error) {
  *out = (struct jsonl_written){0};
  struct writer w = {.put = put, .data = data, .written = out, .error = error};
  const struct dump_sink sink = {take_run, take_request, &w};
  int status = ledger_dump(ledger, range, &sink, error);
  if (status == PURSER_OK)
    status = flush(&w, 0);
  buf_fini(&w.text);
  buf_fini(&w.whole);
  buf_fini(&w.brief);
  return status;
}
