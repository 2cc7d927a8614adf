/* scan.c - see scan.h. The vector forms look at two letters of the mark that are rarely that far apart in anything else. */
#include "import/scan.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define MARK "\"usage\""

enum {
  MARK_SIZE = sizeof MARK - 1
};

_Static_assert(SCAN_OVERLAP == MARK_SIZE - 1, "what a mark may have before a seam");

size_t scan_line_portable(const char *bytes, size_t from, size_t len, size_t *usage) {
  if (from >= len)
    return len;
  const char *newline = memchr(bytes + from, '\n', len - from);
  const size_t end = newline != NULL ? (size_t)(newline - bytes) : len;
  if (*usage == SCAN_NONE) {
    const char *mark = memmem(bytes + from, end - from, MARK, MARK_SIZE);
    if (mark != NULL)
      *usage = (size_t)(mark - bytes);
  }
  return end;
}

#if defined(__x86_64__)

/* Is there a mark whose second letter stands at `at`? */
static bool is_mark(const char *bytes, size_t at, size_t from, size_t len) {
  return at > from && len - at >= MARK_SIZE - 1 && memcmp(bytes + at - 1, MARK, MARK_SIZE) == 0;
}

enum {
  LETTERS_APART = 3 /* from the u to the g of the mark */
};

/* What is left when whole blocks are done: shorter than a block. */
static size_t scan_rest(const char *bytes, size_t from, size_t at, size_t len, size_t *usage) {
  /* A mark may have begun in the last block. */
  const size_t back = at - from < MARK_SIZE ? from : at - MARK_SIZE;
  return scan_line_portable(bytes, back, len, usage);
}

/* Goes through the interesting bytes of a block: 1 at the newline (*out), 0 when the block is done. */
static int take_block(const char *bytes, size_t block, uint64_t newlines, uint64_t marks,
                      size_t from, size_t len, size_t *usage, size_t *out) {
  const uint64_t before = newlines != 0 ? (newlines & (~newlines + 1)) - 1 : ~UINT64_C(0);
  marks &= before;
  while (marks != 0 && *usage == SCAN_NONE) {
    const size_t at = block + (size_t)__builtin_ctzll(marks);
    if (is_mark(bytes, at, from, len))
      *usage = at - 1;
    marks &= marks - 1;
  }
  if (newlines == 0)
    return 0;
  *out = block + (size_t)__builtin_ctzll(newlines);
  return 1;
}

static size_t scan_line_sse2(const char *bytes, size_t from, size_t len, size_t *usage) {
  enum {
    BLOCK = 16
  };
  const __m128i newline = _mm_set1_epi8('\n');
  const __m128i u = _mm_set1_epi8('u');
  const __m128i g = _mm_set1_epi8('g');
  size_t at = from;
  size_t end;
  for (; at < len && len - at >= BLOCK + LETTERS_APART; at += BLOCK) {
    const __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(bytes + at));
    const __m128i there =
        _mm_loadu_si128((const __m128i *)(const void *)(bytes + at + LETTERS_APART));
    const __m128i lines = _mm_cmpeq_epi8(here, newline);
    const __m128i marks = _mm_and_si128(_mm_cmpeq_epi8(here, u), _mm_cmpeq_epi8(there, g));
    if (_mm_movemask_epi8(_mm_or_si128(lines, marks)) == 0)
      continue;
    if (take_block(bytes, at, (uint32_t)_mm_movemask_epi8(lines),
                   (uint32_t)_mm_movemask_epi8(marks), from, len, usage, &end) != 0)
      return end;
  }
  return scan_rest(bytes, from, at, len, usage);
}

#define AVX2 __attribute__((target("avx2")))

/* Two vectors at a time; interesting bytes are rare. */
AVX2 static size_t scan_line_avx2(const char *bytes, size_t from, size_t len, size_t *usage) {
  enum {
    HALF = 32,
    BLOCK = 2 * HALF
  };
  const __m256i newline = _mm256_set1_epi8('\n');
  const __m256i u = _mm256_set1_epi8('u');
  const __m256i g = _mm256_set1_epi8('g');
  size_t at = from;
  size_t end;
  for (; at < len && len - at >= BLOCK + LETTERS_APART; at += BLOCK) {
    const char *p = bytes + at;
    const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + HALF));
    const __m256i a_g = _mm256_loadu_si256((const __m256i *)(const void *)(p + LETTERS_APART));
    const __m256i b_g =
        _mm256_loadu_si256((const __m256i *)(const void *)(p + HALF + LETTERS_APART));
    const __m256i lines_a = _mm256_cmpeq_epi8(a, newline);
    const __m256i lines_b = _mm256_cmpeq_epi8(b, newline);
    const __m256i marks_a = _mm256_and_si256(_mm256_cmpeq_epi8(a, u), _mm256_cmpeq_epi8(a_g, g));
    const __m256i marks_b = _mm256_and_si256(_mm256_cmpeq_epi8(b, u), _mm256_cmpeq_epi8(b_g, g));
    const __m256i any =
        _mm256_or_si256(_mm256_or_si256(lines_a, lines_b), _mm256_or_si256(marks_a, marks_b));
    if (_mm256_testz_si256(any, any) != 0)
      continue;
    const uint64_t lines = (uint32_t)_mm256_movemask_epi8(lines_a) |
                           (uint64_t)(uint32_t)_mm256_movemask_epi8(lines_b) << HALF;
    const uint64_t marks = (uint32_t)_mm256_movemask_epi8(marks_a) |
                           (uint64_t)(uint32_t)_mm256_movemask_epi8(marks_b) << HALF;
    if (take_block(bytes, at, lines, marks, from, len, usage, &end) != 0)
      return end;
  }
  return scan_rest(bytes, from, at, len, usage);
}

#endif

static const struct scan_way ways[] = {
    {"portable", scan_line_portable},
#if defined(__x86_64__)
    {"sse2", scan_line_sse2},
    {"avx2", scan_line_avx2},
#endif
};

size_t scan_ways(const struct scan_way **out) {
  size_t count = sizeof ways / sizeof ways[0];
  *out = ways;
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2"))
    count--;
#endif
  return count;
}

scan_line_fn *scan_best(void) {
  const struct scan_way *all;
  const size_t count = scan_ways(&all);
  return all[count - 1].line;
}

/* Looks at the first and the last letter at once. */
bool scan_has(const char *bytes, size_t len, const char *text) {
  const size_t n = strlen(text);
  size_t at = 0;
#if defined(__x86_64__)
  const __m128i first = _mm_set1_epi8(text[0]);
  const __m128i last = _mm_set1_epi8(text[n - 1]);
  for (; len - at >= 16 + n; at += 16) {
    const __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(bytes + at));
    const __m128i there = _mm_loadu_si128((const __m128i *)(const void *)(bytes + at + n - 1));
    unsigned hits = (unsigned)_mm_movemask_epi8(
        _mm_and_si128(_mm_cmpeq_epi8(here, first), _mm_cmpeq_epi8(there, last)));
    for (; hits != 0; hits &= hits - 1) {
      if (memcmp(bytes + at + __builtin_ctz(hits), text, n) == 0)
        return true;
    }
  }
#endif
  return memmem(bytes + at, len - at, text, n) != NULL;
}
