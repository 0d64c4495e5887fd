/* C source text. */
#pragma once

#include "buf.h"

/* A C string literal, quotes and all; lines of the text become lines of the source. */
void put_literal(struct buf *out, const char *text);
