/* libcurl's multi interface on libuv; a task sleeps while its mail is on its way. */
#include "smtp.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "task.h"

enum { CONNECT_SECONDS = 5, SEND_SECONDS = 60, MOST_CONNECTIONS = 8 };

struct smtp {
	uv_timer_t timer;
	CURLM *multi;
	char *url;
	bool in_clear; /* to this machine */
};

/* A socket of libcurl's, watched by the loop. */
struct watch {
	uv_poll_t poll;
	struct smtp *smtp;
	curl_socket_t socket;
};

struct transfer {
	struct task *task;
	const struct buf *message;
	size_t sent;
	bool done;
	CURLcode code;
	char said[16]; /* the code and the enhanced code of the last line of an answer */
	char error[CURL_ERROR_SIZE];
};

static void wake_finished(struct smtp *smtp)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(smtp->multi, &left))) {
		struct transfer *transfer;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		transfer->done = true;
		transfer->code = message->data.result;
		task_wake(transfer->task);
	}
}

static void act(struct smtp *smtp, curl_socket_t socket, int what)
{
	int running;

	curl_multi_socket_action(smtp->multi, socket, what, &running);
	wake_finished(smtp);
}

static void on_readable_or_writable(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	int what = status < 0 ? CURL_CSELECT_ERR : 0;

	what |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
	what |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
	act(watch->smtp, watch->socket, what);
}

static void on_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static struct watch *watch_new(struct smtp *smtp, curl_socket_t socket)
{
	struct watch *watch = calloc(1, sizeof *watch);

	if (!watch)
		abort();
	watch->smtp = smtp;
	watch->socket = socket;
	watch->poll.data = watch;
	uv_poll_init_socket(smtp->timer.loop, &watch->poll, socket);
	curl_multi_assign(smtp->multi, socket, watch);
	return watch;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *known)
{
	struct smtp *smtp = arg;
	struct watch *watch = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch) {
			curl_multi_assign(smtp->multi, socket, NULL);
			uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		}
		return 0;
	}
	events |= what & CURL_POLL_IN ? UV_READABLE : 0;
	events |= what & CURL_POLL_OUT ? UV_WRITABLE : 0;
	watch = watch ? watch : watch_new(smtp, socket);
	uv_poll_start(&watch->poll, events, on_readable_or_writable);
	return 0;
}

static void on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout_wanted(CURLM *multi, long ms, void *arg)
{
	struct smtp *smtp = arg;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&smtp->timer);
	else
		uv_timer_start(&smtp->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

/* By number, or "localhost": other names could lead anywhere. */
static bool is_loopback(const char *url)
{
	CURLU *parts = curl_url();
	char *host = NULL;
	bool loopback = false;

	if (parts &&
	    !curl_url_set(parts, CURLUPART_URL, url, 0) &&
	    !curl_url_get(parts, CURLUPART_HOST, &host, 0)) {
		struct in_addr address;

		loopback = !strcmp(host, "localhost") ||
			   !strcmp(host, "[::1]") ||
			   (inet_pton(AF_INET, host, &address) == 1 &&
			    ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET);
	}
	curl_free(host);
	curl_url_cleanup(parts);
	return loopback;
}

struct smtp *smtp_new(uv_loop_t *loop, const char *url)
{
	struct smtp *smtp = calloc(1, sizeof *smtp);

	if (!smtp || curl_global_init(CURL_GLOBAL_DEFAULT) || !(smtp->multi = curl_multi_init())) {
		free(smtp);
		return NULL;
	}
	smtp->url = strdup(url);
	smtp->in_clear = is_loopback(url);
	smtp->timer.data = smtp;
	uv_timer_init(loop, &smtp->timer);
	curl_multi_setopt(smtp->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(smtp->multi, CURLMOPT_SOCKETDATA, smtp);
	curl_multi_setopt(smtp->multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
	curl_multi_setopt(smtp->multi, CURLMOPT_TIMERDATA, smtp);
	curl_multi_setopt(smtp->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)MOST_CONNECTIONS);
	return smtp;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct smtp *smtp = handle->data;

	free(smtp->url);
	free(smtp);
}

void smtp_free(struct smtp *smtp)
{
	curl_multi_cleanup(smtp->multi);
	curl_global_cleanup();
	uv_close((uv_handle_t *)&smtp->timer, on_timer_closed);
}

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t left = transfer->message->len - transfer->sent;
	size_t len = size * count < left ? size * count : left;

	memcpy(to, transfer->message->data + transfer->sent, len);
	transfer->sent += len;
	return len;
}

/*
 * Of "550 5.1.1 No such user <anna@…>" what names nobody: "550 5.1.1". A refusal stays, though "221
 * Bye" follows.
 */
static size_t on_answer(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count < 4 ? 0 : 3, enhanced = 0;

	if (transfer->said[0] >= '4')
		return size * count;
	while (len &&
	       len + 1 + enhanced < size * count &&
	       enhanced < 10 &&
	       strchr("0123456789.", line[len + 1 + enhanced]))
		enhanced++;
	snprintf(transfer->said, sizeof transfer->said, "%.*s%s%.*s", (int)len, line,
		 enhanced ? " " : "", (int)enhanced, line + len + (len ? 1 : 0));
	return size * count;
}

static CURL *easy_new(const struct smtp *smtp, const struct smtp_mail *mail, struct curl_slist *to,
		      struct transfer *transfer)
{
	CURL *easy = curl_easy_init();

	if (!easy)
		abort();
	curl_easy_setopt(easy, CURLOPT_URL, smtp->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USE_SSL,
			 (long)(smtp->in_clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)SEND_SECONDS);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail->from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_answer);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	return easy;
}

/* 5.7.x is the sender's trouble with a policy, not the mailbox's absence. */
static bool means_no_mailbox(const struct transfer *transfer, long code)
{
	const char *enhanced = strchr(transfer->said, ' ');

	if (strncmp(transfer->error, "RCPT failed", strlen("RCPT failed")))
		return false;
	if (enhanced)
		return !strncmp(enhanced, " 5.1.", 5);
	return code == 550 || code == 551 || code == 553;
}

static enum smtp_outcome judge(const struct transfer *transfer, long code)
{
	if (transfer->code == CURLE_OK)
		return SMTP_TAKEN;
	if (transfer->code != CURLE_SEND_ERROR && transfer->code != CURLE_WEIRD_SERVER_REPLY)
		return SMTP_AWAY;
	if (code >= 400 && code < 500 && code != 421)
		return SMTP_LATER;
	if (code >= 500 && code < 600)
		return means_no_mailbox(transfer, code) ? SMTP_NO_ADDRESS : SMTP_REFUSED;
	return SMTP_AWAY;
}

enum smtp_outcome smtp_send(struct smtp *smtp, struct arena *arena, const struct smtp_mail *mail,
			    const char **answer)
{
	struct transfer transfer = { .task = task_current(),
				     .message = mail->message,
				     .code = CURLE_FAILED_INIT };
	struct curl_slist *to = curl_slist_append(NULL, mail->to);
	CURL *easy = easy_new(smtp, mail, to, &transfer);
	long code = 0;

	transfer.done = curl_multi_add_handle(smtp->multi, easy) != CURLM_OK;
	while (!transfer.done)
		task_park();
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	curl_multi_remove_handle(smtp->multi, easy);
	curl_easy_cleanup(easy);
	curl_slist_free_all(to);
	*answer = arena_strdup(arena, transfer.said);
	return judge(&transfer, code);
}
