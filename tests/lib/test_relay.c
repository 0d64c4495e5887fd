/*
 * The relay: numbers without holes, nothing lost, whatever rolls back, commits late, or is down for
 * a while.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "event_ground.h"

struct fixture {
	struct nats nats;
	struct process alpha;
	unsigned heard;
};

#define NEEDS_POSTGRES()                                                                           \
	do {                                                                                       \
		if (!*state)                                                                       \
			skip();                                                                    \
	} while (0)

static int set_up(void **state)
{
	struct fixture *fixture;

	if (!getenv("ITHACA_TEST_DATABASE_URL") || sodium_init() < 0)
		return 0;
	log_open("test", LOG_ERROR);
	make_schema("alpha");
	fixture = calloc(1, sizeof *fixture);
	nats_open(&fixture->nats);
	process_start(&fixture->alpha, &alpha_service, &fixture->nats);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	if (!fixture)
		return 0;
	processes_end(&fixture->alpha, 1);
	nats_close(&fixture->nats);
	free(fixture);
	return uv_loop_close(uv_default_loop());
}

/* Every row numbered once, without holes from 1, and published. */
static const char all_is_published[] =
	"select not exists (select from outbox where source_seq is null) and not exists ("
	"select from outbox_head h where h.published_seq <> h.source_seq or h.source_seq <> "
	"(select count(*) from outbox o where o.name = h.name)) and (select count(*) = "
	"count(distinct (name, source_seq)) "
	"and count(*) > 0 from outbox)";

static void on_event(void *arg, const EventEnvelope *event)
{
	struct fixture *fixture = arg;

	fixture->heard += !strcmp(event->producer, "alpha") && event->source_seq > 0;
}

static void test_what_a_call_publishes_is_heard(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_POSTGRES();
	event_listen(fixture->alpha.bus, "evt.alpha.>", on_event, fixture);
	assert_true(did(&fixture->alpha, "0192d3c4-0000-7000-8000-000000000001"));
	assert_true(becomes_true("alpha", all_is_published, 3000));
	assert_int_equal(fixture->heard, 1);
	assert_string_equal(pg_once("alpha", "select aggregate_id from outbox"),
			    "0192d3c4-0000-7000-8000-000000000001");
}

static void test_numbers_have_no_holes_whatever_rolls_back_or_commits_late(void **state)
{
	enum { CONNECTIONS = 8, ROUNDS = 40 };
	PGconn *pg[CONNECTIONS];

	NEEDS_POSTGRES();
	for (int i = 0; i < CONNECTIONS; i++)
		pg[i] = pg_open("alpha");
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CONNECTIONS; i++) {
			pg_value(pg[i], "begin");
			pg_value(pg[i], "insert into outbox (id, name, aggregate_id, "
					"correlation_id, payload) select uuid_v7(), "
					"case i % 2 when 0 then 'Happened' else 'Ended' end, '', "
					"'test', '' from generate_series(1, 3) i");
		}
		for (int i = CONNECTIONS - 1; i >= 0; i--) {
			pg_value(pg[(i * 3 + round) % CONNECTIONS],
				 (i + round) % 3 ? "commit" : "rollback");
			uv_run(uv_default_loop(), UV_RUN_NOWAIT);
		}
	}
	for (int i = 0; i < CONNECTIONS; i++)
		PQfinish(pg[i]);
	assert_true(becomes_true("alpha", all_is_published, 10000));
	assert_string_equal(pg_once("alpha", "select count(*) from outbox_head"), "2");
}

static void test_what_commits_an_hour_after_it_got_its_id_is_published(void **state)
{
	NEEDS_POSTGRES();
	assert_true(becomes_true("alpha", all_is_published, 10000));
	pg_once("alpha",
		"insert into outbox (id, name, aggregate_id, correlation_id, payload) "
		"values (overlay(uuid_v7()::text placing '0192d3c4-0000' from 1 for 13)::uuid, 'Happened', '', 'late', '')");
	assert_true(becomes_true("alpha", all_is_published, 10000));
}

static void test_while_the_bus_is_down_events_wait(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_POSTGRES();
	nats_kill(&fixture->nats);
	assert_true(did(&fixture->alpha, "0192d3c4-0000-7000-8000-000000000002"));
	assert_false(becomes_true("alpha", all_is_published, 1500));
	nats_start(&fixture->nats);
	assert_true(becomes_true("alpha", all_is_published, 10000));
}

