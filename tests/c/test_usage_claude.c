/* test_usage_claude.c - Claude Code's stdout and its transcript. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/events.h"

#define INIT                                                                           \
  "{'type':'system','subtype':'init','cwd':'/p','session_id':'s1','model':'claude-a'," \
  "'claude_code_version':'2.1.330','tools':[]}\n"
#define INIT_EVENT \
  "{'kind':'session','name':'2.1.330','session':'s1','model':'claude-a','cwd':'/p'}\n"
#define AT       "'timestamp':'2026-11-24T10:00:01.000Z'"
#define AT_EVENT "'at_ms':1795514401000"
#define BEGUN                                                                                      \
  "'usage':{'input_tokens':1001,'cache_creation_input_tokens':450,'cache_read_input_tokens':3001," \
  "'cache_creation':{'ephemeral_5m_input_tokens':400,'ephemeral_1h_input_tokens':50},"             \
  "'output_tokens':1,'service_tier':'standard'}"
#define LINE(block)                                                                 \
  "{'type':'assistant','message':{'id':'m1','model':'claude-a','content':[" block   \
  "],'stop_reason':null," BEGUN "},'parent_tool_use_id':null,'session_id':'s1'," AT \
  ",'request_id':'req_1'}\n"
#define RESULT(rest) "{'type':'result','session_id':'s1'" rest "}\n"
#define TOTALS                                                                          \
  ",'modelUsage':{'claude-a':{'inputTokens':9999,'outputTokens':9999,'costUSD':9.9}},"  \
  "'model_usage_since_last_result':{'claude-a':{'inputTokens':1001,'outputTokens':101," \
  "'cacheReadInputTokens':3001,'cacheCreationInputTokens':450,"                         \
  "'cacheCreationEphemeral5mInputTokens':400,'cacheCreationEphemeral1hInputTokens':50," \
  "'costUSD':0.018087600000000002,'costBasis':'list'}}"
#define RUN_EVENT                                                           \
  "{'kind':'usage','session':'s1','model':'claude-a','scope':'run'," USAGE( \
      1001, 3001, 400, 50, 101, 0) ",'cost_nanousd':18087600}\n"
#define DONE \
  ",'subtype':'success','is_error':false,'num_turns':1,'terminal_reason':'completed','result':'Hi'"
#define DONE_EVENT "{'kind':'result','name':'completed','text':'Hi','session':'s1'}\n"

static void rule_1_a_message_of_several_lines_is_one_partial_figure(void **state) {
  (void)state;
  events_expect(
      "claude",
      INIT LINE("{'type':'thinking','thinking':'hm','signature':'x'}")
          LINE("{'type':'text','text':'Hi'}") LINE(
              "{'type':'tool_use','id':'t1','name':'Bash','input':{'command':'ls'}}") "{'type':'user','message':{'role':'user','content':[{'tool_use_id':'t1','type':'tool_result','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}],'is_error':true}]},'parent_tool_use_id':null,'session_id':'s1'," AT
                                                                                      "}\n" RESULT(
                                                                                          DONE
                                                                                              TOTALS),
      INIT_EVENT
      "{'kind':'usage'," AT_EVENT
      ",'id':'m1','session':'s1','model':'claude-a','request_id':'req_1','service_tier':'standard','scope':'request'," USAGE(
          1001, 3001, 400, 50, 1,
          0) ",'flags':['partial']}\n"
             "{'kind':'thinking'," AT_EVENT ",'text':'hm','session':'s1'}\n"
             "{'kind':'text'," AT_EVENT ",'text':'Hi','session':'s1'}\n"
             "{'kind':'tool_call'," AT_EVENT
             ",'id':'t1','name':'Bash','text':'{\\'command\\':\\'ls\\'}','session':'s1'}\n"
             "{'kind':'tool_result'," AT_EVENT
             ",'id':'t1','text':'a\\nb','session':'s1','flags':['failed']}\n" RUN_EVENT DONE_EVENT);
}

#define WRAP(event) \
  "{'type':'stream_event','event':" event ",'session_id':'s1','parent_tool_use_id':null}\n"

static void partial_messages_bring_final_figures_and_each_text_once(void **state) {
  (void)state;
  events_expect(
      "claude",
      INIT WRAP("{'type':'message_start','message':{'id':'m1','model':'claude-a'," BEGUN "}}") WRAP(
          "{'type':'content_block_delta','index':0,'delta':{'type':'thinking_delta','thinking':'hm'}}")
          WRAP("{'type':'content_block_delta','index':1,'delta':{'type':'text_delta','text':'H'}}")
              LINE("{'type':'text','text':'Hi'}") WRAP(
                  "{'type':'content_block_delta','index':1,'delta':{'type':'text_delta','text':'i'}}")
                  WRAP(
                      "{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':{'input_tokens':1001,'cache_creation_input_tokens':450,'cache_read_input_tokens':3001,'output_tokens':101}}")
                      LINE("{'type':'tool_use','id':'t1','name':'Bash','input':{}}")
                          RESULT(DONE TOTALS),
      INIT_EVENT
      "{'kind':'usage','id':'m1','session':'s1','model':'claude-a','service_tier':'standard','scope':'request'," USAGE(
          1001, 3001, 400, 50, 1,
          0) ",'flags':['partial']}\n"
             "{'kind':'thinking','text':'hm','session':'s1'}\n"
             "{'kind':'text','text':'H','session':'s1'}\n"
             "{'kind':'text','text':'i','session':'s1'}\n"
             "{'kind':'usage','id':'m1','session':'s1','model':'claude-a','request_id':'req_1','service_tier':'standard','scope':'request'," USAGE(
                 1001, 3001, 400, 50, 101,
                 0) "}\n"
                    "{'kind':'tool_call'," AT_EVENT
                    ",'id':'t1','name':'Bash','text':'{}','session':'s1'}\n" RUN_EVENT DONE_EVENT);
}

static void a_subagents_lines_are_marked_and_name_their_call(void **state) {
  (void)state;
  events_expect(
      "claude",
      "{'type':'assistant','message':{'id':'m2','model':'claude-b','content':[{'type':'text','text':'Hi'}],'usage':{'input_tokens':3,'output_tokens':1}},'parent_tool_use_id':'t1','session_id':'s1'," AT
      "}\n",
      "{'kind':'usage'," AT_EVENT
      ",'id':'m2','session':'s1','model':'claude-b','parent':'t1','scope':'request'," USAGE(
          3, 0, 0, 0, 1,
          0) ",'flags':['partial','sidechain']}\n"
             "{'kind':'text'," AT_EVENT
             ",'text':'Hi','session':'s1','parent':'t1','flags':['sidechain']}\n"
             "{'kind':'error','name':'cut','text':'the client ended without a result','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
             "{'kind':'result','name':'cut','flags':['failed']}\n");
}

static void rule_7_results_of_one_process_add_up_to_the_runs_total(void **state) {
  (void)state;
  events_expect("claude", RESULT(DONE TOTALS) RESULT(DONE TOTALS),
                RUN_EVENT DONE_EVENT
                "{'kind':'usage','session':'s1','model':'claude-a','scope':'run'," USAGE(
                    2002, 6002, 800, 100, 202, 0) ",'cost_nanousd':36175200}\n" DONE_EVENT);
}

#define OLD \
  "'modelUsage':{'claude-a':{'inputTokens':5,'outputTokens':6,'cacheReadInputTokens':7,'cacheCreationInputTokens':8,'costUSD':0.5}}"

static void rule_7_without_a_delta_the_total_is_the_process_or_the_session(void **state) {
  (void)state;
  events_expect("claude", RESULT(DONE "," OLD),
                "{'kind':'usage','session':'s1','model':'claude-a','scope':'run'," USAGE(
                    5, 7, 8, 0, 6, 0) ",'cost_nanousd':500000000}\n" DONE_EVENT);
  events_expect("claude", RESULT(DONE ",'result_index':0," OLD),
                "{'kind':'usage','session':'s1','model':'claude-a','scope':'session'," USAGE(
                    5, 7, 8, 0, 6, 0) ",'cost_nanousd':500000000}\n" DONE_EVENT);
}

static void rule_17_the_cost_of_an_unknown_model_is_not_known(void **state) {
  (void)state;
  events_expect(
      "claude",
      RESULT(
          DONE
          ",'model_usage_since_last_result':{'x':{'inputTokens':5,'costUSD':0.5,'costBasis':'unknown'}}"),
      "{'kind':'usage','session':'s1','model':'x','scope':'run'," USAGE(5, 0, 0, 0, 0,
                                                                        0) "}\n" DONE_EVENT);
}

static void results_have_names(void **state) {
  (void)state;
  static const struct {
    const char *result;
    const char *events;
  } cases[] = {
      {",'subtype':'error_max_budget_usd','is_error':true,'terminal_reason':'budget_exhausted','errors':['Reached maximum budget ($0.02)']",
       "{'kind':'error','name':'budget','text':'Reached maximum budget ($0.02) - the client`s own limit for a run was reached','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
       "{'kind':'result','name':'budget','session':'s1','flags':['failed']}\n"},
      {",'subtype':'error_max_turns','is_error':true,'errors':['Reached maximum number of turns (2)']",
       "{'kind':'error','name':'max_turns','text':'Reached maximum number of turns (2) - the client`s limit on turns was reached: raise it or split the task','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
       "{'kind':'result','name':'max_turns','session':'s1','flags':['failed']}\n"},
      {",'subtype':'success','is_error':true,'terminal_reason':'api_error','api_error_status':529,'api_error_type':'overloaded_error','result':'API Error: 529 busy'",
       "{'kind':'error','id':'overloaded_error','name':'overloaded','text':'API Error: 529 busy - the provider is overloaded: try again later','http_status':529,'retry_after_ms':-1,'flags':['failed']}\n"
       "{'kind':'result','name':'api_error','text':'API Error: 529 busy','session':'s1','flags':['failed']}\n"},
      {",'subtype':'success','is_error':true,'result':'API Error: Request rejected (429) x'",
       "{'kind':'error','name':'rate_limit','text':'API Error: Request rejected (429) x - wait a moment and try again','http_status':429,'retry_after_ms':-1,'flags':['failed']}\n"
       "{'kind':'result','name':'api_error','text':'API Error: Request rejected (429) x','session':'s1','flags':['failed']}\n"},
      {",'subtype':'success','is_error':true,'terminal_reason':'api_error','result':'Not logged in, run /login'",
       "{'kind':'error','name':'authentication','text':'Not logged in, run /login - check the API key, or log in again','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
       "{'kind':'result','name':'api_error','text':'Not logged in, run /login','session':'s1','flags':['failed']}\n"},
      {",'subtype':'success','is_error':true,'terminal_reason':'prompt_too_long','api_error_status':400,'result':'Prompt is too long'",
       "{'kind':'error','name':'prompt_too_long','text':'Prompt is too long - compact the conversation or start a new one','http_status':400,'retry_after_ms':-1,'flags':['failed']}\n"
       "{'kind':'result','name':'prompt_too_long','text':'Prompt is too long','session':'s1','flags':['failed']}\n"},
      {",'subtype':'error_during_execution','is_error':true,'terminal_reason':'aborted_streaming','errors':['[diagnostic]']",
       "{'kind':'error','name':'aborted','text':'interrupted while the model was answering','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
       "{'kind':'result','name':'aborted','session':'s1','flags':['failed']}\n"},
      {",'subtype':'error_during_execution','is_error':true,'terminal_reason':'aborted_tools'",
       "{'kind':'error','name':'aborted','text':'interrupted while a tool was running','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
       "{'kind':'result','name':'aborted','session':'s1','flags':['failed']}\n"},
      {",'subtype':'success','is_error':false,'num_turns':2,'terminal_reason':'hook_stopped','result':''",
       "{'kind':'result','name':'hook_stopped','session':'s1'}\n"},
      {",'subtype':'success','is_error':false,'num_turns':0,'local_command':'compact','result':''",
       "{'kind':'result','name':'completed','session':'s1'}\n"},
      {",'subtype':'success','is_error':false,'num_turns':0,'result':'UserPromptSubmit operation blocked by hook: no'",
       "{'kind':'result','name':'blocked','text':'UserPromptSubmit operation blocked by hook: no','session':'s1','flags':['blocked']}\n"},
      {",'subtype':'something_new','is_error':false,'terminal_reason':'something_new'",
       "{'kind':'result','name':'completed','session':'s1'}\n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf input = BUF_INIT;
    buf_addf(&input, RESULT("%s"), cases[i].result);
    events_expect("claude", buf_text(&input), cases[i].events);
    buf_fini(&input);
  }
}

static void a_hook_that_blocks_the_prompt_gives_its_reason(void **state) {
  (void)state;
  events_expect(
      "claude",
      "{'type':'system','subtype':'informational','content':'long words','prompt_submit_outcome':{'kind':'blocked_by_hook','reason':'no money'},'session_id':'s1'}\n" RESULT(
          ",'subtype':'success','is_error':false,'num_turns':0,'result':'long words'"),
      "{'kind':'result','name':'blocked','text':'no money','session':'s1','flags':['blocked']}\n");
}

static void compaction_that_fails_is_an_error_and_one_that_a_hook_blocks_is_not(void **state) {
  (void)state;
#define FAILED(why)                                                                                   \
  "{'type':'system','subtype':'status','status':null,'compact_result':'failed','compact_error':'" why \
  "','session_id':'s1'}\n"
#define COMPACT \
  RESULT(       \
      ",'subtype':'success','is_error':false,'num_turns':0,'local_command':'compact','result':'x'")
  events_expect(
      "claude", FAILED("no memory") COMPACT,
      "{'kind':'error','name':'compaction','text':'no memory','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
      "{'kind':'result','name':'failed','text':'x','session':'s1','flags':['failed']}\n");
  events_expect(
      "claude", FAILED("skipped: Compaction blocked by PreCompact hook: no") COMPACT,
      "{'kind':'result','name':'blocked','text':'x','session':'s1','flags':['blocked']}\n");
}

static void what_happens_on_the_way_is_told(void **state) {
  (void)state;
  events_expect(
      "claude",
      "{'type':'system','subtype':'api_retry','attempt':1,'retry_delay_ms':580,'error_status':529,'error':'overloaded','session_id':'s1'}\n"
      "{'type':'system','subtype':'api_retry','attempt':2,'retry_delay_ms':580,'error_status':null,'error':'unknown','session_id':'s1'}\n"
      "{'type':'system','subtype':'model_fallback','original_model':'claude-a','fallback_model':'claude-b','content':'switched','session_id':'s1'}\n"
      "{'type':'system','subtype':'status','status':'compacting','session_id':'s1'}\n"
      "{'type':'system','subtype':'compact_boundary','session_id':'s1','compact_metadata':{'trigger':'auto','pre_tokens':5187,'post_tokens':2615}}\n"
      "{'type':'rate_limit_event','rate_limit_info':{'status':'rejected','resetsAt':1795444594,'rateLimitType':'five_hour','utilization':1.01,'unifiedWindows':{'five_hour':{'utilization':1.01,'resetsAt':1795444594},'seven_day':{'utilization':0.42,'resetsAt':1795444595}}}}\n"
      "{'type':'rate_limit_event','rate_limit_info':{'status':'allowed_warning','resetsAt':1795444594,'rateLimitType':'five_hour','utilization':0.9}}\n"
      "{'type':'something_new'}\n" RESULT(DONE),
      "{'kind':'retry','text':'overloaded','http_status':529,'delay_ms':580}\n"
      "{'kind':'retry','text':'unknown','http_status':0,'delay_ms':580}\n"
      "{'kind':'session','text':'switched','session':'s1','model':'claude-b'}\n"
      "{'kind':'compaction','name':'auto','session':'s1','tokens_before':5187,'tokens_after':2615}\n"
      "{'kind':'rate_limit','name':'five_hour','used_per_10000':10100,'resets_at_ms':1795444594000,'flags':['failed']}\n"
      "{'kind':'rate_limit','name':'seven_day','used_per_10000':4200,'resets_at_ms':1795444595000}\n"
      "{'kind':'rate_limit','name':'five_hour','used_per_10000':9000,'resets_at_ms':1795444594000}\n" DONE_EVENT);
}

static void the_clients_own_words_are_no_request(void **state) {
  (void)state;
  events_expect(
      "claude",
      "{'type':'assistant','message':{'id':'x','model':'<synthetic>','content':[{'type':'text','text':'API Error'}],'usage':{'input_tokens':0}},'session_id':'s1','is_api_error_message':true}\n"
      "{'type':'assistant','message':{'id':'y','model':'<synthetic>','content':[{'type':'text','text':'Total cost: 1'}],'usage':{'input_tokens':0}},'session_id':'s1'}\n" RESULT(
          DONE),
      "{'kind':'text','text':'Total cost: 1','session':'s1'}\n" DONE_EVENT);
}

/* ---- the transcript ---- */

