/* Pairs that come and go after the lines were laid. */
#include "inner.h"

#include <stdlib.h>
#include <string.h>

static bool remember(struct matcher *m, struct banned banned)
{
	if (m->n_banned == m->banned_size) {
		size_t size = m->banned_size ? 2 * m->banned_size : 64;
		struct banned *more = realloc(m->banned, size * sizeof *more);

		if (!more)
			return false;
		m->banned = more;
		m->banned_size = size;
	}
	m->banned[m->n_banned++] = banned;
	m->has[banned.mentee] |= HAS_BANNED;
	return true;
}

struct banned *ban_of(const struct matcher *m, int32_t mentee, int32_t mentor)
{
	for (size_t k = m->has[mentee] & HAS_BANNED ? m->n_banned : 0; k > 0; k--)
		if (m->banned[k - 1].mentee == mentee && m->banned[k - 1].mentor == mentor)
			return &m->banned[k - 1];
	return NULL;
}

bool ban(struct matcher *m, int32_t mentee, int32_t mentor)
{
	int32_t at = line_find(&m->rows, mentee, mentor);
	int32_t worth = at < 0 ? -1 : word_worth(line_of(&m->rows, mentee)[at]);

	if (ban_of(m, mentee, mentor))
		return true;
	if (!remember(m, (struct banned) { mentee, mentor, worth }))
		return false;
	if (at >= 0) {
		line_remove(&m->rows, mentee, at);
		line_remove(&m->backs, mentor, line_find(&m->backs, mentor, mentee));
	}
	return true;
}

void ban_lift(struct matcher *m, struct banned *banned)
{
	*banned = m->banned[--m->n_banned];
}

bool seats_widen(struct matcher *m, int32_t mentor)
{
	int32_t most = m->backs.len[mentor];
	int32_t wanted = (m->capacity[mentor] < most ? m->capacity[mentor] : most) + 1;
	int32_t room = 2 * wanted;

	if (wanted <= m->seat_room[mentor])
		return true;

	int32_t *seat = m->seats + room < INT32_MAX / 2
				? realloc(m->seat, (size_t)(m->seats + room + 1) * sizeof *seat)
				: NULL;

	if (!seat)
		return false;
	memcpy(seat + m->seats, seat + m->seat_row[mentor],
	       (size_t)seats_taken(m, mentor) * sizeof *seat);
	m->seat = seat;
	m->seat_row[mentor] = (int32_t)m->seats;
	m->seat_room[mentor] = room;
	m->seats += room;
	return true;
}

bool pair_add(struct matcher *m, int32_t mentee, int32_t mentor, int32_t worth)
{
	return line_add(&m->rows, mentee, word_made(worth, mentor), true) &&
	       line_add(&m->backs, mentor, word_made(worth, mentee), false) &&
	       seats_widen(m, mentor);
}
