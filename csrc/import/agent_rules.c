/* agent_rules.c - see agent_rules.h. */
#include "import/agent_rules.h"

#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"

/* NULL fields fit everything. */
struct rule {
  char *agent, *source, *workspace, *model;
};

struct term {
  char *agent, *source;
  int64_t since_day;
  enum billing billing;
};

struct agent_rules {
  struct rule *rules;
  size_t rule_count;
  struct term *terms;
  size_t term_count;
};

/* ---- matching ---- */

static bool ends(const char *text, bool paths) {
  return *text == '\0' || (paths && *text == '/');
}

/* The last "*" is all that ever needs to be gone back to; with paths, a "**" further left is a second one, since a "*" can't pass a
 * slash. */
bool agent_rules_match(const char *pattern, const char *text, bool paths) {
  struct {
    const char *pattern, *text;
  } star = {0}, deep = {0};
  for (;;) {
    if (*pattern == '*') {
      const bool many = pattern[1] == '*' || !paths;
      while (*pattern == '*')
        pattern++;
      star.pattern = pattern;
      star.text = text;
      if (many) {
        deep.pattern = pattern;
        deep.text = text;
        star.pattern = NULL;
      }
      continue;
    }
    if (*pattern == '\0' && ends(text, paths))
      return true;
    const bool slash = paths && *text == '/';
    if (*text != '\0' && (*pattern == *text || (*pattern == '?' && !slash))) {
      pattern++;
      text++;
      continue;
    }
    if (star.pattern != NULL && *star.text != '\0' && *star.text != '/') {
      pattern = star.pattern;
      text = ++star.text;
    } else if (deep.pattern != NULL && *deep.text != '\0') {
      star.pattern = NULL;
      pattern = deep.pattern;
      text = ++deep.text;
    } else {
      return false;
    }
  }
}

static bool same(const char *wanted, const char *text) {
  return wanted == NULL || strcmp(wanted, text) == 0;
}

static bool like(const char *pattern, const char *text, bool paths) {
  return pattern == NULL || agent_rules_match(pattern, text, paths);
}

const char *agent_rules_agent(const struct agent_rules *rules, const char *source,
                              const char *workspace, const char *model) {
  for (size_t i = 0; rules != NULL && i < rules->rule_count; i++) {
    const struct rule *rule = &rules->rules[i];
    if (same(rule->source, source) && like(rule->workspace, workspace, true) &&
        like(rule->model, model, false))
      return rule->agent;
  }
  return source;
}

bool agent_rules_tell_models(const struct agent_rules *rules) {
  for (size_t i = 0; rules != NULL && i < rules->rule_count; i++) {
    if (rules->rules[i].model != NULL)
      return true;
  }
  return false;
}

enum billing agent_rules_billing(const struct agent_rules *rules, const char *source,
                                 const char *agent, int64_t at_ms, const struct zone *zone,
                                 bool *found) {
  const int64_t day = zone_day(zone, at_ms);
  const struct term *best = NULL;
  for (size_t i = 0; rules != NULL && i < rules->term_count; i++) {
    const struct term *term = &rules->terms[i];
    if (!same(term->source, source) || !same(term->agent, agent) || term->since_day > day)
      continue;
    const bool nearer = best == NULL || (term->agent != NULL) > (best->agent != NULL);
    const bool as_near = best != NULL && (term->agent != NULL) == (best->agent != NULL);
    if (nearer || (as_near && term->since_day > best->since_day))
      best = term;
  }
  if (found != NULL)
    *found = best != NULL;
  return best != NULL ? best->billing : BILLING_METERED;
}

/* ---- reading ---- */

struct field {
  const char *name;
  char **text;
};

/* A source that was misspelt would be a rule for nobody. The clients, and the APIs that are dispatched to. */
static bool is_source(const char *name) {
  static const char *const names[] = {"claude", "codex",       "opencode",   "gemini", "anthropic",
                                      "openai", "openai_chat", "gemini_api", "script"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(names[i], name) == 0)
      return true;
  }
  return false;
}

/* Fills the texts of one row; every field must be a known one and a text with something in it. */
static int read_row(const struct json_doc *doc, json_id row, const struct field *fields,
                    size_t count, const char *list, size_t index, struct error *error) {
  if (json_kind(doc, row) != JSON_OBJECT)
    return error_set(error, PURSER_EINVAL, "%s[%zu]: expected an object", list, index);
  for (json_id v = json_first(doc, row); v != JSON_NONE; v = json_next(doc, row, v)) {
    const purser_str key = json_key(doc, v);
    const struct field *field = NULL;
    for (size_t i = 0; i < count; i++) {
      if (strlen(fields[i].name) == key.len && memcmp(fields[i].name, key.ptr, key.len) == 0)
        field = &fields[i];
    }
    if (field == NULL)
      return error_set(error, PURSER_EINVAL, "%s[%zu].%.*s: unknown field", list, index,
                       (int)key.len, key.ptr);
    if (json_kind(doc, v) == JSON_NULL)
      continue;
    struct buf text = BUF_INIT;
    json_add_text(doc, v, &text);
    if (text.len == 0 && !text.failed) {
      return error_set(error, PURSER_EINVAL, "%s[%zu].%s: expected a text", list, index,
                       field->name);
    }
    mem_free(*field->text);
    *field->text = buf_detach(&text);
    if (*field->text == NULL)
      return error_set(error, PURSER_ENOMEM, "out of memory");
    if (strcmp(field->name, "source") == 0 && !is_source(*field->text))
      return error_set(error, PURSER_EINVAL, "%s[%zu].source: there is no source \"%s\"", list,
                       index, *field->text);
  }
  return PURSER_OK;
}

