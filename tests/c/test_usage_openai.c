/* test_usage_openai.c - the Responses and Chat Completions APIs, and what compatible providers make of the latter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/events.h"

#define HEAD     "HTTP/2 200\r\ncontent-type: text/event-stream\r\nx-request-id: req_1\r\n\r\n"
#define RESPONSE "'id':'resp_1','model':'gpt-5.5'"
#define RESPONSE_USAGE                                                         \
  "'usage':{'input_tokens':4402,'input_tokens_details':{'cached_tokens':3001," \
  "'cache_write_tokens':401},'output_tokens':101,"                             \
  "'output_tokens_details':{'reasoning_tokens':21},'total_tokens':4503}"
#define RESPONSE_EVENT                                                    \
  "{'kind':'usage','id':'resp_1','model':'gpt-5.5','request_id':'req_1'," \
  "'service_tier':'standard','scope':'request'," USAGE(1000, 3001, 401, 0, 101, 21) "}\n"

static void responses_give_text_reasoning_calls_and_usage(void **state) {
  (void)state;
  events_expect(
      "openai_responses",
      HEAD
      "event: response.created\n"
      "data: {'type':'response.created','response':{" RESPONSE
      ",'service_tier':'auto','usage':null}}\n\n"
      "data: {'type':'response.reasoning_summary_text.delta','output_index':0,'delta':'hm'}\n\n"
      "data: {'type':'response.output_item.done','output_index':0,'item':{'type':'reasoning','summary':[{'type':'summary_text','text':'hm'}]}}\n\n"
      "data: {'type':'response.output_text.delta','output_index':1,'delta':'Hi '}\n\n"
      "data: {'type':'response.output_text.delta','output_index':1,'delta':'you'}\n\n"
      "data: {'type':'response.output_item.done','output_index':1,'item':{'type':'message','content':[{'type':'output_text','text':'Hi you'}]}}\n\n"
      "data: {'type':'response.function_call_arguments.delta','output_index':2,'delta':'{'}\n\n"
      "data: {'type':'response.output_item.done','output_index':2,'item':{'type':'function_call','id':'fc_1','call_id':'call_1','name':'read','arguments':'{\\'a\\':1}'}}\n\n"
      "data: {'type':'response.completed','response':{" RESPONSE
      ",'status':'completed','service_tier':'default'," RESPONSE_USAGE "}}\n\n",
      "{'kind':'thinking','text':'hm'}\n"
      "{'kind':'text','text':'Hi '}\n"
      "{'kind':'text','text':'you'}\n"
      "{'kind':'tool_call','id':'call_1','name':'read','text':'{\\'a\\':1}'}\n" RESPONSE_EVENT
      "{'kind':'result','id':'resp_1','name':'completed'}\n");
}

static void items_that_were_not_streamed_are_given_whole(void **state) {
  (void)state;
  events_expect(
      "openai_responses",
      "data: {'type':'response.output_item.done','output_index':0,'item':{'type':'message','content':[{'type':'output_text','text':'Hi'},{'type':'refusal','refusal':'no'}]}}\n\n"
      "data: {'type':'response.completed','response':{" RESPONSE ",'status':'completed'}}\n\n",
      "{'kind':'text','text':'Hi'}\n"
      "{'kind':'text','text':'no'}\n"
      "{'kind':'result','id':'resp_1','name':'refusal','flags':['failed']}\n");
}

static void rule_20_web_searches_are_counted(void **state) {
  (void)state;
  events_expect(
      "openai_responses",
      "data: {'type':'response.output_item.done','output_index':0,'item':{'type':'web_search_call','id':'ws_1','action':{'type':'search','query':'x'}}}\n\n"
      "data: {'type':'response.output_item.done','output_index':1,'item':{'type':'web_search_call','id':'ws_2','action':{'type':'open_page','url':'y'}}}\n\n"
      "data: {'type':'response.completed','response':{" RESPONSE
      ",'status':'completed','usage':{'input_tokens':2,'output_tokens':3}}}\n\n",
      "{'kind':'tool_call','id':'ws_1','name':'web_search','text':'{\\'type\\':\\'search\\',\\'query\\':\\'x\\'}'}\n"
      "{'kind':'tool_call','id':'ws_2','name':'web_search','text':'{\\'type\\':\\'open_page\\',\\'url\\':\\'y\\'}'}\n"
      "{'kind':'usage','id':'resp_1','model':'gpt-5.5','scope':'request','usage':{'input':2,"
      "'cache_read':0,'cache_write_5m':0,'cache_write_1h':0,'output':3,'reasoning':0,'web_searches':1}}\n"
      "{'kind':'result','id':'resp_1','name':'completed'}\n");
}

static void an_incomplete_response_says_why(void **state) {
  (void)state;
  events_expect("openai_responses",
                "data: {'type':'response.incomplete','response':{" RESPONSE
                ",'status':'incomplete',"
                "'incomplete_details':{'reason':'max_output_tokens'},'usage':{'input_tokens':2,"
                "'output_tokens':3}}}\n\n",
                "{'kind':'usage','id':'resp_1','model':'gpt-5.5','scope':'request'," USAGE(
                    2, 0, 0, 0, 3, 0) "}\n"
                                      "{'kind':'result','id':'resp_1','name':'max_tokens'}\n");
}

static void a_failed_response_is_an_error_and_its_usage_counts(void **state) {
  (void)state;
  events_expect(
      "openai_responses",
      "data: {'type':'response.failed','response':{" RESPONSE ",'status':'failed','error':"
      "{'code':'server_error','message':'oops'},'usage':{'input_tokens':2,"
      "'output_tokens':3}}}\n\n",
      "{'kind':'usage','id':'resp_1','model':'gpt-5.5','scope':'request'," USAGE(
          2, 0, 0, 0, 3,
          0) "}\n"
             "{'kind':'error','id':'server_error','name':'server','text':'oops - a fault on the "
             "provider`s side: try again in a moment','http_status':500,'retry_after_ms':-1,"
             "'flags':['failed']}\n"
             "{'kind':'result','name':'failed','flags':['failed']}\n");
  events_expect(
      "openai_responses",
      "data: {'type':'error','code':'context_length_exceeded','message':'too long'}\n\n",
      "{'kind':'error','id':'context_length_exceeded','name':'prompt_too_long','text':'too "
      "long - compact the conversation or start a new one','http_status':400,"
      "'retry_after_ms':-1,'flags':['failed']}\n"
      "{'kind':'result','name':'failed','flags':['failed']}\n");
}

static void a_whole_response_body_is_read_too(void **state) {
  (void)state;
  events_expect(
      "openai_responses",
      "HTTP/1.1 200 OK\r\nx-request-id: req_1\r\n\r\n{'object':'response'," RESPONSE
      ",'status':'completed','service_tier':'default','output':[{'type':'reasoning','summary':[]},"
      "{'type':'message','content':[{'type':'output_text','text':'Hi'}]}]," RESPONSE_USAGE "}",
      "{'kind':'text','text':'Hi'}\n" RESPONSE_EVENT
      "{'kind':'result','id':'resp_1','name':'completed'}\n");
}

static void a_response_that_never_completes_was_cut(void **state) {
  (void)state;
  events_expect("openai_responses",
                HEAD
                "data: {'type':'response.created','response':{" RESPONSE "}}\n\n"
                "data: {'type':'response.output_text.delta','output_index':0,'delta':'Hi'}\n\n",
                "{'kind':'text','text':'Hi'}\n"
                "{'kind':'error','name':'cut','text':'the connection ended in the middle of the "
                "answer: try again','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
                "{'kind':'result','name':'cut','flags':['failed']}\n");
}

#define CHUNK(delta, rest) \
  "data: {'id':'chatcmpl-1','model':'m','choices':[{'index':0,'delta':" delta rest "}]}\n\n"
#define CHAT_USAGE(usage) "data: {'id':'chatcmpl-1','model':'m','choices':[],'usage':" usage "}\n\n"
#define CHAT_EVENT(usage) \
  "{'kind':'usage','id':'chatcmpl-1','model':'m','scope':'request'," usage "}\n"
#define DONE           "data: [DONE]\n\n"
#define CHAT_END(name) "{'kind':'result','id':'chatcmpl-1','name':'" name "'}\n"

static void chat_chunks_give_text_reasoning_calls_and_usage(void **state) {
  (void)state;
  events_expect(
      "openai_chat",
      CHUNK("{'role':'assistant','content':''}",
            ",'finish_reason':null") CHUNK("{'reasoning_content':'hm'}", "")
          CHUNK("{'content':'Hi '}", "") CHUNK("{'content':'you'}", "") CHUNK(
              "{'tool_calls':[{'index':0,'id':'c0','type':'function','function':{'name':'read','arguments':''}},"
              "{'index':1,'id':'c1','function':{'name':'list','arguments':'{}'}}]}",
              "") CHUNK("{'tool_calls':[{'index':0,'id':'','function':{'arguments':'{\\'a'}}]}", "")
              CHUNK("{'tool_calls':[{'index':0,'function':{'arguments':'\\':1}'}}]}",
                    "") CHUNK("{}", ",'finish_reason':'tool_calls'")
                  CHAT_USAGE("{'prompt_tokens':4001,'completion_tokens':101,'total_tokens':4102,"
                             "'prompt_tokens_details':{'cached_tokens':3001},"
                             "'completion_tokens_details':{'reasoning_tokens':21}}") DONE,
      "{'kind':'thinking','text':'hm'}\n"
      "{'kind':'text','text':'Hi '}\n"
      "{'kind':'text','text':'you'}\n"
      "{'kind':'tool_call','id':'c0','name':'read','text':'{\\'a\\':1}'}\n"
      "{'kind':'tool_call','id':'c1','name':'list','text':'{}'}\n" CHAT_EVENT(
          USAGE(1000, 3001, 0, 0, 101, 21)) CHAT_END("tool_use"));
}

static void rule_9_each_spelling_of_the_cache_is_made_exclusive(void **state) {
  (void)state;
  static const struct {
    const char *usage;
    const char *expected;
  } cases[] = {
      /* DeepSeek */
      {"{'prompt_tokens':10,'completion_tokens':3,'total_tokens':13,'prompt_cache_hit_tokens':4,"
       "'prompt_cache_miss_tokens':6}",
       CHAT_EVENT(USAGE(6, 4, 0, 0, 3, 0))},
      /* Moonshot */
      {"{'prompt_tokens':10,'completion_tokens':3,'total_tokens':13,'cached_tokens':4}",
       CHAT_EVENT(USAGE(6, 4, 0, 0, 3, 0))},
      /* LiteLLM */
      {"{'prompt_tokens':10,'completion_tokens':3,'total_tokens':13,'cache_read_input_tokens':4,"
       "'cache_creation_input_tokens':5}",
       CHAT_EVENT(USAGE(1, 4, 5, 0, 3, 0))},
      /* xAI and Google: reasoning is outside of the completion, which the total tells */
      {"{'prompt_tokens':10,'completion_tokens':3,'total_tokens':20,"
       "'completion_tokens_details':{'reasoning_tokens':7}}",
       CHAT_EVENT(USAGE(10, 0, 0, 0, 10, 7))},
      {"{'prompt_tokens':10,'completion_tokens':3}", CHAT_EVENT(USAGE(10, 0, 0, 0, 3, 0))},
      {"{'prompt_tokens':10,'completion_tokens':3,'total_tokens':13,"
       "'prompt_tokens_details':{'cached_tokens':40}}",
       "{'kind':'usage','id':'chatcmpl-1','model':'m','scope':'request'," USAGE(
           0, 40, 0, 0, 3, 0) ",'flags':['clamped']}\n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf input = BUF_INIT;
    struct buf expected = BUF_INIT;
    buf_addf(&input, CHUNK("{}", ",'finish_reason':'stop'") CHAT_USAGE("%s") DONE, cases[i].usage);
    buf_addf(&expected, "%s" CHAT_END("completed"), cases[i].expected);
    events_expect("openai_chat", buf_text(&input), buf_text(&expected));
    buf_fini(&input);
    buf_fini(&expected);
  }
}

