/* purser.h - the contract between the core and the editor.
 *
 * Lua hands this file to ffi.cdef() as it stands, so it holds declarations and #pragma lines only: no macro,
 * no #include, no #if. C code includes it through base/public.h, which brings in the fixed-width types first.
 *
 * Threads: every function here is called from one thread, the editor's main loop. Each of them returns at once: what
 * needs the database is queued for the core's worker thread and answered by a purser_message. None of them calls back.
 *
 * Units: money is nano-dollars (1 cent = 10,000,000), times are UTC milliseconds since 1970, durations milliseconds,
 * tokens are counts. JSON documents are UTF-8; the fields of each are listed in csrc/api/README.md.
 *
 * Errors: 0 is success, a negative purser_status is a failure. No function aborts or prints.
 */
#pragma once
#pragma GCC visibility push(default)

enum {
  PURSER_ABI_VERSION = 1
};

/* Compare with PURSER_ABI_VERSION before anything else is called. */
int32_t purser_abi_version(void);

/* "0.1.0". Static. */
const char *purser_version(void);

enum purser_status {
  PURSER_OK = 0,
  PURSER_ERROR = -1,      /* something else; the message says what */
  PURSER_ENOMEM = -2,     /* out of memory */
  PURSER_EINVAL = -3,     /* an argument is wrong */
  PURSER_EIO = -4,        /* reading or writing failed */
  PURSER_ENOTFOUND = -5,  /* no such thing */
  PURSER_EEXIST = -6,     /* it is there already */
  PURSER_EPARSE = -7,     /* malformed input */
  PURSER_ERANGE = -8,     /* a number does not fit */
  PURSER_EBUSY = -9,      /* somebody else holds the ledger */
  PURSER_EREADONLY = -10, /* the ledger can't be written */
  PURSER_EFULL = -11,     /* the disk is full */
  PURSER_ECORRUPT = -12,  /* the ledger is damaged */
  PURSER_EFOREIGN = -13,  /* the file is somebody else's, not a ledger */
  PURSER_ENEWER = -14,    /* the ledger was written by a newer purser */
  PURSER_EREFUSED = -15,  /* a budget refused */
  PURSER_ECLOSED = -16    /* the handle is closing */
};

/* A short English text for a status; "unknown status" for anything else. Static. */
const char *purser_strerror(int32_t status);

/* Bytes with a length; not terminated, may hold NUL. */
typedef struct purser_str {
  const char *ptr;
  size_t len;
} purser_str;

/* The tokens of one request, in exclusive buckets: their sum is what was sent and received (rule 9). */
typedef struct purser_usage {
  int64_t input;          /* uncached input */
  int64_t cache_read;     /* read from the provider's prompt cache */
  int64_t cache_write_5m; /* written to it, short-lived */
  int64_t cache_write_1h; /* written to it, long-lived */
  int64_t output;         /* everything generated, reasoning included */
  int64_t reasoning;      /* the part of output that was reasoning; information only */
  int64_t web_searches;   /* server-side searches, which are charged by the call */
} purser_usage;

enum purser_event_kind {
  PURSER_EVENT_TEXT = 1,        /* text: a piece of the answer */
  PURSER_EVENT_THINKING = 2,    /* text: a piece of the reasoning that the provider shows */
  PURSER_EVENT_TOOL_CALL = 3,   /* id, name; text: the input, JSON or plain */
  PURSER_EVENT_TOOL_RESULT = 4, /* id; text: the output; PURSER_FLAG_FAILED if the tool failed */
  PURSER_EVENT_USAGE = 5,       /* id: response id; model; usage; scope; cost_nanousd or -1 */
  PURSER_EVENT_SESSION = 6, /* session, model, cwd, branch, name: client version, as far as known */
  PURSER_EVENT_COMPACTION = 7, /* name: trigger; number: tokens before; number2: tokens after */
  PURSER_EVENT_RETRY = 8,      /* number: HTTP status; number2: delay in ms or -1; text: reason */
  PURSER_EVENT_RATE_LIMIT =
      9, /* name: which limit; number: used, in 1/10000; number2: resets at, ms */
  PURSER_EVENT_RESULT =
      10, /* the run's end; name: reason ("completed" or the client's); text: answer, if repeated */
  PURSER_EVENT_ERROR =
      11, /* name: code or kind; number: HTTP status or 0; number2: retry-after ms or -1; text: message */
  PURSER_EVENT_PROMPT = 12 /* text: what the user asked (records only) */
};

/* What a usage figure counts. */
enum purser_scope {
  PURSER_SCOPE_REQUEST = 0, /* one model call */
  PURSER_SCOPE_RUN = 1,     /* the client's total for this run and model */
  PURSER_SCOPE_SESSION = 2  /* a running total over the whole session, earlier runs included */
};

enum purser_event_flag {
  PURSER_FLAG_FAILED = 1,      /* the tool call, result or run failed */
  PURSER_FLAG_PARTIAL = 2,     /* usage: a better figure for the same response may follow */
  PURSER_FLAG_SIDECHAIN = 4,   /* comes from a subagent */
  PURSER_FLAG_COMPACTION = 8,  /* usage: the request was a compaction */
  PURSER_FLAG_CLAMPED = 16,    /* usage: a bucket came out negative and was set to 0 */
  PURSER_FLAG_UNCERTAIN = 32,  /* usage: must not count against a budget (rule 5) */
  PURSER_FLAG_REMAINDER = 64,  /* usage: the client's total less what was seen request by request */
  PURSER_FLAG_ESTIMATED = 128, /* usage: figured, the provider did not say */
  PURSER_FLAG_IMPORTED = 256,  /* usage: read from the client's own record */
  PURSER_FLAG_BLOCKED = 512    /* result: a hook of the client's stopped the run before a request */
};

