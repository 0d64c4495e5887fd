/* Choices, and the link that ends mails with one click. */
#include "notify/notify.h"
#include "seal.h"

bool put_notification_preferences(struct call *call, const PutNotificationPreferencesRequest *req,
				  NotificationPreferences *all)
{
	static const Nothing nothing = NOTHING__INIT;

	return set_preferences(call, req) && get_notification_preferences(call, &nothing, all);
}

bool put_quiet_hours(struct call *call, const QuietHours *req, NotificationPreferences *all)
{
	static const Nothing nothing = NOTHING__INIT;

	return set_quiet_hours(call, req) && get_notification_preferences(call, &nothing, all);
}

bool put_digest(struct call *call, const DigestChoice *req, NotificationPreferences *all)
{
	static const Nothing nothing = NOTHING__INIT;

	return set_digest(call, req) && get_notification_preferences(call, &nothing, all);
}

static UnsubscribeLink link_of(struct call *call, const UnsubscribeRequest *req)
{
	UnsubscribeLink link = UNSUBSCRIBE_LINK__INIT;

	link.token = secret_hash(call->arena, req->token);
	return link;
}

bool get_unsubscription(struct call *call, const UnsubscribeRequest *req,
			Unsubscription *unsubscription)
{
	UnsubscribeLink link = link_of(call, req);

	return read_unsubscription(call, &link, unsubscription);
}

bool unsubscribe(struct call *call, const UnsubscribeRequest *req, Unsubscription *unsubscription)
{
	UnsubscribeLink link = link_of(call, req);

	return end_mails(call, &link, unsubscription);
}