#define PLACE "'sessionId':'s1','cwd':'/p','gitBranch':'main','version':'2.1.330'," AT
#define PLACE_EVENT \
  "{'kind':'session'," AT_EVENT ",'name':'2.1.330','session':'s1','cwd':'/p','branch':'main'}\n"
#define WROTE(output, stop, rest)                                                              \
  "{'type':'assistant','message':{'id':'m1','model':'claude-a','stop_reason':" stop            \
  ",'usage':{'input_tokens':10,'cache_creation_input_tokens':5,'cache_read_input_tokens':20,"  \
  "'output_tokens':" output ",'service_tier':'standard','speed':'fast'}},'requestId':'req_1'," \
  "'effort':'high','isSidechain':false" rest "," PLACE "}\n"
#define WROTE_EVENT(usage, rest)                                                                   \
  "{'kind':'usage'," AT_EVENT ",'id':'m1','session':'s1','model':'claude-a','request_id':'req_1'," \
  "'service_tier':'standard','speed':'fast','effort':'high','scope':'request'," usage rest "}\n"

static void rule_1_a_transcript_keeps_the_best_line_of_a_message(void **state) {
  (void)state;
  events_expect(
      "claude_transcript",
      WROTE("1", "null", "") WROTE("50", "null", "") WROTE("30", "null", "")
          WROTE("60", "'end_turn'", "") WROTE("60", "'end_turn'", "") WROTE("1", "null", ""),
      PLACE_EVENT WROTE_EVENT(USAGE(10, 20, 5, 0, 1, 0), ",'flags':['partial','imported']")
          WROTE_EVENT(USAGE(10, 20, 5, 0, 50, 0), ",'flags':['partial','imported']")
              WROTE_EVENT(USAGE(10, 20, 5, 0, 60, 0), ",'flags':['imported']"));
}

