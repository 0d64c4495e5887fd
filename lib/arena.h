/*
 * Memory by lifetime: an arena belongs to a call and everything in it dies with it.
 *
 * Nothing is freed by hand. arena_alloc never returns NULL: a request is refused
 * by its size long before, and an allocation beyond the arena's limit ends the
 * call through arena_overflowed(), not the process.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* limit = bytes after which arena_overflowed() turns true and protobuf-c gets no more. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *arena);
/* Back to empty, keeping its first block (16 KiB); runs what was deferred. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
void *arena_copy(struct arena *arena, const void *bytes, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0), nonnull));

/*
 * Room for one more element, zeroed, after `count` elements of `element` bytes at `array`
 * (NULL when there are none). Returns the array, which may have moved: amortised like realloc.
 */
void *arena_extend(struct arena *arena, void *array, size_t count, size_t element)
	__attribute__((returns_nonnull));

/*
 * Runs undo(object) when the arena ends or is reset, last in first out: for objects of other
 * libraries.
 */
void arena_defer(struct arena *arena, void (*undo)(void *object), void *object);
bool arena_overflowed(const struct arena *arena);

/* protobuf-c's view of the arena: free does nothing. Valid as long as the arena. */
ProtobufCAllocator *arena_allocator(struct arena *arena);
