/* The connection to NATS: nats.c's external event loop interface, and reconnecting of our own. */
#include "bus.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "bus_own.h"
#include "log.h"
#include "service.h"

/*
 * nats.c 3.4.1 reconnects in a thread that holds the connection's lock while it connects, and keeps
 * what is published meanwhile to send it late. So its reconnecting is off: when it gives a
 * connection up we make another on a worker thread, and subscribe again. Its callbacks then come
 * only from that worker (attach, before anybody else knows the connection) and from our own calls
 * on the loop's thread; its ping timer, which would call from a third thread, is replaced by a
 * message to ourselves.
 *
 * Never call natsConnection_ProcessWriteEvent() with nothing to write: it sends zero bytes, takes
 * the 0 it gets back for a closed connection and, where nats.c reconnects by itself, sits out the
 * reconnect wait of 2 s. That was the 2.0 s which the first request took in a prototype that asked
 * for writability at once.
 */

/*
 * natsSubscription_NextMsg() swallows what the server says about requests that nobody listens to,
 * and with it whose request that was. So those messages, and all answers by slot, are taken before
 * nats.c queues them: by its message filter, which the library exports though nats.h does not name
 * it.
 */
void natsConn_setFilterWithClosure(natsConnection *connection,
				   void (*filter)(natsConnection *, natsMsg **, void *), void *arg);

/*
 * natsMsg_Destroy() leaves messages that were received to a collector thread and wakes it for them:
 * two context switches a message, a fifth of a busy process. This frees at once; exported likewise.
 */
void natsMsg_free(void *message);

/*
 * natsSubscription_Unsubscribe() also forgets the subscription at once, and drops what is on its way
 * to it. This only tells the server.
 */
natsStatus natsConn_sendUnsubProto(natsConnection *connection, int64_t id, int most);

enum {
	CONNECT_TIMEOUT_MS = 2000,
	RETRY_MS = 250,
	RETRY_JITTER_MS = 100,
	PULSE_MS = 3000,
	LAST_WORDS_MS = 1000,
	READ_BUFFER = 128 * 1024,
	UNSENT_MOST = 32 * 1024 * 1024,
};

static void begin_attempt(struct bus *bus);
static void lose(struct bus *bus);

static natsStatus on_attach(void **own, void *loop, natsConnection *connection, natsSock socket)
{
	struct bus *bus = loop;

	(void)connection;
	*own = bus;
	bus->socket = socket;
	return NATS_OK;
}

/* Comes before nats.c closes the socket, which must not be polled any more by then. */
static natsStatus on_read_wanted(void *own, bool wanted)
{
	struct bus *bus = own;

	if (!wanted && bus->poll) {
		uv_poll_stop(bus->poll);
		bus->gone = true;
	}
	return NATS_OK;
}

static natsStatus on_write_wanted(void *own, bool wanted)
{
	struct bus *bus = own;

	bus->unsent = wanted;
	return NATS_OK;
}

static natsStatus on_detach(void *own)
{
	struct bus *bus = own;

	bus->gone = true;
	return NATS_OK;
}

/* On a thread of nats.c's: permissions, mostly. */
static void on_error(natsConnection *connection, natsSubscription *subscription, natsStatus status,
		     void *arg)
{
	struct bus *bus = arg;
	const char *last = NULL;

	(void)subscription;
	natsConnection_GetLastError(connection, &last);
	uv_mutex_lock(&bus->complaint_lock);
	snprintf(bus->complaint, sizeof bus->complaint, "%s",
		 last && *last ? last : natsStatus_GetText(status));
	uv_mutex_unlock(&bus->complaint_lock);
	uv_async_send(&bus->complained);
}

static void log_complaint(uv_async_t *async)
{
	struct bus *bus = async->data;
	char complaint[sizeof bus->complaint];

	uv_mutex_lock(&bus->complaint_lock);
	memcpy(complaint, bus->complaint, sizeof complaint);
	uv_mutex_unlock(&bus->complaint_lock);
	log_write(LOG_ERROR, "the bus complains", "detail", complaint, NULL);
}

