/* claude.h - the pieces that Claude Code's transcripts are made of. */
#ifndef TREE_CLAUDE_H
#define TREE_CLAUDE_H

#include "world.h"

/* ---- a response, as it was meant ---- */

enum shape {
  SHAPE_PLAIN,
  SHAPE_NO_REQUEST_ID,
  SHAPE_NULL_ID,
  SHAPE_RESTATED,
  SHAPE_SYNTHETIC,
  SHAPE_ITERATIONS,
  SHAPE_TORN,
  SHAPE_SPEED,
  SHAPE_HUGE,
  SHAPE_NUL,
  SHAPE_DUPLICATE_KEYS,
  SHAPE_NUMBERS,
  SHAPE_PAST,
  SHAPE_FUTURE,
  SHAPE_ESCAPED,
  SHAPE_KEY_ORDER,
  SHAPE_REUSED_ID,
  SHAPE_MIDNIGHT
};

enum cache_shape {
  CACHE_BOTH,        /* flat and nested, as the client writes it today */
  CACHE_FLAT,        /* as it did: all of it for five minutes */
  CACHE_NESTED,      /* nested alone */
  CACHE_NESTED_ZEROS /* flat, and a nested object that knows nothing */
};

struct response {
  enum shape shape;
  enum cache_shape cache;
  char id[ID_SIZE], request_id[ID_SIZE];
  const char *model, *tier, *speed;
  purser_usage usage; /* what it comes to */
  int lines;
  bool growing; /* the output grows from line to line */
  int torn;     /* the line that is cut, -1 none */
  int variant;  /* of the shape */
  int64_t at_ms;
  int64_t gap_ms; /* between two lines */
};

struct session {
  uint64_t seed;
  char id[ID_SIZE];
  uint32_t name; /* the truth's number of the id */
  const struct workspace *workspace;
  const struct workspace *second; /* where it goes on after some turns; the same if it stays */
  const char *model;
  const char *branch;
  bool old;        /* written by an early version */
  bool side;       /* a subagent */
  bool long_lived; /* its prompts grow beyond the usual window */
  int64_t start_ms;
  int64_t turn_ms; /* from one prompt to the next */
  int64_t target;  /* bytes */
  int turns;       /* once written */
  int last_count;  /* responses of its last turn, which may have been cut short */
  int64_t size;
};

/* The same dice make the same response. */
void response_plan(const struct world *world, const struct session *session, int turn,
                   int64_t at_ms, struct dice *dice, struct response *out);

/* ---- lines ---- */

/* Who writes, where. */
struct voice {
  struct world *world;
  struct out *out;
  const struct session *session;
  const char *session_id; /* as it is written */
  const char *origin;     /* the session that copied lines are from, NULL none */
  bool copy;              /* counted already */
  bool sidechain;
  const char *agent_id; /* of a subagent, "" none */
  int turn;
  bool crlf;
  struct dice dice; /* for what decides nothing */
  struct buf line;
  char parent[ID_SIZE];
  int64_t usage_bytes;
};

/* Where the session is at its turn. */
const struct workspace *voice_place(const struct voice *voice);
/* Begins a line, and ends it with what all lines have. `identity` decides on its uuid, which a copy of it has, too; 0 any. */
void line_begin(struct voice *voice);
void line_end(struct voice *voice, const char *type, int64_t at_ms, uint64_t identity);
/* Writes the line that was made, or its first `len` bytes; usage lines are counted as such. */
void line_write(struct voice *voice, bool usage, size_t len);

void line_prompt(struct voice *voice, int64_t at_ms);
/* What a tool printed, `len` bytes of it. */
void line_tool_result(struct voice *voice, int64_t at_ms, size_t len);
/* What the session has used in all, as the client writes it when it ends: told by its requests already. */
void line_cost_state(struct voice *voice);
/* One of the many lines that tell of no request. */
void line_other(struct voice *voice, int64_t at_ms);

/* Writes all lines of a response and notes it in the truth, unless the voice only copies. */
void response_write(struct voice *voice, const struct response *response);
/* Its first line once more, after others. */
void response_restate(struct voice *voice, const struct response *response);
/* The same message under a new request id, as a side chain repeats it; counts for nothing. */
void response_replay(struct voice *voice, const struct response *response);
/* A line of it that ends in the middle, as the file's last. */
void response_cut(struct voice *voice, const struct response *response);

/* ---- usage ---- */

/* Appends the object. `output`: what this line says of it. */
void usage_write(const struct response *response, int64_t output, struct buf *out);

#endif
