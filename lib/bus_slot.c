/*
 * Answers find their way by slot: one wildcard subscription, the last token of the subject says
 * whose they are. It cannot be guessed, and only who is asked is told it: a service cannot answer
 * in another's place.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_own.h"
#include "metrics.h"
#include "service.h"

/* The last token: 16 hex digits that are random, 5 of the index. */
enum {
	SECRET_DIGITS = 16,
	INDEX_DIGITS = 5,
	TOKEN = SECRET_DIGITS + INDEX_DIGITS,
	SLOTS_MOST = 1 << 20
};

struct bus_slot {
	struct bus *bus;
	struct bus_slot *next_free;
	bus_listener *listener; /* NULL: nobody waits */
	void *arg;
	uint32_t index;
	uint64_t secret;
	char subject[sizeof((struct slots *)0)->prefix + TOKEN + 1];
};

enum { RANDOM_HEX = 33 };

static void put_random(char hex[RANDOM_HEX])
{
	uint8_t random[16];

	randombytes_buf(random, sizeof random);
	sodium_bin2hex(hex, RANDOM_HEX, random, sizeof random);
}

char *bus_inbox(struct bus *bus, struct arena *arena)
{
	char random[RANDOM_HEX];

	put_random(random);
	return arena_printf(arena, "inbox.%s.%s", bus->process->name, random);
}

void slots_begin(struct bus *bus)
{
	char random[RANDOM_HEX], wildcard[sizeof bus->slots.prefix + 1];

	put_random(random);
	snprintf(bus->slots.prefix, sizeof bus->slots.prefix, "inbox.%s.%s.", bus->process->name,
		 random);
	bus->slots.late = metric_counter(bus->process->metrics, "ithaca_bus_late_answers_total",
					 "Answers that came when nobody waited any more.", "");
	snprintf(wildcard, sizeof wildcard, "%s*", bus->slots.prefix);
	bus->slots.subscription = bus_subscribe(bus, wildcard, NULL, slots_on_message, bus);
}

void slots_end(struct bus *bus)
{
	for (size_t i = 0; i < bus->slots.count; i++)
		free(bus->slots.all[i]);
	free(bus->slots.all);
}

static void put_hex(char *at, unsigned digits, uint64_t value)
{
	while (digits--) {
		at[digits] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}

static bool get_hex(const char *at, unsigned digits, uint64_t *value)
{
	for (*value = 0; digits--; at++) {
		if (*at >= '0' && *at <= '9')
			*value = *value << 4 | (uint64_t)(*at - '0');
		else if (*at >= 'a' && *at <= 'f')
			*value = *value << 4 | (uint64_t)(*at - 'a' + 10);
		else
			return false;
	}
	return true;
}

static char *token_of(struct bus_slot *slot)
{
	return slot->subject + strlen(slot->bus->slots.prefix);
}

static struct bus_slot *new_slot(struct bus *bus)
{
	struct slots *slots = &bus->slots;
	struct bus_slot *slot = calloc(1, sizeof *slot);

	if ((slots->count & (slots->count - 1)) == 0)
		slots->all = realloc(slots->all,
				     (slots->count ? 2 * slots->count : 1) * sizeof *slots->all);
	slot->bus = bus;
	slot->index = (uint32_t)slots->count;
	strcpy(slot->subject, slots->prefix);
	put_hex(token_of(slot) + SECRET_DIGITS, INDEX_DIGITS, slot->index);
	slots->all[slots->count++] = slot;
	return slot;
}

struct bus_slot *bus_slot_open(struct bus *bus, bus_listener *listener, void *arg)
{
	struct bus_slot *slot = bus->slots.free;

	if (slot)
		bus->slots.free = slot->next_free;
	else if (bus->slots.count < SLOTS_MOST)
		slot = new_slot(bus);
	else
		return NULL;
	slot->listener = listener;
	slot->arg = arg;
	randombytes_buf(&slot->secret, sizeof slot->secret);
	put_hex(token_of(slot), SECRET_DIGITS, slot->secret);
	return slot;
}

void bus_slot_close(struct bus_slot *slot)
{
	slot->listener = NULL;
	slot->next_free = slot->bus->slots.free;
	slot->bus->slots.free = slot;
}

const char *bus_slot_subject(const struct bus_slot *slot)
{
	return slot->subject;
}

static struct bus_slot *find_slot(struct slots *slots, const char *subject)
{
	const char *token = subject + strlen(slots->prefix);
	uint64_t secret, index;

	if (strlen(token) != TOKEN ||
	    !get_hex(token, SECRET_DIGITS, &secret) ||
	    !get_hex(token + SECRET_DIGITS, INDEX_DIGITS, &index) ||
	    index >= slots->count)
		return NULL;
	return slots->all[index]->secret == secret ? slots->all[index] : NULL;
}

void bus_count_late(struct bus *bus)
{
	metric_add(bus->slots.late, 1);
}

void slots_on_message(void *arg, const struct bus_message *message)
{
	struct bus *bus = arg;
	struct bus_slot *slot = find_slot(&bus->slots, message->subject);

	if (slot && slot->listener)
		slot->listener(slot->arg, message);
	else
		bus_count_late(bus);
}

void slots_lost(struct bus *bus)
{
	for (size_t i = 0; i < bus->slots.count; i++) {
		struct bus_slot *slot = bus->slots.all[i];

		if (slot->listener)
			slot->listener(slot->arg, NULL);
	}
}

/* Lives on the stack of the task that waits. */
struct waiting {
	struct task *task;
	struct arena *arena;
	struct bus_message *answer;
	enum bus_outcome outcome;
	bool done;
};

static void take_answer(void *arg, const struct bus_message *message)
{
	struct waiting *waiting = arg;

	if (waiting->done)
		return;
	waiting->done = true;
	if (message && message->status != 503) {
		*waiting->answer = *message;
		waiting->answer->subject = waiting->answer->reply = NULL;
		waiting->answer->data = arena_copy(waiting->arena, message->data, message->len);
		waiting->outcome = BUS_ANSWERED;
	} else {
		waiting->outcome = BUS_DOWN;
	}
	task_wake(waiting->task);
}

enum bus_outcome bus_request(struct bus *bus, struct arena *arena, const char *subject,
			     const void *data, size_t len, uint64_t deadline,
			     struct bus_message *answer)
{
	struct waiting waiting = {
		.task = task_current(), .arena = arena, .answer = answer, .outcome = BUS_LATE
	};
	struct bus_slot *slot = bus_slot_open(bus, take_answer, &waiting);

	if (!slot)
		return BUS_DOWN;
	if (!bus_publish(bus, subject, slot->subject, NULL, data, len))
		waiting = (struct waiting) { .done = true, .outcome = BUS_DOWN };
	while (!waiting.done && task_park_until(deadline))
		;
	bus_slot_close(slot);
	return waiting.outcome;
}
