/* The loops for any processor. */
#ifndef __clang__
#pragma GCC optimize("O3")
#endif
#include "kernel_swar.h"

#define KERNELS kernels_scalar
#define BITS4 swar_bits4
#include "kernel_body.h"
