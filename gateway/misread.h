/*
 * What MHD cannot read it refuses by itself, in HTML, and no option changes that (0.9.75). But it queues
 * that page by its own public MHD_queue_response(), which it finds through the dynamic linker: the one
 * defined here stands before it and says a problem instead. Were the library linked so that it does not
 * ask the linker, its pages would come back, and test_framing_is_judged would tell.
 */
#pragma once

#include <microhttpd.h>

typedef enum MHD_Result mhd_queue(struct MHD_Connection *connection, unsigned status,
				  struct MHD_Response *response);

/* The library's own, for answers of ours. */
mhd_queue *misread_queue(void);
