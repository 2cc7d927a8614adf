/* test_import_line.c - the fields that are picked from a usage line are those that the decoder reads, or the line is left to it. */
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "import/claude_line.h"
#include "support/events.h"
#include "support/support.h"
#include "usage/decoder.h"
#include "usage/emit.h"

#define PLACE \
  "'cwd':'/home/me/p','sessionId':'s1','version':'2.1','gitBranch':'main','userType':'external'"
#define LINE(message, more)                                                             \
  "{'parentUuid':null,'isSidechain':false,'message':{" message "},'requestId':'req_1'," \
  "'type':'assistant','uuid':'u','timestamp':'2026-11-23T13:22:44.266Z'" more "," PLACE "}"
#define HEAD "'id':'msg_1','type':'message','role':'assistant','model':'claude-x',"
#define MESSAGE(usage) \
  HEAD "'content':[{'type':'text','text':'hi'}],'stop_reason':'end_turn','usage':" usage

/* What the decoder makes of a line, if it is one request and nothing else that matters. */
struct heard {
  int usages, others;
  purser_event event;
  struct buf texts[10];
};

static purser_str keep(struct heard *heard, int slot, purser_str text) {
  struct buf *to = &heard->texts[slot];
  buf_clear(to);
  buf_add(to, text.ptr, text.len);
  return (purser_str){buf_text(to), to->len};
}

static void hear(void *data, const purser_event *event) {
  struct heard *heard = data;
  if (event->kind == PURSER_EVENT_SESSION) {
    heard->event.cwd = keep(heard, 0, event->cwd);
    heard->event.branch = keep(heard, 1, event->branch);
    return;
  }
  if (event->kind != PURSER_EVENT_USAGE) {
    heard->others++;
    return;
  }
  const purser_str cwd = heard->event.cwd;
  const purser_str branch = heard->event.branch;
  heard->usages++;
  heard->event = *event;
  heard->event.cwd = cwd;
  heard->event.branch = branch;
  heard->event.id = keep(heard, 2, event->id);
  heard->event.request_id = keep(heard, 3, event->request_id);
  heard->event.session = keep(heard, 4, event->session);
  heard->event.parent = keep(heard, 5, event->parent);
  heard->event.model = keep(heard, 6, event->model);
  heard->event.service_tier = keep(heard, 7, event->service_tier);
  heard->event.speed = keep(heard, 8, event->speed);
  heard->event.effort = keep(heard, 9, event->effort);
}

static void decode(struct heard *heard, const char *line, size_t len) {
  struct decoder *decoder = NULL;
  *heard = (struct heard){0};
  assert_int_equal(decoder_open(&decoder, "claude_transcript", hear, heard, NULL), 0);
  assert_int_equal(decoder_feed(decoder, line, len), 0);
  assert_int_equal(decoder_feed(decoder, "\n", 1), 0);
  decoder_free(decoder);
}

static void heard_fini(struct heard *heard) {
  for (size_t i = 0; i < COUNT(heard->texts); i++)
    buf_fini(&heard->texts[i]);
}

static void same_text(const char *what, purser_str a, purser_str b) {
  if (!str_equal(a, b))
    fail_msg("%s: \"%.*s\" instead of \"%.*s\"", what, (int)a.len, a.ptr, (int)b.len, b.ptr);
}

/* Fails unless the line is left alone or read as the decoder reads it; returns whether it was read. */
static bool compare(const char *line, size_t len) {
  struct claude_line fields;
  struct heard heard;
  int64_t at_ms = 0;
  if (!claude_line_read(line, len, &fields))
    return false;
  decode(&heard, line, len);
  const purser_event *e = &heard.event;
  if (str_is(fields.model, "<synthetic>")) {
    assert_int_equal(heard.usages, 0);
    heard_fini(&heard);
    return true;
  }
  if (heard.usages != 1 || heard.others != 0)
    fail_msg("%d usages, %d others: %.*s", heard.usages, heard.others, (int)len, line);
  same_text("id", fields.id, e->id);
  same_text("request", fields.request_id, e->request_id);
  same_text("session", fields.session, e->session);
  same_text("copied from", fields.copied_from, e->parent);
  same_text("model", fields.model, e->model);
  same_text("tier", fields.tier, e->service_tier);
  same_text("speed", fields.speed, e->speed);
  same_text("effort", fields.effort, e->effort);
  if (fields.session.len > 0) {
    same_text("cwd", fields.cwd, e->cwd.ptr != NULL ? e->cwd : STR(""));
    same_text("branch", fields.branch, e->branch.ptr != NULL ? e->branch : STR(""));
  }
  if (calendar_parse_instant(fields.timestamp.ptr, fields.timestamp.len, &at_ms) != PURSER_OK)
    at_ms = 0;
  assert_int_equal(at_ms, e->at_ms);
  assert_int_equal(fields.sidechain, (e->flags & PURSER_FLAG_SIDECHAIN) != 0);
  assert_int_equal(fields.partial, (e->flags & PURSER_FLAG_PARTIAL) != 0);
  assert_int_equal(e->flags & PURSER_FLAG_CLAMPED, 0);
  assert_memory_equal(&fields.usage, &e->usage, sizeof fields.usage);
  heard_fini(&heard);
  return true;
}

