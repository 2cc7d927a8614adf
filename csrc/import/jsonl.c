/* jsonl.c - see jsonl.h. */
#include "import/jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "budget/budget.h"
#include "usage/flag_names.h"

/* The lines of one run, gathered before its transaction: their requests may turn out to belong to a run that exists. */
struct group {
  struct buf lines; /* with their newlines */
  struct buf uid;
};

struct importer {
  struct ledger *ledger;
  const struct catalog *catalog;
  struct jsonl_result *result;
  struct group group;
  struct json_doc doc;
};

/* ---- one request out of a line ---- */

/* Texts of a line, unescaped one after the other; offsets survive the buffer's growth. */
struct line_texts {
  struct buf data;
};

static size_t put(struct line_texts *texts, const struct json_doc *doc, json_id id,
                  const char *key) {
  const size_t at = texts->data.len;
  json_add_text(doc, json_get(doc, id, key), &texts->data);
  buf_add(&texts->data, "", 1); /* the terminator is part of the content */
  return at;
}

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
    const int64_t value = json_i64_or(doc, json_get(doc, u, fields[i].key), 0);
    *fields[i].field = value > 0 ? value : 0;
  }
  return usage;
}

static void read_price(const struct importer *im, json_id id, const char *card,
                       const struct price_query *query, struct price *out) {
  const struct json_doc *doc = &im->doc;
  const json_id status = json_get(doc, id, "cost_status");
  for (enum cost_status s = COST_UNKNOWN; s <= COST_ESTIMATED; s++) {
    if (!json_equals(doc, status, cost_status_name(s)))
      continue;
    *out = (struct price){
        .status = s,
        .cost_nanousd = json_i64_or(doc, json_get(doc, id, "cost_nanousd"), 0),
        .extra_nanousd = json_i64_or(doc, json_get(doc, id, "extra_nanousd"), 0),
        .rate_card = card,
    };
    return;
  }
  price_request(im->catalog, query, out);
}

/* Books the parsed line's request for a run. */
static int book_line(struct importer *im, int64_t run_id, struct booked *booked,
                     struct error *error) {
  const struct json_doc *doc = &im->doc;
  const json_id id = json_get(doc, 0, "request");
  struct line_texts texts = {0};
  const size_t key = put(&texts, doc, id, "key");
  const size_t request_id = put(&texts, doc, id, "request_id");
  const size_t model = put(&texts, doc, id, "model");
  const size_t tier = put(&texts, doc, id, "tier");
  const size_t speed = put(&texts, doc, id, "speed");
  const size_t card = put(&texts, doc, id, "rate_card");
  const size_t session = put(&texts, doc, json_get(doc, 0, "run"), "session");
  int status = buf_status(&texts.data);
  if (status != PURSER_OK) {
    (void)error_set(error, status, "out of memory");
    goto out;
  }
  const char *base = buf_text(&texts.data);
  const struct price_query query = {
      .model = base + model,
      .at_ms = json_i64_or(doc, json_get(doc, id, "at_ms"), 0),
      .tier = base + tier,
      .speed = base + speed,
      .reported_nanousd = json_i64_or(doc, json_get(doc, id, "reported_nanousd"), -1),
      .usage = read_usage(doc, id),
  };
  struct request request = {
      .run_id = run_id,
      .key = base + key,
      .request_id = base + request_id,
      .at_ms = query.at_ms,
      .model = query.model,
      .tier = query.tier,
      .speed = query.speed,
      .region = "",
      .session = base + session,
      .flags = read_flags(doc, id) | PURSER_FLAG_IMPORTED,
      .reported_nanousd = query.reported_nanousd,
      .usage = query.usage,
  };
  read_price(im, id, base + card, &query, &request.price);
  status = ledger_book(im->ledger, &request, booked, error);
out:
  buf_fini(&texts.data);
  return status;
}

/* ---- a run ---- */

static int64_t time_of(const struct json_doc *doc, const char *path) {
  return json_i64_or(doc, json_path(doc, 0, path), 0);
}

