/* fail_mem.h - the allocator with a fault: the Nth allocation fails, once or from there on.
 *
 *   fail_mem_install();                        first thing in main()
 *   for (int64_t n = 1;; n++) {
 *     fail_mem_at(n, true);
 *     status = thing();
 *     if (!fail_mem_off()) break;              the Nth was never reached: all of them were tried
 *     ... status must be PURSER_ENOMEM (or 0 where memory was only wanted), nothing broken
 *   }
 */
#ifndef SUPPORT_FAIL_MEM_H
#define SUPPORT_FAIL_MEM_H

#include <stdbool.h>
#include <stdint.h>

/* Puts the allocator behind ours, SQLite's and cJSON's. Before anything is allocated. */
void fail_mem_install(void);
/* Counting starts anew: the `nth` allocation (1 is the next) fails; `ever_after`: so do all that follow. */
void fail_mem_at(int64_t nth, bool ever_after);
/* Allocations succeed again. True if one was refused since fail_mem_at(). */
bool fail_mem_off(void);
/* Blocks alive: equal before and after means that nothing leaked. */
int64_t fail_mem_alive(void);
/* Allocations since the last fail_mem_at(). */
int64_t fail_mem_count(void);

#endif
