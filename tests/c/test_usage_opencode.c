/* test_usage_opencode.c - what `opencode run --format json` prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/events.h"

#define LINE(type, rest) \
  "{'type':'" type "','timestamp':1795442246515,'sessionID':'ses1'," rest "}\n"
#define PART(type, rest) LINE(type, "'part':{'messageID':'msg1'," rest "}")
#define AT               "'at_ms':1795442246515"
#define SESSION_EVENT    "{'kind':'session'," AT ",'session':'ses1'}\n"
#define FINISH(reason)                                                                         \
  PART("step_finish", "'reason':'" reason "','tokens':{'total':4556,'input':1014,'output':80," \
                      "'reasoning':34,'cache':{'write':414,'read':3014}},'cost':0.0024554")
#define USAGE_EVENT(id, index)                                                    \
  "{'kind':'usage'," AT ",'id':'" id "','session':'ses1','scope':'request'" index \
  "," USAGE(1014, 3014, 414, 0, 114, 34) ",'cost_nanousd':2455400}\n"

static void a_step_is_a_request_with_reasoning_inside_of_output(void **state) {
  (void)state;
  events_expect(
      "opencode",
      PART("step_start", "'id':'p0'") PART("reasoning", "'text':'hm'") PART(
          "tool_use",
          "'tool':'bash','callID':'c1','state':{'status':'completed','input':{'command':'ls'},'output':'a\\n'}")
          PART("tool_use",
               "'tool':'bash','callID':'c2','state':{'status':'error','input':{},'error':'denied'}")
              FINISH("tool-calls") PART("step_start", "'id':'p1'") PART("text", "'text':'Hi'")
                  FINISH("stop"),
      SESSION_EVENT
      "{'kind':'thinking'," AT ",'text':'hm','session':'ses1'}\n"
      "{'kind':'tool_call'," AT
      ",'id':'c1','name':'bash','text':'{\\'command\\':\\'ls\\'}','session':'ses1'}\n"
      "{'kind':'tool_result'," AT ",'id':'c1','name':'bash','text':'a\\n','session':'ses1'}\n"
      "{'kind':'tool_call'," AT ",'id':'c2','name':'bash','text':'{}','session':'ses1'}\n"
      "{'kind':'tool_result'," AT
      ",'id':'c2','name':'bash','text':'denied','session':'ses1','flags':['failed']}\n" USAGE_EVENT(
          "msg1", "") "{'kind':'text'," AT
                      ",'text':'Hi','session':'ses1'}\n" USAGE_EVENT(
                          "msg1#1", ",'index':1") "{'kind':'result','name':'completed'}\n");
}

static void the_last_thing_said_is_how_it_ended(void **state) {
  (void)state;
  static const struct {
    const char *input;
    const char *events;
  } cases[] = {
      {FINISH("length"), USAGE_EVENT("msg1", "") "{'kind':'result','name':'max_tokens'}\n"},
      {FINISH("content-filter"),
       USAGE_EVENT("msg1", "") "{'kind':'result','name':'content_filter','flags':['failed']}\n"},
      {FINISH("tool-calls"),
       USAGE_EVENT(
           "msg1",
           "") "{'kind':'error','name':'cut','text':'the client ended without a result','http_status':0,'retry_after_ms':-1,'flags':['failed']}\n"
               "{'kind':'result','name':'cut','flags':['failed']}\n"},
      {LINE(
           "error",
           "'error':{'name':'APIError','data':{'message':'slow','statusCode':429,'isRetryable':true,'responseHeaders':{'retry-after':'1'}}}"),
       "{'kind':'error'," AT
       ",'id':'APIError','name':'rate_limit','text':'slow - wait a moment and try again (the server asks for 1 s)','http_status':429,'retry_after_ms':1000}\n"
       "{'kind':'result','name':'failed','flags':['failed']}\n"},
      {LINE("error", "'error':{'name':'ContextOverflowError','data':{'message':'too long'}}"),
       "{'kind':'error'," AT
       ",'id':'ContextOverflowError','name':'prompt_too_long','text':'too long - compact the conversation or start a new one','http_status':0,'retry_after_ms':-1}\n"
       "{'kind':'result','name':'prompt_too_long','flags':['failed']}\n"},
      /* It went on after the error. */
      {LINE("error", "'error':{'name':'APIError','data':{'message':'oops'}}")
           PART("text", "'text':'x','synthetic':true") FINISH("stop"),
       "{'kind':'error'," AT
       ",'id':'APIError','name':'failed','text':'oops','http_status':0,'retry_after_ms':-1}\n" USAGE_EVENT(
           "msg1", "") "{'kind':'result','name':'completed'}\n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf expected = BUF_INIT;
    buf_addf(&expected, SESSION_EVENT "%s", cases[i].events);
    events_expect("opencode", cases[i].input, buf_text(&expected));
    buf_fini(&expected);
  }
}

static void answers_in_several_messages_are_paragraphs(void **state) {
  (void)state;
  events_expect("opencode",
                PART("text", "'text':'One.'") PART("text", "'text':'Two.'") FINISH("stop"),
                SESSION_EVENT "{'kind':'text'," AT ",'text':'One.','session':'ses1'}\n"
                              "{'kind':'text'," AT ",'text':'\\n\\n','session':'ses1'}\n"
                              "{'kind':'text'," AT ",'text':'Two.','session':'ses1'}\n" USAGE_EVENT(
                                  "msg1", "") "{'kind':'result','name':'completed'}\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_step_is_a_request_with_reasoning_inside_of_output),
      cmocka_unit_test(the_last_thing_said_is_how_it_ended),
      cmocka_unit_test(answers_in_several_messages_are_paragraphs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
