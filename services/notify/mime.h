/*
 * A mail as it travels: RFC 5322 headers, RFC 2047 words for what is not ASCII, a text and an HTML
 * part in quoted-printable.
 *
 * Every value loses its control characters on the way in, so that none can begin a header of its
 * own.
 */
#pragma once

#include <stdbool.h>

#include "buf.h"

struct mail {
	const char *id; /* the delivery's: boundary and Message-ID follow from it */
	const char *kind;
	const char *from_name, *from; /* the name may be "" */
	const char *to_name, *to;
	const char *subject, *locale;
	const char *text, *html;
	const char *unsubscribe_url; /* NULL: cannot be unsubscribed from */
};

/*
 * Whether the address can stand in an envelope and a header: one @, no blanks, no controls, no
 * brackets.
 */
bool mime_is_address(const char *address);
void mime_write(struct buf *out, const struct mail *mail);
