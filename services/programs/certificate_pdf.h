/*
 * A certificate on paper: A4, drawn by pango and cairo, so that names in every script come out;
 * fonts are embedded.
 */
#pragma once

#include "programs/programs.h"

/*
 * The PDF's bytes in the call's arena. Sleeps while a worker draws. False with a fault when it
 * cannot be drawn.
 */
bool certificate_pdf(struct call *call, const SignedCertificate *certificate,
		     CertificateFile *file) must_check;

/* Frees what the libraries keep for the next drawing; none follows. */
void certificate_pdf_end(void);
