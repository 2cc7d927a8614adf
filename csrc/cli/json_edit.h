/* json_edit.h - changing one place of a JSON file that belongs to somebody else, and leaving every other byte as it was.
 *
 * The text is parsed, the place found, and a piece of text put in or taken out, with the indentation that the file has. After
 * each change the text is parsed anew: ids are valid until then. */
#ifndef CLI_JSON_EDIT_H
#define CLI_JSON_EDIT_H

#include "base/error.h"
#include "base/json.h"

struct json_edit {
  struct buf text;
  bool comments;
  struct buf plain; /* the text with blanks in the place of its comments: what is parsed */
  struct json_doc doc;
};

/* Takes a text that must be a JSON object, with `comments` one that may hold those of JavaScript; white space alone is an empty
 * one. PURSER_EPARSE otherwise. */
int json_edit_open(struct json_edit *edit, const char *text, size_t len, bool comments);
void json_edit_fini(struct json_edit *edit);

/* Puts a value at the end of an object (under `key`) or of an array (`key` NULL). `value` is a JSON text without line breaks; it
 * is spread over lines where the file is. 0, PURSER_ENOMEM, or PURSER_EPARSE when it would not be JSON any more. */
int json_edit_add(struct json_edit *edit, json_id container, const char *key, const char *value);

/* Takes a member or an element out, with its comma. */
int json_edit_remove(struct json_edit *edit, json_id container, json_id child);

/* Puts another string in the place of a string. */
int json_edit_replace_string(struct json_edit *edit, json_id id, const char *text);

#endif
