/* test_usage_anthropic.c - the Messages API, as curl hands its answer on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/events.h"

#define HEAD "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_1\r\n\r\n"
#define START(usage)                                                                               \
  "event: message_start\n"                                                                         \
  "data: {'type':'message_start','message':{'id':'msg_1','model':'claude-opus-5-5','usage':" usage \
  "}}\n\n"
#define DELTA(reason, usage) \
  "event: message_delta\n"   \
  "data: {'type':'message_delta','delta':{'stop_reason':'" reason "'},'usage':" usage "}\n\n"
#define STOP "event: message_stop\ndata: {'type':'message_stop'}\n\n"
#define BEGUN                                                                              \
  "{'input_tokens':1001,'cache_creation_input_tokens':450,'cache_read_input_tokens':3001," \
  "'cache_creation':{'ephemeral_5m_input_tokens':400,'ephemeral_1h_input_tokens':50},"     \
  "'output_tokens':1,'service_tier':'standard'}"
#define EVENT(flags, usage)                                                      \
  "{'kind':'usage','id':'msg_1','model':'claude-opus-5-5','request_id':'req_1'," \
  "'service_tier':'standard','scope':'request'," usage flags "}\n"
#define PARTIAL ",'flags':['partial']"

static void a_stream_gives_text_thinking_calls_and_one_final_usage(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      HEAD START(
          BEGUN) ": ping\n"
                 "event: ping\ndata: {'type':'ping'}\n\n"
                 "data: {'type':'content_block_start','index':0,'content_block':{'type':'thinking','thinking':''}}\n\n"
                 "data: {'type':'content_block_delta','index':0,'delta':{'type':'thinking_delta','thinking':'hm'}}\n\n"
                 "data: {'type':'content_block_delta','index':0,'delta':{'type':'signature_delta','signature':'x'}}\n\n"
                 "data: {'type':'content_block_stop','index':0}\n\n"
                 "data: {'type':'content_block_start','index':1,'content_block':{'type':'text','text':''}}\n\n"
                 "data: {'type':'content_block_delta','index':1,'delta':{'type':'text_delta','text':'Hi \\u00e9'}}\n\n"
                 "data: {'type':'content_block_stop','index':1}\n\n"
                 "data: {'type':'content_block_start','index':2,'content_block':{'type':'tool_use','id':'t1','name':'Read','input':{}}}\n\n"
                 "data: {'type':'content_block_delta','index':2,'delta':{'type':'input_json_delta','partial_json':'{\\'a'}}\n\n"
                 "data: {'type':'content_block_delta','index':2,'delta':{'type':'input_json_delta','partial_json':'\\':1}'}}\n\n"
                 "data: {'type':'content_block_stop','index':2}\n\n"
                 "data: {'type':'something_new','x':[1,2]}\n\n" DELTA(
                     "tool_use", "{'input_tokens':1001,'cache_creation_input_tokens':450,"
                                 "'cache_read_input_tokens':3001,'output_tokens':101,"
                                 "'output_tokens_details':{'thinking_tokens':21}}") STOP,
      EVENT(PARTIAL,
            USAGE(1001, 3001, 400, 50, 1,
                  0)) "{'kind':'thinking','text':'hm'}\n"
                      "{'kind':'text','text':'Hi \xC3\xA9'}\n"
                      "{'kind':'tool_call','id':'t1','name':'Read','text':'{\\'a\\':1}'}\n" EVENT(
                          "", USAGE(1001, 3001, 400, 50, 101,
                                    21)) "{'kind':'result','id':'msg_1','name':'tool_use'}\n");
}

static void rule_8_the_last_cumulative_frame_wins(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      HEAD
          START(BEGUN) "data: {'type':'message_delta','delta':{'stop_reason':null},'usage':{'output_tokens':40}}\n\n" DELTA(
              "end_turn", "{'input_tokens':1500,'output_tokens':90}") STOP,
      EVENT(PARTIAL, USAGE(1001, 3001, 400, 50, 1, 0))
          EVENT(PARTIAL, USAGE(1001, 3001, 400, 50, 40, 0))
              EVENT("", USAGE(1500, 3001, 400, 50, 90,
                              0)) "{'kind':'result','id':'msg_1','name':'completed'}\n");
}

static void rule_10_a_flat_cache_write_is_short_lived(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      HEAD START("{'input_tokens':5,'cache_creation_input_tokens':450,'output_tokens':1,"
                 "'service_tier':'standard'}") DELTA("end_turn", "{'output_tokens':9}") STOP,
      EVENT(PARTIAL, USAGE(5, 0, 450, 0, 1, 0)) EVENT(
          "", USAGE(5, 0, 450, 0, 9, 0)) "{'kind':'result','id':'msg_1','name':'completed'}\n");
}

static void rule_10_the_nested_sum_wins_over_the_flat_field(void **state) {
  (void)state;
  events_expect("anthropic",
                HEAD START("{'input_tokens':5,'cache_creation_input_tokens':999,'output_tokens':1,"
                           "'cache_creation':{'ephemeral_5m_input_tokens':10,"
                           "'ephemeral_1h_input_tokens':20},'service_tier':'standard'}")
                    DELTA("end_turn", "{'output_tokens':9}") STOP,
                EVENT(PARTIAL, USAGE(5, 0, 10, 20, 1, 0))
                    EVENT("", USAGE(5, 0, 10, 20, 9,
                                    0)) "{'kind':'result','id':'msg_1','name':'completed'}\n");
}

static void rule_11_each_iteration_is_a_figure_of_its_own(void **state) {
  (void)state;
  /* The compaction is billed beside the response's own 30 + 12 tokens. */
  events_expect(
      "anthropic",
      HEAD START("{'input_tokens':10,'output_tokens':1,'service_tier':'standard'}") DELTA(
          "end_turn",
          "{'input_tokens':30,'cache_creation_input_tokens':6,'output_tokens':12,'iterations':["
          "{'type':'compaction','input_tokens':180000,'output_tokens':3500},"
          "{'type':'message','input_tokens':10,'output_tokens':5},"
          "{'type':'message','input_tokens':20,'cache_creation_input_tokens':6,'output_tokens':7}]}")
          STOP,
      EVENT(
          PARTIAL,
          USAGE(
              10, 0, 0, 0, 1,
              0)) "{'kind':'usage','id':'msg_1','model':'claude-opus-5-5','request_id':'req_1',"
                  "'service_tier':'standard','scope':'request'," USAGE(
                      180000, 0, 0, 0, 3500,
                      0) ",'flags':['compaction']}\n"
                         "{'kind':'usage','id':'msg_1#1','model':'claude-opus-5-5','request_id':'req_1',"
                         "'service_tier':'standard','scope':'request','index':1," USAGE(
                             10, 0, 0, 0, 5,
                             0) "}\n"
                                "{'kind':'usage','id':'msg_1#2','model':'claude-opus-5-5','request_id':'req_1',"
                                "'service_tier':'standard','scope':'request','index':2," USAGE(
                                    20, 0, 6, 0, 7,
                                    0) "}\n"
                                       "{'kind':'result','id':'msg_1','name':'completed'}\n");
}

