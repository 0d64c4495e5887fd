/* The words of a delivery, filled in. */
#include "composing.h"

#include <string.h>

#include "letter.h"
#include "tongue.h"

struct words letter_words(const struct sending *sending)
{
	return (struct words) {
		.arena = sending->ask->arena,
		.locale = sending->wording.locale,
		.zone = sending->zone,
		.n_variables = sending->wording.n_variables,
		.variables = sending->wording.variables,
	};
}

const char *letter_path(const struct sending *sending)
{
	const char *const parts[][2] = {
		{ "id", sending->parcel.subject_id },
		{ "program_id", sending->program_id },
		{ "mentorship_id", sending->mentorship_id },
		{ "token", sending->token },
	};
	enum { PARTS = sizeof parts / sizeof *parts };
	Variable variable[PARTS], *variables[PARTS];
	struct words words = { .arena = sending->ask->arena,
			       .locale = "en",
			       .zone = "UTC",
			       .n_variables = PARTS,
			       .variables = variables };

	for (size_t i = 0; i < PARTS; i++) {
		variables[i] = &variable[i];
		variable__init(&variable[i]);
		variable[i].name = arena_strdup(words.arena, parts[i][0]);
		variable[i].value = arena_strdup(words.arena, parts[i][1] ? parts[i][1] : "");
	}
	return words_fill_path(&words, sending->parcel.path);
}

/* What a digest tells follows its words. */
static const char *letter_body(const struct sending *sending, const struct words *words)
{
	const char *body = words_fill(words, sending->wording.body);

	return body && *sending->parcel.lines
		       ? arena_printf(words->arena, "%s\n\n%s", body, sending->parcel.lines)
		       : body;
}

bool letter_compose(const struct sending *sending, const char *token, struct mail *mail)
{
	const char *public_url = setting(sending->call, "ITHACA_PUBLIC_URL");
	struct arena *arena = sending->ask->arena;
	struct words words = letter_words(sending);
	struct buf text = { 0 }, html = { 0 };
	struct letter letter = {
		.locale = words.locale,
		.greeting = words_fill(&words, tongue_phrase(words.locale, PHRASE_HELLO)),
		.body = letter_body(sending, &words),
		.action = words_fill(&words, sending->wording.action),
		.link = arena_printf(arena, "%s%s", public_url, letter_path(sending)),
		.why = words_fill(&words, tongue_phrase(words.locale, PHRASE_WHY)),
		.unsubscribe = tongue_phrase(words.locale, PHRASE_UNSUBSCRIBE),
		.unsubscribe_link =
			token ? arena_printf(arena, "%s/unsubscribe#token=%s", public_url, token)
			      : NULL,
	};

	mail->subject = words_fill(&words, sending->wording.title);
	if (!letter.body || !letter.action || !mail->subject)
		return false;
	letter_text(&text, &letter);
	letter_html(&html, &letter);
	mail->text = arena_strdup(arena, buf_text(&text));
	mail->html = arena_strdup(arena, buf_text(&html));
	mail->unsubscribe_url =
		token ? arena_printf(arena, "%s/v1/unsubscribe/%s", public_url, token) : NULL;
	buf_free(&text);
	buf_free(&html);
	return true;
}
