/* Requests: answered for who may ask, refused unheard for everybody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>

#include "common.pb-c.h"
#include "dispatch.h"
#include "ground.h"
#include "rpc_own.h"

static const struct pb_rule rules[2];
static const struct pb_type *const children[2];
static const struct pb_type id_type = { &id__descriptor, rules, children };
static const char *const friends[] = { "friend", NULL };

static bool give_back(struct call *call, const void *in, void *out)
{
	const Id *request = in;

	((Id *)out)->id = request->id;
	return strcmp(request->id, "no") ||
	       reject(call, CONFLICT, "NOT_THIS", "Anything but this.");
}

static bool give_much(struct call *call, const void *in, void *out)
{
	(void)in;
	((Id *)out)->id = arena_alloc(call->arena, 2 << 20);
	memset(((Id *)out)->id, 'x', (2 << 20) - 1);
	return true;
}

static bool give_late(struct call *call, const void *in, void *out)
{
	task_sleep(200);
	return give_back(call, in, out);
}

static const struct rpc_method methods[] = {
	{ .service = "echo",
	  .name = "GiveBack",
	  .callers = friends,
	  .reads = true,
	  .in = &id_type,
	  .out = &id_type },
	{ .service = "echo",
	  .name = "GiveMuch",
	  .callers = friends,
	  .reads = true,
	  .in = &id_type,
	  .out = &id_type },
	{ .service = "echo",
	  .name = "GiveLate",
	  .callers = friends,
	  .reads = true,
	  .in = &id_type,
	  .out = &id_type },
	{ .service = "echo",
	  .name = "OnlyOutside",
	  .verb = VERB_GET,
	  .path = "/x",
	  .in = &id_type,
	  .out = &id_type },
	{ .service = "echo",
	  .name = "Happened",
	  .on = "a.Happened",
	  .callers = friends,
	  .in = &id_type,
	  .out = &id_type },
	{ 0 },
};
static rpc_handler *const handlers[] = { give_back, give_much, give_late, give_back, give_back };
static const struct service service = { .name = "echo", .methods = methods, .handlers = handlers };

/* The service, a friend that may call it, and a stranger that has a key, too. */
struct fixture {
	struct nats nats;
	struct process echo, friend, stranger;
};

static const uint8_t root[32] = { 1, 2, 3 };

static void begin_process(struct process *process, const char *name, const struct fixture *fixture)
{
	char pairs[320], hex[65];
	uint8_t pair[32];
	struct buf complaints = { 0 };

	rpc_pair_key(pair, root, name);
	sodium_bin2hex(hex, sizeof hex, pair, sizeof pair);
	snprintf(pairs, sizeof pairs, "echo=%s,away=%s,curious=%s,other=%s", hex, hex, hex, hex);
	process->name = name;
	process->loop = uv_default_loop();
	process->metrics = metrics_new();
	process->keys = rpc_keys_new(strcmp(name, "echo") ? NULL : root, pairs, &complaints);
	process->bus = bus_open(process, fixture->nats.url);
	rpc_client_open(process);
	dispatch_open(process);
}

static void end_process(struct process *process)
{
	if (process->rpc)
		rpc_server_free(process->rpc);
	rpc_client_close(process);
	bus_close(process->bus);
}

static void free_process(struct process *process)
{
	dispatch_close(process);
	rpc_keys_free(process->keys);
	metrics_free(process->metrics);
}

static bool all_are_ready(void *arg)
{
	const struct fixture *fixture = arg;

	return bus_ready(fixture->echo.bus) &&
	       bus_ready(fixture->friend.bus) &&
	       bus_ready(fixture->stranger.bus);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	end_process(&fixture->echo);
	end_process(&fixture->friend);
	end_process(&fixture->stranger);
	task_end();
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	free_process(&fixture->echo);
	free_process(&fixture->friend);
	free_process(&fixture->stranger);
	nats_close(&fixture->nats);
	free(fixture);
	return uv_loop_close(uv_default_loop());
}

struct asking {
	struct process *process;
	struct rpc_method method;
	char *id, *answer;
	uint64_t patience_ms; /* 0: 5 s */
	unsigned status;
	bool answered;
	enum rpc_failure why;
	double ms;
};

