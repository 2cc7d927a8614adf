/* emit.h - reading strings and counts for an event, and sending it. */
#ifndef USAGE_EMIT_H
#define USAGE_EMIT_H

#include "usage/dialect.h"

/* A literal as a purser_str. */
#define STR(literal) ((purser_str){"" literal, sizeof(literal) - 1})

purser_str str_of(const char *text);
purser_str str_of_buf(const struct buf *b);
bool str_is(purser_str s, const char *text);
bool str_equal(purser_str a, purser_str b);
/* The bytes occur within the first `within` of the text. */
bool str_holds(const char *text, size_t len, size_t within, const char *bytes);
/* Upper and lower case alike, ASCII. Only the first few KB are searched. */
bool str_has(purser_str s, const char *needle);

/* An event with nothing in it: empty strings, cost -1, and -1 for the delays that may be unknown. */
purser_event event_new(enum purser_event_kind kind);
/* Sends it. The strings that emit_str gave out are void afterwards, unless they were pinned. */
void emit(struct decoder *decoder, const purser_event *event);
/* Keeps the strings given out so far until the end of this JSON value: for what several events of it share. */
void emit_pin(struct decoder *decoder);
/* Takes back the strings from a slot on. */
void emit_release(struct decoder *decoder, size_t from);

/* Sends a text (or thinking) event, unless the text is empty. */
void emit_text(struct decoder *decoder, enum purser_event_kind kind, purser_str text);

/* Sends the end of the run, under one of the names that decoder.h lists. */
void emit_result(struct decoder *decoder, const char *name, bool failed);

/* A string's text, unescaped; valid until the next emit (or see emit_pin). Empty for other kinds. */
purser_str emit_str(struct decoder *decoder, json_id id);
/* The same down a path from `id`. */
purser_str emit_str_at(struct decoder *decoder, json_id id, const char *path);
/* What a tool took or gave: a string's text; of an array of content parts the texts, joined; anything else as JSON. */
purser_str emit_content(struct decoder *decoder, json_id id);

/* An RFC 3339 string or a number of milliseconds; 0 when it is neither. */
int64_t emit_instant(struct decoder *decoder, json_id id);

/* Remembers a string in the dialect's state. */
void emit_keep(struct decoder *decoder, struct buf *kept, purser_str text);

/* A nano-dollar amount from a decimal in dollars, exact; -1 when there is none. */
int64_t emit_dollars(const struct json_doc *doc, json_id id);

#endif