static void rule_3_a_forks_copies_name_the_original_session(void **state) {
  (void)state;
  events_expect("claude_transcript", WROTE("60", "'end_turn'", ",'requestSessionId':'s0'"),
                PLACE_EVENT
                "{'kind':'usage'," AT_EVENT
                ",'id':'m1','session':'s1','model':'claude-a','request_id':'req_1','parent':'s0',"
                "'service_tier':'standard','speed':'fast','effort':'high','scope':'request'," USAGE(
                    10, 20, 5, 0, 60, 0) ",'flags':['imported']}\n");
}

static void prompts_are_what_the_user_typed(void **state) {
  (void)state;
#define SAID(content, rest) \
  "{'type':'user','message':{'role':'user','content':" content "},'uuid':'u'" rest "," PLACE "}\n"
  events_expect(
      "claude_transcript",
      SAID("'one'", "") SAID("[{'type':'text','text':'two'},{'type':'image'}]",
                             ",'isSidechain':true") SAID("'summary'", ",'isCompactSummary':true")
          SAID("'caveat'", ",'isMeta':true") SAID("'<command-name>/compact</command-name>'", "")
              SAID("'<local-command-stdout>x'", "") SAID("'[Request interrupted by user]'", "")
                  SAID("[{'type':'tool_result','content':'x'},{'type':'text','text':'no'}]", ""),
      PLACE_EVENT "{'kind':'prompt'," AT_EVENT ",'id':'u','text':'one','session':'s1'}\n"
                  "{'kind':'prompt'," AT_EVENT
                  ",'id':'u','text':'two','session':'s1','flags':['sidechain']}\n");
}

