/* What the handlers of notify share: the way out for mails. Made by start(), gone after stop(). */
#pragma once

#include "service.h"
#include "smtp.h"

struct service_state {
	struct smtp *smtp;
};
