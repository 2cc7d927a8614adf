/* openai_usage.c - see openai_usage.h. Input includes the cache here: rule 9 takes it apart. */
#include "usage/openai_usage.h"

#include "usage/tokens.h"

static purser_usage exclusive(int64_t input, int64_t cached, int64_t written, int64_t output,
                              int64_t reasoning, bool *clamped) {
  purser_usage usage = {
      .input = tokens_less(input, cached + written, clamped),
      .cache_read = cached,
      .cache_write_5m = written,
      .output = output,
      .reasoning = reasoning,
  };
  if (usage.reasoning > usage.output) {
    usage.reasoning = usage.output;
    *clamped = true;
  }
  return usage;
}

purser_usage openai_usage_responses(const struct json_doc *doc, json_id id, bool *clamped) {
  const json_id in = json_get(doc, id, "input_tokens_details");
  const json_id out = json_get(doc, id, "output_tokens_details");
  return exclusive(tokens_get(doc, id, "input_tokens", clamped),
                   tokens_get(doc, in, "cached_tokens", clamped),
                   tokens_get(doc, in, "cache_write_tokens", clamped),
                   tokens_get(doc, id, "output_tokens", clamped),
                   tokens_get(doc, out, "reasoning_tokens", clamped), clamped);
}

purser_usage openai_usage_codex(const struct json_doc *doc, json_id id, bool *clamped) {
  return exclusive(tokens_get(doc, id, "input_tokens", clamped),
                   tokens_get(doc, id, "cached_input_tokens", clamped),
                   tokens_get(doc, id, "cache_write_input_tokens", clamped),
                   tokens_get(doc, id, "output_tokens", clamped),
                   tokens_get(doc, id, "reasoning_output_tokens", clamped), clamped);
}

/* The first of several spellings that is there. */
static int64_t first_of(const struct json_doc *doc, json_id id, const char *const *paths,
                        bool *clamped) {
  for (; *paths != NULL; paths++) {
    const json_id at = json_path(doc, id, *paths);
    if (json_kind(doc, at) == JSON_NUMBER)
      return tokens_read(doc, at, clamped);
  }
  return 0;
}

purser_usage openai_usage_chat(const struct json_doc *doc, json_id id, bool *clamped) {
  static const char *const read[] = {"prompt_tokens_details.cached_tokens",
                                     "prompt_cache_hit_tokens", "cached_tokens",
                                     "cache_read_input_tokens", NULL};
  static const char *const written[] = {"prompt_tokens_details.cache_write_tokens",
                                        "prompt_tokens_details.cache_creation_tokens",
                                        "cache_creation_input_tokens", NULL};
  const int64_t prompt = tokens_get(doc, id, "prompt_tokens", clamped);
  const int64_t total = tokens_get(doc, id, "total_tokens", clamped);
  const int64_t reasoning =
      tokens_read(doc, json_path(doc, id, "completion_tokens_details.reasoning_tokens"), clamped);
  int64_t output = tokens_get(doc, id, "completion_tokens", clamped);
  /* What the total has beyond the two was generated, too: reasoning that the completion leaves out. */
  if (total > prompt + output)
    output = total - prompt;
  return exclusive(prompt, first_of(doc, id, read, clamped), first_of(doc, id, written, clamped),
                   output, reasoning, clamped);
}
