/*
 * Objects in an S3-compatible store, each asked for with a request of its own that libcurl signs (AWS Signature Version 4).
 * What is written is gathered: a file of at most one part goes out in one request, a larger one as a multipart upload,
 * which the store shows as a whole when it is completed, or never.
 */
#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uv.h>

#include "buf.h"
#include "object_own.h"

/* S3 takes parts from 5 MiB on, but for the last one. */
enum {
	PART = 5 << 20,
	MOST_ANSWER = 64 << 10,
	IDLE = 8,
	ATTEMPTS = 3,
	CONNECT_MS = 3000,
	CONTINUE_MS = 200
};
/* What the store is given for a step, all its attempts together; and what it is given between them. */
enum { WHOLE_MS = 20000, PAUSE_MS = 200 };

/* Its steps run on several threads at once: idle handles, which keep their connections, are shared under a lock. */
struct s3 {
	char *base; /* https://host:port/bucket/prefix */
	char *key_id, *secret, *provider;
	uv_mutex_t mutex;
	CURL *idle[IDLE];
	unsigned n_idle;
};

struct writer {
	struct s3 *s3;
	char key[37];
	struct buf part;
	char *upload;	 /* the id of a multipart upload, escaped; NULL: none has begun */
	struct buf done; /* XML of the parts that are there */
	unsigned parts;
};

struct request {
	const char *method, *key, *query, *range;
	const void *body;
	size_t len;
};

struct answer {
	struct buf body;
	size_t most;
	long status;
	char etag[200];
};

static bool fail(char *error, const char *what, const char *why)
{
	snprintf(error, OBJECT_ERROR, "%s: %s", what, why);
	return false;
}

/* --- the handles --- */

static CURL *take_handle(struct s3 *s3)
{
	CURL *handle = NULL;

	uv_mutex_lock(&s3->mutex);
	if (s3->n_idle)
		handle = s3->idle[--s3->n_idle];
	uv_mutex_unlock(&s3->mutex);
	handle = handle ? handle : curl_easy_init();
	if (!handle)
		abort();
	return handle;
}

static void give_handle(struct s3 *s3, CURL *handle)
{
	curl_easy_reset(handle);
	uv_mutex_lock(&s3->mutex);
	if (s3->n_idle < IDLE) {
		s3->idle[s3->n_idle++] = handle;
		handle = NULL;
	}
	uv_mutex_unlock(&s3->mutex);
	curl_easy_cleanup(handle);
}

/* --- one request --- */

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct answer *answer = arg;

	if (answer->body.len + size * count > answer->most)
		return 0;
	buf_add(&answer->body, bytes, size * count);
	return size * count;
}

static size_t take_header(char *line, size_t size, size_t count, void *arg)
{
	static const char name[] = "etag:";
	struct answer *answer = arg;
	size_t len = size * count;

	if (len > sizeof name && !strncasecmp(line, name, sizeof name - 1)) {
		const char *value = line + sizeof name - 1, *end = line + len;

		while (value < end && *value == ' ')
			value++;
		while (end > value && (end[-1] == '\r' || end[-1] == '\n'))
			end--;
		snprintf(answer->etag, sizeof answer->etag, "%.*s", (int)(end - value), value);
	}
	return len;
}

/* The hash of what is sent is signed. libcurl 7.88 also signs "Expect:", which says not to send that header: so it is not said. */
static struct curl_slist *make_headers(const struct request *request)
{
	char header[128] = "x-amz-content-sha256: ";
	uint8_t hash[crypto_hash_sha256_BYTES];
	size_t at = strlen(header);
	struct curl_slist *list;

	crypto_hash_sha256(hash, request->body, request->len);
	sodium_bin2hex(header + at, sizeof header - at, hash, sizeof hash);
	list = curl_slist_append(NULL, header);
	return curl_slist_append(list, "Content-Type: application/octet-stream");
}

