/* price_file_io.c - price files and the disk, and writing them; see price_file.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "pricing/price_file.h"

enum {
  FILE_MAX = 64 * 1024 * 1024
};

static int read_stream(FILE *file, struct buf *content) {
  for (;;) {
    if (buf_reserve(content, 65536) != PURSER_OK)
      return PURSER_ENOMEM;
    const size_t got = fread(content->data + content->len, 1, 65536, file);
    content->len += got;
    if (got == 0)
      return ferror(file) ? PURSER_EIO : PURSER_OK;
    if (content->len > FILE_MAX)
      return PURSER_ERANGE;
  }
}

int price_file_slurp(const char *path, char **text, size_t *len, struct error *error) {
  *text = NULL;
  *len = 0;
  FILE *file = fopen(path, "rbe");
  if (file == NULL && (errno == ENOENT || errno == ENOTDIR))
    return error_set(error, PURSER_ENOTFOUND, "%s: no such file", path);
  if (file == NULL)
    return error_set(error, PURSER_EIO, "%s: %s", path, strerror(errno));
  struct buf content = BUF_INIT;
  errno = 0;
  int status = read_stream(file, &content);
  const int cause = errno;
  fclose(file);
  if (status == PURSER_ERANGE)
    error_set(error, status, "%s: too large to be a price list", path);
  if (status == PURSER_EIO)
    error_set(error, status, "%s: %s", path, cause != 0 ? strerror(cause) : "reading failed");
  if (status == PURSER_ENOMEM)
    error_set(error, status, "%s: out of memory", path);
  if (status == PURSER_OK) {
    buf_addc(&content, '\0');
    *len = content.len - 1;
    *text = buf_detach(&content);
    if (*text == NULL)
      status = error_set(error, PURSER_ENOMEM, "%s: out of memory", path);
  }
  buf_fini(&content);
  return status;
}

static void write_key(struct buf *out, const char *key) {
  json_write_str(out, key, strlen(key));
  buf_adds(out, ": ");
}

static void write_rate(struct buf *out, const char *key, int64_t rate) {
  if (rate < 0)
    return;
  buf_adds(out, ", ");
  write_key(out, key);
  money_write_dollars(out, rate);
}

static void write_rates(struct buf *out, const struct rates *rates) {
  buf_adds(out, "\"input\": ");
  money_write_dollars(out, rates->input);
  write_rate(out, "cache_read", rates->cache_read);
  write_rate(out, "cache_write_5m", rates->cache_write_5m);
  write_rate(out, "cache_write_1h", rates->cache_write_1h);
  write_rate(out, "output", rates->output);
  write_rate(out, "reasoning", rates->reasoning);
}

static void write_classes(struct buf *out, const struct draft_card *card, int64_t above) {
  for (size_t i = 0; i < card->step_count; i++) {
    const struct price_step *step = &card->steps[i];
    if (step->class == CLASS_STANDARD || step->above != above)
      continue;
    buf_adds(out, ", ");
    write_key(out, price_class_name(step->class));
    buf_addc(out, '{');
    write_rates(out, &step->rates);
    buf_addc(out, '}');
  }
}

static void write_above(struct buf *out, const struct draft_card *card) {
  bool any = false;
  for (size_t i = 1; i < card->step_count && card->steps[i].class == CLASS_STANDARD; i++) {
    buf_adds(out, any ? ", " : ", \"above\": {");
    any = true;
    buf_addf(out, "\"%lld\": {", (long long)card->steps[i].above);
    write_rates(out, &card->steps[i].rates);
    write_classes(out, card, card->steps[i].above);
    buf_addc(out, '}');
  }
  if (any)
    buf_addc(out, '}');
}

static void write_card(struct buf *out, const struct draft_card *card) {
  buf_addc(out, '{');
  if (card->valid_from != ALWAYS) {
    buf_adds(out, "\"valid_from\": \"");
    calendar_write_date(out, card->valid_from);
    buf_adds(out, "\", ");
  }
  write_rates(out, &card->steps[0].rates);
  write_classes(out, card, 0);
  write_above(out, card);
  if (card->web_search >= 0) {
    buf_adds(out, ", \"web_search\": ");
    struct buf amount = BUF_INIT;
    money_write_dollars(&amount, card->web_search * 1000);
    buf_adds(out, buf_text(&amount));
    out->failed = out->failed || amount.failed;
    buf_fini(&amount);
  }
  for (size_t i = 0; i < card->uplift_count; i++) {
    buf_adds(out, i == 0 ? ", \"regions\": {" : ", ");
    write_key(out, card->uplifts[i].region);
    buf_addf(out, "%d.%03d", (int)(card->uplifts[i].permille / 1000),
             (int)(card->uplifts[i].permille % 1000));
  }
  buf_adds(out, card->uplift_count != 0 ? "}}" : "}");
}

static void write_model(struct buf *out, const struct draft_model *model) {
  buf_adds(out, "      ");
  write_key(out, model->name);
  buf_addc(out, '{');
  for (size_t i = 0; i < model->name_count; i++) {
    buf_adds(out, i == 0 ? "\"names\": [" : ", ");
    json_write_str(out, model->names[i], strlen(model->names[i]));
  }
  if (model->name_count != 0)
    buf_adds(out, "], ");
  if (model->context_window > 0)
    buf_addf(out, "\"context_window\": %lld, ", (long long)model->context_window);
  if (model->max_output > 0)
    buf_addf(out, "\"max_output\": %lld, ", (long long)model->max_output);
  buf_adds(out, "\"cards\": [");
  for (size_t i = 0; i < model->card_count; i++) {
    buf_adds(out, i == 0 ? "\n        " : ",\n        ");
    write_card(out, &model->cards[i]);
  }
  buf_adds(out, "]}");
}

void price_file_write(struct buf *out, const struct draft_set *drafts, const char *source) {
  buf_adds(out, "{\n");
  if (drafts->as_of != ALWAYS) {
    buf_adds(out, "  \"as_of\": \"");
    calendar_write_date(out, drafts->as_of);
    buf_adds(out, "\",\n");
  }
  buf_adds(out, "  ");
  write_key(out, "source");
  json_write_str(out, source, strlen(source));
  buf_adds(out, ",\n  \"providers\": {");
  const char *open = "";
  /* One object per provider, in the order of their first models: few enough to look for them again each time. */
  for (size_t i = 0; i < drafts->model_count; i++) {
    const char *provider = drafts->models[i]->provider;
    bool done = false;
    for (size_t k = 0; k < i && !done; k++)
      done = strcmp(drafts->models[k]->provider, provider) == 0;
    if (done)
      continue;
    buf_addf(out, "%s\n    ", open);
    write_key(out, provider);
    buf_adds(out, "{\"models\": {");
    const char *comma = "\n";
    for (size_t k = i; k < drafts->model_count; k++) {
      if (strcmp(drafts->models[k]->provider, provider) != 0)
        continue;
      buf_adds(out, comma);
      write_model(out, drafts->models[k]);
      comma = ",\n";
    }
    buf_adds(out, "\n    }}");
    open = ",";
  }
  buf_adds(out, "\n  }\n}\n");
}
