/* Sealing, opening and comparing e-mail addresses. */
#include "address.h"

#include <string.h>

#include "state.h"
#include "text.h"

bool address_read(struct call *call, const char *email, struct address *address)
{
	char *key = text_email_key(call->arena, email), *at = key ? strrchr(key, '@') : NULL;

	if (!at)
		return reject(call, MALFORMED, "INVALID_EMAIL", "This is not an e-mail address.");

	address->index = blind_index(call->arena, call->process->state->addresses, key);
	address->domain = at + 1;
	address->tagged = memchr(key, '+', (size_t)(at - key));
	return true;
}

char *address_index(struct call *call, const char *email)
{
	char *key = text_email_key(call->arena, email);

	return key ? blind_index(call->arena, call->process->state->addresses, key)
		   : arena_strdup(call->arena, "");
}

static char *place(struct call *call, const char *kind, const char *id)
{
	return arena_printf(call->arena, "%s/%s/email", kind, id);
}

char *address_seal(struct call *call, const char *kind, const char *id, const char *email)
{
	return seal(call->arena, call->process->state->addresses, place(call, kind, id), email,
		    strlen(email));
}

bool address_open(struct call *call, const char *kind, const char *id, char **email)
{
	size_t len;

	if (!**email)
		return true;
	*email = seal_open(call->arena, call->process->state->addresses, place(call, kind, id),
			   *email, &len);
	return *email || fault(call, "the address of %s %s does not open", kind, id);
}
