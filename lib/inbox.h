/*
 * Events consumed: every rpc with `on` gets a durable consumer, each event becomes a call, and its
 * acknowledgement follows the commit. Redelivery and reordering are harmless, a hole older than 5 s
 * is fetched from the producer, and an event whose effect fails is set aside, tried again, and in
 * the end kept as a dead letter.
 */
#pragma once

#include "conf.h"

struct process;
struct inbox;

/* What it reads: ITHACA_INBOX_TICK_MS. */
extern const struct setting inbox_settings[];

/* For the rpcs with `on` of the process's service. */
struct inbox *inbox_start(struct process *process);
/*
 * Asks for no more events. What was dispatched goes on; its commits stand even when its
 * acknowledgement is lost.
 */
void inbox_stop(struct inbox *inbox);
