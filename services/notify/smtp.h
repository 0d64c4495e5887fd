/*
 * Mails out, through libcurl on the process's loop: several at once over a few connections that are
 * kept and used again.
 *
 * What the server says decides what becomes of a mail; a server that does not answer is not the
 * mail's fault.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "arena.h"
#include "buf.h"

struct smtp;

enum smtp_outcome {
	SMTP_TAKEN,
	SMTP_AWAY,	 /* no connection, or it broke off: says nothing about the mail */
	SMTP_LATER,	 /* 4xx */
	SMTP_REFUSED,	 /* 5xx */
	SMTP_NO_ADDRESS, /* 5xx to the recipient: there is no such mailbox */
};

struct smtp_mail {
	const char *from, *to; /* addresses that mime_is_address() accepts */
	const struct buf *message;
};

/*
 * url: smtp://user:password@host:port, which refuses to go on without STARTTLS unless the host is a
 * loopback address, or smtps://…. NULL when libcurl cannot, or the url is none.
 */
struct smtp *smtp_new(uv_loop_t *loop, const char *url);
/* No mail may be on its way. The loop must turn once more for the handles to end. */
void smtp_free(struct smtp *smtp);

/*
 * Hands one mail over. Sleeps. *answer: what the server said last, code and enhanced code only
 * ("550 5.1.1"), in the arena.
 */
enum smtp_outcome smtp_send(struct smtp *smtp, struct arena *arena, const struct smtp_mail *mail,
			    const char **answer);
