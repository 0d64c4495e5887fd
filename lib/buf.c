/* Growth by doubling. */
#include "buf.h"

#include <stdio.h>
#include <stdlib.h>

void buf_grow(struct buf *buf, size_t more)
{
	size_t size = buf->size ? buf->size : 256;

	if (more > SIZE_MAX / 4 || buf->len > SIZE_MAX / 4)
		abort();
	while (size - buf->len <= more)
		size *= 2;
	buf->data = realloc(buf->data, size);
	if (!buf->data)
		abort();
	buf->size = size;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf) { 0 };
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	size_t room = buf->size - buf->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(buf->data ? (char *)buf->data + buf->len : NULL, room, format, args);
	va_end(args);
	if (len <= 0)
		return;
	if ((size_t)len < room) {
		buf->len += (size_t)len;
		return;
	}

	va_start(args, format);
	vsnprintf((char *)buf_room(buf, (size_t)len), (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

char *buf_text(struct buf *buf)
{
	*buf_room(buf, 0) = '\0';
	return (char *)buf->data;
}
