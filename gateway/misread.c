/* Refusals of what is no HTTP. */
#include "misread.h"

#include <dlfcn.h>

#include "http.h"

mhd_queue *misread_queue(void)
{
	return (mhd_queue *)dlsym(RTLD_NEXT, "MHD_queue_response");
}

static enum error error_of(unsigned status)
{
	switch (status) {
	case MHD_HTTP_CONTENT_TOO_LARGE:
		return ERROR_BODY_TOO_LARGE;
	case MHD_HTTP_URI_TOO_LONG:
		return ERROR_URI_TOO_LONG;
	case MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE:
		return ERROR_HEADERS_TOO_LARGE;
	case MHD_HTTP_INTERNAL_SERVER_ERROR:
		return ERROR_INTERNAL;
	case MHD_HTTP_HTTP_VERSION_NOT_SUPPORTED:
		return ERROR_VERSION_NOT_SUPPORTED;
	default:
		return ERROR_MALFORMED_REQUEST;
	}
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned status,
				   struct MHD_Response *page)
{
	(void)page;
	return http_refuse_misread(connection, error_of(status));
}