static int create_run(struct importer *im, int64_t *run_id, struct error *error) {
  const struct json_doc *doc = &im->doc;
  const json_id id = json_get(doc, 0, "run");
  static const char *const keys[] = {"agent",  "workspace", "branch",       "source", "model",
                                     "effort", "session",   "conversation", "prompt", "billing"};
  enum {
    KEYS = sizeof keys / sizeof keys[0]
  };
  struct line_texts texts = {0};
  size_t at[KEYS];
  for (int i = 0; i < KEYS; i++)
    at[i] = put(&texts, doc, id, keys[i]);
  int status = buf_status(&texts.data);
  if (status != PURSER_OK) {
    (void)error_set(error, status, "out of memory");
    goto out;
  }
  const char *base = buf_text(&texts.data);
  const int billing = billing_parse(base + at[9]);
  const struct run_spec spec = {
      .agent = base + at[0],
      .workspace = base + at[1],
      .branch = base + at[2],
      .source = base + at[3],
      .model = base + at[4],
      .effort = base + at[5],
      .session = base + at[6],
      .conversation = base + at[7],
      .prompt = base + at[8],
      .prompt_bytes = (int64_t)strlen(base + at[8]),
      .started_ms = time_of(doc, "run.started_ms"),
      .billing = billing >= 0 ? (enum billing)billing : BILLING_METERED,
      .imported = true,
  };
  status = ledger_run_create(im->ledger, &spec, RUN_RUNNING, run_id, error);
out:
  buf_fini(&texts.data);
  return status;
}

static int end_run(struct importer *im, int64_t run_id, struct error *error) {
  const struct json_doc *doc = &im->doc;
  const purser_str name = json_raw(doc, json_path(doc, 0, "run.status"));
  char text[32];
  (void)snprintf(text, sizeof text, "%.*s", (int)name.len, name.ptr);
  const int parsed = run_status_parse(text);
  const int64_t started = time_of(doc, "run.started_ms");
  const int64_t ended = time_of(doc, "run.ended_ms");
  const struct run_end end = {
      .status = parsed >= RUN_COMPLETED ? (enum run_status)parsed : RUN_COMPLETED,
      .ended_ms = ended,
      .duration_ms = ended > started ? ended - started : -1,
      .reason = "imported",
  };
  const struct run_counts counts = {0};
  return ledger_run_end(im->ledger, run_id, &end, &counts, error);
}

/* The run that the group's requests are already booked under, if any: *run_id stays 0 for a new run. */
struct pass {
  int64_t run_id;
  int64_t known_run;
  int64_t booked;
  int64_t duplicates;
};

static int book_group(struct importer *im, struct pass *pass, struct error *error) {
  const char *line = buf_text(&im->group.lines);
  const char *end = line + im->group.lines.len;
  while (line < end) {
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    int status = json_parse(&im->doc, line, (size_t)(newline - line));
    if (status == PURSER_OK && pass->run_id == 0) {
      status = create_run(im, &pass->run_id, error);
    }
    struct booked booked = {0};
    if (status == PURSER_OK)
      status = book_line(im, pass->run_id, &booked, error);
    if (status != PURSER_OK)
      return status;
    if (booked.run_id != pass->run_id && booked.run_id != 0)
      pass->known_run = booked.run_id;
    if (booked.outcome == BOOK_DUPLICATE) {
      pass->duplicates++;
    } else {
      pass->booked++;
    }
    line = newline + 1;
  }
  return end_run(im, pass->run_id, error);
}

static int book_in_transaction(struct importer *im, struct pass *pass, struct error *error) {
  int status = ledger_begin(im->ledger, error);
  if (status != PURSER_OK)
    return status;
  status = book_group(im, pass, error);
  const bool keep = status == PURSER_OK && pass->known_run == 0 && pass->booked > 0;
  if (keep)
    status = ledger_commit(im->ledger, error);
  if (!keep || status != PURSER_OK)
    ledger_rollback(im->ledger);
  return status;
}

static int flush(struct importer *im, struct error *error) {
  if (im->group.lines.len == 0)
    return PURSER_OK;
  struct pass pass = {0};
  int status = book_in_transaction(im, &pass, error);
  if (status == PURSER_OK && pass.known_run != 0 && pass.booked > 0) {
    /* Some are new, some known: the new ones join the run of the known ones. */
    struct pass again = {.run_id = pass.known_run};
    status = book_in_transaction(im, &again, error);
    pass.booked = again.booked;
  } else if (status == PURSER_OK && pass.booked > 0) {
    im->result->runs++;
  }
  if (status == PURSER_OK) {
    im->result->booked += pass.booked;
    im->result->duplicates += pass.duplicates;
  }
  buf_clear(&im->group.lines);
  buf_clear(&im->group.uid);
  return status;
}

/* ---- lines ---- */

