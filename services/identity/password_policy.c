/*
 * Which passwords are too easily guessed. A password is explained away piece by piece: by words
 * that are common in passwords (a list of our own, not taken from a published one), by the site's
 * name, by digits and signs, by runs of one character, of the alphabet and of the keyboard. What
 * stays unexplained is what a guesser has to find out.
 */
#include <string.h>
#include <utf8proc.h>

#include "password.h"
#include "text.h"

enum {
	LONG_ENOUGH = 15,
	SHORT_ENOUGH = 8,
	UNEXPLAINED_NEEDED = 4,
	DISTINCT_NEEDED = 5,
	SHORTEST_RUN = 3,
	OWN_WORD = 4
};

static const char *const common_words[] = {
	"password",   "passwort",
	"passwd",     "pass",
	"motdepasse", "contrasena",
	"contraseña", "senha",
	"parola",     "haslo",
	"wachtwoord", "letmein",
	"iloveyou",   "ilove",
	"loveyou",    "love",
	"welcome",    "willkommen",
	"bienvenue",  "bienvenido",
	"admin",      "administrator",
	"login",      "logon",
	"master",     "root",
	"user",	      "guest",
	"default",    "changeme",
	"change",     "secret",
	"geheim",     "test",
	"testing",    "temp",
	"temporary",  "example",
	"demo",	      "hello",
	"hallo",      "bonjour",
	"access",     "trustno",
	"trust",      "whatever",
	"nothing",    "please",
	"mypassword", "mypass",
	"this",	      "dragon",
	"monkey",     "tiger",
	"eagle",      "shadow",
	"sunshine",   "princess",
	"angel",      "football",
	"baseball",   "basketball",
	"soccer",     "hockey",
	"liverpool",  "chelsea",
	"arsenal",    "barcelona",
	"superman",   "batman",
	"spiderman",  "starwars",
	"pokemon",    "naruto",
	"minecraft",  "matrix",
	"computer",   "internet",
	"server",     "network",
	"company",    "office",
	"windows",    "google",
	"facebook",   "michael",
	"jennifer",   "jessica",
	"charlie",    "thomas",
	"daniel",     "andrew",
	"summer",     "winter",
	"spring",     "autumn",
	"sommer",     "january",
	"february",   "march",
	"april",      "june",
	"july",	      "august",
	"september",  "october",
	"november",   "december",
	"monday",     "tuesday",
	"wednesday",  "thursday",
	"friday",     "saturday",
	"sunday",     "flower",
	"freedom",    "forever",
	"family",     "friends",
	"money",      "lovely",
	"sweet",      "baby",
	"honey",      "cookie",
	"cheese",     "chocolate",
	"banana",     "orange",
	"apple",      "silver",
	"golden",     "diamond",
	"mustang",    "ferrari",
	"mercedes",   "porsche",
	"mentor",     "mentee",
	"mentoring",  "mentorship",
	"program",    "account",
	"private",    "security",
	"secure",     "number",
	"one",	      "two",
	"three",      "four",
	"five",	      "six",
	"seven",      "eight",
	"nine",	      "ten",
	"abc",	      "xyz",
	"asdf",	      "yxcv",
	"the",	      "and",
	"you",	      "my",
	"is",
};

static const char *const keyboard_rows[] = { "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl",
					     "zxcvbnm",	   "yxcvbnm",	 "1234567890" };

/* A text as code points, folded. */
struct points {
	utf8proc_int32_t *at;
	size_t count;
};

static void read_points(struct call *call, const char *text, struct points *points)
{
	const char *folded = text_casefold(call->arena, text, strlen(text));
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)(folded ? folded : text);
	utf8proc_ssize_t step;

	points->at = arena_alloc(call->arena, (strlen((const char *)at) + 1) * sizeof *points->at);
	points->count = 0;
	while (*at && (step = utf8proc_iterate(at, -1, &points->at[points->count])) > 0) {
		points->count++;
		at += step;
	}
}

static utf8proc_int32_t plain(utf8proc_int32_t point)
{
	static const char disguised[] = "0134578@$!", meant[] = "oieastbasi";
	const char *found = point > 0 && point < 128 ? strchr(disguised, (int)point) : NULL;

	return found ? meant[found - disguised] : point;
}

static size_t match_word(const struct points *points, size_t from, const struct points *word)
{
	if (!word->count || word->count > points->count - from)
		return 0;
	for (size_t i = 0; i < word->count; i++)
		if (points->at[from + i] != word->at[i] &&
		    plain(points->at[from + i]) != word->at[i])
			return 0;
	return word->count;
}

static size_t longest_word(const struct points *points, size_t from, const struct points *words,
			   size_t count)
{
	size_t longest = 0;

	for (size_t i = 0; i < count; i++) {
		size_t len = match_word(points, from, &words[i]);

		if (len > longest)
			longest = len;
	}
	return longest;
}