static void what_a_gateway_charged_is_reported_to_the_nano_dollar(void **state) {
  (void)state;
  events_expect("openai_chat",
                CHUNK("{'content':'Hi'}", ",'finish_reason':'stop'")
                    CHAT_USAGE("{'prompt_tokens':1,'completion_tokens':2,'total_tokens':3,"
                               "'cost':0.000000001500000000000000001}") DONE,
                "{'kind':'text','text':'Hi'}\n"
                "{'kind':'usage','id':'chatcmpl-1','model':'m','scope':'request'," USAGE(
                    1, 0, 0, 0, 2, 0) ",'cost_nanousd':2}\n" CHAT_END("completed"));
}

static void rule_8_continuous_usage_ends_with_its_last_frame(void **state) {
  (void)state;
  events_expect(
      "openai_chat",
      "data: {'id':'chatcmpl-1','model':'m','choices':[{'delta':{'content':'a'}}],'usage':{'prompt_tokens':9,'completion_tokens':1,'total_tokens':10}}\n\n"
      "data: {'id':'chatcmpl-1','model':'m','choices':[{'delta':{'content':'b'}}],'usage':{'prompt_tokens':9,'completion_tokens':2,'total_tokens':11}}\n\n"
      "data: {'id':'chatcmpl-1','model':'m','choices':[{'delta':{},'finish_reason':'length'}],'usage':{'prompt_tokens':9,'completion_tokens':3,'total_tokens':12}}\n\n" DONE,
      "{'kind':'text','text':'a'}\n"
      "{'kind':'usage','id':'chatcmpl-1','model':'m','scope':'request'," USAGE(
          9, 0, 0, 0, 1, 0) ",'flags':['partial']}\n"
                            "{'kind':'text','text':'b'}\n" CHAT_EVENT(USAGE(9, 0, 0, 0, 3, 0))
                                CHAT_END("max_tokens"));
}

