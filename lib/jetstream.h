/*
 * What we ask of JetStream: that a stream or a durable consumer exists, and whether a message was
 * taken.
 *
 * Spoken as JSON on $JS.API.…, with no more than nats-server 2.9 knows. Nothing depends on what
 * JetStream remembers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct bus;
struct bus_message;
struct process;

enum { JETSTREAM_MESSAGE_MOST = 256 * 1024 };

/*
 * evt_<process> over evt.<process>.>, made or brought up to date. Sleeps. False when JetStream
 * cannot now; that is logged.
 */
bool jetstream_ensure_stream(struct process *process, int replicas);
/*
 * The durable consumer <process>_<name> on evt_<producer>. Sleeps. False when it cannot now (the
 * producer makes its stream).
 */
bool jetstream_ensure_consumer(struct process *process, const char *producer, const char *name);
/* Whether an answer to a publish says that the stream has the message. */
bool jetstream_taken(const struct bus_message *answer);
