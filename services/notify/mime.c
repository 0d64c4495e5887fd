/* Mails as bytes. */
#include "mime.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum {
	WORD_BYTES =
		39, /* of an encoded word: 64 characters, which "Subject: " brings to 73 (RFC 2047: 76 a line) */
	LINE_CHARS = 76,
};

bool mime_is_address(const char *address)
{
	const char *at = strrchr(address, '@');

	if (!at || at == address || !at[1] || strlen(address) > 254)
		return false;
	for (const unsigned char *byte = (const unsigned char *)address; *byte; byte++)
		if (*byte <= ' ' || *byte == 0x7f || strchr("<>()[],;:\\\"", *byte))
			return false;
	return true;
}

static bool is_plain(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if (*at < ' ' || *at >= 0x7f)
			return false;
	return true;
}

/* The bytes of whole characters that fit into one encoded word. */
static size_t word_len(const char *text)
{
	size_t len = strlen(text);

	if (len <= WORD_BYTES)
		return len;
	len = WORD_BYTES;
	while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len ? len : WORD_BYTES;
}

static void put_word(struct buf *out, const char *text, size_t len)
{
	unsigned char clean[WORD_BYTES];
	char encoded[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		clean[i] = byte < ' ' || byte == 0x7f ? ' ' : byte;
	}
	sodium_bin2base64(encoded, sizeof encoded, clean, len, sodium_base64_VARIANT_ORIGINAL);
	buf_printf(out, "=?UTF-8?B?%s?=", encoded);
}

/* Unstructured text; a line of its own for every encoded word. */
static void put_encoded(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = word_len(text);

		put_word(out, text, len);
		text += len;
		if (*text)
			buf_puts(out, "\r\n ");
	}
}

/* What is plain and fits a line goes as it is, but for what would read as an encoded word. */
static void put_unstructured(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "%s: ", name);
	if (is_plain(text) && strlen(name) + 2 + strlen(text) <= LINE_CHARS && !strstr(text, "=?"))
		buf_puts(out, text);
	else
		put_encoded(out, text);
	buf_puts(out, "\r\n");
}

static void put_mailbox(struct buf *out, const char *header, const char *name, const char *address)
{
	buf_printf(out, "%s: ", header);
	if (*name &&
	    is_plain(name) &&
	    strlen(name) < LINE_CHARS / 2 &&
	    !strpbrk(name, "\\\"") &&
	    !strstr(name, "=?"))
		buf_printf(out, "\"%s\"", name);
	else if (*name)
		put_encoded(out, name);
	buf_printf(out, "%s<%s>\r\n", *name ? "\r\n " : "", address);
}

static void put_date(struct buf *out)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[utc.tm_wday],
		   utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
		   utc.tm_sec);
}

static bool needs_no_quoting(const char *at)
{
	unsigned char byte = (unsigned char)*at;

	if (byte == ' ' || byte == '\t')
		return at[1] && at[1] != '\n';
	return byte > ' ' && byte < 0x7f && byte != '=';
}

/* RFC 2045: lines of 76 characters at most, every other byte as =XX. */
static void put_quoted_printable(struct buf *out, const char *text)
{
	unsigned column = 0;

	for (; *text; text++) {
		if (*text == '\n') {
			buf_puts(out, "\r\n");
			column = 0;
			continue;
		}
		if (column + 3 >= LINE_CHARS) {
			buf_puts(out, "=\r\n");
			column = 0;
		}
		if (needs_no_quoting(text)) {
			buf_putc(out, *text);
			column++;
		} else {
			buf_printf(out, "=%02X", (unsigned char)*text);
			column += 3;
		}
	}
	buf_puts(out, "\r\n");
}

static void put_part(struct buf *out, const struct mail *mail, const char *type,
		     const char *content)
{
	buf_printf(out,
		   "--=_%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: "
		   "quoted-printable\r\n\r\n",
		   mail->id, type);
	put_quoted_printable(out, content);
}

static void put_headers(struct buf *out, const struct mail *mail)
{
	put_date(out);
	put_mailbox(out, "From", mail->from_name, mail->from);
	put_mailbox(out, "To", mail->to_name, mail->to);
	put_unstructured(out, "Subject", mail->subject);
	buf_printf(out, "Message-ID: <%s@%s>\r\n", mail->id, strrchr(mail->from, '@') + 1);
	put_unstructured(out, "Content-Language", mail->locale);
	put_unstructured(out, "X-Ithaca-Kind", mail->kind);
	buf_puts(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
	if (mail->unsubscribe_url)
		buf_printf(out,
			   "List-Unsubscribe:\r\n <%s>\r\nList-Unsubscribe-Post: "
			   "List-Unsubscribe=One-Click\r\n",
			   mail->unsubscribe_url);
	buf_printf(out,
		   "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n "
		   "boundary=\"=_%s\"\r\n\r\n",
		   mail->id);
}

void mime_write(struct buf *out, const struct mail *mail)
{
	put_headers(out, mail);
	put_part(out, mail, "text/plain", mail->text);
	put_part(out, mail, "text/html", mail->html);
	buf_printf(out, "--=_%s--\r\n", mail->id);
}
