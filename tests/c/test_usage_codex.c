/* test_usage_codex.c - Codex's stdout, its rollout, and the arithmetic of its counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/events.h"
#include "usage/codex_totals.h"

#define BEGIN             "{'type':'thread.started','thread_id':'th1'}\n{'type':'turn.started'}\n"
#define BEGIN_EVENT       "{'kind':'session','session':'th1'}\n"
#define ITEM(state, item) "{'type':'item." state "','item':{" item "}}\n"
#define COMPLETED                                                                     \
  "{'type':'turn.completed','usage':{'input_tokens':8006,'cached_input_tokens':6003," \
  "'cache_write_input_tokens':401,'output_tokens':203,'reasoning_output_tokens':43}}\n"
#define COMPLETED_EVENT \
  "{'kind':'usage','session':'th1','scope':'session'," USAGE(1602, 6003, 401, 0, 203, 43) "}\n"
#define RESULT_EVENT "{'kind':'result','name':'completed','session':'th1'}\n"

static void rule_5_a_turns_usage_is_the_threads_running_total(void **state) {
  (void)state;
  events_expect("codex",
                BEGIN ITEM("completed", "'id':'i0','type':'agent_message','text':'Hi'") COMPLETED,
                BEGIN_EVENT "{'kind':'text','text':'Hi'}\n" COMPLETED_EVENT RESULT_EVENT);
}

static void items_become_text_thinking_calls_and_results(void **state) {
  (void)state;
  events_expect(
      "codex",
      BEGIN ITEM("completed", "'id':'i0','type':'reasoning','text':'hm'")
          ITEM("completed", "'id':'i1','type':'agent_message','text':'First.'") ITEM(
              "started",
              "'id':'i2','type':'command_execution','command':'ls','aggregated_output':'','exit_code':null,'status':'in_progress'")
              ITEM(
                  "completed",
                  "'id':'i2','type':'command_execution','command':'ls','aggregated_output':'a\\n','exit_code':0,'status':'completed'")
                  ITEM("started", "'id':'i3','type':'command_execution','command':'x','status':'in_progress'") ITEM(
                      "completed",
                      "'id':'i3','type':'command_execution','command':'x','aggregated_output':'no','exit_code':127,'status':'failed'")
                      ITEM(
                          "completed",
                          "'id':'i4','type':'file_change','changes':[{'path':'a','kind':'add'}],'status':'completed'")
                          ITEM(
                              "started",
                              "'id':'i5','type':'mcp_tool_call','server':'s','tool':'find','arguments':{'q':1},'status':'in_progress'")
                              ITEM(
                                  "completed",
                                  "'id':'i5','type':'mcp_tool_call','server':'s','tool':'find','arguments':{'q':1},'result':null,'error':{'message':'denied'},'status':'failed'")
                                  ITEM("completed", "'id':'i6','type':'web_search','query':'weather'") ITEM(
                                      "started",
                                      "'id':'i7','type':'todo_list','items':[{'text':'a','completed':false}]")
                                      ITEM(
                                          "updated",
                                          "'id':'i7','type':'todo_list','items':[{'text':'a','completed':true}]")
                                          ITEM(
                                              "completed",
                                              "'id':'i7','type':'todo_list','items':[{'text':'a','completed':true}]")
                                              ITEM("completed",
                                                   "'id':'i8','type':'error','message':'careful'")
                                                  ITEM("completed",
                                                       "'id':'i9','type':'something_new','x':1")
                                                      ITEM(
                                                          "completed",
                                                          "'id':'i10','type':'agent_message','text':'Second.'")
                                                          COMPLETED,
      BEGIN_EVENT
      "{'kind':'thinking','text':'hm'}\n"
      "{'kind':'text','text':'First.'}\n"
      "{'kind':'tool_call','id':'i2','name':'command_execution','text':'ls'}\n"
      "{'kind':'tool_result','id':'i2','name':'command_execution','text':'a\\n'}\n"
      "{'kind':'tool_call','id':'i3','name':'command_execution','text':'x'}\n"
      "{'kind':'tool_result','id':'i3','name':'command_execution','text':'no','flags':['failed']}\n"
      "{'kind':'tool_call','id':'i4','name':'file_change','text':'[{\\'path\\':\\'a\\',\\'kind\\':\\'add\\'}]'}\n"
      "{'kind':'tool_result','id':'i4','name':'file_change'}\n"
      "{'kind':'tool_call','id':'i5','name':'find','text':'{\\'q\\':1}'}\n"
      "{'kind':'tool_result','id':'i5','name':'mcp_tool_call','text':'denied','flags':['failed']}\n"
      "{'kind':'tool_call','id':'i6','name':'web_search','text':'weather'}\n"
      "{'kind':'tool_result','id':'i6','name':'web_search'}\n"
      "{'kind':'tool_call','id':'i7','name':'todo_list','text':'[{\\'text\\':\\'a\\',\\'completed\\':false}]'}\n"
      "{'kind':'tool_call','id':'i7','name':'todo_list','text':'[{\\'text\\':\\'a\\',\\'completed\\':true}]'}\n"
      "{'kind':'tool_result','id':'i7','name':'todo_list'}\n"
      "{'kind':'error','name':'warning','text':'careful','http_status':0,'retry_after_ms':-1}\n"
      "{'kind':'text','text':'\\n\\n'}\n"
      "{'kind':'text','text':'Second.'}\n" COMPLETED_EVENT RESULT_EVENT);
}

static void a_turn_without_items_was_blocked_by_a_hook(void **state) {
  (void)state;
  events_expect("codex",
                BEGIN "{'type':'turn.completed','usage':{'input_tokens':0,'output_tokens':0}}\n",
                BEGIN_EVENT "{'kind':'usage','session':'th1','scope':'session'," USAGE(
                    0, 0, 0, 0, 0,
                    0) "}\n"
                       "{'kind':'result','name':'blocked','session':'th1','flags':['blocked']}\n");
}

static void failures_are_said_once_with_the_status_in_their_words(void **state) {
  (void)state;
  static const struct {
    const char *words;
    const char *error;
    const char *name;
  } cases[] = {
      {"unexpected status 401 Unauthorized: no, url: http://x",
       "'name':'authentication','text':'unexpected status 401 Unauthorized: no, url: http://x - check the API key, or log in again','http_status':401",
       "failed"},
      {"exceeded retry limit, last status: 429 Too Many Requests",
       "'name':'rate_limit','text':'exceeded retry limit, last status: 429 Too Many Requests - wait a moment and try again','http_status':429",
       "failed"},
      {"{\\'error\\':{\\'message\\':\\'bad field\\',\\'type\\':\\'invalid_request_error\\',\\'code\\':null}}",
       "'id':'invalid_request_error','name':'invalid_request','text':'bad field','http_status':400",
       "failed"},
      {"Quota exceeded. Check your plan.",
       "'name':'quota','text':'Quota exceeded. Check your plan. - the account`s quota is used up: wait for its reset or raise it','http_status':0",
       "failed"},
      {"ran out of room in the model`s context window",
       "'name':'prompt_too_long','text':'ran out of room in the model`s context window - compact the conversation or start a new one','http_status':0",
       "prompt_too_long"},
      {"budget reached",
       "'name':'budget','text':'budget reached - the client`s own limit for a run was reached','http_status':0",
       "budget"},
      {"{\\'not json", "'name':'failed','text':'{\\'not json','http_status':0", "failed"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf input = BUF_INIT;
    struct buf expected = BUF_INIT;
    buf_addf(&input,
             BEGIN
             "{'type':'error','message':'%s'}\n{'type':'turn.failed','error':{'message':'%s'}}\n",
             cases[i].words, cases[i].words);
    buf_addf(&expected,
             BEGIN_EVENT "{'kind':'error',%s,'retry_after_ms':-1,'flags':['failed']}\n"
                         "{'kind':'result','name':'%s','session':'th1','flags':['failed']}\n",
             cases[i].error, cases[i].name);
    events_expect("codex", buf_text(&input), buf_text(&expected));
    buf_fini(&input);
    buf_fini(&expected);
  }
}

static void reconnecting_is_a_retry(void **state) {
  (void)state;
  events_expect(
      "codex",
      BEGIN
      "{'type':'error','message':'Reconnecting... 1/5 (unexpected status 503 Unavailable: x)'}\n"
      "{'type':'error','message':'Reconnecting... 2/5'}\n" ITEM(
          "completed", "'id':'i0','type':'agent_message','text':'Hi'") COMPLETED,
      BEGIN_EVENT
      "{'kind':'retry','text':'unexpected status 503 Unavailable: x','http_status':503,'delay_ms':-1}\n"
      "{'kind':'retry','text':'Reconnecting... 2/5','http_status':0,'delay_ms':-1}\n"
      "{'kind':'text','text':'Hi'}\n" COMPLETED_EVENT RESULT_EVENT);
}

/* ---- the counters ---- */

