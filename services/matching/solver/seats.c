/*
 * Who sits with which mentor, and the log of what a change has written, so that a question can be asked by making a change and taking
 * it back. The places that a lock has taken are counted, not listed.
 */
#include "inner.h"

#include <stdlib.h>

void journal_begin(struct matcher *m)
{
	m->log.n = 0;
	m->log.on = true;
	m->log.failed = false;
}

static bool log_grow(struct log *log)
{
	int32_t size = log->size ? 2 * log->size : 4096;
	struct written *written = realloc(log->written, (size_t)size * sizeof *written);

	if (!written)
		return false;
	log->written = written;
	log->size = size;
	return true;
}

void journal_write(struct log *log, int32_t *at)
{
	if (log->n == log->size && !log_grow(log)) {
		log->failed = true;
		return;
	}
	log->written[log->n++] = (struct written) { at, *at };
}

void journal_undo(struct matcher *m)
{
	while (m->log.n > 0) {
		const struct written *last = &m->log.written[--m->log.n];

		*last->at = last->was;
	}
}

void seat_take(struct matcher *m, int32_t mentee, int32_t mentor)
{
	int32_t at = seats_taken(m, mentor);

	set(m, &m->seat[m->seat_row[mentor] + at], mentee);
	set(m, &m->seat_at[mentee], at);
	set(m, &m->partner[mentee], mentor);
	set(m, &m->load[mentor], m->load[mentor] + 1);
}

void seat_leave(struct matcher *m, int32_t mentee)
{
	int32_t mentor = m->partner[mentee];
	int32_t *seat = m->seat + m->seat_row[mentor];
	int32_t last = seats_taken(m, mentor) - 1;
	int32_t at = m->seat_at[mentee];

	set(m, &m->seat_at[seat[last]], at);
	set(m, &seat[at], seat[last]);
	set(m, &m->partner[mentee], MATCH_NOBODY);
	set(m, &m->load[mentor], m->load[mentor] - 1);
}

void seats_shift(struct matcher *m, const int32_t *via, int32_t mentee, int32_t mentor)
{
	for (;;) {
		int32_t mover = via[mentor], from = m->partner[mover];

		if (from >= 0)
			seat_leave(m, mover);
		seat_take(m, mover, mentor);
		if (mover == mentee)
			return;
		mentor = from;
	}
}
