/*
 * The protoc plugin: reads the contract, refuses what does not hold, writes what follows from
 * it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "emit.h"

typedef Google__Protobuf__Compiler__CodeGeneratorResponse CodeGeneratorResponse;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse__File ResponseFile;

enum { FEATURE_PROTO3_OPTIONAL = 1 };

static struct buf read_all(FILE *file)
{
	struct buf bytes = { 0 };

	for (size_t got = 1; got; bytes.len += got)
		got = fread(buf_room(&bytes, 65536), 1, 65536, file);
	return bytes;
}

/* --ithaca_opt=services=PATH: where the .sql files are. */
static const char *services_option(const CodeGeneratorRequest *request)
{
	const char *option = request->parameter;

	return option && !strncmp(option, "services=", strlen("services="))
		       ? option + strlen("services=")
		       : NULL;
}

static void emit_folder(struct outputs *outputs, const struct folder *folder)
{
	emit_types(outputs, folder);
	if (!*folder->name)
		return;
	emit_methods(outputs, folder);
	emit_clients(outputs, folder);
	emit_service_header(outputs, folder);
	if (!folder_has_handlers(folder))
		return;
	emit_handlers(outputs, folder);
	emit_events(outputs, folder);
}

static void emit_all(struct outputs *outputs)
{
	for (size_t i = 0; i < outputs->model->n_folders; i++)
		emit_folder(outputs, &outputs->model->folders[i]);
	emit_contract(outputs);
	emit_contract_json(outputs);
	emit_openapi(outputs);
}

static void add_response_files(CodeGeneratorResponse *response, struct outputs *outputs)
{
	struct arena *arena = outputs->model->arena;

	for (struct output *output = outputs->first; output; output = output->next) {
		ResponseFile *file = arena_alloc(arena, sizeof(*file));

		google__protobuf__compiler__code_generator_response__file__init(file);
		file->name = (char *)(uintptr_t)output->name;
		file->content = buf_text(&output->text);
		response->file = arena_extend(arena, response->file, response->n_file,
					      sizeof(*response->file));
		response->file[response->n_file++] = file;
	}
}

static int write_response(const CodeGeneratorResponse *response)
{
	size_t len = google__protobuf__compiler__code_generator_response__get_packed_size(response);
	uint8_t *bytes = malloc(len + 1);

	if (!bytes)
		return EXIT_FAILURE;
	google__protobuf__compiler__code_generator_response__pack(response, bytes);
	return fwrite(bytes, 1, len, stdout) == len && !fflush(stdout) ? EXIT_SUCCESS
								       : EXIT_FAILURE;
}

int main(void)
{
	struct buf bytes = read_all(stdin);
	CodeGeneratorRequest *request = google__protobuf__compiler__code_generator_request__unpack(
		NULL, bytes.len, bytes.data);
	CodeGeneratorResponse response = GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__INIT;
	struct outputs outputs = { .last = &outputs.first };
	struct model *model;

	if (!request) {
		fputs("protoc-gen-ithaca: run me through protoc --ithaca_out\n", stderr);
		return EXIT_FAILURE;
	}
	response.has_supported_features = true;
	response.supported_features = FEATURE_PROTO3_OPTIONAL;
	model = model_read(request, services_option(request));
	outputs.model = model;
	check_contract(model);
	if (model->complaints.len) {
		response.error = arena_printf(model->arena, "the contract does not hold:\n%s",
					      buf_text(&model->complaints));
	} else {
		emit_all(&outputs);
		add_response_files(&response, &outputs);
	}
	return write_response(&response);
}