static void set_up(CURL *handle, const struct s3 *s3, const struct request *request,
		   struct answer *answer, long left_ms)
{
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(handle, CURLOPT_EXPECT_100_TIMEOUT_MS, (long)CONTINUE_MS);
	curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, left_ms);
	curl_easy_setopt(handle, CURLOPT_PROXY, "");
	curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, s3->provider);
	curl_easy_setopt(handle, CURLOPT_USERNAME, s3->key_id);
	curl_easy_setopt(handle, CURLOPT_PASSWORD, s3->secret);
	curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->body) {
		curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request->body);
		curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->len);
	}
	curl_easy_setopt(handle, CURLOPT_RANGE, request->range);
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(handle, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(handle, CURLOPT_HEADERDATA, answer);
}

static CURLcode send_once(struct s3 *s3, const struct request *request, struct answer *answer,
			  long left_ms)
{
	struct curl_slist *headers = make_headers(request);
	CURL *handle = take_handle(s3);
	struct buf url = { 0 };
	CURLcode code;

	answer->body.len = 0;
	answer->status = 0;
	*answer->etag = '\0';
	buf_printf(&url, "%s%s%s%s", s3->base, request->key, request->query ? "?" : "",
		   request->query ? request->query : "");
	set_up(handle, s3, request, answer, left_ms);
	curl_easy_setopt(handle, CURLOPT_URL, buf_text(&url));
	curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
	code = curl_easy_perform(handle);
	curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
	give_handle(s3, handle);
	curl_slist_free_all(headers);
	buf_free(&url);
	return code;
}

/* Every request may be repeated: what it asks for is the same again, but for completing, which is then refused, and the object swept. */
static bool ask(struct s3 *s3, const struct request *request, struct answer *answer, char *error)
{
	uint64_t since = uv_hrtime();
	long left_ms = WHOLE_MS;
	CURLcode code = CURLE_OK;

	answer->most = answer->most ? answer->most : MOST_ANSWER;
	for (int attempt = 0; attempt < ATTEMPTS && left_ms > 0; attempt++) {
		if (attempt)
			uv_sleep(PAUSE_MS);
		code = send_once(s3, request, answer, left_ms);
		if (!code && answer->status < 500)
			return true;
		left_ms = WHOLE_MS - (long)((uv_hrtime() - since) / 1000000);
	}
	if (code)
		return fail(error, request->method, curl_easy_strerror(code));
	snprintf(error, OBJECT_ERROR, "%s: answered %ld", request->method, answer->status);
	return false;
}

/* What the store says is wrong, as far as it says it: <Code>NoSuchBucket</Code>. */
static bool refuse(const struct request *request, struct answer *answer, char *error)
{
	const char *code = strstr(buf_text(&answer->body), "<Code>");

	snprintf(error, OBJECT_ERROR, "%s: answered %ld %.*s", request->method, answer->status,
		 code ? (int)strcspn(code + 6, "<") : 0, code ? code + 6 : "");
	return false;
}

/* Whether it was answered with 200 and this in it. */
static bool ask_for(struct s3 *s3, const struct request *request, const char *expected,
		    struct answer *answer, char *error)
{
	return ask(s3, request, answer, error) &&
	       ((answer->status == 200 && strstr(buf_text(&answer->body), expected)) ||
		refuse(request, answer, error));
}

/* --- writing --- */

static void *begin(void *store, const char *key, char *error)
{
	struct writer *writer = calloc(1, sizeof *writer);

	if (!writer) {
		(void)fail(error, "begin", "no memory");
		return NULL;
	}
	writer->s3 = store;
	snprintf(writer->key, sizeof writer->key, "%.36s", key);
	return writer;
}

static void free_writer(struct writer *writer)
{
	buf_free(&writer->part);
	buf_free(&writer->done);
	free(writer->upload);
	free(writer);
}

static bool begin_upload(struct writer *writer, char *error)
{
	struct request request = {
		.method = "POST", .key = writer->key, .query = "uploads=", .body = ""
	};
	struct answer answer = { 0 };
	bool good = ask_for(writer->s3, &request, "<UploadId>", &answer, error);

	if (good) {
		const char *id =
			strstr(buf_text(&answer.body), "<UploadId>") + strlen("<UploadId>");
		char *escaped = curl_easy_escape(NULL, id, (int)strcspn(id, "<"));

		writer->upload = strdup(escaped);
		curl_free(escaped);
	}
	buf_free(&answer.body);
	return good;
}