static void ask(void *arg)
{
	struct asking *asking = arg;
	struct arena *arena = arena_new(8 << 20);
	RpcRequest request = RPC_REQUEST__INIT;
	uint64_t since = uv_hrtime();
	RpcResponse *response;
	Id id = ID__INIT;

	id.id = asking->id;
	request.body.data = pb_pack(arena, &id, &request.body.len);
	response = rpc_send(asking->process, arena, &asking->method, &request,
			    uv_now(asking->process->loop) +
				    (asking->patience_ms ? asking->patience_ms : 5000),
			    &asking->why);
	asking->ms = ms_since(since);
	asking->answered = response;
	if (response && response->problem)
		asking->status = response->problem->status;
	else if (response)
		asking->answer = strdup(
			((Id *)pb_unpack(arena, &id_type, response->body.data, response->body.len))
				->id);
	arena_free(arena);
}

static struct asking asked(struct process *process, const char *service_name, const char *name,
			   const char *id)
{
	struct asking asking = {
		.process = process,
		.method = { .service = service_name,
			    .name = name,
			    .in = &id_type,
			    .out = &id_type },
		.id = (char *)(uintptr_t)id,
	};

	in_task(ask, &asking);
	return asking;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	if (sodium_init() < 0)
		return -1;
	log_open("test", LOG_ERROR);
	nats_open(&fixture->nats);
	begin_process(&fixture->echo, "echo", fixture);
	begin_process(&fixture->friend, "friend", fixture);
	begin_process(&fixture->stranger, "stranger", fixture);
	fixture->echo.service = &service;
	fixture->echo.rpc = rpc_serve(&fixture->echo);
	*state = fixture;
	if (!turn_until(all_are_ready, fixture, 5000))
		return -1;
	while (!asked(&fixture->friend, "echo", "GiveBack", "no").answered)
		; /* its subscription is on its way to the server */
	return 0;
}

static void test_a_caller_is_answered(void **state)
{
	struct fixture *fixture = *state;
	struct asking asking = asked(&fixture->friend, "echo", "GiveBack", "hello");

	assert_string_equal(asking.answer, "hello");
	free(asking.answer);
}

static void test_a_refusal_comes_back_whole(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(asked(&fixture->friend, "echo", "GiveBack", "no").status, CONFLICT);
}

static void test_others_are_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(asked(&fixture->stranger, "echo", "GiveBack", "hello").status, FORBIDDEN);
	assert_int_equal(asked(&fixture->friend, "echo", "OnlyOutside", "hello").status, FORBIDDEN);
	assert_int_equal(asked(&fixture->friend, "echo", "Happened", "hello").status, FORBIDDEN);
	assert_int_equal(asked(&fixture->friend, "echo", "NoSuchThing", "hello").status, FORBIDDEN);
	assert_int_equal(asked(&fixture->friend, "echo", "AppendUpload", "hello").status,
			 FORBIDDEN);
}

static void test_a_service_that_is_away_is_noticed_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct asking asking = asked(&fixture->friend, "away", "GiveBack", "hello");

	assert_false(asking.answered);
	assert_int_equal(asking.why, RPC_DOWN);
	assert_true(asking.ms < 500);
}

static void test_an_answer_that_is_too_large_is_a_fault(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(asked(&fixture->friend, "echo", "GiveMuch", "hello").status, INTERNAL);
}

/* A message of that many requests, "hi" each; to be freed. */
static struct buf sealed_requests(const struct fixture *fixture, int64_t deadline_ms,
				  unsigned count)
{
	RpcRequest request = RPC_REQUEST__INIT;
	Caller caller = CALLER__INIT;
	struct buf bytes = { 0 };

	caller.id = (char *)"0192d3c4-0000-7000-8000-000000000001";
	request.rpc = (char *)"GiveBack";
	request.caller = &caller;
	request.request_id = (char *)"r1";
	request.deadline_ms = deadline_ms;
	request.body = (ProtobufCBinaryData) { 4, (uint8_t *)"\n\002hi" };
	buf_room(&bytes, RPC_MAC);
	bytes.len = RPC_MAC;
	pb_put_bytes(&bytes, RPC_REQUESTS_FROM, "friend", strlen("friend"));
	for (unsigned i = 0; i < count; i++)
		pb_put_message(&bytes, RPC_REQUESTS_ITEMS, &request);
	assert_true(rpc_seal(fixture->friend.keys, "echo", &bytes));
	return bytes;
}

