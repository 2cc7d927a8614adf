/* notify.c - see notify.h. */
#include "cli/notify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/money.h"
#include "budget/budget.h"

static const char title[] = "Budget threshold";

enum {
  PATIENCE_S = 3, /* a program that hangs is ended */
  WORDS_MAX = 32
};

/* ---- what is to be told ---- */

static void write_pace(struct buf *out, const struct crossing *c, const struct zone *zone) {
  switch (c->scope) {
  case SCOPE_AGENT: buf_addf(out, "agent %s: ", c->scope_key); break;
  case SCOPE_WORKSPACE: buf_addf(out, "workspace %s: ", c->scope_key); break;
  case SCOPE_GLOBAL: buf_adds(out, "all agents together: "); break;
  }
  buf_adds(out, "at this pace the budget of ");
  money_write_human(out, c->limit_nanousd);
  buf_adds(out, " is used up on ");
  calendar_write_date(out, zone_day(zone, c->exhausted_ms));
  buf_add(out, "", 1);
}

static void write_text(struct buf *out, const struct crossing *c, const struct zone *zone) {
  static const char *const when[] = {"this month", "this week", "today"};
  if (c->exhausted_ms != 0) {
    write_pace(out, c, zone);
    return;
  }
  switch (c->scope) {
  case SCOPE_AGENT: buf_addf(out, "agent %s has", c->scope_key); break;
  case SCOPE_WORKSPACE: buf_addf(out, "workspace %s has", c->scope_key); break;
  case SCOPE_GLOBAL: buf_adds(out, "all agents together have"); break;
  }
  buf_addf(out, " spent %d %% of the budget %s: ", (int)c->threshold, when[c->period_kind]);
  money_write_human(out, c->spend_nanousd);
  buf_adds(out, " of ");
  money_write_human(out, c->limit_nanousd);
  buf_adds(out, ", resets on ");
  calendar_write_date(out, zone_day(zone, c->period.end_ms));
  buf_add(out, "", 1);
}

struct taking {
  struct ledger *ledger;
  struct notices *out;
};

static int take(void *data, const struct crossing *crossing) {
  const struct taking *taking = data;
  write_text(&taking->out->texts, crossing, ledger_zone(taking->ledger));
  return PURSER_OK;
}

int notices_take(struct ledger *ledger, const struct import_settings *settings, struct notices *out,
                 struct error *error) {
  struct taking taking = {ledger, out};
  if (settings->notices_off)
    return PURSER_OK;
  out->desktop = !settings->desktop_off;
  for (size_t i = 0; i < settings->notice_word_count; i++)
    buf_add(&out->command, settings->notice_words[i], strlen(settings->notice_words[i]) + 1);
  const int status = budget_crossing_claim_all(ledger, take, &taking, error);
  if (status == PURSER_OK && (out->texts.failed || out->command.failed))
    return error_set(error, PURSER_ENOMEM, "out of memory");
  return status;
}

void notices_fini(struct notices *notices) {
  buf_fini(&notices->texts);
  buf_fini(&notices->command);
}

/* ---- the terminal itself ---- */

/* Control characters would end the sequence, or start another one. */
static void add_harmless(struct buf *out, const char *text, bool no_semicolon) {
  for (; *text != '\0'; text++) {
    const unsigned char byte = (unsigned char)*text;
    const bool harmful = byte < ' ' || byte == 0x7f || (no_semicolon && byte == ';');
    buf_addc(out, harmful ? ' ' : *text);
  }
}

/* OSC 777 has a title of its own, but few know it; OSC 9 is what most others do. */
static bool knows_777(void) {
  static const char *const names[] = {"kitty", "foot", "rxvt", "ghostty"};
  const char *term = getenv("TERM");
  for (size_t i = 0; term != NULL && i < sizeof names / sizeof names[0]; i++) {
    if (strstr(term, names[i]) != NULL)
      return true;
  }
  return false;
}

static void ask_terminal(int terminal, const char *text) {
  const char *tmux = getenv("TMUX");
  const bool through = tmux != NULL && tmux[0] != '\0';
  struct buf out = BUF_INIT;
  buf_adds(&out, through ? "\033Ptmux;\033\033]" : "\033]");
  buf_adds(&out, knows_777() ? "777;notify;" : "9;");
  buf_adds(&out, title);
  buf_adds(&out, knows_777() ? ";" : ": ");
  add_harmless(&out, text, knows_777());
  buf_adds(&out, through ? "\033\033\\\033\\" : "\033\\");
  if (!out.failed && write(terminal, out.data, out.len) < 0)
    buf_clear(&out); /* then it is the line on stderr that tells */
  buf_fini(&out);
}

/* ---- a program ---- */

/* In the child. What is not there can't be executed, and the next is tried. The words come as arguments, so that nothing in them is
 * read as a script. */
static void execute(const struct notices *notices, const char *text) {
  static const char script[] = "on run argv\ndisplay notification (item 2 of argv) with title "
                               "(item 1 of argv)\nend run";
  const char *words[WORDS_MAX + 3] = {0};
  size_t count = 0;
  for (size_t at = 0; at < notices->command.len && count < WORDS_MAX;
       at += strlen(notices->command.data + at) + 1)
    words[count++] = notices->command.data + at;
  if (count > 0) {
    words[count] = title;
    words[count + 1] = text;
    (void)execvp(words[0], (char *const *)(uintptr_t)words);
    return;
  }
  (void)execlp("notify-send", "notify-send", "--app-name=purser", "--", title, text, (char *)NULL);
  (void)execlp("osascript", "osascript", "-e", script, title, text, (char *)NULL);
}

static void be_nobody(void) {
  const int nowhere = open("/dev/null", O_RDWR);
  (void)setsid();
  for (int fd = 0; fd <= STDERR_FILENO && nowhere >= 0; fd++)
    (void)dup2(nowhere, fd);
}

/* A grandchild, so that it is nobody's to wait for. It keeps the terminal's descriptor for when there is no program. */
static void send_one(const struct notices *notices, const char *text, int terminal) {
  const pid_t child = fork();
  if (child < 0)
    return;
  if (child > 0) {
    (void)waitpid(child, NULL, 0);
    return;
  }
  if (fork() != 0)
    _exit(0);
  const int kept = terminal >= 0 ? fcntl(terminal, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
  be_nobody();
  (void)alarm(PATIENCE_S);
  execute(notices, text);
  if (kept >= 0)
    ask_terminal(kept, text);
  _exit(0);
}

void notices_send(const struct notices *notices, int terminal) {
  for (size_t at = 0; notices->desktop && at < notices->texts.len;
       at += strlen(notices->texts.data + at) + 1)
    send_one(notices, notices->texts.data + at, terminal);
}
