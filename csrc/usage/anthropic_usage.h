/* anthropic_usage.h - Anthropic's usage object, as the API, Claude Code's stream and its transcript have it. */
#ifndef USAGE_ANTHROPIC_USAGE_H
#define USAGE_ANTHROPIC_USAGE_H

#include "usage/emit.h"
#include "usage/seen.h"

/* Lays the fields that `id` has over *usage: a later frame of a response has some of them only, and the last one wins (rule 8).
 * Cache writes are the nested sum where there is one, else the flat field taken as short-lived (rule 10); a flat field that
 * repeats the sum known already keeps its split. */
void anthropic_usage_read(const struct json_doc *doc, json_id id, purser_usage *usage,
                          bool *clamped);

/* Emits `event`, a USAGE whose figures were read from `id`, if it improves on what `entry` (may be NULL) has: in one piece, or
 * one for each server-side iteration (rule 11). Those are told apart by index and by "#1", "#2", ... after the response id; the
 * first keeps the plain id, so that it replaces the partial figure that was reported before. */
void anthropic_usage_emit(struct decoder *decoder, struct seen_entry *entry, purser_event *event,
                          json_id id);

#endif
