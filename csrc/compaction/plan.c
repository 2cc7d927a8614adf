/* plan.c - see plan.h. */
#include "compaction/plan.h"

#include <string.h>

#include "base/mem.h"

const struct plan_limits plan_limits_default = {
    .last_turns = 2,
    .mask_from = 200,
    .placeholder = 30,
    .summary = 2000,
    .least_gain_permille = 100,
};

bool plan_is_task_list(const char *tool) {
  static const char *const names[] = {"TodoWrite",   "TaskCreate", "TaskUpdate",
                                      "update_plan", "todowrite",  "write_todos"};
  for (size_t i = 0; tool != NULL && i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(tool, names[i]) == 0)
      return true;
  }
  return false;
}

enum {
  NOBODY = -1
};

/* What is worked out for each item. */
struct note {
  int64_t partner; /* of a call its result, of a result its call; NOBODY */
  bool kept;       /* must stay word for word */
};

/* ---- pairs ---- */

static bool same_id(const struct compaction_item *a, const struct compaction_item *b) {
  return a->id != NULL && b->id != NULL && strcmp(a->id, b->id) == 0;
}

/* Results follow their calls closely, so the nearest call before that has the id and no result yet is soon found. */
static void pair_up(const struct compaction_item *items, size_t count, struct note *notes) {
  for (size_t i = 0; i < count; i++)
    notes[i] = (struct note){.partner = NOBODY};
  for (size_t i = 0; i < count; i++) {
    if (items[i].kind != ITEM_RESULT)
      continue;
    for (size_t back = i; back-- > 0;) {
      if (items[back].kind == ITEM_CALL && notes[back].partner == NOBODY &&
          same_id(&items[back], &items[i])) {
        notes[back].partner = (int64_t)i;
        notes[i].partner = (int64_t)back;
        break;
      }
    }
  }
}

/* ---- what stays ---- */

static size_t tail_start(const struct compaction_item *items, size_t count, int32_t turns) {
  size_t at = count;
  while (at > 0 && turns > 0) {
    at--;
    if (items[at].kind == ITEM_USER)
      turns--;
  }
  return turns > 0 ? 0 : at;
}

static void keep_with_partner(struct note *notes, size_t i) {
  notes[i].kept = true;
  if (notes[i].partner != NOBODY)
    notes[notes[i].partner].kept = true;
}

static bool same_tool(const struct compaction_item *a, const struct compaction_item *b) {
  return a->name != NULL && b->name != NULL && strcmp(a->name, b->name) == 0;
}

/* Whether a later call of the same tool was answered: then it tells how things stand now. */
static bool is_superseded(const struct compaction_item *items, size_t count,
                          const struct note *notes, size_t call) {
  for (size_t i = call + 1; i < count; i++) {
    if (items[i].kind == ITEM_CALL && notes[i].partner != NOBODY &&
        same_tool(&items[i], &items[call]))
      return true;
  }
  return false;
}

static void keep_what_matters(const struct compaction_item *items, size_t count, size_t tail,
                              struct note *notes) {
  for (size_t i = 0; i < count; i++) {
    const enum item_kind kind = items[i].kind;
    if (i >= tail || kind == ITEM_SYSTEM || kind == ITEM_USER)
      keep_with_partner(notes, i);
    if (kind != ITEM_CALL || notes[i].partner == NOBODY)
      continue;
    const bool matters = plan_is_task_list(items[i].name) || items[notes[i].partner].failed;
    if (matters && !is_superseded(items, count, notes, i))
      keep_with_partner(notes, i);
  }
}

/* ---- fates ---- */

static void mask(const struct compaction_item *items, size_t count, const struct note *notes,
                 const struct plan_limits *limits, enum item_fate *fates) {
  for (size_t i = 0; i < count; i++) {
    const bool old = items[i].kind == ITEM_RESULT && !notes[i].kept;
    fates[i] = old && items[i].tokens >= limits->mask_from ? FATE_MASK : FATE_KEEP;
  }
}

/* An earlier summary goes into the new one; alone it would only be written again. */
static void summarise(const struct compaction_item *items, size_t count, const struct note *notes,
                      enum item_fate *fates) {
  bool anything = false;
  for (size_t i = 0; i < count; i++)
    anything = anything || (!notes[i].kept && items[i].kind != ITEM_SUMMARY);
  for (size_t i = 0; i < count; i++)
    fates[i] = anything && !notes[i].kept ? FATE_SUMMARISE : FATE_KEEP;
}

static int64_t size_of(const struct compaction_item *items, size_t count) {
  int64_t tokens = 0;
  for (size_t i = 0; i < count; i++)
    tokens += items[i].tokens;
  return tokens;
}

void plan_measure(const struct compaction_item *items, size_t count,
                  const struct plan_limits *limits, const enum item_fate *fates, struct plan *out) {
  bool changed = false;
  int64_t summarised = 0;
  *out = (struct plan){0};
  for (size_t i = 0; i < count; i++) {
    changed = changed || fates[i] != FATE_KEEP;
    if (!changed)
      out->prefix_tokens += items[i].tokens;
    if (fates[i] == FATE_KEEP) {
      out->size_tokens += items[i].tokens;
    } else if (fates[i] == FATE_MASK) {
      out->size_tokens += limits->placeholder;
      out->masked++;
    } else {
      summarised += items[i].tokens;
      out->summarised++;
    }
  }
  /* A summary is a tenth of what it stands for, and never longer than the limit. */
  if (out->summarised > 0) {
    const int64_t tenth = summarised / 10 + 1;
    out->summary_tokens = tenth < limits->summary ? tenth : limits->summary;
    out->size_tokens += out->summary_tokens;
  }
}

int plan_make(const struct compaction_item *items, size_t count, enum plan_kind kind,
              const struct plan_limits *limits, enum item_fate *fates, struct plan *out) {
  *out = (struct plan){0};
  if (count == 0)
    return PURSER_OK;
  struct note *notes = mem_alloc(count * sizeof *notes);
  if (notes == NULL)
    return PURSER_ENOMEM;
  pair_up(items, count, notes);
  keep_what_matters(items, count, tail_start(items, count, limits->last_turns), notes);
  if (kind == PLAN_MASK)
    mask(items, count, notes, limits, fates);
  else
    summarise(items, count, notes, fates);
  plan_measure(items, count, limits, fates, out);
  mem_free(notes);
  const int64_t before = size_of(items, count);
  if (before - out->size_tokens < before / 1000 * limits->least_gain_permille ||
      out->size_tokens >= before) {
    for (size_t i = 0; i < count; i++)
      fates[i] = FATE_KEEP;
    *out = (struct plan){.prefix_tokens = before, .size_tokens = before};
  }
  return PURSER_OK;
}
