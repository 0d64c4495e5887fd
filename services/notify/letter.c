/* Letters. */
#include "letter.h"

#include "words.h"

void letter_text(struct buf *out, const struct letter *letter)
{
	buf_printf(out, "%s\n\n%s\n\n%s:\n%s\n\n-- \n%s\n", letter->greeting, letter->body,
		   letter->action, letter->link, letter->why);
	if (letter->unsubscribe_link)
		buf_printf(out, "%s: %s\n", letter->unsubscribe, letter->unsubscribe_link);
}

/* One paragraph; its line breaks stay. */
static void put_paragraph(struct buf *out, struct buf *line, const char *style)
{
	buf_printf(out, "<p dir=\"auto\"%s>", style);
	html_escape(out, buf_text(line));
	buf_puts(out, "</p>\n");
	line->len = 0;
}

static void put_paragraphs(struct buf *out, const char *text)
{
	struct buf paragraph = { 0 };

	for (; *text; text++) {
		if (text[0] == '\n' && text[1] == '\n') {
			put_paragraph(out, &paragraph, "");
			text++;
		} else {
			buf_putc(&paragraph, *text);
		}
	}
	put_paragraph(out, &paragraph, "");
	buf_free(&paragraph);
}

static void put_link(struct buf *out, const char *link, const char *style, const char *words)
{
	buf_puts(out, "<a href=\"");
	html_escape(out, link);
	buf_printf(out, "\" style=\"%s\">", style);
	html_escape(out, words);
	buf_puts(out, "</a>");
}

static void put_small_print(struct buf *out, const struct letter *letter)
{
	buf_puts(out, "<p dir=\"auto\" style=\"color:#666;font-size:13px;margin-top:32px\">");
	html_escape(out, letter->why);
	if (letter->unsubscribe_link) {
		buf_puts(out, "<br>");
		put_link(out, letter->unsubscribe_link, "color:#666", letter->unsubscribe);
	}
	buf_puts(out, "</p>\n");
}

void letter_html(struct buf *out, const struct letter *letter)
{
	buf_puts(out, "<!doctype html>\n<html lang=\"");
	html_escape(out, letter->locale);
	buf_puts(out, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
		      "content=\"width=device-width\"></head>\n"
		      "<body style=\"font:16px/1.5 sans-serif;color:#222;max-width:36em;margin:0 "
		      "auto;padding:24px\">\n");
	put_paragraphs(out, letter->greeting);
	put_paragraphs(out, letter->body);
	buf_puts(out, "<p>");
	put_link(out, letter->link,
		 "display:inline-block;background:#1f5fa8;color:#fff;padding:10px "
		 "18px;border-radius:6px;text-decoration:none",
		 letter->action);
	buf_puts(out, "</p>\n");
	put_small_print(out, letter);
	buf_puts(out, "</body></html>\n");
}
