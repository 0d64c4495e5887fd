/* JetStream's API in JSON: streams and consumers, asked for again whenever they may be gone. */
#include "jetstream.h"

#include <jansson.h>
#include <string.h>
#include <uv.h>

#include "bus.h"
#include "log.h"
#include "service.h"

enum { API_TIMEOUT_MS = 5000, NAME_TAKEN = 10058, NO_STREAM = 10059 };

/* Makes nanoseconds, in which JetStream counts, of seconds. */
#define NS "000000000"

static json_t *parse(const struct bus_message *answer)
{
	return json_loadb((const char *)answer->data, answer->len, 0, NULL);
}

/* 0 = done, -1 = no answer, else JetStream's err_code. */
static int ask(struct process *process, struct arena *arena, const char *subject, const char *json)
{
	struct bus_message answer;
	json_t *reply, *error;
	int code = 0;

	if (bus_request(process->bus, arena, subject, json, strlen(json),
			uv_now(process->loop) + API_TIMEOUT_MS, &answer) != BUS_ANSWERED)
		return -1;
	reply = parse(&answer);
	if (!reply)
		return -1;
	error = json_object_get(reply, "error");
	if (error)
		code = (int)json_integer_value(json_object_get(error, "err_code"));
	if (code && code != NAME_TAKEN && code != NO_STREAM)
		log_write(LOG_WARN, "JetStream refuses", "subject", subject, "detail",
			  json_string_value(json_object_get(error, "description")), NULL);
	json_decref(reply);
	return code;
}

static char *stream_json(struct arena *arena, const char *service, int replicas)
{
	static const char format[] =
		"{\"name\":\"evt_%s\",\"subjects\":[\"evt.%s.>\"],"
		"\"retention\":\"limits\",\"storage\":\"file\",\"discard\":\"new\","
		"\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,\"max_msg_size\":%d,"
		"\"max_age\":604800" NS ",\"duplicate_window\":600" NS ",\"num_replicas\":%d}";

	return arena_printf(arena, format, service, service, JETSTREAM_MESSAGE_MOST, replicas);
}

bool jetstream_ensure_stream(struct process *process, int replicas)
{
	struct arena *arena = arena_new(65536);
	char *json = stream_json(arena, process->name, replicas);
	int code = ask(process, arena,
		       arena_printf(arena, "$JS.API.STREAM.CREATE.evt_%s", process->name), json);

	if (code == NAME_TAKEN)
		code = ask(process, arena,
			   arena_printf(arena, "$JS.API.STREAM.UPDATE.evt_%s", process->name),
			   json);
	arena_free(arena);
	return code == 0;
}

static char *consumer_json(struct arena *arena, const char *durable, const char *producer,
			   const char *name)
{
	static const char format[] =
		"{\"stream_name\":\"evt_%s\",\"config\":{\"durable_name\":\"%s\","
		"\"filter_subject\":\"evt.%s.%s\",\"deliver_policy\":\"all\","
		"\"replay_policy\":\"instant\",\"ack_policy\":\"explicit\","
		"\"ack_wait\":30" NS ",\"max_ack_pending\":64,\"max_deliver\":-1}}";

	return arena_printf(arena, format, producer, durable, producer, name);
}

bool jetstream_ensure_consumer(struct process *process, const char *producer, const char *name)
{
	struct arena *arena = arena_new(65536);
	char *durable = arena_printf(arena, "%s_%s", process->name, name);
	char *json = consumer_json(arena, durable, producer, name);
	char *subject =
		arena_printf(arena, "$JS.API.CONSUMER.DURABLE.CREATE.evt_%s.%s", producer, durable);
	int code = ask(process, arena, subject, json);

	arena_free(arena);
	return code == 0;
}

bool jetstream_taken(const struct bus_message *answer)
{
	json_t *reply = answer->status ? NULL : parse(answer);
	bool taken = json_object_get(reply, "stream") && !json_object_get(reply, "error");

	json_decref(reply);
	return taken;
}
