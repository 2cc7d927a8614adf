/* flag_names.h - the words for purser_event_flag in every document that is written or read. */
#ifndef USAGE_FLAG_NAMES_H
#define USAGE_FLAG_NAMES_H

#include "base/buf.h"

/* The set flags' words as a list of JSON. */
void flags_write(struct buf *out, uint32_t set);
/* The flag that a word stands for; 0 for an unknown one. */
uint32_t flag_parse(purser_str word);

#endif
