/* sources.c - the clients whose records are read: a row for each. */
#include <stdlib.h>
#include <string.h>

#include "import/gemini_tree.h"
#include "import/import.h"
#include "import/opencode_tree.h"

const struct import_source *const import_sources[] = {
    &import_source_claude,
    &import_source_codex,
    &import_source_opencode,
    &import_source_gemini,
    NULL,
};

const struct import_source *import_source_find(const char *name) {
  for (size_t i = 0; import_sources[i] != NULL; i++) {
    if (strcmp(import_sources[i]->name, name) == 0)
      return import_sources[i];
  }
  return NULL;
}

/* $NAME, or a folder of the user's. */
static void add_home(struct buf *out, const char *below) {
  const char *home = getenv("HOME");
  if (home != NULL && home[0] == '/') {
    buf_addf(out, "%s/%s", home, below);
    buf_add(out, "", 1);
  }
}

/* $CLAUDE_CONFIG_DIR may name several folders. Without it the client has used two places in its life. */
static int claude_roots(struct buf *out) {
  const char *folders = getenv("CLAUDE_CONFIG_DIR");
  if (folders == NULL || folders[0] == '\0') {
    add_home(out, ".claude");
    add_home(out, ".config/claude");
    return buf_status(out);
  }
  while (*folders != '\0') {
    const size_t len = strcspn(folders, ",");
    if (len > 0) {
      buf_add(out, folders, len);
      buf_add(out, "", 1);
    }
    folders += len;
    folders += *folders == ',';
  }
  return buf_status(out);
}

/* Early versions put subagents beside the session that started them. */
static const struct import_pattern claude_files[] = {
    {"projects/*/agent-*.jsonl", true},
    {"projects/*/*.jsonl", false},
    {"projects/*/*/subagents/**/agent-*.jsonl", true},
    {NULL, false},
};

const struct import_source import_source_claude = {
    .name = "claude",
    .title = "Claude Code",
    .files = claude_files,
    .roots = claude_roots,
    .dialect = "claude_transcript",
};

static int codex_roots(struct buf *out) {
  const char *folder = getenv("CODEX_HOME");
  if (folder == NULL || folder[0] == '\0') {
    add_home(out, ".codex");
  } else {
    buf_adds(out, folder);
    buf_add(out, "", 1);
  }
  return buf_status(out);
}

static const struct import_pattern codex_files[] = {
    {"sessions/**/rollout-*.jsonl", false},
    {"archived_sessions/rollout-*.jsonl", false},
    {NULL, false},
};

const struct import_source import_source_codex = {
    .name = "codex",
    .title = "Codex",
    .files = codex_files,
    .roots = codex_roots,
    .dialect = "codex_rollout",
};