static void the_rest_of_a_transcript_is_told_or_skipped(void **state) {
  (void)state;
  events_expect(
      "claude_transcript",
      "{'type':'queue-operation','operation':'enqueue','sessionId':'s1','content':'x'}\n"
      "{'type':'system','subtype':'compact_boundary','compactMetadata':{'trigger':'manual','preTokens':9,'postTokens':4}," PLACE
      "}\n"
      "{'type':'system','subtype':'api_error','error':{'message':'Connection error.','formatted':'dropped','status':503},'retryInMs':580," PLACE
      "}\n"
      "{'type':'assistant','message':{'id':'x','model':'<synthetic>','content':[{'type':'text','text':'rejected'}],'usage':{'input_tokens':0}},'isApiErrorMessage':true,'apiErrorStatus':429,'apiErrorType':'rate_limit_error'," PLACE
      "}\n"
      "{'type':'cost-state','sessionId':'s1','modelUsage':{'claude-a':{'inputTokens':1,'outputTokens':2,'costUSD':0.25}},'hasUnknownModelCost':false}\n"
      "{'type':'cost-state','sessionId':'s1','modelUsage':{'claude-a':{'inputTokens':1,'outputTokens':2,'costUSD':0.25}},'hasUnknownModelCost':true}\n"
      "{'type':'assistant','message':{'id':'half",
      PLACE_EVENT
      "{'kind':'compaction'," AT_EVENT
      ",'name':'manual','session':'s1','tokens_before':9,'tokens_after':4}\n"
      "{'kind':'retry'," AT_EVENT
      ",'text':'dropped','session':'s1','http_status':503,'delay_ms':580}\n"
      "{'kind':'error'," AT_EVENT
      ",'id':'rate_limit_error','name':'rate_limit','text':'rejected - wait a moment and try again','http_status':429,'retry_after_ms':-1}\n"
      "{'kind':'usage','session':'s1','model':'claude-a','scope':'session'," USAGE(
          1, 0, 0, 0, 2,
          0) ",'cost_nanousd':250000000,'flags':['imported']}\n"
             "{'kind':'usage','session':'s1','model':'claude-a','scope':'session'," USAGE(
                 1, 0, 0, 0, 2, 0) ",'flags':['imported']}\n");
}