static int read_list(const struct json_doc *doc, json_id list, const char *name,
                     struct error *error) {
  const enum json_kind kind = json_kind(doc, list);
  if (kind == JSON_MISSING || kind == JSON_NULL || kind == JSON_ARRAY)
    return PURSER_OK;
  return error_set(error, PURSER_EINVAL, "%s: expected a list", name);
}

/* "~/work/" -> "/home/me/work": a folder is written without a slash at its end, as the ledger does. */
static int tidy_workspace(char **pattern, const char *home, struct error *error) {
  const char *text = *pattern;
  const bool tilde = text[0] == '~' && (text[1] == '/' || text[1] == '\0');
  struct buf path = BUF_INIT;
  if (tilde && home != NULL)
    buf_adds(&path, home);
  buf_adds(&path, tilde && home != NULL ? text + 1 : text);
  while (path.len > 1 && path.data[path.len - 1] == '/')
    path.data[--path.len] = '\0';
  char *tidy = buf_detach(&path);
  if (tidy == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  mem_free(*pattern);
  *pattern = tidy;
  return PURSER_OK;
}

static int read_rules(struct agent_rules *out, const struct json_doc *doc, json_id list,
                      const char *home, struct error *error) {
  static const char name[] = "agent_rules";
  int status = read_list(doc, list, name, error);
  size_t cap = 0;
  for (json_id v = status == PURSER_OK ? json_first(doc, list) : JSON_NONE; v != JSON_NONE;
       v = json_next(doc, list, v)) {
    void *items = out->rules;
    if (mem_grow(&items, &cap, out->rule_count + 1, sizeof *out->rules) != PURSER_OK)
      return error_set(error, PURSER_ENOMEM, "out of memory");
    out->rules = items;
    struct rule *rule = &out->rules[out->rule_count++];
    *rule = (struct rule){0};
    const struct field fields[] = {{"agent", &rule->agent},
                                   {"source", &rule->source},
                                   {"workspace", &rule->workspace},
                                   {"model", &rule->model}};
    status =
        read_row(doc, v, fields, sizeof fields / sizeof fields[0], name, out->rule_count, error);
    if (status == PURSER_OK && rule->agent == NULL)
      status = error_set(error, PURSER_EINVAL, "%s[%zu].agent: missing", name, out->rule_count);
    if (status == PURSER_OK && rule->workspace != NULL)
      status = tidy_workspace(&rule->workspace, home, error);
    if (status != PURSER_OK)
      return status;
  }
  return status;
}

static int read_term(struct term *term, const struct json_doc *doc, json_id row, size_t index,
                     struct error *error) {
  static const char name[] = "billing";
  char *billing = NULL;
  char *since = NULL;
  const struct field fields[] = {
      {"agent", &term->agent}, {"source", &term->source}, {"billing", &billing}, {"since", &since}};
  int status = read_row(doc, row, fields, sizeof fields / sizeof fields[0], name, index, error);
  const int kind = billing != NULL ? billing_parse(billing) : -1;
  if (status == PURSER_OK && kind < 0) {
    status = error_set(error, PURSER_EINVAL,
                       "%s[%zu].billing: expected \"metered\", \"subscription\" or \"local\"", name,
                       index);
  }
  if (status == PURSER_OK && since != NULL &&
      calendar_parse_date(since, &term->since_day) != PURSER_OK) {
    status = error_set(error, PURSER_EINVAL, "%s[%zu].since: expected a day as \"YYYY-MM-DD\"",
                       name, index);
  }
  if (status == PURSER_OK)
    term->billing = (enum billing)kind;
  mem_free(billing);
  mem_free(since);
  return status;
}

static int read_terms(struct agent_rules *out, const struct json_doc *doc, json_id list,
                      struct error *error) {
  int status = read_list(doc, list, "billing", error);
  size_t cap = 0;
  for (json_id v = status == PURSER_OK ? json_first(doc, list) : JSON_NONE; v != JSON_NONE;
       v = json_next(doc, list, v)) {
    void *items = out->terms;
    if (mem_grow(&items, &cap, out->term_count + 1, sizeof *out->terms) != PURSER_OK)
      return error_set(error, PURSER_ENOMEM, "out of memory");
    out->terms = items;
    struct term *term = &out->terms[out->term_count++];
    *term = (struct term){.since_day = INT64_MIN};
    status = read_term(term, doc, v, out->term_count, error);
    if (status != PURSER_OK)
      return status;
  }
  return status;
}

int agent_rules_make(struct agent_rules **out, const struct json_doc *agents_doc, json_id agents,
                     const struct json_doc *billing_doc, json_id billing, const char *home,
                     struct error *error) {
  *out = NULL;
  struct agent_rules *rules = mem_zalloc(sizeof *rules);
  if (rules == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int status = PURSER_OK;
  if (agents_doc != NULL)
    status = read_rules(rules, agents_doc, agents, home, error);
  if (status == PURSER_OK && billing_doc != NULL)
    status = read_terms(rules, billing_doc, billing, error);
  if (status != PURSER_OK) {
    agent_rules_free(rules);
    return status;
  }
  *out = rules;
  return PURSER_OK;
}

void agent_rules_free(struct agent_rules *rules) {
  if (rules == NULL)
    return;
  for (size_t i = 0; i < rules->rule_count; i++) {
    mem_free(rules->rules[i].agent);
    mem_free(rules->rules[i].source);
    mem_free(rules->rules[i].workspace);
    mem_free(rules->rules[i].model);
  }
  for (size_t i = 0; i < rules->term_count; i++) {
    mem_free(rules->terms[i].agent);
    mem_free(rules->terms[i].source);
  }
  mem_free(rules->rules);
  mem_free(rules->terms);
  mem_free(rules);
}
