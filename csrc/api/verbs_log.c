/* verbs_log.c - what the AgentRunLog tells: many runs, one run, the conversation that it belongs to. */
#include <string.h>

#include "api/tree.h"
#include "api/verbs.h"
#include "base/json.h"

/* ---- many ---- */

struct page {
  struct buf runs;
  int64_t limit; /* 0 none */
  int64_t count;
  bool more;
};

static int add_run(void *data, const struct run_row *row) {
  struct page *page = data;
  if (page->limit > 0 && page->count == page->limit) {
    page->more = true;
    return PURSER_OK;
  }
  json_put_item(&page->runs);
  shape_run(&page->runs, row);
  page->count++;
  return buf_status(&page->runs);
}

/* Words separated by commas: "failed,cancelled". */
static int parse_statuses(const char *text, uint32_t *out, struct error *error) {
  char word[32];
  while (text != NULL && *text != '\0') {
    const size_t len = strcspn(text, ",");
    const size_t kept = len < sizeof word - 1 ? len : sizeof word - 1;
    memcpy(word, text, kept);
    word[kept] = '\0';
    const int status = run_status_parse(word);
    if (status < 0)
      return error_set(error, PURSER_EINVAL, "status: there is no \"%s\"", word);
    *out |= UINT32_C(1) << status;
    text += len + (text[len] == ',');
  }
  return PURSER_OK;
}

static int parse_sort(const char *text, enum run_sort *out, struct error *error) {
  const int sort = text != NULL ? run_sort_parse(text) : RUN_SORT_STARTED;
  if (sort < 0)
    return error_set(error, PURSER_EINVAL,
                     "sort: expected started, cost, tokens or duration, got \"%s\"", text);
  *out = (enum run_sort)sort;
  return PURSER_OK;
}

static int64_t not_negative(int64_t value) {
  return value > 0 ? value : 0;
}

static int read_filter(struct args *args, struct run_filter *f, struct error *error) {
  enum {
    MOST = 100000
  };
  *f = (struct run_filter){
      .agent = args_text(args, "agent"),
      .workspace = args_text(args, "workspace"),
      .source = args_text(args, "source"),
      .model = args_text(args, "model"),
      .effort = args_text_or_empty(args, "effort"),
      .branch = args_text_or_empty(args, "branch"),
      .conversation = args_text(args, "conversation"),
      .billing = args_text(args, "billing"),
      .agent_like = args_text(args, "agent_like"),
      .workspace_like = args_text(args, "workspace_like"),
      .model_like = args_text(args, "model_like"),
      .text = args_text(args, "text"),
      .status = -1,
      .since_ms = args_int(args, "since_ms", 0),
      .until_ms = args_int(args, "until_ms", 0),
      .before_id = args_int(args, "before", 0),
      .min_nanousd = args_int(args, "min_nanousd", 0),
      .unusual = args_true(args, "unusual"),
      .ascending = args_true(args, "ascending"),
      .offset = not_negative(args_int(args, "offset", 0)),
  };
  const int64_t limit = not_negative(args_int(args, "limit", 50));
  /* One more than is shown tells whether there are more. */
  f->limit = limit > 0 && limit < MOST ? (int32_t)limit + 1 : limit > 0 ? MOST + 1 : 0;
  int status = parse_sort(args_text(args, "sort"), &f->sort, error);
  if (status == PURSER_OK)
    status = parse_statuses(args_text(args, "status"), &f->statuses, error);
  if (status == PURSER_OK)
    status = check_billing(f->billing, error);
  if (status == PURSER_OK && f->before_id != 0 && f->sort != RUN_SORT_STARTED)
    status = error_set(error, PURSER_EINVAL, "before: goes with the order by start only");
  return status;
}

int verb_log(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct run_filter filter;
  struct page page = {.runs = BUF_INIT};
  buf_addc(&page.runs, '[');
  int status = read_filter(args, &filter, error);
  page.limit = filter.limit > 0 ? filter.limit - 1 : 0;
  if (status == PURSER_OK)
    status = ledger_run_each(core->ledger, &filter, add_run, &page, error);
  buf_addc(&page.runs, ']');
  const bool added = tree_add(out, "runs", tree_raw(&page.runs)) &&
                     cJSON_AddBoolToObject(out, "more", page.more) != NULL;
  if (status == PURSER_OK && !added)
    status = PURSER_ENOMEM;
  return status;
}

