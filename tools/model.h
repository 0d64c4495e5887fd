/*
 * The contract as the generators see it: every file of proto/ and every statement of services/,
 * linked to one another.
 *
 * Built once by model_read() from what protoc hands to a plugin; read only afterwards.
 * Everything lives in one arena that is never freed: a generator is a short process.
 */
#pragma once

#include <google/protobuf/compiler/plugin.pb-c.h>

#include "arena.h"
#include "buf.h"
#include "options.pb-c.h"
#include "statements.h"

typedef Google__Protobuf__Compiler__CodeGeneratorRequest CodeGeneratorRequest;
typedef Google__Protobuf__FileDescriptorProto FileDescriptorProto;
typedef Google__Protobuf__DescriptorProto DescriptorProto;
typedef Google__Protobuf__EnumDescriptorProto EnumDescriptorProto;
typedef Google__Protobuf__FieldDescriptorProto FieldDescriptorProto;
typedef Google__Protobuf__MethodDescriptorProto MethodDescriptorProto;
typedef Google__Protobuf__SourceCodeInfo__Location Location;

/* Where something is written, and the comment above it ("" for none). */
struct place {
	const struct file *file;
	unsigned line;
	const char *comment;
};

struct file {
	const char *name;   /* "programs/membership.proto" */
	const char *folder; /* "programs"; "" for what all services share */
	const char *header; /* "programs/membership.pb-c.h" */
	const FileDescriptorProto *proto;
	bool plain_names; /* option (pb_c_file).c_package = "" */
};

struct enumeration {
	struct place place;
	const char *full_name;
	const char *snake; /* as message.snake */
	const EnumDescriptorProto *proto;
	const char **comments; /* one per value */
};

struct field {
	struct place place;
	const char *name;
	const FieldDescriptorProto *proto;
	Ithaca__Field rule;
	bool repeated, optional;
	const struct message *message;	       /* of a message field */
	const struct enumeration *enumeration; /* of an enum field */
};

struct message {
	struct place place;
	const char *full_name; /* ".programs.Membership" */
	const char *name;      /* as in C: "Membership", "Membership__Note" */
	const char *snake; /* as in protobuf-c's descriptors: "membership", "membership__note" */
	const DescriptorProto *proto;
	bool is_event, is_map;
	const char *event_of; /* the name written in `of`, or NULL */
	const struct message *of;
	size_t n_fields;
	struct field *fields; /* by number, as protobuf-c sorts them */
};

enum route_verb { ROUTE_NONE, ROUTE_GET, ROUTE_POST, ROUTE_PUT, ROUTE_PATCH, ROUTE_DELETE };

struct rpc {
	struct place place;
	const char *name, *snake, *service,
		*resource; /* "ApproveMembership", "approve_membership", "programs", "Memberships" */
	Ithaca__Rpc options;
	bool has_options;
	enum route_verb verb;
	const char *path;
	const struct message *in, *out;
	const struct message *event;	   /* what `on` names */
	const struct statement *statement; /* its handler, when a statement has its name */
};

/* A proto service: the rpcs of one resource. */
struct resource {
	struct place place;
	const char *name;
};

struct folder {
	const char *name;
	size_t n_statements;
	struct statement **statements;
};

struct model {
	struct arena *arena;
	const char *services; /* the folder of the services, or NULL */
	struct buf
		complaints; /* a line each: "proto/programs/membership.proto:12: what, and how to mend it" */
	size_t n_files, n_messages, n_enums, n_rpcs, n_resources, n_folders;
	struct file **files;
	struct message **messages;
	struct enumeration **enums;
	struct rpc **rpcs;
	struct resource *resources;
	struct folder *folders;
};

/* services: the folder of the services' .sql files, NULL for none. */
struct model *model_read(const CodeGeneratorRequest *request, const char *services);

void complain(struct model *model, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* NULL when there is none. */
const struct message *model_message(const struct model *model, const char *full_name);
const struct rpc *model_rpc(const struct model *model, const char *service, size_t len,
			    const char *name);
/* Whether there is such a process: the gateway, a folder of proto/ or of services/. */
bool model_has_service(const struct model *model, const char *name);
/* Whether the contract makes types of the file's messages (not options.proto, not google's). */
bool file_has_types(const struct file *file);
const struct field *message_field(const struct message *message, const char *name, size_t len);
bool message_is_nothing(const struct message *message);
bool rpc_is_called_by(const struct rpc *rpc, const char *service);
/*
 * "/v1/programs/{id}/x": the next {name} at or after *path, its length in *len; NULL after the
 * last.
 */
const char *path_parameter(const char **path, size_t *len);
