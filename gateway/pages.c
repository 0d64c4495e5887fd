/* Pages of our own. */
#include "pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "bus.h"
#include "contract.h"
#include "gateway.h"
#include "refuse.h"
#include "route.h"
#include "trust.h"

#ifndef VERSION
#define VERSION "1.0.0"
#endif

enum { MOST_FILE = 8 << 20, SECURITY_TXT_DAYS = 180 };

static bool text_page(struct request *request, unsigned status, const char *type)
{
	request->answer.status = status;
	request->answer.content_type = type;
	return true;
}

static bool livez(struct request *request)
{
	buf_puts(&request->answer.body, "alive\n");
	return text_page(request, 200, "text/plain; charset=utf-8");
}

bool pages_ready(void *arg, struct buf *why)
{
	const struct gateway *gateway = arg;
	bool bus = bus_ready(gateway->process.bus), trust = trust_loaded(gateway->trust);

	buf_printf(why, "nats %s\nidentity %s\n", bus ? "ok" : "away",
		   trust ? "ok" : "not heard yet");
	if (gateway->process.draining)
		buf_puts(why, "stopping\n");
	return bus && trust && !gateway->process.draining;
}

static bool readyz(struct request *request)
{
	bool ready = pages_ready(request->gateway, &request->answer.body);

	return text_page(request, ready ? 200 : 503, "text/plain; charset=utf-8");
}

static bool version(struct request *request)
{
	buf_puts(&request->answer.body,
		 "{\"name\":\"ithaca\",\"version\":\"" VERSION "\",\"api\":\"v1\"}");
	answer_json(request, 200);
	return true;
}

static bool openapi(struct request *request)
{
	buf_puts(&request->answer.body, contract_openapi);
	answer_json(request, 200);
	answer_tag(request, 0);
	return true;
}

static bool errors(struct request *request)
{
	errors_write(&request->answer.body);
	answer_json(request, 200);
	answer_tag(request, 0);
	return true;
}

static bool security_txt(struct request *request)
{
	time_t expires = time(NULL) + (time_t)SECURITY_TXT_DAYS * 86400;
	struct tm utc;
	char text[32];

	gmtime_r(&expires, &utc);
	strftime(text, sizeof text, "%Y-%m-%dT00:00:00Z", &utc);
	buf_printf(&request->answer.body, "Contact: %s\nExpires: %s\nPreferred-Languages: en\n",
		   request->gateway->pages.security_contact, text);
	return text_page(request, 200, "text/plain; charset=utf-8");
}

static bool change_password(struct request *request)
{
	request->answer.status = 302;
	answer_header(request, "Location", request->gateway->pages.change_password);
	return true;
}

#define HTML "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define LANDING "landing.html", HTML

/*
 * Files of the API reference, and of the pages that links in mails lead to: a fixed list, so that no
 * path from outside ever names a file.
 */
static const struct {
	const char *path, *file, *type;
} docs[] = {
	{ "/docs", "index.html", HTML },
	{ "/docs/docs.css", "docs.css", "text/css; charset=utf-8" },
	{ "/docs/redoc.standalone.js", "redoc.standalone.js", SCRIPT },
	{ "/landing/landing.css", "landing.css", "text/css; charset=utf-8" },
	{ "/landing/landing.js", "landing.js", SCRIPT },
	{ "/landing/words.js", "words.js", SCRIPT },
	{ "/verify-email", LANDING },
	{ "/reset-password", LANDING },
	{ "/unlock", LANDING },
	{ "/confirm-email", LANDING },
	{ "/approve-email", LANDING },
	{ "/revert-email", LANDING },
	{ "/invitations", LANDING },
	{ "/unsubscribe", LANDING },
	{ "/", LANDING },
	{ "/sign-in", LANDING },
	{ "/appeal", LANDING },
	{ "/account/{part}", LANDING },
	{ "/memberships/{id}", LANDING },
	{ "/programs/{id}", LANDING },
	{ "/programs/{id}/{part}", LANDING },
	{ "/mentorships/{id}", LANDING },
	{ "/mentorships/{id}/{part}", LANDING },
	{ "/surveys/{id}", LANDING },
	{ "/certificates/{id}", LANDING },
	{ "/resources/{id}", LANDING },
	{ "/discussions/{id}", LANDING },
	{ "/introductions/{id}", LANDING },
	{ "/match-runs/{id}", LANDING },
	{ "/match-proposals/{id}", LANDING },
};

static bool read_file(struct buf *out, const char *folder, const char *name)
{
	char path[4096];
	struct stat stat;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (!fstat(fd, &stat) && stat.st_size <= MOST_FILE)
		n = read(fd, buf_room(out, (size_t)stat.st_size), (size_t)stat.st_size);
	close(fd);
	out->len += n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool docs_page(struct request *request)
{
	size_t i = 0;

	while (strcmp(docs[i].path, request->route->path))
		i++;
	if (!read_file(&request->answer.body, request->gateway->pages.docs, docs[i].file))
		return refuse(request, ERROR_NOT_FOUND,
			      "This page is not installed; the description of the API is at "
			      "/v1/openapi.json.");
	answer_header(request, "Content-Security-Policy",
		      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
		      "img-src 'self' data:; "
		      "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri "
		      "'none'; form-action 'none'; frame-ancestors 'none'");
	answer_header(request, "Referrer-Policy", "no-referrer");
	text_page(request, 200, docs[i].type);
	answer_tag(request, 0);
	return true;
}

void pages_add(struct gateway *gateway, const struct pages_settings *settings)
{
	static const struct {
		const char *path;
		bool (*page)(struct request *request);
	} pages[] = {
		{ "/livez", livez },
		{ "/readyz", readyz },
		{ "/startupz", readyz },
		{ "/v1/version", version },
		{ "/v1/openapi.json", openapi },
		{ "/v1/errors", errors },
		{ "/.well-known/security.txt", security_txt },
		{ "/.well-known/change-password", change_password },
	};

	gateway->pages = *settings;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		router_add_page(gateway->router, pages[i].path, pages[i].page);
	for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
		router_add_page(gateway->router, docs[i].path, docs_page);
}
