/* Writes certificates; what their lines mean is said in tools/match-check/README.md. */
#include "certificate_own.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/rows.h"

static void flush(struct writing *writing)
{
	if (!writing->ended && writing->len)
		writing->ended = !writing->write(writing->to, writing->buffer, writing->len);
	crypto_hash_sha256_update(&writing->whole, (const uint8_t *)writing->buffer, writing->len);
	writing->len = 0;
}

static void start_line(struct writing *writing)
{
	writing->line = 0xcbf29ce484222325u;
}

void put(struct writing *writing, const char *format, ...)
{
	va_list args;
	char *bit = writing->buffer + writing->len;
	int len;

	va_start(args, format);
	len = vsnprintf(bit, LONGEST_BIT, format, args);
	va_end(args);
	for (int i = 0; i < len; i++)
		writing->line = (writing->line ^ (uint8_t)bit[i]) * 0x100000001b3u;
	writing->len += (size_t)len;
	if (writing->len > BUFFER - LONGEST_BIT)
		flush(writing);
}

void end_line(struct writing *writing)
{
	put(writing, " #%016" PRIx64 "\n", writing->line);
	start_line(writing);
}

static uint64_t mix(int32_t mentee, int32_t mentor, int32_t score)
{
	uint64_t z = ((uint64_t)mentee << 32) + ((uint64_t)mentor << 12) + (uint64_t)score;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void certificate_pseudonym(const uint8_t salt[CERTIFICATE_SALT], const char *id, char pseudonym[33])
{
	crypto_hash_sha256_state state;
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, salt, CERTIFICATE_SALT);
	crypto_hash_sha256_update(&state, (const uint8_t *)id, strlen(id));
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(pseudonym, 33, hash, 16);
}

void put_pseudonym(struct writing *writing, bool mentor, int32_t number)
{
	const struct certificate *certificate = writing->certificate;
	char pseudonym[33];

	certificate_pseudonym(certificate->salt,
			      certificate->id_of(certificate->context, mentor, number), pseudonym);
	put(writing, "%s %s", mentor ? "mentor" : "mentee", pseudonym);
}

int32_t stored_score(struct writing *writing, int32_t mentee, int32_t mentor)
{
	const struct match_problem *problem = writing->certificate->problem;

	if (problem->score_row) {
		problem->score_row(problem->context, (uint32_t)mentee, writing->rows.scores);
		return writing->rows.scores[mentor];
	}
	for (int64_t k = problem->row[mentee]; k < problem->row[mentee + 1]; k++)
		if (problem->column[k] == mentor)
			return problem->score[k];
	return -1;
}

static int32_t stay_bonus(const struct match_problem *problem)
{
	return problem->stay ? problem->stay_bonus : 0;
}

/* Whether the file holds a pair: the chosen one, and what comes near enough to contradicting. */
static bool is_listed(const struct certificate *certificate, int32_t mentee,
		      const struct row_pair *pair)
{
	const struct match_solution *solution = certificate->solution;
	int64_t slack;

	if (certificate->within == CERTIFICATE_EVERYTHING ||
	    certificate->stable ||
	    solution->partner[mentee] == pair->mentor)
		return true;
	if (pair->score < solution->floor)
		return false;
	slack = (int64_t)solution->surplus[mentee] +
		solution->price[pair->mentor] -
		solution->pair_bonus -
		pair->worth;
	return slack <= certificate->within;
}

void put_pair(struct writing *writing, int32_t mentee, int32_t mentor, int32_t score)
{
	put(writing, " %" PRId32 ":%" PRId32, mentor, score);
	writing->columns[mentor] += mix(mentee, mentor, score);
}

static void put_locked(struct writing *writing, int32_t mentee)
{
	int32_t score = stored_score(writing, mentee, writing->rows.lock[mentee]);

	put(writing, " %d", score >= 0);
	if (score >= 0)
		put_pair(writing, mentee, writing->rows.lock[mentee], score);
}