static void test_a_message_of_requests_changed_in_any_bit_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct arena *arena = arena_new(64 << 20);
	struct buf bytes = sealed_requests(fixture, unix_ms() + 1000, 2);
	RpcRequests *requests = rpc_open(fixture->echo.keys, arena, bytes.data, bytes.len);

	assert_non_null(requests);
	assert_int_equal(requests->n_items, 2);
	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_null(rpc_open(fixture->echo.keys, arena, bytes.data, bytes.len));
		bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t shorter = 0; shorter < bytes.len; shorter++)
		assert_null(rpc_open(fixture->echo.keys, arena, bytes.data, shorter));
	assert_non_null(rpc_open(fixture->echo.keys, arena, bytes.data, bytes.len));
	buf_free(&bytes);
	arena_free(arena);
}

/* What the service answers to bytes as they are: how many answers, and the code of the last refusal. */
struct raw {
	struct process *process;
	struct buf bytes;
	size_t answers;
	char code[64];
};

static void send_raw(void *arg)
{
	struct raw *raw = arg;
	struct arena *arena = arena_new(65536);
	struct bus_message message;
	RpcAnswers *answers = NULL;

	if (bus_request(raw->process->bus, arena, "rpc.echo", raw->bytes.data, raw->bytes.len,
			uv_now(raw->process->loop) + 5000, &message) == BUS_ANSWERED)
		answers = rpc_answers__unpack(arena_allocator(arena), message.len, message.data);
	raw->answers = answers ? answers->n_numbers : 0;
	for (size_t i = 0; answers && i < answers->n_responses; i++) {
		const ProtobufCBinaryData *bytes = &answers->responses[i];
		RpcResponse *response =
			rpc_response__unpack(arena_allocator(arena), bytes->len, bytes->data);

		if (response && response->problem)
			snprintf(raw->code, sizeof raw->code, "%s", response->problem->code);
	}
	arena_free(arena);
}

static void test_what_is_forged_or_late_is_not_heard(void **state)
{
	static uint8_t nonsense[] = "nothing that was ever sealed by anybody";
	struct fixture *fixture = *state;
	struct raw late = { .process = &fixture->friend,
			    .bytes = sealed_requests(fixture, unix_ms() - 1, 3) };
	struct raw forged = { .process = &fixture->friend,
			      .bytes = { .data = nonsense, .len = sizeof nonsense } };

	in_task(send_raw, &late);
	assert_string_equal(late.code, "TIMED_OUT");
	assert_int_equal(late.answers, 3);
	in_task(send_raw, &forged);
	assert_string_equal(forged.code, "FORGED");
	assert_int_equal(forged.answers, 0);
	buf_free(&late.bytes);
}

/* Many at once: more than one message holds, and some of them refused. */
enum { MANY = 100 };

struct crowd {
	struct asking asking[MANY];
	unsigned left;
};

struct one_of_crowd {
	struct crowd *crowd;
	unsigned number;
};

static void ask_as_one(void *arg)
{
	struct one_of_crowd *one = arg;

	ask(&one->crowd->asking[one->number]);
	one->crowd->left--;
}

static bool all_are_answered(void *arg)
{
	return !((struct crowd *)arg)->left;
}

static void count_messages(void *arg, const struct bus_message *message)
{
	(void)message;
	++*(unsigned *)arg;
}

static void test_many_at_once_travel_together_and_are_each_given_their_own_answer(void **state)
{
	struct fixture *fixture = *state;
	struct crowd crowd = { .left = MANY };
	struct one_of_crowd ones[MANY];
	char ids[MANY][16];
	unsigned messages = 0;
	struct bus_subscription *counting =
		bus_subscribe(fixture->stranger.bus, "rpc.echo", NULL, count_messages, &messages);

	asked(&fixture->stranger, "echo", "GiveBack", "hello"); /* the subscription has arrived */
	messages = 0;

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(ids[i], sizeof ids[i], i % 7 ? "id %u" : "no", i);
		crowd.asking[i] = (struct asking) {
			.process = &fixture->friend,
			.method = { .service = i % 11 ? "echo" : "away",
				    .name = i % 13 ? "GiveBack" : "NoSuchThing",
				    .in = &id_type,
				    .out = &id_type },
			.id = ids[i],
		};
		ones[i] = (struct one_of_crowd) { &crowd, i };
		assert_true(task_spawn(uv_default_loop(), ask_as_one, &ones[i]));
	}
	assert_true(turn_until(all_are_answered, &crowd, 5000));
	asked(&fixture->stranger, "echo", "GiveBack", "hello");
	assert_true(messages <= MANY / RPC_PARCEL_MOST + 2);
	bus_unsubscribe(counting);
	for (unsigned i = 0; i < MANY; i++) {
		const struct asking *asking = &crowd.asking[i];

		if (i % 11 == 0) {
			assert_false(asking->answered);
			assert_int_equal(asking->why, RPC_DOWN);
		} else if (i % 13 == 0) {
			assert_int_equal(asking->status, FORBIDDEN);
		} else if (i % 7 == 0) {
			assert_int_equal(asking->status, CONFLICT);
		} else {
			assert_string_equal(asking->answer, ids[i]);
			free(asking->answer);
		}
	}
}

