/* From rows to messages. Texts are not copied: the result lives as long as the call. */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "pb_json.h"
#include "sql_own.h"
#include "text.h"

enum { OID_BYTEA = 17, OID_JSON = 114, OID_JSONB = 3802, OID_TIMESTAMPTZ = 1184 };

/* The message that a row fills: the element type of a list, else the response itself. */
static const ProtobufCFieldDescriptor *list_field(const struct pb_type *type)
{
	for (unsigned i = 0; i < type->descriptor->n_fields; i++)
		if (type->descriptor->fields[i].label == PROTOBUF_C_LABEL_REPEATED &&
		    type->children[i])
			return &type->descriptor->fields[i];
	return NULL;
}

static bool is_list(const struct sql_statement *statement)
{
	return statement->kind == SQL_MANY || statement->kind == SQL_PAGE;
}

static const struct pb_type *row_type(const struct sql_statement *statement)
{
	const ProtobufCFieldDescriptor *field;

	if (!is_list(statement))
		return statement->out;
	field = list_field(statement->out);
	return field ? statement->out->children[field - statement->out->descriptor->fields] : NULL;
}

static bool is_key(const struct sql_statement *statement, const char *name)
{
	for (const struct sql_key *key = statement->keys; key && key->column; key++)
		if (!strcmp(key->column, name))
			return true;
	return false;
}

static bool compile_column(const struct sql_statement *statement, const PGresult *result, int at,
			   struct column *column)
{
	const char *name = PQfname(result, at);
	const struct pb_type *type = row_type(statement);
	const ProtobufCFieldDescriptor *field;
	Oid oid = PQftype(result, at);

	column->unchanged = !strcmp(name, "unchanged");
	if (column->unchanged || (at == 0 && !strcmp(name, SHARE_WHOSE)))
		return true;
	column->known = type && find_path(type, name, &column->path);
	if (!column->known)
		return is_key(statement, name);
	field = column->path.fields[column->path.depth - 1];
	column->json = oid == OID_JSON || oid == OID_JSONB;
	column->instant = oid == OID_TIMESTAMPTZ;
	column->bytea = oid == OID_BYTEA;
	return column->json ? field->type == PROTOBUF_C_TYPE_MESSAGE ||
				      field->label == PROTOBUF_C_LABEL_REPEATED ||
				      field->type == PROTOBUF_C_TYPE_STRING
			    : field->type != PROTOBUF_C_TYPE_MESSAGE;
}

bool columns_compile(const struct sql_statement *statement, const PGresult *result,
		     struct columns *columns, const char **wrong)
{
	bool good = true;

	columns_free(columns);
	columns->count = (unsigned)PQnfields(result);
	columns->items = calloc(columns->count + 1, sizeof *columns->items);
	if (!columns->items)
		abort();
	for (unsigned i = 0; i < columns->count; i++)
		if (!compile_column(statement, result, (int)i, &columns->items[i]) && good) {
			*wrong = PQfname(result, (int)i);
			good = false;
		}
	for (unsigned i = 0; statement->keys && i < CURSOR_KEYS && statement->keys[i].column; i++) {
		columns->keys[i] = PQfnumber(result, statement->keys[i].column);
		if (columns->keys[i] < 0 && good) {
			*wrong = statement->keys[i].column;
			good = false;
		}
	}
	return good;
}

void columns_free(struct columns *columns)
{
	free(columns->items);
	columns->items = NULL;
}

/* sql_check has complained at the start; a column that fits nothing is left out. */
void columns_learn(struct sql_pool *pool, struct plan *plan, const PGresult *result)
{
	const char *wrong;

	if (plan->columns.items && plan->columns.generation == pool->generation)
		return;
	if (!columns_compile(plan->statement, result, &plan->columns, &wrong))
		log_write(LOG_ERROR, "a column fits no field", "statement", plan->statement->name,
			  "column", wrong, NULL);
	plan->columns.generation = pool->generation;
}

static uint64_t read_magnitude(const char *text)
{
	uint64_t number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (uint64_t)(*text - '0');
	return number;
}

static int64_t read_signed(const char *text)
{
	return (int64_t)(*text == '-' ? 0 - read_magnitude(text + 1) : read_magnitude(text));
}

