/* Migrations, applied with plain libpq. */
#include "migrate.h"

#include <sodium.h>
#include <string.h>

enum { HASH_HEX = 65 };

static void checksum(const char *text, char hex[HASH_HEX])
{
	uint8_t hash[32];

	crypto_generichash(hash, sizeof hash, (const uint8_t *)text, strlen(text), NULL, 0);
	sodium_bin2hex(hex, HASH_HEX, hash, sizeof hash);
}

static bool run(PGconn *pg, const char *sql, const char *name, struct buf *complaints)
{
	PGresult *result = PQexec(pg, sql);
	bool good = PQresultStatus(result) == PGRES_COMMAND_OK ||
		    PQresultStatus(result) == PGRES_TUPLES_OK;

	if (!good)
		buf_printf(complaints, "%s: %s", name, PQresultErrorMessage(result));
	PQclear(result);
	return good;
}

static bool record(PGconn *pg, const struct migration *migration, struct buf *complaints)
{
	char hex[HASH_HEX];
	const char *values[] = { migration->name, hex };
	PGresult *result;
	bool good;

	checksum(migration->text, hex);
	result = PQexecParams(pg, "insert into schema_migration (name, checksum) values ($1, $2)",
			      2, NULL, values, NULL, NULL, 0);
	good = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (!good)
		buf_printf(complaints, "%s: %s", migration->name, PQresultErrorMessage(result));
	PQclear(result);
	return good;
}

/* The file and its record stand or fall together. */
static bool apply(PGconn *pg, const struct migration *migration, struct buf *report,
		  struct buf *complaints)
{
	if (!run(pg, "begin", migration->name, complaints))
		return false;
	if (!run(pg, migration->text, migration->name, complaints) ||
	    !record(pg, migration, complaints) ||
	    !run(pg, "commit", migration->name, complaints)) {
		PGresult *result = PQexec(pg, "rollback");

		PQclear(result);
		return false;
	}
	buf_printf(report, "applied %s\n", migration->name);
	return true;
}

/* The checksum of an applied migration; NULL when it has not been applied. Owned by the result. */
static const char *applied_checksum(const PGresult *applied, const char *name)
{
	for (int i = 0; i < PQntuples(applied); i++)
		if (!strcmp(PQgetvalue(applied, i, 0), name))
			return PQgetvalue(applied, i, 1);
	return NULL;
}

static bool apply_missing(PGconn *pg, const PGresult *applied, const struct migration *migrations,
			  struct buf *report, struct buf *complaints)
{
	for (const struct migration *migration = migrations; migration->name; migration++) {
		const char *known = applied_checksum(applied, migration->name);
		char hex[HASH_HEX];

		checksum(migration->text, hex);
		if (known && strcmp(known, hex)) {
			buf_printf(
				complaints,
				"%s has changed since it was applied: write a new migration instead\n",
				migration->name);
			return false;
		}
		if (!known && !apply(pg, migration, report, complaints))
			return false;
	}
	return true;
}

static bool migrate_on(PGconn *pg, const struct migration *migrations, struct buf *report,
		       struct buf *complaints)
{
	PGresult *applied;
	bool good;

	if (!run(pg, "select pg_advisory_lock(hashtext(current_schema() || '.schema_migration'))",
		 "lock", complaints) ||
	    !run(pg,
		 "create table if not exists schema_migration ("
		 "name text primary key, checksum text not null, applied_at timestamptz not null default now())",
		 "schema_migration", complaints) ||
	    !run(pg,
		 "do $$ begin execute format('grant usage on schema %1$I to %2$I; grant select on schema_migration to %2$I', "
		 "current_schema(), current_schema() || '_svc'); end $$",
		 "schema_migration", complaints))
		return false;
	applied = PQexec(pg, "select name, checksum from schema_migration");
	good = apply_missing(pg, applied, migrations, report, complaints);
	PQclear(applied);
	return good;
}

static void ignore_notice(void *arg, const PGresult *notice)
{
	(void)arg;
	(void)notice;
}

bool migrate(const char *url, const struct migration *migrations, struct buf *report,
	     struct buf *complaints)
{
	PGconn *pg = PQconnectdb(url);
	bool good = PQstatus(pg) == CONNECTION_OK;

	if (good) {
		PQsetNoticeReceiver(pg, ignore_notice, NULL);
		good = migrate_on(pg, migrations, report, complaints);
	} else {
		buf_puts(complaints, PQerrorMessage(pg));
	}
	PQfinish(pg);
	return good;
}

static const char *last_name(const struct migration *migrations)
{
	const char *name = "";

	for (; migrations->name; migrations++)
		name = migrations->name;
	return name;
}

enum migrated migrate_state(const char *url, const struct migration *migrations)
{
	const char *values[] = { last_name(migrations) };
	PGconn *pg = PQconnectdb(url);
	enum migrated state = MIGRATED_UNKNOWN;

	if (PQstatus(pg) == CONNECTION_OK) {
		PGresult *result = PQexecParams(pg, "select from schema_migration where name = $1",
						1, NULL, values, NULL, NULL, 0);

		state = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1
				? MIGRATED
				: NOT_MIGRATED;
		PQclear(result);
	}
	PQfinish(pg);
	return state;
}
