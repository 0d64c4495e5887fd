/*
 * From the outbox to JetStream: numbers what committed (contiguous for each kind of event),
 * publishes it, and remembers how far. It may repeat, never lose: whatever is numbered above
 * published_seq is published again.
 *
 * Every process of a service has one; a lease in the database lets one of them work. Correctness
 * does not need the lease.
 */
#pragma once

#include "conf.h"

struct process;
struct relay;

/* What it reads: ITHACA_JETSTREAM_REPLICAS, ITHACA_AUDIT_DAYS. */
extern const struct setting relay_settings[];

struct relay *relay_start(struct process *process);
/* Something was committed to the outbox. */
void relay_wake(struct relay *relay);
/* Ends it after the batch that it is at. */
void relay_stop(struct relay *relay);
