/* Ids from the clock and the system's randomness, which is fetched for many ids at once. */
#include "uuid.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* The one state here: a system call per 64 ids instead of one for each. */
static void random_eight(uint8_t out[8])
{
	static _Thread_local uint8_t pool[512];
	static _Thread_local size_t left;

	if (!left) {
		randombytes_buf(pool, sizeof pool);
		left = sizeof pool;
	}
	left -= 8;
	memcpy(out, pool + left, 8);
	sodium_memzero(pool + left, 8);
}

static void put_time(uint8_t id[16], uint64_t ms, uint32_t fraction)
{
	for (int i = 0; i < 6; i++)
		id[i] = (uint8_t)(ms >> (40 - 8 * i));
	id[6] = (uint8_t)(0x70 | fraction >> 8);
	id[7] = (uint8_t)fraction;
}

static void print_id(const uint8_t id[16], char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[id[i] >> 4];
		*out++ = digits[id[i] & 15];
	}
	*out = '\0';
}

static uint64_t milliseconds(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * 1000 + (uint64_t)time->tv_nsec / 1000000;
}

void uuid_v7(char out[37])
{
	struct timespec now;
	uint8_t id[16];

	clock_gettime(CLOCK_REALTIME, &now);
	put_time(id, milliseconds(&now),
		 (uint32_t)((uint64_t)now.tv_nsec % 1000000 * 4096 / 1000000));
	random_eight(id + 8);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
	print_id(id, out);
}

void uuid_v7_since(uint64_t ms, char out[37])
{
	struct timespec now;
	uint8_t id[16] = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	put_time(id, milliseconds(&now) - ms, 0);
	id[8] = 0x80;
	print_id(id, out);
}
