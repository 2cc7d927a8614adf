/* gemini_usage.h - Gemini's counts: the API's, the CLI's record and the CLI's totals differ in what includes what. */
#ifndef USAGE_GEMINI_USAGE_H
#define USAGE_GEMINI_USAGE_H

#include "base/json.h"

/* usageMetadata: the prompt includes cached tokens; thoughts are outside of the candidates, tool prompts outside of the
 * prompt. */
purser_usage gemini_usage_api(const struct json_doc *doc, json_id id, bool *clamped);

/* `tokens` of a message in the CLI's chat file: the same under other names. */
purser_usage gemini_usage_chat(const struct json_doc *doc, json_id id, bool *clamped);

/* stats.models.<model> of the CLI's result: output without thoughts, which the total alone betrays. */
purser_usage gemini_usage_stats(const struct json_doc *doc, json_id id, bool *clamped);

#endif
