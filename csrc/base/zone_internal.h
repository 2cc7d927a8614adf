/* zone_internal.h - between zone.c, which understands a zone, and zone_find.c, which finds it. */
#ifndef BASE_ZONE_INTERNAL_H
#define BASE_ZONE_INTERNAL_H

#include "base/zone.h"

/* A zone that is nothing but a POSIX rule. PURSER_EPARSE when it is none. */
int zone_from_rule(struct zone **out, const char *name, const char *rule, struct error *error);

#endif
