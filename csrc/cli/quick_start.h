/* quick_start.h - for verbs that live for a moment while somebody waits.
 *
 * Such a process spends most of its time on page faults: one for each page of its heap, and one for every few of its code. Asking the
 * kernel for what it will touch anyway, in one call each, takes a fifth of that off. Where it can't be asked, nothing is lost. */
#ifndef CLI_QUICK_START_H
#define CLI_QUICK_START_H

/* Before anything else is done. */
void quick_start(void);

#endif