/* ---- one ---- */

/* Of the main line, and of one request: neither a subagent's nor what a client's total left over. */
static bool is_point(const struct request_row *row) {
  return (row->flags & (PURSER_FLAG_SIDECHAIN | PURSER_FLAG_REMAINDER)) == 0;
}

struct requests {
  struct buf list;
  int64_t context; /* of the last point; 0 none */
};

static int add_request(void *data, const struct request_row *row) {
  struct requests *requests = data;
  json_put_item(&requests->list);
  shape_request(&requests->list, row);
  if (is_point(row))
    requests->context = request_context(row);
  return buf_status(&requests->list);
}

/* A run, and what its conversation held at its end; 0: not known. */
static void write_run(struct buf *out, const struct run_row *row, int64_t context) {
  shape_run(out, row);
  if (context == 0)
    return;
  json_reopen(out);
  json_put_i64(out, "context_tokens", context);
  json_close(out);
}

int verb_run(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct run_row row = {0};
  const int64_t id = args_int(args, "id", 0);
  int status = ledger_run_get(core->ledger, id, &row, error);
  if (status != PURSER_OK)
    return status;
  struct requests requests = {.list = BUF_INIT};
  struct buf run = BUF_INIT;
  buf_addc(&requests.list, '[');
  status = ledger_request_each(core->ledger, id, add_request, &requests, error);
  buf_addc(&requests.list, ']');
  write_run(&run, &row, requests.context);
  run_row_fini(&row);
  const bool listed = tree_add(out, "requests", tree_raw(&requests.list));
  const bool added = tree_add(out, "run", tree_raw(&run));
  return status != PURSER_OK || (listed && added) ? status : PURSER_ENOMEM;
}

/* ---- a conversation ---- */

struct thread {
  struct purser *core;
  struct buf runs;
  struct buf points;
  int64_t run_id;
  int64_t context;
  struct error *error;
};

static int add_point(void *data, const struct request_row *row) {
  struct thread *thread = data;
  if (!is_point(row))
    return 0;
  thread->context = request_context(row);
  struct buf *out = &thread->points;
  json_put_item(out);
  json_open(out);
  json_put_i64(out, "run", thread->run_id);
  json_put_i64(out, "at_ms", row->at_ms);
  json_put_i64(out, "context_tokens", thread->context);
  json_put_i64(out, "cost_nanousd", row->cost_nanousd);
  json_close(out);
  return buf_status(out);
}

static int add_thread_run(void *data, const struct run_row *row) {
  struct thread *thread = data;
  thread->run_id = row->id;
  thread->context = 0;
  const int status =
      ledger_request_each(thread->core->ledger, row->id, add_point, thread, thread->error);
  json_put_item(&thread->runs);
  write_run(&thread->runs, row, thread->context);
  return status != PURSER_OK ? status : buf_status(&thread->runs);
}

int verb_conversation(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct run_row row = {0};
  struct thread thread = {.core = core, .error = error};
  int status = ledger_run_get(core->ledger, args_int(args, "run", 0), &row, error);
  if (status != PURSER_OK)
    return status;
  buf_addc(&thread.runs, '[');
  buf_addc(&thread.points, '[');
  if (row.conversation[0] == '\0') {
    status = add_thread_run(&thread, &row);
  } else {
    const struct run_filter filter = {
        .conversation = row.conversation, .status = -1, .ascending = true};
    status = ledger_run_each(core->ledger, &filter, add_thread_run, &thread, error);
  }
  run_row_fini(&row);
  buf_addc(&thread.runs, ']');
  buf_addc(&thread.points, ']');
  const bool runs = tree_add(out, "runs", tree_raw(&thread.runs));
  const bool points = tree_add(out, "points", tree_raw(&thread.points));
  return status != PURSER_OK || (runs && points) ? status : PURSER_ENOMEM;
}