static bool compare_quoted(const char *quoted) {
  char *line = events_quote(quoted);
  const bool read = compare(line, strlen(line));
  mem_free(line);
  return read;
}

#define USAGE_1 "{'input_tokens':5,'output_tokens':7}"

static void an_ordinary_line_is_read_at_once(void **state) {
  (void)state;
  static const char *const lines[] = {
      LINE(MESSAGE(USAGE_1), ""),
      LINE(MESSAGE(USAGE_1), ",'effort':'high','requestSessionId':'s0'"),
      LINE(MESSAGE("{'input_tokens':1,'cache_creation_input_tokens':452,'cache_read_input_tokens':"
                   "3002,'output_tokens':102,'output_tokens_details':{'thinking_tokens':9},"
                   "'server_tool_use':{'web_search_requests':2,'web_fetch_requests':0},"
                   "'service_tier':'standard','cache_creation':{'ephemeral_1h_input_tokens':50,"
                   "'ephemeral_5m_input_tokens':402},'inference_geo':'','iterations':[],"
                   "'speed':'fast'}"),
           ""),
      /* rule 10: the nested figures, the flat one, zeros that say nothing */
      LINE(MESSAGE("{'cache_creation_input_tokens':9,'cache_creation':{}}"), ""),
      LINE(MESSAGE("{'cache_creation':{'ephemeral_5m_input_tokens':0}}"), ""),
      LINE(MESSAGE("{'cache_creation_input_tokens':9,'cache_creation':{'ephemeral_5m_input_tokens':"
                   "0,'ephemeral_1h_input_tokens':0}}"),
           ""),
      LINE(HEAD "'stop_reason':null,'usage':" USAGE_1, ""),
      LINE(HEAD "'usage':" USAGE_1, ""),
      LINE("'usage':" USAGE_1 ",'content':[{'input':{'id':null,'usage':{'input_tokens':9}}}],"
           "'id':'m','model':'x'",
           ""),
      LINE(HEAD "'content':[{'text':'a `usage`: {`input_tokens`: 9} b '},[],{},[[1,-2.5e3,true]],"
                "null],'usage':" USAGE_1,
           ""),
      " { 'type' : 'assistant' , 'message' : { 'usage' : { 'input_tokens' : 3 } } } ",
      "{'type':'assistant','message':{'id':'a','model':'<synthetic>','usage':{}}}",
      ("{'type':'assistant','isSidechain':true,'message':{'usage':{'output_tokens':5,"
       "'output_tokens_details':{'thinking_tokens':50}}}}"),
  };
  for (size_t i = 0; i < COUNT(lines); i++) {
    if (!compare_quoted(lines[i]))
      fail_msg("left to the decoder: %s", lines[i]);
  }
}

