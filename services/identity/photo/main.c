/*
 * Redraws a picture: JPEG, PNG, GIF or WebP on stdin becomes a JPEG of at most 512 × 512 on stdout,
 * without anything else that the file held. Exits 1 when it cannot. Runs with little memory and
 * time, and opens no file.
 */
#include <gd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "orientation.h"

enum { MOST_BYTES = 5 << 20, MOST_SIDE = 8000, SIDE = 512, QUALITY = 85, SECONDS = 5 };
enum { MOST_PIXELS = 40 * 1000 * 1000, MEMORY = 512 << 20 };

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

static bool limit(int what, rlim_t most)
{
	struct rlimit both = { most, most };

	return !setrlimit((__rlimit_resource_t)what, &both);
}

/* The sanitizers' own work needs memory, files and a thread. */
static bool shut_in(void)
{
	return limit(RLIMIT_CPU, SECONDS) &&
	       limit(RLIMIT_FSIZE, 0) &&
	       limit(RLIMIT_CORE, 0) &&
	       (SANITIZED ||
		(limit(RLIMIT_AS, MEMORY) && limit(RLIMIT_NOFILE, 3) && limit(RLIMIT_NPROC, 0))) &&
	       !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static size_t read_all(uint8_t *bytes, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len < size && (got = read(STDIN_FILENO, bytes + len, size - len)) > 0)
		len += (size_t)got;
	return len;
}

static unsigned big(const uint8_t *at, int bytes)
{
	unsigned number = 0;

	while (bytes--)
		number = number << 8 | *at++;
	return number;
}

static unsigned little(const uint8_t *at, int bytes)
{
	unsigned number = 0;

	while (bytes--)
		number = number << 8 | at[bytes];
	return number;
}

struct size {
	unsigned width, height;
};

/* ITU T.81: markers up to the frame header, which names the size. */
static struct size jpeg_size(const uint8_t *at, size_t len)
{
	size_t i = 2;

	while (i + 9 < len && at[i] == 0xff) {
		uint8_t marker = at[i + 1];

		if (marker >= 0xc0 &&
		    marker <= 0xcf &&
		    marker != 0xc4 &&
		    marker != 0xc8 &&
		    marker != 0xcc)
			return (struct size) { big(at + i + 7, 2), big(at + i + 5, 2) };
		i += marker == 0xff ? 1 : 2 + big(at + i + 2, 2);
	}
	return (struct size) { 0 };
}

/* The three forms of a WebP's first chunk. */
static struct size webp_size(const uint8_t *at)
{
	if (!memcmp(at + 12, "VP8X", 4))
		return (struct size) { little(at + 24, 3) + 1, little(at + 27, 3) + 1 };
	if (!memcmp(at + 12, "VP8L", 4))
		return (struct size) { (little(at + 21, 4) & 0x3fff) + 1,
				       (little(at + 21, 4) >> 14 & 0x3fff) + 1 };
	return (struct size) { little(at + 26, 2) & 0x3fff, little(at + 28, 2) & 0x3fff };
}

/* What a file says of its size, before anything is decoded: a bomb is small on disk only. */
static bool is_drawable(struct size size)
{
	return size.width &&
	       size.height &&
	       size.width <= MOST_SIDE &&
	       size.height <= MOST_SIDE &&
	       (uint64_t)size.width * size.height <= MOST_PIXELS;
}

static gdImagePtr decode(uint8_t *at, size_t len)
{
	int count = (int)len;

	if (len < 32)
		return NULL;
	if (!memcmp(at, "\xff\xd8\xff", 3))
		return is_drawable(jpeg_size(at, len)) ? gdImageCreateFromJpegPtr(count, at) : NULL;
	if (!memcmp(at, "\x89PNG\r\n\x1a\n", 8))
		return is_drawable((struct size) { big(at + 16, 4), big(at + 20, 4) })
			       ? gdImageCreateFromPngPtr(count, at)
			       : NULL;
	if (!memcmp(at, "GIF8", 4))
		return is_drawable((struct size) { little(at + 6, 2), little(at + 8, 2) })
			       ? gdImageCreateFromGifPtr(count, at)
			       : NULL;
	if (!memcmp(at, "RIFF", 4) && !memcmp(at + 8, "WEBP", 4))
		return is_drawable(webp_size(at)) ? gdImageCreateFromWebpPtr(count, at) : NULL;
	return NULL;
}

/* Onto white, no larger than it was. */
static gdImagePtr redraw(gdImagePtr picture)
{
	int width = gdImageSX(picture), height = gdImageSY(picture),
	    most = width > height ? width : height;
	int side = most < SIDE ? most : SIDE;
	int new_width = width * side / most, new_height = height * side / most;
	gdImagePtr small =
		gdImageCreateTrueColor(new_width ? new_width : 1, new_height ? new_height : 1);

	if (!small)
		return NULL;
	gdImageFilledRectangle(small, 0, 0, gdImageSX(small) - 1, gdImageSY(small) - 1,
			       gdTrueColor(255, 255, 255));
	gdImageCopyResampled(small, picture, 0, 0, 0, 0, gdImageSX(small), gdImageSY(small), width,
			     height);
	return small;
}

/* As the eye saw it: mirrored, then turned, each of the eight ways. */
static gdImagePtr put_upright(gdImagePtr picture, unsigned orientation)
{
	static const float degrees[] = { 0, 0, 0, 180, 180, 90, 270, 270, 90 };
	static const bool mirrored[] = { 0, 0, 1, 0, 1, 1, 0, 1, 0 };
	gdImagePtr turned;

	if (mirrored[orientation])
		gdImageFlipHorizontal(picture);
	if (degrees[orientation] == 0)
		return picture;
	turned = gdImageRotateInterpolated(picture, degrees[orientation], 0);
	if (turned)
		gdImageDestroy(picture);
	return turned ? turned : picture;
}

static bool write_all(const uint8_t *bytes, size_t len)
{
	ssize_t put;

	for (; len && (put = write(STDOUT_FILENO, bytes, len)) > 0; len -= (size_t)put)
		bytes += put;
	return !len;
}

/* What was read as a small upright picture; NULL when it cannot be drawn. */
static gdImagePtr draw(uint8_t *bytes, size_t len)
{
	gdImagePtr picture = len <= MOST_BYTES ? decode(bytes, len) : NULL;
	gdImagePtr small = picture ? redraw(picture) : NULL;

	if (picture)
		gdImageDestroy(picture);
	return small && !memcmp(bytes, "\xff\xd8\xff", 3)
		       ? put_upright(small, jpeg_orientation(bytes, len))
		       : small;
}

int main(void)
{
	uint8_t *bytes = malloc(MOST_BYTES + 1), *jpeg = NULL;
	gdImagePtr small = NULL;
	int jpeg_len = 0;
	bool good;

	if (bytes && shut_in())
		small = draw(bytes, read_all(bytes, MOST_BYTES + 1));
	if (small)
		jpeg = gdImageJpegPtr(small, &jpeg_len, QUALITY);
	good = jpeg && write_all(jpeg, (size_t)jpeg_len);

	gdFree(jpeg);
	if (small)
		gdImageDestroy(small);
	free(bytes);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
