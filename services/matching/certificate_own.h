/* How a certificate is being written: the line at hand, its digest, and what the whole adds up to. */
#pragma once

#include <sodium.h>

#include "certificate.h"
#include "solver/rows.h"

enum { BUFFER = 1 << 16, LONGEST_BIT = 128 };

struct writing {
	const struct certificate *certificate;
	certificate_writer write;
	void *to;
	struct rows rows;
	uint64_t *columns; /* [mentors] */
	int64_t total, worth, used;
	bool *in_use; /* [mentors] */
	crypto_hash_sha256_state whole;
	uint64_t line; /* digest of the line so far */
	char buffer[BUFFER];
	size_t len;
	bool ended; /* by the writer */
};

__attribute__((format(printf, 2, 3))) void put(struct writing *writing, const char *format, ...);
void end_line(struct writing *writing);
void put_pseudonym(struct writing *writing, bool mentor, int32_t number);
/* As the problem has it, forbidden or locked as well; -1: it has none. */
int32_t stored_score(struct writing *writing, int32_t mentee, int32_t mentor);
void put_pair(struct writing *writing, int32_t mentee, int32_t mentor, int32_t score);

/* certificate_several.c */
void put_claim_of_several(struct writing *writing);
void put_mentee_of_several(struct writing *writing, int32_t mentee);
