/* task_words.h - the words of a prompt, as far as they tell what is asked for. Pure; nothing is copied.
 *
 * Code between backticks and in fences is left out: it is what the task is about, not what is to be done. A word is marked when a "don't",
 * "without", "rather than" and the like stands before it in the same clause. */
#ifndef ADVICE_TASK_WORDS_H
#define ADVICE_TASK_WORDS_H

#include "base/public.h"

enum {
  TASK_WORDS = 400 /* what is asked for is said early; what comes after is taken for material */
};

struct task_word {
  const char *ptr;
  uint32_t len;
  bool negated;
  bool any_ending; /* a pattern's word that ends in '*' */
};

struct task_words {
  struct task_word items[TASK_WORDS];
  size_t count;
};

void task_words_of_prompt(const char *text, size_t len, struct task_words *out);

/* The words of a pattern; '*' at a word's end stands for any ending. Answers how many, at most `most`. */
size_t task_words_of_pattern(const char *pattern, struct task_word *out, size_t most);

/* The case of ASCII is ignored, and a typographic apostrophe is a plain one. */
bool task_word_fits(const struct task_word *pattern, const struct task_word *word);

#endif
