/* task_kind.c - see task_kind.h. */
#include "advice/task_kind.h"

#include <string.h>

#include "advice/task_words.h"

/* In the order of their size: the later wins where two are equal. */
enum kind {
  FORMATTING,
  FIX,
  FEATURE,
  ARCHITECTURE,
  KINDS
};

static const struct {
  const char *name;
  struct task_choice choice;
} kinds[KINDS] = {
    {"formatting", {"low", TIER_SMALL}},
    {"fix", {"medium", TIER_MEDIUM}},
    {"feature", {NULL, TIER_MEDIUM}},
    {"architecture", {"high", TIER_LARGE}},
};

/* Weights: 2 a verb that may mean much, 3 a word that rarely means something else, 4 and 5 one that decides beside the former. */
static const struct {
  const char *match;
  enum kind kind;
  int weight;
} table[] = {
    /* What leaves the meaning as it is. */
    {"format", FORMATTING, 3},
    {"reformat*", FORMATTING, 4},
    {"re-format", FORMATTING, 4},
    {"formatting", FORMATTING, 4},
    {"formatted", FORMATTING, 2},
    {"formatting errors", FORMATTING, 5},
    {"indent*", FORMATTING, 4},
    {"whitespace*", FORMATTING, 4},
    {"white space", FORMATTING, 4},
    {"trailing space*", FORMATTING, 4},
    {"blank lines", FORMATTING, 3},
    {"line length", FORMATTING, 3},
    {"wrap lines", FORMATTING, 4},
    {"wrap the lines", FORMATTING, 4},
    {"tabs to spaces", FORMATTING, 5},
    {"spaces to tabs", FORMATTING, 5},
    {"lint*", FORMATTING, 4},
    {"lint errors", FORMATTING, 6},
    {"lint warnings", FORMATTING, 5},
    {"linter errors", FORMATTING, 6},
    {"linter warnings", FORMATTING, 5},
    {"prettier", FORMATTING, 4},
    {"stylua", FORMATTING, 4},
    {"clang-format", FORMATTING, 4},
    {"gofmt", FORMATTING, 4},
    {"rustfmt", FORMATTING, 4},
    {"eslint*", FORMATTING, 4},
    {"code style", FORMATTING, 4},
    {"style guide", FORMATTING, 4},
    {"sort imports", FORMATTING, 5},
    {"sort the imports", FORMATTING, 5},
    {"order the imports", FORMATTING, 5},
    {"organize imports", FORMATTING, 5},
    {"organise imports", FORMATTING, 5},
    {"unused imports", FORMATTING, 4},
    {"unused import", FORMATTING, 4},
    {"unused variable*", FORMATTING, 4},
    {"semicolon*", FORMATTING, 3},
    {"typo*", FORMATTING, 5},
    {"spelling", FORMATTING, 5},
    {"misspel*", FORMATTING, 5},
    {"spelling errors", FORMATTING, 6},
    {"spelling mistakes", FORMATTING, 6},
    {"grammar", FORMATTING, 4},
    {"punctuation", FORMATTING, 4},
    {"capitaliz*", FORMATTING, 3},
    {"capitalis*", FORMATTING, 3},
    {"alphabetical*", FORMATTING, 4},
    {"rename", FORMATTING, 4},
    {"align", FORMATTING, 3},
    {"tidy", FORMATTING, 3},
    {"tidy up", FORMATTING, 3},
    {"quotes", FORMATTING, 2},
    {"snake_case", FORMATTING, 3},
    {"camelcase", FORMATTING, 3},

    /* What is there and does not do what it should. */
    {"fix", FIX, 2},
    {"fixes", FIX, 2},
    {"fixing", FIX, 2},
    {"bug", FIX, 4},
    {"bugs", FIX, 4},
    {"bugfix", FIX, 5},
    {"hotfix", FIX, 5},
    {"debug*", FIX, 4},
    {"error", FIX, 2},
    {"errors", FIX, 2},
    {"error handling", FEATURE, 2},
    {"error message*", FIX, 2},
    {"exception", FIX, 2},
    {"exceptions", FIX, 2},
    {"traceback", FIX, 5},
    {"stack trace", FIX, 5},
    {"stacktrace", FIX, 5},
    {"crash*", FIX, 5},
    {"segfault*", FIX, 5},
    {"panic*", FIX, 3},
    {"broken", FIX, 4},
    {"break", FIX, 2},
    {"breaks", FIX, 3},
    {"fail", FIX, 2},
    {"fails", FIX, 3},
    {"failed", FIX, 3},
    {"failing", FIX, 4},
    {"failure*", FIX, 3},
    {"doesn't work", FIX, 5},
    {"does not work", FIX, 5},
    {"don't work", FIX, 5},
    {"not working", FIX, 5},
    {"isn't working", FIX, 5},
    {"stopped working", FIX, 5},
    {"no longer works", FIX, 5},
    {"doesn't compile", FIX, 5},
    {"does not compile", FIX, 5},
    {"won't compile", FIX, 5},
    {"won't start", FIX, 5},
    {"should not", FIX, 1},
    {"shouldn't", FIX, 1},
    {"wrong", FIX, 3},
    {"wrongly", FIX, 3},
    {"incorrect*", FIX, 3},
    {"unexpected*", FIX, 2},
    {"regression*", FIX, 4},
    {"off by one", FIX, 5},
    {"off-by-one", FIX, 5},
    {"null pointer", FIX, 4},
    {"memory leak*", FIX, 5},
    {"leak*", FIX, 3},
    {"deadlock*", FIX, 4},
    {"race condition*", FIX, 4},
    {"flaky", FIX, 5},
    {"hangs", FIX, 4},
    {"freezes", FIX, 4},
    {"repair", FIX, 4},
    {"resolve", FIX, 2},
    {"why does", FIX, 2},
    {"why is", FIX, 1},

    /* What is not there yet. */
    {"add", FEATURE, 3},
    {"adds", FEATURE, 2},
    {"implement", FEATURE, 4},
    {"implementing", FEATURE, 3},
    {"implementation", FEATURE, 1},
    {"feature*", FEATURE, 3},
    {"create", FEATURE, 3},
    {"build a", FEATURE, 3},
    {"build an", FEATURE, 3},
    {"build the", FEATURE, 2},
    {"write a", FEATURE, 3},
    {"write an", FEATURE, 3},
    {"write the", FEATURE, 2},
    {"write tests", FEATURE, 4},
    {"write unit tests", FEATURE, 4},
    {"unit tests", FEATURE, 2},
    {"make a", FEATURE, 2},
    {"make it possible", FEATURE, 4},
    {"new option", FEATURE, 3},
    {"new command", FEATURE, 3},
    {"new", FEATURE, 1},
    {"support", FEATURE, 2},
    {"support for", FEATURE, 3},
    {"extend", FEATURE, 3},
    {"introduce", FEATURE, 2},
    {"generate", FEATURE, 2},
    {"integrate", FEATURE, 3},
    {"allow", FEATURE, 2},
    {"enable", FEATURE, 2},
    {"expose", FEATURE, 2},
    {"port", FEATURE, 1},
    {"endpoint", FEATURE, 1},

    /* What decides how the rest will be made. */
    {"architect*", ARCHITECTURE, 5},
    {"re-architect", ARCHITECTURE, 6},
    {"design", ARCHITECTURE, 4},
    {"design a", ARCHITECTURE, 5},
    {"design an", ARCHITECTURE, 5},
    {"design the", ARCHITECTURE, 5},
    {"system design", ARCHITECTURE, 6},
    {"redesign", ARCHITECTURE, 5},
    {"refactor*", ARCHITECTURE, 4},
    {"restructur*", ARCHITECTURE, 5},
    {"reorgani*", ARCHITECTURE, 4},
    {"rewrite", ARCHITECTURE, 3},
    {"from scratch", ARCHITECTURE, 3},
    {"trade-off*", ARCHITECTURE, 5},
    {"tradeoff*", ARCHITECTURE, 5},
    {"pros and cons", ARCHITECTURE, 5},
    {"compare approaches", ARCHITECTURE, 5},
    {"which approach", ARCHITECTURE, 4},
    {"data model*", ARCHITECTURE, 4},
    {"threat model*", ARCHITECTURE, 5},
    {"schema", ARCHITECTURE, 2},
    {"migrate", ARCHITECTURE, 3},
    {"migration*", ARCHITECTURE, 2},
    {"microservice*", ARCHITECTURE, 4},
    {"monolith*", ARCHITECTURE, 4},
    {"decouple*", ARCHITECTURE, 4},
    {"layers", ARCHITECTURE, 2},
    {"layering", ARCHITECTURE, 3},
    {"scalab*", ARCHITECTURE, 4},
    {"scale", ARCHITECTURE, 2},
    {"strategy", ARCHITECTURE, 2},
    {"roadmap", ARCHITECTURE, 4},
    {"rfc", ARCHITECTURE, 3},
    {"proposal", ARCHITECTURE, 3},
    {"plan", ARCHITECTURE, 2},
    {"module boundaries", ARCHITECTURE, 5},
    {"split into", ARCHITECTURE, 2},
    {"rethink", ARCHITECTURE, 4},
};