static bool send_part(struct writer *writer, char *error)
{
	struct buf query = { 0 };
	struct request request = { .method = "PUT",
				   .key = writer->key,
				   .body = writer->part.data,
				   .len = writer->part.len };
	struct answer answer = { 0 };
	bool good;

	if (!writer->upload && !begin_upload(writer, error))
		return false;
	buf_printf(&query, "partNumber=%u&uploadId=%s", ++writer->parts, writer->upload);
	request.query = buf_text(&query);
	good = ask_for(writer->s3, &request, "", &answer, error);
	buf_printf(&writer->done, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>",
		   writer->parts, answer.etag);
	writer->part.len = 0;
	buf_free(&query);
	buf_free(&answer.body);
	return good;
}

static bool write_object(void *arg, const void *bytes, size_t len, char *error)
{
	struct writer *writer = arg;
	const char *at = bytes;

	while (len) {
		size_t room = PART - writer->part.len, n = len < room ? len : room;

		if (!room && !send_part(writer, error))
			return false;
		if (!room)
			continue;
		buf_add(&writer->part, at, n);
		at += n;
		len -= n;
	}
	return true;
}

static bool put_whole(struct writer *writer, char *error)
{
	struct request request = { .method = "PUT",
				   .key = writer->key,
				   .len = writer->part.len,
				   .body = writer->part.len ? (const void *)writer->part.data
							    : "" };
	struct answer answer = { 0 };
	bool good = ask_for(writer->s3, &request, "", &answer, error);

	buf_free(&answer.body);
	return good;
}

/* A store may answer 200 before it knows whether it worked, and then say that it did not. */
static bool complete(struct writer *writer, char *error)
{
	struct buf query = { 0 }, body = { 0 };
	struct request request = { .method = "POST", .key = writer->key };
	struct answer answer = { 0 };
	bool good;

	if (writer->part.len && !send_part(writer, error))
		return false;
	buf_printf(&query, "uploadId=%s", writer->upload);
	buf_printf(&body, "<CompleteMultipartUpload>%s</CompleteMultipartUpload>",
		   buf_text(&writer->done));
	request.query = buf_text(&query);
	request.body = body.data;
	request.len = body.len;
	good = ask_for(writer->s3, &request, "<CompleteMultipartUploadResult", &answer, error);
	buf_free(&query);
	buf_free(&body);
	buf_free(&answer.body);
	return good;
}

/* What was begun and cannot be called off, the store forgets by its own rule (see the README). */
static void abandon(void *arg)
{
	struct writer *writer = arg;
	struct buf query = { 0 };
	struct request request = { .method = "DELETE", .key = writer->key };
	struct answer answer = { 0 };
	char error[OBJECT_ERROR];

	if (writer->upload) {
		buf_printf(&query, "uploadId=%s", writer->upload);
		request.query = buf_text(&query);
		(void)ask(writer->s3, &request, &answer, error);
		buf_free(&query);
		buf_free(&answer.body);
	}
	free_writer(writer);
}

static bool end(void *arg, char *error)
{
	struct writer *writer = arg;

	if (!(writer->upload ? complete(writer, error) : put_whole(writer, error))) {
		abandon(writer);
		return false;
	}
	free_writer(writer);
	return true;
}

/* --- reading and deleting --- */

static bool read_object(void *store, const char *key, uint64_t offset, void *bytes, size_t len,
			char *error)
{
	char range[64];
	struct request request = { .method = "GET", .key = key, .range = range };
	struct answer answer = { .most = len > MOST_ANSWER ? len : MOST_ANSWER };
	bool good;

	if (!len)
		return true;
	snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)offset,
		 (unsigned long long)(offset + len - 1));
	good = ask(store, &request, &answer, error);
	if (good && answer.status != 206)
		good = refuse(&request, &answer, error);
	if (good && answer.body.len != len)
		good = fail(error, "GET", "answered another length");
	if (good)
		memcpy(bytes, answer.body.data, len);
	buf_free(&answer.body);
	return good;
}