static void a_chat_that_is_cut_keeps_the_latest_partial_usage(void **state) {
  (void)state;
  events_expect(
      "openai_chat",
      "data: {'id':'chatcmpl-1','model':'m','choices':[{'delta':{'content':'a'}}],'usage':{'prompt_tokens':9,'completion_tokens':1,'total_tokens':10}}\n\n"
      "data: {'id':'chatcmpl-1','model':'m','choices':[{'delta':{'content':'b'}}],'usage':{'prompt_tokens':9,'completion_tokens':2,'total_tokens':11}}\n\n",
      "{'kind':'text','text':'a'}\n"
      "{'kind':'usage','id':'chatcmpl-1','model':'m','scope':'request'," USAGE(
          9, 0, 0, 0, 1,
          0) ",'flags':['partial']}\n"
             "{'kind':'text','text':'b'}\n"
             "{'kind':'usage','id':'chatcmpl-1','model':'m','scope':'request'," USAGE(
                 9, 0, 0, 0, 2,
                 0) ",'flags':['partial']}\n"
                    "{'kind':'error','name':'cut','text':'the connection ended in the middle of the answer: "
                    "try again','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
                    "{'kind':'result','name':'cut','flags':['failed']}\n");
}

static void a_stream_without_usage_has_none(void **state) {
  (void)state;
  events_expect("openai_chat", CHUNK("{'content':'Hi'}", ",'finish_reason':'stop'") DONE,
                "{'kind':'text','text':'Hi'}\n" CHAT_END("completed"));
}