static void put_free(struct writing *writing, int32_t mentee)
{
	const struct certificate *certificate = writing->certificate;
	size_t n = 0;

	rows_take(&writing->rows, mentee);
	for (size_t k = 0; k < writing->rows.n; k++)
		n += is_listed(certificate, mentee, &writing->rows.pairs[k]);
	put(writing, " %zu", n);
	for (size_t k = 0; k < writing->rows.n; k++)
		if (is_listed(certificate, mentee, &writing->rows.pairs[k]))
			put_pair(writing, mentee, writing->rows.pairs[k].mentor,
				 writing->rows.pairs[k].score);
}

static void put_number_or_none(struct writing *writing, int32_t number)
{
	if (number == MATCH_NOBODY)
		put(writing, " -");
	else
		put(writing, " %" PRId32, number);
}

static void put_mentee(struct writing *writing, int32_t mentee)
{
	const struct certificate *certificate = writing->certificate;
	const struct match_problem *problem = certificate->problem;
	bool locked = writing->rows.lock[mentee] != MATCH_NOBODY;

	put_pseudonym(writing, false, mentee);
	put(writing, " %" PRId32,
	    certificate->stable || locked ? 0 : certificate->solution->surplus[mentee]);
	put_number_or_none(writing, certificate->solution->partner[mentee]);
	put(writing, locked ? " locked" : " free");
	put_number_or_none(writing, problem->stay ? problem->stay[mentee] : MATCH_NOBODY);
	if (locked)
		put_locked(writing, mentee);
	else
		put_free(writing, mentee);
	end_line(writing);
}

static int32_t price_of(const struct certificate *certificate, int32_t mentor)
{
	if (certificate->several)
		return certificate->chosen->price[mentor];
	return certificate->stable ? 0 : certificate->solution->price[mentor];
}

static void put_mentor(struct writing *writing, int32_t mentor)
{
	const struct certificate *certificate = writing->certificate;

	put_pseudonym(writing, true, mentor);
	put(writing, " %" PRId32 " %" PRId32, certificate->problem->capacity[mentor],
	    price_of(certificate, mentor));
	end_line(writing);
}

/* The figures of a stable matching, which no solver has added up. */
static void add_up(struct writing *writing)
{
	const struct certificate *certificate = writing->certificate;

	for (int32_t i = 0; i < certificate->problem->mentees; i++) {
		const struct row_pair *pair = NULL;
		int32_t partner = certificate->solution->partner[i], score;

		if (partner == MATCH_NOBODY)
			continue;
		writing->in_use[partner] = true;
		if (writing->rows.lock[i] != MATCH_NOBODY) {
			score = stored_score(writing, i, partner);
			writing->total += score > 0 ? score : 0;
			continue;
		}
		rows_take(&writing->rows, i);
		pair = rows_find(&writing->rows, partner);
		writing->total += pair ? pair->score : 0;
		writing->worth += pair ? pair->worth : 0;
	}
	for (int32_t j = 0; j < certificate->problem->mentors; j++)
		writing->used += writing->in_use[j];
}

static void put_claim(struct writing *writing)
{
	const struct certificate *certificate = writing->certificate;
	const struct match_solution *solution = certificate->solution;
	int32_t matched = 0;

	for (int32_t i = 0; i < certificate->problem->mentees; i++)
		matched += solution->partner[i] != MATCH_NOBODY;
	if (certificate->stable) {
		add_up(writing);
	} else {
		writing->total = solution->total;
		writing->worth = solution->worth;
		writing->used = solution->used;
	}
	put(writing, "claim %" PRId32 " %" PRId64 " %" PRId64 " %" PRId64, matched, writing->used,
	    writing->total, writing->worth);
	end_line(writing);
}

static void put_scores(struct writing *writing)
{
	const struct certificate *certificate = writing->certificate;
	int16_t least = certificate->problem->min_score > 0 ? certificate->problem->min_score : 0;
	bool whole = certificate->stable || certificate->several;
	int32_t floor = whole || certificate->solution->floor < least
				? least
				: certificate->solution->floor;

	put(writing, "scores %d %" PRId32, least, floor);
	if (certificate->within == CERTIFICATE_EVERYTHING || whole)
		put(writing, " all");
	else
		put(writing, " %" PRId32, certificate->within);
	end_line(writing);
}

