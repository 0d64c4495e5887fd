/*
 * Brings a schema up to date: forward only, each migration in a transaction of its own, one process at a time.
 *
 * What was applied is kept in schema_migration with a checksum: a migration that has changed since is an error.
 */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

#include "buf.h"
#include "service.h"

/* As the schema's owner. Blocks. A line for each migration applied goes to `report`, what went wrong to `complaints`. */
bool migrate(const char *url, const struct migration *migrations, struct buf *report,
	     struct buf *complaints) must_check;

/* Whether the last of them has been applied to the schema that the url leads to. Blocks. */
enum migrated { MIGRATED, NOT_MIGRATED, MIGRATED_UNKNOWN };
enum migrated migrate_state(const char *url, const struct migration *migrations);
