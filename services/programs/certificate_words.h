/*
 * What stands on a certificate besides names, in the language of its holder; in English where that
 * language is not known here.
 */
#pragma once

#include "programs/programs.h"

/* "Certificate of completion" */
const char *certificate_title(const char *locale, Certificate__Kind kind);
/* "Sessions: 12 · Hours: 11 · …"; nothing of a training. */
const char *certificate_numbers(struct arena *arena, const SignedCertificate *certificate);
/* "Issued on 2026-11-30" */
const char *certificate_date(struct arena *arena, const SignedCertificate *certificate);
