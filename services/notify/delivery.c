/*
 * A delivery on its way out. What it needs is asked for when it leaves, not when it was planned:
 * the address, the language, the one-time token, whether it is still wanted.
 *
 * The claim commits first, so that no transaction stays open while others are asked and the mail
 * server talks; how it ended commits last. A crash in between repeats the mail with the same
 * Message-ID.
 */
#include <string.h>

#include "asking.h"
#include "composing.h"
#include "state.h"

enum {
	OWN_MS = 120000, /* longer than a mail server may take */
	AWAY_S = 30,	 /* until a server that was away is asked again */
	AWAY_SECURITY_S = 10,
	GIVE_UP_S = 3 * 86400,
	MAILS_A_DAY = 10,
};

static const uint32_t retry_s[] = { 60, 300, 1800, 7200, 21600, 86400 };

static bool tell_outcome(struct call *call, const Delivery *delivery)
{
	if (delivery->state == DELIVERY__STATE__SENT)
		return publish_delivery_sent(call, delivery);
	if (delivery->state == DELIVERY__STATE__FAILED ||
	    delivery->state == DELIVERY__STATE__BOUNCED)
		return publish_delivery_failed(call, delivery);
	return true;
}

static bool settle(struct sending *sending, Delivery__State state, Delivery__Reason reason,
		   uint32_t wait_s, const char *answer)
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
	return !sending->parcel.mandatory ||
	       *sending->parcel.token_purpose ||
	       tell_inside(sending->call, &id);
}

/* Somebody else is away: says nothing about the delivery, so it costs no attempt. */
static bool wait_for_others(struct sending *sending)
{
	uint32_t wait_s =
		sending->parcel.class_ == PREFERENCE__CLASS__SECURITY ? AWAY_SECURITY_S : AWAY_S;

	if (sending->parcel.age > GIVE_UP_S)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__SERVER_AWAY, 0,
			      "");
	return settle(sending, DELIVERY__STATE__RETRYING, DELIVERY__REASON__SERVER_AWAY, wait_s,
		      "");
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

static bool put_into_inbox(struct sending *sending)
{
	struct words words = letter_words(sending);
	NewInboxItem news = NEW_INBOX_ITEM__INIT;
	InboxItem item = INBOX_ITEM__INIT;
	char *body = words_fill(&words, sending->wording.body);

	news.delivery_id = sending->parcel.id;
	news.user_id = sending->parcel.user_id;
	news.kind = sending->parcel.kind;
	news.title = words_fill(&words, sending->wording.title);
	news.link = arena_strdup(sending->ask->arena, letter_path(sending));
	if (!body || !news.title)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__NO_TEMPLATE, 0,
			      "");
	news.text = arena_strndup(sending->ask->arena, body,
				  strstr(body, "\n\n") ? (size_t)(strstr(body, "\n\n") - body)
						       : strlen(body));
	return add_inbox_item(sending->call, &news, &item) &&
	       publish_inbox_item_added(sending->call, &item) &&
	       settle(sending, DELIVERY__STATE__SENT, DELIVERY__REASON__REASON_UNSET, 0, "");
}

