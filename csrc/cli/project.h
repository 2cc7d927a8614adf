/* project.h - which project a folder belongs to, told from the file system alone: a git process would cost more than all the
 * rest of a hook. */
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include "base/buf.h"

/* Appends the root of the repository that `folder` lies in: the main worktree's, which all worktrees of one repository share; a
 * submodule is a project of its own. Outside of repositories the folder itself. Symbolic links are resolved. */
void project_root(struct buf *out, const char *folder);

#endif
