/*
 * Receipts of signatures: PASETO v4.public (lib/token.h) with a key of the service's own, derived
 * from its master key.
 *
 * A receipt says who signed the text of which hash, and when; it stays true whatever becomes of
 * the agreement.
 */
#pragma once

#include "programs/programs.h"

/* Fills receipt->receipt from the other fields. */
bool receipt_sign(struct call *call, SignatureReceipt *receipt) must_check;
/* The public key that all receipts are verified with: 32 bytes, as unpadded base64url. */
char *receipt_key(struct call *call) must_check;
/* What a receipt says (JSON); NULL when it is none of this service, or was altered. */
const char *receipt_read(struct call *call, const char *receipt) must_check;