/* One event of an agent's output or record. Strings are valid until the next call on the same run or decoder. */
typedef struct purser_event {
  int32_t kind;   /* purser_event_kind */
  uint32_t flags; /* purser_event_flag */
  int32_t scope;  /* purser_scope, for usage */
  int32_t index;  /* position of an item in the usage's response (server-side iterations), else 0 */
  int64_t at_ms;  /* when, by the client's clock; 0 unknown */
  int64_t number;
  int64_t number2;
  int64_t cost_nanousd; /* what the client says it cost; -1 it does not say */
  purser_str id;
  purser_str name;
  purser_str text;
  purser_str session;
  purser_str model;
  purser_str request_id;   /* the provider's request id, beside the response id (rule 1) */
  purser_str parent;       /* the tool call or session this belongs under */
  purser_str service_tier; /* "", "standard", "batch", "flex", "priority" */
  purser_str speed;        /* "", "standard", "fast" */
  purser_str effort;
  purser_str cwd;
  purser_str branch;
  purser_usage usage;
} purser_event;

/* ---- the core ------------------------------------------------------------------------------------------------- */

typedef struct purser purser;
typedef struct purser_run purser_run;

/* Starts the worker, which opens the ledger; PURSER_MESSAGE_OPENED says how that went. `options` is JSON, NULL for
 * defaults. On failure *out is NULL and `error` (may be NULL) holds a message. */
int32_t purser_open(purser **out, const char *options, char *error, size_t error_size);

/* Finishes what is queued, stops the worker, frees. Runs must have been freed. NULL is fine. */
void purser_close(purser *core);

/* A descriptor that is readable while messages wait. Owned by the core. */
int32_t purser_fd(const purser *core);

enum purser_message_kind {
  PURSER_MESSAGE_OPENED = 1,   /* the ledger is open, or status says why not */
  PURSER_MESSAGE_REPLY = 2,    /* the answer to purser_ask(); ticket */
  PURSER_MESSAGE_ADMITTED = 3, /* the run may start; run */
  PURSER_MESSAGE_REFUSED = 4,  /* it may not: status and json say why; run */
  PURSER_MESSAGE_BOOKED = 5,   /* requests were committed; json: the run's totals; run */
  PURSER_MESSAGE_SETTLED = 6,  /* the run is closed in the ledger; json: its row; run */
  PURSER_MESSAGE_CROSSED = 7,  /* BudgetThresholdCrossed; json */
  PURSER_MESSAGE_SPEND = 8,    /* the figures a statusline shows; json */
  PURSER_MESSAGE_STOP = 9,     /* end the run: json says which budget is exhausted; run */
  PURSER_MESSAGE_WARNING = 10, /* something the user should read; json: {"message"} */
  PURSER_MESSAGE_IMPORT = 11,  /* how far reading the clients' records is; json */
  PURSER_MESSAGE_RUNAWAY = 12  /* the run may have run away; json says by what; run */
};

typedef struct purser_message {
  int64_t ticket; /* what purser_ask() or purser_run_admit() returned */
  int64_t run;    /* id in the AgentRunLog, 0 if none */
  int32_t kind;
  int32_t status;
  const char *json; /* NUL-terminated, never NULL; valid until the next purser_next() */
  size_t json_len;
} purser_message;

/* Takes the next message. 1: *out is filled; 0: none waits (the descriptor is quiet again). */
int32_t purser_next(purser *core, purser_message *out);

/* Asks the ledger something: `verb` and its JSON arguments are listed in csrc/api/README.md. Returns a ticket > 0, or a
 * negative status; the answer is a PURSER_MESSAGE_REPLY. */
int64_t purser_ask(purser *core, const char *verb, const char *arguments);

/* ---- runs ----------------------------------------------------------------------------------------------------- */

/* Asks the budgets whether a run may start, and sets its hold aside. `spec` is JSON. *out is ready for feeding once
 * PURSER_MESSAGE_ADMITTED with the returned ticket has come. */
int64_t purser_run_admit(purser *core, purser_run **out, const char *spec);

/* The child's process id, as soon as it runs. */
int32_t purser_run_started(purser_run *run, int32_t pid);

/* Decodes a chunk of the agent's stdout; the events wait for purser_run_next(). Usage is booked by the worker. Returns 1 if
 * the run must be ended because a budget is exhausted, 0 to go on. */
int32_t purser_run_feed(purser_run *run, const char *bytes, size_t len);

/* Takes the next event. 1: *out is filled, until the next call on this run; 0: none waits. */
int32_t purser_run_next(purser_run *run, purser_event *out);

/* The stream has ended. Flushes the decoder (take the last events with purser_run_next()), then the worker reads the
 * client's own record, reconciles and settles: PURSER_MESSAGE_SETTLED. `end` is JSON: exit_code, signal, reason, stderr. */
int32_t purser_run_finish(purser_run *run, const char *end);

/* Frees the handle; a run that was not finished is settled as abandoned. NULL is fine. */
void purser_run_free(purser_run *run);

#pragma GCC visibility pop
