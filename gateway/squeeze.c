/* gzip by zlib, at its fastest. */
#include "squeeze.h"

#include <zlib.h>

enum { LEVEL = 1, GZIP_WINDOW = 15 + 16, MEMORY = 8 };

bool squeeze(struct buf *body)
{
	struct buf small = { 0 };
	z_stream stream = { 0 };
	bool done = false;

	if (deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return false;
	stream.next_in = body->data;
	stream.avail_in = (unsigned)body->len;
	stream.next_out = buf_room(&small, body->len);
	stream.avail_out = (unsigned)body->len;
	if (deflate(&stream, Z_FINISH) == Z_STREAM_END) {
		small.len = stream.total_out;
		buf_free(body);
		*body = small;
		done = true;
	}
	deflateEnd(&stream);
	if (!done)
		buf_free(&small);
	return done;
}
