/*
 * Numbers as text where printf would be felt: on the way of every request. Each returns where the text ends; no NUL.
 */
#pragma once

#include <stdint.h>

static inline char *format_number(char *at, uint64_t number)
{
	char digits[20];
	int count = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		*at++ = digits[--count];
	return at;
}

/* Exactly so many hex digits. */
static inline char *format_hex(char *at, uint64_t number, int digits)
{
	for (int i = digits - 1; i >= 0; i--, number >>= 4)
		at[i] = "0123456789abcdef"[number & 15];
	return at + digits;
}