static unsigned status_of(natsMsg *message)
{
	const char *status;

	if (natsMsg_GetDataLength(message) ||
	    natsMsgHeader_Get(message, "Status", &status) != NATS_OK)
		return 0;
	return (unsigned)strtoul(status, NULL, 10);
}

static void hand_over(struct bus_subscription *subscription, natsMsg *handle)
{
	struct bus_message message = {
		.subject = natsMsg_GetSubject(handle),
		.reply = natsMsg_GetReply(handle),
		.data = (const uint8_t *)natsMsg_GetData(handle),
		.len = (size_t)natsMsg_GetDataLength(handle),
		.status = status_of(handle),
	};

	subscription->listener(subscription->arg, &message);
	natsMsg_free(handle);
}

static void end_subscription(struct bus_subscription *subscription)
{
	natsSubscription_Destroy(subscription->handle);
	free(subscription->owned);
	free(subscription->queue);
	free(subscription);
}

static void remove_ended(struct bus *bus)
{
	for (struct bus_subscription **at = &bus->subscriptions, *subscription;
	     (subscription = *at);)
		if (subscription->ended) {
			*at = subscription->next;
			end_subscription(subscription);
		} else {
			at = &subscription->next;
		}
}

static struct bus_subscription *find_subscription(struct bus *bus, const char *subject)
{
	struct bus_subscription *subscription = bus->subscriptions;

	while (subscription && (subscription->ended || strcmp(subscription->subject, subject)))
		subscription = subscription->next;
	return subscription;
}

static void filter(natsConnection *connection, natsMsg **message, void *arg)
{
	struct bus *bus = arg;
	const char *subject = natsMsg_GetSubject(*message);
	struct bus_subscription *subscription;

	(void)connection;
	if (!strncmp(subject, bus->slots.prefix, strlen(bus->slots.prefix)))
		subscription = bus->slots.subscription;
	else if (status_of(*message) == 503)
		subscription = find_subscription(bus, subject);
	else
		return;
	if (subscription)
		hand_over(subscription, *message);
	else
		natsMsg_free(*message);
	*message = NULL;
}

/* Every message that has been read, subscription by subscription. */
static void hand_over_all(struct bus *bus)
{
	natsMsg *message;

	for (struct bus_subscription *subscription = bus->subscriptions; subscription;
	     subscription = subscription->next) {
		uint64_t queued = 0;

		if (natsSubscription_QueuedMsgs(subscription->handle, &queued) != NATS_OK)
			continue;
		while (queued-- &&
		       !subscription->ended &&
		       natsSubscription_NextMsg(&message, subscription->handle, 0) == NATS_OK)
			hand_over(subscription, message);
	}
}

static void read_all(struct bus *bus)
{
	bus->listening = true;
	natsConnection_ProcessReadEvent(bus->connection);
	hand_over_all(bus);
	bus->listening = false;
	remove_ended(bus);
}

static void poll_for(struct bus *bus, bool writable);

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct bus *bus = poll->data;

	if (status || (events & UV_READABLE))
		read_all(bus);
	if (!bus->gone && (events & UV_WRITABLE) && bus->unsent)
		natsConnection_ProcessWriteEvent(bus->connection);
	if (bus->gone) {
		lose(bus);
	} else if (bus->blocked && !bus->unsent) {
		bus->blocked = false;
		poll_for(bus, false);
	}
}

static void poll_for(struct bus *bus, bool writable)
{
	uv_poll_start(bus->poll, UV_READABLE | (writable ? UV_WRITABLE : 0), on_socket);
}

/* Once a turn: everything that the tasks have said leaves in one write. */
static void send_unsent(void *arg)
{
	struct bus *bus = arg;

	if (!bus->connection || !bus->unsent || bus->blocked)
		return;
	natsConnection_ProcessWriteEvent(bus->connection);
	if (bus->gone) {
		lose(bus);
	} else if (bus->unsent) {
		bus->blocked = true;
		poll_for(bus, true);
	}
}