static void a_whole_chat_body_is_read_too(void **state) {
  (void)state;
  events_expect(
      "openai_chat",
      "{'id':'chatcmpl-1','model':'m','service_tier':'flex','choices':[{'message':{'content':'Hi','refusal':null,"
      "'tool_calls':[{'id':'c0','function':{'name':'read','arguments':{'a':1}}}]},'finish_reason':'stop'}],"
      "'usage':{'prompt_tokens':1,'completion_tokens':2,'total_tokens':3}}",
      "{'kind':'text','text':'Hi'}\n"
      "{'kind':'tool_call','id':'c0','name':'read','text':'{\\'a\\':1}'}\n"
      "{'kind':'usage','id':'chatcmpl-1','model':'m','service_tier':'flex','scope':'request'," USAGE(
          1, 0, 0, 0, 2, 0) "}\n" CHAT_END("completed"));
}

static void errors_of_compatible_providers_come_in_many_shapes(void **state) {
  (void)state;
  static const struct {
    const char *input;
    const char *events;
  } cases[] = {
      {"HTTP/1.1 429 Too Many Requests\r\nretry-after-ms: 1500\r\n\r\n{'error':{'message':'You exceeded "
       "your current quota','type':'insufficient_quota','param':null,'code':'insufficient_quota'}}",
       "{'kind':'error','id':'insufficient_quota','name':'quota','text':'You exceeded your current "
       "quota - the account`s quota is used up: wait for its reset or raise it (the server asks for 2 "
       "s)','http_status':429,'retry_after_ms':1500,'flags':['failed']}\n"},
      {"HTTP/1.1 404 Not Found\r\n\r\n{'error':'model `x` not found'}",
       "{'kind':'error','name':'not_found','text':'model `x` not found - check the model`s name and the "
       "endpoint`s address','http_status':404,'retry_after_ms':-1,'flags':['failed']}\n"},
      {"HTTP/1.1 422 Unprocessable\r\n\r\n{'detail':'bad field'}",
       "{'kind':'error','name':'invalid_request','text':'bad field','http_status':422,"
       "'retry_after_ms':-1,'flags':['failed']}\n"},
      {"data: {'error':{'message':'upstream','code':502}}\n\n",
       "{'kind':'error','name':'server','text':'upstream - a fault on the provider`s side: try again in "
       "a moment','http_status':502,'retry_after_ms':-1,'flags':['failed']}\n"},
      {"{'error':{'message':'Incorrect API key provided','code':'invalid_api_key'}}",
       "{'kind':'error','id':'invalid_api_key','name':'authentication','text':'Incorrect API key "
       "provided - check the API key, or log in again','http_status':401,'retry_after_ms':-1,"
       "'flags':['failed']}\n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf expected = BUF_INIT;
    buf_addf(&expected, "%s{'kind':'result','name':'failed','flags':['failed']}\n",
             cases[i].events);
    events_expect("openai_chat", cases[i].input, buf_text(&expected));
    buf_fini(&expected);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(responses_give_text_reasoning_calls_and_usage),
      cmocka_unit_test(items_that_were_not_streamed_are_given_whole),
      cmocka_unit_test(rule_20_web_searches_are_counted),
      cmocka_unit_test(an_incomplete_response_says_why),
      cmocka_unit_test(a_failed_response_is_an_error_and_its_usage_counts),
      cmocka_unit_test(a_whole_response_body_is_read_too),
      cmocka_unit_test(a_response_that_never_completes_was_cut),
      cmocka_unit_test(chat_chunks_give_text_reasoning_calls_and_usage),
      cmocka_unit_test(rule_9_each_spelling_of_the_cache_is_made_exclusive),
      cmocka_unit_test(what_a_gateway_charged_is_reported_to_the_nano_dollar),
      cmocka_unit_test(rule_8_continuous_usage_ends_with_its_last_frame),
      cmocka_unit_test(a_chat_that_is_cut_keeps_the_latest_partial_usage),
      cmocka_unit_test(a_stream_without_usage_has_none),
      cmocka_unit_test(a_whole_chat_body_is_read_too),
      cmocka_unit_test(errors_of_compatible_providers_come_in_many_shapes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
