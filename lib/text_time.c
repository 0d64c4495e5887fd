/* Instants, dates and times of day as text: RFC 3339 and what Postgres prints. */
#include "text_format.h"

#include <string.h>

struct instant {
	int year, month, day, hour, minute, second, micros;
	int offset; /* minutes east of UTC */
};

/* What is still to be read. */
struct rest {
	const char *at;
	size_t left;
};

static bool take_char(struct rest *rest, char wanted)
{
	if (!rest->left || *rest->at != wanted)
		return false;
	rest->at++;
	rest->left--;
	return true;
}

static bool take_digits(struct rest *rest, int count, int *number)
{
	*number = 0;
	for (; count > 0; count--) {
		if (!rest->left || *rest->at < '0' || *rest->at > '9')
			return false;
		*number = *number * 10 + (*rest->at++ - '0');
		rest->left--;
	}
	return true;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(struct rest *rest, struct instant *t)
{
	return take_digits(rest, 4, &t->year) &&
	       take_char(rest, '-') &&
	       take_digits(rest, 2, &t->month) &&
	       take_char(rest, '-') &&
	       take_digits(rest, 2, &t->day) &&
	       t->month >= 1 &&
	       t->month <= 12 &&
	       t->day >= 1 &&
	       t->day <= days_in(t->year, t->month);
}

/* At least one digit; those after the sixth are cut off. */
static bool take_fraction(struct rest *rest, int *micros)
{
	int digit, unit = 100000;

	*micros = 0;
	if (!take_char(rest, '.'))
		return true;
	if (!take_digits(rest, 1, &digit))
		return false;
	do {
		*micros += digit * unit;
		unit /= 10;
	} while (take_digits(rest, 1, &digit));
	return true;
}

static bool take_clock(struct rest *rest, int *hour, int *minute)
{
	return take_digits(rest, 2, hour) &&
	       take_char(rest, ':') &&
	       take_digits(rest, 2, minute) &&
	       *hour <= 23 &&
	       *minute <= 59;
}

static bool take_time(struct rest *rest, struct instant *t)
{
	return take_clock(rest, &t->hour, &t->minute) &&
	       take_char(rest, ':') &&
	       take_digits(rest, 2, &t->second) &&
	       t->second <= 59 &&
	       take_fraction(rest, &t->micros);
}

static bool take_offset(struct rest *rest, int *offset)
{
	int hours, minutes, sign;

	*offset = 0;
	if (take_char(rest, 'Z') || take_char(rest, 'z'))
		return true;
	sign = take_char(rest, '+') ? 1 : take_char(rest, '-') ? -1 : 0;
	if (!sign || !take_clock(rest, &hours, &minutes))
		return false;
	*offset = sign * (hours * 60 + minutes);
	return true;
}

static void next_day(struct instant *t)
{
	if (++t->day <= days_in(t->year, t->month))
		return;
	t->day = 1;
	if (++t->month <= 12)
		return;
	t->month = 1;
	t->year++;
}

static void previous_day(struct instant *t)
{
	if (--t->day >= 1)
		return;
	if (--t->month < 1) {
		t->month = 12;
		t->year--;
	}
	t->day = days_in(t->year, t->month);
}

static void move_to_utc(struct instant *t)
{
	int minutes = t->hour * 60 + t->minute - t->offset;

	if (minutes < 0) {
		previous_day(t);
		minutes += 24 * 60;
	} else if (minutes >= 24 * 60) {
		next_day(t);
		minutes -= 24 * 60;
	}
	t->hour = minutes / 60;
	t->minute = minutes % 60;
}

static void put_digits(char *out, int number, int count)
{
	while (count-- > 0) {
		out[count] = (char)('0' + number % 10);
		number /= 10;
	}
}

static bool write_utc(struct instant *t, char out[28])
{
	move_to_utc(t);
	if (t->year < 1 || t->year > 9999)
		return false;

	memcpy(out, "0000-00-00T00:00:00.000000Z", 28);
	put_digits(out, t->year, 4);
	put_digits(out + 5, t->month, 2);
	put_digits(out + 8, t->day, 2);
	put_digits(out + 11, t->hour, 2);
	put_digits(out + 14, t->minute, 2);
	put_digits(out + 17, t->second, 2);
	put_digits(out + 20, t->micros, 6);
	return true;
}

bool text_instant(const char *text, size_t len, char out[28])
{
	struct rest rest = { text, len };
	struct instant t;

	return take_date(&rest, &t) &&
	       (take_char(&rest, 'T') || take_char(&rest, 't')) &&
	       take_time(&rest, &t) &&
	       take_offset(&rest, &t.offset) &&
	       !rest.left &&
	       write_utc(&t, out);
}

bool text_instant_from_sql(const char *text, size_t len, char out[28])
{
	struct rest rest = { text, len };
	struct instant t = { 0 };

	return take_date(&rest, &t) &&
	       take_char(&rest, ' ') &&
	       take_time(&rest, &t) &&
	       rest.left == 3 &&
	       !memcmp(rest.at, "+00", 3) &&
	       write_utc(&t, out);
}

bool text_is_date(const char *text, size_t len)
{
	struct rest rest = { text, len };
	struct instant t;

	return take_date(&rest, &t) && t.year >= 1 && !rest.left;
}

bool text_is_time(const char *text, size_t len)
{
	struct rest rest = { text, len };
	int hour, minute;

	return take_clock(&rest, &hour, &minute) && !rest.left;
}
