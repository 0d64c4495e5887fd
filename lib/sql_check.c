/* Whether every statement can be prepared and fits its messages: asked before a service serves. */
#include <stdlib.h>
#include <string.h>

#include "sql_own.h"

enum { OID_BYTEA = 17 };

static void complain(const struct sql_statement *statement, struct buf *complaints,
		     const char *what, const char *which)
{
	size_t len = strlen(which);

	while (len && which[len - 1] == '\n')
		len--;
	buf_printf(complaints, "%s:%u: %s: %s%.*s\n", statement->file, statement->line,
		   statement->name, what, (int)len, which);
}

/* Bytes travel as they are, so they must meet bytea; everything else travels as text. */
static void check_params(const struct sql_statement *statement, const char *const *names,
			 const PGresult *described, struct buf *complaints)
{
	struct params params;
	const char *wrong;

	if (!params_compile(statement, names, &params, &wrong)) {
		complain(statement, complaints, "no field or word for the parameter :", wrong);
		return;
	}
	for (unsigned i = 0; i < params.count && (int)i < PQnparams(described); i++) {
		const struct param *param = &params.items[i];
		const ProtobufCFieldDescriptor *field =
			param->path.depth ? param->path.fields[param->path.depth - 1] : NULL;

		if (field && statement->kind == SQL_EACH && field->type == PROTOBUF_C_TYPE_BYTES)
			complain(statement, complaints,
				 "no array of bytes for the parameter :", names[i]);
		if (field && (field->type == PROTOBUF_C_TYPE_BYTES) !=
				     (PQparamtype(described, (int)i) == OID_BYTEA))
			complain(statement, complaints,
				 "bytes and bytea must meet in the parameter :", names[i]);
	}
	free(params.items);
}

static bool takes_new_id(const struct sql_statement *statement)
{
	for (const char *const *name = statement->params; name && *name; name++)
		if (!strcmp(*name, "new.id"))
			return true;
	return false;
}

static void check_columns(const struct sql_statement *statement, const PGresult *described,
			  struct buf *complaints)
{
	struct columns columns = { 0 };
	const char *wrong;

	if (statement->kind == SQL_EXEC)
		return;
	if (statement->kind == SQL_EACH &&
	    (PQfnumber(described, "id") < 0 || !takes_new_id(statement)))
		complain(statement, complaints,
			 "each needs the parameter :new.id and the column id", "");
	if (!PQnfields(described))
		complain(statement, complaints, "it answers no rows", "");
	else if (!columns_compile(statement, described, &columns, &wrong))
		complain(statement, complaints, "no fitting field for the column ", wrong);
	columns_free(&columns);
}

/* What runs it for many. */
static void check_shared(PGconn *pg, const struct sql_statement *statement,
			 const PGresult *described, struct buf *complaints)
{
	struct buf text = { 0 };

	if (share_text(statement, described, &text)) {
		PGresult *prepared = PQprepare(pg, "", buf_text(&text), 0, NULL);

		if (PQresultStatus(prepared) != PGRES_COMMAND_OK)
			complain(statement, complaints,
				 "run for many: ", PQresultErrorMessage(prepared));
		PQclear(prepared);
	}
	buf_free(&text);
}

static void check_text(PGconn *pg, const struct sql_statement *statement, const char *text,
		       const char *const *params, struct buf *complaints)
{
	PGresult *prepared = PQprepare(pg, "", text, 0, NULL), *described = NULL;

	if (PQresultStatus(prepared) != PGRES_COMMAND_OK) {
		complain(statement, complaints, "", PQresultErrorMessage(prepared));
	} else {
		described = PQdescribePrepared(pg, "");
		check_params(statement, params, described, complaints);
		check_columns(statement, described, complaints);
		if (share_can(statement) && text == statement->text)
			check_shared(pg, statement, described, complaints);
	}
	PQclear(described);
	PQclear(prepared);
}

bool sql_check(const char *url, const struct sql_statement *const *statements,
	       struct buf *complaints)
{
	size_t before = complaints->len;
	PGconn *pg = PQconnectdb(url);

	if (PQstatus(pg) != CONNECTION_OK)
		buf_puts(complaints, PQerrorMessage(pg));
	else
		for (; *statements; statements++) {
			const struct sql_statement *statement = *statements;

			check_text(pg, statement, statement->text, statement->params, complaints);
			if (statement->next_text)
				check_text(pg, statement, statement->next_text,
					   statement->next_params, complaints);
		}
	PQfinish(pg);
	return complaints->len == before;
}
