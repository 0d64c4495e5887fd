/* The words of certificates by language. */
#include "certificate_words.h"

enum { NUMBERS = 6 };

static const struct words {
	const char *locale;
	const char *completion, *service, *training;
	const char *numbers[NUMBERS]; /* in the order of CertificateFacts */
	const char *issued;
} languages[] = {
	{ "en",
	  "Certificate of completion",
	  "Certificate of service as a mentor",
	  "Certificate of training",
	  { "Sessions", "Hours", "Goals achieved", "Tasks approved", "Milestones", "Days" },
	  "Issued on" },
	{ "de",
	  "Teilnahmezertifikat",
	  "Zertifikat für die Arbeit als Mentor:in",
	  "Schulungszertifikat",
	  { "Treffen", "Stunden", "Erreichte Ziele", "Erledigte Aufgaben", "Meilensteine", "Tage" },
	  "Ausgestellt am" },
	{ "es",
	  "Certificado de participación",
	  "Certificado de labor de mentoría",
	  "Certificado de formación",
	  { "Sesiones", "Horas", "Objetivos alcanzados", "Tareas aprobadas", "Hitos", "Días" },
	  "Expedido el" },
	{ "fr",
	  "Certificat de participation",
	  "Certificat d’engagement comme mentor",
	  "Certificat de formation",
	  { "Séances", "Heures", "Objectifs atteints", "Tâches validées", "Étapes", "Jours" },
	  "Délivré le" },
};

/* By the language alone: "de-AT" is "de". */
static const struct words *words_of(const char *locale)
{
	size_t len = strcspn(locale, "-_");

	for (size_t i = 0; i < sizeof(languages) / sizeof(*languages); i++)
		if (strlen(languages[i].locale) == len &&
		    !strncmp(languages[i].locale, locale, len))
			return &languages[i];
	return &languages[0];
}

const char *certificate_title(const char *locale, Certificate__Kind kind)
{
	const struct words *words = words_of(locale);

	switch (kind) {
	case CERTIFICATE__KIND__MENTOR_SERVICE:
		return words->service;
	case CERTIFICATE__KIND__TRAINING:
		return words->training;
	default:
		return words->completion;
	}
}

const char *certificate_numbers(struct arena *arena, const SignedCertificate *certificate)
{
	const struct words *words = words_of(certificate->locale);
	const CertificateFacts *facts = certificate->facts;
	const char *line = "";

	if (certificate->kind == CERTIFICATE__KIND__TRAINING)
		return line;
	const int values[NUMBERS] = { facts->sessions_attended, facts->hours,
				      facts->goals_achieved,	facts->tasks_approved,
				      facts->milestones_done,	facts->days };
	for (size_t i = 0; i < NUMBERS; i++)
		line = arena_printf(arena, "%s%s%s: %d", line, *line ? " \u00b7 " : "",
				    words->numbers[i], values[i]);
	return line;
}

const char *certificate_date(struct arena *arena, const SignedCertificate *certificate)
{
	return arena_printf(arena, "%s %.10s", words_of(certificate->locale)->issued,
			    certificate->issued_at);
}