static bool remove_object(void *store, const char *key, char *error)
{
	struct request request = { .method = "DELETE", .key = key };
	struct answer answer = { 0 };
	bool good = ask(store, &request, &answer, error);

	if (good && answer.status != 204 && answer.status != 200 && answer.status != 404)
		good = refuse(&request, &answer, error);
	buf_free(&answer.body);
	return good;
}

/* --- s3://KEY_ID:SECRET@HOST:PORT/BUCKET/PREFIX?region=REGION --- */

static char *part_of(CURLU *url, CURLUPart part, unsigned flags)
{
	char *text = NULL, *own;

	if (curl_url_get(url, part, &text, flags) || !text)
		return NULL;
	own = strdup(text);
	curl_free(text);
	return own;
}

/* NULL when the query is something else than a region. */
static char *name_provider(CURLU *url)
{
	static const char
		name[] = "region=",
		letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	char *query = part_of(url, CURLUPART_QUERY, CURLU_URLDECODE);
	const char *region = !query				     ? "us-east-1"
			     : strncmp(query, name, sizeof name - 1) ? ""
								     : query + sizeof name - 1;
	struct buf provider = { 0 };

	if (*region && !region[strspn(region, letters)])
		buf_printf(&provider, "aws:amz:%s:s3", region);
	free(query);
	return provider.len ? buf_text(&provider) : NULL;
}

static char *name_base(CURLU *url)
{
	char *scheme = part_of(url, CURLUPART_SCHEME, 0);
	const char *over = !scheme			? NULL
			   : !strcmp(scheme, "s3")	? "https"
			   : !strcmp(scheme, "s3+http") ? "http"
							: NULL;
	char *host = part_of(url, CURLUPART_HOST, 0), *port = part_of(url, CURLUPART_PORT, 0),
	     *path = part_of(url, CURLUPART_PATH, 0);
	struct buf base = { 0 };

	if (over && host && path && strlen(path) > 1)
		buf_printf(&base, "%s://%s%s%s%s%s", over, host, port ? ":" : "", port ? port : "",
			   path, path[strlen(path) - 1] == '/' ? "" : "/");
	free(scheme);
	free(host);
	free(port);
	free(path);
	return base.len ? buf_text(&base) : NULL;
}

static void close_s3(void *store)
{
	struct s3 *s3 = store;

	while (s3->n_idle)
		curl_easy_cleanup(s3->idle[--s3->n_idle]);
	uv_mutex_destroy(&s3->mutex);
	free(s3->base);
	free(s3->key_id);
	if (s3->secret)
		sodium_memzero(s3->secret, strlen(s3->secret));
	free(s3->secret);
	free(s3->provider);
	free(s3);
}

static void *open_s3(const char *where, struct buf *complaints)
{
	struct s3 *s3 = calloc(1, sizeof *s3);
	CURLU *url = curl_url();

	if (!s3 || !url || uv_mutex_init(&s3->mutex))
		abort();
	if (!curl_url_set(url, CURLUPART_URL, where, CURLU_NON_SUPPORT_SCHEME)) {
		s3->base = name_base(url);
		s3->key_id = part_of(url, CURLUPART_USER, CURLU_URLDECODE);
		s3->secret = part_of(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
		s3->provider = name_provider(url);
	}
	curl_url_cleanup(url);
	if (s3->base && s3->key_id && s3->secret && s3->provider)
		return s3;
	buf_puts(
		complaints,
		"The object store is told as s3://KEY_ID:SECRET@HOST/BUCKET/PREFIX?region=REGION.\n");
	close_s3(s3);
	return NULL;
}

const struct object_store object_s3 = {
	.open = open_s3,
	.close = close_s3,
	.begin = begin,
	.write = write_object,
	.end = end,
	.abandon = abandon,
	.read = read_object,
	.remove = remove_object,
};