static purser_usage of(int64_t input, int64_t output) {
  return (purser_usage){.input = input, .output = output};
}

static void rule_5_counters_become_requests(void **state) {
  (void)state;
  static const struct {
    const char *what;
    struct {
      int64_t total, last; /* inputs; -1 ends the list, a last of -1 is missing */
      int step;
      int64_t usage;
    } steps[6];
  } cases[] = {
      {"growing", {{100, 100, CODEX_REQUEST, 100}, {250, 150, CODEX_REQUEST, 150}, {-1, 0, 0, 0}}},
      {"written again",
       {{100, 100, CODEX_REQUEST, 100},
        {100, 100, CODEX_REPEATED, 0},
        {100, 0, CODEX_REPEATED, 0},
        {-1, 0, 0, 0}}},
      {"two turns with equal counts are both real",
       {{100, 100, CODEX_REQUEST, 100},
        {200, 100, CODEX_REQUEST, 100},
        {300, 100, CODEX_REQUEST, 100},
        {-1, 0, 0, 0}}},
      {"a fork's totals start at the parent's",
       {{1100, 100, CODEX_REQUEST, 100}, {1200, 100, CODEX_REQUEST, 100}, {-1, 0, 0, 0}}},
      {"a fork's totals without a last figure",
       {{1100, -1, CODEX_UNSURE, 1100}, {1200, -1, CODEX_REQUEST, 100}, {-1, 0, 0, 0}}},
      {"an older state comes again",
       {{100, 100, CODEX_REQUEST, 100},
        {300, 200, CODEX_REQUEST, 200},
        {100, 40, CODEX_REPEATED, 0},
        {350, 50, CODEX_REQUEST, 50},
        {-1, 0, 0, 0}}},
      {"a counter that begins anew",
       {{500, 500, CODEX_REQUEST, 500},
        {80, 80, CODEX_REQUEST, 80},
        {200, 120, CODEX_REQUEST, 120},
        {-1, 0, 0, 0}}},
      {"nothing was used", {{0, 0, CODEX_REPEATED, 0}, {90, 90, CODEX_REQUEST, 90}, {-1, 0, 0, 0}}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct codex_totals totals = {0};
    for (size_t s = 0; cases[i].steps[s].total >= 0; s++) {
      bool clamped = false;
      purser_usage usage = {0};
      const purser_usage total = of(cases[i].steps[s].total, 0);
      const purser_usage last = of(cases[i].steps[s].last, 0);
      const enum codex_step step = codex_totals_next(
          &totals, &total, cases[i].steps[s].last >= 0 ? &last : NULL, &usage, &clamped);
      if ((int)step != cases[i].steps[s].step ||
          (step != CODEX_REPEATED && usage.input != cases[i].steps[s].usage))
        fail_msg("%s, step %zu: %d, %lld", cases[i].what, s, (int)step, (long long)usage.input);
      assert_false(clamped);
    }
  }
}

static void rule_9_a_counter_that_shrinks_in_one_bucket_is_clamped(void **state) {
  (void)state;
  struct codex_totals totals = {0};
  bool clamped = false;
  purser_usage usage = {0};
  const purser_usage first = of(100, 50);
  const purser_usage second = of(90, 100);
  assert_int_equal(codex_totals_next(&totals, &first, &first, &usage, &clamped), CODEX_REQUEST);
  assert_int_equal(codex_totals_next(&totals, &second, NULL, &usage, &clamped), CODEX_REQUEST);
  assert_true(clamped);
  assert_int_equal(usage.input, 0);
  assert_int_equal(usage.output, 50);
}

static void rule_9_reasoning_is_never_more_than_the_output_it_is_part_of(void **state) {
  (void)state;
  struct codex_totals totals = {0};
  bool clamped = false;
  purser_usage usage = {0};
  const purser_usage first = of(100, 50);
  purser_usage second = of(200, 60);
  second.reasoning = 40;
  assert_int_equal(codex_totals_next(&totals, &first, &first, &usage, &clamped), CODEX_REQUEST);
  assert_int_equal(codex_totals_next(&totals, &second, NULL, &usage, &clamped), CODEX_REQUEST);
  assert_true(clamped);
  assert_int_equal(usage.output, 10);
  assert_int_equal(usage.reasoning, 10);
}

static void ids_tell_their_time(void **state) {
  (void)state;
  static const struct {
    const char *id;
    int64_t ms;
  } cases[] = {
      {"01a208a1-db60-7461-aab1-556503a45002", INT64_C(0x01a208a1db60)},
      {"01a208a1-db60-4461-aab1-556503a45002", 0}, /* version 4: random */
      {"01a208a1-db60-7461-aab1-556503a4500", 0},
      {"01a208g1-db60-7461-aab1-556503a45002", 0},
      {"7", 0},
      {"", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(codex_id_ms((purser_str){cases[i].id, strlen(cases[i].id)}), cases[i].ms);
}

/* ---- the rollout ---- */

#define SELF     "01a208a1-db60-7461-aab1-000000000001"
#define PARENT   "01a208a0-0000-7461-aab1-000000000001"
#define OLD_TURN "01a208a0-1000-7461-aab1-00000000000a"
#define OWN_TURN "01a208a1-dbf6-7461-aab1-00000000000b"
#define LINE(type, payload) \
  "{'timestamp':'2026-11-24T10:00:01.000Z','type':'" type "','payload':{" payload "}}\n"
#define AT_EVENT "'at_ms':1795514401000"
#define META(rest)     \
  LINE("session_meta", \
       "'id':'" SELF "','cwd':'/p','cli_version':'0.169.0','git':{'branch':'main'}" rest)
#define META_EVENT(parent)                                                      \
  "{'kind':'session'," AT_EVENT ",'name':'0.169.0','session':'" SELF "'" parent \
  ",'cwd':'/p','branch':'main'}\n"
#define TURN(id) \
  LINE("turn_context", "'turn_id':'" id "','model':'gpt-a','effort':'high','cwd':'/p'")
#define TURN_EVENT                                  \
  "{'kind':'session'," AT_EVENT ",'session':'" SELF \
  "','model':'gpt-a','effort':'high','cwd':'/p'}\n"
#define COUNTS(input, output) \
  "{'input_tokens':" #input ",'cached_input_tokens':0,'output_tokens':" #output "}"
#define COUNTER(total, last)                                                  \
  LINE("event_msg", "'type':'token_count','info':{'total_token_usage':" total \
                    ",'last_token_usage':" last "},'rate_limits':null")
#define RECORD(id, usage, thread)                                                           \
  LINE("token_usage_record", "'thread_id':'" SELF "','response_id':'" id "','usage':" usage \
                             ",'thread_token_usage':" thread)
#define RECORD_EVENT(id, usage)                                 \
  "{'kind':'usage'," AT_EVENT ",'id':'" id "','session':'" SELF \
  "','model':'gpt-a','effort':'high','scope':'request'," usage ",'flags':['imported']}\n"
#define COUNTED_EVENT(total, usage, flags)                                                 \
  "{'kind':'usage'," AT_EVENT ",'id':'" SELF "@1795514401000+" #total "','session':'" SELF \
  "','model':'gpt-a','effort':'high','scope':'request'," usage ",'flags':[" flags "'imported']}\n"

static void each_response_has_a_record_and_its_counter_adds_nothing(void **state) {
  (void)state;
  events_expect("codex_rollout",
                META("") TURN(OWN_TURN) RECORD("r1", COUNTS(100, 10), COUNTS(100, 10)) COUNTER(
                    COUNTS(100, 10), COUNTS(100, 10)) RECORD("r2", COUNTS(50, 5), COUNTS(150, 15))
                    COUNTER(COUNTS(150, 15), COUNTS(50, 5)) COUNTER(COUNTS(150, 15), COUNTS(0, 0)),
                META_EVENT("") TURN_EVENT RECORD_EVENT("r1", USAGE(100, 0, 0, 0, 10, 0))
                    RECORD_EVENT("r2", USAGE(50, 0, 0, 0, 5, 0)));
}

static void a_record_after_its_counter_counts_once(void **state) {
  (void)state;
  events_expect("codex_rollout",
                META("") TURN(OWN_TURN) COUNTER(COUNTS(100, 10), COUNTS(100, 10))
                    RECORD("r1", COUNTS(100, 10), COUNTS(100, 10))
                        RECORD("r2", COUNTS(50, 5), COUNTS(150, 15)),
                META_EVENT("") TURN_EVENT COUNTED_EVENT(110, USAGE(100, 0, 0, 0, 10, 0), "")
                    RECORD_EVENT("r2", USAGE(50, 0, 0, 0, 5, 0)));
}

static void rule_5_old_rollouts_are_read_by_their_counters(void **state) {
  (void)state;
  events_expect("codex_rollout",
                META("") TURN(OWN_TURN)
                    LINE("event_msg", "'type':'token_count','info':null,'rate_limits':null")
                        COUNTER(COUNTS(100, 10), COUNTS(100, 10))
                            COUNTER(COUNTS(100, 10), COUNTS(100, 10))
                                COUNTER(COUNTS(200, 20), COUNTS(100, 10)),
                META_EVENT("") TURN_EVENT COUNTED_EVENT(110, USAGE(100, 0, 0, 0, 10, 0), "")
                    COUNTED_EVENT(220, USAGE(100, 0, 0, 0, 10, 0), ""));
}

static void rule_5_a_forks_replay_is_its_parents(void **state) {
  (void)state;
  events_expect("codex_rollout",
                META(",'forked_from_id':'" PARENT "'") LINE("session_meta", "'id':'" PARENT "'")
                    TURN(OLD_TURN) COUNTER(COUNTS(100, 10), COUNTS(100, 10))
                        COUNTER(COUNTS(200, 20), COUNTS(100, 10))
                            LINE("event_msg", "'type':'user_message','message':'old'")
                                TURN(OWN_TURN)
                                    LINE("event_msg", "'type':'user_message','message':'new'")
                                        COUNTER(COUNTS(260, 26), COUNTS(60, 6))
                                            COUNTER(COUNTS(300, 30), COUNTS(40, 4)),
                META_EVENT(",'parent':'" PARENT "'") TURN_EVENT
                "{'kind':'prompt'," AT_EVENT ",'text':'new','session':'" SELF
                "'}\n" COUNTED_EVENT(286, USAGE(60, 0, 0, 0, 6, 0), "")
                    COUNTED_EVENT(330, USAGE(40, 0, 0, 0, 4, 0), ""));
}

static void rule_5_a_lineage_that_cannot_be_told_is_uncertain(void **state) {
  (void)state;
  events_expect("codex_rollout",
                META(",'forked_from_id':'" PARENT "'") TURN("3")
                    COUNTER(COUNTS(100, 10), COUNTS(100, 10)),
                META_EVENT(",'parent':'" PARENT "'")
                    TURN_EVENT COUNTED_EVENT(110, USAGE(100, 0, 0, 0, 10, 0), "'uncertain',"));
}

static void a_paginated_fork_has_its_own_records_only(void **state) {
  (void)state;
  events_expect("codex_rollout",
                META(",'forked_from_id':'" PARENT "','history_mode':'paginated'") TURN(OWN_TURN)
                    RECORD("r1", COUNTS(100, 10), COUNTS(1100, 110))
                        COUNTER(COUNTS(1100, 110), COUNTS(100, 10)),
                META_EVENT(",'parent':'" PARENT "'")
                    TURN_EVENT RECORD_EVENT("r1", USAGE(100, 0, 0, 0, 10, 0)));
}

static void a_subagents_thread_is_a_side_chain(void **state) {
  (void)state;
  events_expect(
      "codex_rollout",
      META(",'source':{'subagent':{'thread_spawn':{'parent_thread_id':'" PARENT "','depth':1}}}")
          TURN(OWN_TURN) RECORD("r1", COUNTS(100, 10), COUNTS(100, 10)),
      "{'kind':'session'," AT_EVENT ",'name':'0.169.0','session':'" SELF "','parent':'" PARENT
      "','cwd':'/p','branch':'main','flags':['sidechain']}\n"
      "{'kind':'session'," AT_EVENT ",'session':'" SELF
      "','model':'gpt-a','effort':'high','cwd':'/p','flags':['sidechain']}\n"
      "{'kind':'usage'," AT_EVENT ",'id':'r1','session':'" SELF
      "','model':'gpt-a','effort':'high','scope':'request'," USAGE(
          100, 0, 0, 0, 10, 0) ",'flags':['sidechain','imported']}\n");
}

static void the_rest_of_a_rollout_is_told_or_skipped(void **state) {
  (void)state;
  events_expect(
      "codex_rollout",
      META("") LINE("event_msg", "'type':'task_started','turn_id':'" OWN_TURN "'") TURN(OWN_TURN)
          TURN(OWN_TURN) LINE(
              "event_msg",
              "'type':'item_completed','item':{'type':'UserMessage','content':[{'type':'text','text':'do it'}]}")
              LINE("event_msg", "'type':'user_message','message':'do it'") LINE(
                  "event_msg",
                  "'type':'token_count','info':null,'rate_limits':{'primary':{'used_percent':91.5,'window_minutes':300,'resets_at':1795445154},'secondary':{'used_percent':40,'window_minutes':10080,'resets_in_seconds':60}}")
                  LINE(
                      "event_msg",
                      "'type':'token_count','info':null,'rate_limits':{'primary':{'used_percent':91.5,'window_minutes':300,'resets_at':1795445154},'secondary':null}")
                      LINE("compacted", "'message':'x'") LINE("response_item",
                                                              "'type':'message','role':'user'")
                          LINE("event_msg", "'type':'turn_aborted','reason':'interrupted'") LINE(
                              "event_msg",
                              "'type':'task_complete','error':{'message':'budget reached','codex_error_info':'session_budget_exceeded'}")
                              LINE("event_msg", "'type':'task_complete','last_agent_message':'x'"),
      META_EVENT("") TURN_EVENT
      "{'kind':'prompt'," AT_EVENT ",'text':'do it','session':'" SELF "'}\n"
      "{'kind':'rate_limit'," AT_EVENT ",'name':'five_hour','session':'" SELF
      "','used_per_10000':9150,'resets_at_ms':1795445154000}\n"
      "{'kind':'rate_limit'," AT_EVENT ",'name':'seven_day','session':'" SELF
      "','used_per_10000':4000,'resets_at_ms':1795514461000}\n"
      "{'kind':'compaction'," AT_EVENT ",'session':'" SELF "','tokens_before':0,'tokens_after':0}\n"
      "{'kind':'result'," AT_EVENT ",'name':'aborted','text':'interrupted','session':'" SELF
      "','flags':['failed']}\n"
      "{'kind':'error'," AT_EVENT
      ",'id':'session_budget_exceeded','name':'budget','text':'budget reached - the client`s own limit for a run was reached','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_5_a_turns_usage_is_the_threads_running_total),
      cmocka_unit_test(items_become_text_thinking_calls_and_results),
      cmocka_unit_test(a_turn_without_items_was_blocked_by_a_hook),
      cmocka_unit_test(failures_are_said_once_with_the_status_in_their_words),
      cmocka_unit_test(reconnecting_is_a_retry),
      cmocka_unit_test(rule_5_counters_become_requests),
      cmocka_unit_test(rule_9_a_counter_that_shrinks_in_one_bucket_is_clamped),
      cmocka_unit_test(rule_9_reasoning_is_never_more_than_the_output_it_is_part_of),
      cmocka_unit_test(ids_tell_their_time),
      cmocka_unit_test(each_response_has_a_record_and_its_counter_adds_nothing),
      cmocka_unit_test(a_record_after_its_counter_counts_once),
      cmocka_unit_test(rule_5_old_rollouts_are_read_by_their_counters),
      cmocka_unit_test(rule_5_a_forks_replay_is_its_parents),
      cmocka_unit_test(rule_5_a_lineage_that_cannot_be_told_is_uncertain),
      cmocka_unit_test(a_paginated_fork_has_its_own_records_only),
      cmocka_unit_test(a_subagents_thread_is_a_side_chain),
      cmocka_unit_test(the_rest_of_a_rollout_is_told_or_skipped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
