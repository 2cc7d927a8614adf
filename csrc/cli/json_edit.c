/* json_edit.c - see json_edit.h. */
#include "cli/json_edit.h"

#include <string.h>

/* Puts blanks over comments, so that every place keeps its offset. */
static void blank_comments(char *text) {
  bool in_string = false;
  for (char *at = text; *at != '\0'; at++) {
    if (*at == '\\' && in_string && at[1] != '\0')
      at++;
    else if (*at == '"')
      in_string = !in_string;
    if (in_string || *at != '/' || (at[1] != '/' && at[1] != '*'))
      continue;
    const char *end = at[1] == '/' ? strchr(at, '\n') : strstr(at + 2, "*/");
    size_t len = end == NULL ? strlen(at) : (size_t)(end - at) + (at[1] == '/' ? 0 : 2);
    for (; len > 0; len--, at++)
      *at = *at == '\n' ? '\n' : ' ';
    at--;
  }
}

static int parse(struct json_edit *edit) {
  buf_clear(&edit->plain);
  buf_add(&edit->plain, buf_text(&edit->text), edit->text.len);
  if (edit->text.failed || edit->plain.failed)
    return PURSER_ENOMEM;
  if (edit->comments)
    blank_comments(edit->plain.data);
  return json_parse(&edit->doc, edit->plain.data, edit->plain.len);
}

int json_edit_open(struct json_edit *edit, const char *text, size_t len, bool comments) {
  *edit = (struct json_edit){.text = BUF_INIT, .doc = JSON_DOC_INIT, .comments = comments};
  buf_add(&edit->text, text, len);
  if (len == strspn(buf_text(&edit->text), " \t\r\n"))
    buf_adds(&edit->text, len == 0 ? "{}\n" : "{}");
  const int status = parse(edit);
  if (status == PURSER_OK && json_kind(&edit->doc, 0) != JSON_OBJECT)
    return PURSER_EPARSE;
  return status;
}

void json_edit_fini(struct json_edit *edit) {
  json_fini(&edit->doc);
  buf_fini(&edit->plain);
  buf_fini(&edit->text);
}

/* ---- places in the text ---- */

struct span {
  size_t start;
  size_t end;
};

/* A value with its quotes. */
static struct span value_span(const struct json_edit *edit, json_id id) {
  const struct json_token *token = &edit->doc.tokens[id];
  const size_t quote = token->kind == JSON_STRING;
  return (struct span){token->start - quote, token->end + quote};
}

/* A value, and in an object its key. */
static struct span child_span(const struct json_edit *edit, json_id container, json_id child) {
  struct span span = value_span(edit, child);
  if (json_kind(&edit->doc, container) == JSON_OBJECT)
    span.start = (size_t)(json_key(&edit->doc, child).ptr - edit->plain.data) - 1;
  return span;
}

static json_id last_child(const struct json_edit *edit, json_id container) {
  json_id last = JSON_NONE;
  for (json_id v = json_first(&edit->doc, container); v != JSON_NONE;
       v = json_next(&edit->doc, container, v))
    last = v;
  return last;
}

static int splice(struct json_edit *edit, struct span span, const char *text, size_t len) {
  struct buf out = BUF_INIT;
  buf_add(&out, edit->text.data, span.start);
  buf_add(&out, text, len);
  buf_add(&out, edit->text.data + span.end, edit->text.len - span.end);
  buf_fini(&edit->text);
  edit->text = out;
  return parse(edit);
}

/* ---- how the file is indented ---- */

/* The blanks before the first thing in the line of `at`; -1 if something else stands between them and `at`. */
static int blanks_before(const struct json_edit *edit, size_t at, size_t *line) {
  size_t start = at;
  while (start > 0 && edit->text.data[start - 1] != '\n')
    start--;
  *line = start;
  const size_t blanks = strspn(edit->text.data + start, " \t");
  return start + blanks >= at ? (int)(at - start) : -1;
}

struct layout {
  bool lines;          /* spread over lines */
  char unit[16];       /* one step */
  struct buf outer;    /* the blanks before the container's closing bracket */
  struct buf line_end; /* "\n" or "\r\n" */
};

