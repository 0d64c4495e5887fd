/* Reads protoc's request into the model. */
#include "model.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "names.h"

enum {
	OPTION_RPC = 50001,
	OPTION_FIELD = 50002,
	OPTION_EVENT = 50003,
	OPTION_PB_C_FILE = 1019,
	PB_C_PACKAGE = 6,
};

/* Field numbers of descriptor.proto, of which the paths of source_code_info are made. */
enum {
	FILE_MESSAGE = 4,
	FILE_ENUM = 5,
	FILE_SERVICE = 6,
	MESSAGE_FIELD = 2,
	MESSAGE_NESTED = 3,
	MESSAGE_ENUM = 4,
	ENUM_VALUE = 2,
	SERVICE_METHOD = 2,
	PATH_MAX_LEN = 32
};

/* A path into a file, as source_code_info numbers it. */
struct path {
	size_t len;
	int32_t steps[PATH_MAX_LEN];
};

static struct path path_to(const struct path *parent, int32_t kind, size_t index)
{
	struct path path = parent ? *parent : (struct path) { 0 };

	if (path.len + 2 > PATH_MAX_LEN)
		abort();
	path.steps[path.len++] = kind;
	path.steps[path.len++] = (int32_t)index;
	return path;
}

void complain(struct model *model, const struct place *place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_printf(&model->complaints, "proto/%s:%u: %s\n", place->file->name, place->line,
		   arena_vprintf(model->arena, format, args));
	va_end(args);
}

/* The comment without the space after the slashes and the line ends around it. */
static const char *tidy_comment(struct arena *arena, const char *comment)
{
	char *tidy = arena_alloc(arena, strlen(comment) + 1);
	char *out = tidy;

	while (*comment) {
		comment += *comment == ' ';
		while (*comment && *comment != '\n')
			*out++ = *comment++;
		if (*comment)
			*out++ = *comment++;
	}
	while (out > tidy && (out[-1] == '\n' || out[-1] == ' '))
		*--out = 0;
	return tidy;
}

static struct place find_place(struct model *model, const struct file *file,
			       const struct path *path)
{
	const Google__Protobuf__SourceCodeInfo *info = file->proto->source_code_info;
	struct place place = { file, 1, "" };

	for (size_t i = 0; info && i < info->n_location; i++) {
		const Location *location = info->location[i];

		if (location->n_path != path->len ||
		    memcmp(location->path, path->steps, path->len * sizeof(int32_t)))
			continue;
		place.line = (unsigned)location->span[0] + 1;
		if (location->leading_comments)
			place.comment = tidy_comment(model->arena, location->leading_comments);
		break;
	}
	return place;
}

/*
 * The bytes of a custom option that protobuf-c could not know, joined when it was set in
 * several steps.
 */
