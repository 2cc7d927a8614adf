/* truth.c - see truth.h. */
#include "truth.h"

#include <stdlib.h>
#include <string.h>

#include "world.h"

void truth_init(struct truth *truth) {
  *truth = (struct truth){.keys = BUF_INIT};
}

static void names_fini(struct truth_names *names) {
  for (size_t i = 0; i < names->count; i++)
    free(names->texts[i]);
  free(names->texts);
}

void truth_fini(struct truth *truth) {
  free(truth->requests);
  buf_fini(&truth->keys);
  names_fini(&truth->models);
  names_fini(&truth->workspaces);
  names_fini(&truth->sessions);
  names_fini(&truth->resumed);
  free(truth->resumed_from);
  truth_init(truth);
}

uint32_t truth_name_new(struct truth_names *names, const char *text) {
  if (names->count == names->cap) {
    names->cap = names->cap != 0 ? names->cap * 2 : 64;
    names->texts = tree_grown(names->texts, names->cap, sizeof *names->texts);
  }
  const size_t size = strlen(text) + 1;
  char *copy = tree_grown(NULL, size, 1);
  memcpy(copy, text, size);
  names->texts[names->count] = copy;
  return (uint32_t)names->count++;
}

uint32_t truth_name(struct truth_names *names, const char *text) {
  for (size_t i = 0; i < names->count; i++) {
    if (strcmp(names->texts[i], text) == 0)
      return (uint32_t)i;
  }
  return truth_name_new(names, text);
}

void truth_same_session(struct truth *truth, const char *child, uint32_t parent) {
  const size_t at = truth_name_new(&truth->resumed, child);
  if (at >= truth->resumed_cap) {
    truth->resumed_cap = at * 2 + 8;
    truth->resumed_from =
        tree_grown(truth->resumed_from, truth->resumed_cap, sizeof *truth->resumed_from);
  }
  truth->resumed_from[at] = parent;
}

const char *truth_session(const struct truth *truth, const char *id) {
  for (size_t i = 0; i < truth->resumed.count; i++) {
    if (strcmp(truth->resumed.texts[i], id) == 0)
      return truth->sessions.texts[truth->resumed_from[i]];
  }
  return id;
}

void truth_add(struct truth *truth, const struct truth_request *request, const char *id,
               int index) {
  if (truth->count == truth->cap) {
    truth->cap = truth->cap != 0 ? truth->cap * 2 : 1024;
    truth->requests = tree_grown(truth->requests, truth->cap, sizeof *truth->requests);
  }
  struct truth_request *added = &truth->requests[truth->count++];
  *added = *request;
  added->key = truth->keys.len;
  buf_adds(&truth->keys, id);
  if (index > 0)
    buf_addf(&truth->keys, "#%d", index);
  buf_add(&truth->keys, "", 1);
  if (truth->keys.failed)
    tree_die("out of memory");
}

const char *truth_key(const struct truth *truth, const struct truth_request *request) {
  return truth->keys.data + request->key;
}

const char *truth_source_name(int source) {
  static const char *const names[TRUTH_SOURCES] = {"claude", "codex", "gemini", "opencode"};
  return names[source];
}

/* ---- cuts ---- */

static const char *name_of(const struct truth *truth, enum truth_by by,
                           const struct truth_request *r) {
  switch (by) {
  case TRUTH_BY_MODEL:
  case TRUTH_BY_DAY_MODEL: return truth->models.texts[r->model];
  case TRUTH_BY_WORKSPACE: return truth->workspaces.texts[r->workspace];
  case TRUTH_BY_SESSION: return truth->sessions.texts[r->session];
  case TRUTH_BY_SIDECHAIN: return r->sidechain ? "side" : "main";
  case TRUTH_BY_SOURCE: return truth_source_name(r->source);
  case TRUTH_BY_NOTHING:
  case TRUTH_BY_DAY: break;
  }
  return "";
}

static int compare(const void *a, const void *b) {
  const struct truth_row *x = a;
  const struct truth_row *y = b;
  if (x->day != y->day)
    return x->day < y->day ? -1 : 1;
  return strcmp(x->name, y->name);
}

void truth_sums_add(struct truth_sums *sum, const struct truth_sums *more) {
  sum->requests += more->requests;
  sum->uncertain += more->uncertain;
  sum->input += more->input;
  sum->cache_read += more->cache_read;
  sum->cache_write_5m += more->cache_write_5m;
  sum->cache_write_1h += more->cache_write_1h;
  sum->output += more->output;
  sum->reasoning += more->reasoning;
}

size_t truth_cut(const struct truth *truth, enum truth_by by, const struct zone *zone,
                 struct truth_row **rows) {
  const bool by_day = by == TRUTH_BY_DAY || by == TRUTH_BY_DAY_MODEL;
  struct truth_row *list = tree_grown(NULL, truth->count + 1, sizeof *list);
  for (size_t i = 0; i < truth->count; i++) {
    const struct truth_request *r = &truth->requests[i];
    const purser_usage *u = &r->usage;
    list[i] = (struct truth_row){by_day ? zone_day(zone, r->at_ms) : 0,
                                 name_of(truth, by, r),
                                 {1, r->uncertain, u->input, u->cache_read, u->cache_write_5m,
                                  u->cache_write_1h, u->output, u->reasoning}};
  }
  if (truth->count > 0)
    qsort(list, truth->count, sizeof *list, compare);
  size_t count = 0;
  for (size_t i = 0; i < truth->count; i++) {
    if (count > 0 && compare(&list[count - 1], &list[i]) == 0) {
      truth_sums_add(&list[count - 1].sums, &list[i].sums);
    } else {
      list[count++] = list[i];
    }
  }
  *rows = list;
  return count;
}