static bool subscribe(struct bus_subscription *subscription)
{
	struct bus *bus = subscription->bus;
	natsStatus status;

	if (subscription->queue)
		status = natsConnection_QueueSubscribeSync(&subscription->handle, bus->connection,
							   subscription->subject,
							   subscription->queue);
	else
		status = natsConnection_SubscribeSync(&subscription->handle, bus->connection,
						      subscription->subject);
	/* All of one read are handed over before the next: what waits is bounded by the buffer. */
	if (status == NATS_OK)
		natsSubscription_SetPendingLimits(subscription->handle, -1, -1);
	return status == NATS_OK;
}

static void tell_watches(struct bus *bus)
{
	for (struct bus_watch *watch = bus->watches, *next; watch; watch = next) {
		next = watch->next;
		watch->connected(watch->arg);
	}
}

static void free_bus(struct bus *bus)
{
	slots_end(bus);
	while (bus->subscriptions) {
		struct bus_subscription *subscription = bus->subscriptions;

		bus->subscriptions = subscription->next;
		end_subscription(subscription);
	}
	natsOptions_Destroy(bus->options);
	uv_mutex_destroy(&bus->complaint_lock);
	free(bus);
}

static void on_closed(uv_handle_t *handle)
{
	struct bus *bus = handle->data;

	if (handle->type == UV_POLL)
		free(handle);
	if (!--bus->handles)
		free_bus(bus);
}

static void adopt(struct bus *bus)
{
	bus->connection = bus->attempted;
	bus->attempted = NULL;
	bus->gone = bus->unsent = bus->blocked = bus->silent = false;
	bus->max_payload = (size_t)natsConnection_GetMaxPayload(bus->connection);
	bus->poll = malloc(sizeof *bus->poll);
	bus->poll->data = bus;
	bus->handles++;
	uv_poll_init(bus->loop, bus->poll, (int)bus->socket);
	poll_for(bus, false);
	natsConn_setFilterWithClosure(bus->connection, filter, bus);
	for (struct bus_subscription *subscription = bus->subscriptions; subscription;
	     subscription = subscription->next)
		if (!subscription->leaving)
			subscribe(subscription);
	bus->pulse_answered = true;
	uv_timer_again(&bus->pulse);
	log_write(LOG_INFO, "the bus is connected", NULL);
	tell_watches(bus);
}

static void on_retry(uv_timer_t *timer)
{
	begin_attempt(timer->data);
}

static void retry_later(struct bus *bus)
{
	uv_timer_start(&bus->retry, on_retry, RETRY_MS + (uint64_t)rand() % RETRY_JITTER_MS, 0);
}

static void let_go(struct bus *bus)
{
	for (struct bus_subscription *subscription = bus->subscriptions; subscription;
	     subscription = subscription->next) {
		natsSubscription_Destroy(subscription->handle);
		subscription->handle = NULL;
	}
	natsConnection_Destroy(bus->connection);
	bus->connection = NULL;
	uv_poll_stop(bus->poll);
	uv_close((uv_handle_t *)bus->poll, on_closed);
	bus->poll = NULL;
	bus->unsent = bus->blocked = false;
	uv_timer_stop(&bus->pulse);
}

static void close_handles(struct bus *bus)
{
	task_drop_hook(&bus->turn);
	uv_close((uv_handle_t *)&bus->retry, on_closed);
	uv_close((uv_handle_t *)&bus->pulse, on_closed);
	uv_close((uv_handle_t *)&bus->complained, on_closed);
}

static void lose(struct bus *bus)
{
	let_go(bus);
	slots_lost(bus);
	if (bus->closing) {
		close_handles(bus);
		return;
	}
	log_write(LOG_WARN, "the bus is lost", NULL);
	retry_later(bus);
}

static void attempt(uv_work_t *work)
{
	struct bus *bus = work->data;

	bus->attempt_status = natsConnection_Connect(&bus->attempted, bus->options);
}

static void on_attempted(uv_work_t *work, int status)
{
	struct bus *bus = work->data;

	(void)status;
	bus->attempting = false;
	if (bus->closing) {
		natsConnection_Destroy(bus->attempted);
		close_handles(bus);
	} else if (bus->attempt_status == NATS_OK) {
		adopt(bus);
	} else {
		if (!bus->silent)
			log_write(LOG_WARN, "the bus cannot be reached", "detail",
				  natsStatus_GetText(bus->attempt_status), NULL);
		bus->silent = true;
		retry_later(bus);
	}
}

