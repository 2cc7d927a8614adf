/* test_usage_google.c - Gemini's API, the Gemini CLI's stream and its record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/events.h"

#define CHUNK(parts, rest) "data: {'candidates':[{'content':{'parts':[" parts "]}" rest "}],"
#define TAIL(usage) \
  "'usageMetadata':" usage ",'modelVersion':'gemini-3.8-flash','responseId':'gen-1'}\n\n"
#define API_EVENT(usage, flags) \
  "{'kind':'usage','id':'gen-1','model':'gemini-3.8-flash','scope':'request'," usage flags "}\n"

static void the_apis_thoughts_are_output_though_outside_of_the_candidates(void **state) {
  (void)state;
  events_expect(
      "gemini_api",
      CHUNK("{'text':'hm','thought':true}", "") TAIL(
          "{'promptTokenCount':4001,'cachedContentTokenCount':3001,'candidatesTokenCount':1,'totalTokenCount':4002}")
          CHUNK("{'text':'Hi'}", "") TAIL(
              "{'promptTokenCount':4001,'cachedContentTokenCount':3001,'candidatesTokenCount':2,'totalTokenCount':4003}")
              CHUNK("{'functionCall':{'id':'c1','name':'read','args':{'a':1}}}",
                    ",'finishReason':'STOP'")
                  TAIL(
                      "{'promptTokenCount':4001,'cachedContentTokenCount':3001,'candidatesTokenCount':80,'thoughtsTokenCount':21,"
                      "'toolUsePromptTokenCount':7,'totalTokenCount':4109}"),
      "{'kind':'thinking','text':'hm'}\n" API_EVENT(
          USAGE(1000, 3001, 0, 0, 1, 0),
          ",'flags':['partial']") "{'kind':'text','text':'Hi'}\n"
                                  "{'kind':'tool_call','id':'c1','name':'read','text':'{\\'a\\':1}'}\n" API_EVENT(
                                      USAGE(1007, 3001, 0, 0, 101, 21),
                                      "") "{'kind':'result','id':'gen-1','name':'completed'}\n");
}

static void an_array_of_chunks_is_a_stream_too(void **state) {
  (void)state;
  events_expect(
      "gemini_api",
      "[{'candidates':[{'content':{'parts':[{'text':'a'}]}}]}\n,\n"
      "{'candidates':[{'content':{'parts':[{'text':'b'}]},'finishReason':'MAX_TOKENS'}],"
      "'usageMetadata':{'promptTokenCount':3,'candidatesTokenCount':2},'modelVersion':'gemini-3.8-flash','responseId':'gen-1'}]\n",
      "{'kind':'text','text':'a'}\n{'kind':'text','text':'b'}\n" API_EVENT(
          USAGE(3, 0, 0, 0, 2, 0), "") "{'kind':'result','id':'gen-1','name':'max_tokens'}\n");
}

static void a_blocked_prompt_and_a_blocked_answer_say_so(void **state) {
  (void)state;
  events_expect(
      "gemini_api",
      "data: {'promptFeedback':{'blockReason':'SAFETY'},'usageMetadata':{'promptTokenCount':3},'modelVersion':'gemini-3.8-flash','responseId':'gen-1'}\n\n",
      API_EVENT(USAGE(3, 0, 0, 0, 0, 0),
                "") "{'kind':'result','id':'gen-1','name':'content_filter','flags':['failed']}\n");
  events_expect(
      "gemini_api", CHUNK("", ",'finishReason':'RECITATION'") TAIL("{'promptTokenCount':3}"),
      API_EVENT(USAGE(3, 0, 0, 0, 0, 0),
                "") "{'kind':'result','id':'gen-1','name':'content_filter','flags':['failed']}\n");
}

static void an_error_of_the_api_tells_how_long_to_wait(void **state) {
  (void)state;
  events_expect(
      "gemini_api",
      "HTTP/2 429\r\n\r\n{'error':{'code':429,'message':'slow down','status':'RESOURCE_EXHAUSTED','details':"
      "[{'@type':'type.googleapis.com/google.rpc.QuotaFailure'},"
      "{'@type':'type.googleapis.com/google.rpc.RetryInfo','retryDelay':'3.5s'}]}}",
      "{'kind':'error','id':'RESOURCE_EXHAUSTED','name':'rate_limit','text':'slow down - wait a "
      "moment and try again (the server asks for 4 s)','http_status':429,"
      "'retry_after_ms':3500,'flags':['failed']}\n"
      "{'kind':'result','name':'failed','flags':['failed']}\n");
  events_expect(
      "gemini_api", "data: {'error':{'code':503,'message':'busy','status':'UNAVAILABLE'}}\n\n",
      "{'kind':'error','id':'UNAVAILABLE','name':'overloaded','text':'busy - the provider is "
      "overloaded: try again later','http_status':503,'retry_after_ms':-1,'flags':['failed']}\n"
      "{'kind':'result','name':'failed','flags':['failed']}\n");
}

#define INIT \
  "{'type':'init','timestamp':'2026-11-24T10:00:00.000Z','session_id':'s1','model':'auto'}\n"
#define INIT_EVENT "{'kind':'session','at_ms':1795514400000,'session':'s1'}\n"
#define AT         "'timestamp':'2026-11-24T10:00:01.000Z'"
#define AT_EVENT   "'at_ms':1795514401000"

static void the_clis_totals_hide_the_thoughts_in_the_total(void **state) {
  (void)state;
  events_expect(
      "gemini",
      INIT
      "{'type':'message'," AT ",'role':'user','content':'read it'}\n"
      "{'type':'message'," AT ",'role':'assistant','content':'Hi','delta':true}\n"
      "{'type':'tool_use'," AT
      ",'tool_name':'shell','tool_id':'t1','parameters':{'command':'ls'}}\n"
      "{'type':'tool_result'," AT
      ",'tool_id':'t1','status':'error','output':'','error':{'type':'x','message':'no'}}\n"
      "{'type':'result'," AT ",'status':'success','stats':{'total_tokens':30,'models':{"
      "'gemini-a':{'total_tokens':7320,'input_tokens':5600,'output_tokens':900,'cached':3800,'input':1800},"
      "'gemini-b':{'total_tokens':0,'input_tokens':0,'output_tokens':0,'cached':0,'input':0}}}}\n",
      INIT_EVENT "{'kind':'text'," AT_EVENT ",'text':'Hi','session':'s1'}\n"
                 "{'kind':'tool_call'," AT_EVENT
                 ",'id':'t1','name':'shell','text':'{\\'command\\':\\'ls\\'}','session':'s1'}\n"
                 "{'kind':'tool_result'," AT_EVENT
                 ",'id':'t1','text':'no','session':'s1','flags':['failed']}\n"
                 "{'kind':'usage'," AT_EVENT
                 ",'session':'s1','model':'gemini-a','scope':'run'," USAGE(
                     1800, 3800, 0, 0, 1720, 820) "}\n"
                                                  "{'kind':'result'," AT_EVENT
                                                  ",'name':'completed','session':'s1'}\n");
}

static void a_hook_that_stops_the_cli_is_told_from_an_answer(void **state) {
  (void)state;
  events_expect(
      "gemini",
      INIT "{'type':'error'," AT
           ",'severity':'warning','message':'Agent execution blocked: no money'}\n"
           "{'type':'result'," AT ",'status':'success','stats':{'total_tokens':0,'models':{}}}\n",
      INIT_EVENT
      "{'kind':'error'," AT_EVENT ",'name':'warning','text':'Agent execution blocked: no money',"
      "'http_status':0,'retry_after_ms':-1}\n"
      "{'kind':'result'," AT_EVENT
      ",'name':'blocked','text':'Agent execution blocked: no money','session':'s1','flags':['blocked']}\n");
  events_expect("gemini",
                INIT "{'type':'result'," AT ",'status':'success','stats':{'models':{}}}\n",
                INIT_EVENT "{'kind':'result'," AT_EVENT ",'name':'hook_stopped','session':'s1'}\n");
}

static void an_error_of_the_cli_holds_the_providers_json(void **state) {
  (void)state;
  events_expect(
      "gemini",
      INIT
      "{'type':'result'," AT ",'status':'error','error':{'type':'unknown','message':"
      "'[API Error: {\\'error\\':{\\'code\\':401,\\'message\\':\\'bad key\\',\\'status\\':\\'UNAUTHENTICATED\\'}}]'},'stats':{}}\n",
      INIT_EVENT
      "{'kind':'error'," AT_EVENT
      ",'id':'UNAUTHENTICATED','name':'authentication','text':'bad key - check the API key, or "
      "log in again','http_status':401,'retry_after_ms':-1,'flags':['failed']}\n"
      "{'kind':'result'," AT_EVENT ",'name':'failed','session':'s1','flags':['failed']}\n");
  events_expect(
      "gemini",
      INIT "{'type':'result'," AT
           ",'status':'error','error':{'type':'FatalTurnLimitedError','message':'enough'}}\n",
      INIT_EVENT
      "{'kind':'error'," AT_EVENT
      ",'id':'FatalTurnLimitedError','name':'max_turns','text':'enough - the client`s limit on turns "
      "was reached: raise it or split the task','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
      "{'kind':'result'," AT_EVENT ",'name':'max_turns','session':'s1','flags':['failed']}\n");
}

static void the_record_of_a_message_written_again_counts_once(void **state) {
  (void)state;
  events_expect(
      "gemini_chat",
      "{'sessionId':'s1','projectHash':'x','startTime':'2026-11-24T10:00:00.000Z','kind':'main'}\n"
      "{'$set':{'messages':[{'id':'m0'," AT
      ",'type':'user','content':[{'text':'<session_context>x'}]}],'lastUpdated':'x'}}\n"
      "{'id':'m1'," AT ",'type':'user','content':[{'text':'read it'}]}\n"
      "{'id':'m2'," AT
      ",'type':'gemini','content':'','tokens':{'input':5602,'output':901,'cached':3801,'thoughts':821,'tool':0,'total':7324},'model':'g'}\n"
      "{'$set':{'lastUpdated':'x'}}\n"
      "{'id':'m2'," AT
      ",'type':'gemini','content':'','tokens':{'input':5602,'output':901,'cached':3801,'thoughts':821,'tool':0,'total':7324},'model':'g','toolCalls':[]}\n"
      "{'id':'m3'," AT ",'type':'user','content':[{'functionResponse':{'id':'x'}}]}\n"
      "{'id':'m2'," AT
      ",'type':'gemini','content':'','tokens':{'input':5602,'output':900,'cached':3801,'thoughts':821,'tool':9,'total':7332},'model':'g'}\n"
      "{'id':'m4'," AT ",'type':'gemini','content':'later'",
      "{'kind':'session','at_ms':1795514400000,'session':'s1'}\n"
      "{'kind':'prompt'," AT_EVENT ",'id':'m1','text':'read it','session':'s1'}\n"
      "{'kind':'usage'," AT_EVENT ",'id':'m2','session':'s1','model':'g','scope':'request'," USAGE(
          1801, 3801, 0, 0, 1722,
          821) ",'flags':['imported']}\n"
               "{'kind':'usage'," AT_EVENT
               ",'id':'m2','session':'s1','model':'g','scope':'request'," USAGE(
                   1810, 3801, 0, 0, 1721, 821) ",'flags':['imported']}\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_apis_thoughts_are_output_though_outside_of_the_candidates),
      cmocka_unit_test(an_array_of_chunks_is_a_stream_too),
      cmocka_unit_test(a_blocked_prompt_and_a_blocked_answer_say_so),
      cmocka_unit_test(an_error_of_the_api_tells_how_long_to_wait),
      cmocka_unit_test(the_clis_totals_hide_the_thoughts_in_the_total),
      cmocka_unit_test(a_hook_that_stops_the_cli_is_told_from_an_answer),
      cmocka_unit_test(an_error_of_the_cli_holds_the_providers_json),
      cmocka_unit_test(the_record_of_a_message_written_again_counts_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