static void rule_11_an_advisor_is_billed_as_its_own_model(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      HEAD START("{'input_tokens':10,'output_tokens':1,'service_tier':'standard'}")
          DELTA("end_turn", "{'output_tokens':12,'iterations':["
                            "{'type':'message','input_tokens':10,'output_tokens':12},"
                            "{'type':'advisor_message','model':'claude-other','input_tokens':800,"
                            "'output_tokens':90}]}") STOP,
      EVENT(PARTIAL, USAGE(10, 0, 0, 0, 1, 0)) EVENT(
          "",
          USAGE(10, 0, 0, 0, 12,
                0)) "{'kind':'usage','id':'msg_1#1','model':'claude-other','request_id':'req_1',"
                    "'service_tier':'standard','scope':'request','index':1," USAGE(
                        800, 0, 0, 0, 90, 0) "}\n"
                                             "{'kind':'result','id':'msg_1','name':'completed'}\n");
}

static void rule_11_iterations_without_figures_are_no_account(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      HEAD START("{'input_tokens':10,'output_tokens':1,'service_tier':'standard'}")
          DELTA("end_turn", "{'output_tokens':12,'iterations':[{'type':'message'},"
                            "{'type':'compaction','input_tokens':70,'output_tokens':8}]}") STOP,
      EVENT(PARTIAL, USAGE(10, 0, 0, 0, 1, 0)) EVENT(
          "",
          USAGE(10, 0, 0, 0, 12,
                0)) "{'kind':'usage','id':'msg_1#2','model':'claude-opus-5-5','request_id':'req_1',"
                    "'service_tier':'standard','scope':'request','index':2," USAGE(
                        70, 0, 0, 0, 8, 0) ",'flags':['compaction']}\n"
                                           "{'kind':'result','id':'msg_1','name':'completed'}\n");
}

