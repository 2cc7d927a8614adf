/* test_model_name.c - the fixed pipeline of model names (rule 18). */
#include <string.h>

#include "pricing/model_name.h"
#include "pricing/provider.h"
#include "support/support.h"

static void each_form_takes_one_known_decoration_off(void **state) {
  (void)state;
  static const struct {
    const char *name;
    const char *forms[10];
  } cases[] = {
      {"claude-opus-4-7", {"claude-opus-4-7"}},
      {"Claude-Opus-4-7", {"claude-opus-4-7"}},
      {"claude-opus-4-7[1m]", {"claude-opus-4-7[1m]", "claude-opus-4-7"}},
      {"gpt-6.1-sol[high]", {"gpt-6.1-sol[high]", "gpt-6.1-sol"}},
      {"x[2m]", {"x[2m]"}},
      {"claude-3.7-sonnet:thinking", {"claude-3.7-sonnet:thinking", "claude-3.7-sonnet"}},
      {"llama3:8b", {"llama3:8b"}},
      {"gpt-4o:extended", {"gpt-4o:extended"}},
      {"claude-haiku-4-5-20251001", {"claude-haiku-4-5-20251001", "claude-haiku-4-5"}},
      {"gpt-5.5-2026-04-23", {"gpt-5.5-2026-04-23", "gpt-5.5"}},
      {"qwen3-235b-a22b-2507", {"qwen3-235b-a22b-2507"}},
      {"x-20259901", {"x-20259901"}},
      {"claude-opus-4-5@20251101", {"claude-opus-4-5@20251101", "claude-opus-4-5"}},
      {"claude-opus-4-6@default", {"claude-opus-4-6@default", "claude-opus-4-6"}},
      {"claude-opus-4-6@latest", {"claude-opus-4-6@latest", "claude-opus-4-6"}},
      {"codestral@2405", {"codestral@2405"}},
      {"deepseek-chat-v3", {"deepseek-chat-v3"}},
      {"nova-v1", {"nova-v1", "nova"}},
      {"claude-opus-4-1-20250805-v1:0",
       {"claude-opus-4-1-20250805-v1:0", "claude-opus-4-1-20250805", "claude-opus-4-1"}},
      {"us.anthropic.claude-opus-4-7",
       {"us.anthropic.claude-opus-4-7", "anthropic.claude-opus-4-7", "claude-opus-4-7"}},
      {"us-gov.anthropic.claude-x",
       {"us-gov.anthropic.claude-x", "anthropic.claude-x", "claude-x"}},
      {"bedrock/us-east-1/anthropic.claude-x-v1:0",
       {"bedrock/us-east-1/anthropic.claude-x-v1:0", "bedrock/us-east-1/anthropic.claude-x",
        "us-east-1/anthropic.claude-x-v1:0", "us-east-1/anthropic.claude-x",
        "anthropic.claude-x-v1:0", "anthropic.claude-x", "claude-x-v1:0", "claude-x"}},
      {"azure/gpt-4o-2024-05-13",
       {"azure/gpt-4o-2024-05-13", "azure/gpt-4o", "gpt-4o-2024-05-13", "gpt-4o"}},
      {"openrouter/anthropic/claude-opus-4.5:beta",
       {"openrouter/anthropic/claude-opus-4.5:beta", "openrouter/anthropic/claude-opus-4.5",
        "anthropic/claude-opus-4.5:beta", "anthropic/claude-opus-4.5", "claude-opus-4.5:beta",
        "claude-opus-4.5"}},
      {"somebody/claude-opus-4-7", {"somebody/claude-opus-4-7"}},
      {"models/gemini-2.5-pro", {"models/gemini-2.5-pro", "gemini-2.5-pro"}},
      {"projects/p/locations/l/publishers/anthropic/models/claude-x@20250101",
       {"projects/p/locations/l/publishers/anthropic/models/claude-x@20250101",
        "projects/p/locations/l/publishers/anthropic/models/claude-x", "claude-x@20250101",
        "claude-x"}},
      {"arn:aws:bedrock:eu-west-1:12:inference-profile/eu.anthropic.claude-x",
       {"arn:aws:bedrock:eu-west-1:12:inference-profile/eu.anthropic.claude-x",
        "eu.anthropic.claude-x", "anthropic.claude-x", "claude-x"}},
      {"anthropic/", {"anthropic/"}},
      {":free", {":free"}},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct model_name name;
    assert_int_equal(model_name_init(&name, cases[i].name), PURSER_OK);
    size_t at = 0;
    do {
      if (cases[i].forms[at] == NULL || strcmp(name.form, cases[i].forms[at]) != 0)
        fail_msg("%s: form %zu is \"%s\", not \"%s\"", cases[i].name, at, name.form,
                 cases[i].forms[at] != NULL ? cases[i].forms[at] : "(no more)");
      at++;
    } while (model_name_next(&name));
    if (cases[i].forms[at] != NULL)
      fail_msg("%s: \"%s\" never came", cases[i].name, cases[i].forms[at]);
  }
}

