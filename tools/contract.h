/*
 * The contract as sqlgen sees it: contract.json, which the plugin wrote. Statements are checked
 * against the messages and rpcs that they name, so that a slip is told at its line and not by
 * the C compiler.
 */
#pragma once

#include <jansson.h>

#include "statements.h"

/* NULL, with a complaint, when the file is none. */
json_t *contract_read(const char *path, struct buf *complaints);
void check_statements(const json_t *contract, const char *service, struct statements *all);
