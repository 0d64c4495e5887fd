/* Lines of packed words: laid out at once, changed one word at a time. */
#include "inner.h"

#include <stdlib.h>
#include <string.h>

/* Words kept free behind the lines, for those that outgrow their room. */
enum { SPARE_WORDS = 1 << 12, INSERTION_MAX = 64 };

bool lines_new(struct lines *lines, int32_t n, uint32_t filler)
{
	lines->row = room_for((size_t)n + 1, sizeof *lines->row);
	lines->len = room_for((size_t)n + 1, sizeof *lines->len);
	lines->room = room_for((size_t)n + 1, sizeof *lines->room);
	lines->filler = filler;
	return lines->row && lines->len && lines->room;
}

void lines_free(struct lines *lines)
{
	free(lines->row);
	free(lines->len);
	free(lines->room);
	free(lines->word);
}

bool lines_lay(struct lines *lines, int32_t n)
{
	int64_t used = 0;

	for (int32_t k = 0; k < n; k++) {
		lines->row[k] = used;
		lines->room[k] = filled_length(lines->len[k]);
		used += lines->room[k];
	}
	lines->used = used;
	lines->size = used + used / 64 + SPARE_WORDS;
	lines->word = room_for((size_t)lines->size, sizeof *lines->word);
	return lines->word != NULL;
}

void line_fill(struct lines *lines, int32_t k)
{
	uint32_t *line = line_of(lines, k);

	for (int32_t at = lines->len[k]; at < lines->room[k]; at++)
		line[at] = lines->filler;
}

int32_t line_find(const struct lines *lines, int32_t k, int32_t number)
{
	const uint32_t *line = line_of(lines, k);

	for (int32_t at = 0; at < lines->len[k]; at++)
		if (word_number(line[at]) == number)
			return at;
	return -1;
}

void line_remove(struct lines *lines, int32_t k, int32_t at)
{
	uint32_t *line = line_of(lines, k);
	int32_t last = --lines->len[k];

	memmove(line + at, line + at + 1, (size_t)(last - at) * sizeof *line);
	line[last] = lines->filler;
}

static bool enlarge(struct lines *lines, int64_t wanted)
{
	int64_t size = wanted + wanted / 2;
	uint32_t *word = room_for((size_t)size, sizeof *word);

	if (!word)
		return false;
	memcpy(word, lines->word, (size_t)lines->used * sizeof *word);
	free(lines->word);
	lines->word = word;
	lines->size = size;
	return true;
}

/* The line moves to the end, where it has twice the room. */
static bool move_line(struct lines *lines, int32_t k)
{
	int32_t room = 2 * lines->room[k] + SCAN_STEP;

	if (lines->used + room > lines->size && !enlarge(lines, lines->used + room))
		return false;
	memcpy(lines->word + lines->used, line_of(lines, k),
	       (size_t)lines->len[k] * sizeof *lines->word);
	lines->row[k] = lines->used;
	lines->room[k] = room;
	lines->used += room;
	line_fill(lines, k);
	return true;
}

bool line_add(struct lines *lines, int32_t k, uint32_t word, bool descending)
{
	if (lines->len[k] == lines->room[k] && !move_line(lines, k))
		return false;

	uint32_t *line = line_of(lines, k);
	int32_t at = lines->len[k]++;

	for (; descending && at > 0 && line[at - 1] < word; at--)
		line[at] = line[at - 1];
	line[at] = word;
	return true;
}

static void insert_in_order(uint32_t *word, int32_t n)
{
	for (int32_t k = 1; k < n; k++) {
		uint32_t moved = word[k];
		int32_t at = k;

		for (; at > 0 && word[at - 1] < moved; at--)
			word[at] = word[at - 1];
		word[at] = moved;
	}
}

/* Long lines by their bytes, the lowest first. */
void sort_words(uint32_t *word, int32_t n, uint32_t *spare)
{
	if (n <= INSERTION_MAX) {
		insert_in_order(word, n);
		return;
	}
	for (int shift = 0; shift < 32; shift += 8) {
		int32_t start[257] = { 0 };

		for (int32_t k = 0; k < n; k++)
			start[256 - (word[k] >> shift & 255)]++;
		for (int b = 1; b <= 256; b++)
			start[b] += start[b - 1];
		for (int32_t k = 0; k < n; k++)
			spare[start[255 - (word[k] >> shift & 255)]++] = word[k];
		memcpy(word, spare, (size_t)n * sizeof *word);
	}
}