static const char *objective_name(const struct certificate *certificate)
{
	static const char *const names[] = {
		[MATCH_MOST_THEN_TOTAL] = "most-then-total",
		[MATCH_TOTAL] = "total",
		[MATCH_ONE_BEFORE_TWO] = "one-before-two",
		[MATCH_WORST_THEN_TOTAL] = "worst-then-total",
	};

	if (certificate->several)
		return certificate->several->most_first ? "several-most-then-total"
							: "several-total";
	return certificate->stable ? "stable" : names[certificate->problem->objective];
}

static void put_bonuses(struct writing *writing)
{
	const struct certificate *certificate = writing->certificate;

	if (certificate->several)
		put(writing, "bonus %" PRId32 " 0 0", certificate->chosen->first_bonus);
	else if (certificate->stable)
		put(writing, "bonus 0 0 %d", stay_bonus(certificate->problem));
	else
		put(writing, "bonus %" PRId32 " %" PRId32 " %d", certificate->solution->pair_bonus,
		    certificate->solution->first_bonus, stay_bonus(certificate->problem));
	end_line(writing);
}

static void put_head(struct writing *writing)
{
	const struct certificate *certificate = writing->certificate;

	put(writing, "ithaca-match-certificate 1");
	end_line(writing);
	put(writing, "objective %s", objective_name(certificate));
	end_line(writing);
	put(writing, "snapshot %.64s", certificate->snapshot_hash);
	end_line(writing);
	put(writing, "seed %.64s", certificate->seed_commitment);
	end_line(writing);
	put(writing, "people %" PRId32 " %" PRId32, certificate->problem->mentees,
	    certificate->problem->mentors);
	end_line(writing);
	put_bonuses(writing);
	put_scores(writing);
	if (certificate->several)
		put_claim_of_several(writing);
	else
		put_claim(writing);
}

static void put_end(struct writing *writing)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof hash + 1];

	for (int32_t j = 0; j < writing->certificate->problem->mentors; j++)
		put(writing, "column %016" PRIx64 "\n", writing->columns[j]);
	flush(writing);
	crypto_hash_sha256_final(&writing->whole, hash);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	put(writing, "end %s\n", hex);
	flush(writing);
}

static void put_all(struct writing *writing)
{
	const struct match_problem *problem = writing->certificate->problem;

	crypto_hash_sha256_init(&writing->whole);
	start_line(writing);
	put_head(writing);
	for (int32_t j = 0; j < problem->mentors; j++)
		put_mentor(writing, j);
	for (int32_t i = 0; i < problem->mentees && !writing->ended; i++) {
		if (writing->certificate->several)
			put_mentee_of_several(writing, i);
		else
			put_mentee(writing, i);
	}
	put_end(writing);
}

bool certificate_write(const struct certificate *certificate, certificate_writer write, void *to)
{
	struct writing *writing = calloc(1, sizeof *writing);
	const struct match_problem *pairs =
		certificate->several ? &certificate->several->pairs : certificate->problem;
	struct match_failure failure;
	bool written = false;

	if (!writing)
		return false;
	writing->certificate = certificate;
	writing->write = write;
	writing->to = to;
	if (rows_open(&writing->rows, pairs, &failure)) {
		writing->columns =
			calloc((size_t)certificate->problem->mentors + 1, sizeof *writing->columns);
		writing->in_use =
			calloc((size_t)certificate->problem->mentors + 1, sizeof *writing->in_use);
		if (writing->columns && writing->in_use)
			put_all(writing);
		written = writing->columns && writing->in_use && !writing->ended;
		rows_close(&writing->rows);
	}
	free(writing->columns);
	free(writing->in_use);
	free(writing);
	return written;
}