static bool find_option(const ProtobufCMessage *options, uint32_t tag, struct buf *bytes)
{
	bool found = false;

	for (unsigned i = 0; options && i < options->n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField *field = &options->unknown_fields[i];
		size_t prefix = 0;

		if (field->tag != tag || field->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
			continue;
		while (prefix < field->len && field->data[prefix] & 0x80)
			prefix++;
		buf_add(bytes, field->data + prefix + 1, field->len - prefix - 1);
		found = true;
	}
	return found;
}

/* NULL when the option is not set. */
static ProtobufCMessage *read_option(const ProtobufCMessage *options, uint32_t tag,
				     const ProtobufCMessageDescriptor *type)
{
	struct buf bytes = { 0 };
	ProtobufCMessage *message = NULL;

	if (find_option(options, tag, &bytes)) {
		message = protobuf_c_message_unpack(type, NULL, bytes.len, bytes.data);
		if (!message)
			abort();
	}
	buf_free(&bytes);
	return message;
}

/*
 * Whether the file says c_package = "", found by its bytes: protobuf-c's own options have no C
 * type.
 */
static bool has_plain_names(const FileDescriptorProto *proto)
{
	struct buf bytes = { 0 };
	static const uint8_t empty_package[] = {
		PB_C_PACKAGE << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, 0
	};
	bool found = proto->options &&
		     find_option(&proto->options->base, OPTION_PB_C_FILE, &bytes) &&
		     memmem(bytes.data, bytes.len, empty_package, sizeof(empty_package));

	buf_free(&bytes);
	return found;
}

bool file_has_types(const struct file *file)
{
	return strcmp(file->name, "options.proto") &&
	       strncmp(file->name, "google/", 7) &&
	       strncmp(file->name, "protobuf-c/", 11);
}

static struct file *add_file(struct model *model, const FileDescriptorProto *proto)
{
	struct file *file = arena_alloc(model->arena, sizeof(*file));
	const char *slash = strchr(proto->name, '/');

	file->name = proto->name;
	file->proto = proto;
	file->folder =
		slash ? arena_strndup(model->arena, proto->name, (size_t)(slash - proto->name))
		      : "";
	file->header = arena_printf(model->arena, "%.*s.pb-c.h",
				    (int)(strlen(proto->name) - strlen(".proto")), proto->name);
	file->plain_names = has_plain_names(proto);
	model->files =
		arena_extend(model->arena, model->files, model->n_files, sizeof(*model->files));
	model->files[model->n_files++] = file;
	return file;
}

static void add_enum(struct model *model, const struct file *file, const struct message *parent,
		     const char *scope, const EnumDescriptorProto *proto, struct path path)
{
	struct enumeration *enumeration = arena_alloc(model->arena, sizeof(*enumeration));
	const char *snake = snake_case(model->arena, proto->name);

	enumeration->place = find_place(model, file, &path);
	enumeration->full_name = arena_printf(model->arena, "%s.%s", scope, proto->name);
	enumeration->snake =
		parent ? arena_printf(model->arena, "%s__%s", parent->snake, snake) : snake;
	enumeration->proto = proto;
	enumeration->comments =
		arena_alloc(model->arena, proto->n_value * sizeof(*enumeration->comments));
	for (size_t i = 0; i < proto->n_value; i++) {
		struct path value = path_to(&path, ENUM_VALUE, i);

		enumeration->comments[i] = find_place(model, file, &value).comment;
	}
	model->enums =
		arena_extend(model->arena, model->enums, model->n_enums, sizeof(*model->enums));
	model->enums[model->n_enums++] = enumeration;
}

static struct field read_field(struct model *model, const struct file *file,
			       const FieldDescriptorProto *proto, struct path path)
{
	struct field field = { .place = find_place(model, file, &path),
			       .name = proto->name,
			       .proto = proto };
	Ithaca__Field *rule =
		proto->options ? (Ithaca__Field *)read_option(&proto->options->base, OPTION_FIELD,
							      &ithaca__field__descriptor)
			       : NULL;

	field.rule = rule ? *rule : (Ithaca__Field)ITHACA__FIELD__INIT;
	field.repeated =
		proto->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
	field.optional = proto->has_proto3_optional && proto->proto3_optional;
	return field;
}

static int by_number(const void *a, const void *b)
{
	return ((const struct field *)a)->proto->number - ((const struct field *)b)->proto->number;
}

static void read_fields(struct model *model, const struct file *file, struct message *message,
			const struct path *path)
{
	message->n_fields = message->proto->n_field;
	message->fields =
		arena_alloc(model->arena, (message->n_fields + 1) * sizeof(*message->fields));
	for (size_t i = 0; i < message->n_fields; i++)
		message->fields[i] = read_field(model, file, message->proto->field[i],
						path_to(path, MESSAGE_FIELD, i));
	qsort(message->fields, message->n_fields, sizeof(*message->fields), by_number);
}

static void read_event(struct message *message)
{
	const Google__Protobuf__MessageOptions *options = message->proto->options;
	Ithaca__Event *event = options ? (Ithaca__Event *)read_option(&options->base, OPTION_EVENT,
								      &ithaca__event__descriptor)
				       : NULL;

	message->is_event = event != NULL;
	message->event_of = event ? event->of : NULL;
	message->is_map = options && options->has_map_entry && options->map_entry;
}

static void add_message(struct model *model, const struct file *file, const struct message *parent,
			const char *scope, const DescriptorProto *proto, struct path path)
{
	struct message *message = arena_alloc(model->arena, sizeof(*message));
	const char *snake = snake_case(model->arena, proto->name);

	message->place = find_place(model, file, &path);
	message->full_name = arena_printf(model->arena, "%s.%s", scope, proto->name);
	message->name = parent ? arena_printf(model->arena, "%s__%s", parent->name, proto->name)
			       : proto->name;
	message->snake =
		parent ? arena_printf(model->arena, "%s__%s", parent->snake, snake) : snake;
	message->proto = proto;
	read_fields(model, file, message, &path);
	read_event(message);
	model->messages = arena_extend(model->arena, model->messages, model->n_messages,
				       sizeof(*model->messages));
	model->messages[model->n_messages++] = message;

	for (size_t i = 0; i < proto->n_nested_type; i++)
		add_message(model, file, message, message->full_name, proto->nested_type[i],
			    path_to(&path, MESSAGE_NESTED, i));
	for (size_t i = 0; i < proto->n_enum_type; i++)
		add_enum(model, file, message, message->full_name, proto->enum_type[i],
			 path_to(&path, MESSAGE_ENUM, i));
}

static void read_route(struct rpc *rpc)
{
	const Ithaca__Rpc *options = &rpc->options;
	const char *const paths[] = { NULL,	    options->get,   options->post,
				      options->put, options->patch, options->delete_ };

	for (unsigned verb = ROUTE_GET; verb <= ROUTE_DELETE; verb++) {
		if (paths[verb] && !rpc->path) {
			rpc->verb = (enum route_verb)verb;
			rpc->path = paths[verb];
		}
	}
}

static void add_rpc(struct model *model, const struct file *file, const char *resource,
		    const MethodDescriptorProto *proto, struct path path)
{
	struct rpc *rpc = arena_alloc(model->arena, sizeof(*rpc));
	Ithaca__Rpc *options =
		proto->options ? (Ithaca__Rpc *)read_option(&proto->options->base, OPTION_RPC,
							    &ithaca__rpc__descriptor)
			       : NULL;

	rpc->place = find_place(model, file, &path);
	rpc->name = proto->name;
	rpc->snake = snake_case(model->arena, proto->name);
	rpc->service = file->folder;
	rpc->resource = resource;
	rpc->has_options = options != NULL;
	rpc->options = options ? *options : (Ithaca__Rpc)ITHACA__RPC__INIT;
	rpc->in = model_message(model, proto->input_type);
	rpc->out = model_message(model, proto->output_type);
	read_route(rpc);
	model->rpcs = arena_extend(model->arena, model->rpcs, model->n_rpcs, sizeof(*model->rpcs));
	model->rpcs[model->n_rpcs++] = rpc;
}

static void add_resource(struct model *model, const struct file *file,
			 const Google__Protobuf__ServiceDescriptorProto *proto, struct path path)
{
	struct resource resource = { find_place(model, file, &path), proto->name };

	model->resources =
		arena_extend(model->arena, model->resources, model->n_resources, sizeof(resource));
	model->resources[model->n_resources++] = resource;
	for (size_t i = 0; i < proto->n_method; i++)
		add_rpc(model, file, proto->name, proto->method[i],
			path_to(&path, SERVICE_METHOD, i));
}

static void read_file(struct model *model, const FileDescriptorProto *proto)
{
	struct file *file = add_file(model, proto);
	const char *scope =
		arena_printf(model->arena, "%s%s", proto->package && *proto->package ? "." : "",
			     proto->package ? proto->package : "");

	for (size_t i = 0; i < proto->n_message_type; i++)
		add_message(model, file, NULL, scope, proto->message_type[i],
			    path_to(NULL, FILE_MESSAGE, i));
	for (size_t i = 0; i < proto->n_enum_type; i++)
		add_enum(model, file, NULL, scope, proto->enum_type[i],
			 path_to(NULL, FILE_ENUM, i));
	for (size_t i = 0; i < proto->n_service; i++)
		add_resource(model, file, proto->service[i], path_to(NULL, FILE_SERVICE, i));
}

const struct message *model_message(const struct model *model, const char *full_name)
{
	for (size_t i = 0; i < model->n_messages; i++)
		if (!strcmp(model->messages[i]->full_name, full_name))
			return model->messages[i];
	return NULL;
}

static const struct enumeration *find_enum(const struct model *model, const char *full_name)
{
	for (size_t i = 0; i < model->n_enums; i++)
		if (!strcmp(model->enums[i]->full_name, full_name))
			return model->enums[i];
	return NULL;
}

const struct rpc *model_rpc(const struct model *model, const char *service, size_t len,
			    const char *name)
{
	for (size_t i = 0; i < model->n_rpcs; i++) {
		const struct rpc *rpc = model->rpcs[i];

		if (strlen(rpc->service) == len &&
		    !memcmp(rpc->service, service, len) &&
		    !strcmp(rpc->name, name))
			return rpc;
	}
	return NULL;
}

const struct field *message_field(const struct message *message, const char *name, size_t len)
{
	for (size_t i = 0; i < message->n_fields; i++)
		if (strlen(message->fields[i].name) == len &&
		    !memcmp(message->fields[i].name, name, len))
			return &message->fields[i];
	return NULL;
}

bool message_is_nothing(const struct message *message)
{
	return !strcmp(message->full_name, ".ithaca.Nothing");
}

bool rpc_is_called_by(const struct rpc *rpc, const char *service)
{
	for (size_t i = 0; i < rpc->options.n_callers; i++)
		if (!strcmp(rpc->options.callers[i], service))
			return true;
	return false;
}

const char *path_parameter(const char **path, size_t *len)
{
	const char *open = strchr(*path, '{');
	const char *close = open ? strchr(open, '}') : NULL;

	if (!close)
		return NULL;
	*len = (size_t)(close - open) - 1;
	*path = close + 1;
	return open + 1;
}

static void link_message(struct model *model, struct message *message)
{
	for (size_t i = 0; i < message->n_fields; i++) {
		struct field *field = &message->fields[i];

		if (!field->proto->type_name)
			continue;
		field->message = model_message(model, field->proto->type_name);
		field->enumeration = find_enum(model, field->proto->type_name);
	}
	if (message->event_of)
		message->of = model_message(model, arena_printf(model->arena, ".%s.%s",
								message->place.file->folder,
								message->event_of));
}

static struct folder *find_folder(struct model *model, const char *name)
{
	for (size_t i = 0; i < model->n_folders; i++)
		if (!strcmp(model->folders[i].name, name))
			return &model->folders[i];
	return NULL;
}

bool model_has_service(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->n_folders; i++)
		if (*name && !strcmp(model->folders[i].name, name))
			return true;
	return !strcmp(name, "gateway") ||
	       (model->services &&
		!access(arena_printf(model->arena, "%s/%s", model->services, name), F_OK));
}

