/* C source text. */
#include "literal.h"

void put_literal(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '\n')
			buf_puts(out, text[1] ? "\\n\"\n\t\"" : "\\n");
		else if (byte == '"' || byte == '\\')
			buf_printf(out, "\\%c", byte);
		else if (byte < ' ' || byte == 0x7f)
			buf_printf(out, "\\%03o", byte);
		else
			buf_putc(out, (char)byte);
	}
	buf_putc(out, '"');
}