static unsigned hex_digit(char digit)
{
	return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* "\x0a1b" */
static ProtobufCBinaryData read_bytea(struct arena *arena, const char *text, size_t len)
{
	ProtobufCBinaryData bytes = { .len = len > 2 ? (len - 2) / 2 : 0 };

	bytes.data = arena_alloc(arena, bytes.len);
	for (size_t i = 0; i < bytes.len; i++)
		bytes.data[i] =
			(uint8_t)(hex_digit(text[2 + 2 * i]) << 4 | hex_digit(text[3 + 2 * i]));
	return bytes;
}

/* Into the place of one element. */
static void read_scalar(struct arena *arena, const ProtobufCFieldDescriptor *field,
			const char *text, size_t len, void *at)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		*(int64_t *)at = read_signed(text);
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		*(float *)at = strtof(text, NULL);
		break;
	case PROTOBUF_C_TYPE_DOUBLE:
		*(double *)at = strtod(text, NULL);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		*(protobuf_c_boolean *)at = *text == 't';
		break;
	case PROTOBUF_C_TYPE_ENUM:
		*(int *)at = pb_number(field->descriptor, text, len);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		*(ProtobufCBinaryData *)at = read_bytea(arena, text, len);
		break;
	case PROTOBUF_C_TYPE_STRING:
		*(const char **)at = text;
		break;
	default:
		*(int32_t *)at = (int32_t)read_signed(text);
	}
}

/* The next element of '{a,"b \" c",NULL}' to *to; NULL for null. Both move behind it. */
static char *array_element(const char **at, char **to, size_t *len)
{
	bool quoted = **at == '"';
	char *text = *to;

	for (*at += quoted; **at && (quoted ? **at != '"' : **at != ',' && **at != '}'); ++*at) {
		*at += **at == '\\' && (*at)[1];
		*(*to)++ = **at;
	}
	*at += quoted && **at;
	*len = (size_t)(*to - text);
	*(*to)++ = '\0';
	return !quoted && !strcmp(text, "NULL") ? NULL : text;
}

/* The elements and their ends take no more room than the text, where each is followed by a comma or the brace. */
static void read_array(struct arena *arena, const ProtobufCFieldDescriptor *field, const char *text,
		       void *message)
{
	const char *at = text;
	char *to = arena_alloc(arena, strlen(text) + 1);

	if (*at++ != '{')
		return;
	while (*at && *at != '}') {
		size_t len;
		char *element = array_element(&at, &to, &len);

		if (element)
			read_scalar(arena, field, element, len, pb_append(arena, message, field));
		at += *at == ',';
	}
}

/* A JSON column fills its field as that member of a JSON object would. */
static bool read_json(struct call *call, const struct column *column, const char *text,
		      void *message)
{
	const struct pb_type *type = column->path.types[column->path.depth - 1];
	const char *name = column->path.fields[column->path.depth - 1]->name;
	char *object = arena_printf(call->arena, "{\"%s\":%s}", name, text);
	struct field_errors errors = { .arena = call->arena };
	json_t *json = json_read(call->arena, object, strlen(object), &errors);

	if (json && pb_json_read(call->arena, type, json, true, message, NULL, &errors))
		return true;
	return fault(call, "the JSON of column %s does not fit %s", name, pb_name(type));
}

static bool read_instant(struct call *call, const struct column *column, const char *text,
			 size_t len, void *at)
{
	char *instant = arena_alloc(call->arena, 28);

	if (path_rule(&column->path)->format != PB_INSTANT)
		*(const char **)at = text;
	else if (text_instant_from_sql(text, len, instant))
		*(const char **)at = instant;
	else
		return fault(call, "no instant: %s", text);
	return true;
}

/* As new: what an earlier statement left in the field must not stay. */
static void clear_field(void *message, const ProtobufCFieldDescriptor *field)
{
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		*(size_t *)((char *)message + field->quantifier_offset) = 0;
	else if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		*(uint32_t *)((char *)message + field->quantifier_offset) = 0;
	else if (field->type == PROTOBUF_C_TYPE_STRING)
		*(const char **)pb_at(message, field) = protobuf_c_empty_string;
	else if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		*(void **)pb_at(message, field) = NULL;
	else if (field->type == PROTOBUF_C_TYPE_BYTES)
		*(ProtobufCBinaryData *)pb_at(message, field) = (ProtobufCBinaryData) { 0 };
	else if (field->type == PROTOBUF_C_TYPE_BOOL)
		*(protobuf_c_boolean *)pb_at(message, field) = 0;
	else
		memset(pb_at(message, field), 0,
		       field->type == PROTOBUF_C_TYPE_INT64 ||
				       field->type == PROTOBUF_C_TYPE_UINT64 ||
				       field->type == PROTOBUF_C_TYPE_SINT64 ||
				       field->type == PROTOBUF_C_TYPE_SFIXED64 ||
				       field->type == PROTOBUF_C_TYPE_FIXED64 ||
				       field->type == PROTOBUF_C_TYPE_DOUBLE
			       ? 8
			       : 4);
}

