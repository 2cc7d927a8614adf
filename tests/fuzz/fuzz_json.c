/* fuzz_json.c - any bytes for the JSON reader: whatever it accepts can be walked, asked for numbers and texts, and written. */
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct json_doc doc = JSON_DOC_INIT;
  struct buf text = BUF_INIT;
  if (json_parse(&doc, (const char *)data, size) == PURSER_OK) {
    for (json_id id = 0; (size_t)id < doc.count; id++) {
      int64_t value = 0;
      buf_clear(&text);
      json_add_text(&doc, id, &text);
      (void)json_i64(&doc, id, &value);
      (void)json_decimal(&doc, id, 9, &value);
      (void)json_path(&doc, id, "a.b.c");
      for (json_id child = json_first(&doc, id); child != JSON_NONE;
           child = json_next(&doc, id, child))
        (void)json_key(&doc, child);
      const purser_str raw = json_raw(&doc, id);
      json_write_str(&text, raw.ptr, raw.len);
    }
  }
  json_fini(&doc);
  buf_fini(&text);
  return 0;
}