static void test_who_gives_up_leaves_the_others_their_answers(void **state)
{
	struct fixture *fixture = *state;
	struct crowd crowd = { .left = 2 };
	struct one_of_crowd ones[2];

	for (unsigned i = 0; i < 2; i++) {
		crowd.asking[i] = (struct asking) {
			.process = &fixture->friend,
			.method = { .service = "echo",
				    .name = i ? "GiveBack" : "GiveLate",
				    .in = &id_type,
				    .out = &id_type },
			.id = (char *)"hello",
			.patience_ms = i ? 5000 : 50,
		};
		ones[i] = (struct one_of_crowd) { &crowd, i };
		assert_true(task_spawn(uv_default_loop(), ask_as_one, &ones[i]));
	}
	assert_true(turn_until(all_are_answered, &crowd, 5000));
	assert_int_equal(crowd.asking[0].why, RPC_LATE);
	assert_string_equal(crowd.asking[1].answer, "hello");
	free(crowd.asking[1].answer);
	test_a_caller_is_answered(state);
}

/* Answers all alike, and remembers where the answers went. */
struct curious {
	struct bus *bus;
	char *seen;
};

static void give_the_same(struct bus *bus, const char *reply)
{
	RpcResponse response = RPC_RESPONSE__INIT;
	struct buf answers = { 0 };

	pb_put_message(&answers, RPC_ANSWERS_RESPONSES, &response);
	bus_publish(bus, reply, NULL, NULL, answers.data, answers.len);
	buf_free(&answers);
}

static void answer_and_remember(void *arg, const struct bus_message *message)
{
	struct curious *curious = arg;

	free(curious->seen);
	curious->seen = strdup(message->reply);
	give_the_same(curious->bus, message->reply);
}

static void answer_for_another(void *arg, const struct bus_message *message)
{
	struct curious *curious = arg;

	(void)message;
	give_the_same(curious->bus, curious->seen);
}

static void test_a_service_cannot_answer_in_anothers_place(void **state)
{
	struct fixture *fixture = *state;
	struct curious curious = { .bus = fixture->friend.bus };
	struct bus_subscription *heard = bus_subscribe(curious.bus, "rpc.curious", NULL,
						       answer_and_remember, &curious),
				*forging = bus_subscribe(curious.bus, "rpc.other", NULL,
							 answer_for_another, &curious);
	struct asking other = {
		.process = &fixture->friend,
		.method = { .service = "other",
			    .name = "GiveBack",
			    .in = &id_type,
			    .out = &id_type },
		.id = (char *)"hello",
		.patience_ms = 200,
	};
	char *seen;

	free(asked(&fixture->friend, "curious", "GiveBack", "hello").answer);
	seen = strdup(curious.seen);
	free(asked(&fixture->friend, "curious", "GiveBack", "hello").answer);
	assert_string_equal(curious.seen, seen);
	in_task(ask, &other);
	assert_false(other.answered);
	assert_int_equal(other.why, RPC_LATE);
	bus_unsubscribe(heard);
	bus_unsubscribe(forging);
	free(curious.seen);
	free(seen);
}

