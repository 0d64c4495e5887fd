/*
 * Single fields out of packed messages, where unpacking all of it would cost more than it tells.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The last value of a varint field; 0 when it is not there. */
uint64_t wire_number(const uint8_t *bytes, size_t len, uint32_t field);
/* The last value of a string or bytes field in place; NULL when it is not there. */
const uint8_t *wire_bytes(const uint8_t *bytes, size_t len, uint32_t field, size_t *value_len);
