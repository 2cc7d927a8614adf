/* test_compaction_plan.c - what of a conversation is kept. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "compaction/plan.h"

enum {
  MOST = 400
};

/* A conversation written as letters: S system, U user, A answer, c call, r result, R failed result, M summary; each result
 * belongs to the call before it that has none. */
static size_t write_items(const char *letters, struct compaction_item *items, const char *tool) {
  static const char *const ids[] = {"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9"};
  size_t count = 0;
  size_t calls = 0;
  size_t results = 0;
  for (const char *at = letters; *at != '\0'; at++) {
    struct compaction_item item = {.tokens = 100};
    switch (*at) {
    case 'S': item.kind = ITEM_SYSTEM; break;
    case 'U': item.kind = ITEM_USER; break;
    case 'A': item.kind = ITEM_ANSWER; break;
    case 'M': item.kind = ITEM_SUMMARY; break;
    case 'c':
      item.kind = ITEM_CALL;
      item.id = ids[calls++ % COUNT(ids)];
      item.name = tool;
      break;
    default:
      item.kind = ITEM_RESULT;
      item.id = ids[results++ % COUNT(ids)];
      item.failed = *at == 'R';
      item.tokens = 5000;
      break;
    }
    items[count++] = item;
  }
  return count;
}

static void the_fate_of_each_item(void **state) {
  (void)state;
  static const struct {
    const char *what, *items, *tool;
    enum plan_kind kind;
    const char *fates; /* k keep, m mask, s summarise */
  } cases[] = {
      {"old tool output is masked, the call stays", "SUcrAUAUA", "Read", PLAN_MASK, "kkkmkkkkk"},
      {"the last turns are kept whole", "SUAUcrAUcrA", "Read", PLAN_MASK, "kkkkkkkkkkk"},
      {"the middle is summarised, the user's words are not", "SUcrAUAUA", "Read", PLAN_SUMMARISE,
       "kkssskkkk"},
      {"a failure that nothing followed stays", "SUcRAUcrAUAUA", "Bash", PLAN_MASK,
       "kkkmkkkmkkkkk"},
      {"the last failure of a tool stays", "SUcrAcRAUAUA", "Bash", PLAN_SUMMARISE, "kkssskkskkkk"},
      {"the newest task list stays", "SUcrAcrAUAUA", "TodoWrite", PLAN_MASK, "kkkmkkkkkkkk"},
      {"an earlier summary goes into the new one", "SUMAcrAUAUA", "Read", PLAN_SUMMARISE,
       "kkssssskkkk"},
      {"an earlier summary alone is left", "SUMUAUA", "Read", PLAN_SUMMARISE, "kkkkkkk"},
      {"a short conversation is left", "SUcrA", "Read", PLAN_SUMMARISE, "kkkkk"},
      {"a call that was never answered goes too", "SUcAcrAUAUA", "Read", PLAN_SUMMARISE,
       "kkssssskkkk"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct compaction_item items[MOST];
    enum item_fate fates[MOST];
    struct plan plan;
    char got[MOST] = "";
    const size_t count = write_items(cases[i].items, items, cases[i].tool);
    assert_int_equal(plan_make(items, count, cases[i].kind, &plan_limits_default, fates, &plan), 0);
    for (size_t k = 0; k < count; k++)
      got[k] = "kms"[fates[k]];
    if (strcmp(got, cases[i].fates) != 0)
      fail_msg("%s: %s becomes %s, not %s", cases[i].what, cases[i].items, got, cases[i].fates);
  }
}

/* ---- properties ---- */

static char names[MOST][8];

static size_t random_items(struct rng *rng, struct compaction_item *items) {
  static const char *const tools[] = {"Read", "Bash", "TodoWrite", "Grep"};
  size_t count = 0;
  size_t calls = 0;
  items[count++] = (struct compaction_item){.kind = ITEM_SYSTEM, .tokens = 3000};
  const int64_t want = rng_between(rng, 1, MOST - 10);
  while (count < (size_t)want) {
    const int64_t dice = rng_below(rng, 10);
    if (dice < 2) {
      items[count++] =
          (struct compaction_item){.kind = ITEM_USER, .tokens = rng_between(rng, 1, 300)};
    } else if (dice < 4) {
      items[count++] =
          (struct compaction_item){.kind = ITEM_ANSWER, .tokens = rng_between(rng, 1, 900)};
    } else {
      /* Up to three calls side by side, their results in any place after them; now and then one is missing. */
      const int64_t side = rng_between(rng, 1, 3);
      for (int64_t k = 0; k < side; k++) {
        (void)snprintf(names[calls + (size_t)k], sizeof names[0], "c%zu", calls + (size_t)k);
        items[count++] = (struct compaction_item){.kind = ITEM_CALL,
                                                  .id = names[calls + (size_t)k],
                                                  .name = tools[rng_below(rng, 4)],
                                                  .tokens = rng_between(rng, 5, 200)};
      }
      if (rng_chance(rng, 20))
        items[count++] = (struct compaction_item){.kind = ITEM_USER, .tokens = 20};
      for (int64_t k = side; k-- > 0;) {
        if (rng_chance(rng, 5))
          continue;
        items[count++] = (struct compaction_item){.kind = ITEM_RESULT,
                                                  .id = names[calls + (size_t)k],
                                                  .tokens = rng_between(rng, 1, 20000),
                                                  .failed = rng_chance(rng, 10)};
      }
      calls += (size_t)side;
    }
  }
  return count;
}

/* The conversation as it is after the plan. */
static size_t carry_out(const struct compaction_item *items, size_t count,
                        const enum item_fate *fates, const struct plan *plan,
                        struct compaction_item *out) {
  size_t left = 0;
  bool summarised = false;
  for (size_t i = 0; i < count; i++) {
    if (fates[i] != FATE_SUMMARISE)
      out[left] = items[i];
    if (fates[i] == FATE_MASK)
      out[left].tokens = plan_limits_default.placeholder;
    if (fates[i] != FATE_SUMMARISE)
      left++;
    else if (!summarised)
      out[left++] = (struct compaction_item){.kind = ITEM_SUMMARY, .tokens = plan->summary_tokens};
    summarised = summarised || fates[i] == FATE_SUMMARISE;
  }
  return left;
}

static int64_t total(const struct compaction_item *items, size_t count) {
  int64_t tokens = 0;
  for (size_t i = 0; i < count; i++)
    tokens += items[i].tokens;
  return tokens;
}

static const struct compaction_item *find(const struct compaction_item *items, size_t count,
                                          enum item_kind kind, const char *id) {
  for (size_t i = 0; i < count; i++) {
    if (items[i].kind == kind && strcmp(items[i].id, id) == 0)
      return &items[i];
  }
  return NULL;
}

static void check_pairs(const struct compaction_item *before, size_t count,
                        const struct compaction_item *after, size_t left) {
  for (size_t i = 0; i < left; i++) {
    if (after[i].kind == ITEM_RESULT)
      assert_non_null(find(after, left, ITEM_CALL, after[i].id));
    if (after[i].kind == ITEM_CALL && find(before, count, ITEM_RESULT, after[i].id) != NULL)
      assert_non_null(find(after, left, ITEM_RESULT, after[i].id));
  }
}

static void check_kept(const struct compaction_item *before, size_t count,
                       const struct compaction_item *after, size_t left) {
  size_t at = 0;
  int64_t words_before = 0;
  int64_t words_after = 0;
  for (size_t i = 0; i < left; i++) {
    words_after += after[i].kind == ITEM_USER ? after[i].tokens : 0;
    if (after[i].kind == ITEM_SUMMARY)
      continue;
    while (at < count && !(before[at].kind == after[i].kind && before[at].id == after[i].id &&
                           before[at].tokens >= after[i].tokens))
      at++;
    assert_true(at < count);
    at++;
  }
  for (size_t i = 0; i < count; i++)
    words_before += before[i].kind == ITEM_USER ? before[i].tokens : 0;
  assert_int_equal(words_before, words_after);
}

static void no_orphans_nothing_new_all_the_users_words_and_no_second_time(void **state) {
  (void)state;
  struct rng rng = {.state = 3};
  const int rounds = property_seeds(2000);
  for (int round = 0; round < rounds; round++) {
    struct compaction_item before[MOST];
    struct compaction_item after[MOST];
    enum item_fate fates[MOST];
    struct plan plan;
    const size_t count = random_items(&rng, before);
    const enum plan_kind kind = rng_chance(&rng, 50) ? PLAN_MASK : PLAN_SUMMARISE;
    assert_int_equal(plan_make(before, count, kind, &plan_limits_default, fates, &plan), 0);
    const size_t left = carry_out(before, count, fates, &plan, after);
    assert_int_equal(total(after, left), plan.size_tokens);
    check_pairs(before, count, after, left);
    check_kept(before, count, after, left);
    assert_int_equal(plan_make(after, left, kind, &plan_limits_default, fates, &plan), 0);
    assert_int_equal(plan.masked + plan.summarised, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_fate_of_each_item),
      cmocka_unit_test(no_orphans_nothing_new_all_the_users_words_and_no_second_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
