/*
 * A delivery on its way out. What it needs is asked for when it leaves, not when it was planned: the address, the
 * language, the one-time token, whether it is still wanted.
 *
 * The claim commits first, so that no transaction stays open while others are asked and the mail server talks; how it
 * ended commits last. A crash in between repeats the mail with the same Message-ID.
 */
#include <string.h>

#include "letter.h"
#include "mime.h"
#include "notify/notify.h"
#include "seal.h"
#include "state.h"
#include "text.h"
#include "tongue.h"
#include "words.h"

enum {
	OWN_MS = 120000,          /* longer than a mail server may take */
	AWAY_S = 30,              /* until a server that was away is asked again */
	AWAY_SECURITY_S = 10,
	GIVE_UP_S = 3 * 86400,
	MAILS_A_DAY = 10,
	MOST_VARIABLES = 24,
};

static const uint32_t retry_s[] = { 60, 300, 1800, 7200, 21600, 86400 };

struct sending {
	struct call *call; /* settles it */
	struct call *ask;  /* asks for what it needs; its refusals are not the delivery's */
	Parcel parcel;
	const char *email, *name, *locale, *zone, *token, *program_id, *address;
	PublicSite site;
	size_t n_variables;
	Variable *variables[MOST_VARIABLES];
	Wording wording;
};

static void add_variable(struct sending *sending, const char *name, const char *value)
{
	Variable *variable = arena_alloc(sending->ask->arena, sizeof *variable);

	if (sending->n_variables == MOST_VARIABLES || !value || !*value)
		return;
	variable__init(variable);
	variable->name = arena_strdup(sending->ask->arena, name);
	variable->value = arena_strdup(sending->ask->arena, value);
	sending->variables[sending->n_variables++] = variable;
}

static const char *label_of(const ProtobufCEnumDescriptor *type, int value)
{
	const ProtobufCEnumValue *label = value ? protobuf_c_enum_descriptor_get_value(type, value) : NULL;

	return label ? label->name : "";
}

/* Kinds with a link that does something: identity makes its token and knows where it goes. */
static bool ask_for_token(struct sending *sending)
{
	const ProtobufCEnumValue *purpose = protobuf_c_enum_descriptor_get_value_by_name(
		&issue_mail_token_request__purpose__descriptor, sending->parcel.token_purpose);
	IssueMailTokenRequest request = ISSUE_MAIL_TOKEN_REQUEST__INIT;
	MailToken token = MAIL_TOKEN__INIT;

	if (!purpose)
		return fault(sending->ask, "there is no purpose %s", sending->parcel.token_purpose);
	request.purpose = (IssueMailTokenRequest__Purpose)purpose->value;
	request.id = sending->parcel.subject_id;
	if (!identity_issue_mail_token(sending->ask, &request, &token))
		return false;

	sending->email = token.email;
	sending->name = token.display_name;
	sending->locale = token.locale;
	sending->zone = token.zone;
	sending->token = token.token;
	sending->program_id = token.program_id;
	add_variable(sending, "expires_at", token.expires_at);
	add_variable(sending, "role", token.role);
	return true;
}

/* Nobody is a NOT_FOUND. */
static bool ask_for_contact(struct sending *sending)
{
	GetContactRequest request = GET_CONTACT_REQUEST__INIT;
	GetContactResponse response = GET_CONTACT_RESPONSE__INIT;

	request.n_ids = 1;
	request.ids = &sending->parcel.user_id;
	request.purpose = (GetContactRequest__Purpose)sending->parcel.class_;
	if (!identity_get_contact(sending->ask, &request, &response))
		return false;
	if (!response.n_items)
		return reject(sending->ask, NOT_FOUND, "NO_ADDRESS", "There is nobody to write to.");

	sending->email = response.items[0]->email;
	sending->name = response.items[0]->display_name;
	sending->locale = response.items[0]->locale;
	sending->zone = response.items[0]->zone;
	return true;
}

