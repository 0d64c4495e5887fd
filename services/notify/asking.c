/* What a mail needs, asked of those who know. */
#include "asking.h"

#include <string.h>

#include "state.h"
#include "text.h"

static void add_variable(struct sending *sending, const char *name, const char *value)
{
	Variable *variable = arena_alloc(sending->ask->arena, sizeof *variable);

	if (sending->n_variables == SENDING_VARIABLES || !value || !*value)
		return;
	variable__init(variable);
	variable->name = arena_strdup(sending->ask->arena, name);
	variable->value = arena_strdup(sending->ask->arena, value);
	sending->variables[sending->n_variables++] = variable;
}

static const char *label_of(const ProtobufCEnumDescriptor *type, int value)
{
	const ProtobufCEnumValue *label =
		value ? protobuf_c_enum_descriptor_get_value(type, value) : NULL;

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

static GetContactRequest__Purpose purpose_of(Preference__Class class)
{
	switch (class) {
	case PREFERENCE__CLASS__SECURITY:
		return GET_CONTACT_REQUEST__PURPOSE__SECURITY;
	case PREFERENCE__CLASS__TRANSACTIONAL:
		return GET_CONTACT_REQUEST__PURPOSE__TRANSACTIONAL;
	default:
		return GET_CONTACT_REQUEST__PURPOSE__ACTIVITY;
	}
}

/* Nobody is a NOT_FOUND. */
static bool ask_for_contact(struct sending *sending)
{
	GetContactRequest request = GET_CONTACT_REQUEST__INIT;
	GetContactResponse response = GET_CONTACT_RESPONSE__INIT;

	request.n_ids = 1;
	request.ids = &sending->parcel.user_id;
	request.purpose = purpose_of(sending->parcel.class_);
	if (!identity_get_contact(sending->ask, &request, &response))
		return false;
	if (!response.n_items)
		return reject(sending->ask, NOT_FOUND, "NO_ADDRESS",
			      "There is nobody to write to.");

	sending->email = response.items[0]->email;
	sending->name = response.items[0]->display_name;
	sending->locale = response.items[0]->locale;
	sending->zone = response.items[0]->zone;
	return true;
}

/* Whether what the mail says is so now. */
static bool still_holds(const struct sending *sending, const char *state)
{
	const Parcel *parcel = &sending->parcel;

	for (size_t i = 0; i < parcel->n_states; i++)
		if (!strcmp(parcel->states[i], state))
			return true;
	return !parcel->n_states;
}

static bool ask_for_membership(struct sending *sending)
{
	MembershipNotice notice = MEMBERSHIP_NOTICE__INIT;
	Id id = ID__INIT;

	id.id = sending->parcel.subject_id;
	if (!programs_describe_membership(sending->ask, &id, &notice))
		return false;
	if (!still_holds(sending, label_of(&membership__state__descriptor, (int)notice.state)))
		return reject(sending->ask, GONE, "NO_LONGER_NEEDED", "It has moved on since.");

	sending->program_id = notice.program_id;
	add_variable(sending, "program", notice.program_title);
	add_variable(sending, "cohort", notice.cohort_name);
	add_variable(sending, "starts_on", notice.starts_on);
	add_variable(sending, "role", label_of(&membership__role__descriptor, (int)notice.role));
	return true;
}

bool describe_matter(struct call *ask, const MatterRequest *request, Matter *matter)
{
	bool matching = !strncmp(request->source, "MATCH_", strlen("MATCH_"));

	return matching ? matching_describe_match_matter(ask, request, matter)
			: programs_describe_matter(ask, request, matter);
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

/* Whoever has no part in it (any more) is not told, and nobody of what has moved on. */
static bool ask_for_matter(struct sending *sending)
{
	MatterRequest request = MATTER_REQUEST__INIT;
	Matter matter = MATTER__INIT;

	request.source = sending->parcel.source;
	request.id = sending->parcel.subject_id;
	request.user_id = sending->parcel.user_id;
	request.n_parts = sending->parcel.n_audience;
	request.parts = sending->parcel.audience;
	if (!describe_matter(sending->ask, &request, &matter))
		return false;
	if (!matter.n_readers || !still_holds(sending, matter.state))
		return reject(sending->ask, GONE, "NO_LONGER_NEEDED", "It has moved on since.");

	sending->program_id = matter.program_id;
	sending->mentorship_id = matter.mentorship_id;
	add_variable(sending, "program", matter.program_title);
	add_variable(sending, "title", matter.title);
	add_variable(sending, "role", matter.readers[0]->part);
	return *matter.program_title || ask_for_program(sending, matter.program_id);
}

static bool ask_for_names(struct sending *sending)
{
	const char *source = sending->parcel.source;

	if (!strcmp(source, "MEMBERSHIP"))
		return ask_for_membership(sending);
	if (!strcmp(source, "PROGRAM"))
		return ask_for_program(sending, sending->parcel.subject_id);
	if (*source)
		return ask_for_matter(sending);
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
		add_variable(sending, sending->parcel.variables[i]->name,
			     sending->parcel.variables[i]->value);
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

/* The same address however it is written. */
static const char *address_key(struct sending *sending)
{
	const char *key = sending->email && *sending->email
				  ? text_email_key(sending->ask->arena, sending->email)
				  : NULL;

	return blind_index(sending->ask->arena, sending->call->process->state->addresses,
			   key ? key : "");
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
	request.n_locales = add_locales(sending->ask->arena, locales, 0,
					sending->locale ? sending->locale : "");
	request.n_locales = add_locales(sending->ask->arena, locales, request.n_locales,
					sending->site.default_locale);
	request.n_locales = add_locales(sending->ask->arena, locales, request.n_locales, "en");
	request.locales = locales;
	request.n_variables = sending->n_variables;
	request.variables = sending->variables;
	wording__init(&sending->wording);
	return read_wording(sending->ask, &request, &sending->wording);
}

bool ask_for_everything(struct sending *sending)
{
	return (*sending->parcel.token_purpose ? ask_for_token(sending)
					       : ask_for_contact(sending)) &&
	       ask_for_names(sending) &&
	       ask_for_site(sending) &&
	       ask_for_words(sending);
}