static void whatever_is_unusual_is_left_to_the_decoder(void **state) {
  (void)state;
  static const char *const lines[] = {
      "",
      "{}",
      "[]",
      "17",
      "{'type':'assistant'}",
      "{'type':'user','message':{'usage':{'input_tokens':3}}}",
      "{'type':'assistant','message':{'usage':null}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':3}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':3}}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':3}}} x",
      "{'type':'assistant','message':{'usage':{'input_tokens':3,}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':3}},}",
      "{'type':'assistant' 'message':{'usage':{'input_tokens':3}}}",
      "{'type':'assistant','message':{'content':[1 2],'usage':{'input_tokens':3}}}",
      "{'type':'assistant','message':{'content':[1,],'usage':{'input_tokens':3}}}",
      "{'type':'assistant','message':{'content':{'a'},'usage':{'input_tokens':3}}}",
      "{'type':'assistant','message':{'content':nul,'usage':{'input_tokens':3}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':-3}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':3.5}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':1e3}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':'3'}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':null}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':999999999999}}}",
      "{'type':'assistant','message':{'usage':{'input_tokens':3,'input_tokens':4}}}",
      "{'type':'assistant','message':{'usage':{},'usage':{'input_tokens':4}}}",
      "{'type':'assistant','type':'user','message':{'usage':{'input_tokens':4}}}",
      "{'type':'assistant','message':{'id':null,'usage':{'input_tokens':4}}}",
      "{'type':'assistant','message':{'id':'m\\u002d','usage':{'input_tokens':4}}}",
      "{'type':'assistant','cwd':'C:\\\\x','message':{'usage':{'input_tokens':4}}}",
      "{'type':'assistant','t\\u0079pe':1,'message':{'usage':{'input_tokens':4}}}",
      "{'type':'assistant','isApiErrorMessage':true,'message':{'usage':{'input_tokens':4}}}",
      "{'type':'assistant','isSidechain':'no','message':{'usage':{'input_tokens':4}}}",
      /* rule 11: each iteration is a request */
      "{'type':'assistant','message':{'usage':{'input_tokens':4,'iterations':[{'type':'message'}]}}}",
  };
  for (size_t i = 0; i < COUNT(lines); i++) {
    if (compare_quoted(lines[i]))
      fail_msg("was read: %s", lines[i]);
  }
}

static void nesting_of_any_depth_is_read_or_left(void **state) {
  (void)state;
  for (int depth = 1; depth < 200; depth += 7) {
    struct buf line = BUF_INIT;
    buf_adds(&line, "{\"type\":\"assistant\",\"message\":{\"content\":");
    for (int i = 0; i < depth; i++)
      buf_adds(&line, i % 2 == 0 ? "[" : "{\"a\":");
    buf_adds(&line, "1");
    for (int i = depth; i > 0; i--)
      buf_adds(&line, (i - 1) % 2 == 0 ? "]" : "}");
    buf_adds(&line, ",\"usage\":{\"input_tokens\":3}}}");
    assert_int_equal(compare(line.data, line.len), depth <= 64);
    buf_fini(&line);
  }
}

/* Lines that are almost right: bytes changed, dropped, doubled. */
static void a_damaged_line_is_never_read_differently(void **state) {
  (void)state;
  static const char quoted[] = LINE(
      HEAD "'content':[{'type':'tool_use','id':'t','input':{'q':'a\\`b','n':[1,2.5,null]}}],"
           "'stop_reason':'tool_use','usage':{'input_tokens':1,'cache_creation_input_tokens':452,"
           "'cache_read_input_tokens':3002,'output_tokens':102,'cache_creation':{"
           "'ephemeral_1h_input_tokens':50,'ephemeral_5m_input_tokens':402},'service_tier':"
           "'standard','iterations':[]}",
      ",'effort':'low'");
  static const char alphabet[] = "\"\\{}[]:,0123456789-.eE tfnu\x01\x80 ";
  char *whole = events_quote(quoted);
  const size_t len = strlen(whole);
  const int seeds = property_seeds(20000);
  int read = 0;
  for (int seed = 0; seed < seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    struct buf line = BUF_INIT;
    buf_add(&line, whole, len);
    for (int64_t i = rng_between(&rng, 1, 3); i > 0 && line.len > 2; i--) {
      const size_t at = (size_t)rng_below(&rng, (int64_t)line.len - 1);
      const size_t n = (size_t)rng_between(&rng, 1, 12);
      switch (rng_below(&rng, 3)) {
      case 0: line.data[at] = alphabet[rng_below(&rng, (int64_t)sizeof alphabet - 1)]; break;
      case 1:
        if (at + n < line.len) {
          memmove(line.data + at, line.data + at + n, line.len - at - n);
          line.len -= n;
        }
        break;
      default: line.data[at] = line.data[(size_t)rng_below(&rng, (int64_t)line.len)]; break;
      }
    }
    if (memchr(line.data, '\n', line.len) == NULL)
      read += compare(line.data, line.len);
    buf_fini(&line);
  }
  assert_true(read > 0);
  mem_free(whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_ordinary_line_is_read_at_once),
      cmocka_unit_test(whatever_is_unusual_is_left_to_the_decoder),
      cmocka_unit_test(nesting_of_any_depth_is_read_or_left),
      cmocka_unit_test(a_damaged_line_is_never_read_differently),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
