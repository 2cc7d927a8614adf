/* verbs_import.c - the clients' own records: reading them now, what was read, and where they lie. */
#include <string.h>
#include <sys/stat.h>

#include "api/tree.h"
#include "api/verbs.h"
#include "base/calendar.h"
#include "base/mem.h"

/* ---- import ---- */

static int add_source(struct import_ask *ask, size_t count, const struct json_doc *doc, json_id id,
                      struct error *error) {
  struct buf name = BUF_INIT;
  json_add_text(doc, id, &name);
  ask->sources[count] = buf_detach(&name);
  if (ask->sources[count] == NULL)
    return error_set(error, PURSER_EINVAL, "sources: expected a list of names");
  if (import_source_find(ask->sources[count]) != NULL)
    return PURSER_OK;
  struct buf known = BUF_INIT;
  for (size_t i = 0; import_sources[i] != NULL; i++)
    buf_addf(&known, "%s%s", i > 0 ? ", " : "", import_sources[i]->name);
  (void)error_set(error, PURSER_EINVAL, "there is no source \"%s\": there are %s",
                  ask->sources[count], buf_text(&known));
  buf_fini(&known);
  return PURSER_EINVAL;
}

static int read_sources(struct import_ask *ask, const struct json_doc *doc, struct error *error) {
  const json_id list = json_get(doc, 0, "sources");
  size_t count = 0;
  for (json_id v = json_first(doc, list); v != JSON_NONE; v = json_next(doc, list, v))
    count++;
  if (count == 0)
    return PURSER_OK;
  ask->sources = mem_zalloc((count + 1) * sizeof *ask->sources);
  if (ask->sources == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int status = PURSER_OK;
  count = 0;
  for (json_id v = json_first(doc, list); v != JSON_NONE && status == PURSER_OK;
       v = json_next(doc, list, v))
    status = add_source(ask, count++, doc, v, error);
  return status;
}

static int read_since(const struct purser *core, struct import_ask *ask, const struct json_doc *doc,
                      struct error *error) {
  struct buf text = BUF_INIT;
  int64_t day;
  int status = PURSER_OK;
  json_add_text(doc, json_get(doc, 0, "since"), &text);
  if (text.len > 0) {
    status = calendar_parse_date(buf_text(&text), &day);
    if (status == PURSER_OK)
      ask->since_ms = zone_day_start_ms(ledger_zone(core->ledger), day);
    else
      (void)error_set(error, PURSER_EINVAL, "since: expected a day as YYYY-MM-DD");
  }
  buf_fini(&text);
  return status == PURSER_OK ? PURSER_OK : PURSER_EINVAL;
}

static int read_ask(const struct purser *core, struct import_ask *ask, const char *json,
                    struct error *error) {
  struct json_doc doc = JSON_DOC_INIT;
  int status = json_parse(&doc, json, strlen(json));
  if (status != PURSER_OK)
    (void)error_set(error, status, "import: the arguments are not valid JSON");
  if (status == PURSER_OK)
    status = read_sources(ask, &doc, error);
  if (status == PURSER_OK)
    status = read_since(core, ask, &doc, error);
  if (status == PURSER_OK) {
    ask->again = json_is_true(&doc, json_get(&doc, 0, "again"));
    ask->dry_run = json_is_true(&doc, json_get(&doc, 0, "dry_run"));
  }
  json_fini(&doc);
  return status;
}

int verb_import(struct purser *core, struct job *job, struct error *error) {
  struct import_ask *ask = mem_zalloc(sizeof *ask);
  if (ask == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int status = read_ask(core, ask, job->json, error);
  if (status == PURSER_OK)
    status = core_need_importer(core, false, error);
  if (status != PURSER_OK) {
    import_ask_free(ask);
    return status;
  }
  ask->ticket = job->ticket;
  ask->reply = job->reply;
  job->reply = NULL;
  importer_submit(core->importer, ask);
  return PURSER_OK;
}

/* ---- import.status ---- */

int verb_import_status(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)args;
  (void)error;
  if (core->importer != NULL)
    return importer_describe(core->importer, out) ? PURSER_OK : PURSER_ENOMEM;
  return tree_add_text(out, "state", "off") ? PURSER_OK : PURSER_ENOMEM;
}

/* ---- sources ---- */

static bool add_root(cJSON *list, const char *path) {
  struct stat st;
  cJSON *root = cJSON_CreateObject();
  const bool exists = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
  const bool done = root != NULL && tree_add_text(root, "path", path) &&
                    cJSON_AddBoolToObject(root, "exists", exists) != NULL &&
                    cJSON_AddItemToArray(list, root);
  if (!done)
    cJSON_Delete(root);
  return done;
}

static bool add_roots(cJSON *object, const struct import_source *source,
                      const struct source_setting *setting) {
  struct buf usual = BUF_INIT;
  cJSON *list = cJSON_AddArrayToObject(object, "roots");
  bool done = list != NULL && source->roots(&usual) == PURSER_OK;
  for (size_t at = 0; done && at < usual.len; at += strlen(usual.data + at) + 1)
    done = add_root(list, usual.data + at);
  for (size_t i = 0; done && setting != NULL && i < setting->folder_count; i++)
    done = add_root(list, setting->folders[i]);
  buf_fini(&usual);
  return done;
}

static bool add_source_row(const struct purser *core, cJSON *list,
                           const struct import_source *source) {
  const struct source_setting *setting = NULL;
  for (int i = 0; core->settings != NULL && i < SETTINGS_SOURCES; i++) {
    if (strcmp(core->settings->sources[i].name, source->name) == 0)
      setting = &core->settings->sources[i];
  }
  const bool off = core->settings != NULL && (core->settings->off || (setting && setting->off));
  cJSON *object = cJSON_CreateObject();
  const bool done = object != NULL && tree_add_text(object, "source", source->name) &&
                    tree_add_text(object, "title", source->title) &&
                    cJSON_AddBoolToObject(object, "off", off) != NULL &&
                    tree_add_text(object, "billing",
                                  billing_name(core_billing(core, source->name, source->name))) &&
                    add_roots(object, source, setting) && cJSON_AddItemToArray(list, object);
  if (!done)
    cJSON_Delete(object);
  return done;
}

int verb_sources(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)args;
  (void)error;
  cJSON *list = cJSON_AddArrayToObject(out, "sources");
  struct buf path = BUF_INIT;
  import_settings_path(&path);
  bool done = list != NULL && tree_add_text(out, "file", buf_text(&path));
  for (size_t i = 0; done && import_sources[i] != NULL; i++)
    done = add_source_row(core, list, import_sources[i]);
  buf_fini(&path);
  return done ? PURSER_OK : PURSER_ENOMEM;
}
