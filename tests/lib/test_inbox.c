/*
 * The inbox: every event has its effect once, however often, out of order, late or not at all the
 * bus brings it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "event_ground.h"
#include "event_own.h"

struct fixture {
	struct nats nats;
	struct process processes[2]; /* alpha, beta */
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
	make_schema("beta");
	fixture = calloc(1, sizeof *fixture);
	nats_open(&fixture->nats);
	process_start(&fixture->processes[0], &alpha_service, &fixture->nats);
	process_start(&fixture->processes[1], &beta_service, &fixture->nats);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	if (!fixture)
		return 0;
	processes_end(fixture->processes, 2);
	nats_close(&fixture->nats);
	free(fixture);
	return uv_loop_close(uv_default_loop());
}

/* So many things, each with one effect. */
static bool effects_become(unsigned count, uint64_t ms)
{
	char sql[160];

	snprintf(sql, sizeof sql,
		 "select count(*) = %u and count(distinct event_id) = %u and count(distinct thing) "
		 "= %u from effect",
		 count, count, count);
	if (becomes_true("beta", sql, ms))
		return true;
	print_message(
		"%s effects\n",
		pg_once("beta", "select count(*) || '/' || count(distinct event_id) from effect"));
	return false;
}

static unsigned effects_now(void)
{
	return (unsigned)atoi(pg_once("beta", "select count(*) from effect"));
}

static void test_an_event_has_its_effect_once(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_POSTGRES();
	assert_true(did(&fixture->processes[0], "0192d3c4-0000-7000-8000-000000000001"));
	assert_true(effects_become(1, 5000));
	add_events(500, "many");
	assert_true(effects_become(501, 20000));
}

static void add_event(struct buf *message, const char *id, uint64_t source_seq, uint8_t *payload,
		      size_t payload_len)
{
	EventEnvelope event = EVENT_ENVELOPE__INIT;

	event.id = (char *)(uintptr_t)id;
	event.producer = (char *)(uintptr_t)"alpha";
	event.name = (char *)(uintptr_t)"Happened";
	event.source_seq = source_seq;
	event.payload.data = payload;
	event.payload.len = payload_len;
	pb_put_message(message, EVENTS_ITEMS, &event);
}

/*
 * Publishes the envelopes of alpha's outbox again, in any order, without the id that JetStream
 * would know them by.
 */
