/*
 * What the plugin writes, a file of this folder for each kind of output. All of it goes to
 * build/gen.
 *
 * For every service S: S/S.h, S/S.types.[ch], S/S.methods.c, S/S.handlers.c, S/S.events.c,
 * S/S.clients.c; for all together: common.types.[ch], contract.[ch], contract.json, openapi.c,
 * openapi.json.
 */
#pragma once

#include <jansson.h>

#include "literal.h"
#include "model.h"

struct output {
	const char *name;
	struct buf text;
	struct output *next;
};

struct outputs {
	const struct model *model;
	struct output *first, **last;
};

/*
 * A new, empty file below build/gen; its text is the plugin's to fill until the next one is
 * begun.
 */
struct buf *output_begin(struct outputs *outputs, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void emit_types(struct outputs *outputs, const struct folder *folder);
void emit_methods(struct outputs *outputs, const struct folder *folder);
void emit_handlers(struct outputs *outputs, const struct folder *folder);
void emit_events(struct outputs *outputs, const struct folder *folder);
void emit_clients(struct outputs *outputs, const struct folder *folder);
void emit_service_header(struct outputs *outputs, const struct folder *folder);
/* The tables of all services in one, for the gateway. */
void emit_contract(struct outputs *outputs);
void emit_contract_json(struct outputs *outputs);
void emit_openapi(struct outputs *outputs);

/* Writes the value, indented, and lets it go. */
void output_json(struct buf *out, json_t *value);

/* Shared words. */
const char *verb_name(enum route_verb verb);
const char *format_name(const struct field *field);
bool rpc_reads(const struct rpc *rpc);
bool rpc_has_one_statement(const struct rpc *rpc);
unsigned rpc_status(const struct rpc *rpc);
/* Whether the gateway answers the rpc itself, by asking others. */
bool folder_has_handlers(const struct folder *folder);
bool message_in_folder(const struct message *message, const struct folder *folder);
