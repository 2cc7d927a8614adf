/* truth_json.c - the truth as a JSON document, for whoever does not link it. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/json.h"
#include "truth.h"

static void write_sums(struct buf *out, const struct truth_sums *s) {
  buf_addf(out,
           "\"requests\":%lld,\"uncertain\":%lld,\"input\":%lld,\"cache_read\":%lld,"
           "\"cache_write_5m\":%lld,\"cache_write_1h\":%lld,\"output\":%lld,\"reasoning\":%lld}",
           (long long)s->requests, (long long)s->uncertain, (long long)s->input,
           (long long)s->cache_read, (long long)s->cache_write_5m, (long long)s->cache_write_1h,
           (long long)s->output, (long long)s->reasoning);
}

static void write_cut(struct buf *out, const struct truth *truth, enum truth_by by,
                      const struct zone *zone, const char *title) {
  struct truth_row *rows = NULL;
  const size_t count = truth_cut(truth, by, zone, &rows);
  buf_addf(out, ",\n\"%s\":[", title);
  for (size_t i = 0; i < count; i++) {
    buf_adds(out, i > 0 ? ",\n {" : "\n {");
    if (by == TRUTH_BY_DAY || by == TRUTH_BY_DAY_MODEL) {
      buf_adds(out, "\"day\":\"");
      calendar_write_date(out, rows[i].day);
      buf_adds(out, "\",");
    }
    if (by != TRUTH_BY_DAY) {
      buf_adds(out, "\"name\":");
      json_write_str(out, rows[i].name, strlen(rows[i].name));
      buf_addc(out, ',');
    }
    write_sums(out, &rows[i].sums);
  }
  buf_addc(out, ']');
  free(rows);
}

static void write_head(struct buf *out, const struct truth *truth) {
  struct truth_row *rows = NULL;
  const size_t count = truth_cut(truth, TRUTH_BY_NOTHING, NULL, &rows);
  const struct truth_sums none = {0};
  buf_addf(out, "{\"files\":%lld,\"bytes\":%lld,\"usage_bytes\":%lld,\"quarantined\":%lld,\n",
           (long long)truth->files, (long long)truth->bytes, (long long)truth->usage_bytes,
           (long long)truth->quarantined);
  buf_adds(out, "\"total\":{");
  write_sums(out, count > 0 ? &rows[0].sums : &none);
  free(rows);
  buf_adds(out, ",\n\"traps\":{");
  for (int i = 0; i < TRAP_COUNT; i++)
    buf_addf(out, "%s\"%s\":%lld", i > 0 ? "," : "", trap_name(i), (long long)truth->planted[i]);
  buf_addc(out, '}');
}

void truth_write(const struct truth *truth, const struct zone *zone, FILE *file) {
  struct buf out = BUF_INIT;
  struct zone *utc = NULL;
  struct error error = {0};
  if (zone_load(&utc, "UTC", &error) != PURSER_OK)
    return;
  write_head(&out, truth);
  write_cut(&out, truth, TRUTH_BY_DAY, utc, "day");
  buf_adds(&out, ",\n\"zone\":");
  json_write_str(&out, zone_name(zone), strlen(zone_name(zone)));
  write_cut(&out, truth, TRUTH_BY_DAY, zone, "zone_day");
  write_cut(&out, truth, TRUTH_BY_MODEL, utc, "model");
  write_cut(&out, truth, TRUTH_BY_WORKSPACE, utc, "workspace");
  write_cut(&out, truth, TRUTH_BY_SESSION, utc, "session");
  write_cut(&out, truth, TRUTH_BY_SIDECHAIN, utc, "chain");
  write_cut(&out, truth, TRUTH_BY_SOURCE, utc, "source");
  write_cut(&out, truth, TRUTH_BY_DAY_MODEL, utc, "day_model");
  buf_adds(&out, "}\n");
  (void)fwrite(out.data, 1, out.len, file);
  buf_fini(&out);
  zone_free(utc);
}
