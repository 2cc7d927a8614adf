/* quick_start.h - for verbs that live for a moment while somebody waits.
 *
 * Such a process spends most of its time on page faults: one for each page of its heap, and one for every few of its code. The kernel
 * is asked for what will be touched anyway, in one call each; on a virtual machine, where a first touch costs most, for a huge page.
 * Where it can't be asked, nothing is lost. */
#ifndef CLI_QUICK_START_H
#define CLI_QUICK_START_H

/* Before anything else is done. */
void quick_start(void);

#endif
