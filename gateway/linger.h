/*
 * Says one last thing on a socket and ends it so that the other side can read it: closing while unread
 * bytes wait makes the kernel reset the connection and drops what was said (RFC 9112, 9.6).
 */
#pragma once

#include <uv.h>

/* Owns fd from now on. Reads and forgets up to 1 MiB or for two seconds, then closes. */
void linger(uv_loop_t *loop, int fd, const void *bytes, size_t len);
