/*
 * What is due: rows of the table timer, each run as a call of the rpc that it names, in a transaction that also
 * removes the row. Every process of a service looks; the claim in the transaction lets one of them have it.
 *
 * What fails is tried again after 1 s, 5 s, 30 s, 2 min and 10 min, and then left for people to see (due never).
 */
#pragma once

struct process;
struct timers;

/* Also removes, now and then, what is kept for a while only: old idempotency records, forgotten uploads. */
struct timers *timers_start(struct process *process);
/* An event has been taken in: its effect may be due at once. */
void timers_wake(struct timers *timers);
/* Looks for no more; it ends after what it is at. */
void timers_stop(struct timers *timers);