enum {
  PATTERN_WORDS = 12,
  FIRST_WORDS = 5,  /* "please", "can you" and then what to do */
  FIRST_WEIGHT = 1, /* of several things, the one that is named there first is what is wanted */
  LEAST_WEIGHT = 2
};

/* How many words of the prompt from `at` on the pattern takes; 0: it doesn't fit there. What is said not to do doesn't count. */
static size_t fits_at(const struct task_words *words, size_t at, const struct task_word *pattern,
                      size_t count) {
  if (count == 0 || count > words->count - at || words->items[at].negated)
    return 0;
  for (size_t i = 0; i < count; i++) {
    if (!task_word_fits(&pattern[i], &words->items[at + i]))
      return 0;
  }
  return count;
}

static purser_str span(const struct task_words *words, size_t at, size_t count) {
  const struct task_word *first = &words->items[at], *last = &words->items[at + count - 1];
  return (purser_str){first->ptr, (size_t)(last->ptr + last->len - first->ptr)};
}

static bool by_rule(const struct task_words *words, const struct task_rule *rule,
                    struct task_kind *out) {
  struct task_word pattern[PATTERN_WORDS];
  const size_t count = task_words_of_pattern(rule->match, pattern, PATTERN_WORDS);
  for (size_t at = 0; at < words->count; at++) {
    if (fits_at(words, at, pattern, count) > 0) {
      *out = (struct task_kind){rule->kind, span(words, at, count)};
      return true;
    }
  }
  return false;
}

