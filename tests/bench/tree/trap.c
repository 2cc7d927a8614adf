/* trap.c - see trap.h. */
#include "trap.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char *const names[TRAP_COUNT] = {
    [TRAP_STREAMED] = "streamed",
    [TRAP_NO_REQUEST_ID] = "no_request_id",
    [TRAP_NULL_ID] = "null_id",
    [TRAP_RESTATED] = "restated",
    [TRAP_RESUME_COPY] = "resume_copy",
    [TRAP_FORK_COPY] = "fork_copy",
    [TRAP_SIDECHAIN] = "sidechain",
    [TRAP_SIDECHAIN_REPLAY] = "sidechain_replay",
    [TRAP_SYNTHETIC] = "synthetic",
    [TRAP_CACHE_SHAPES] = "cache_shapes",
    [TRAP_CACHE_ZEROS] = "cache_zeros",
    [TRAP_ITERATIONS] = "iterations",
    [TRAP_HALF_LINE] = "half_line",
    [TRAP_TORN_LINE] = "torn_line",
    [TRAP_LONG_CONTEXT] = "long_context",
    [TRAP_SPEED] = "speed",
    [TRAP_HUGE_LINE] = "huge_line",
    [TRAP_NUL_BYTES] = "nul_bytes",
    [TRAP_DECOY] = "decoy",
    [TRAP_DUPLICATE_KEYS] = "duplicate_keys",
    [TRAP_NUMBERS] = "numbers",
    [TRAP_DATES] = "dates",
    [TRAP_ESCAPED_NAMES] = "escaped_names",
    [TRAP_KEY_ORDER] = "key_order",
    [TRAP_REUSED_ID] = "reused_id",
    [TRAP_MIDNIGHT] = "midnight",
    [TRAP_MOVED] = "moved",
    [TRAP_CRLF] = "crlf",
    [TRAP_STRAY_FILES] = "stray_files",
    [TRAP_COST_STATE] = "cost_state",
    [TRAP_CODEX_REEMITTED] = "codex_reemitted",
    [TRAP_CODEX_REPLAY] = "codex_replay",
    [TRAP_CODEX_PAGINATED] = "codex_paginated",
    [TRAP_CODEX_NO_LINEAGE] = "codex_no_lineage",
    [TRAP_CODEX_EQUAL_TURNS] = "codex_equal_turns",
    [TRAP_CODEX_RESET] = "codex_reset",
    [TRAP_CODEX_ARCHIVED] = "codex_archived",
    [TRAP_CODEX_SUBAGENT] = "codex_subagent",
    [TRAP_GEMINI_RESTATED] = "gemini_restated",
    [TRAP_OPENCODE_FORK] = "opencode_fork",
};

const uint64_t traps_everyday =
    TRAPS_ALL &
    ~(TRAP_BIT(TRAP_ITERATIONS) | TRAP_BIT(TRAP_DUPLICATE_KEYS) | TRAP_BIT(TRAP_NUMBERS) |
      TRAP_BIT(TRAP_DATES) | TRAP_BIT(TRAP_KEY_ORDER) | TRAP_BIT(TRAP_MIDNIGHT) |
      TRAP_BIT(TRAP_NUL_BYTES) | TRAP_BIT(TRAP_SPEED) | TRAP_BIT(TRAP_REUSED_ID) |
      TRAP_BIT(TRAP_CACHE_ZEROS) | TRAP_BIT(TRAP_ESCAPED_NAMES));

const char *trap_name(int trap) {
  return trap >= 0 && trap < TRAP_COUNT ? names[trap] : NULL;
}

static int mask_of(const char *name, size_t len, uint64_t *out) {
  static const char all[] = "all";
  static const char none[] = "none";
  static const char everyday[] = "everyday";
  if (len == sizeof all - 1 && memcmp(name, all, len) == 0) {
    *out = TRAPS_ALL;
    return 0;
  }
  if (len == sizeof none - 1 && memcmp(name, none, len) == 0) {
    *out = 0;
    return 0;
  }
  if (len == sizeof everyday - 1 && memcmp(name, everyday, len) == 0) {
    *out = traps_everyday;
    return 0;
  }
  for (int i = 0; i < TRAP_COUNT; i++) {
    if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
      *out = TRAP_BIT(i);
      return 0;
    }
  }
  return -1;
}

int traps_parse(const char *text, uint64_t *out) {
  uint64_t traps = 0;
  while (*text != '\0') {
    const bool without = *text == '-';
    text += without;
    const size_t len = strcspn(text, ",");
    uint64_t mask = 0;
    if (mask_of(text, len, &mask) != 0)
      return -1;
    traps = without ? traps & ~mask : traps | mask;
    text += len;
    text += *text == ',';
  }
  *out = traps;
  return 0;
}
