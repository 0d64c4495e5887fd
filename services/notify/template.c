/* Words that administrators write: whether they can be filled in, and how a mail of them looks. */
#include <string.h>

#include "letter.h"
#include "notify/notify.h"
#include "tongue.h"
#include "words.h"

enum { MOST_VARIABLES = 32 };

static bool must_fill(struct call *call, const char *pointer, const char *text)
{
	struct words words = { .arena = call->arena, .locale = "en", .zone = "UTC" };

	return words_fill(&words, text) ||
	       reject_field(call, INVALID_ARGUMENT, pointer, "TEMPLATE_MALFORMED",
			    "The braces do not match, or a form has no \"other\".");
}

bool put_template(struct call *call, const PutTemplateRequest *req, Template *template)
{
	TemplateRequest which = TEMPLATE_REQUEST__INIT;

	return must_fill(call, "/title", req->title) &&
	       must_fill(call, "/body", req->body) &&
	       must_fill(call, "/action", req->action) &&
	       set_draft(call, req, &which) &&
	       get_template(call, &which, template);
}

/* The sample, or the name in pointed brackets. */
static char *sample_of(struct call *call, const PreviewTemplateRequest *req, const char *name)
{
	for (size_t i = 0; i < req->n_samples; i++)
		if (!strcmp(req->samples[i]->name, name))
			return req->samples[i]->value;
	return arena_printf(call->arena, "\u2039%s\u203a", name);
}

static bool knows(const TemplateWords *kind, const char *name)
{
	for (size_t i = 0; i < kind->n_variables; i++)
		if (!strcmp(kind->variables[i], name))
			return true;
	return false;
}

static bool read_samples(struct call *call, const PreviewTemplateRequest *req,
			 const TemplateWords *kind, struct words *words)
{
	for (size_t i = 0; i < req->n_samples; i++)
		if (!knows(kind, req->samples[i]->name))
			return reject(call, INVALID_ARGUMENT, "UNKNOWN_VARIABLE",
				      "There is no {%s} in %s.", req->samples[i]->name, req->kind);
	for (size_t i = 0; i < kind->n_variables && i < MOST_VARIABLES; i++) {
		Variable *variable = arena_alloc(call->arena, sizeof *variable);

		variable__init(variable);
		variable->name = kind->variables[i];
		variable->value = sample_of(call, req, kind->variables[i]);
		words->variables[words->n_variables++] = variable;
	}
	return true;
}

static bool lay_out(struct call *call, const struct words *words, const TemplateWords *kind,
		    TemplatePreview *preview)
{
	const char *public_url = setting(call, "ITHACA_PUBLIC_URL");
	struct buf text = { 0 }, html = { 0 };
	struct letter letter = {
		.locale = words->locale,
		.greeting = words_fill(words, tongue_phrase(words->locale, PHRASE_HELLO)),
		.body = words_fill(words, kind->body),
		.action = words_fill(words, kind->action),
		.link = arena_printf(call->arena, "%s%s", public_url,
				     words_fill_path(words, kind->path)),
		.why = words_fill(words, tongue_phrase(words->locale, PHRASE_WHY)),
	};

	preview->subject = words_fill(words, kind->title);
	if (!preview->subject || !letter.body || !letter.action)
		return reject(call, INVALID_ARGUMENT, "TEMPLATE_MALFORMED",
			      "The braces do not match, or a form has no \"other\".");
	letter_text(&text, &letter);
	letter_html(&html, &letter);
	preview->text = arena_strdup(call->arena, buf_text(&text));
	preview->html = arena_strdup(call->arena, buf_text(&html));
	buf_free(&text);
	buf_free(&html);
	return true;
}

bool preview_template(struct call *call, const PreviewTemplateRequest *req,
		      TemplatePreview *preview)
{
	TemplateWords kind = TEMPLATE_WORDS__INIT;
	Variable *variables[MOST_VARIABLES];
	struct words words = {
		.arena = call->arena, .locale = req->locale, .zone = "UTC", .variables = variables
	};

	return find_template_words(call, req, &kind) &&
	       read_samples(call, req, &kind, &words) &&
	       lay_out(call, &words, &kind, preview);
}
