/* The parts of the OpenAPI document. Every function gives a new value. */
#pragma once

#include <jansson.h>

#include "model.h"

/*
 * A field's schema: its type, its rules, its comment. answered = it stands in an answer, where
 * absent things are null.
 */
json_t *schema_of_field(const struct field *field, bool answered);
/*
 * An object of the message's fields, without those that `skip` (may be NULL) names for the rpc. In the
 * body of a PATCH no field is required: what is absent stays.
 */
json_t *schema_of_message(const struct message *message, bool answered,
			  bool (*skip)(const struct rpc *, const struct field *),
			  const struct rpc *rpc);
json_t *schema_of_enum(const struct enumeration *enumeration);
/* The schemas of everything that the rpcs with a route take or answer. */
json_t *schemas(const struct model *model);

json_t *schema_ref(const char *name);
const char *schema_name(const struct message *message);
/* An object of one text. */
json_t *text_of(const char *key, const char *text);

/* The operation of an rpc with a route. */
json_t *operation(const struct rpc *rpc);
/* The answers that say no, by status, as components. */
json_t *problem_responses(void);
json_t *problem_schema(void);