static void figures_that_make_no_sense_are_clamped_and_flagged(void **state) {
  (void)state;
  events_expect("anthropic",
                HEAD START("{'input_tokens':-5,'cache_read_input_tokens':'many',"
                           "'output_tokens':99999999999999999999999,'service_tier':'standard'}")
                    STOP,
                EVENT(",'flags':['partial','clamped']", USAGE(0, 0, 0, 0, 1000000000000, 0))
                    EVENT(",'flags':['clamped']",
                          USAGE(0, 0, 0, 0, 1000000000000,
                                0)) "{'kind':'result','id':'msg_1','name':'completed'}\n");
}

static void one_body_instead_of_a_stream_is_read_too(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      "{\n  'id':'msg_1','type':'message','model':'claude-opus-5-5','stop_reason':'max_tokens',\n"
      "  'content':[{'type':'thinking','thinking':'hm'},{'type':'text','text':'Hi'},"
      "{'type':'tool_use','id':'t1','name':'Read','input':{'a':1}}],\n"
      "  'usage':{'input_tokens':3,'output_tokens':4}\n}\n",
      "{'kind':'thinking','text':'hm'}\n"
      "{'kind':'text','text':'Hi'}\n"
      "{'kind':'tool_call','id':'t1','name':'Read','text':'{\\'a\\':1}'}\n"
      "{'kind':'usage','id':'msg_1','model':'claude-opus-5-5','scope':'request'," USAGE(
          3, 0, 0, 0, 4, 0) "}\n"
                            "{'kind':'result','id':'msg_1','name':'max_tokens'}\n");
}

static void a_refusal_of_the_server_says_what_to_do(void **state) {
  (void)state;
  static const struct {
    const char *answer;
    const char *events;
  } cases[] = {
      {"HTTP/2 429\r\nretry-after: 20\r\n\r\n"
       "{'type':'error','error':{'type':'rate_limit_error','message':'slow down'}}",
       "{'kind':'error','id':'rate_limit_error','name':'rate_limit',"
       "'text':'slow down - wait a moment and try again (the server asks for 20 s)',"
       "'http_status':429,'retry_after_ms':20000,'flags':['failed']}\n"},
      {"HTTP/2 429\r\n\r\n{'type':'error','error':{'type':'rate_limit_error','message':'slow'}}",
       "{'kind':'error','id':'rate_limit_error','name':'rate_limit',"
       "'text':'slow - wait a moment and try again','http_status':429,'retry_after_ms':-1,"
       "'flags':['failed']}\n"},
      {"HTTP/1.1 401 Unauthorized\r\n\r\n"
       "{'type':'error','error':{'type':'authentication_error','message':'invalid x-api-key'}}\n",
       "{'kind':'error','id':'authentication_error','name':'authentication',"
       "'text':'invalid x-api-key - check the API key, or log in again','http_status':401,"
       "'retry_after_ms':-1,'flags':['failed']}\n"},
      {"HTTP/1.1 400 Bad Request\r\n\r\n{'error':{'type':'invalid_request_error',"
       "'message':'prompt is too long: 210000 tokens > 200000 maximum'}}",
       "{'kind':'error','id':'invalid_request_error','name':'prompt_too_long',"
       "'text':'prompt is too long: 210000 tokens > 200000 maximum - compact the conversation or "
       "start a new one','http_status':400,'retry_after_ms':-1,'flags':['failed']}\n"},
      {"HTTP/1.1 529\r\n\r\n",
       "{'kind':'error','name':'overloaded','text':'HTTP 529 - the provider is overloaded: try "
       "again later','http_status':529,'retry_after_ms':-1,'flags':['failed']}\n"},
      {"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>\r\nno\r\n</html>",
       "{'kind':'error','name':'server','text':'HTTP 502 - a fault on the provider`s side: try again "
       "in a moment','http_status':502,'retry_after_ms':-1,'flags':['failed']}\n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf expected = BUF_INIT;
    buf_adds(&expected, cases[i].events);
    buf_adds(&expected, "{'kind':'result','name':'failed','flags':['failed']}\n");
    events_expect("anthropic", cases[i].answer, buf_text(&expected));
    buf_fini(&expected);
  }
}

static void only_the_last_of_several_heads_counts(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 307 Temporary Redirect\r\nlocation: /v2\r\n\r\n" HEAD START(
          "{'input_tokens':1,'output_tokens':1,'service_tier':'standard'}")
          DELTA("end_turn", "{'output_tokens':2}") STOP,
      EVENT(PARTIAL, USAGE(1, 0, 0, 0, 1, 0))
          EVENT("", USAGE(1, 0, 0, 0, 2, 0)) "{'kind':'result','id':'msg_1','name':'completed'}\n");
}

