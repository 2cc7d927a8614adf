/* agent_rules.h - whose spend it is that a client made by itself, and who sends the bill for it.
 *
 * Two tables of the user's. The first maps a source, a workspace and a model to a named agent, and so to its budget: the first row that
 * fits wins, and without one the agent is called like the client. The second says how a source or an agent is billed, from a day on
 * (rule 21). Pure: values in, values out; immutable once made, so any thread may ask. */
#ifndef IMPORT_AGENT_RULES_H
#define IMPORT_AGENT_RULES_H

#include "base/error.h"
#include "base/json.h"
#include "base/zone.h"
#include "ledger/ledger.h"

struct agent_rules;

/* `agents` is a list of {"agent", "source", "workspace", "model"}, `billing` one of {"billing", "source", "agent", "since"}; each may be
 * missing (JSON_NONE), and the two may come from two documents. `home` (NULL: none) is what a leading "~" of a workspace stands
 * for. A field that is unknown or wrong is an error that names it: a rule that was misread would book under the wrong name for good. */
int agent_rules_make(struct agent_rules **out, const struct json_doc *agents_doc, json_id agents,
                     const struct json_doc *billing_doc, json_id billing, const char *home,
                     struct error *error);
/* NULL is fine. */
void agent_rules_free(struct agent_rules *rules);

/* The agent that a run counts for. `rules` may be NULL. The answer is `source` or belongs to the rules.
 *
 * A workspace pattern that names a folder stands for all that is in it, too. In it "*" and "?" stop at "/", and "**" does not; in a
 * model's both go anywhere. */
const char *agent_rules_agent(const struct agent_rules *rules, const char *source,
                              const char *workspace, const char *model);

/* Whether a run's model can decide whose it is. */
bool agent_rules_tell_models(const struct agent_rules *rules);

/* How a run that began at an instant is billed; days are those of `zone`. A row that names an agent counts before one that does
 * not; of those that name as much, the one that began last. Without any, metered. *found (may be NULL) says whether there was one. */
enum billing agent_rules_billing(const struct agent_rules *rules, const char *source,
                                 const char *agent, int64_t at_ms, const struct zone *zone,
                                 bool *found);

/* Whether `text` matches a pattern; see above. `paths`: it is a folder. */
bool agent_rules_match(const char *pattern, const char *text, bool paths);

#endif
