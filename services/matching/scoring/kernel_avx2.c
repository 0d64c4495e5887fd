/* The loops for processors with AVX2: eight mentors at a time. */
#include <stdint.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC optimize("O3")
#pragma GCC target("avx2")
#endif
#include "kernel_swar.h"

#define KERNELS kernels_avx2
#define BITS4 swar_bits4
#include "kernel_body.h"
#ifdef __clang__
#pragma clang attribute pop
#endif
