/* Certificates: what they stand on, what is signed, and how they are checked. */
#include "certificate_pdf.h"
#include "certificate_rule.h"
#include "certificate_sign.h"

/* The name and the language that the holder has now. */
static bool ask_holder(struct call *call, char *person, Person **holder)
{
	GetUsersRequest request = GET_USERS_REQUEST__INIT;
	GetUsersResponse response = GET_USERS_RESPONSE__INIT;

	request.ids = &person;
	request.n_ids = 1;
	if (!identity_get_users(call, &request, &response))
		return false;
	if (!response.n_items)
		return reject(call, NOT_FOUND, "NOT_FOUND", "There is no such person.");
	*holder = response.items[0];
	return true;
}

static bool ask_issuer(struct call *call, char **name)
{
	PublicSite site = PUBLIC_SITE__INIT;
	Nothing nothing = NOTHING__INIT;

	if (!identity_get_public_site(call, &nothing, &site))
		return false;
	*name = site.name;
	return true;
}

static bool check_rule(struct call *call, const CertificateGround *ground)
{
	size_t position;
	char *unmet;

	if (certificate_rule_check(call->arena, ground->rule, &position))
		return reject(call, INVALID_ARGUMENT, "INVALID_RULE",
			      "The program's rule for certificates cannot be read.");
	if (!*ground->rule)
		return reject(call, INVALID_ARGUMENT, "NO_CERTIFICATES",
			      "This program has no rule for certificates.");
	unmet = certificate_rule_unmet(call->arena, ground->rule, ground);
	if (!unmet)
		return true;
	(void)!reject(call, INVALID_ARGUMENT, "CONDITIONS_UNMET",
		      "Conditions for the certificate are not met.");
	problem_member(call, "unmet", unmet);
	return false;
}

static const char *kind_name(Certificate__Kind kind)
{
	return protobuf_c_enum_descriptor_get_value(&certificate__kind__descriptor, (int)kind)
		->name;
}

static char *payload_of(struct call *call, const CertificateGround *ground,
			const SignedCertificate *made, CertificatePayload *payload)
{
	payload->type = arena_strdup(call->arena, "ithaca.certificate/1");
	payload->id = made->id;
	payload->kind = arena_strdup(call->arena, kind_name(made->kind));
	payload->holder_name = made->holder_name;
	payload->program_id = made->program_id;
	payload->program_title = made->program_title;
	payload->facts = made->facts;
	payload->started_on = ground->started_on;
	payload->ended_on = ground->ended_on;
	payload->issued_at = made->issued_at;
	payload->key_id = made->key_id;
	payload->replaces_id = ground->replaces_id;
	return canonical_json(call->arena, &certificate_payload_type, payload);
}

/* Signs and keeps a certificate on this ground. */
static bool issue(struct call *call, const CertificateGround *ground, const Person *holder,
		  char *issuer, Certificate *certificate)
{
	CertificateFacts none = CERTIFICATE_FACTS__INIT;
	CertificatePayload payload = CERTIFICATE_PAYLOAD__INIT;
	SignedCertificate made = SIGNED_CERTIFICATE__INIT;
	CertificateKey key = CERTIFICATE_KEY__INIT;
	Nothing nothing = NOTHING__INIT;

	if (!read_certificate_key(call, &nothing, &key))
		return false;
	made.id = new_id(call);
	made.kind = ground->kind;
	made.holder_id = ground->holder_id;
	made.holder_name = holder->display_name;
	made.locale = holder->locale;
	made.program_id = ground->program_id;
	made.program_title = ground->program_title;
	made.mentorship_id = ground->mentorship_id;
	made.replaces_id = ground->replaces_id;
	made.facts = ground->facts ? ground->facts : &none;
	made.key_id = key.id;
	made.issued_at = now_text(call);
	payload.issuer = issuer;
	made.payload = payload_of(call, ground, &made, &payload);
	made.signature = certificate_sign(call, &key, made.payload);
	made.badge = certificate_badge(call, &key, &payload);
	if (!made.signature || !made.badge)
		return fault(call, "the certificate key %s does not open", key.id);

	return add_certificate(call, &made, certificate) &&
	       add_certificate_document(call, &made) &&
	       publish_certificate_issued(call, certificate);
}

bool issue_certificate(struct call *call, const IssueCertificateRequest *req,
		       Certificate *certificate)
{
	CertificateGround ground = CERTIFICATE_GROUND__INIT;
	Person *holder;
	char *issuer;

	return ask_issuer(call, &issuer) &&
	       read_certificate_ground(call, req, &ground) &&
	       ask_holder(call, ground.holder_id, &holder) &&
	       check_rule(call, &ground) &&
	       issue(call, &ground, holder, issuer, certificate);
}

