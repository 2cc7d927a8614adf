/* tokens.h - counts from JSON, and the arithmetic that turns inclusive buckets into exclusive ones (rule 9). */
#ifndef USAGE_TOKENS_H
#define USAGE_TOKENS_H

#include "base/json.h"

/* More than any request has, and small enough that sums of some of them can't overflow. */
#define TOKENS_MAX INT64_C(1000000000000)

/* A count. Missing or null is 0. What can't be a count (negative, huge, text) is clamped, and *clamped set. */
int64_t tokens_read(const struct json_doc *doc, json_id id, bool *clamped);
/* The member `key` of an object. */
int64_t tokens_get(const struct json_doc *doc, json_id object, const char *key, bool *clamped);
/* a - b, not below 0. */
int64_t tokens_less(int64_t a, int64_t b, bool *clamped);
/* A number is there, whatever it says. */
bool tokens_has(const struct json_doc *doc, json_id object, const char *key);

/* Everything sent and received: what two records of one response are compared by. */
int64_t tokens_total(const purser_usage *usage);
void tokens_add(purser_usage *sum, const purser_usage *usage);
/* a - b, bucket by bucket, not below 0, and no more reasoning than output, which it is a part of. */
purser_usage tokens_minus(const purser_usage *a, const purser_usage *b, bool *clamped);
bool tokens_none(const purser_usage *usage);

#endif
