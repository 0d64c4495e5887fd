/*
 * The shapes that a text may have by its rule. Internal to text.
 *
 * Texts are UTF-8 in NFC without control characters, and end with NUL at `len`.
 */
#pragma once

#include "text.h"

bool text_is_ascii(const char *text, size_t len);
bool text_is_date(const char *text, size_t len);
bool text_is_time(const char *text, size_t len);

/* As text_check, without lengths: the code of the refusal, or NULL with the text to keep in *out.
 */
const char *text_check_format(struct arena *arena, enum pb_format format, const char *text,
			      size_t len, const char **out);
