/* answer.c - see answer.h. */
#include "usage/answer.h"

#include "usage/tokens.h"

void answer_fini(struct answer *answer) {
  buf_fini(&answer->id);
  buf_fini(&answer->model);
  buf_fini(&answer->tier);
  buf_fini(&answer->speed);
  calls_fini(&answer->calls);
}

void answer_keep(struct decoder *decoder, struct buf *kept, json_id id) {
  const purser_str text = emit_str(decoder, id);
  if (text.len > 0)
    emit_keep(decoder, kept, text);
}

void answer_keep_tier(struct decoder *decoder, struct answer *answer, json_id id) {
  const purser_str tier = emit_str(decoder, id);
  if (str_is(tier, "default") || str_is(tier, "on_demand") || str_is(tier, "standard_only")) {
    emit_keep(decoder, &answer->tier, STR("standard"));
  } else if (tier.len > 0 && !str_is(tier, "auto")) {
    emit_keep(decoder, &answer->tier, tier);
  }
}

purser_event answer_event(struct decoder *decoder, const struct answer *answer, bool partial) {
  purser_event event = event_new(PURSER_EVENT_USAGE);
  event.flags = (partial ? PURSER_FLAG_PARTIAL : 0u) | (answer->clamped ? PURSER_FLAG_CLAMPED : 0u);
  event.id = str_of_buf(&answer->id);
  event.model = str_of_buf(&answer->model);
  event.service_tier = str_of_buf(&answer->tier);
  event.speed = str_of_buf(&answer->speed);
  event.request_id = str_of_buf(&decoder->http.head.request_id);
  event.cost_nanousd = answer->cost_nanousd;
  event.usage = answer->usage;
  return event;
}

static void emit_usage(struct decoder *decoder, struct answer *answer, bool final) {
  const purser_event event = answer_event(decoder, answer, !final);
  answer->reported = tokens_total(&answer->usage);
  answer->final = final;
  emit(decoder, &event);
}

void answer_usage(struct decoder *decoder, struct answer *answer, bool final) {
  if (answer->has_usage && !answer->final && (final || answer->reported == 0))
    emit_usage(decoder, answer, final);
}

void answer_cut(struct decoder *decoder, struct answer *answer) {
  if (answer->has_usage && !answer->final && tokens_total(&answer->usage) > answer->reported)
    emit_usage(decoder, answer, false);
}

void answer_fail(struct decoder *decoder, struct answer *answer, struct failure *failure) {
  if (decoder->saw_result)
    return;
  failure->fatal = true;
  failure_emit(decoder, failure);
  answer_cut(decoder, answer);
  emit_result(decoder, "failed", true);
}

void answer_finish(struct decoder *decoder, struct answer *answer) {
  if (decoder->saw_result)
    return;
  calls_emit_all(decoder, &answer->calls);
  answer_usage(decoder, answer, true);
  purser_event event = event_new(PURSER_EVENT_RESULT);
  event.name = str_of(answer->reason != NULL ? answer->reason : "completed");
  event.flags = answer->failed ? PURSER_FLAG_FAILED : 0;
  event.id = str_of_buf(&answer->id);
  emit(decoder, &event);
}

void answer_stop(struct answer *answer, const struct json_doc *doc, json_id id,
                 const struct answer_reason *table) {
  if (json_kind(doc, id) != JSON_STRING)
    return;
  while (table->said != NULL && !json_equals(doc, id, table->said))
    table++;
  answer->reason = table->name;
  answer->failed = table->failed;
}
