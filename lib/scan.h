/*
 * A virus scanner that is asked about bytes as they pass: clamd, by its command INSTREAM (clamd(8)), at "unix:/path" or
 * "tcp:host:port". A scan ends with its verdict; what could not be scanned is never taken for clean.
 *
 * Every function but scan_drop() sleeps while a worker thread does it.
 */
#pragma once

#include "arena.h"
#include "buf.h"

struct scan;

enum scan_verdict { SCAN_CLEAN, SCAN_FOUND, SCAN_FAILED };

/* Whether an address is one of a scanner's; else a complaint. */
bool scan_check(const char *where, struct buf *complaints);

/* NULL when nobody scans there; the log says why. Ends with scan_end() or scan_drop(). */
struct scan *scan_begin(const char *where);
/* false: the scanner does not take more; scan_end() tells what it says. */
bool scan_write(struct scan *scan, const void *bytes, size_t len);
/* `*found`, in the arena: what a file that is not clean has, as the scanner calls it. */
enum scan_verdict scan_end(struct scan *scan, struct arena *arena, const char **found);
void scan_drop(struct scan *scan);
