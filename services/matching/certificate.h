/*
 * The certificate of a run: a file from which anyone can verify that its pairs are the best ones, without us.
 *
 * Pseudonymous: people are salted hashes of their ids; the salt stays with us, so that only who knows it can tell who is who.
 * Plain text, described in tools/match-check/README.md; tools/match-check verifies it and shares no code with this.
 */
#pragma once

#include "solver/circle.h"

enum {
	CERTIFICATE_SALT = 16,
	CERTIFICATE_EVERYTHING = -1,
};

struct certificate {
	bool stable; /* a stable matching: no pair would rather have each other; else an optimum of the problem's objective */
	const struct match_problem
		*problem; /* rows or score_row; with its locks and forbidden pairs */
	const struct match_solution *solution; /* of a stable matching only the partners are read */
	/* Of mentees with several mentors, instead of a solution: what the locks, those of `problem`, have left to be chosen. */
	const struct several_problem *several;
	const struct several_solution *chosen;
	/* The person's id, by number; only looked at until the next call. */
	const char *(*id_of)(void *context, bool mentor, int32_t number);
	void *context;
	uint8_t salt[CERTIFICATE_SALT];
	const char *seed_commitment, *snapshot_hash; /* 64 hex digits each */
	/*
	 * Which pairs the file holds: CERTIFICATE_EVERYTHING, or those that come within so many points of contradicting (a chosen pair
	 * comes within 0). A file that leaves pairs out proves that much less, and says so. About 8 bytes for a pair.
	 */
	int32_t within;
};

/* Takes the file bit by bit, in order; false ends it. */
typedef bool (*certificate_writer)(void *to, const char *bytes, size_t len);

/* False when the writer ended it. Scores every row once if the problem has score_row. */
bool certificate_write(const struct certificate *certificate, certificate_writer write,
		       void *to) must_check;
/* The pseudonym of a person: 32 hex digits. */
void certificate_pseudonym(const uint8_t salt[CERTIFICATE_SALT], const char *id,
			   char pseudonym[33]);

/*
 * Reading it back is tools/match-check/verify.h: verify_certificate(), which the service runs for
 * POST /v1/match-certificates/verify as the stand-alone checker does.
 */
