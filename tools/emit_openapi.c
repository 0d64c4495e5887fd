/* OpenAPI 3.1 from the contract: its comments are the manual. */
#include <string.h>

#include "emit.h"

void emit_openapi(struct outputs *outputs)
{
	struct buf *json = output_begin(outputs, "openapi.json");
	struct buf *source = output_begin(outputs, "openapi.c");

	output_json(json, json_object());
	buf_puts(source, "#include \"contract.h\"\n\nconst char contract_openapi[] =\n\t");
	put_literal(source, buf_text(json));
	buf_puts(source, ";\n");
}