/* How far the same step leads on: one character repeated, or the alphabet up or down. */
static size_t run_length(const struct points *points, size_t from)
{
	size_t len = 1;
	utf8proc_int32_t step;

	if (from + 1 >= points->count)
		return 0;
	step = points->at[from + 1] - points->at[from];
	if (step < -1 || step > 1)
		return 0;
	while (from + len < points->count &&
	       points->at[from + len] - points->at[from + len - 1] == step)
		len++;
	return len >= SHORTEST_RUN ? len : 0;
}

static size_t row_length(const struct points *points, size_t from, const char *row, int step)
{
	size_t best = 0, row_len = strlen(row);

	for (size_t start = 0; start < row_len; start++) {
		size_t len = 0;
		long at = (long)start;

		while (from + len < points->count &&
		       at >= 0 &&
		       at < (long)row_len &&
		       points->at[from + len] == row[at]) {
			at += step;
			len++;
		}
		if (len > best)
			best = len;
	}
	return best >= SHORTEST_RUN ? best : 0;
}

static size_t keyboard_length(const struct points *points, size_t from)
{
	size_t best = 0;

	for (size_t i = 0; i < sizeof keyboard_rows / sizeof *keyboard_rows; i++)
		for (int step = -1; step <= 1; step += 2) {
			size_t len = row_length(points, from, keyboard_rows[i], step);

			if (len > best)
				best = len;
		}
	return best;
}

static bool is_filler(utf8proc_int32_t point)
{
	return point < 128 && !(point >= 'a' && point <= 'z');
}

static size_t explained(const struct points *points, size_t from, const struct points *words,
			size_t count)
{
	size_t lengths[] = { longest_word(points, from, words, count), run_length(points, from),
			     keyboard_length(points, from), is_filler(points->at[from]) };
	size_t best = 0;

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		if (lengths[i] > best)
			best = lengths[i];
	return best;
}

static size_t unexplained(const struct points *points, const struct points *words, size_t count)
{
	size_t left = 0;

	for (size_t at = 0; at < points->count;) {
		size_t len = explained(points, at, words, count);

		left += !len;
		at += len ? len : 1;
	}
	return left;
}

static size_t distinct(const struct points *points)
{
	size_t count = 0;

	for (size_t i = 0; i < points->count; i++) {
		size_t k = 0;

		while (k < i && points->at[k] != points->at[i])
			k++;
		count += k == i;
	}
	return count;
}

/* Whether it is one piece of at most half its length, again and again. */
static bool repeats(const struct points *points)
{
	for (size_t period = 1; period <= points->count / 2; period++) {
		size_t i = period;

		while (i < points->count && points->at[i] == points->at[i - period])
			i++;
		if (i == points->count)
			return true;
	}
	return false;
}

static bool contains(const struct points *points, const struct points *word)
{
	for (size_t i = 0; i < points->count; i++)
		if (match_word(points, i, word))
			return true;
	return false;
}

static struct points *known_words(struct call *call, const struct password_context *context,
				  size_t *count)
{
	size_t common = sizeof common_words / sizeof *common_words;
	struct points *words = arena_alloc(call->arena, (common + 1) * sizeof *words);

	for (size_t i = 0; i < common; i++)
		read_points(call, common_words[i], &words[i]);
	read_points(call, context->site, &words[common]);
	*count = common + 1;
	return words;
}

static bool is_guessable(struct call *call, const char *password,
			 const struct password_context *context)
{
	struct points points;
	size_t count;
	struct points *words = known_words(call, context, &count);

	read_points(call, password, &points);
	return distinct(&points) < DISTINCT_NEEDED ||
	       repeats(&points) ||
	       unexplained(&points, words, count) < UNEXPLAINED_NEEDED;
}

static bool holds_address(struct call *call, const char *password, const char *email)
{
	const char *at = strrchr(email, '@');
	struct points points, own;

	read_points(call, password, &points);
	read_points(call, arena_strndup(call->arena, email, at ? (size_t)(at - email) : 0), &own);
	return own.count >= OWN_WORD && contains(&points, &own);
}

bool password_is_short(const char *password)
{
	return text_code_points(password, strlen(password)) < LONG_ENOUGH;
}

bool password_judge(struct call *call, const char *password, const struct password_context *context)
{
	unsigned needed = context->second_factor ? SHORT_ENOUGH : LONG_ENOUGH;

	if (text_code_points(password, strlen(password)) < needed)
		return reject(call, INVALID_ARGUMENT, "PASSWORD_TOO_SHORT",
			      "A password needs %u characters at least.", needed);
	if (holds_address(call, password, context->email))
		return reject(call, INVALID_ARGUMENT, "PASSWORD_HOLDS_ADDRESS",
			      "The password must not hold your e-mail address.");
	if (is_guessable(call, password, context))
		return reject(call, INVALID_ARGUMENT, "PASSWORD_TOO_COMMON",
			      "This password is too easily guessed. Take several words that nobody "
			      "would expect together.");

	return true;
}
