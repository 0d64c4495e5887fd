/* Dates and plurals by language. */
#include "tongue.h"

#include <stdio.h>
#include <string.h>

struct tongue {
	const char *locale;
	const char *months[12];
	const char *between; /* the day and the month */
	const char *before_year;
	const char *after_time;
	bool zero_is_one; /* "0 jour", not "0 days" */
	const char *phrases[PHRASES];
};

static const struct tongue tongues[] = {
	{ "en",
	  { "January", "February", "March", "April", "May", "June", "July", "August", "September",
	    "October", "November", "December" },
	  " ",
	  " ",
	  "",
	  false,
	  { "Hello{name, select, none {} other { {name}}},",
	    "You get this mail because you have to do with {site}.",
	    "No more mails of this kind" } },
	{ "de",
	  { "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
	    "Oktober", "November", "Dezember" },
	  ". ",
	  " ",
	  " Uhr",
	  false,
	  { "Guten Tag{name, select, none {} other { {name}}},",
	    "Sie bekommen diese Mail, weil Sie mit {site} zu tun haben.",
	    "Keine Mails dieser Art mehr" } },
	{ "es",
	  { "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
	    "octubre", "noviembre", "diciembre" },
	  " de ",
	  " de ",
	  "",
	  false,
	  { "Hola{name, select, none {} other { {name}}}:",
	    "Recibes este correo por tu relación con {site}.",
	    "No recibir más correos de este tipo" } },
	{ "fr",
	  { "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
	    "octobre", "novembre", "décembre" },
	  " ",
	  " ",
	  "",
	  true,
	  { "Bonjour{name, select, none {} other { {name}}},",
	    "Vous recevez ce message en lien avec {site}.",
	    "Ne plus recevoir ce type de message" } },
};

/* By the language alone: "de-AT" is "de". */
static const struct tongue *find_tongue(const char *locale)
{
	size_t len = strcspn(locale, "-_");

	for (size_t i = 0; i < sizeof tongues / sizeof *tongues; i++)
		if (strlen(tongues[i].locale) == len && !strncmp(tongues[i].locale, locale, len))
			return &tongues[i];
	return &tongues[0];
}

static char *day_text(struct arena *arena, const struct tongue *tongue, int year, int month,
		      int day)
{
	return arena_printf(arena, "%d%s%s%s%d", day, tongue->between, tongue->months[month - 1],
			    tongue->before_year, year);
}

const char *tongue_day(struct arena *arena, const char *locale, const char *day)
{
	int year, month, of_month;

	if (sscanf(day, "%4d-%2d-%2d", &year, &month, &of_month) != 3 || month < 1 || month > 12)
		return day;
	return day_text(arena, find_tongue(locale), year, month, of_month);
}

const char *tongue_instant(struct arena *arena, const char *locale, const char *local,
			   const char *zone)
{
	const struct tongue *tongue = find_tongue(locale);
	int year, month, day, hour, minute;

	if (sscanf(local, "%4d-%2d-%2dT%2d:%2d", &year, &month, &day, &hour, &minute) != 5 ||
	    month < 1 ||
	    month > 12)
		return local;
	return arena_printf(arena, "%s, %02d:%02d%s (%s)",
			    day_text(arena, tongue, year, month, day), hour, minute,
			    tongue->after_time, zone);
}

const char *tongue_plural(const char *locale, long number)
{
	const struct tongue *tongue = find_tongue(locale);

	return number == 1 || (number == 0 && tongue->zero_is_one) ? "one" : "other";
}

const char *tongue_phrase(const char *locale, enum phrase phrase)
{
	return find_tongue(locale)->phrases[phrase];
}
