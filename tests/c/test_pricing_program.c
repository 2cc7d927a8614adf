/* test_pricing_program.c - `purser price` and `purser prices`, as a shell sees them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/json.h"
#include "base/money.h"
#include "pricing/table.h"
#include "support/support.h"
#include "support/temp.h"

static struct temp temp;

static int setup(void **state) {
  (void)state;
  temp_make(&temp);
  return setenv("XDG_DATA_HOME", temp_path(&temp, "data"), 1) != 0 ||
         setenv("XDG_CONFIG_HOME", temp_path(&temp, "config"), 1) != 0 ||
         setenv("PURSER_NOW", "2026-11-24T12:00:00Z", 1) != 0;
}

static int teardown(void **state) {
  (void)state;
  temp_remove(&temp);
  return 0;
}

/* Runs the program in a shell; what it printed, on both streams, is in `out`. */
static int run(struct buf *out, const char *arguments) {
  char command[1024];
  snprintf(command, sizeof command, "exec \"%s\" %s 2>&1", PURSER_PROGRAM, arguments);
  buf_clear(out);
  FILE *pipe = popen(command, "r"); // NOLINT(cert-env33-c): the test's own words
  assert_non_null(pipe);
  char chunk[4096];
  size_t got;
  while ((got = fread(chunk, 1, sizeof chunk, pipe)) > 0)
    buf_add(out, chunk, got);
  const int status = pclose(pipe);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void price_answers_in_json(void **state) {
  (void)state;
  static const struct {
    const char *arguments;
    const char *answer;
  } cases[] = {
      {"price claude-sonnet-5 --input 1000000 --at 2026-08-31 --json",
       "{\"model\":\"claude-sonnet-5\",\"rate_card\":\"anthropic/claude-sonnet-5\",\"status\":\"known\",\"cost_nanousd\":2000000000,\"cost_cents\":200}\n"},
      {"price claude-sonnet-5 --input 1000000 --json",
       "{\"model\":\"claude-sonnet-5\",\"rate_card\":\"anthropic/claude-sonnet-5@2026-09-01\",\"status\":\"known\",\"cost_nanousd\":3000000000,\"cost_cents\":300}\n"},
      {"price claude-opus-5-5 --input 1002 --cache-read 3002 --cache-write-5m 402 --cache-write-1h 50 --output 102 --json",
       "{\"model\":\"claude-opus-5-5\",\"rate_card\":\"anthropic/claude-opus-5-5\",\"status\":\"known\",\"cost_nanousd\":9058400,\"cost_cents\":0.90584}\n"},
      {"price --json --output=1 claude-haiku-5-5",
       "{\"model\":\"claude-haiku-5-5\",\"rate_card\":\"anthropic/claude-haiku-5-5\",\"status\":\"known\",\"cost_nanousd\":500,\"cost_cents\":0.00005}\n"},
      {"price gpt-5.5 --tier batch --input 100 --json",
       "{\"model\":\"gpt-5.5\",\"rate_card\":\"openai/gpt-5.5\",\"status\":\"known\",\"cost_nanousd\":250000,\"cost_cents\":0.025}\n"},
      {"price claude-opus-4-7 --tier fast --input 100 --json",
       "{\"model\":\"claude-opus-4-7\",\"rate_card\":\"anthropic/claude-opus-4-7\",\"status\":\"known\",\"cost_nanousd\":3000000,\"cost_cents\":0.3}\n"},
      {"price claude-opus-4-7 --tier golden --input 100 --json",
       "{\"model\":\"claude-opus-4-7\",\"rate_card\":\"anthropic/claude-opus-4-7\",\"status\":\"estimated\",\"cost_nanousd\":500000,\"cost_cents\":0.05}\n"},
      {"price claude-opus-4-7 --json",
       "{\"model\":\"claude-opus-4-7\",\"rate_card\":\"anthropic/claude-opus-4-7\",\"status\":\"known\",\"cost_nanousd\":0,\"cost_cents\":0}\n"},
      {"price 'no \"such\" model' --input 5 --json",
       "{\"model\":\"no \\\"such\\\" model\",\"rate_card\":null,\"status\":\"unknown\",\"cost_nanousd\":null,\"cost_cents\":null}\n"},
      {"price claude-opus-4-7 --provider bedrock --input 100 --json",
       "{\"model\":\"claude-opus-4-7\",\"rate_card\":\"bedrock/anthropic.claude-opus-4-7\",\"status\":\"known\",\"cost_nanousd\":550000,\"cost_cents\":0.055}\n"},
  };
  struct buf out = BUF_INIT;
  for (size_t i = 0; i < COUNT(cases); i++) {
    const int code = run(&out, cases[i].arguments);
    if (code != 0 || strcmp(buf_text(&out), cases[i].answer) != 0)
      fail_msg("%s: %d, %s", cases[i].arguments, code, buf_text(&out));
  }
  buf_fini(&out);
}

static void price_tells_people_what_to_do(void **state) {
  (void)state;
  struct buf out = BUF_INIT;
  assert_int_equal(run(&out, "price some-model --input 5"), 0);
  assert_non_null(strstr(buf_text(&out), "no price is known"));
  assert_non_null(strstr(buf_text(&out), "config/purser/prices.json"));
  assert_non_null(strstr(buf_text(&out), "purser prices update"));
  assert_int_equal(run(&out, "price gpt-5.5 --input 300000"), 0);
  assert_non_null(strstr(buf_text(&out), "$3.00"));
  assert_non_null(strstr(buf_text(&out), "long prompt"));
  assert_int_equal(run(&out, "price gpt-5.5 --tier golden"), 0);
  assert_non_null(strstr(buf_text(&out), "standard assumed"));
  buf_fini(&out);
}

static void bad_input_is_one_message_and_64(void **state) {
  (void)state;
  static const struct {
    const char *arguments;
    const char *says;
  } cases[] = {
      {"price", "which model?"},
      {"price ''", "which model?"},
      {"price a b", "too many arguments"},
      {"price x --input -1", "--input wants a whole number"},
      {"price x --input 1.5", "--input wants a whole number"},
      {"price x --input 1e3", "--input wants a whole number"},
      {"price x --input many", "--input wants a whole number"},
      {"price x --input ''", "--input wants a whole number"},
      {"price x --input 99999999999999999999", "--input wants a whole number"},
      {"price x --output 1000000000001", "--output wants at most"},
      {"price x --input", "--input needs a value"},
      {"price x --at yesterday", "--at wants a date"},
      {"price x --at 2026-02-29", "--at wants a date"},
      {"price x --colour red", "unknown option"},
      {"prices a b", "too many arguments"},
      {"prices update", "update wants the file"},
      {"prices generate", "generate needs"},
      {"prices --wat", "unknown option"},
  };
  struct buf out = BUF_INIT;
  for (size_t i = 0; i < COUNT(cases); i++) {
    const int code = run(&out, cases[i].arguments);
    if (code != 64 || strstr(buf_text(&out), cases[i].says) == NULL)
      fail_msg("%s: %d, %s", cases[i].arguments, code, buf_text(&out));
  }
  buf_fini(&out);
}

static void prices_lists_and_shows(void **state) {
  (void)state;
  struct buf out = BUF_INIT;
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(run(&out, "prices --json"), 0);
  assert_int_equal(json_parse(&doc, out.data, out.len), PURSER_OK);
  size_t count = 0;
  const json_id models = json_get(&doc, 0, "models");
  for (json_id id = json_first(&doc, models); id != JSON_NONE; id = json_next(&doc, models, id))
    count++;
  assert_int_equal(count, price_table_builtin.model_count);

  assert_int_equal(run(&out, "prices gpt-5.5-codex --json"), 0);
  assert_int_equal(json_parse(&doc, out.data, out.len), PURSER_OK);
  assert_true(json_equals(&doc, json_get(&doc, 0, "model"), "gpt-5.5"));
  assert_true(json_equals(&doc, json_get(&doc, 0, "provider"), "openai"));
  assert_int_equal(json_i64_or(&doc, json_get(&doc, 0, "context_window"), 0), 1050000);
  const json_id step = json_next(
      &doc, json_path(&doc, json_first(&doc, json_get(&doc, 0, "cards")), "prices"),
      json_first(&doc, json_path(&doc, json_first(&doc, json_get(&doc, 0, "cards")), "prices")));
  assert_int_equal(json_i64_or(&doc, json_get(&doc, step, "above"), 0), 272000);
  assert_int_equal(json_i64_or(&doc, json_get(&doc, step, "output"), 0), 45);

  assert_int_equal(run(&out, "prices claude-sonnet-4-6"), 0);
  assert_non_null(strstr(buf_text(&out), "anthropic/claude-sonnet-4-6@2026-03-13  (in force)"));
  assert_non_null(strstr(buf_text(&out), "standard above 200000"));
  assert_non_null(strstr(buf_text(&out), "genai-prices"));
  assert_int_equal(run(&out, "prices --provider zai"), 0);
  assert_non_null(strstr(buf_text(&out), "glm-5"));
  assert_null(strstr(buf_text(&out), "claude"));
  assert_int_equal(run(&out, "prices no-such-model"), 1);
  assert_non_null(strstr(buf_text(&out), "no price is known"));
  json_fini(&doc);
  buf_fini(&out);
}

/* A list in LiteLLM's format of what we have of it, with one price halved, every `drop`th model left out. */
static void write_list(const char *name, size_t drop) {
  static const char *const providers[][2] = {{"anthropic", ""},
                                             {"openai", ""},
                                             {"google", "gemini/"},
                                             {"xai", "xai/"},
                                             {"mistral", "mistral/"},
                                             {"alibaba", "dashscope/"},
                                             {"moonshot", "moonshot/"},
                                             {"zai", "zai/"},
                                             {"deepseek", "deepseek/"},
                                             {"azure", "azure/"},
                                             {"bedrock", ""},
                                             {"vertex", "vertex_ai/"},
                                             {"openrouter", "openrouter/"}};
  static const char *const theirs[] = {"anthropic", "openai",    "gemini",    "xai",      "mistral",
                                       "dashscope", "moonshot",  "zai",       "deepseek", "azure",
                                       "bedrock",   "vertex_ai", "openrouter"};
  struct buf text = BUF_INIT;
  size_t count = 0;
  buf_addc(&text, '{');
  for (size_t i = 0; i < price_table_builtin.model_count; i++) {
    const struct price_model *model = &price_table_builtin.models[i];
    size_t p = 0;
    while (p < COUNT(theirs) && strcmp(providers[p][0], model->provider) != 0)
      p++;
    if (model->seen[SOURCE_LITELLM] == 0 || p == COUNT(theirs) ||
        (drop != 0 && ++count % drop == 0))
      continue;
    const struct price_card *card = price_model_card(model, 20781);
    int64_t input = card->steps[0].rates.input;
    if (strcmp(model->name, "claude-haiku-4-5") == 0)
      input /= 2;
    buf_addf(&text,
             "%s\"%s%s\":{\"litellm_provider\":\"%s\",\"mode\":\"chat\",\"input_cost_per_token\":",
             text.len == 1 ? "" : ",\n", providers[p][1], model->name, theirs[p]);
    buf_addf(&text, "%llde-15,\"output_cost_per_token\":%llde-15}", (long long)input,
             (long long)card->steps[0].rates.output);
  }
  /* The rest of the list is about models that are none of ours. */
  for (size_t i = 0; i < price_table_builtin.listed[SOURCE_LITELLM] && drop != 2; i++)
    buf_addf(&text, ",\n\"other-%zu\":{\"litellm_provider\":\"other\"}", i);
  buf_addc(&text, '}');
  temp_write(&temp, name, buf_text(&text), text.len);
  buf_fini(&text);
}

static void prices_update_takes_a_newer_list(void **state) {
  (void)state;
  struct buf out = BUF_INIT;
  char command[700];
  write_list("list.json", 0);
  snprintf(command, sizeof command, "prices update --dry-run %s", temp_path(&temp, "list.json"));
  if (run(&out, command) != 0 ||
      strstr(buf_text(&out), "changed  anthropic/claude-haiku-4-5  input 1 -> 0.5") == NULL ||
      strstr(buf_text(&out), "nothing written") == NULL)
    fail_msg("%s", buf_text(&out));
  assert_null(temp_read(&temp, "data/purser/prices.json", NULL));

  snprintf(command, sizeof command, "prices update %s", temp_path(&temp, "list.json"));
  if (run(&out, command) != 0 || strstr(buf_text(&out), "written to ") == NULL)
    fail_msg("%s", buf_text(&out));
  assert_int_equal(run(&out, "price claude-haiku-4-5 --input 1000000 --json"), 0);
  assert_non_null(strstr(
      buf_text(&out),
      "\"rate_card\":\"anthropic/claude-haiku-4-5@2026-11-24\",\"status\":\"known\",\"cost_nanousd\":500000000"));
  assert_int_equal(run(&out, "price claude-haiku-4-5 --input 1000000 --json --at 2026-11-23"), 0);
  assert_non_null(strstr(buf_text(&out), "\"cost_nanousd\":1000000000"));
  assert_int_equal(run(&out, "prices claude-haiku-4-5"), 0);
  assert_non_null(strstr(buf_text(&out), "an update"));

  /* again: as before */
  if (run(&out, command) != 0 || strstr(buf_text(&out), " 0 changed,") == NULL ||
      strstr(buf_text(&out), "nothing to write") == NULL)
    fail_msg("%s", buf_text(&out));
  buf_fini(&out);
}

static void prices_update_refuses_what_is_broken(void **state) {
  (void)state;
  struct buf out = BUF_INIT;
  char command[700];
  write_list("half.json", 2);
  snprintf(command, sizeof command, "prices update %s", temp_path(&temp, "half.json"));
  assert_int_equal(run(&out, command), 1);
  assert_non_null(strstr(buf_text(&out), "half.json: it lists"));
  write_list("ours.json", 3);
  snprintf(command, sizeof command, "prices update %s", temp_path(&temp, "ours.json"));
  assert_int_equal(run(&out, command), 1);
  assert_non_null(strstr(buf_text(&out), "ours.json: 1"));
  assert_non_null(strstr(buf_text(&out), "are missing"));
  write_list("most.json", 5);
  snprintf(command, sizeof command, "prices update --dry-run %s", temp_path(&temp, "most.json"));
  assert_int_equal(run(&out, command), 0);
  assert_non_null(strstr(buf_text(&out), "kept for old requests"));
  assert_int_equal(run(&out, "prices update /nowhere/list.json"), 1);
  assert_non_null(strstr(buf_text(&out), "/nowhere/list.json: no such file"));
  temp_write(&temp, "junk.json", "junk", 4);
  snprintf(command, sizeof command, "prices update %s", temp_path(&temp, "junk.json"));
  assert_int_equal(run(&out, command), 1);
  assert_non_null(strstr(buf_text(&out), "junk.json: not valid JSON"));
  buf_fini(&out);
}

static void a_malformed_file_of_the_users_is_named(void **state) {
  (void)state;
  struct buf out = BUF_INIT;
  char command[700];
  snprintf(command, sizeof command, "mkdir -p %s", temp_path(&temp, "config/purser"));
  assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): the test's own words
  const char bad[] = "{\"models\": {\"mine\": {\"input\": \"cheap\", \"output\": 1}}}";
  temp_write(&temp, "config/purser/prices.json", bad, strlen(bad));
  assert_int_equal(run(&out, "price mine"), 1);
  assert_non_null(
      strstr(buf_text(&out), "config/purser/prices.json: models.mine.input: give dollars"));
  const char good[] = "{\"models\": {\"mine\": {\"input\": 2.5, \"output\": 1}}}";
  temp_write(&temp, "config/purser/prices.json", good, strlen(good));
  assert_int_equal(run(&out, "price mine --input 1000000 --json"), 0);
  assert_non_null(strstr(
      buf_text(&out),
      "\"rate_card\":\"user:mine\",\"status\":\"known\",\"cost_nanousd\":2500000000,\"cost_cents\":250"));
  buf_fini(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(price_answers_in_json),
      cmocka_unit_test(price_tells_people_what_to_do),
      cmocka_unit_test(bad_input_is_one_message_and_64),
      cmocka_unit_test(prices_lists_and_shows),
      cmocka_unit_test(prices_update_takes_a_newer_list),
      cmocka_unit_test(prices_update_refuses_what_is_broken),
      cmocka_unit_test(a_malformed_file_of_the_users_is_named),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
