/*
 * The tokens that anonymous surveys are answered with (lib/voprf.h), as texts in base64url.
 *
 * Each wave has a key of its own, derived from ITHACA_MASTER_KEY and the wave's id: nothing about
 * it is kept. Knowing it lets one make tokens, not recognise whose token one is.
 */
#pragma once

#include "programs/programs.h"

/* 43 characters in the call's arena. */
char *blind_token_key(const struct call *call, const char *wave_id);
/* Fills evaluated, proof and public_key. 422 INVALID_POINT when `blinded` is none. */
bool blind_token_sign(struct call *call, const char *wave_id, const char *blinded,
		      SurveyToken *token) must_check;
/*
 * What is kept of a token so that it is used once: 64 hex digits in the call's arena. NULL when the
 * output is not what the wave's key gives for the input.
 */
char *blind_token_spend(const struct call *call, const char *wave_id, const char *input,
			const char *output);