static void reject(struct importer *im, const char *why) {
  if (im->result->rejected++ != 0)
    return;
  im->result->first_rejected = im->result->lines;
  (void)snprintf(im->result->reason, sizeof im->result->reason, "%s", why);
}

static const char *fault_of(const struct json_doc *doc) {
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
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
    if (json_kind(doc, json_path(doc, 0, needed[i].path)) != JSON_STRING)
      return needed[i].why;
  }
  if (json_i64_or(doc, json_path(doc, 0, "request.at_ms"), 0) <= 0) {
    return "request.at_ms is missing or no time";
  }
  return NULL;
}

static int take_line(struct importer *im, const char *line, size_t len, struct error *error) {
  im->result->lines++;
  if (len == 0)
    return PURSER_OK;
  const int parsed = json_parse(&im->doc, line, len);
  if (parsed == PURSER_ENOMEM)
    return error_set(error, parsed, "out of memory");
  const char *fault = parsed == PURSER_OK ? fault_of(&im->doc) : "not a JSON object";
  if (fault != NULL) {
    reject(im, fault);
    return PURSER_OK;
  }
  const purser_str uid = json_raw(&im->doc, json_path(&im->doc, 0, "run.uid"));
  struct group *group = &im->group;
  const bool same =
      group->uid.len == uid.len && memcmp(buf_text(&group->uid), uid.ptr, uid.len) == 0;
  if (!same) {
    const int status = flush(im, error);
    if (status != PURSER_OK)
      return status;
    buf_add(&group->uid, uid.ptr, uid.len);
  }
  buf_add(&group->lines, line, len);
  buf_addc(&group->lines, '\n');
  if (buf_status(&group->lines) != PURSER_OK || buf_status(&group->uid) != PURSER_OK) {
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  return PURSER_OK;
}

/* Takes the whole lines of `pending`, and keeps the rest for the next chunk. */
static int take_lines(struct importer *im, struct buf *pending, struct error *error) {
  size_t at = 0;
  int status = PURSER_OK;
  while (status == PURSER_OK && at < pending->len) {
    const char *line = pending->data + at;
    const char *newline = memchr(line, '\n', pending->len - at);
    if (newline == NULL)
      break;
    status = take_line(im, line, (size_t)(newline - line), error);
    at += (size_t)(newline - line) + 1;
  }
  buf_drop(pending, at);
  return status;
}

static int read_all(struct importer *im, int fd, const char *path, struct error *error) {
  enum {
    CHUNK = 256 * 1024
  };
  struct buf pending = BUF_INIT;
  int status = PURSER_OK;
  for (;;) {
    if (buf_reserve(&pending, CHUNK) != PURSER_OK) {
      status = error_set(error, PURSER_ENOMEM, "out of memory");
      break;
    }
    const ssize_t got = read(fd, pending.data + pending.len, CHUNK);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      status = error_set(error, PURSER_EIO, "%s: %s", path, strerror(errno));
    if (got <= 0)
      break;
    pending.len += (size_t)got;
    status = take_lines(im, &pending, error);
    if (status != PURSER_OK)
      break;
  }
  if (status == PURSER_OK && pending.len > 0) {
    status = take_line(im, pending.data, pending.len, error);
  }
  if (status == PURSER_OK)
    status = flush(im, error);
  buf_fini(&pending);
  return status;
}

/* What was booked may have crossed thresholds, however late it is told: once at the end, so that of several the highest counts. */
static int cross_thresholds(struct ledger *ledger, struct error *error) {
  int status = ledger_begin(ledger, error);
  if (status != PURSER_OK)
    return status;
  status = budget_check_thresholds(ledger, 0, error);
  if (status == PURSER_OK)
    status = ledger_commit(ledger, error);
  if (status != PURSER_OK)
    ledger_rollback(ledger);
  return status;
}

int jsonl_import(struct ledger *ledger, const struct catalog *catalog, const char *path,
                 struct jsonl_result *out, struct error *error) {
  *out = (struct jsonl_result){0};
  const bool standard = strcmp(path, "-") == 0;
  const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return error_set(error, PURSER_EIO, "%s: %s", path, strerror(errno));
  struct importer im = {.ledger = ledger, .catalog = catalog, .result = out};
  int status = read_all(&im, fd, path, error);
  if (status == PURSER_OK && out->booked > 0)
    status = cross_thresholds(ledger, error);
  if (!standard)
    (void)close(fd);
  buf_fini(&im.group.lines);
  buf_fini(&im.group.uid);
  json_fini(&im.doc);
  return status;
}
