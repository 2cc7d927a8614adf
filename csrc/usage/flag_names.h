/* flag_names.h - the words for purser_event_flag in every document that is written or read. */
#ifndef USAGE_FLAG_NAMES_H
#define USAGE_FLAG_NAMES_H

#include "base/public.h"

/* The word for the flag of the `index`-th bit, NULL past the last: a loop over the set flags counts up from 0. */
const char *flag_name(int index);
/* The flag that a word stands for; 0 for an unknown one. */
uint32_t flag_parse(purser_str word);

#endif