/* The longest phrase that stands there, the weightiest of several. */
static size_t phrase_at(const struct task_words *words, size_t at, size_t *row) {
  const char first = *words->items[at].ptr;
  const char lower = first >= 'A' && first <= 'Z' ? (char)(first - 'A' + 'a') : first;
  size_t longest = 0;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    struct task_word pattern[PATTERN_WORDS];
    if (table[i].match[0] != lower)
      continue; /* most of them: nothing is taken apart for nothing */
    const size_t count = task_words_of_pattern(table[i].match, pattern, PATTERN_WORDS);
    const size_t taken = fits_at(words, at, pattern, count);
    if (taken > longest ||
        (taken == longest && taken > 0 && table[i].weight > table[*row].weight)) {
      longest = taken;
      *row = i;
    }
  }
  return longest;
}

static void by_table(const struct task_words *words, struct task_kind *out) {
  int weight[KINDS] = {0}, heaviest[KINDS] = {0};
  purser_str said[KINDS] = {{0}};
  bool first = true;
  for (size_t at = 0; at < words->count;) {
    size_t row = 0;
    const size_t taken = phrase_at(words, at, &row);
    if (taken == 0) {
      at++;
      continue;
    }
    const enum kind kind = table[row].kind;
    const int worth = table[row].weight + (first && at < FIRST_WORDS ? FIRST_WEIGHT : 0);
    first = false;
    weight[kind] += worth;
    if (worth > heaviest[kind]) {
      heaviest[kind] = worth;
      said[kind] = span(words, at, taken);
    }
    at += taken;
  }
  int best = 0;
  for (int kind = 0; kind < KINDS; kind++) {
    if (weight[kind] >= weight[best])
      best = kind;
  }
  if (weight[best] >= LEAST_WEIGHT)
    *out = (struct task_kind){kinds[best].name, said[best]};
}

void task_kind_of(const char *prompt, size_t len, const struct task_rule *rules, size_t count,
                  bool builtin, struct task_kind *out) {
  struct task_words words;
  task_words_of_prompt(prompt, len, &words);
  *out = (struct task_kind){.kind = TASK_OTHER};
  for (size_t i = 0; i < count; i++) {
    if (by_rule(&words, &rules[i], out))
      return;
  }
  if (builtin)
    by_table(&words, out);
}

struct task_choice task_kind_choice(const char *kind) {
  for (int i = 0; i < KINDS; i++) {
    if (strcmp(kinds[i].name, kind) == 0)
      return kinds[i].choice;
  }
  return (struct task_choice){NULL, TIER_UNKNOWN};
}