static void a_redirect_that_was_not_followed_is_an_error(void **state) {
  (void)state;
  events_expect("anthropic", "HTTP/1.1 301 Moved\r\nLocation: https://example.org/v1\r\n\r\n",
                "{'kind':'error','id':'https://example.org/v1','name':'unexpected',"
                "'text':'the server points elsewhere: correct the endpoint`s address',"
                "'http_status':301,'retry_after_ms':-1,'flags':['failed']}\n"
                "{'kind':'result','name':'failed','flags':['failed']}\n");
}

static void a_body_cut_in_the_middle_keeps_its_partial_usage(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      HEAD START(
          BEGUN) "data: {'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'Hi'}}\n\n"
                 "data: {'type':'content_block_delta','ind",
      EVENT(
          PARTIAL,
          USAGE(
              1001, 3001, 400, 50, 1,
              0)) "{'kind':'text','text':'Hi'}\n"
                  "{'kind':'error','name':'cut','text':'the connection ended in the middle of the answer: try "
                  "again','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
                  "{'kind':'result','name':'cut','flags':['failed']}\n");
}

static void an_error_inside_the_stream_ends_it(void **state) {
  (void)state;
  events_expect(
      "anthropic",
      HEAD START(BEGUN) "event: error\ndata: {'type':'error','error':{'type':'overloaded_error',"
                        "'message':'Overloaded'}}\n\n" STOP,
      EVENT(
          PARTIAL,
          USAGE(
              1001, 3001, 400, 50, 1,
              0)) "{'kind':'error','id':'overloaded_error','name':'overloaded','text':'Overloaded - "
                  "the provider is overloaded: try again later','http_status':529,"
                  "'retry_after_ms':-1,'flags':['failed']}\n"
                  "{'kind':'result','name':'failed','flags':['failed']}\n");
}

static void a_page_that_is_no_event_stream_is_called_one(void **state) {
  (void)state;
  events_expect("anthropic", "HTTP/1.1 200 OK\r\n\r\n<html>log in to this network</html>\n",
                "{'kind':'error','id':'<html>log in to this network</html>','name':'unexpected',"
                "'text':'the server`s answer is no event stream: check the endpoint`s "
                "address','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
                "{'kind':'result','name':'unexpected','flags':['failed']}\n");
}

static void nothing_at_all_gives_no_event(void **state) {
  (void)state;
  events_expect("anthropic", "", "");
  events_expect("anthropic", "\n\n", "");
}

static void reasons_to_stop_have_names(void **state) {
  (void)state;
  static const struct {
    const char *reason;
    const char *result;
  } cases[] = {
      {"end_turn", "'name':'completed'"},
      {"stop_sequence", "'name':'completed'"},
      {"max_tokens", "'name':'max_tokens'"},
      {"pause_turn", "'name':'paused'"},
      {"refusal", "'name':'refusal','flags':['failed']"},
      {"model_context_window_exceeded", "'name':'prompt_too_long','flags':['failed']"},
      {"something_new", "'name':'completed'"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf input = BUF_INIT;
    struct buf expected = BUF_INIT;
    buf_addf(&input, "data: {'type':'message_delta','delta':{'stop_reason':'%s'}}\n\n" STOP,
             cases[i].reason);
    buf_addf(&expected, "{'kind':'result',%s}\n", cases[i].result);
    events_expect("anthropic", buf_text(&input), buf_text(&expected));
    buf_fini(&input);
    buf_fini(&expected);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stream_gives_text_thinking_calls_and_one_final_usage),
      cmocka_unit_test(rule_8_the_last_cumulative_frame_wins),
      cmocka_unit_test(rule_10_a_flat_cache_write_is_short_lived),
      cmocka_unit_test(rule_10_the_nested_sum_wins_over_the_flat_field),
      cmocka_unit_test(rule_11_each_iteration_is_a_figure_of_its_own),
      cmocka_unit_test(rule_11_an_advisor_is_billed_as_its_own_model),
      cmocka_unit_test(rule_11_iterations_without_figures_are_no_account),
      cmocka_unit_test(figures_that_make_no_sense_are_clamped_and_flagged),
      cmocka_unit_test(one_body_instead_of_a_stream_is_read_too),
      cmocka_unit_test(a_refusal_of_the_server_says_what_to_do),
      cmocka_unit_test(only_the_last_of_several_heads_counts),
      cmocka_unit_test(a_redirect_that_was_not_followed_is_an_error),
      cmocka_unit_test(a_body_cut_in_the_middle_keeps_its_partial_usage),
      cmocka_unit_test(an_error_inside_the_stream_ends_it),
      cmocka_unit_test(a_page_that_is_no_event_stream_is_called_one),
      cmocka_unit_test(nothing_at_all_gives_no_event),
      cmocka_unit_test(reasons_to_stop_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
