/* A chain of blocks that memory is cut from; the arena itself stands in the first. */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONED 1
#endif
#endif

#ifdef ARENA_POISONED
#include <sanitizer/asan_interface.h>
#define ARENA_GAP 16
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ARENA_GAP 0
#endif

enum {
	ALIGN = 16,
	FIRST_BLOCK = 16384,
	NEXT_BLOCK = 65536,
	OWN_BLOCK = 16384, /* from this size an allocation does not share a block */
};

struct block {
	_Alignas(ALIGN) struct block *older;
};

struct deferred {
	struct deferred *older;
	void (*undo)(void *object);
	void *object;
};

/* Stands before an array that arena_extend made; the elements follow. */
struct growing {
	_Alignas(ALIGN) struct growing *older;
	size_t size; /* of the array, in bytes */
};

struct arena {
	uint8_t *next, *end;
	size_t used, limit;
	bool overflowed;
	struct block *newest; /* without the first */
	struct deferred *deferred;
	struct growing *growing;
	ProtobufCAllocator allocator;
};

static size_t rounded(size_t size)
{
	return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static uint8_t *first_byte(struct arena *arena)
{
	return (uint8_t *)arena + rounded(sizeof *arena);
}

static void open_first_block(struct arena *arena)
{
	arena->next = first_byte(arena);
	arena->end = (uint8_t *)arena + FIRST_BLOCK;
	ASAN_POISON_MEMORY_REGION(arena->next, (size_t)(arena->end - arena->next));
}

/* The bytes after the header of a new block. */
static uint8_t *add_block(struct arena *arena, size_t size)
{
	struct block *block;

	if (size > SIZE_MAX - sizeof *block)
		abort();
	block = malloc(sizeof *block + size);
	if (!block)
		abort();
	block->older = arena->newest;
	arena->newest = block;
	return (uint8_t *)(block + 1);
}

static void *cut_from_new_block(struct arena *arena, size_t size)
{
	uint8_t *bytes;

	if (size >= OWN_BLOCK)
		return add_block(arena, size);

	bytes = add_block(arena, NEXT_BLOCK);
	arena->next = bytes + size;
	arena->end = bytes + NEXT_BLOCK;
	ASAN_POISON_MEMORY_REGION(bytes, NEXT_BLOCK);
	return bytes;
}

/* Not zeroed. */
static void *cut(struct arena *arena, size_t size)
{
	size_t room = rounded(size) + ARENA_GAP;
	void *bytes;

	if (room < size)
		abort();
	arena->used += room;
	if (arena->used > arena->limit)
		arena->overflowed = true;

	if (room <= (size_t)(arena->end - arena->next)) {
		bytes = arena->next;
		arena->next += room;
	} else {
		bytes = cut_from_new_block(arena, room);
	}
	ASAN_UNPOISON_MEMORY_REGION(bytes, size);
	return bytes;
}

/* protobuf-c takes NULL for a refusal: so bytes from outside cannot unpack beyond the limit. */
static void *allocate_for_protobuf(void *data, size_t size)
{
	struct arena *arena = data;

	if (arena->overflowed || size > arena->limit - arena->used) {
		arena->overflowed = true;
		return NULL;
	}
	return cut(arena, size);
}

static void free_for_protobuf(void *data, void *object)
{
	(void)data;
	(void)object;
}

struct arena *arena_new(size_t limit)
{
	struct arena *arena = malloc(FIRST_BLOCK);

	if (!arena)
		abort();
	*arena = (struct arena) {
		.limit = limit,
		.allocator = { allocate_for_protobuf, free_for_protobuf, arena },
	};
	open_first_block(arena);
	return arena;
}

void arena_reset(struct arena *arena)
{
	while (arena->deferred) {
		struct deferred *last = arena->deferred;

		arena->deferred = last->older;
		last->undo(last->object);
	}
	while (arena->newest) {
		struct block *block = arena->newest;

		arena->newest = block->older;
		free(block);
	}
	arena->growing = NULL;
	arena->used = 0;
	arena->overflowed = false;
	open_first_block(arena);
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	arena_reset(arena);
	free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(cut(arena, size), 0, size);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
	void *copy = cut(arena, len);

	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = cut(arena, len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text) + 1);
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	char small[256];
	va_list again;
	int len;
	char *text;

	va_copy(again, args);
	len = vsnprintf(small, sizeof small, format, args);
	if (len < (int)sizeof small) {
		va_end(again);
		return arena_strndup(arena, small, len < 0 ? 0 : (size_t)len);
	}
	text = cut(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

void arena_defer(struct arena *arena, void (*undo)(void *object), void *object)
{
	struct deferred *deferred = cut(arena, sizeof *deferred);

	*deferred = (struct deferred) { arena->deferred, undo, object };
	arena->deferred = deferred;
}

bool arena_overflowed(const struct arena *arena)
{
	return arena->overflowed;
}

ProtobufCAllocator *arena_allocator(struct arena *arena)
{
	return &arena->allocator;
}

/* Takes the array's record out of the list; NULL for an array that was not made here. */
static struct growing *take_growing(struct arena *arena, const void *array)
{
	for (struct growing **at = &arena->growing; *at; at = &(*at)->older) {
		struct growing *growing = *at;

		if (growing + 1 == array) {
			*at = growing->older;
			return growing;
		}
	}
	return NULL;
}

static struct growing *grow(struct arena *arena, const void *array, size_t used, size_t element)
{
	size_t size = used ? 2 * used : 4 * element;
	struct growing *growing = cut(arena, sizeof *growing + size);

	growing->size = size;
	if (used)
		memcpy(growing + 1, array, used);
	return growing;
}

void *arena_extend(struct arena *arena, void *array, size_t count, size_t element)
{
	struct growing *growing = count ? take_growing(arena, array) : NULL;

	if (!growing || growing->size < (count + 1) * element)
		growing = grow(arena, array, count * element, element);
	/* The newest first: whoever appends goes on with the array that was last appended to. */
	growing->older = arena->growing;
	arena->growing = growing;
	memset((uint8_t *)(growing + 1) + count * element, 0, element);
	return growing + 1;
}
