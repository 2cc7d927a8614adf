/* gemini_usage.c - see gemini_usage.h. */
#include "usage/gemini_usage.h"

#include "usage/tokens.h"

purser_usage gemini_usage_api(const struct json_doc *doc, json_id id, bool *clamped) {
  const int64_t prompt = tokens_get(doc, id, "promptTokenCount", clamped);
  const int64_t cached = tokens_get(doc, id, "cachedContentTokenCount", clamped);
  const int64_t thoughts = tokens_get(doc, id, "thoughtsTokenCount", clamped);
  return (purser_usage){
      .input = tokens_less(prompt, cached, clamped) +
               tokens_get(doc, id, "toolUsePromptTokenCount", clamped),
      .cache_read = cached,
      .output = tokens_get(doc, id, "candidatesTokenCount", clamped) + thoughts,
      .reasoning = thoughts,
  };
}

purser_usage gemini_usage_chat(const struct json_doc *doc, json_id id, bool *clamped) {
  const int64_t input = tokens_get(doc, id, "input", clamped);
  const int64_t cached = tokens_get(doc, id, "cached", clamped);
  const int64_t thoughts = tokens_get(doc, id, "thoughts", clamped);
  return (purser_usage){
      .input = tokens_less(input, cached, clamped) + tokens_get(doc, id, "tool", clamped),
      .cache_read = cached,
      .output = tokens_get(doc, id, "output", clamped) + thoughts,
      .reasoning = thoughts,
  };
}

purser_usage gemini_usage_stats(const struct json_doc *doc, json_id id, bool *clamped) {
  const int64_t input = tokens_get(doc, id, "input_tokens", clamped);
  const int64_t cached = tokens_get(doc, id, "cached", clamped);
  const int64_t output = tokens_get(doc, id, "output_tokens", clamped);
  const int64_t total = tokens_get(doc, id, "total_tokens", clamped);
  const int64_t thoughts = total > input + output ? total - input - output : 0;
  return (purser_usage){
      .input = tokens_less(input, cached, clamped),
      .cache_read = cached,
      .output = output + thoughts,
      .reasoning = thoughts,
  };
}
