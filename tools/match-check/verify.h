/* Verifies a certificate of a matching by its own arithmetic; README.md describes the file. Shares nothing with the solver. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct verdict {
	bool valid;
	const char *reason;	/* a static text; what is proven when valid */
	int32_t mentee, mentor; /* where it fails, by number; -1: not there */
	long line;
	int32_t mentees, mentors, matched;
	int64_t total, pairs;
	bool everything; /* the file holds all allowed pairs */
	char digest[65]; /* SHA-256 of everything before its last line */
};

struct verdict verify_certificate(const char *bytes, size_t len);