/* Says everything that it should not, before and after what it should. */
static void answer_wildly(void *arg, const struct bus_message *message)
{
	struct bus *bus = arg;
	RpcResponse response = RPC_RESPONSE__INIT;
	struct buf answers = { 0 };

	bus_publish(bus, message->reply, NULL, NULL, "\377garbage", 8);
	bus_publish(bus, message->reply, NULL, NULL, "", 0);
	pb_put_number(&answers, RPC_ANSWERS_NUMBERS, 99);
	pb_put_message(&answers, RPC_ANSWERS_RESPONSES, &response);
	pb_put_number(&answers, RPC_ANSWERS_NUMBERS, 0);
	pb_put_message(&answers, RPC_ANSWERS_RESPONSES, &response);
	pb_put_number(&answers, RPC_ANSWERS_NUMBERS, 0);
	bus_publish(bus, message->reply, NULL, NULL, answers.data, answers.len);
	bus_publish(bus, message->reply, NULL, NULL, answers.data, answers.len);
	buf_free(&answers);
}

static void test_a_service_that_answers_wildly_is_believed_once(void **state)
{
	struct fixture *fixture = *state;
	struct bus_subscription *wild = bus_subscribe(fixture->friend.bus, "rpc.curious", NULL,
						      answer_wildly, fixture->friend.bus);

	for (unsigned i = 0; i < 3; i++) {
		struct asking asking = asked(&fixture->friend, "curious", "GiveBack", "hello");

		assert_true(asking.answered);
		assert_string_equal(asking.answer, "");
		free(asking.answer);
	}
	bus_unsubscribe(wild);
	test_a_caller_is_answered(state);
}

static bool friend_is_lost(void *arg)
{
	return !bus_ready(((struct fixture *)arg)->friend.bus);
}

static void test_who_waits_when_the_bus_is_lost_is_told_and_the_next_is_answered(void **state)
{
	struct fixture *fixture = *state;
	struct crowd crowd = { .left = 1 };
	struct one_of_crowd one = { &crowd, 0 };

	crowd.asking[0] = (struct asking) {
		.process = &fixture->friend,
		.method = { .service = "echo",
			    .name = "GiveLate",
			    .in = &id_type,
			    .out = &id_type },
		.id = (char *)"hello",
	};
	assert_true(task_spawn(uv_default_loop(), ask_as_one, &one));
	uv_run(uv_default_loop(), UV_RUN_NOWAIT);
	nats_kill(&fixture->nats);
	assert_true(turn_until(friend_is_lost, fixture, 2000));
	assert_true(turn_until(all_are_answered, &crowd, 2000));
	assert_false(crowd.asking[0].answered);
	assert_int_equal(crowd.asking[0].why, RPC_DOWN);
	nats_start(&fixture->nats);
	assert_true(turn_until(all_are_ready, fixture, 5000));
	while (!asked(&fixture->friend, "echo", "GiveBack", "no").answered)
		; /* the subscription is on its way */
	test_a_caller_is_answered(state);
}

static void test_malformed_keys_are_complained_about(void **state)
{
	struct buf complaints = { 0 };

	(void)state;
	assert_null(rpc_keys_new(NULL, "echo=abc", &complaints));
	assert_null(rpc_keys_new(NULL, "echo", &complaints));
	assert_string_equal(buf_text(&complaints),
			    "ITHACA_RPC_KEYS: entry 1 is not <service>=<64 hex digits>\n"
			    "ITHACA_RPC_KEYS: entry 1 is not <service>=<64 hex digits>\n");
	buf_free(&complaints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_caller_is_answered),
		cmocka_unit_test(test_a_refusal_comes_back_whole),
		cmocka_unit_test(test_others_are_refused),
		cmocka_unit_test(test_a_service_that_is_away_is_noticed_at_once),
		cmocka_unit_test(test_an_answer_that_is_too_large_is_a_fault),
		cmocka_unit_test(test_a_message_of_requests_changed_in_any_bit_is_refused),
		cmocka_unit_test(test_what_is_forged_or_late_is_not_heard),
		cmocka_unit_test(
			test_many_at_once_travel_together_and_are_each_given_their_own_answer),
		cmocka_unit_test(test_who_gives_up_leaves_the_others_their_answers),
		cmocka_unit_test(test_a_service_cannot_answer_in_anothers_place),
		cmocka_unit_test(test_a_service_that_answers_wildly_is_believed_once),
		cmocka_unit_test(
			test_who_waits_when_the_bus_is_lost_is_told_and_the_next_is_answered),
		cmocka_unit_test(test_malformed_keys_are_complained_about),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
