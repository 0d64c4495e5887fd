/*
 * Any bytes as a certificate of a matching: read without a fault, whatever they are. So that the arithmetic is reached, a
 * small problem made of the bytes is also written as a certificate, with digests that fit, and read back.
 */
#include <stdlib.h>
#include <string.h>

#include "services/matching/certificate.h"
#include "tools/match-check/verify.h"

enum { MENTEES = 4, MENTORS = 3, PAIRS = MENTEES * MENTORS, MOST_BYTES = 1 << 14 };

struct text {
	char bytes[MOST_BYTES];
	size_t len;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool keep(void *to, const char *bytes, size_t len)
{
	struct text *text = to;

	if (text->len + len > MOST_BYTES)
		return false;
	memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
	return true;
}

static const char *id_of(void *context, bool mentor, int32_t number)
{
	(void)context;
	return mentor ? "mentor" : number ? "a mentee" : "another";
}

static int32_t number_at(const uint8_t *data, size_t at)
{
	return (int8_t)data[at];
}

static void read_back(const struct certificate *certificate)
{
	struct text text = { .len = 0 };

	if (certificate_write(certificate, keep, &text))
		verify_certificate(text.bytes, text.len);
}

/* The same people and pairs, with two mentors each at most. */
static void of_several(struct certificate *certificate, const uint8_t *data)
{
	int32_t wanted[MENTEES], mentor[2 * MENTEES];
	bool served[MENTEES];
	int64_t row[MENTEES + 1] = { 0 };
	const struct several_problem several = { *certificate->problem, wanted, served,
						 data[4] % 2 };
	const struct several_solution chosen = {
		row,	     mentor, certificate->solution->surplus, certificate->solution->price,
		data[7] * 8, data[9]
	};

	for (int i = 0; i < MENTEES; i++) {
		row[i + 1] = row[i];
		wanted[i] = data[14 + i] / 8 % 4;
		served[i] = data[22 + i] / 8 % 2;
		for (int j = 0; j < MENTORS && row[i + 1] < row[i] + 2; j++)
			if (data[26 + i * MENTORS + j] >> 7)
				mentor[row[i + 1]++] = j;
	}
	certificate->several = &several;
	certificate->chosen = &chosen;
	read_back(certificate);
}

static void write_and_read(const uint8_t *data)
{
	int32_t capacity[MENTORS], column[PAIRS], partner[MENTEES], surplus[MENTEES],
		price[MENTORS], stay[MENTEES];
	int64_t row[MENTEES + 1] = { 0 };
	int16_t score[PAIRS];
	const struct match_pair lock = { data[0] % MENTEES, data[1] % MENTORS };
	struct match_problem problem = { .mentees = MENTEES,
					 .mentors = MENTORS,
					 .capacity = capacity,
					 .row = row,
					 .column = column,
					 .score = score,
					 .stay = stay,
					 .stay_bonus = data[2] % 8,
					 .locks = &lock,
					 .n_locks = data[3] % 2,
					 .objective = (enum match_objective)(data[4] % 4),
					 .min_score = data[5] % 4 };
	struct match_solution solution = { .partner = partner,
					   .surplus = surplus,
					   .price = price,
					   .pair_bonus = data[6] * 8,
					   .first_bonus = data[7] * 8,
					   .floor = data[8] % 8,
					   .total = data[9],
					   .worth = data[10],
					   .used = data[11] % 4 };
	struct certificate certificate = { .stable = data[12] % 2,
					   .problem = &problem,
					   .solution = &solution,
					   .id_of = id_of,
					   .seed_commitment = "",
					   .snapshot_hash = "",
					   .within = data[13] % 4 - 1 };

	for (int i = 0; i < MENTEES; i++) {
		partner[i] = data[14 + i] % (MENTORS + 1) - 1;
		surplus[i] = number_at(data, 18 + (size_t)i);
		stay[i] = data[22 + i] % (MENTORS + 1) - 1;
		for (int j = 0; j < MENTORS; j++) {
			column[i * MENTORS + j] = j;
			score[i * MENTORS + j] = (int16_t)(data[26 + i * MENTORS + j] % 16);
		}
		row[i + 1] = (i + 1) * MENTORS;
	}
	for (int j = 0; j < MENTORS; j++) {
		capacity[j] = data[38 + j] % 4;
		price[j] = number_at(data, 41 + (size_t)j);
	}
	read_back(&certificate);
	of_several(&certificate, data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size ? size : 1);

	memcpy(bytes, data, size);
	verify_certificate(bytes, size);
	free(bytes);
	if (size >= 44)
		write_and_read(data);
	return 0;
}