static void the_outermost_seller_sends_the_bill(void **state) {
  (void)state;
  static const struct {
    const char *name;
    const char *seller; /* NULL none */
  } cases[] = {
      {"claude-opus-4-7", NULL},
      {"anthropic/claude-opus-4-7", "anthropic"},
      {"openrouter/anthropic/claude-opus-4.7", "openrouter"},
      {"vertex_ai/claude-opus-4-7", "vertex"},
      {"bedrock/us.anthropic.claude-opus-4-7", "bedrock"},
      {"azure/eu/gpt-5.1", "azure"},
      {"x-ai/grok-4", "xai"},
      {"z-ai/glm-5", "zai"},
      {"ollama/llama3", "local"},
      {"openai/ollama/llama3", "local"},
      {"projects/p/locations/l/publishers/anthropic/models/claude-x", "vertex"},
      {"arn:aws:bedrock:eu-west-1:12:inference-profile/eu.anthropic.claude-x", "bedrock"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct model_name name;
    assert_int_equal(model_name_init(&name, cases[i].name), PURSER_OK);
    while (model_name_next(&name)) {}
    const char *seller = name.provider != NULL ? name.provider->id : NULL;
    if ((seller == NULL) != (cases[i].seller == NULL) ||
        (seller != NULL && strcmp(seller, cases[i].seller) != 0))
      fail_msg("%s: sold by %s", cases[i].name, seller != NULL ? seller : "nobody");
  }
}

static void a_bare_name_does_not_say_who_sells_it(void **state) {
  (void)state;
  assert_false(model_name_is_qualified("gpt-oss-20b"));
  assert_false(model_name_is_qualified("gpt-4.1"));
  assert_false(model_name_is_qualified("qwen3-coder"));
  assert_true(model_name_is_qualified("x-ai/grok-4"));
  assert_true(model_name_is_qualified("us.amazon.nova"));
  assert_true(model_name_is_qualified("anthropic.claude-x"));
  assert_true(model_name_is_qualified("claude-x@20250101"));
}

static void the_million_window_is_remembered(void **state) {
  (void)state;
  struct model_name name;
  assert_int_equal(model_name_init(&name, "claude-sonnet-4-5[1M]"), PURSER_OK);
  assert_true(name.million);
  assert_int_equal(model_name_init(&name, "claude-sonnet-4-5[low]"), PURSER_OK);
  assert_false(name.million);
}

static void names_that_cannot_be_are_refused(void **state) {
  (void)state;
  struct model_name name;
  char text[MODEL_NAME_SIZE + 1];
  memset(text, 'a', sizeof text);
  text[MODEL_NAME_SIZE] = '\0';
  assert_int_equal(model_name_init(&name, ""), PURSER_EINVAL);
  assert_int_equal(model_name_init(&name, NULL), PURSER_EINVAL);
  assert_int_equal(model_name_init(&name, text), PURSER_EINVAL);
  text[MODEL_NAME_SIZE - 1] = '\0';
  assert_int_equal(model_name_init(&name, text), PURSER_OK);
}

/* Whatever the bytes, the pipeline ends, and each form is shorter than the one it came from. */
static void the_pipeline_ends_for_any_name(void **state) {
  (void)state;
  static const char *const parts[] = {
      "us.",   "anthropic.", "openrouter/", "azure/",  "eu/",     "[1m]", ":free",
      "-v1:0", "-20250101",  "@latest",     "claude",  "-",       "/",    "@",
      "[",     "]",          "projects/",   "arn:aws", "models/", "\xff", ":"};
  for (int seed = 0; seed < property_seeds(2000); seed++) {
    struct rng rng = {(uint64_t)seed};
    char text[MODEL_NAME_SIZE] = "";
    for (int64_t i = rng_between(&rng, 1, 12); i > 0; i--)
      strcat(text, parts[rng_below(&rng, COUNT(parts))]);
    struct model_name name;
    assert_int_equal(model_name_init(&name, text), PURSER_OK);
    size_t steps = 0;
    do {
      assert_true(strlen(name.form) <= strlen(text));
      assert_true(++steps < 400);
    } while (model_name_next(&name));
  }
}

static void sellers_are_found_under_their_other_names(void **state) {
  (void)state;
  static const struct {
    const char *name;
    const char *id;
  } cases[] = {
      {"anthropic", "anthropic"}, {"claude", "anthropic"},       {"gemini_api", "google"},
      {"vertex_ai", "vertex"},    {"amazon-bedrock", "bedrock"}, {"azure_ai", "azure"},
      {"moonshotai", "moonshot"}, {"lm-studio", "local"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    assert_string_equal(provider_find(cases[i].name, strlen(cases[i].name))->id, cases[i].id);
  assert_null(provider_find("", 0));
  assert_null(provider_find("nobody", 6));
  assert_null(provider_find("anthropics", 10));
  assert_null(provider_find("anthropi", 8));
  assert_true(provider_rank("anthropic") < provider_rank("openrouter"));
  assert_true(provider_rank("openrouter") < provider_rank("nobody"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_form_takes_one_known_decoration_off),
      cmocka_unit_test(the_outermost_seller_sends_the_bill),
      cmocka_unit_test(a_bare_name_does_not_say_who_sells_it),
      cmocka_unit_test(the_million_window_is_remembered),
      cmocka_unit_test(names_that_cannot_be_are_refused),
      cmocka_unit_test(the_pipeline_ends_for_any_name),
      cmocka_unit_test(sellers_are_found_under_their_other_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
