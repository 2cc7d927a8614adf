/* doctor_clients.c - the clients' own settings: whether purser's hooks are in them and work, and how long records are kept. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/doctor.h"
#include "cli/setup.h"

/* ---- hooks ---- */

static const char *const clients[] = {"claude", "codex", "gemini"};

/* The program that a hook's command calls, without the quotes of a shell; false where it is looked for on PATH. */
static bool program_of(const char *command, struct buf *out) {
  char quote = '\0';
  for (const char *at = command; *at != '\0' && (quote != '\0' || *at != ' '); at++) {
    if (quote == '\0' && (*at == '\'' || *at == '"'))
      quote = *at;
    else if (*at == quote)
      quote = '\0';
    else if (quote != '\'' && *at == '\\' && at[1] != '\0')
      buf_addc(out, *++at);
    else
      buf_addc(out, *at);
  }
  return buf_text(out)[0] == '/';
}

/* The command of the first of purser's hooks in the settings: all are written alike. */
static void find_command(const char *text, size_t len, const struct setup_client *client,
                         struct buf *out) {
  struct json_doc doc = JSON_DOC_INIT;
  if (json_parse(&doc, text, len) == PURSER_OK) {
    const json_id groups = json_get(&doc, json_get(&doc, 0, "hooks"), client->events[0]);
    for (json_id g = json_first(&doc, groups); g != JSON_NONE; g = json_next(&doc, groups, g)) {
      const json_id list = json_get(&doc, g, "hooks");
      for (json_id e = json_first(&doc, list); e != JSON_NONE && out->len == 0;
           e = json_next(&doc, list, e)) {
        json_add_text(&doc, json_get(&doc, e, "command"), out);
        if (strstr(buf_text(out), " hook ") == NULL)
          buf_clear(out);
      }
    }
  }
  json_fini(&doc);
}

static void look_at_command(struct doctor *doctor, const struct setup_client *client,
                            const struct buf *settings, const char *path) {
  struct buf command = BUF_INIT;
  struct buf program = BUF_INIT;
  struct buf advice = BUF_INIT;
  find_command(buf_text(settings), settings->len, client, &command);
  buf_addf(&advice, "Write it anew: purser setup %s", client->name);
  if (program_of(buf_text(&command), &program) && access(buf_text(&program), X_OK) != 0)
    doctor_add(doctor, FINDING_WARN, "hooks", buf_text(&advice),
               "%s is told to call %s, which is not there: it goes on without asking",
               client->title, buf_text(&program));
  else
    doctor_add(doctor, FINDING_OK, "hooks", NULL, "%s asks purser (%s)", client->title, path);
  buf_fini(&command);
  buf_fini(&program);
  buf_fini(&advice);
}

static void look_at_client(struct doctor *doctor, const struct setup_client *client) {
  struct buf path = BUF_INIT;
  struct buf settings = BUF_INIT;
  struct buf folder = BUF_INIT;
  struct buf advice = BUF_INIT;
  struct error error = {0};
  bool exists = false;
  int status = setup_path(&path, client, &error);
  if (status == PURSER_OK) {
    buf_add(&folder, path.data, path.len - strlen(client->file));
    status = setup_read(&settings, path.data, &exists, &error);
  }
  buf_addf(&advice, "purser setup %s puts it in", client->name);
  if (status != PURSER_OK)
    doctor_add(doctor, FINDING_WARN, "hooks", NULL, "%s: %s", client->title, error_text(&error));
  else if (access(buf_text(&folder), F_OK) != 0)
    ; /* the client was never used */
  else if (setup_is_installed(buf_text(&settings), settings.len, client))
    look_at_command(doctor, client, &settings, buf_text(&path));
  else
    doctor_add(doctor, FINDING_INFO, "hooks", buf_text(&advice),
               "%s is not held to its budgets in a terminal: it has no hook of purser's",
               client->title);
  buf_fini(&path);
  buf_fini(&settings);
  buf_fini(&folder);
  buf_fini(&advice);
}

void doctor_look_at_hooks(struct doctor *doctor) {
  for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++)
    look_at_client(doctor, setup_client_find(clients[i]));
}

/* ---- how long records are kept ---- */

/* "30d", "4w", "12h", "1m": whole days, rounded down; -1 for anything else. */
static int64_t parse_age(purser_str text) {
  int64_t number = 0;
  size_t at = 0;
  while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && number < 100000)
    number = number * 10 + (text.ptr[at++] - '0');
  if (at == 0 || at + 1 != text.len)
    return -1;
  switch (text.ptr[at]) {
  case 'h': return number / 24;
  case 'd': return number;
  case 'w': return number * 7;
  case 'm': return number * 30;
  default: return -1;
  }
}

static int64_t claude_days(const struct json_doc *doc, struct buf *where) {
  const int64_t usual = 30;
  const json_id days = json_get(doc, 0, "cleanupPeriodDays");
  buf_adds(where, days != JSON_NONE ? "cleanupPeriodDays" : "as it comes: cleanupPeriodDays");
  return json_i64_or(doc, days, usual);
}

static int64_t gemini_days(const struct json_doc *doc, struct buf *where) {
  const int64_t usual = 30;
  const json_id retention = json_path(doc, 0, "general.sessionRetention");
  const json_id age = json_get(doc, retention, "maxAge");
  if (json_kind(doc, json_get(doc, retention, "enabled")) == JSON_FALSE)
    return -1;
  const int64_t days = parse_age(json_raw(doc, age));
  buf_adds(where,
           days >= 0 ? "general.sessionRetention.maxAge" : "as it comes: general.sessionRetention");
  return days >= 0 ? days : usual;
}

int64_t doctor_retention_days(const char *client, struct buf *where) {
  const struct setup_client *setup = setup_client_find(client);
  const bool gemini = strcmp(client, "gemini") == 0;
  if (setup == NULL || (!gemini && strcmp(client, "claude") != 0))
    return -1;
  struct buf path = BUF_INIT;
  struct buf text = BUF_INIT;
  struct json_doc doc = JSON_DOC_INIT;
  bool exists = false;
  if (setup_path(&path, setup, NULL) == PURSER_OK)
    (void)setup_read(&text, buf_text(&path), &exists, NULL);
  if (json_parse(&doc, buf_text(&text), text.len) != PURSER_OK)
    doc.count = 0;
  struct json_doc none = JSON_DOC_INIT;
  (void)json_parse(&none, "{}", 2);
  const struct json_doc *settings = doc.count > 0 ? &doc : &none;
  const int64_t days = gemini ? gemini_days(settings, where) : claude_days(settings, where);
  json_fini(&doc);
  json_fini(&none);
  buf_fini(&path);
  buf_fini(&text);
  return days;
}
