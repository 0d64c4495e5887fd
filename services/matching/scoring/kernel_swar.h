/* Counting bits without an instruction for it: pairs, nibbles and bytes added up within the word. */
#pragma once

#include <stdint.h>

/* In each byte, how many bits it has. */
static inline uint32_t swar_bytes(uint32_t word)
{
	word -= (word >> 1) & 0x55555555u;
	word = (word & 0x33333333u) + ((word >> 2) & 0x33333333u);
	return (word + (word >> 4)) & 0x0f0f0f0fu;
}

static inline uint32_t swar_bits4(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	uint32_t bytes = swar_bytes(a) + swar_bytes(b) + swar_bytes(c) + swar_bytes(d);

	bytes += bytes >> 16;
	return (bytes + (bytes >> 8)) & 0xffu;
}
