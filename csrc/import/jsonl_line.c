/* jsonl_line.c - see jsonl_line.h. */
#include "import/jsonl_line.h"

#include <stdio.h>
#include <string.h>

#include "usage/flag_names.h"

/* Texts of a line, unescaped one after the other; offsets survive the buffer's growth. */
static size_t put(struct buf *texts, const struct json_doc *doc, json_id id, const char *key) {
  const size_t at = texts->len;
  json_add_text(doc, json_get(doc, id, key), texts);
  buf_add(texts, "", 1); /* the terminator is part of the content */
  return at;
}

static int64_t number(const struct json_doc *doc, json_id id, const char *key, int64_t otherwise) {
  return json_i64_or(doc, json_get(doc, id, key), otherwise);
}

static int32_t small(const struct json_doc *doc, json_id id, const char *key) {
  const int64_t value = number(doc, id, key, 0);
  return value >= INT32_MIN && value <= INT32_MAX ? (int32_t)value : 0;
}

/* ---- a run ---- */

static enum run_status read_status(const char *word) {
  const int parsed = run_status_parse(word);
  if (parsed < 0)
    return RUN_COMPLETED;
  return parsed >= RUN_COMPLETED ? (enum run_status)parsed : RUN_ABANDONED;
}

enum {
  AGENT,
  WORKSPACE,
  BRANCH,
  SOURCE,
  MODEL,
  EFFORT,
  SESSION,
  CONVERSATION,
  PROMPT,
  CWD,
  RECORD_ROOT,
  BILLING,
  STATUS,
  REASON,
  MESSAGE,
  UID,
  PARENT,
  TEXTS
};

static void read_end(struct jsonl_run *out, const struct json_doc *doc, json_id id,
                     const char *status, const char *reason, const char *message) {
  const int64_t started = out->spec.started_ms;
  const int64_t ended = number(doc, id, "ended_ms", 0);
  out->end = (struct run_end){
      .status = read_status(status),
      .exit_code = small(doc, id, "exit_code"),
      .signal = small(doc, id, "signal"),
      .ended_ms = ended,
      .duration_ms = number(doc, id, "duration_ms", ended > started ? ended - started : -1),
      .reason = out->exact ? reason : "imported",
      .message = message,
  };
  out->counts = (struct run_counts){
      .tool_calls = small(doc, id, "tool_calls"),
      .retries = small(doc, id, "retries"),
      .compactions = small(doc, id, "compactions"),
  };
}

int jsonl_run_read(struct jsonl_run *out, const struct json_doc *doc) {
  static const char *const keys[TEXTS] = {
      [AGENT] = "agent",
      [WORKSPACE] = "workspace",
      [BRANCH] = "branch",
      [SOURCE] = "source",
      [MODEL] = "model",
      [EFFORT] = "effort",
      [SESSION] = "session",
      [CONVERSATION] = "conversation",
      [PROMPT] = "prompt",
      [CWD] = "cwd",
      [RECORD_ROOT] = "record_root",
      [BILLING] = "billing",
      [STATUS] = "status",
      [REASON] = "reason",
      [MESSAGE] = "message",
      [UID] = "uid",
      [PARENT] = "parent",
  };
  const json_id id = json_get(doc, 0, "run");
  const json_id imported = json_get(doc, id, "imported");
  const char *texts[TEXTS];
  size_t at[TEXTS];
  *out = (struct jsonl_run){.exact = imported != JSON_NONE};
  for (size_t i = 0; i < TEXTS; i++)
    at[i] = put(&out->texts, doc, id, keys[i]);
  if (out->texts.failed)
    return PURSER_ENOMEM;
  for (size_t i = 0; i < TEXTS; i++)
    texts[i] = out->texts.data + at[i];
  const int billing = billing_parse(texts[BILLING]);
  out->uid = texts[UID];
  out->parent = texts[PARENT];
  out->twin = number(doc, id, "twin", 0);
  out->spec = (struct run_spec){
      .agent = texts[AGENT],
      .workspace = texts[WORKSPACE],
      .branch = texts[BRANCH],
      .source = texts[SOURCE],
      .model = texts[MODEL],
      .effort = texts[EFFORT],
      .session = texts[SESSION],
      .conversation = texts[CONVERSATION],
      .prompt = texts[PROMPT],
      .prompt_bytes =
          number(doc, id, "prompt_bytes", out->exact ? 0 : (int64_t)strlen(texts[PROMPT])),
      .cwd = texts[CWD],
      .record_root = texts[RECORD_ROOT],
      .started_ms = number(doc, id, "started_ms", 0),
      .billing = billing >= 0 ? (enum billing)billing : BILLING_METERED,
      .imported = !out->exact || json_is_true(doc, imported),
  };
  read_end(out, doc, id, texts[STATUS], texts[REASON], texts[MESSAGE]);
  return PURSER_OK;
}

void jsonl_run_fini(struct jsonl_run *run) {
  buf_fini(&run->texts);
  *run = (struct jsonl_run){.exact = false};
}

/* ---- a request ---- */

