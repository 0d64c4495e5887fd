/* Reads a certificate line by line; what the lines are is said in README.md. */
#include "own.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PEOPLE = 1 << 20, LEAST_LINE = 20 };

/* Words of a line. */

static bool next_word(struct file *file, const char **word, size_t *len)
{
	const char *space;

	if (file->torn || file->word > file->line_end) {
		file->torn = true;
		return false;
	}
	space = memchr(file->word, ' ', (size_t)(file->line_end - file->word));
	*word = file->word;
	*len = (size_t)((space ? space : file->line_end) - file->word);
	file->word += *len + 1;
	return true;
}

static bool word_is(struct file *file, const char *expected)
{
	const char *word;
	size_t len;

	return next_word(file, &word, &len) &&
	       len == strlen(expected) &&
	       memcmp(word, expected, len) == 0;
}

static void expect(struct file *file, const char *expected)
{
	file->torn |= !word_is(file, expected);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Without a leading zero or sign but -; up to 18 digits. */
static bool to_number(const char *word, size_t len, int64_t *number)
{
	size_t sign = len > 0 && word[0] == '-';

	*number = 0;
	if (len == sign || len - sign > 18 || (word[sign] == '0' && len > 1))
		return false;
	for (size_t i = sign; i < len; i++) {
		if (!is_digit(word[i]))
			return false;
		*number = *number * 10 + (word[i] - '0');
	}
	if (sign)
		*number = -*number;
	return true;
}

static int64_t number_in(struct file *file, int64_t low, int64_t high)
{
	const char *word;
	size_t len;
	int64_t number = 0;

	if (next_word(file, &word, &len) &&
	    to_number(word, len, &number) &&
	    number >= low &&
	    number <= high)
		return number;
	file->torn = true;
	return low;
}

/* A mentor's number, or - for none. */
static int32_t mentor_or_none(struct file *file)
{
	const char *start = file->word;

	if (!file->torn && file->line_end - start > 0 && start[0] == '-') {
		expect(file, "-");
		return -1;
	}
	return (int32_t)number_in(file, 0, file->verdict.mentors - 1);
}

static void hex_word(struct file *file, size_t digits)
{
	const char *word;
	size_t len;

	if (!next_word(file, &word, &len) || len != digits)
		file->torn = true;
	for (size_t i = 0; !file->torn && i < len; i++)
		if (!is_digit(word[i]) && !(word[i] >= 'a' && word[i] <= 'f'))
			file->torn = true;
}

static bool line_done(const struct file *file)
{
	return !file->torn && file->word == file->line_end + 1;
}

/* Digests. */

static uint64_t fnv(const char *bytes, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3u;
	return hash;
}

static bool hex_is(const char *hex, uint64_t value)
{
	for (int i = 0; i < 16; i++)
		if (hex[i] != "0123456789abcdef"[value >> (60 - 4 * i) & 15])
			return false;
	return true;
}

static uint64_t mix(int64_t mentee, int64_t mentor, int64_t score)
{
	uint64_t z = ((uint64_t)mentee << 32) + ((uint64_t)mentor << 12) + (uint64_t)score;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* The next line; *fits when its digest does. False at the end, or when it has no digest where one is due. */
static bool next_line(struct file *file, bool digest, bool *fits)
{
	const char *feed = memchr(file->at, '\n', (size_t)(file->end - file->at));

	file->verdict.line++;
	if (!feed || (digest && (feed - file->at < 19 || memcmp(feed - 18, " #", 2) != 0)))
		return refuse(file, "a line is cut off", -1, -1);
	file->word = file->at;
	file->line_end = digest ? feed - 18 : feed;
	file->torn = false;
	*fits = !digest ||
		hex_is(feed - 16, fnv(file->word, (size_t)(file->line_end - file->word)));
	file->at = feed + 1;
	return true;
}

static bool next_header_line(struct file *file, const char *name)
{
	bool fits;

	if (!next_line(file, true, &fits))
		return false;
	if (!fits)
		return refuse(file, "a line does not fit its digest", -1, -1);
	expect(file, name);
	return true;
}

static bool end_line(struct file *file, int32_t mentee, int32_t mentor)
{
	return line_done(file) || refuse(file, "a line is not as it should be", mentee, mentor);
}

/* The parts of the file. */

static bool read_objective(struct file *file)
{
	static const char *const names[OBJECTIVES] = {
		"total",  "most-then-total", "one-before-two",	       "worst-then-total",
		"stable", "several-total",   "several-most-then-total"
	};
	const char *word;
	size_t len;

	if (!next_header_line(file, "objective") || !next_word(file, &word, &len))
		return refuse(file, "a line is not as it should be", -1, -1);
	for (int i = 0; i < OBJECTIVES; i++)
		if (len == strlen(names[i]) && memcmp(word, names[i], len) == 0) {
			file->objective = (enum objective)i;
			return end_line(file, -1, -1);
		}
	return refuse(file, "an unknown objective", -1, -1);
}

static bool read_hash(struct file *file, const char *name)
{
	if (!next_header_line(file, name))
		return false;
	hex_word(file, 64);
	return end_line(file, -1, -1);
}

static bool read_people(struct file *file)
{
	if (!next_header_line(file, "people"))
		return false;
	file->verdict.mentees = (int32_t)number_in(file, 0, MOST_PEOPLE);
	file->verdict.mentors = (int32_t)number_in(file, 0, MOST_PEOPLE);
	if (!end_line(file, -1, -1))
		return false;
	if (file->verdict.mentees + file->verdict.mentors > (file->end - file->start) / LEAST_LINE)
		return refuse(file, "people are missing", -1, -1);
	file->mentees = calloc((size_t)file->verdict.mentees + 1, sizeof *file->mentees);
	file->mentors = calloc((size_t)file->verdict.mentors + 1, sizeof *file->mentors);
	return (file->mentees && file->mentors) || refuse(file, "not enough memory", -1, -1);
}

static bool read_scores(struct file *file)
{
	if (!next_header_line(file, "scores"))
		return false;
	file->min_score = number_in(file, 0, 4095);
	file->floor = number_in(file, file->min_score, 4095);
	file->verdict.everything =
		file->line_end - file->word == 3 && memcmp(file->word, "all", 3) == 0;
	if (file->verdict.everything)
		expect(file, "all");
	else
		number_in(file, 0, INT32_MAX);
	if (file->floor != file->min_score && file->objective != WORST_THEN_TOTAL)
		return refuse(file, "a floor without that objective", -1, -1);
	return end_line(file, -1, -1);
}

static bool read_head(struct file *file)
{
	if (!next_header_line(file, "ithaca-match-certificate"))
		return false;
	expect(file, "1");
	if (!end_line(file, -1, -1) ||
	    !read_objective(file) ||
	    !read_hash(file, "snapshot") ||
	    !read_hash(file, "seed") ||
	    !read_people(file) ||
	    !next_header_line(file, "bonus"))
		return false;
	file->pair_bonus = number_in(file, 0, INT32_MAX);
	file->first_bonus = number_in(file, 0, INT32_MAX);
	file->stay_bonus = number_in(file, 0, 4095);
	if (!end_line(file, -1, -1) || !read_scores(file) || !next_header_line(file, "claim"))
		return false;
	file->matched = number_in(file, 0, MOST_PEOPLE);
	file->used = number_in(file, 0, MOST_PEOPLE);
	file->total = number_in(file, 0, INT64_MAX / 4);
	file->worth = number_in(file, 0, INT64_MAX / 4);
	return end_line(file, -1, -1);
}

static bool read_mentor(struct file *file, int32_t number)
{
	struct mentor *mentor = &file->mentors[number];
	bool fits;

	if (!next_line(file, true, &fits))
		return false;
	if (!fits)
		return refuse(file, "a mentor's line does not fit its digest", -1, number);
	expect(file, "mentor");
	hex_word(file, 32);
	mentor->places = number_in(file, 0, INT32_MAX);
	mentor->price = number_in(file, INT32_MIN, INT32_MAX);
	return end_line(file, -1, number);
}

static bool add_pair(struct file *file, int32_t mentor, int32_t score)
{
	if (file->n_pairs == file->pairs_room) {
		size_t room = file->pairs_room ? file->pairs_room * 2 : 1024;
		struct pair *pairs = realloc(file->pairs, room * sizeof *pairs);

		if (!pairs)
			return refuse(file, "not enough memory", -1, -1);
		file->pairs = pairs;
		file->pairs_room = room;
	}
	file->pairs[file->n_pairs++] = (struct pair) { mentor, score };
	return true;
}

/* mentor:score, of mentors in ascending order. */
static bool read_pair(struct file *file, int32_t after, struct pair *pair)
{
	const char *word, *colon;
	size_t len;
	int64_t mentor, score;

	if (!next_word(file, &word, &len))
		return false;
	colon = memchr(word, ':', len);
	if (!colon ||
	    !to_number(word, (size_t)(colon - word), &mentor) ||
	    !to_number(colon + 1, len - (size_t)(colon - word) - 1, &score) ||
	    mentor <= after ||
	    mentor >= file->verdict.mentors ||
	    score < 0 ||
	    score > 4095)
		return false;
	*pair = (struct pair) { (int32_t)mentor, (int32_t)score };
	return true;
}

/* How many, and then each; from *first on. */
static bool read_pairs(struct file *file, int32_t number, size_t *first, size_t *n)
{
	struct pair pair = { -1, 0 };

	*first = file->n_pairs;
	*n = (size_t)number_in(file, 0, file->verdict.mentors);
	for (size_t k = 0; k < *n; k++) {
		if (!read_pair(file, pair.mentor, &pair))
			return refuse(file, "a pair is not as it should be", number, pair.mentor);
		if (!add_pair(file, pair.mentor, pair.score))
			return false;
		file->mentors[pair.mentor].column += mix(number, pair.mentor, pair.score);
	}
	return true;
}

/* How many, and then each mentor's number, ascending. */
static bool read_chosen(struct file *file, struct mentee *mentee)
{
	int64_t mentor = -1;

	mentee->first_chosen = file->n_pairs;
	mentee->n_chosen = (size_t)number_in(file, 0, file->verdict.mentors);
	for (size_t k = 0; k < mentee->n_chosen && !file->torn; k++) {
		mentor = number_in(file, mentor + 1, file->verdict.mentors - 1);
		if (!file->torn && !add_pair(file, (int32_t)mentor, 0))
			return false;
	}
	return true;
}

static bool read_several(struct file *file, int32_t number)
{
	struct mentee *mentee = &file->mentees[number];

	mentee->surplus = number_in(file, INT32_MIN, INT32_MAX);
	mentee->wanted = number_in(file, 0, MOST_PEOPLE);
	return read_chosen(file, mentee) &&
	       read_pairs(file, number, &mentee->first_locked, &mentee->n_locked) &&
	       read_pairs(file, number, &mentee->first, &mentee->n) &&
	       end_line(file, number, -1);
}

static bool read_mentee(struct file *file, int32_t number)
{
	struct mentee *mentee = &file->mentees[number];
	bool fits;

	if (!next_line(file, true, &fits))
		return false;
	if (!fits && file->changed < 0) {
		file->changed = number;
		file->changed_line = file->verdict.line;
	}
	expect(file, "mentee");
	hex_word(file, 32);
	if (is_of_several(file))
		return read_several(file, number);
	mentee->surplus = number_in(file, 0, INT32_MAX);
	mentee->partner = mentor_or_none(file);
	mentee->locked = !file->torn &&
			 file->line_end - file->word > 6 &&
			 memcmp(file->word, "locked", 6) == 0;
	expect(file, mentee->locked ? "locked" : "free");
	mentee->stay = mentor_or_none(file);
	return read_pairs(file, number, &mentee->first, &mentee->n) && end_line(file, number, -1);
}

/* The first mentor whose sum of pairs is not the one written down, or -1; -2 when they cannot be read. */
static int32_t read_columns(struct file *file)
{
	int32_t wrong = -1;
	bool fits;

	for (int32_t j = 0; j < file->verdict.mentors; j++) {
		if (!next_line(file, false, &fits))
			return -2;
		expect(file, "column");
		if (file->torn || file->line_end - file->word != 16)
			return -2;
		if (wrong < 0 && !hex_is(file->word, file->mentors[j].column))
			wrong = j;
	}
	return wrong;
}

static bool read_end(struct file *file)
{
	const char *start = file->at;
	uint8_t hash[crypto_hash_sha256_BYTES];
	bool fits;

	if (!next_line(file, false, &fits))
		return false;
	crypto_hash_sha256(hash, (const uint8_t *)file->start, (size_t)(start - file->start));
	sodium_bin2hex(file->verdict.digest, sizeof file->verdict.digest, hash, sizeof hash);
	expect(file, "end");
	expect(file, file->verdict.digest);
	if (!line_done(file) || file->at != file->end)
		return refuse(file, "the whole does not fit its digest", -1, -1);
	return true;
}

bool read_certificate(struct file *file)
{
	bool read = read_head(file);
	int32_t column = -1;

	for (int32_t j = 0; read && j < file->verdict.mentors; j++)
		read = read_mentor(file, j);
	for (int32_t i = 0; read && i < file->verdict.mentees; i++)
		read = read_mentee(file, i);
	if (read)
		column = read_columns(file);
	if (file->changed >= 0) {
		file->verdict.reason = NULL;
		file->verdict.line = file->changed_line;
		return refuse(file, "a mentee's line does not fit its digest", file->changed,
			      column >= 0 ? column : -1);
	}
	if (read && column != -1)
		return refuse(file, "a mentor's pairs do not fit their digest", -1,
			      column >= 0 ? column : -1);
	return read && read_end(file);
}