/* Bulky lines are passed over unread. What looks like one of them must not be. */
static void no_prompt_is_mistaken_for_a_bulky_line(void **state) {
  (void)state;
  events_expect(
      "claude_transcript",
      "{'parentUuid':null,'isSidechain':false,'attachment':{'type':'model','message':{'usage':{}}},'type':'attachment'," PLACE
      "}\n"
      "{'type':'api-request-blob','sessionId':'s1','message':{'usage':{'input_tokens':9}}}\n" SAID(
          "'why does \\'tool_result\\' hold \\'usage\\' and \\'attachment\\':{ here?'",
          "") "{'type':'assistant','message':{'id':'m9','model':'a','stop_reason':'end_turn','content':[{'type':'text','text':'a \\'tool_result\\''}],'usage':{'input_tokens':1,'output_tokens':1}}," PLACE
              "}\n",
      PLACE_EVENT
      "{'kind':'prompt'," AT_EVENT
      ",'id':'u','text':'why does \\'tool_result\\' hold \\'usage\\' and \\'attachment\\':{ here?','session':'s1'}\n"
      "{'kind':'usage'," AT_EVENT ",'id':'m9','session':'s1','model':'a','scope':'request'," USAGE(
          1, 0, 0, 0, 1, 0) ",'flags':['imported']}\n");
}