static uint32_t read_flags(const struct json_doc *doc, json_id request) {
  uint32_t flags = 0;
  const json_id list = json_get(doc, request, "flags");
  for (json_id v = json_first(doc, list); v != JSON_NONE; v = json_next(doc, list, v))
    flags |= flag_parse(json_raw(doc, v));
  return flags;
}

static purser_usage read_usage(const struct json_doc *doc, json_id request) {
  const json_id u = json_get(doc, request, "usage");
  purser_usage usage = {0};
  const struct {
    const char *key;
    int64_t *field;
  } fields[] = {
      {"input", &usage.input},
      {"cache_read", &usage.cache_read},
      {"cache_write_5m", &usage.cache_write_5m},
      {"cache_write_1h", &usage.cache_write_1h},
      {"output", &usage.output},
      {"reasoning", &usage.reasoning},
      {"web_searches", &usage.web_searches},
  };
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    const int64_t value = number(doc, u, fields[i].key, 0);
    *fields[i].field = value > 0 ? value : 0;
  }
  return usage;
}

/* False: it says nothing of a price. Kinds that do not add up are for the ledger to see. */
static bool read_price(const struct json_doc *doc, json_id id, const char *card,
                       struct price *out) {
  const json_id status = json_get(doc, id, "cost_status");
  for (enum cost_status s = COST_UNKNOWN; s <= COST_ESTIMATED; s++) {
    if (!json_equals(doc, status, cost_status_name(s)))
      continue;
    *out = (struct price){
        .status = s,
        .cost_nanousd = number(doc, id, "cost_nanousd", 0),
        .input_nanousd = number(doc, id, "cost_input_nanousd", 0),
        .cache_read_nanousd = number(doc, id, "cost_cache_read_nanousd", 0),
        .cache_write_nanousd = number(doc, id, "cost_cache_write_nanousd", 0),
        .output_nanousd = number(doc, id, "cost_output_nanousd", 0),
        .extra_nanousd = number(doc, id, "extra_nanousd", 0),
        .cache_saved_nanousd = number(doc, id, "cache_saved_nanousd", 0),
        .rate_card = card,
    };
    return true;
  }
  return false;
}

bool jsonl_has_request(const struct json_doc *doc) {
  return json_kind(doc, json_get(doc, 0, "request")) == JSON_OBJECT;
}

int jsonl_request_read(struct jsonl_request *out, const struct json_doc *doc,
                       const struct jsonl_run *run) {
  const json_id id = json_get(doc, 0, "request");
  *out = (struct jsonl_request){.priced = false};
  const size_t key = put(&out->texts, doc, id, "key");
  const size_t request_id = put(&out->texts, doc, id, "request_id");
  const size_t model = put(&out->texts, doc, id, "model");
  const size_t tier = put(&out->texts, doc, id, "tier");
  const size_t speed = put(&out->texts, doc, id, "speed");
  const size_t region = put(&out->texts, doc, id, "region");
  const size_t card = put(&out->texts, doc, id, "rate_card");
  const size_t session = put(&out->texts, doc, id, "session");
  if (out->texts.failed)
    return PURSER_ENOMEM;
  const char *base = out->texts.data;
  out->request = (struct request){
      .key = base + key,
      .request_id = base + request_id,
      .at_ms = number(doc, id, "at_ms", 0),
      .period_ms = number(doc, id, "period_ms", 0),
      .model = base + model,
      .tier = base + tier,
      .speed = base + speed,
      .region = base + region,
      .session = run->exact ? base + session : run->spec.session,
      .flags = read_flags(doc, id) | (run->exact ? 0 : (uint32_t)PURSER_FLAG_IMPORTED),
      .reported_nanousd = number(doc, id, "reported_nanousd", -1),
      .usage = read_usage(doc, id),
  };
  out->priced = read_price(doc, id, base + card, &out->request.price);
  return PURSER_OK;
}

void jsonl_request_fini(struct jsonl_request *request) {
  buf_fini(&request->texts);
  *request = (struct jsonl_request){.priced = false};
}

/* ---- what is wrong with it ---- */

const char *jsonl_fault(const struct json_doc *doc) {
  static const struct {
    const char *path, *why;
  } needed[] = {
      {"run.uid", "run.uid is missing"},
      {"run.agent", "run.agent is missing"},
      {"run.workspace", "run.workspace is missing"},
      {"run.source", "run.source is missing"},
      {"request.key", "request.key is missing"},
      {"request.model", "request.model is missing"},
  };
  enum {
    OF_RUN = 4
  };
  const bool request = json_get(doc, 0, "request") != JSON_NONE;
  for (size_t i = 0; i < (request ? sizeof needed / sizeof needed[0] : OF_RUN); i++) {
    if (json_kind(doc, json_path(doc, 0, needed[i].path)) != JSON_STRING)
      return needed[i].why;
  }
  if (!request)
    return json_i64_or(doc, json_path(doc, 0, "run.started_ms"), 0) > 0
               ? NULL
               : "it has no request, and run.started_ms is missing or no time";
  if (json_i64_or(doc, json_path(doc, 0, "request.at_ms"), 0) <= 0)
    return "request.at_ms is missing or no time";
  return NULL;
}
