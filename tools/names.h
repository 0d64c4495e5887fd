/*
 * Names as C writes them: CamelCase becomes snake_case as protobuf-c does it for its
 * descriptors, so that NewRecoveryCodes is new_recovery_codes everywhere and URLPart is
 * urlpart.
 */
#pragma once

#include "arena.h"

char *snake_case(struct arena *arena, const char *name);
char *upper_case(struct arena *arena, const char *name);
