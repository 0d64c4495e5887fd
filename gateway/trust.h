/*
 * What identity tells us about tokens: the keys that sign them, the sessions that ended, the people whose roles
 * changed. Fetched at start, again every two seconds (keys: every minute), and at once when an event says so.
 *
 * Until both have been fetched once nobody can be known; after that, what was fetched last holds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct gateway;
struct trust;

struct trust *trust_new(struct gateway *gateway);
/* Starts fetching. */
void trust_start(struct trust *trust);
/* Lets the fetching task end. */
void trust_stop(struct trust *trust);
void trust_free(struct trust *trust);

bool trust_loaded(const struct trust *trust);
/* 32 bytes, or NULL. */
const uint8_t *trust_key(const struct trust *trust, const char *kid);
/* Sleeps until the keys have been fetched again; at most one fetch per second, whatever is asked. */
void trust_refresh_keys(struct trust *trust);
/* Changes with every fetch that brought something new. */
unsigned trust_generation(const struct trust *trust);
bool trust_session_ended(const struct trust *trust, const char *session_id);
/* Whether the person's roles changed after that time (Unix milliseconds). */
bool trust_user_changed(const struct trust *trust, const char *user_id, int64_t issued_ms);