static void begin_attempt(struct bus *bus)
{
	bus->attempting = true;
	bus->attempt.data = bus;
	uv_queue_work(bus->loop, &bus->attempt, attempt, on_attempted);
}

/*
 * A message to ourselves that does not come back before the next: the server, or the way to it, is
 * dead.
 */
static void on_pulse(uv_timer_t *timer)
{
	struct bus *bus = timer->data;

	if (!bus->connection)
		return;
	if (!bus->pulse_answered) {
		shutdown((int)bus->socket, SHUT_RDWR);
		return;
	}
	bus->pulse_answered = false;
	bus_publish(bus, bus_slot_subject(bus->pulse_slot), NULL, NULL, "", 0);
}

static void on_drained(uv_timer_t *timer)
{
	struct bus *bus = timer->data;

	if (!bus->connection)
		return;
	let_go(bus);
	close_handles(bus);
}

/* The server works in order: what was sent before this message has been taken. */
static void on_pulse_back(void *arg, const struct bus_message *message)
{
	struct bus *bus = arg;

	bus->pulse_answered = message != NULL;
	if (message && bus->closing)
		uv_timer_start(&bus->retry, on_drained, 0, 0);
}

static bool set_servers(natsOptions *options, const char *url)
{
	const char *servers[16];
	char *copy = strdup(url), *rest = copy;
	int count = 0;
	bool done;

	while (rest && count < 16)
		servers[count++] = strsep(&rest, ",");
	done = natsOptions_SetServers(options, servers, count) == NATS_OK;
	free(copy);
	return done;
}

/* Without SetSendAsap a thread of nats.c's would write. */
static natsOptions *make_options(struct bus *bus, const char *url)
{
	natsOptions *options = NULL;

	if (natsOptions_Create(&options) == NATS_OK &&
	    set_servers(options, url) &&
	    natsOptions_SetName(options, bus->process->name) == NATS_OK &&
	    natsOptions_SetEventLoop(options, bus, on_attach, on_read_wanted, on_write_wanted,
				     on_detach) == NATS_OK &&
	    natsOptions_SetErrorHandler(options, on_error, bus) == NATS_OK &&
	    natsOptions_SetTimeout(options, CONNECT_TIMEOUT_MS) == NATS_OK &&
	    natsOptions_SetIOBufSize(options, READ_BUFFER) == NATS_OK &&
	    natsOptions_SetSendAsap(options, true) == NATS_OK &&
	    natsOptions_SetAllowReconnect(options, false) == NATS_OK &&
	    natsOptions_SetPingInterval(options, 0) == NATS_OK)
		return options;
	natsOptions_Destroy(options);
	return NULL;
}

static void init_handles(struct bus *bus)
{
	uv_timer_init(bus->loop, &bus->retry);
	uv_timer_init(bus->loop, &bus->pulse);
	uv_async_init(bus->loop, &bus->complained, log_complaint);
	uv_mutex_init(&bus->complaint_lock);
	bus->retry.data = bus->pulse.data = bus->complained.data = bus;
	bus->handles = 3;
	uv_timer_start(&bus->pulse, on_pulse, PULSE_MS, PULSE_MS);
	bus->turn = (struct task_hook) { .run = send_unsent, .arg = bus };
	task_at_turn_end(bus->loop, &bus->turn);
}

struct bus *bus_open(struct process *process, const char *url)
{
	struct bus *bus = calloc(1, sizeof *bus);

	bus->process = process;
	bus->loop = process->loop;
	bus->options = make_options(bus, url);
	if (!bus->options) {
		free(bus);
		return NULL;
	}
	init_handles(bus);
	slots_begin(bus);
	bus->pulse_slot = bus_slot_open(bus, on_pulse_back, bus);
	begin_attempt(bus);
	return bus;
}