/* Down to the message that holds the field; made on the way unless `make` is false. */
static void *descend(struct arena *arena, const struct field_path *path, void *message, bool make)
{
	for (unsigned i = 0; message && i + 1 < path->depth; i++) {
		const ProtobufCFieldDescriptor *field = path->fields[i];
		void **child = pb_at(message, field);

		if (!*child && make) {
			*child = pb_new(arena, path->types[i + 1]);
			pb_mark(message, field);
		}
		message = *child;
	}
	return message;
}

static bool fill(struct call *call, const struct column *column, const char *text, size_t len,
		 void *message)
{
	const ProtobufCFieldDescriptor *field = column->path.fields[column->path.depth - 1];

	message = descend(call->arena, &column->path, message, true);
	if (pb_has(message, field))
		clear_field(message, field);
	if (column->json && field->type != PROTOBUF_C_TYPE_STRING)
		return read_json(call, column, text, message);
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		read_array(call->arena, field, text, message);
		return true;
	}
	pb_mark(message, field);
	if (column->instant && field->type == PROTOBUF_C_TYPE_STRING)
		return read_instant(call, column, text, len, pb_at(message, field));
	read_scalar(call->arena, field, text, len, pb_at(message, field));
	return true;
}

static void empty(struct arena *arena, const struct column *column, void *message)
{
	const ProtobufCFieldDescriptor *field = column->path.fields[column->path.depth - 1];

	message = descend(arena, &column->path, message, false);
	if (message && pb_has(message, field))
		clear_field(message, field);
}

static bool read_row(struct call *call, const struct columns *columns, const PGresult *result,
		     int row, void *message)
{
	for (unsigned i = 0; i < columns->count; i++) {
		const struct column *column = &columns->items[i];
		const char *text = PQgetvalue(result, row, (int)i);

		if (column->unchanged)
			call->unchanged = *text == 't';
		if (!column->known)
			continue;
		if (PQgetisnull(result, row, (int)i))
			empty(call->arena, column, message);
		else if (!fill(call, column, text, (size_t)PQgetlength(result, row, (int)i),
			       message))
			return false;
	}
	return true;
}

static void keep_cursor(struct call *call, const struct plan *plan, const PGresult *result,
			int last, void *out)
{
	const char *keys[CURSOR_KEYS] = { 0 };

	for (unsigned i = 0; i < CURSOR_KEYS && plan->statement->keys[i].column; i++)
		if (!PQgetisnull(result, last, plan->columns.keys[i]))
			keys[i] = PQgetvalue(result, last, plan->columns.keys[i]);
	page_write_cursor(call, plan->statement, keys, out);
}

static bool read_list(struct call *call, const struct plan *plan, const PGresult *result,
		      const struct page *page, void *out)
{
	const ProtobufCFieldDescriptor *field = list_field(plan->statement->out);
	const struct pb_type *type = row_type(plan->statement);
	int rows = PQntuples(result);

	if (page && rows > (int)page->limit) {
		rows = (int)page->limit;
		keep_cursor(call, plan, result, rows - 1, out);
	}
	for (int row = 0; row < rows; row++) {
		void *element = pb_new(call->arena, type);

		if (!read_row(call, &plan->columns, result, row, element))
			return false;
		*(void **)pb_append(call->arena, out, field) = element;
	}
	return true;
}

bool rows_read(struct call *call, struct plan *plan, struct rowset rows, const struct page *page,
	       void *out, bool *found)
{
	rows_keep(call, rows);
	if (found)
		*found = rows.count > 0;
	if (plan->statement->kind == SQL_EXEC)
		return true;
	columns_learn(call->process->sql, plan, rows.result);
	if (is_list(plan->statement))
		return read_list(call, plan, rows.result, page, out);
	if (!rows.count)
		return plan->statement->kind == SQL_MAYBE ||
		       plan->statement->kind == SQL_EACH ||
		       reject(call, NOT_FOUND, "NOT_FOUND", "There is no such thing.");
	if (rows.count > 1)
		return fault(call, "statement %s answered %d rows", plan->statement->name,
			     rows.count);
	return read_row(call, &plan->columns, rows.result, rows.first, out);
}
