/* verbs_digest.c - digest: a month in Markdown. */
#include "advice/digest.h"
#include "api/tree.h"
#include "api/verbs.h"

int verb_digest(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct buf text = BUF_INIT;
  int status = digest_write(core->ledger, core->catalog, args_text(args, "month"), &text, error);
  if (status == PURSER_OK && !tree_add_text(out, "markdown", buf_text(&text)))
    status = PURSER_ENOMEM;
  buf_fini(&text);
  return status;
}
