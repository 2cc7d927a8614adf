/* task_words.c - see task_words.h. */
#include "advice/task_words.h"

#include <string.h>

enum {
  NEGATED_WORDS = 6 /* how far a "don't" reaches, unless its clause ends before */
};

/* "’", which keyboards and documents make of "'". */
static bool is_typographic(const char *at, const char *end) {
  return end - at >= 3 && memcmp(at, "\xe2\x80\x99", 3) == 0;
}

/* Any byte of a character beyond ASCII belongs to a word: words are never cut inside one. */
static bool is_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* What holds a word together when it stands inside it: "don't", "clang-format", "design.md", "src/lint.c" are each one. */
static bool is_joint(unsigned char c) {
  return c == '\'' || c == '-' || c == '_' || c == '.' || c == '/' || c == '@';
}

static bool ends_clause(unsigned char c) {
  return c == ',' || c == '.' || c == ';' || c == ':' || c == '!' || c == '?' || c == '(' ||
         c == ')';
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The end of the word that begins at `at`. */
static const char *word_end(const char *at, const char *end) {
  const char *last = at;
  for (const char *p = at; p < end; p++) {
    if (is_letter((unsigned char)*p))
      last = p + 1;
    else if (!is_joint((unsigned char)*p))
      break;
  }
  return last;
}

/* The next character of a word, with the apostrophe made plain; *at moves on. */
static char next_char(const char **at, const char *end) {
  if (is_typographic(*at, end)) {
    *at += 3;
    return '\'';
  }
  return lower(*(*at)++);
}

bool task_word_fits(const struct task_word *pattern, const struct task_word *word) {
  const char *p = pattern->ptr, *p_end = p + pattern->len;
  const char *w = word->ptr, *w_end = w + word->len;
  while (p < p_end && w < w_end) {
    if (next_char(&p, p_end) != next_char(&w, w_end))
      return false;
  }
  return p == p_end && (w == w_end || pattern->any_ending);
}

static bool is(const struct task_word *word, const char *text) {
  const struct task_word pattern = {.ptr = text, .len = (uint32_t)strlen(text)};
  return task_word_fits(&pattern, word);
}

static bool is_one_of(const struct task_word *word, const char *const *texts) {
  for (; *texts != NULL; texts++) {
    if (is(word, *texts))
      return true;
  }
  return false;
}

/* What the word before and this one say together. */
static bool negates(const struct task_word *before, const struct task_word *word) {
  static const char *const alone[] = {"don't", "dont", "not",   "never", "without",
                                      "no",    "nor",  "avoid", "skip",  NULL};
  if (is_one_of(word, alone))
    return true;
  return before != NULL &&
         ((is(before, "instead") && is(word, "of")) || (is(before, "rather") && is(word, "than")));
}

static bool turns(const struct task_word *word) {
  static const char *const words[] = {"but", "just", "instead", "only", "then", NULL};
  return is_one_of(word, words);
}

/* Past a fence of code: "```" or "~~~" at the beginning of a line, to the line that closes it. */
static const char *skip_fence(const char *at, const char *end) {
  const char mark = *at;
  for (const char *p = at + 3; p < end; p++) {
    if (*p == '\n' && end - p > 3 && p[1] == mark && p[2] == mark && p[3] == mark)
      return p + 4;
  }
  return end;
}

static bool is_fence(const char *text, const char *at, const char *end) {
  return (*at == '`' || *at == '~') && end - at >= 3 && at[1] == *at && at[2] == *at &&
         (at == text || at[-1] == '\n');
}

/* Past code in a line; the mark alone where it isn't closed in its line. */
static const char *skip_code(const char *at, const char *end) {
  for (const char *p = at + 1; p < end && *p != '\n'; p++) {
    if (*p == '`')
      return p + 1;
  }
  return at + 1;
}

/* A line break ends a clause where the next line begins a paragraph or an item of a list. */
static bool begins_anew(const char *at, const char *end) {
  const char *p = at + 1;
  while (p < end && (*p == ' ' || *p == '\t'))
    p++;
  return p == end || *p == '\n' || *p == '-' || *p == '*' || (*p >= '0' && *p <= '9');
}

void task_words_of_prompt(const char *text, size_t len, struct task_words *out) {
  const char *const end = text + len;
  int negated = 0;
  out->count = 0;
  for (const char *at = text; at < end && out->count < TASK_WORDS;) {
    const unsigned char c = (unsigned char)*at;
    if (is_fence(text, at, end)) {
      at = skip_fence(at, end);
      negated = 0;
    } else if (c == '`') {
      at = skip_code(at, end);
    } else if (!is_letter(c)) {
      if (ends_clause(c) || (c == '\n' && begins_anew(at, end)))
        negated = 0;
      at++;
    } else {
      const char *stop = word_end(at, end);
      struct task_word *word = &out->items[out->count];
      *word = (struct task_word){.ptr = at, .len = (uint32_t)(stop - at)};
      if (turns(word))
        negated = 0;
      word->negated = negated > 0;
      if (negates(out->count > 0 ? word - 1 : NULL, word))
        negated = NEGATED_WORDS;
      else if (negated > 0)
        negated--;
      out->count++;
      at = stop;
    }
  }
}

size_t task_words_of_pattern(const char *pattern, struct task_word *out, size_t most) {
  const char *const end = pattern + strlen(pattern);
  size_t count = 0;
  for (const char *at = pattern; at < end && count < most;) {
    if (!is_letter((unsigned char)*at)) {
      at++;
      continue;
    }
    const char *stop = word_end(at, end);
    out[count++] = (struct task_word){
        .ptr = at, .len = (uint32_t)(stop - at), .any_ending = stop < end && *stop == '*'};
    at = stop;
  }
  return count;
}
