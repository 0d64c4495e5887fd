/*
 * Events: written to the outbox in the transaction of the change, so that they exist exactly when
 * the change does.
 *
 * The relay numbers them (contiguous for each kind of event) and publishes them to JetStream;
 * consumers record (kind, number) in the transaction of their effect, ask for what is missing, and
 * set aside what they cannot do.
 */
#pragma once

#include "call.h"

struct event_type {
	const char *producer, *name; /* "programs", "MembershipApproved" */
	const struct pb_type *type;
	const struct pb_type *of; /* the message it is filled from, or NULL for itself */
};

/*
 * Adds the event to the call's transaction; its aggregate is the message's field "id". Nothing when
 * call->unchanged. Called by the generated publish_… functions only.
 */
bool event_publish(struct call *call, const struct event_type *event, const void *from) must_check;

/*
 * A plain subscription to events as they pass, for the gateway (revocations, live streams): no
 * acknowledgement, no memory. subject may hold wildcards: "evt.identity.>".
 */
struct bus;
void event_listen(struct bus *bus, const char *subject,
		  void (*on_event)(void *arg, const EventEnvelope *event), void *arg);
