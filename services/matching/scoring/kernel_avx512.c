/* The loops for processors with AVX-512 that count bits in vectors: sixteen mentors at a time. */
#include <stdint.h>

#ifdef __clang__
#pragma clang attribute push(                                                                      \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq"))),             \
	apply_to = function)
#else
#pragma GCC optimize("O3")
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,prefer-vector-width=512")
#endif

static inline uint32_t popcount_bits4(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	return (uint32_t)(__builtin_popcount(a) +
			  __builtin_popcount(b) +
			  __builtin_popcount(c) +
			  __builtin_popcount(d));
}

#define KERNELS kernels_avx512
#define BITS4 popcount_bits4
#include "kernel_body.h"
#ifdef __clang__
#pragma clang attribute pop
#endif
