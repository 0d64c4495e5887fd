/* Photos: whatever is uploaded is drawn anew by a small program that can do nothing else. */
#include "photo_program.h"

#include <string.h>

enum { MOST_BYTES = 5 << 20 };

static bool is_picture(const char *type)
{
	return !strcmp(type, "image/jpeg") ||
	       !strcmp(type, "image/png") ||
	       !strcmp(type, "image/gif") ||
	       !strcmp(type, "image/webp");
}

static bool tell_photo(struct call *call, char *id)
{
	MentorWritten written = MENTOR_WRITTEN__INIT;

	written.id = id;
	written.part = PROFILE_UPDATED__PART__PHOTO;
	return publish_profile_updated(call, &written);
}

bool put_photo(struct call *call, const PutPhotoRequest *req, Profile *profile)
{
	Photo upload = PHOTO__INIT, photo = PHOTO__INIT;
	Nothing nothing = NOTHING__INIT;

	if (!is_picture(req->content_type))
		return reject(call, UNSUPPORTED, "UNSUPPORTED_IMAGE",
			      "A photo is a JPEG, PNG, WebP or GIF.");
	if (!read_upload(call, req, &upload) || !sql_checkpoint(call))
		return false;
	if (upload.content.len > MOST_BYTES)
		return reject(call, TOO_LARGE, "TOO_LARGE", "A photo has 5 MiB at most.");

	return photo_redraw(call, &upload.content, &photo.content) &&
	       set_photo(call, &photo, profile) &&
	       get_profile(call, &nothing, profile) &&
	       tell_photo(call, profile->id);
}

bool delete_photo(struct call *call, const Nothing *req)
{
	Account account = ACCOUNT__INIT;
	bool found;

	if (!remove_photo(call, req, &account, &found))
		return false;
	return !found || tell_photo(call, account.id);
}