/* More messages than the window of recent ids, each written twice in a row, are still reported once. */
static void rule_1_holds_for_any_number_of_messages(void **state) {
  (void)state;
  struct buf input = BUF_INIT;
  for (int i = 0; i < 1000; i++) {
    for (int copy = 0; copy < 2; copy++) {
      buf_addf(
          &input,
          "{\"type\":\"assistant\",\"message\":{\"id\":\"m%d\",\"model\":\"a\",\"stop_reason\":\"end_turn\","
          "\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n",
          i);
    }
  }
  char *events = events_decode("claude_transcript", input.data, input.len, 0);
  size_t lines = 0;
  for (const char *c = events; (c = strchr(c, '\n')) != NULL; c++)
    lines++;
  assert_int_equal(lines, 1000);
  mem_free(events);
  buf_fini(&input);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_1_a_message_of_several_lines_is_one_partial_figure),
      cmocka_unit_test(partial_messages_bring_final_figures_and_each_text_once),
      cmocka_unit_test(a_subagents_lines_are_marked_and_name_their_call),
      cmocka_unit_test(rule_7_results_of_one_process_add_up_to_the_runs_total),
      cmocka_unit_test(rule_7_without_a_delta_the_total_is_the_process_or_the_session),
      cmocka_unit_test(rule_17_the_cost_of_an_unknown_model_is_not_known),
      cmocka_unit_test(results_have_names),
      cmocka_unit_test(a_hook_that_blocks_the_prompt_gives_its_reason),
      cmocka_unit_test(compaction_that_fails_is_an_error_and_one_that_a_hook_blocks_is_not),
      cmocka_unit_test(what_happens_on_the_way_is_told),
      cmocka_unit_test(the_clients_own_words_are_no_request),
      cmocka_unit_test(rule_1_a_transcript_keeps_the_best_line_of_a_message),
      cmocka_unit_test(rule_3_a_forks_copies_name_the_original_session),
      cmocka_unit_test(prompts_are_what_the_user_typed),
      cmocka_unit_test(the_rest_of_a_transcript_is_told_or_skipped),
      cmocka_unit_test(no_prompt_is_mistaken_for_a_bulky_line),
      cmocka_unit_test(rule_1_holds_for_any_number_of_messages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
