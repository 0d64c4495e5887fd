/*
 * Values of the wire as JSON. Internal to pb_json.
 */
#pragma once

#include "buf.h"
#include "pb.h"

/* A number, bool or enum as its bits stand on the wire: a varint's, or those of 4 or 8 fixed bytes.
 */
void write_number(struct buf *out, const ProtobufCFieldDescriptor *field, uint64_t raw);
/* Quoted. */
void write_base64(struct buf *out, const uint8_t *bytes, size_t len);
