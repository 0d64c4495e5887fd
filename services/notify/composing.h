/*
 * What a delivery says: its words filled in with what was asked, for the inbox or as a mail. Texts are
 * in the arena of ask.
 */
#pragma once

#include "asking.h"
#include "mime.h"
#include "words.h"

struct words letter_words(const struct sending *sending);
/*
 * The path it leads to. Only here is the token among the variables: it is in no text, statement or
 * log.
 */
const char *letter_path(const struct sending *sending);
/* token: of the link that ends such mails, or NULL. False when the words cannot be filled in. */
bool letter_compose(const struct sending *sending, const char *token, struct mail *mail) must_check;