/* As the root's first member stands; a file without any is spread over lines, two blanks a step. */
static void find_unit(const struct json_edit *edit, struct layout *out) {
  const json_id first = json_first(&edit->doc, 0);
  size_t line = 0;
  out->lines = true;
  memcpy(out->unit, "  ", 3);
  if (first == JSON_NONE)
    return;
  const int blanks = blanks_before(edit, child_span(edit, 0, first).start, &line);
  out->lines = blanks >= 0;
  if (blanks > 0 && (size_t)blanks < sizeof out->unit) {
    memcpy(out->unit, edit->text.data + line, (size_t)blanks);
    out->unit[blanks] = '\0';
  }
}

/* The indentation of the line in which a value begins. */
static void find_outer(const struct json_edit *edit, json_id container, struct layout *out) {
  size_t line = 0;
  (void)blanks_before(edit, value_span(edit, container).start, &line);
  buf_add(&out->outer, edit->text.data + line, strspn(edit->text.data + line, " \t"));
  const char *newline = strchr(edit->text.data, '\n');
  buf_adds(&out->line_end,
           newline != NULL && newline > edit->text.data && newline[-1] == '\r' ? "\r\n" : "\n");
}

static void write_break(struct buf *out, const struct layout *layout, int depth) {
  if (!layout->lines)
    return;
  buf_adds(out, buf_text(&layout->line_end));
  buf_adds(out, buf_text(&layout->outer));
  for (int i = 0; i < depth; i++)
    buf_adds(out, layout->unit);
}

/* A JSON text without line breaks, spread over lines from `depth` on. */
static void write_value(struct buf *out, const struct layout *layout, const char *value,
                        int depth) {
  bool in_string = false;
  for (const char *at = value; *at != '\0'; at++) {
    if (in_string) {
      buf_addc(out, *at);
      if (*at == '\\' && at[1] != '\0')
        buf_addc(out, *++at);
      else
        in_string = *at != '"';
      continue;
    }
    in_string = *at == '"';
    if (*at == '}' || *at == ']')
      write_break(out, layout, --depth);
    buf_addc(out, *at);
    if (*at == '{' || *at == '[')
      write_break(out, layout, ++depth);
    else if (*at == ',')
      layout->lines ? write_break(out, layout, depth) : buf_addc(out, ' ');
    else if (*at == ':')
      buf_addc(out, ' ');
  }
}

/* ---- changes ---- */

int json_edit_add(struct json_edit *edit, json_id container, const char *key, const char *value) {
  struct layout layout = {.lines = true};
  struct buf piece = BUF_INIT;
  struct span span = value_span(edit, container);
  const json_id last = last_child(edit, container);
  find_unit(edit, &layout);
  find_outer(edit, container, &layout);
  if (last != JSON_NONE) {
    buf_addc(&piece, ',');
    if (!layout.lines)
      buf_addc(&piece, ' ');
  }
  write_break(&piece, &layout, 1);
  if (key != NULL) {
    json_write_str(&piece, key, strlen(key));
    buf_adds(&piece, ": ");
  }
  write_value(&piece, &layout, value, 1);
  if (last != JSON_NONE) {
    span.start = span.end = value_span(edit, last).end;
  } else {
    write_break(&piece, &layout, 0);
    span.start++;
    span.end--;
  }
  int status =
      piece.failed || layout.outer.failed || layout.line_end.failed ? PURSER_ENOMEM : PURSER_OK;
  if (status == PURSER_OK)
    status = splice(edit, span, piece.data, piece.len);
  buf_fini(&piece);
  buf_fini(&layout.outer);
  buf_fini(&layout.line_end);
  return status;
}

int json_edit_remove(struct json_edit *edit, json_id container, json_id child) {
  struct span span = child_span(edit, container, child);
  const json_id next = json_next(&edit->doc, container, child);
  json_id before = JSON_NONE;
  for (json_id v = json_first(&edit->doc, container); v != JSON_NONE && v != child;
       v = json_next(&edit->doc, container, v))
    before = v;
  if (before != JSON_NONE) {
    span.start = value_span(edit, before).end;
  } else if (next != JSON_NONE) {
    span.end = child_span(edit, container, next).start;
  } else {
    span = value_span(edit, container);
    span.start++;
    span.end--;
  }
  return splice(edit, span, "", 0);
}

int json_edit_replace_string(struct json_edit *edit, json_id id, const char *text) {
  struct buf piece = BUF_INIT;
  json_write_str(&piece, text, strlen(text));
  int status = buf_status(&piece);
  if (status == PURSER_OK)
    status = splice(edit, value_span(edit, id), piece.data, piece.len);
  buf_fini(&piece);
  return status;
}