bool issue_training_certificate(struct call *call, const Id *req, Certificate *certificate)
{
	CertificateGround ground = CERTIFICATE_GROUND__INIT;
	Person *holder;
	char *issuer;

	return ask_issuer(call, &issuer) &&
	       read_training_ground(call, req, &ground) &&
	       ask_holder(call, ground.holder_id, &holder) &&
	       issue(call, &ground, holder, issuer, certificate);
}

static bool supersede(struct call *call, const Id *req)
{
	Certificate former = CERTIFICATE__INIT;

	return set_superseded(call, req, &former) && publish_certificate_revoked(call, &former);
}

bool reissue_certificate(struct call *call, const Id *req, Certificate *certificate)
{
	CertificateGround ground = CERTIFICATE_GROUND__INIT;
	Person *holder;
	char *issuer;

	return ask_issuer(call, &issuer) &&
	       read_reissue_ground(call, req, &ground) &&
	       ask_holder(call, ground.holder_id, &holder) &&
	       supersede(call, req) &&
	       issue(call, &ground, holder, issuer, certificate);
}

bool revoke_certificate(struct call *call, const RevokeCertificateRequest *req,
			Certificate *certificate)
{
	return set_revoked(call, req, certificate) &&
	       publish_certificate_revoked(call, certificate);
}

static bool give_json(struct call *call, const char *text, CertificateFile *file)
{
	file->content_type = arena_strdup(call->arena, "application/json");
	file->content.data = (uint8_t *)arena_strdup(call->arena, text);
	file->content.len = strlen(text);
	return true;
}

static bool give_signed(struct call *call, const char *payload, const char *signature,
			CertificateFile *file)
{
	return give_json(call,
			 arena_printf(call->arena, "{\"payload\":%s,\"signature\":\"%s\"}", payload,
				      signature),
			 file);
}

bool get_certificate_document(struct call *call, const Id *req, CertificateFile *file)
{
	SignedCertificate made = SIGNED_CERTIFICATE__INIT;

	return read_document(call, req, &made) &&
	       give_signed(call, made.payload, made.signature, file);
}

bool get_certificate_badge(struct call *call, const Id *req, CertificateFile *file)
{
	SignedCertificate made = SIGNED_CERTIFICATE__INIT;

	return read_document(call, req, &made) && give_json(call, made.badge, file);
}

bool get_certificate_pdf(struct call *call, const Id *req, CertificateFile *file)
{
	SignedCertificate made = SIGNED_CERTIFICATE__INIT;

	return read_document(call, req, &made) && certificate_pdf(call, &made, file);
}

bool verify_certificate(struct call *call, const VerifyCertificateRequest *req,
			VerifyCertificateResponse *response)
{
	CertificateKey key = CERTIFICATE_KEY__INIT;
	CertificateStatus status = CERTIFICATE_STATUS__INIT;
	const char *text = canonical_json(call->arena, &certificate_payload_type, req->payload);
	const char *reason = "";
	bool known, issued;

	if (!find_certificate_key(call, req->payload, &key, &known) ||
	    !find_certificate_status(call, req->payload, &status, &issued))
		return false;

	if (!known)
		reason = "unknown_key";
	else if (!certificate_verify(&key, text, req->signature))
		reason = "signature";
	else if (!issued || status.state != CERTIFICATE__STATE__ISSUED)
		reason = "revoked";
	response->valid = !*reason;
	response->reason = arena_strdup(call->arena, reason);
	response->revoked_at = status.revoked_at;
	return true;
}

bool get_certificate_revocations(struct call *call, const Nothing *req, CertificateFile *file)
{
	CertificateRevocations list = CERTIFICATE_REVOCATIONS__INIT;
	CertificateKey key = CERTIFICATE_KEY__INIT;
	const char *text, *signature;

	if (!list_revoked(call, req, &list) || !read_certificate_key(call, req, &key))
		return false;
	list.type = arena_strdup(call->arena, "ithaca.revocations/1");
	list.key_id = key.id;
	list.issued_at = now_text(call);
	list.next_at = key.list_until;
	text = canonical_json(call->arena, &certificate_revocations_type, &list);
	signature = certificate_sign(call, &key, text);
	return signature ? give_signed(call, text, signature, file)
			 : fault(call, "the certificate key %s does not open", key.id);
}

bool get_badge_revocations(struct call *call, const Id *req, CertificateFile *file)
{
	CertificateRevocations list = CERTIFICATE_REVOCATIONS__INIT;
	CertificateKey key = CERTIFICATE_KEY__INIT;

	return read_badge_key(call, req, &key) &&
	       list_revoked_badges(call, req, &list) &&
	       give_json(call, certificate_badge_list(call, &key, &list), file);
}

bool rotate_certificate_key(struct call *call, const Nothing *req, CertificateKeys *keys)
{
	return certificate_key_make(call) && list_certificate_keys(call, req, keys);
}
