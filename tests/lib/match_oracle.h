/* Random tiny problems, solved and changed, compared with model_best() and proven at each step. */
#pragma once

#include <stdint.h>

/* Instance `seed`; NULL when all is right, or what is not. */
const char *match_oracle(uint64_t seed);
