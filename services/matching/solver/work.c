/* Memory in large pages, and loops over slices on threads. */
#include "inner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Below FEW a thread takes longer to start than to work. */
enum { LARGE_PAGE = 1 << 21, FEW = 4096 };

void *room_for(size_t n, size_t size)
{
	size_t bytes = (n * size + 64) & ~(size_t)63;
	size_t align = bytes >= LARGE_PAGE ? LARGE_PAGE : 64;
	void *room = aligned_alloc(align, (bytes + align - 1) & ~(align - 1));

	if (!room)
		return NULL;
	if (align == LARGE_PAGE)
		madvise(room, bytes, MADV_HUGEPAGE);
	return memset(room, 0, bytes);
}

struct job {
	void (*work)(void *object, struct slice slice);
	void *object;
	struct slice slice;
};

static void *run_job(void *arg)
{
	struct job *job = arg;

	job->work(job->object, job->slice);
	return NULL;
}

void in_slices(int threads, int32_t n, void (*work)(void *object, struct slice slice), void *object)
{
	struct job jobs[THREADS_MAX];
	pthread_t ids[THREADS_MAX];
	bool started[THREADS_MAX] = { false };
	int count = n < FEW || threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;

	for (int k = 0; k < count; k++) {
		struct slice slice = { (int32_t)((int64_t)n * k / count),
				       (int32_t)((int64_t)n * (k + 1) / count), k };

		jobs[k] = (struct job) { work, object, slice };
		started[k] = k > 0 && pthread_create(&ids[k], NULL, run_job, &jobs[k]) == 0;
	}
	for (int k = 0; k < count; k++)
		if (!started[k])
			run_job(&jobs[k]);
	for (int k = 1; k < count; k++)
		if (started[k])
			pthread_join(ids[k], NULL);
}

bool cancelled(const struct matcher *m)
{
	return m->progress && atomic_load_explicit(&m->progress->cancel, memory_order_relaxed);
}

void show_progress(const struct matcher *m, int permille)
{
	if (m->progress)
		atomic_store_explicit(&m->progress->permille, permille, memory_order_relaxed);
}
