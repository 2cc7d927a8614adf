/* summary.h - the words around a summary: what a model is asked for, and whether what it wrote will do. Pure. */
#ifndef COMPACTION_SUMMARY_H
#define COMPACTION_SUMMARY_H

#include "base/buf.h"
#include "base/error.h"

/* One item that is to go into the summary. */
struct summary_item {
  const char *who;  /* "answer", "call", "result", "summary" */
  const char *name; /* calls: the tool; NULL otherwise */
  const char *text;
  bool failed;
};

/* Files that tool calls touched, each once, in the order in which they were met. */
struct file_list {
  char **paths;
  size_t count, cap;
};
void file_list_fini(struct file_list *files);
int file_list_add(struct file_list *files, const char *path); /* 0 or PURSER_ENOMEM */
/* Takes the files from one call's input: the paths in its JSON, or the headers of a patch. 0 or PURSER_ENOMEM. */
int file_list_read(struct file_list *files, const char *input);

/* Appends what the model is asked: the sections that a summary needs, the files that it must name, and the items. `rules` (may be empty)
 * are the project's rule files, which the summary is to send the next model back to. */
void summary_write_request(struct buf *out, const struct summary_item *items, size_t count,
                           const struct file_list *files, const struct file_list *rules);

/* Whether a summary will do: not empty, at least a tenth smaller than what it stands for, and every file named. PURSER_EINVAL with
 * what is missing. Tokens are estimates by the same measure. */
int summary_check(const char *text, int64_t tokens, int64_t replaced_tokens,
                  const struct file_list *files, struct error *error);

/* What stands in the place of a masked result. */
void summary_write_placeholder(struct buf *out, const char *tool, int64_t tokens);

#endif
