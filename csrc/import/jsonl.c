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
#include "import/jsonl_line.h"
#include "ledger/dump.h"
#include "ledger/hash.h"

/* The lines of one run, gathered before its transaction: their requests may turn out to belong to a run that exists. */
struct group {
  struct buf lines; /* with their newlines */
  struct buf uid;
};

/* The runs of this file, by the hash of their uid: a run may name its parent. */
struct known {
  uint64_t uid;
  int64_t run_id;
};

struct importer {
  struct ledger *ledger;
  const struct catalog *catalog;
  struct jsonl_result *result;
  struct group group;
  struct json_doc doc;
  struct jsonl_run run; /* of the group's first line */
  struct known *known;
  size_t known_count, known_cap;
};

/* ---- parents ---- */

static int remember(struct importer *im, int64_t run_id, struct error *error) {
  void *known = im->known;
  const int status = mem_grow(&known, &im->known_cap, im->known_count + 1, sizeof *im->known);
  im->known = known;
  if (status != PURSER_OK)
    return error_set(error, status, "out of memory");
  im->known[im->known_count++] = (struct known){hash_text(im->run.uid), run_id};
  return PURSER_OK;
}

/* A parent began not long before its child. One that is not in the file is none here. */
static int64_t find_parent(const struct importer *im) {
  if (im->run.parent[0] == '\0')
    return 0;
  const uint64_t uid = hash_text(im->run.parent);
  for (size_t i = im->known_count; i > 0; i--) {
    if (im->known[i - 1].uid == uid)
      return im->known[i - 1].run_id;
  }
  return 0;
}

/* ---- booking ---- */

/* The run that the group's requests are already booked under, if any: *run_id stays 0 for a new run. */
struct pass {
  int64_t run_id;
  int64_t known_run;
  int64_t booked;
  int64_t duplicates;
  bool is_new;
  bool bare; /* a run that never made a request */
};

static void price_it(const struct importer *im, struct request *r) {
  const struct price_query query = {
      .model = r->model,
      .at_ms = r->at_ms,
      .tier = r->tier,
      .speed = r->speed,
      .region = r->region,
      .reported_nanousd = r->reported_nanousd,
      .usage = r->usage,
  };
  price_request(im->catalog, &query, &r->price);
}

/* Books the parsed line's request. */
static int book_line(struct importer *im, struct pass *pass, struct error *error) {
  struct jsonl_request line;
  struct booked booked = {0};
  int status = jsonl_request_read(&line, &im->doc, &im->run);
  if (status != PURSER_OK) {
    (void)error_set(error, status, "out of memory");
  } else {
    line.request.run_id = pass->run_id;
    if (!line.priced)
      price_it(im, &line.request);
    status = ledger_book(im->ledger, &line.request, &booked, error);
  }
  jsonl_request_fini(&line);
  if (status != PURSER_OK)
    return status;
  if (booked.run_id != pass->run_id && booked.run_id != 0)
    pass->known_run = booked.run_id;
  if (booked.outcome == BOOK_DUPLICATE)
    pass->duplicates++;
  else
    pass->booked++;
  return PURSER_OK;
}

/* A run is known by its requests; where none of them is here yet, by what it began with. */
static int begin_run(struct importer *im, struct pass *pass, struct error *error) {
  if (pass->run_id != 0)
    return PURSER_OK;
  pass->bare = !jsonl_has_request(&im->doc);
  int status = PURSER_ENOTFOUND;
  if (im->run.exact || pass->bare)
    status = ledger_find_twin(im->ledger, &im->run.spec, im->run.twin, &pass->run_id, error);
  if (status != PURSER_ENOTFOUND)
    return status;
  struct run_spec spec = im->run.spec;
  spec.parent_run = find_parent(im);
  pass->is_new = true;
  return ledger_run_create(im->ledger, &spec, RUN_RUNNING, &pass->run_id, error);
}

static int book_group(struct importer *im, struct pass *pass, struct error *error) {
  const char *line = buf_text(&im->group.lines);
  const char *end = line + im->group.lines.len;
  while (line < end) {
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    int status = json_parse(&im->doc, line, (size_t)(newline - line));
    if (status == PURSER_OK)
      status = begin_run(im, pass, error);
    if (status == PURSER_OK && jsonl_has_request(&im->doc))
      status = book_line(im, pass, error);
    if (status != PURSER_OK)
      return status;
    line = newline + 1;
  }
  /* One that is known has its end. */
  return pass->is_new
             ? ledger_run_end(im->ledger, pass->run_id, &im->run.end, &im->run.counts, error)
             : PURSER_OK;
}

static int book_in_transaction(struct importer *im, struct pass *pass, struct error *error) {
  int status = ledger_begin(im->ledger, error);
  if (status != PURSER_OK)
    return status;
  status = book_group(im, pass, error);
  const bool keep = status == PURSER_OK && pass->known_run == 0 && (pass->booked > 0 || pass->bare);
  if (keep)
    status = ledger_commit(im->ledger, error);
  if (!keep || status != PURSER_OK)
    ledger_rollback(im->ledger);
  return status;
}

static int read_run(struct importer *im, struct error *error) {
  const char *line = buf_text(&im->group.lines);
  int status = json_parse(&im->doc, line, strcspn(line, "\n"));
  jsonl_run_fini(&im->run);
  if (status == PURSER_OK)
    status = jsonl_run_read(&im->run, &im->doc);
  return status == PURSER_OK ? status : error_set(error, status, "out of memory");
}

static int flush(struct importer *im, struct error *error) {
  if (im->group.lines.len == 0)
    return PURSER_OK;
  struct pass pass = {0};
  int status = read_run(im, error);
  if (status == PURSER_OK)
    status = book_in_transaction(im, &pass, error);
  if (status == PURSER_OK && pass.known_run != 0 && pass.booked > 0) {
    /* Some are new, some known: the new ones join the run of the known ones. */
    struct pass again = {.run_id = pass.known_run};
    status = book_in_transaction(im, &again, error);
    pass.booked = again.booked;
    pass.run_id = pass.known_run;
  } else if (status == PURSER_OK && pass.is_new && (pass.booked > 0 || pass.bare)) {
    im->result->runs++;
  } else if (pass.is_new || pass.known_run != 0) {
    pass.run_id = pass.known_run;
  }
  if (status == PURSER_OK && pass.run_id != 0)
    status = remember(im, pass.run_id, error);
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

static int take_line(struct importer *im, const char *line, size_t len, struct error *error) {
  im->result->lines++;
  if (len == 0)
    return PURSER_OK;
  const int parsed = json_parse(&im->doc, line, len);
  if (parsed == PURSER_ENOMEM)
    return error_set(error, parsed, "out of memory");
  const char *fault = parsed == PURSER_OK ? jsonl_fault(&im->doc) : "not a JSON object";
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
  jsonl_run_fini(&im.run);
  mem_free(im.known);
  json_fini(&im.doc);
  return status;
}
