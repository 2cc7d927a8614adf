/* summary.c - see summary.h. */
#include "compaction/summary.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"

/* ---- files ---- */

void file_list_fini(struct file_list *files) {
  for (size_t i = 0; i < files->count; i++)
    mem_free(files->paths[i]);
  mem_free(files->paths);
  *files = (struct file_list){0};
}

static int add_path(struct file_list *files, const char *path, size_t len) {
  while (len > 0 && (path[len - 1] == '\r' || path[len - 1] == ' '))
    len--;
  if (len == 0)
    return PURSER_OK;
  for (size_t i = 0; i < files->count; i++) {
    if (strlen(files->paths[i]) == len && memcmp(files->paths[i], path, len) == 0)
      return PURSER_OK;
  }
  void *paths = files->paths;
  if (mem_grow(&paths, &files->cap, files->count + 1, sizeof(char *)) != PURSER_OK)
    return PURSER_ENOMEM;
  files->paths = paths;
  files->paths[files->count] = mem_strndup(path, len);
  if (files->paths[files->count] == NULL)
    return PURSER_ENOMEM;
  files->count++;
  return PURSER_OK;
}

int file_list_add(struct file_list *files, const char *path) {
  return add_path(files, path, strlen(path));
}

/* What the clients' tools call the file they work on. */
static int add_members(struct file_list *files, const struct json_doc *doc) {
  static const char *const keys[] = {"file_path",     "filePath", "notebook_path",
                                     "absolute_path", "path",     "filename"};
  int status = PURSER_OK;
  for (size_t i = 0; i < sizeof keys / sizeof keys[0] && status == PURSER_OK; i++) {
    const json_id id = json_get(doc, 0, keys[i]);
    if (json_kind(doc, id) != JSON_STRING)
      continue;
    struct buf text = BUF_INIT;
    json_add_text(doc, id, &text);
    status = text.failed ? PURSER_ENOMEM : add_path(files, buf_text(&text), text.len);
    buf_fini(&text);
  }
  return status;
}

/* "*** Update File: src/a.c", as patches name theirs; in JSON the line ends with \n in two characters. */
static int add_patched(struct file_list *files, const char *text) {
  static const char *const heads[] = {"*** Update File: ", "*** Add File: ", "*** Delete File: "};
  int status = PURSER_OK;
  for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
    for (const char *at = strstr(text, heads[i]); at != NULL && status == PURSER_OK;
         at = strstr(at, heads[i])) {
      at += strlen(heads[i]);
      status = add_path(files, at, strcspn(at, "\\\n\""));
    }
  }
  return status;
}

int file_list_read(struct file_list *files, const char *input) {
  struct json_doc doc = JSON_DOC_INIT;
  int status = json_parse(&doc, input, strlen(input));
  if (status == PURSER_OK)
    status = add_members(files, &doc);
  else if (status != PURSER_ENOMEM)
    status = PURSER_OK; /* plain text */
  json_fini(&doc);
  return status == PURSER_OK ? add_patched(files, input) : status;
}

/* ---- the request ---- */

static const char instructions[] =
    "Summarise the part of a working session that stands between the lines below. Another model will go on with the work and "
    "will see your summary in its place, beside everything the user said, which is kept word for word.\n"
    "\n"
    "Write these sections, each with its heading, and leave none out; write \"none\" where there is nothing:\n"
    "\n"
    "## Goal and state\nWhat is being done, what is finished, what comes next.\n"
    "## Decisions\nWhat was decided and why, and what was tried and given up.\n"
    "## Constraints\nWhat must or must not be done.\n"
    "## Open tasks\nOne line each.\n"
    "## Files\nEach file that was read or changed, by its full name, with what matters in it.\n"
    "## Failures\nTests and commands that fail now, with the message that matters.\n"
    "## Facts\nNames, figures, signatures and results that would otherwise have to be looked up again.\n"
    "\n"
    "Be exact and short. Invent nothing. Answer with the summary alone.\n";

static void write_files(struct buf *out, const char *head, const struct file_list *files) {
  if (files->count == 0)
    return;
  buf_adds(out, head);
  for (size_t i = 0; i < files->count; i++)
    buf_addf(out, "- %s\n", files->paths[i]);
}

void summary_write_request(struct buf *out, const struct summary_item *items, size_t count,
                           const struct file_list *files, const struct file_list *rules) {
  buf_adds(out, instructions);
  write_files(out, "\nName each of these files:\n", files);
  write_files(out, "\nSay that these rules of the project are to be read again:\n", rules);
  buf_adds(out, "\n----- begin -----\n");
  for (size_t i = 0; i < count; i++) {
    const struct summary_item *item = &items[i];
    buf_addf(out, "[%s%s%s%s]\n", item->who, item->name != NULL ? " " : "",
             item->name != NULL ? item->name : "", item->failed ? ", failed" : "");
    buf_adds(out, item->text);
    buf_addc(out, '\n');
  }
  buf_adds(out, "----- end -----\n");
}

/* ---- the check ---- */

static bool is_blank(const char *text) {
  return text[strspn(text, " \t\r\n")] == '\0';
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

int summary_check(const char *text, int64_t tokens, int64_t replaced_tokens,
                  const struct file_list *files, struct error *error) {
  if (is_blank(text))
    return error_set(error, PURSER_EINVAL,
                     "the summary is empty: the conversation was left as it is");
  if (tokens > replaced_tokens - replaced_tokens / 10)
    return error_set(
        error, PURSER_EINVAL,
        "the summary is not a tenth smaller than what it stands for (%lld of %lld tokens): "
        "the conversation was left as it is",
        (long long)tokens, (long long)replaced_tokens);
  for (size_t i = 0; i < files->count; i++) {
    if (strstr(text, base_name(files->paths[i])) == NULL)
      return error_set(error, PURSER_EINVAL,
                       "the summary does not name %s: the conversation was left as it is",
                       files->paths[i]);
  }
  return PURSER_OK;
}

void summary_write_placeholder(struct buf *out, const char *tool, int64_t tokens) {
  buf_addf(out,
           "[The output%s%s, about %lld tokens, was put aside to save context. Run it again if you "
           "need it.]",
           tool[0] != '\0' ? " of " : "", tool, (long long)tokens);
}