static void test_a_wiped_stream_is_made_again(void **state)
{
	struct fixture *fixture = *state;
	unsigned before = fixture ? fixture->heard : 0;

	NEEDS_POSTGRES();
	nats_kill(&fixture->nats);
	nats_wipe(&fixture->nats);
	nats_start(&fixture->nats);
	assert_true(turn_until(bus_is_ready, fixture->alpha.bus, 5000));
	assert_true(did(&fixture->alpha, "0192d3c4-0000-7000-8000-000000000003"));
	assert_true(becomes_true("alpha", all_is_published, 10000));
	assert_true(fixture->heard > before);
}

static void test_what_was_numbered_and_left_is_published(void **state)
{
	struct fixture *fixture = *state;
	unsigned before = fixture ? fixture->heard : 0;

	NEEDS_POSTGRES();
	pg_once("alpha", "update outbox_head set published_seq = 0");
	assert_true(becomes_true("alpha", all_is_published, 10000));
	assert_true(fixture->heard > before);
}

static void test_old_records_are_swept(void **state)
{
	NEEDS_POSTGRES();
	pg_once("alpha",
		"insert into audit (at, rpc, request_id) select now() - d * interval '1 day', 'X', d::text "
		"from unnest(array[1, 29, 31, 729, 731]) d");
	pg_once("alpha",
		"insert into deferred_event select uuid_v7(), 'beta', 'X', 1, '', 1, s, '', now(), now(), "
		"now() - d * interval '1 day' from unnest(array['DEAD', 'RETRYING', 'REPLAYED', 'DROPPED']) s, "
		"unnest(array[29, 31]) d");
	pg_once("alpha", "insert into outbox_head values ('Swept', 4, 3)");
	pg_once("alpha",
		"insert into outbox (id, name, source_seq, aggregate_id, correlation_id, payload, occurred_at) "
		"select uuid_v7(), 'Swept', n, '', '', '', now() - days * interval '1 day' "
		"from unnest(array[1, 2, 3, 4], array[32, 31, 29, 31]) e (n, days)");
	assert_string_equal(pg_once("alpha", "set role bus_alpha_svc; select sweep_records(730)"),
			    "5");
	assert_string_equal(pg_once("alpha", "set role bus_alpha_svc; select sweep_records(1)"),
			    "2");
	assert_string_equal(
		pg_once("alpha", "select count(*) from audit where request_id in ('1', '29')"),
		"2");
	assert_string_equal(pg_once("alpha",
				    "select string_agg(source_seq::text, ' ' order by source_seq) "
				    "from outbox where name = 'Swept'"),
			    "3 4");
	pg_once("alpha",
		"delete from outbox where name = 'Swept'; "
		"delete from outbox_head where name = 'Swept'; delete from deferred_event");
}

static void count_messages(void *arg, const struct bus_message *message)
{
	(void)message;
	++*(unsigned *)arg;
}

static void test_many_events_pass_quickly_and_together(void **state)
{
	enum { MANY = 20000 };
	struct fixture *fixture = *state;
	struct bus_subscription *counting;
	unsigned messages = 0;
	uint64_t since;

	NEEDS_POSTGRES();
	counting = bus_subscribe(fixture->alpha.bus, "evt.alpha.Happened", NULL, count_messages,
				 &messages);
	fixture->heard = 0;
	add_events(MANY, "many");
	since = uv_hrtime();
	assert_true(becomes_true("alpha", all_is_published, 60000));
	print_message("%d events in %.0f ms: %.0f/s\n", MANY, ms_since(since),
		      MANY / ms_since(since) * 1000);
	assert_true(fixture->heard >= MANY);
	assert_true(messages < MANY / 4);
	bus_unsubscribe(counting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_call_publishes_is_heard),
		cmocka_unit_test(test_numbers_have_no_holes_whatever_rolls_back_or_commits_late),
		cmocka_unit_test(test_what_commits_an_hour_after_it_got_its_id_is_published),
		cmocka_unit_test(test_while_the_bus_is_down_events_wait),
		cmocka_unit_test(test_a_wiped_stream_is_made_again),
		cmocka_unit_test(test_what_was_numbered_and_left_is_published),
		cmocka_unit_test(test_old_records_are_swept),
		cmocka_unit_test(test_many_events_pass_quickly_and_together),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