/* The token at the end of a mail that one may not want; NULL for the others. */
static const char *unsubscribe_token(struct sending *sending)
{
	if (sending->parcel.mandatory || !*sending->parcel.user_id)
		return NULL;
	return blind_index(sending->ask->arena, sending->call->process->state->unsubscribing,
			   arena_printf(sending->ask->arena, "%s %s", sending->parcel.user_id,
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

static NewSuppression refusal(const struct sending *sending, const char *answer)
{
	NewSuppression refused = NEW_SUPPRESSION__INIT;

	refused.user_id = sending->parcel.user_id;
	refused.address = arena_strdup(sending->call->arena, sending->address);
	refused.answer = arena_strdup(sending->call->arena, answer);
	refused.delivery_id = sending->parcel.id;
	return refused;
}

static bool bounce(struct sending *sending, const char *answer)
{
	NewSuppression refused = refusal(sending, answer);
	Suppression suppression = SUPPRESSION__INIT;

	return add_suppression(sending->call, &refused, &suppression) &&
	       publish_address_suppressed(sending->call, &suppression) &&
	       tell_mandatory_inside(sending) &&
	       settle(sending, DELIVERY__STATE__BOUNCED, DELIVERY__REASON__REFUSED, 0, answer);
}

/* An address that puts off one mail after the other is left alone for a while. */
static bool note_put_off(struct sending *sending, const char *answer)
{
	NewSuppression refused = refusal(sending, answer);
	Suppression suppression = SUPPRESSION__INIT;
	bool enough;

	if (!add_soft_bounce(sending->call, &refused) ||
	    !suspend_address(sending->call, &refused, &suppression, &enough))
		return false;
	return !enough || publish_address_suppressed(sending->call, &suppression);
}

static bool retry_later(struct sending *sending, const char *answer)
{
	uint32_t tried = sending->parcel.attempts;

	if (!note_put_off(sending, answer))
		return false;
	if (tried >= sizeof retry_s / sizeof *retry_s)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__REFUSED_FOR_NOW,
			      0, answer);
	return settle(sending, DELIVERY__STATE__RETRYING, DELIVERY__REASON__REFUSED_FOR_NOW,
		      retry_s[tried], answer);
}

static bool settle_mail(struct sending *sending, enum smtp_outcome outcome, const char *answer)
{
	NewSuppression taken = refusal(sending, answer);

	switch (outcome) {
	case SMTP_TAKEN:
		return forget_soft_bounces(sending->call, &taken) &&
		       settle(sending, DELIVERY__STATE__SENT, DELIVERY__REASON__REASON_UNSET, 0,
			      answer);
	case SMTP_NO_ADDRESS:
		return bounce(sending, answer);
	case SMTP_REFUSED:
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__REFUSED, 0,
			      answer);
	case SMTP_LATER:
		return retry_later(sending, answer);
	default:
		return wait_for_others(sending);
	}
}

/* "Ithaca <no-reply@ithaca.example>" and the plain address alike. */
static const char *sender_address(const struct sending *sending)
{
	const char *from = setting(sending->call, "ITHACA_MAIL_FROM");
	const char *open = strchr(from, '<');

	return open ? arena_strndup(sending->ask->arena, open + 1, strcspn(open + 1, ">")) : from;
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

	if (!letter_compose(sending, token, &mail))
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__NO_TEMPLATE, 0,
			      "");
	mime_write(&message, &mail);
	outcome = smtp_send(sending->call->process->state->smtp, sending->ask->arena,
			    &(struct smtp_mail) { mail.from, mail.to, &message }, &answer);
	buf_free(&message);
	return keep_unsubscribe_link(sending, token) && settle_mail(sending, outcome, answer);
}

/* For the next digest: one line of it, and the mail is not sent by itself. */
static bool put_into_digest(struct sending *sending)
{
	struct words words = letter_words(sending);
	DigestLine line = DIGEST_LINE__INIT;

	line.delivery_id = sending->parcel.id;
	line.user_id = sending->parcel.user_id;
	line.line = words_fill(&words, sending->wording.title);
	line.zone = arena_strdup(sending->call->arena, sending->zone);
	if (!line.line)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__NO_TEMPLATE, 0,
			      "");
	return add_digest_line(sending->call, &line) &&
	       settle(sending, DELIVERY__STATE__DEFERRED,
		      sending->parcel.bundled ? DELIVERY__REASON__DIGEST
					      : DELIVERY__REASON__DAILY_CAP,
		      0, "");
}

static bool is_empty_digest(const struct sending *sending)
{
	return !strcmp(sending->parcel.kind, "digest") && !*sending->parcel.lines;
}

static bool hand_over_mail(struct sending *sending)
{
	bool activity = sending->parcel.class_ == PREFERENCE__CLASS__ACTIVITY;

	if (!mime_is_address(sending->email))
		return skip_delivery(sending, DELIVERY__REASON__NO_ADDRESS);
	if (sending->wording.suppressed)
		return tell_mandatory_inside(sending) &&
		       skip_delivery(sending, DELIVERY__REASON__SUPPRESSED);
	if (is_empty_digest(sending))
		return skip_delivery(sending, DELIVERY__REASON__STALE);
	if (activity && (sending->parcel.bundled || sending->parcel.mails_today >= MAILS_A_DAY))
		return put_into_digest(sending);
	if (activity && sending->wording.quiet_for)
		return settle(sending, DELIVERY__STATE__DEFERRED, DELIVERY__REASON__REASON_UNSET,
			      sending->wording.quiet_for, "");
	return send_mail(sending);
}

static bool hand_over(struct sending *sending)
{
	if (!sending->parcel.wanted)
		return skip_delivery(sending, DELIVERY__REASON__PREFERENCE);
	if (!*sending->wording.locale)
		return settle(sending, DELIVERY__STATE__FAILED, DELIVERY__REASON__NO_TEMPLATE, 0,
			      "");
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
	good = ask_for_everything(&sending) ? hand_over(&sending) : put_off(&sending);
	call_end(sending.ask);
	return good;
}
