/*
 * Which passwords are too easily guessed. How many guesses one takes is what zxcvbn says of it (Wheeler, USENIX Security
 * 2016): words, names and passwords that many people have, keyboards, runs, dates and repetitions, disguised or not.
 */
#include <ctype.h>
#include <string.h>
#include <zxcvbn.h>

#include "password.h"
#include "text.h"

enum {
	LONG_ENOUGH = 15,
	SHORT_ENOUGH = 8,
	BITS_NEEDED = 36,
	BARE_BITS_NEEDED = 30, /* of its letters and digits alone */
	JUDGED_BYTES = 64,     /* the time that judging takes grows with the cube */
	OWN_WORD = 4,
};

/* What people who read other languages than English, or come here, think of first. */
static const char *const usual_words[] = {
	"mentor", "mentee",	"mentoring", "mentorship", "passwort",	 "kennwort",   "geheim",
	"hallo",  "willkommen", "sommer",    "fruehling",  "herbst",	 "schatz",     "motdepasse",
	"soleil", "bonjour",	"bienvenue", "amour",	   "contraseña", "contrasena", "bienvenido",
	"hola",	  "clave",	"teamo",     "verano",	   "invierno",	 "parola",     "senha",
	"haslo",  "wachtwoord", "letmein",   "changeme",   "ilove",
};

enum { USUAL_WORDS = sizeof usual_words / sizeof *usual_words };

/* The same however it is written. */
static char *folded(struct call *call, const char *text)
{
	char *fold = text_casefold(call->arena, text, strlen(text));

	return fold ? fold : arena_strdup(call->arena, text);
}

static char *local_part(struct call *call, const char *email)
{
	const char *at = strrchr(email, '@');

	return folded(call, arena_strndup(call->arena, email, at ? (size_t)(at - email) : 0));
}

/* Its letters and digits: blanks and signs between words are soon tried. */
static char *bare(struct call *call, const char *text)
{
	char *letters = arena_strdup(call->arena, text), *end = letters;

	for (; *text; text++)
		if (isalnum((unsigned char)*text) || *text & 0x80)
			*end++ = *text;
	*end = '\0';
	return letters;
}

static bool is_guessable(struct call *call, const char *password,
			 const struct password_context *context)
{
	const char *words[USUAL_WORDS + 3] = { folded(call, context->site),
					       local_part(call, context->email) };
	char *judged = folded(call, password);

	memcpy(words + 2, usual_words, sizeof usual_words);
	judged[strnlen(judged, JUDGED_BYTES)] = '\0';
	return ZxcvbnMatch(judged, words, NULL) < BITS_NEEDED ||
	       ZxcvbnMatch(bare(call, judged), words, NULL) < BARE_BITS_NEEDED;
}

static bool holds_address(struct call *call, const char *password, const char *email)
{
	const char *own = local_part(call, email);

	return text_code_points(own, strlen(own)) >= OWN_WORD &&
	       strstr(folded(call, password), own);
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
