/*
 * The HTTP side: libmicrohttpd's daemon driven by our loop, its connections, and the life of a request.
 *
 * MHD runs once per turn of the loop, after the tasks and before the bus sends, so that answers and
 * questions of one turn leave together. Connections that are slow or idle for too long are ended here,
 * for MHD's own timeout counts any byte as life.
 */
#pragma once

#include "refuse.h"
#include "request.h"

struct http;

struct http_limits {
	unsigned connections, per_address;
};

/* fd: a listening socket. NULL when MHD will not have it. */
struct http *http_open(struct gateway *gateway, int fd, struct http_limits limits);
/* No more connections; those that are open are told to end with their next answer. */
void http_quiesce(struct http *http);
/* Requests that are not answered completely. */
unsigned http_in_flight(const struct http *http);
/* Ends everything; the loop must turn until its handles are closed. */
void http_close(struct http *http);

/* The answer stands in request->answer: hands it to the client. */
void http_answer(struct request *request);
/*
 * Runs fetch(request) as a task, which ends with http_read_on(); only from within the callback that reads an answer. Until
 * then the connection is suspended and the request kept. False when too much runs.
 */
bool http_fetch(struct request *request, void (*fetch)(void *request)) must_check;
void http_read_on(struct request *request);
/* No more of the body until http_go_on(); only from within upload_take(). */
void http_pause(struct request *request);
void http_go_on(struct request *request);
/*
 * Takes the connection's socket away from MHD, which then forgets the request: the caller owns what is returned, or -1.
 * Only while the request runs; its task must return soon.
 */
int http_take_over(struct request *request);
/* For what MHD cannot read: answers it and returns MHD_NO, which ends the connection. */
enum MHD_Result http_refuse_misread(struct MHD_Connection *connection, enum error error);
/* Whether new answers must end their connections. */
bool http_is_closing(const struct http *http);
