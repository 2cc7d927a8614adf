/* openai_usage.h - the usage objects of OpenAI's APIs, of those compatible with them, and of Codex. */
#ifndef USAGE_OPENAI_USAGE_H
#define USAGE_OPENAI_USAGE_H

#include "base/json.h"

/* Responses: input includes what was read from and written to the cache, output the reasoning. */
purser_usage openai_usage_responses(const struct json_doc *doc, json_id id, bool *clamped);

/* Chat Completions, in the spellings of OpenAI, OpenRouter, DeepSeek, Moonshot and LiteLLM. Some providers count reasoning
 * outside of the completion (xAI, Google): the total tells. */
purser_usage openai_usage_chat(const struct json_doc *doc, json_id id, bool *clamped);

/* Codex: input includes cached and cache-written tokens, output the reasoning. */
purser_usage openai_usage_codex(const struct json_doc *doc, json_id id, bool *clamped);

#endif
