/* doctor.h - what `purser doctor` finds, and the parts that look for it. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "base/buf.h"
#include "import/settings.h"
#include "ledger/ledger.h"

enum finding_level {
  FINDING_OK = 0,
  FINDING_INFO,
  FINDING_WARN, /* wants something done */
  FINDING_ERROR
};

struct finding {
  enum finding_level level;
  const char *area; /* "ledger", "sources", "hooks", ... */
  char *text;
  char *advice; /* what to do; NULL nothing */
};

struct doctor {
  struct ledger *ledger; /* NULL: it could not be opened */
  int64_t now_ms;
  const char *program; /* as it was called */
  struct import_settings *settings;
  struct finding *findings;
  size_t count, cap;
  bool failed; /* memory was short */
};

/* `advice` NULL: nothing is to be done. */
void doctor_add(struct doctor *doctor, enum finding_level level, const char *area,
                const char *advice, const char *format, ...) __attribute__((format(printf, 5, 6)));

void doctor_look_at_build(struct doctor *doctor);
void doctor_look_at_ledger(struct doctor *doctor);
void doctor_look_at_budgets(struct doctor *doctor);
void doctor_look_at_prices(struct doctor *doctor);
/* What clients have recorded, how much of it was read, and what they are about to delete. */
void doctor_look_at_sources(struct doctor *doctor);
void doctor_look_at_hooks(struct doctor *doctor);

/* Days that a client keeps its records; -1 for ever, or not known. */
int64_t doctor_retention_days(const char *client, struct buf *where);

#endif
