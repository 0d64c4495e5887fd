/*
 * What the system's time zone package knows besides zones. Internal to text.
 */
#pragma once

#include "text.h"

/* Whether two capitals are a code of ISO 3166-1. */
bool text_is_country(struct arena *arena, const char *code);
