/* Resources: which videos may be shown, what files are taken, and what the world hears. */
#include <curl/curl.h>
#include <strings.h>

#include "conf.h"
#include "file.h"
#include "service.h"

bool list_resources(struct call *call, const ListResourcesRequest *req,
		    ListResourcesResponse *response)
{
	return *req->q ? search_resources(call, req, response)
		       : browse_resources(call, req, response);
}

static void free_curl(void *text)
{
	curl_free(text);
}

/* Of an address with nothing in it that another reader could take for its host; NULL otherwise. */
static const char *host_of(struct call *call, const char *address)
{
	CURLU *url = curl_url();
	char *host = NULL;

	if (!curl_url_set(url, CURLUPART_URL, address, CURLU_DISALLOW_USER) &&
	    !curl_url_get(url, CURLUPART_HOST, &host, 0))
		arena_defer(call->arena, free_curl, host);
	curl_url_cleanup(url);
	return host;
}

static bool is_within(const char *host, const char *domain, size_t len)
{
	size_t host_len = strlen(host);

	return host_len >= len &&
	       !strncasecmp(host + host_len - len, domain, len) &&
	       (host_len == len || host[host_len - len - 1] == '.');
}

/* P-R20: videos come from hosts that the site trusts. */
static bool check_video(struct call *call, Resource__Kind kind, const char *address)
{
	const char *allowed = setting(call, "ITHACA_VIDEO_HOSTS");
	const char *host = *address ? host_of(call, address) : NULL;

	if (kind != RESOURCE__KIND__VIDEO || !*address)
		return true;
	while (host && *allowed) {
		size_t len = strcspn(allowed, ", ");

		if (len && is_within(host, allowed, len))
			return true;
		allowed += len + strspn(allowed + len, ", ");
	}
	return reject_field(call, INVALID_ARGUMENT, "/url", "VIDEO_HOST",
			    "Videos may come from these hosts only: %s.",
			    setting(call, "ITHACA_VIDEO_HOSTS"));
}

bool create_resource(struct call *call, const CreateResourceRequest *req, Resource *resource)
{
	return check_video(call, req->kind, req->url) && add_resource(call, req, resource);
}

bool update_resource(struct call *call, const UpdateResourceRequest *req, Resource *resource)
{
	Resource before = RESOURCE__INIT;
	Id id = ID__INIT;

	id.id = req->id;
	return read_resource_kind(call, &id, &before) &&
	       check_video(call, before.kind, req->url) &&
	       set_resource(call, req, resource);
}

/* Whether a text is one of a list's: "application/pdf, image/png". */
static bool is_listed(const char *list, const char *text)
{
	size_t len, wanted = strlen(text);

	for (; *list; list += len + strspn(list + len, ", ")) {
		len = strcspn(list, ", ");
		if (len == wanted && !strncmp(list, text, len))
			return true;
	}
	return false;
}

static bool check_file(struct call *call, const PutResourceFileRequest *req, const StoredFile *file)
{
	const char *most =
		!strcmp(file->kind, "FILE") ? "ITHACA_MOST_FILE" : "ITHACA_MOST_TEMPLATE";

	if (!is_listed(setting(call, "ITHACA_FILE_TYPES"), req->content_type))
		return reject(call, UNSUPPORTED, "UNSUPPORTED_FILE",
			      "Files may be of these types only: %s.",
			      setting(call, "ITHACA_FILE_TYPES"));
	if (file->size > conf_number(call->process->conf, most))
		return reject(call, TOO_LARGE, "TOO_LARGE",
			      "The file is larger than this site takes.");
	return true;
}

bool put_resource_file(struct call *call, const PutResourceFileRequest *req, Resource *resource)
{
	StoredFile file = STORED_FILE__INIT;

	return expect_resource_file(call, req, &file) &&
	       check_file(call, req, &file) &&
	       file_store(call, &file) &&
	       add_resource_file(call, &file) &&
	       set_resource_file(call, &file, resource);
}

bool get_resource_file(struct call *call, const GetResourceFileRequest *req, FileContent *content)
{
	StoredFile file = STORED_FILE__INIT;

	return read_resource_file(call, req, &file) && file_read(call, &file, req->offset, content);
}

bool delete_resource(struct call *call, const Id *req)
{
	Resource resource = RESOURCE__INIT;

	return set_resource_deleted(call, req, &resource) && keep_resource_for_now(call, req);
}

bool submit_resource(struct call *call, const Id *req, Resource *resource)
{
	return set_resource_submitted(call, req, resource) &&
	       publish_resource_submitted(call, resource);
}

bool reject_resource(struct call *call, const RejectResourceRequest *req, Resource *resource)
{
	return set_resource_rejected(call, req, resource) &&
	       publish_resource_rejected(call, resource);
}

bool publish_resource(struct call *call, const Id *req, Resource *resource)
{
	return set_resource_published(call, req, resource) &&
	       publish_resource_published(call, resource);
}

bool comment_resource(struct call *call, const CommentResourceRequest *req,
		      ResourceComment *comment)
{
	return add_resource_comment(call, req, comment) &&
	       publish_resource_commented(call, comment);
}

bool delete_resource_comment(struct call *call, const DeleteResourceCommentRequest *req)
{
	Resource resource = RESOURCE__INIT;

	return remove_resource_comment(call, req, &resource);
}
