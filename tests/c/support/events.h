/* events.h - decoding in a test: events as lines of JSON, compared whole.
 *
 * Inputs and expectations are written with ' for " and ` for ', which reads better in C. */
#ifndef SUPPORT_EVENTS_H
#define SUPPORT_EVENTS_H

#include "base/buf.h"

/* The usage object of an event's JSON; figures as they stand in the source. */
#define USAGE(input, read, write5m, write1h, output, reasoning)                   \
  "'usage':{'input':" #input ",'cache_read':" #read ",'cache_write_5m':" #write5m \
  ",'cache_write_1h':" #write1h ",'output':" #output ",'reasoning':" #reasoning   \
  ",'web_searches':0}"

/* Replaces ' by " and ` by '. The caller frees with mem_free. */
char *events_quote(const char *text);

/* The events of a stream that is fed in chunks of `chunk` bytes (0: whole; negative: random sizes from that seed). The
 * caller frees with mem_free. */
char *events_decode(const char *dialect, const char *input, size_t len, long chunk);

/* Fails unless the stream gives exactly these events, one a line, however it is cut; and unless each of its beginnings is
 * survived. Both texts are quoted as above. */
void events_expect(const char *dialect, const char *input, const char *expected);

/* Every way of feeding gives the same events as feeding it whole. */
void events_expect_same(const char *name, const char *dialect, const char *input, size_t len);

/* A whole file. The caller frees with mem_free. Fails when it can't be read. */
char *events_read_file(const char *path, size_t *len);

#endif