static bool ask_for_membership(struct sending *sending)
{
	MembershipNotice notice = MEMBERSHIP_NOTICE__INIT;
	Id id = ID__INIT;

	id.id = sending->parcel.subject_id;
	if (!programs_describe_membership(sending->ask, &id, &notice))
		return false;
	sending->program_id = notice.program_id;
	add_variable(sending, "program", notice.program_title);
	add_variable(sending, "cohort", notice.cohort_name);
	add_variable(sending, "starts_on", notice.starts_on);
	add_variable(sending, "role", label_of(&membership__role__descriptor, (int)notice.role));
	return true;
}

static bool ask_for_program(struct sending *sending, const char *program_id)
{
	ProgramName program = PROGRAM_NAME__INIT;
	Id id = ID__INIT;

	id.id = arena_strdup(sending->ask->arena, program_id);
	if (!programs_name_program(sending->ask, &id, &program))
		return false;
	add_variable(sending, "program", program.title);
	return true;
}

static bool ask_for_names(struct sending *sending)
{
	const char *source = sending->parcel.source;

	if (!strcmp(source, "MEMBERSHIP"))
		return ask_for_membership(sending);
	if (!strcmp(source, "PROGRAM"))
		return ask_for_program(sending, sending->parcel.subject_id);
	if (sending->program_id && *sending->program_id)
		return ask_for_program(sending, sending->program_id);
	return true;
}

static bool ask_for_site(struct sending *sending)
{
	static const Nothing nothing = NOTHING__INIT;

	public_site__init(&sending->site);
	if (!identity_get_public_site(sending->ask, &nothing, &sending->site))
		return false;
	add_variable(sending, "name", sending->name);
	add_variable(sending, "site", sending->site.name);
	for (size_t i = 0; i < sending->parcel.n_variables; i++)
		add_variable(sending, sending->parcel.variables[i]->name, sending->parcel.variables[i]->value);
	return true;
}

/* pt-BR, pt. */
static size_t add_locales(struct arena *arena, char **locales, size_t count, const char *locale)
{
	size_t language = strcspn(locale, "-");

	if (!*locale)
		return count;
	locales[count++] = arena_strdup(arena, locale);
	if (locale[language])
		locales[count++] = arena_strndup(arena, locale, language);
	return count;
}

static const char *keyed(struct sending *sending, const char *purpose, const char *value)
{
	struct arena *arena = sending->ask->arena;
	struct seal_key *key = seal_key_new(conf_key(sending->call->process->conf, "ITHACA_MASTER_KEY"), purpose, 1);
	char *index = blind_index(arena, key, value);

	seal_key_free(key);
	return index;
}

/* The same address however it is written. */
static const char *address_key(struct sending *sending)
{
	const char *key = sending->email && *sending->email ? text_email_key(sending->ask->arena, sending->email) : NULL;

	return keyed(sending, "notify.address", key ? key : "");
}

static bool ask_for_words(struct sending *sending)
{
	WordingRequest request = WORDING_REQUEST__INIT;
	char *locales[5];

	if (!sending->zone || !*sending->zone)
		sending->zone = *sending->site.default_zone ? sending->site.default_zone : "UTC";
	sending->address = address_key(sending);
	request.kind = sending->parcel.kind;
	request.user_id = sending->parcel.user_id;
	request.zone = arena_strdup(sending->ask->arena, sending->zone);
	request.address = arena_strdup(sending->ask->arena, sending->address);
	request.n_locales = add_locales(sending->ask->arena, locales, 0, sending->locale ? sending->locale : "");
	request.n_locales = add_locales(sending->ask->arena, locales, request.n_locales, sending->site.default_locale);
	request.n_locales = add_locales(sending->ask->arena, locales, request.n_locales, "en");
	request.locales = locales;
	request.n_variables = sending->n_variables;
	request.variables = sending->variables;
	wording__init(&sending->wording);
	return read_wording(sending->ask, &request, &sending->wording);
}

static bool prepare(struct sending *sending)
{
	return (*sending->parcel.token_purpose ? ask_for_token(sending) : ask_for_contact(sending)) &&
	       ask_for_names(sending) &&
	       ask_for_site(sending) &&
	       ask_for_words(sending);
}