static void link_rpc(struct model *model, struct rpc *rpc)
{
	const struct folder *folder = find_folder(model, rpc->service);

	if (rpc->options.on)
		rpc->event =
			model_message(model, arena_printf(model->arena, ".%s", rpc->options.on));
	for (size_t i = 0; i < folder->n_statements; i++)
		if (!strcmp(folder->statements[i]->name, rpc->snake))
			rpc->statement = folder->statements[i];
}

static void add_folder(struct model *model, const char *name, const char *services)
{
	struct folder *folder;
	struct buf left_to_sqlgen = { 0 };
	struct statements all = { .arena = model->arena, .complaints = &left_to_sqlgen };

	if (find_folder(model, name))
		return;
	model->folders = arena_extend(model->arena, model->folders, model->n_folders,
				      sizeof(*model->folders));
	folder = &model->folders[model->n_folders++];
	folder->name = name;
	if (services && *name)
		statements_read_folder(&all, arena_printf(model->arena, "%s/%s", services, name));
	buf_free(&left_to_sqlgen);
	folder->n_statements = all.count;
	folder->statements = all.items;
}

struct model *model_read(const CodeGeneratorRequest *request, const char *services)
{
	struct arena *arena = arena_new(SIZE_MAX / 2);
	struct model *model = arena_alloc(arena, sizeof(*model));

	model->arena = arena;
	model->services = services;
	for (size_t i = 0; i < request->n_proto_file; i++)
		read_file(model, request->proto_file[i]);
	for (size_t i = 0; i < model->n_files; i++)
		if (file_has_types(model->files[i]))
			add_folder(model, model->files[i]->folder, services);
	for (size_t i = 0; i < model->n_messages; i++)
		link_message(model, model->messages[i]);
	for (size_t i = 0; i < model->n_rpcs; i++)
		link_rpc(model, model->rpcs[i]);
	return model;
}
