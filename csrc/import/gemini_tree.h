/* gemini_tree.h - Gemini CLI's chats, as a source of imports. */
#ifndef IMPORT_GEMINI_TREE_H
#define IMPORT_GEMINI_TREE_H

#include "import/import.h"

extern const struct import_source import_source_gemini;

#endif