static bool tell_outcome(struct call *call, const Delivery *delivery)
{
	if (delivery->state == DELIVERY__STATE__SENT)
		return publish_delivery_sent(call, delivery);
	if (delivery->state == DELIVERY__STATE__FAILED || delivery->state == DELIVERY__STATE__BOUNCED)
		return publish_delivery_failed(call, delivery);
	return true;
}

static bool settle(struct sending *sending, Delivery__State state, Delivery__Reason reason, uint32_t wait_s,
		   const char *answer)
{
	Outcome outcome = OUTCOME__INIT;
	Delivery delivery = DELIVERY__INIT;

	outcome.id = sending->parcel.id;
	outcome.state = state;
	outcome.reason = reason;
	outcome.tries = *answer ? 1 : 0;
	outcome.answer = arena_strdup(sending->call->arena, answer);
	outcome.wait_s = wait_s;
	return settle_delivery(sending->call, &outcome, &delivery) &&
	       tell_outcome(sending->call, &delivery);
}

static bool skip_delivery(struct sending *sending, Delivery__Reason reason)
{
	return settle(sending, DELIVERY__STATE__SKIPPED, reason, 0, "");
}

/* What must be told is told inside when it cannot be mailed. */
static bool tell_mandatory_inside(struct sending *sending)
{
	Id id = ID__INIT;

	id.id = sending->parcel.id;
	return !sending->parcel.mandatory || *sending->parcel.token_purpose || tell_inside(sending->call, &id);
}

/* Somebody else is away: says nothing about the delivery, so it costs no attempt. */
static bool wait_for_others(struct sending *sending)
{
	uint32_t wait_s = sending->parcel.class_ == PREFERENCE__CLASS__SECURITY ? AWAY_SECURITY_S : AWAY_S;

	if (sending->parcel.age > GIVE_UP_S)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__SERVER_AWAY, 0, "");
	return settle(sending, DELIVERY__STATE__RETRYING, DELIVERY__REASON__SERVER_AWAY, wait_s, "");
}

/* Those who were asked say that there is nothing to send, or do not answer. */
static bool put_off(struct sending *sending)
{
	const Problem *problem = sending->ask->problem;
	uint32_t status = problem ? problem->status : INTERNAL;

	note(sending->call, "asked", problem ? problem->code : "");
	if (sending->ask->fault)
		note(sending->call, "fault", sending->ask->fault);
	if (problem && !strcmp(problem->code, "NO_ADDRESS"))
		return skip_delivery(sending, DELIVERY__REASON__NO_ADDRESS);
	if (status == GONE || status == NOT_FOUND)
		return skip_delivery(sending, DELIVERY__REASON__STALE);
	return wait_for_others(sending);
}

static struct words words_of(const struct sending *sending)
{
	return (struct words){
		.arena = sending->ask->arena,
		.locale = sending->wording.locale,
		.zone = sending->zone,
		.n_variables = sending->wording.n_variables,
		.variables = sending->wording.variables,
	};
}

/* The path it leads to. Only here is the token among the variables: it is in no text, statement or log. */
static const char *path_of(const struct sending *sending)
{
	Variable id = VARIABLE__INIT, program = VARIABLE__INIT, token = VARIABLE__INIT;
	Variable *variables[] = { &id, &program, &token };
	struct words words = { .arena = sending->ask->arena, .locale = "en", .zone = "UTC", .n_variables = 3, .variables = variables };

	id.name = (char[]){ "id" };
	id.value = sending->parcel.subject_id;
	program.name = (char[]){ "program_id" };
	program.value = arena_strdup(sending->ask->arena, sending->program_id ? sending->program_id : "");
	token.name = (char[]){ "token" };
	token.value = arena_strdup(sending->ask->arena, sending->token ? sending->token : "");
	return words_fill_path(&words, sending->parcel.path);
}