void bus_close(struct bus *bus)
{
	bus->closing = true;
	if (bus->connection) {
		uv_timer_start(&bus->retry, on_drained, LAST_WORDS_MS, 0);
		bus_publish(bus, bus_slot_subject(bus->pulse_slot), NULL, NULL, "", 0);
	} else if (!bus->attempting) {
		close_handles(bus);
	}
}

bool bus_ready(const struct bus *bus)
{
	return bus->connection && !bus->gone;
}

size_t bus_max_payload(const struct bus *bus)
{
	return bus->max_payload;
}

void bus_watch(struct bus *bus, struct bus_watch *watch)
{
	watch->next = bus->watches;
	bus->watches = watch;
}

void bus_unwatch(struct bus *bus, struct bus_watch *watch)
{
	for (struct bus_watch **at = &bus->watches; *at; at = &(*at)->next)
		if (*at == watch) {
			*at = watch->next;
			return;
		}
}

struct bus_subscription *bus_subscribe(struct bus *bus, const char *subject, const char *queue,
				       bus_listener *listener, void *arg)
{
	size_t len = strlen(subject) + 1;
	struct bus_subscription *subscription = calloc(1, sizeof *subscription + len);

	subscription->bus = bus;
	subscription->listener = listener;
	subscription->arg = arg;
	subscription->queue = queue ? strdup(queue) : NULL;
	memcpy(subscription->subject, subject, len);
	subscription->next = bus->subscriptions;
	bus->subscriptions = subscription;
	if (bus_ready(bus))
		subscribe(subscription);
	return subscription;
}

void bus_unsubscribe(struct bus_subscription *subscription)
{
	subscription->ended = true;
	if (subscription->handle)
		natsSubscription_Unsubscribe(subscription->handle);
	if (!subscription->bus->listening)
		remove_ended(subscription->bus);
}

struct farewell {
	struct task *task;
	bool back;
};

static void on_farewell_back(void *arg, const struct bus_message *message)
{
	struct farewell *farewell = arg;

	(void)message;
	farewell->back = true;
	task_wake(farewell->task);
}

/* The server works in order: a message to ourselves comes after all that it had sent before. */
void bus_leave(struct bus_subscription *subscription)
{
	struct bus *bus = subscription->bus;
	struct farewell farewell = { .task = task_current(), .back = !bus_ready(bus) };
	struct bus_slot *slot = bus_slot_open(bus, on_farewell_back, &farewell);
	uint64_t until = uv_now(bus->loop) + LAST_WORDS_MS;

	subscription->leaving = true;
	if (!farewell.back) {
		natsConn_sendUnsubProto(bus->connection,
					natsSubscription_GetID(subscription->handle), 0);
		bus_publish(bus, bus_slot_subject(slot), NULL, NULL, "", 0);
	}
	while (!farewell.back && task_park_until(until))
		;
	bus_slot_close(slot);
	bus_unsubscribe(subscription);
}

static bool has_room(const struct bus *bus, size_t len)
{
	if (!bus_ready(bus) || len > bus->max_payload)
		return false;
	return !bus->blocked || natsConnection_Buffered(bus->connection) < UNSENT_MOST;
}

static natsStatus publish_with_headers(struct bus *bus, const char *subject, const char *reply,
				       const char *const *headers, const void *data, size_t len)
{
	natsMsg *message = NULL;
	natsStatus status = natsMsg_Create(&message, subject, reply, data, (int)len);

	for (; status == NATS_OK && *headers; headers += 2)
		status = natsMsgHeader_Set(message, headers[0], headers[1]);
	if (status == NATS_OK)
		status = natsConnection_PublishMsg(bus->connection, message);
	natsMsg_Destroy(message);
	return status;
}

bool bus_publish(struct bus *bus, const char *subject, const char *reply,
		 const char *const *headers, const void *data, size_t len)
{
	if (!has_room(bus, len))
		return false;
	if (headers)
		return publish_with_headers(bus, subject, reply, headers, data, len) == NATS_OK;
	if (reply)
		return natsConnection_PublishRequest(bus->connection, subject, reply, data,
						     (int)len) == NATS_OK;
	return natsConnection_Publish(bus->connection, subject, data, (int)len) == NATS_OK;
}