static void publish_shuffled(struct process *process, unsigned times)
{
	PGconn *pg = pg_open("alpha");
	char sql[400];
	PGresult *rows;

	snprintf(sql, sizeof sql,
		 "select id, source_seq, encode(payload, 'escape') from outbox, generate_series(1, "
		 "%u) "
		 "where source_seq is not null order by random()",
		 times);
	rows = PQexec(pg, sql);
	for (int row = 0; row < PQntuples(rows); row++) {
		size_t len;
		uint8_t *payload = PQunescapeBytea((const uint8_t *)PQgetvalue(rows, row, 2), &len);
		struct buf packed = { 0 };

		add_event(&packed, PQgetvalue(rows, row, 0),
			  strtoull(PQgetvalue(rows, row, 1), NULL, 10), payload, len);
		bus_publish(process->bus, "evt.alpha.Happened", NULL, NULL, packed.data,
			    packed.len);
		buf_free(&packed);
		PQfreemem(payload);
	}
	PQclear(rows);
	PQfinish(pg);
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

static void test_ten_times_in_any_order_is_once(void **state)
{
	struct fixture *fixture = *state;
	unsigned before;

	NEEDS_POSTGRES();
	before = effects_now();
	publish_shuffled(&fixture->processes[0], 10);
	add_events(1, "after them");
	assert_true(effects_become(before + 1, 30000));
	turn_until(never, NULL, 1000);
	assert_true(effects_become(before + 1, 100));
}

static void test_a_message_of_too_many_events_is_refused(void **state)
{
	enum { TOO_MANY = 65, FAR = 1000000 };
	struct fixture *fixture = *state;
	uint8_t payload[] = { 0x0a, 5, 'c', 'r', 'o', 'w', 'd' };
	struct buf crowd = { 0 };
	unsigned before;

	NEEDS_POSTGRES();
	before = effects_now();
	for (unsigned i = 0; i < TOO_MANY; i++)
		add_event(&crowd, "0192d3c4-0000-7000-8000-00000000c0de", FAR + i, payload,
			  sizeof payload);
	bus_publish(fixture->processes[0].bus, "evt.alpha.Happened", NULL, NULL, crowd.data,
		    crowd.len);
	buf_free(&crowd);
	add_events(1, "behind the crowd");
	assert_true(effects_become(before + 1, 5000));
}

static void test_the_head_rises_and_forgets(void **state)
{
	NEEDS_POSTGRES();
	assert_true(becomes_true("beta",
				 "select low = (select count(*) from effect) and not exists "
				 "(select from inbox) from inbox_head",
				 15000));
}

/* Numbers events as if they had been published, and does not publish them. */
static void lose_events(unsigned n, const char *prefix)
{
	char sql[640];

	snprintf(sql, sizeof sql,
		 "with head as (update outbox_head set source_seq = source_seq + %u, published_seq "
		 "= published_seq + %u "
		 "where name = 'Happened' returning source_seq - %u as before) "
		 "insert into outbox (id, name, source_seq, aggregate_id, correlation_id, payload) "
		 "select uuid_v7(), 'Happened', before + i, '', 'test', "
		 "decode('0a' || lpad(to_hex(length('%s' || i)), 2, '0'), 'hex') || "
		 "convert_to('%s' || i, 'UTF8') "
		 "from head, generate_series(1, %u) i",
		 n, n, n, prefix, prefix, n);
	pg_once("alpha", sql);
}

static void test_what_never_came_is_fetched(void **state)
{
	unsigned before;

	NEEDS_POSTGRES();
	before = effects_now();
	lose_events(700, "lost");
	add_events(10, "found");
	assert_true(effects_become(before + 710, 30000));
}

static void test_poison_dies_and_the_others_go_on(void **state)
{
	unsigned before;

	NEEDS_POSTGRES();
	before = effects_now();
	pg_once("beta", "insert into poison values ('poison1')");
	add_events(1, "poison");
	add_events(20, "good");
	assert_true(effects_become(before + 20, 10000));
	for (int attempt = 1; attempt <= 5; attempt++) {
		char sql[128];

		snprintf(sql, sizeof sql, "select attempts = %d from deferred_event", attempt);
		assert_true(becomes_true("beta", sql, 5000));
		pg_once("beta", "update deferred_event set due_at = now()");
	}
	assert_true(becomes_true("beta", "select state = 'DEAD' from deferred_event", 5000));
	assert_true(effects_become(before + 20, 1000));
}

static void test_a_dead_letter_can_be_replayed(void **state)
{
	unsigned before;

	NEEDS_POSTGRES();
	before = effects_now();
	pg_once("beta", "delete from poison");
	assert_string_equal(pg_once("beta", "select replay_dead_letter(id) from dead_letters(10)"),
			    "t");
	assert_true(effects_become(before + 1, 5000));
	assert_true(becomes_true("beta", "select state = 'REPLAYED' from deferred_event", 2000));
}

static void test_what_is_away_costs_no_try(void **state)
{
	unsigned before;

	NEEDS_POSTGRES();
	before = effects_now();
	pg_once("beta", "insert into poison values ('away1', 503); select setval('tries', 1)");
	add_events(5, "away");
	assert_true(becomes_true("beta", "select last_value > 2 from tries", 10000));
	assert_true(effects_become(before + 4, 5000));
	pg_once("beta", "delete from poison");
	assert_true(effects_become(before + 5, 10000));
	assert_string_equal(
		pg_once("beta", "select count(*) from deferred_event where state <> 'REPLAYED'"),
		"0");
}

static void test_what_was_set_aside_waits_for_what_is_away(void **state)
{
	unsigned before;

	NEEDS_POSTGRES();
	before = effects_now();
	pg_once("beta", "insert into poison values ('later1')");
	add_events(1, "later");
	assert_true(becomes_true(
		"beta", "select exists (select from deferred_event where state = 'RETRYING')",
		5000));
	pg_once("beta", "update poison set status = 503; select setval('tries', 1)");
	assert_true(becomes_true("beta", "select last_value > 2 from tries", 10000));
	assert_string_equal(
		pg_once("beta",
			"select attempts || left(error, 3) from deferred_event where state = 'RETRYING'"),
		"1503");
	pg_once("beta", "delete from poison");
	assert_true(effects_become(before + 1, 10000));
}

/* A row that comes after the head has risen over its number: by then its event is done. */
static void test_a_number_below_the_head_is_refused(void **state)
{
	NEEDS_POSTGRES();
	assert_string_equal(
		pg_once("beta",
			"select settle_event('alpha', 'Happened', low, uuid_v7(), false) from inbox_head"),
		"f");
	assert_string_equal(
		pg_once("beta",
			"select count(*) from inbox i join inbox_head h using (producer, name) "
			"where i.source_seq <= h.low"),
		"0");
}

static void test_a_wiped_store_comes_to_the_same_state(void **state)
{
	struct fixture *fixture = *state;
	unsigned before;

	NEEDS_POSTGRES();
	before = effects_now();
	add_events(2000, "before");
	turn_until(never, NULL, 200);
	nats_kill(&fixture->nats);
	nats_wipe(&fixture->nats);
	add_events(500, "meanwhile");
	nats_start(&fixture->nats);
	add_events(500, "after");
	assert_true(effects_become(before + 3000, 60000));
}

static void test_a_new_consumer_skips_what_is_kept_no_more(void **state)
{
	NEEDS_POSTGRES();
	pg_once("alpha", "delete from outbox");
	pg_once("beta", "truncate effect, inbox; update inbox_head set low = 0");
	lose_events(5, "kept");
	assert_true(effects_become(5, 30000));
	assert_true(becomes_true("beta", "select low > 4000 from inbox_head", 15000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_event_has_its_effect_once),
		cmocka_unit_test(test_ten_times_in_any_order_is_once),
		cmocka_unit_test(test_a_message_of_too_many_events_is_refused),
		cmocka_unit_test(test_the_head_rises_and_forgets),
		cmocka_unit_test(test_what_never_came_is_fetched),
		cmocka_unit_test(test_poison_dies_and_the_others_go_on),
		cmocka_unit_test(test_a_dead_letter_can_be_replayed),
		cmocka_unit_test(test_what_is_away_costs_no_try),
		cmocka_unit_test(test_what_was_set_aside_waits_for_what_is_away),
		cmocka_unit_test(test_a_number_below_the_head_is_refused),
		cmocka_unit_test(test_a_wiped_store_comes_to_the_same_state),
		cmocka_unit_test(test_a_new_consumer_skips_what_is_kept_no_more),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
