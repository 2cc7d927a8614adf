/* task_kind.h - what kind of task a prompt asks for: formatting, a fix, a feature, architecture, or something else. Pure.
 *
 * By words and phrases, each with a weight; it costs some microseconds and no request. A guess, and used as one: it leads to a
 * suggestion, never to a change. The user's own rules come first. */
#ifndef ADVICE_TASK_KIND_H
#define ADVICE_TASK_KIND_H

#include "advice/tiers.h"
#include "base/public.h"

#define TASK_OTHER "other"

/* A rule of the user's. `match`: words, one after the other; the case of ASCII is ignored, '*' at a word's end stands for any ending.
 * One without a single letter or digit matches nothing. */
struct task_rule {
  const char *match;
  const char *kind; /* one of the built-in kinds, or the user's own */
};

struct task_kind {
  const char *kind; /* a rule's, or "formatting", "fix", "feature", "architecture", "other" */
  purser_str words; /* what of the prompt says so: points into it; empty for "other" */
};

/* The first of `rules` that fits decides; else what the built-in words say together (`builtin`), and "other" where they say nothing. Where two
 * kinds are equal it is the greater task: too small a model is the worse mistake. The prompt need not be valid UTF-8. */
void task_kind_of(const char *prompt, size_t len, const struct task_rule *rules, size_t count,
                  bool builtin, struct task_kind *out);

/* What a kind of task is well served with, unless the user says otherwise. */
struct task_choice {
  const char *effort;   /* NULL: as chosen */
  enum model_tier tier; /* TIER_UNKNOWN: as chosen */
};
struct task_choice task_kind_choice(const char *kind);

#endif
