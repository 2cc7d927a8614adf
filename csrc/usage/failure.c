/* failure.c - see failure.h. */
#include "usage/failure.h"

#include <string.h>

#include "base/money.h"

struct failure failure_none(void) {
  return (struct failure){.retry_ms = -1, .code = STR(""), .message = STR("")};
}

/* What the user can do. */
static const struct {
  const char *kind;
  const char *hint;
} hints[] = {
    {"authentication", "check the API key, or log in again"},
    {"billing", "the account has no credit left: top it up"},
    {"quota", "the account's quota is used up: wait for its reset or raise it"},
    {"permission", "this account may not use this model or endpoint"},
    {"not_found", "check the model's name and the endpoint's address"},
    {"prompt_too_long", "compact the conversation or start a new one"},
    {"rate_limit", "wait a moment and try again"},
    {"overloaded", "the provider is overloaded: try again later"},
    {"server", "a fault on the provider's side: try again in a moment"},
    {"timeout", "the provider took too long: try again"},
    {"refusal", "the model declined: rephrase the request"},
    {"budget", "the client's own limit for a run was reached"},
    {"max_turns", "the client's limit on turns was reached: raise it or split the task"},
};

/* Codes of the providers, and names the clients use for them. */
static const struct {
  const char *code;
  const char *kind;
  int64_t status; /* what the provider answers with it; 0: no fixed one */
} codes[] = {
    /* Anthropic */
    {"invalid_request_error", "invalid_request", 400},
    {"authentication_error", "authentication", 401},
    {"billing_error", "billing", 402},
    {"permission_error", "permission", 403},
    {"not_found_error", "not_found", 404},
    {"request_too_large", "prompt_too_long", 413},
    {"rate_limit_error", "rate_limit", 429},
    {"api_error", "server", 500},
    {"timeout_error", "timeout", 504},
    {"overloaded_error", "overloaded", 529},
    /* Claude Code */
    {"authentication_failed", "authentication", 401},
    {"rate_limit", "rate_limit", 429},
    {"overloaded", "overloaded", 529},
    {"server_error", "server", 500},
    {"invalid_request", "invalid_request", 400},
    {"prompt_too_long", "prompt_too_long", 0},
    /* OpenAI */
    {"invalid_api_key", "authentication", 401},
    {"insufficient_quota", "quota", 429},
    {"rate_limit_exceeded", "rate_limit", 429},
    {"context_length_exceeded", "prompt_too_long", 400},
    {"model_not_found", "not_found", 404},
    {"session_budget_exceeded", "budget", 0},
    /* Google */
    {"INVALID_ARGUMENT", "invalid_request", 400},
    {"FAILED_PRECONDITION", "invalid_request", 400},
    {"UNAUTHENTICATED", "authentication", 401},
    {"PERMISSION_DENIED", "permission", 403},
    {"NOT_FOUND", "not_found", 404},
    {"RESOURCE_EXHAUSTED", "rate_limit", 429},
    {"INTERNAL", "server", 500},
    {"UNAVAILABLE", "overloaded", 503},
    {"DEADLINE_EXCEEDED", "timeout", 504},
    {"FatalTurnLimitedError", "max_turns", 0},
    {"FatalAuthenticationError", "authentication", 401},
    /* opencode */
    {"ContextOverflowError", "prompt_too_long", 0},
    {"ProviderAuthError", "authentication", 401},
    {"MessageAbortedError", "aborted", 0},
};

static const struct {
  int64_t status;
  const char *kind;
} statuses[] = {
    {401, "authentication"}, {402, "billing"},         {403, "permission"}, {404, "not_found"},
    {408, "timeout"},        {413, "prompt_too_long"}, {429, "rate_limit"}, {503, "overloaded"},
    {504, "timeout"},        {529, "overloaded"},
};

