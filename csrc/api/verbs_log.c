/* verbs_log.c - what the AgentRunLog tells: many runs, one run, the conversation that it belongs to. */
#include <string.h>

#include "api/shapes.h"
#include "api/verbs.h"

/* ---- many ---- */

struct page {
  cJSON *runs;
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
  cJSON *run = shape_run(row);
  if (run == NULL || !cJSON_AddItemToArray(page->runs, run)) {
    cJSON_Delete(run);
    return PURSER_ENOMEM;
  }
  page->count++;
  return PURSER_OK;
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
  struct page page = {.runs = cJSON_AddArrayToObject(out, "runs")};
  if (page.runs == NULL)
    return PURSER_ENOMEM;
  int status = read_filter(args, &filter, error);
  page.limit = filter.limit > 0 ? filter.limit - 1 : 0;
  if (status == PURSER_OK)
    status = ledger_run_each(core->ledger, &filter, add_run, &page, error);
  if (status == PURSER_OK && cJSON_AddBoolToObject(out, "more", page.more) == NULL)
    status = PURSER_ENOMEM;
  return status;
}

/* ---- one ---- */

/* Of the main line, and of one request: neither a subagent's nor what a client's total left over. */
static bool is_point(const struct request_row *row) {
  return (row->flags & (PURSER_FLAG_SIDECHAIN | PURSER_FLAG_REMAINDER)) == 0;
}

struct requests {
  cJSON *list;
  int64_t context; /* of the last point; 0 none */
};

static int add_request(void *data, const struct request_row *row) {
  struct requests *requests = data;
  cJSON *request = shape_request(row);
  if (request == NULL || !cJSON_AddItemToArray(requests->list, request)) {
    cJSON_Delete(request);
    return PURSER_ENOMEM;
  }
  if (is_point(row))
    requests->context = request_context(row);
  return 0;
}

static bool add_context(cJSON *run, int64_t context) {
  return context == 0 || shape_add_int(run, "context_tokens", context);
}

int verb_run(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct run_row row = {0};
  const int64_t id = args_int(args, "id", 0);
  int status = ledger_run_get(core->ledger, id, &row, error);
  if (status != PURSER_OK)
    return status;
  struct requests requests = {.list = cJSON_AddArrayToObject(out, "requests")};
  cJSON *run = shape_run(&row);
  run_row_fini(&row);
  if (requests.list == NULL || !shape_add(out, "run", run)) {
    if (requests.list == NULL)
      cJSON_Delete(run);
    return PURSER_ENOMEM;
  }
  status = ledger_request_each(core->ledger, id, add_request, &requests, error);
  if (status == PURSER_OK && !add_context(run, requests.context))
    status = PURSER_ENOMEM;
  return status;
}

/* ---- a conversation ---- */

struct thread {
  struct purser *core;
  cJSON *runs;
  cJSON *points;
  int64_t run_id;
  int64_t context;
  struct error *error;
};

static int add_point(void *data, const struct request_row *row) {
  struct thread *thread = data;
  if (!is_point(row))
    return 0;
  thread->context = request_context(row);
  cJSON *point = cJSON_CreateObject();
  const bool done = point != NULL && shape_add_int(point, "run", thread->run_id) &&
                    shape_add_int(point, "at_ms", row->at_ms) &&
                    shape_add_int(point, "context_tokens", thread->context) &&
                    shape_add_int(point, "cost_nanousd", row->cost_nanousd) &&
                    cJSON_AddItemToArray(thread->points, point);
  if (!done)
    cJSON_Delete(point);
  return done ? 0 : PURSER_ENOMEM;
}

static int add_thread_run(void *data, const struct run_row *row) {
  struct thread *thread = data;
  cJSON *run = shape_run(row);
  if (run == NULL || !cJSON_AddItemToArray(thread->runs, run)) {
    cJSON_Delete(run);
    return PURSER_ENOMEM;
  }
  thread->run_id = row->id;
  thread->context = 0;
  const int status =
      ledger_request_each(thread->core->ledger, row->id, add_point, thread, thread->error);
  if (status == PURSER_OK && !add_context(run, thread->context))
    return PURSER_ENOMEM;
  return status;
}

int verb_conversation(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct run_row row = {0};
  struct thread thread = {
      .core = core,
      .runs = cJSON_AddArrayToObject(out, "runs"),
      .points = cJSON_AddArrayToObject(out, "points"),
      .error = error,
  };
  if (thread.runs == NULL || thread.points == NULL)
    return PURSER_ENOMEM;
  int status = ledger_run_get(core->ledger, args_int(args, "run", 0), &row, error);
  if (status != PURSER_OK)
    return status;
  if (row.conversation[0] == '\0') {
    status = add_thread_run(&thread, &row);
  } else {
    const struct run_filter filter = {
        .conversation = row.conversation, .status = -1, .ascending = true};
    status = ledger_run_each(core->ledger, &filter, add_thread_run, &thread, error);
  }
  run_row_fini(&row);
  return status;
}
