/* From the markers of a JPEG to one number of its Exif part; every step stays within the bytes. */
#include "orientation.h"

#include <stdbool.h>
#include <string.h>

enum { APP1 = 0xe1, START_OF_SCAN = 0xda, EXIF_HEAD = 6, ENTRY = 12, ORIENTATION = 0x0112 };

struct tiff {
	const uint8_t *at;
	size_t len;
	bool little;
};

static unsigned number(const struct tiff *tiff, size_t from, size_t bytes)
{
	unsigned value = 0;

	if (from > tiff->len || tiff->len - from < bytes)
		return 0;
	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | tiff->at[from + (tiff->little ? bytes - 1 - i : i)];
	return value;
}

static unsigned read_tiff(const uint8_t *at, size_t len)
{
	struct tiff tiff = { at, len, len > 2 && at[0] == 'I' };
	size_t directory = number(&tiff, 4, 4);
	unsigned entries = number(&tiff, directory, 2), found;

	for (size_t i = 0; i < entries; i++) {
		size_t entry = directory + 2 + i * ENTRY;

		if (number(&tiff, entry, 2) != ORIENTATION)
			continue;
		found = number(&tiff, entry + 8, 2);
		return found >= 1 && found <= 8 ? found : 1;
	}
	return 1;
}

unsigned jpeg_orientation(const uint8_t *bytes, size_t len)
{
	size_t at = 2;

	while (at + 4 <= len && bytes[at] == 0xff && bytes[at + 1] != START_OF_SCAN) {
		size_t size = (size_t)bytes[at + 2] << 8 | bytes[at + 3];

		if (size < 2 || size > len - at - 2)
			return 1;
		if (bytes[at + 1] == APP1 &&
		    size > 2 + EXIF_HEAD &&
		    !memcmp(bytes + at + 4, "Exif\0", EXIF_HEAD))
			return read_tiff(bytes + at + 4 + EXIF_HEAD, size - 2 - EXIF_HEAD);
		at += 2 + size;
	}
	return 1;
}
