/* cmd_doctor.c - `purser doctor`: what is there, what is wrong, and what to do about it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/doctor.h"
#include "cli/options.h"

void doctor_add(struct doctor *doctor, enum finding_level level, const char *area,
                const char *advice, const char *format, ...) {
  char text[1024];
  void *findings = doctor->findings;
  va_list args;
  va_start(args, format);
  (void)vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (mem_grow(&findings, &doctor->cap, doctor->count + 1, sizeof *doctor->findings) != PURSER_OK) {
    doctor->failed = true;
    return;
  }
  doctor->findings = findings;
  struct finding *finding = &doctor->findings[doctor->count++];
  *finding = (struct finding){level, area, mem_strdup(text), mem_strdup(advice)};
  if (finding->text == NULL || (advice != NULL && finding->advice == NULL))
    doctor->failed = true;
}

static bool needs_action(const struct doctor *doctor) {
  for (size_t i = 0; i < doctor->count; i++) {
    if (doctor->findings[i].level >= FINDING_WARN)
      return true;
  }
  return false;
}

static const char *level_name(enum finding_level level) {
  static const char *const names[] = {"ok", "info", "warn", "error"};
  return names[level];
}

static void write_json(struct buf *out, const struct doctor *doctor) {
  json_open(out);
  json_put_text(out, "version", purser_version());
  json_put_bool(out, "needs_action", needs_action(doctor));
  json_put_list(out, "findings");
  for (size_t i = 0; i < doctor->count; i++) {
    const struct finding *f = &doctor->findings[i];
    json_put_item(out);
    json_open(out);
    json_put_text(out, "level", level_name(f->level));
    json_put_text(out, "area", f->area);
    json_put_text(out, "message", f->text != NULL ? f->text : "");
    json_put_text(out, "advice", f->advice);
    json_close(out);
  }
  buf_adds(out, "]}\n");
}

static void write_text(struct buf *out, const struct doctor *doctor, bool color) {
  static const char *const colors[] = {"\033[32m", "\033[36m", "\033[33m", "\033[31m"};
  for (size_t i = 0; i < doctor->count; i++) {
    const struct finding *f = &doctor->findings[i];
    buf_addf(out, "%s%-5s%s %-9s %s\n", color ? colors[f->level] : "", level_name(f->level),
             color ? "\033[0m" : "", f->area, f->text != NULL ? f->text : "");
    if (f->advice != NULL)
      buf_addf(out, "                %s\n", f->advice);
  }
}

static void look_at_settings(struct doctor *doctor) {
  struct error error = {0};
  if (import_settings_of(&doctor->settings, doctor->ledger, &error) != PURSER_OK)
    doctor_add(doctor, FINDING_ERROR, "settings", "Nothing is imported until it is mended.", "%s",
               error_text(&error));
}

static void look(struct doctor *doctor) {
  struct error error = {0};
  struct ledger_options options = {.clock = clock_from_environment()};
  int status = ledger_open(&doctor->ledger, &options, &error);
  if (status == PURSER_EREADONLY || status == PURSER_EFULL) {
    doctor_add(doctor, FINDING_ERROR, "ledger", NULL, "%s", error_text(&error));
    options.read_only = true;
    status = ledger_open(&doctor->ledger, &options, &error);
  } else if (status != PURSER_OK) {
    doctor_add(doctor, FINDING_ERROR, "ledger", NULL, "%s", error_text(&error));
  }
  doctor_look_at_build(doctor);
  if (status == PURSER_OK) {
    doctor->now_ms = clock_now_ms(ledger_clock(doctor->ledger));
    look_at_settings(doctor);
    doctor_look_at_ledger(doctor);
    doctor_look_at_budgets(doctor);
  }
  doctor_look_at_prices(doctor);
  if (status == PURSER_OK)
    doctor_look_at_sources(doctor);
  doctor_look_at_hooks(doctor);
}

int cmd_doctor(struct cli *cli, int argc, char **argv) {
  bool json = false;
  const struct option_spec options[] = {{.name = "json", .flag = &json}, {.name = NULL}};
  if (options_parse(cli, options, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  struct doctor doctor = {.program = cli->program,
                          .now_ms = clock_now_ms(clock_from_environment())};
  struct buf out = BUF_INIT;
  look(&doctor);
  out.failed = doctor.failed;
  if (json)
    write_json(&out, &doctor);
  else
    write_text(&out, &doctor, isatty(STDOUT_FILENO) == 1);
  int code = cli_print(cli, &out);
  if (code == CLI_OK && needs_action(&doctor))
    code = CLI_ERROR;
  for (size_t i = 0; i < doctor.count; i++) {
    mem_free(doctor.findings[i].text);
    mem_free(doctor.findings[i].advice);
  }
  mem_free(doctor.findings);
  import_settings_free(doctor.settings);
  ledger_close(doctor.ledger);
  buf_fini(&out);
  return code;
}
