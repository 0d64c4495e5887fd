/*
 * A growing run of bytes, for writing JSON, HTTP and protobuf without copies.
 *
 * data is always followed by one spare byte so that buf_text() can end it with NUL.
 * buf_free() or never: a buffer that lives in a long-lived object is emptied by len = 0.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	uint8_t *data;
	size_t len;
	size_t size;
};

void buf_grow(struct buf *buf, size_t more);
void buf_free(struct buf *buf);

/* Room for `more` bytes at the end; the caller adds to len what it wrote. */
static inline uint8_t *buf_room(struct buf *buf, size_t more)
{
	if (buf->size - buf->len <= more)
		buf_grow(buf, more);
	return buf->data + buf->len;
}

static inline void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	memcpy(buf_room(buf, len), bytes, len);
	buf->len += len;
}

static inline void buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

static inline void buf_putc(struct buf *buf, char byte)
{
	*buf_room(buf, 1) = (uint8_t)byte;
	buf->len++;
}

void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The bytes ended with NUL; not counted in len. */
char *buf_text(struct buf *buf);