static bool put_into_inbox(struct sending *sending)
{
	struct words words = words_of(sending);
	NewInboxItem news = NEW_INBOX_ITEM__INIT;
	InboxItem item = INBOX_ITEM__INIT;
	char *body = words_fill(&words, sending->wording.body);

	news.delivery_id = sending->parcel.id;
	news.user_id = sending->parcel.user_id;
	news.kind = sending->parcel.kind;
	news.title = words_fill(&words, sending->wording.title);
	news.link = arena_strdup(sending->ask->arena, path_of(sending));
	if (!body || !news.title)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__NO_TEMPLATE, 0, "");
	news.text = arena_strndup(sending->ask->arena, body, strstr(body, "\n\n") ? (size_t)(strstr(body, "\n\n") - body) : strlen(body));
	return add_inbox_item(sending->call, &news, &item) &&
	       publish_inbox_item_added(sending->call, &item) &&
	       settle(sending, DELIVERY__STATE__SENT, DELIVERY__REASON__REASON_UNSET, 0, "");
}

/* The token at the end of a mail that one may not want; NULL for the others. */
static const char *unsubscribe_token(struct sending *sending)
{
	if (sending->parcel.mandatory || !*sending->parcel.user_id)
		return NULL;
	return keyed(sending, "notify.unsubscribe", arena_printf(sending->ask->arena, "%s %s", sending->parcel.user_id,
								 sending->parcel.kind));
}

static bool keep_unsubscribe_link(struct sending *sending, const char *token)
{
	UnsubscribeLink link = UNSUBSCRIBE_LINK__INIT;

	if (!token)
		return true;
	link.token = secret_hash(sending->ask->arena, token);
	link.user_id = sending->parcel.user_id;
	link.kind = sending->parcel.kind;
	return add_unsubscribe_link(sending->call, &link);
}

/* "Ithaca <no-reply@ithaca.example>" and the plain address alike. */
static const char *sender_address(const struct sending *sending)
{
	const char *from = setting(sending->call, "ITHACA_MAIL_FROM");
	const char *open = strchr(from, '<');

	return open ? arena_strndup(sending->ask->arena, open + 1, strcspn(open + 1, ">")) : from;
}

/* False when the words cannot be filled in. */
static bool compose(const struct sending *sending, const char *token, struct mail *mail)
{
	const char *public_url = setting(sending->call, "ITHACA_PUBLIC_URL");
	struct arena *arena = sending->ask->arena;
	struct words words = words_of(sending);
	struct buf text = { 0 }, html = { 0 };
	struct letter letter = {
		.locale = words.locale,
		.greeting = words_fill(&words, tongue_phrase(words.locale, PHRASE_HELLO)),
		.body = words_fill(&words, sending->wording.body),
		.action = words_fill(&words, sending->wording.action),
		.link = arena_printf(arena, "%s%s", public_url, path_of(sending)),
		.why = words_fill(&words, tongue_phrase(words.locale, PHRASE_WHY)),
		.unsubscribe = tongue_phrase(words.locale, PHRASE_UNSUBSCRIBE),
		.unsubscribe_link = token ? arena_printf(arena, "%s/unsubscribe#token=%s", public_url, token) : NULL,
	};

	mail->subject = words_fill(&words, sending->wording.title);
	if (!letter.body || !letter.action || !mail->subject)
		return false;
	letter_text(&text, &letter);
	letter_html(&html, &letter);
	mail->text = arena_strdup(arena, buf_text(&text));
	mail->html = arena_strdup(arena, buf_text(&html));
	mail->unsubscribe_url = token ? arena_printf(arena, "%s/v1/unsubscribe/%s", public_url, token) : NULL;
	buf_free(&text);
	buf_free(&html);
	return true;
}

static bool bounce(struct sending *sending, const char *answer)
{
	NewSuppression refused = NEW_SUPPRESSION__INIT;
	Suppression suppression = SUPPRESSION__INIT;

	refused.user_id = sending->parcel.user_id;
	refused.address = arena_strdup(sending->call->arena, sending->address);
	refused.answer = arena_strdup(sending->call->arena, answer);
	return add_suppression(sending->call, &refused, &suppression) &&
	       publish_address_suppressed(sending->call, &suppression) &&
	       tell_mandatory_inside(sending) &&
	       settle(sending, DELIVERY__STATE__BOUNCED, DELIVERY__REASON__REFUSED, 0, answer);
}

