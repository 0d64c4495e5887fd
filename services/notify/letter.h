/*
 * A mail's words laid out twice, as plain text and as a page: greeting, paragraphs, one link, and
 * at the end why it came.
 */
#pragma once

#include "buf.h"

struct letter {
	const char *locale;
	const char *greeting;
	const char *body;   /* paragraphs, parted by empty lines */
	const char *action; /* what the link says */
	const char *link;
	const char *why;
	const char *unsubscribe, *unsubscribe_link; /* NULL: cannot be unsubscribed from */
};

void letter_text(struct buf *out, const struct letter *letter);
void letter_html(struct buf *out, const struct letter *letter);
