/*
 * A process with a schema of its own in the server that ITHACA_TEST_DATABASE_URL names (as a superuser), for tests of
 * what talks to Postgres. Without that variable such tests are skipped.
 */
#pragma once

#include "dispatch.h"
#include "service.h"
#include "sql.h"
#include "task.h"

/* Where tests look at the schema from outside. Answers the first value, NULL without rows; in the arena. */
char *db_ask(struct arena *arena, const char *sql);
void db_do(const char *sql);
/* Removes what earlier tests left, once their connections are gone. */
void db_empty(void);

struct db {
	struct process process;
	uv_loop_t loop;
	struct service service;
	struct task_hook hook;
	struct arena *arena; /* of the test */
	char *url;	     /* as the service's role */
};

/* Makes the schema anew, with the runtime's tables and the table program, once for a program; false to skip. */
bool db_make_schema(void);
/* The schema anew, with nothing in it: the url as its owner, to be freed. */
char *db_empty_schema(void);
/* A process on it. batch and connections as the settings. */
struct db *db_open(const struct sql_statement *const *statements, const char *writes,
		   const char *batch);
void db_close(struct db *db);
/* Runs all tasks to their end. */
void db_run(struct db *db, void (*run)(void *arg), void *arg);

/* One call through dispatch(): body is packed from `in`; the answer is unpacked into the test's arena. */
struct asked {
	const struct rpc_method *method;
	rpc_handler *handler;
	const void *in;
	const char *person, *key;
	uint64_t time_ms; /* 0: 5 s */
	/* The answer. */
	bool done;
	Problem *problem;
	bool replayed;
	void *out;
	struct db *db;
};
void db_ask_all(struct db *db, struct asked *asked, unsigned count);
