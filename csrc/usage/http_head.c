/* http_head.c - see http_head.h. */
#include "usage/http_head.h"

#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "base/money.h"

void http_head_init(struct http_head *head) {
  *head = (struct http_head){.retry_after_ms = -1,
                             .request_id = BUF_INIT,
                             .location = BUF_INIT,
                             .date_ms = INT64_MIN,
                             .retry_after_at_ms = INT64_MIN};
}

void http_head_fini(struct http_head *head) {
  buf_fini(&head->request_id);
  buf_fini(&head->location);
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* `n` digits at `text`, or -1. */
static int32_t digits(const char *text, size_t n) {
  int32_t value = 0;
  for (size_t i = 0; i < n; i++) {
    if (!is_digit(text[i]))
      return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool http_head_status_line(struct http_head *head, const char *line, size_t len) {
  if (len < 5 || memcmp(line, "HTTP/", 5) != 0)
    return false;
  size_t at = 5;
  while (at < len && (is_digit(line[at]) || line[at] == '.'))
    at++;
  if (at == 5 || len - at < 4 || line[at] != ' ')
    return false;
  const int32_t status = digits(line + at + 1, 3);
  if (status < 0 || (len - at > 4 && line[at + 4] != ' '))
    return false;
  head->status = status;
  head->retry_after_ms = -1;
  head->date_ms = INT64_MIN;
  head->retry_after_at_ms = INT64_MIN;
  buf_clear(&head->request_id);
  buf_clear(&head->location);
  return true;
}

int http_date_parse(const char *text, size_t len, int64_t *utc_ms) {
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  /* "Wed, 21 Oct 2015 07:28:00 GMT" */
  if (len != 29 || memcmp(text + 3, ", ", 2) != 0 || memcmp(text + 25, " GMT", 4) != 0)
    return PURSER_EPARSE;
  int32_t month = 0;
  for (int32_t m = 0; m < 12; m++) {
    if (memcmp(months + (size_t)m * 3, text + 8, 3) == 0)
      month = m + 1;
  }
  const struct civil date = {digits(text + 12, 4), month, digits(text + 5, 2)};
  const int32_t hour = digits(text + 17, 2);
  const int32_t minute = digits(text + 20, 2);
  const int32_t second = digits(text + 23, 2);
  if (date.year < 0 || month == 0 || date.day < 1 ||
      date.day > calendar_days_in_month(date.year, month) || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 60)
    return PURSER_EPARSE;
  *utc_ms = calendar_days(date) * CALENDAR_DAY_MS +
            ((int64_t)hour * 3600 + (int64_t)minute * 60 + second) * 1000;
  return PURSER_OK;
}

static void on_retry_after(struct http_head *head, const char *value, size_t len) {
  int64_t ms;
  if (money_parse_decimal(value, len, 3, &ms) == PURSER_OK) {
    if (ms >= 0 && head->retry_after_ms < 0)
      head->retry_after_ms = ms;
  } else if (http_date_parse(value, len, &ms) == PURSER_OK) {
    head->retry_after_at_ms = ms;
  }
}

/* OpenAI's finer one wins over Retry-After's whole seconds, in whichever order they come. */
static void on_retry_after_ms(struct http_head *head, const char *value, size_t len) {
  int64_t ms;
  if (money_parse_decimal(value, len, 0, &ms) == PURSER_OK && ms >= 0)
    head->retry_after_ms = ms;
}

static void on_date(struct http_head *head, const char *value, size_t len) {
  int64_t ms;
  if (http_date_parse(value, len, &ms) == PURSER_OK)
    head->date_ms = ms;
}

static void on_request_id(struct http_head *head, const char *value, size_t len) {
  if (head->request_id.len == 0)
    buf_add(&head->request_id, value, len);
}

static void on_location(struct http_head *head, const char *value, size_t len) {
  buf_clear(&head->location);
  buf_add(&head->location, value, len);
}

static const struct {
  const char *name;
  void (*take)(struct http_head *head, const char *value, size_t len);
} fields[] = {
    {"retry-after", on_retry_after},
    {"retry-after-ms", on_retry_after_ms},
    {"date", on_date},
    {"request-id", on_request_id},
    {"x-request-id", on_request_id},
    {"location", on_location},
    {"x-goog-request-id", on_request_id},
};

void http_head_field(struct http_head *head, const char *line, size_t len) {
  const char *colon = memchr(line, ':', len);
  if (colon == NULL)
    return;
  const size_t name_len = (size_t)(colon - line);
  size_t from = name_len + 1;
  while (from < len && (line[from] == ' ' || line[from] == '\t'))
    from++;
  while (len > from && (line[len - 1] == ' ' || line[len - 1] == '\t'))
    len--;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    if (strlen(fields[i].name) == name_len && strncasecmp(fields[i].name, line, name_len) == 0)
      fields[i].take(head, line + from, len - from);
  }
}

void http_head_finish(struct http_head *head) {
  if (head->retry_after_ms >= 0 || head->retry_after_at_ms == INT64_MIN ||
      head->date_ms == INT64_MIN)
    return;
  const int64_t delay = head->retry_after_at_ms - head->date_ms;
  head->retry_after_ms = delay > 0 ? delay : 0;
}