static bool retry_later(struct sending *sending, const char *answer)
{
	uint32_t tried = sending->parcel.attempts;

	if (tried >= sizeof retry_s / sizeof *retry_s)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__REFUSED_FOR_NOW, 0, answer);
	return settle(sending, DELIVERY__STATE__RETRYING, DELIVERY__REASON__REFUSED_FOR_NOW, retry_s[tried], answer);
}

static bool settle_mail(struct sending *sending, enum smtp_outcome outcome, const char *answer)
{
	switch (outcome) {
	case SMTP_TAKEN:
		return settle(sending, DELIVERY__STATE__SENT, DELIVERY__REASON__REASON_UNSET, 0, answer);
	case SMTP_NO_ADDRESS:
		return bounce(sending, answer);
	case SMTP_REFUSED:
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__REFUSED, 0, answer);
	case SMTP_LATER:
		return retry_later(sending, answer);
	default:
		return wait_for_others(sending);
	}
}

static bool send_mail(struct sending *sending)
{
	const char *token = unsubscribe_token(sending), *answer;
	struct mail mail = {
		.id = sending->parcel.id,
		.kind = sending->parcel.kind,
		.from = sender_address(sending),
		.from_name = sending->site.name,
		.to = sending->email,
		.to_name = sending->name,
		.locale = sending->wording.locale,
	};
	struct buf message = { 0 };
	enum smtp_outcome outcome;

	if (!compose(sending, token, &mail))
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__NO_TEMPLATE, 0, "");
	mime_write(&message, &mail);
	outcome = smtp_send(sending->call->process->state->smtp, sending->ask->arena,
			    &(struct smtp_mail){ mail.from, mail.to, &message }, &answer);
	buf_free(&message);
	return keep_unsubscribe_link(sending, token) &&
	       settle_mail(sending, outcome, answer);
}

static bool hand_over_mail(struct sending *sending)
{
	bool activity = sending->parcel.class_ == PREFERENCE__CLASS__ACTIVITY;

	if (!mime_is_address(sending->email))
		return skip_delivery(sending, DELIVERY__REASON__NO_ADDRESS);
	if (sending->wording.suppressed)
		return tell_mandatory_inside(sending) &&
		       skip_delivery(sending, DELIVERY__REASON__SUPPRESSED);
	if (activity && sending->parcel.mails_today >= MAILS_A_DAY)
		return skip_delivery(sending, DELIVERY__REASON__DAILY_CAP);
	if (activity && sending->wording.quiet_for)
		return settle(sending, DELIVERY__STATE__DEFERRED, DELIVERY__REASON__REASON_UNSET, sending->wording.quiet_for, "");
	return send_mail(sending);
}

static bool hand_over(struct sending *sending)
{
	if (!sending->parcel.wanted)
		return skip_delivery(sending, DELIVERY__REASON__PREFERENCE);
	if (!*sending->wording.locale)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__NO_TEMPLATE, 0, "");
	if (sending->parcel.channel == DELIVERY__CHANNEL__IN_APP)
		return put_into_inbox(sending);
	return hand_over_mail(sending);
}

bool send_delivery(struct call *call, const Id *req)
{
	struct sending sending = { .call = call };
	bool mine = false, good;

	parcel__init(&sending.parcel);
	if (!claim_delivery(call, req, &sending.parcel, &mine))
		return false;
	if (!mine)
		return true;
	if (!sql_checkpoint(call))
		return false;

	call->deadline = uv_now(call->process->loop) + OWN_MS;
	sending.ask = call_begin(call->process, "SendDelivery");
	good = prepare(&sending) ? hand_over(&sending) : put_off(&sending);
	call_end(sending.ask);
	return good;
}