/* Where code and status leave it open, the words decide. In the order of trust. */
static const struct {
  const char *words;
  const char *kind;
} sentences[] = {
    {"prompt is too long", "prompt_too_long"},
    {"context window", "prompt_too_long"},
    {"maximum context length", "prompt_too_long"},
    {"exceeds the maximum number of tokens", "prompt_too_long"},
    {"credit balance", "billing"},
    {"insufficient credit", "billing"},
    {"quota exceeded", "quota"},
    {"exceeded your current quota", "quota"},
    {"usage limit", "quota"},
    {"api key", "authentication"},
    {"/login", "authentication"},
    {"budget reached", "budget"},
    {"maximum budget", "budget"},
    {"too many requests", "rate_limit"},
    {"increase your limits", "rate_limit"},
    {"rate limit", "rate_limit"},
    {"high demand", "overloaded"},
    {"overloaded", "overloaded"},
    {"timed out", "timeout"},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *kind_of_sentence(purser_str message) {
  for (size_t i = 0; i < COUNT(sentences); i++) {
    if (str_has(message, sentences[i].words))
      return sentences[i].kind;
  }
  return NULL;
}

static const char *kind_of_code(purser_str code) {
  for (size_t i = 0; i < COUNT(codes); i++) {
    if (str_is(code, codes[i].code))
      return codes[i].kind;
  }
  return NULL;
}

static const char *kind_of_status(int64_t status) {
  for (size_t i = 0; i < COUNT(statuses); i++) {
    if (statuses[i].status == status)
      return statuses[i].kind;
  }
  if (status >= 500)
    return "server";
  return status >= 400 ? "invalid_request" : NULL;
}

/* A kind that says no more than "no" may be said better by the message's words; and a 429 may mean a quota that no waiting
 * brings back. */
static bool is_vague(const char *kind) {
  return kind == NULL || strcmp(kind, "invalid_request") == 0 || strcmp(kind, "rate_limit") == 0;
}

const char *failure_kind(const struct failure *failure) {
  if (failure->kind != NULL)
    return failure->kind;
  const char *kind = kind_of_code(failure->code);
  if (kind == NULL)
    kind = kind_of_status(failure->status);
  const char *said = is_vague(kind) ? kind_of_sentence(failure->message) : NULL;
  if (said != NULL)
    return said;
  return kind != NULL ? kind : "failed";
}

static int64_t status_of_code(purser_str code) {
  for (size_t i = 0; i < COUNT(codes); i++) {
    if (str_is(code, codes[i].code))
      return codes[i].status;
  }
  return 0;
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Three digits at `at` that stand alone and are an error's status; 0 otherwise. */
static int64_t status_at(purser_str text, size_t at) {
  if (at + 3 > text.len || (at + 3 < text.len && is_digit(text.ptr[at + 3])))
    return 0;
  int64_t value = 0;
  for (size_t i = 0; i < 3; i++) {
    if (!is_digit(text.ptr[at + i]))
      return 0;
    value = value * 10 + (text.ptr[at + i] - '0');
  }
  return value >= 400 && value <= 599 ? value : 0;
}

int64_t failure_status_in(purser_str text) {
  /* What clients write before the number. */
  static const char *const before[] = {"status ",       "status: ",    "status code ",
                                       "status code: ", "API Error: ", "HTTP ",
                                       "\"code\":",     "\"code\": ",  "("};
  const size_t len = text.len < 4096 ? text.len : 4096;
  for (size_t b = 0; b < COUNT(before); b++) {
    const size_t n = strlen(before[b]);
    for (size_t at = 0; at + n + 3 <= len; at++) {
      const int64_t status = memcmp(text.ptr + at, before[b], n) == 0 ? status_at(text, at + n) : 0;
      const bool closed = at + n + 3 < len && text.ptr[at + n + 3] == ')';
      if (status != 0 && (before[b][0] != '(' || closed))
        return status;
    }
  }
  return 0;
}

/* Google says how long to wait among the details: {"retryDelay": "3.5s"}. */
static int64_t retry_delay(const struct json_doc *doc, json_id details) {
  for (json_id d = json_first(doc, details); d != JSON_NONE; d = json_next(doc, details, d)) {
    purser_str delay = json_raw(doc, json_get(doc, d, "retryDelay"));
    int64_t ms;
    if (delay.len > 1 && delay.ptr[delay.len - 1] == 's' &&
        money_parse_decimal(delay.ptr, delay.len - 1, 3, &ms) == PURSER_OK && ms >= 0)
      return ms;
  }
  return -1;
}

static void read_code(struct decoder *decoder, json_id error, struct failure *failure) {
  static const char *const places[] = {"code", "status", "type", "name"};
  const struct json_doc *doc = &decoder->doc;
  for (size_t i = 0; i < COUNT(places); i++) {
    const json_id at = json_get(doc, error, places[i]);
    if (json_kind(doc, at) == JSON_NUMBER && failure->status == 0)
      failure->status = json_i64_or(doc, at, 0);
    if (json_kind(doc, at) != JSON_STRING || str_is(json_raw(doc, at), "error"))
      continue;
    /* The first one that is known, else the first one. */
    const purser_str code = emit_str(decoder, at);
    if (failure->code.len == 0 ||
        (kind_of_code(failure->code) == NULL && kind_of_code(code) != NULL))
      failure->code = code;
  }
}

bool failure_read(struct decoder *decoder, json_id id, struct failure *failure) {
  const struct json_doc *doc = &decoder->doc;
  /* Envelopes are nested in practice (a gateway's around a provider's), though not deeply. */
  for (int depth = 0; depth < 4; depth++) {
    const json_id inner = json_get(doc, id, "error");
    if (json_kind(doc, inner) == JSON_OBJECT || json_kind(doc, inner) == JSON_STRING)
      id = inner;
  }
  if (json_kind(doc, id) == JSON_STRING) {
    failure->message = emit_str(decoder, id);
    return failure->message.len > 0;
  }
  if (json_kind(doc, id) != JSON_OBJECT)
    return false;
  static const char *const texts[] = {"message", "detail", "msg"};
  for (size_t i = 0; i < COUNT(texts) && failure->message.len == 0; i++)
    failure->message = emit_content(decoder, json_get(doc, id, texts[i]));
  read_code(decoder, id, failure);
  if (failure->status < 400 || failure->status > 599)
    failure->status = status_of_code(failure->code);
  if (failure->retry_ms < 0)
    failure->retry_ms = retry_delay(doc, json_get(doc, id, "details"));
  return failure->message.len > 0 || failure->code.len > 0;
}

static void compose(struct buf *text, const struct failure *failure, const char *kind) {
  if (failure->message.len > 0) {
    buf_add(text, failure->message.ptr, failure->message.len);
  } else if (failure->status != 0) {
    buf_addf(text, "HTTP %d", (int)failure->status);
  } else if (failure->code.len > 0) {
    buf_add(text, failure->code.ptr, failure->code.len);
  } else {
    buf_adds(text, kind);
  }
  for (size_t i = 0; i < COUNT(hints); i++) {
    if (strcmp(hints[i].kind, kind) == 0)
      buf_addf(text, " - %s", hints[i].hint);
  }
  const bool waits = failure->status == 429 || failure->status >= 500;
  if (waits && failure->retry_ms > 0 && failure->retry_ms < INT64_C(1000000000))
    buf_addf(text, " (the server asks for %d s)", (int)((failure->retry_ms + 999) / 1000));
}

void failure_emit(struct decoder *decoder, const struct failure *failure) {
  const char *kind = failure_kind(failure);
  struct buf *text = &decoder->failure_text;
  buf_clear(text);
  compose(text, failure, kind);
  purser_event event = event_new(PURSER_EVENT_ERROR);
  event.flags = failure->fatal ? PURSER_FLAG_FAILED : 0;
  event.name = str_of(kind);
  event.id = failure->code;
  event.number = failure->status;
  event.number2 = failure->retry_ms;
  event.text = str_of_buf(text);
  event.at_ms = failure->at_ms;
  if (text->failed)
    decoder->status = PURSER_ENOMEM;
  emit(decoder, &event);
}
