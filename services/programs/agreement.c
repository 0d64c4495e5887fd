/* Agreements: who has signed what, and the proof of it. */
#include "mentorship.h"
#include "receipt.h"

static bool publish_agreement(struct call *call, const Agreement *agreement)
{
	return (*agreement->amends ? publish_agreement_amended(call, agreement)
				   : publish_agreement_in_force(call, agreement)) &&
	       (!agreement->plan_changed || publish_plan_changed(call, agreement));
}

/* The last signature may be what the mentorship waited for. */
static bool publish_beginning(struct call *call, const Agreement *agreement)
{
	Mentorship mentorship = MENTORSHIP__INIT;
	Id id = ID__INIT;

	id.id = agreement->mentorship_id;
	return read_mentorship(call, &id, &mentorship) &&
	       (*agreement->amends ||
		mentorship.state != MENTORSHIP__STATE__ACTIVE ||
		publish_mentorship_activated(call, &mentorship));
}

static bool publish_signature(struct call *call, const Agreement *agreement)
{
	if (call->unchanged)
		return true;
	return publish_agreement_signed(call, agreement) &&
	       (agreement->state != AGREEMENT__STATE__IN_FORCE ||
		(publish_agreement(call, agreement) && publish_beginning(call, agreement)));
}

/* Whoever asks for a change has signed it; alone in the mentorship, that is everybody. */
static bool publish_amendment(struct call *call, const Agreement *agreement)
{
	return publish_agreement_offered(call, agreement) &&
	       (agreement->state == AGREEMENT__STATE__OFFERED ||
		publish_signature(call, agreement));
}

bool settle_agreement(struct call *call, const Mentorship *mentorship)
{
	Agreement agreement = AGREEMENT__INIT;
	Id id = ID__INIT;
	bool found;

	id.id = mentorship->id;
	return set_agreement_settled(call, &id, &agreement, &found) &&
	       (!found || (read_agreement(call, &agreement, &agreement) &&
			   publish_agreement(call, &agreement) &&
			   publish_beginning(call, &agreement)));
}

bool offer_agreement(struct call *call, const OfferAgreementRequest *req, Agreement *agreement)
{
	return set_agreement_offered(call, req, agreement) &&
	       publish_agreement_offered(call, agreement);
}

bool sign_agreement(struct call *call, const SignAgreementRequest *req, Agreement *agreement)
{
	return set_agreement_signed(call, req, agreement) &&
	       read_agreement(call, agreement, agreement) &&
	       publish_signature(call, agreement);
}

bool decline_agreement(struct call *call, const Id *req, Agreement *agreement)
{
	return set_agreement_declined(call, req, agreement) &&
	       publish_agreement_declined(call, agreement);
}

bool amend_agreement(struct call *call, const AmendAgreementRequest *req, Agreement *agreement)
{
	return set_agreement_amended(call, req, agreement) &&
	       read_agreement(call, agreement, agreement) &&
	       publish_amendment(call, agreement);
}

bool accept_amendment(struct call *call, const AcceptAmendmentRequest *req, Agreement *agreement)
{
	return set_amendment_signed(call, req, agreement) &&
	       read_agreement(call, agreement, agreement) &&
	       publish_signature(call, agreement);
}

bool reject_amendment(struct call *call, const RejectAmendmentRequest *req, Agreement *agreement)
{
	return set_amendment_declined(call, req, agreement) &&
	       publish_agreement_declined(call, agreement);
}

bool propose_plan(struct call *call, const ProposePlanRequest *req, Agreement *agreement)
{
	return set_plan_proposed(call, req, agreement) &&
	       read_agreement(call, agreement, agreement) &&
	       publish_amendment(call, agreement);
}

bool get_signature_receipt(struct call *call, const Id *req, SignatureReceipt *receipt)
{
	return read_signature(call, req, receipt) && receipt_sign(call, receipt);
}

bool get_receipt_key(struct call *call, const Nothing *req, ReceiptKey *key)
{
	(void)req;
	key->public_key = receipt_key(call);
	return true;
}

bool verify_receipt(struct call *call, const VerifyReceiptRequest *req,
		    VerifyReceiptResponse *response)
{
	const char *statement = receipt_read(call, req->receipt);

	response->valid = statement != NULL;
	response->statement = arena_strdup(call->arena, statement ? statement : "");
	return true;
}
