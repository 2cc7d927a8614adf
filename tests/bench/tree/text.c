/* text.c - text without end: a pool of made-up tool output, of which any stretch can be taken. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

static const char *const words[] = {
    "ledger", "harbour", "anchor",   "cargo",   "signal",  "lantern", "tide",  "compass",
    "rudder", "voyage",  "captain",  "barrel",  "rope",    "knot",    "chart", "current",
    "mast",   "deck",    "manifest", "ballast", "pilot",   "beacon",  "quay",  "galley",
    "keel",   "sail",    "purse",    "account", "balance", "receipt",
};

static const char *word(struct dice *dice) {
  return words[dice_roll(dice) % (sizeof words / sizeof words[0])];
}

static void add_listing(struct buf *out, struct dice *dice) {
  buf_addf(out, "%6d\\t  if (%s->%s == NULL) {\\n%6d\\t    return \\\"%s %s\\\";\\n",
           dice_int(dice, 1, 4000), word(dice), word(dice), dice_int(dice, 1, 4000), word(dice),
           word(dice));
}

static void add_log(struct buf *out, struct dice *dice) {
  buf_addf(out, "[%02d:%02d:%02d] %s/%s.c:%d: %s %s the %s\\n", dice_int(dice, 0, 23),
           dice_int(dice, 0, 59), dice_int(dice, 0, 59), word(dice), word(dice),
           dice_int(dice, 1, 900), word(dice), word(dice), word(dice));
}

static void add_prose(struct buf *out, struct dice *dice) {
  for (int i = dice_int(dice, 6, 14); i > 0; i--) {
    buf_adds(out, word(dice));
    buf_adds(out, i > 1 ? " " : ". ");
  }
}

static void add_unicode(struct buf *out, struct dice *dice) {
  static const char *const bits[] = {"Übersicht: ", "naïve café ",      "航海日誌 ",       "⚓ ",
                                     "\\u2013 ",    "\\u00e9t\\u00e9 ", "\\ud83d\\udea2 ", "Ærø "};
  for (int i = dice_int(dice, 3, 8); i > 0; i--) {
    buf_adds(out, bits[dice_roll(dice) % (sizeof bits / sizeof bits[0])]);
    buf_adds(out, word(dice));
    buf_addc(out, ' ');
  }
}

static void add_paths(struct buf *out, struct dice *dice) {
  buf_addf(out, "C:\\\\%s\\\\%s\\\\%s.txt -> /srv/%s/%s\\r\\n\\u001b[32m%s\\u001b[0m ", word(dice),
           word(dice), word(dice), word(dice), word(dice), word(dice));
}

static void add_base64(struct buf *out, struct dice *dice) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = dice_int(dice, 2, 12); i > 0; i--) {
    uint64_t bits = dice_roll(dice);
    for (int k = 0; k < 10; k++, bits >>= 6)
      buf_addc(out, digits[bits & 63]);
  }
}

/* A tool that prints transcripts: everything that a line of usage has, one escape deeper. */
static void add_decoy(struct buf *out, struct dice *dice) {
  buf_addf(
      out,
      "{\\\"type\\\":\\\"assistant\\\",\\\"message\\\":{\\\"id\\\":\\\"msg_decoy%d\\\",\\\"model\\\":"
      "\\\"claude-opus-4-5\\\",\\\"usage\\\":{\\\"input_tokens\\\":%d,\\\"output_tokens\\\":%d}},"
      "\\\"requestId\\\":\\\"req_decoy\\\"}\\n",
      dice_int(dice, 1, 999), dice_int(dice, 1, 99999), dice_int(dice, 1, 9999));
}

static void add_piece(struct buf *out, struct dice *dice, bool decoys) {
  static void (*const kinds[])(struct buf * out, struct dice * dice) = {
      add_listing, add_listing, add_listing, add_log,    add_log,    add_prose,
      add_prose,   add_unicode, add_paths,   add_base64, add_base64,
  };
  if (dice_permille(dice, 10) && decoys) {
    add_decoy(out, dice);
  } else {
    kinds[dice_roll(dice) % (sizeof kinds / sizeof kinds[0])](out, dice);
  }
}

void text_make(struct text *text, size_t size, uint64_t seed, bool decoys) {
  struct dice dice = dice_for(seed, 77);
  struct buf pool = BUF_INIT;
  size_t cap = 0;
  *text = (struct text){0};
  while (pool.len < size) {
    if (text->pieces == cap) {
      cap = cap != 0 ? cap * 2 : 4096;
      text->starts = tree_grown(text->starts, cap, sizeof *text->starts);
    }
    text->starts[text->pieces++] = pool.len;
    add_piece(&pool, &dice, decoys);
  }
  text->len = pool.len;
  text->bytes = tree_grown(NULL, pool.len, 1);
  memcpy(text->bytes, buf_text(&pool), pool.len);
  buf_fini(&pool);
}

void text_free(struct text *text) {
  free(text->bytes);
  free(text->starts);
  *text = (struct text){0};
}

void text_add(const struct text *text, struct dice *dice, size_t len, struct buf *out) {
  while (len > 0) {
    size_t at = (size_t)(dice_roll(dice) % text->pieces);
    const size_t begin = text->starts[at];
    size_t low = at;
    size_t high = text->pieces;
    /* The first start that is far enough. */
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (text->starts[middle] - begin < len) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const size_t end = low < text->pieces ? text->starts[low] : text->len;
    buf_add(out, text->bytes + begin, end - begin);
    len = end - begin < len ? len - (end - begin) : 0;
  }
}
