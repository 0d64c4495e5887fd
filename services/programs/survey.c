/* Surveys: what can be asked, how a wave is answered, and answers that lead to nobody. */
#include "programs/programs.h"

#include "blind_token.h"
#include "registration.h"

/* Files would tell who sent them. */
static bool check_survey(struct call *call, size_t n_steps, FormStep *const *steps)
{
	bool good = check_form(call, n_steps, steps);

	for (size_t i = 0; i < n_steps; i++)
		for (size_t k = 0; k < steps[i]->n_questions; k++)
			if (steps[i]->questions[k]->kind == QUESTION__KIND__FILE)
				good = reject_field(call, INVALID_ARGUMENT,
						    arena_printf(call->arena,
								 "/steps/%zu/questions/%zu/kind", i,
								 k),
						    "WRONG_KIND", "A survey takes no files.");
	return good;
}

bool create_survey(struct call *call, const CreateSurveyRequest *req, Survey *survey)
{
	return check_survey(call, req->n_steps, req->steps) && add_survey(call, req, survey);
}

bool update_survey(struct call *call, const UpdateSurveyRequest *req, Survey *survey)
{
	return check_survey(call, req->n_steps, req->steps) && set_survey(call, req, survey);
}

static bool check_response(struct call *call, const SurveySeat *seat, size_t n_answers,
			   Answer **answers)
{
	const Registration asked = {
		.n_steps = seat->n_steps,
		.steps = seat->steps,
		.n_answers = n_answers,
		.answers = answers,
	};

	return check_answers(call, &asked, n_answers, answers) && check_complete(call, &asked);
}

static bool check_open(struct call *call, const SurveySeat *seat)
{
	return seat->state == SURVEY_WAVE__STATE__OPEN ||
	       reject(call, GONE, "SURVEY_CLOSED", "This survey is closed.");
}

static bool read_seat(struct call *call, const char *wave_id, SurveySeat *seat)
{
	Id id = ID__INIT;

	id.id = (char *)(uintptr_t)wave_id;
	return read_survey_seat(call, &id, seat) && check_open(call, seat);
}

bool respond_to_survey(struct call *call, const RespondToSurveyRequest *req,
		       SurveyResponse *response)
{
	SurveySeat seat = SURVEY_SEAT__INIT;

	if (!read_seat(call, req->id, &seat))
		return false;
	if (seat.anonymity == SURVEY__ANONYMITY__ANONYMOUS)
		return reject(call, CONFLICT, "TOKEN_NEEDED",
			      "This survey is anonymous: it is answered with a token, signed out.");

	return check_response(call, &seat, req->n_answers, req->answers) &&
	       set_survey_response(call, req, response) &&
	       (response->replaced || publish_survey_responded(call, response));
}

bool draw_survey_token(struct call *call, const DrawSurveyTokenRequest *req, SurveyToken *token)
{
	SurveySeat seat = SURVEY_SEAT__INIT;

	if (!read_seat(call, req->id, &seat))
		return false;
	if (seat.anonymity != SURVEY__ANONYMITY__ANONYMOUS)
		return reject(call, CONFLICT, "NOT_ANONYMOUS",
			      "This survey is answered without a token.");

	return set_token_drawn(call, req, token) &&
	       blind_token_sign(call, req->id, req->blinded, token);
}

bool respond_anonymously(struct call *call, const RespondAnonymouslyRequest *req)
{
	SurveySeat wave = SURVEY_SEAT__INIT;
	AnonymousResponse response = ANONYMOUS_RESPONSE__INIT;

	if (*call->caller->id)
		return reject(call, INVALID_ARGUMENT, "SIGNED_IN",
			      "Send an anonymous answer without signing in.");
	if (!read_anonymous_wave(call, req, &wave) || !check_open(call, &wave))
		return false;
	response.token_hash = blind_token_spend(call, req->id, req->input, req->output);
	if (!response.token_hash)
		return reject(call, INVALID_ARGUMENT, "INVALID_TOKEN",
			      "This token is not one of this survey.");
	if (!check_response(call, &wave, req->n_answers, req->answers))
		return false;

	response.wave_id = req->id;
	response.n_answers = req->n_answers;
	response.answers = req->answers;
	/* No audit row: it would keep the time, and the address's request, beside the answer. */
	call->unchanged = true;
	return add_anonymous_response(call, &response);
}

bool open_survey_wave(struct call *call, const Id *req)
{
	SurveyOpening opening = SURVEY_OPENING__INIT;
	SurveyWave wave = SURVEY_WAVE__INIT;
	bool found;

	opening.id = req->id;
	opening.public_key = blind_token_key(call, req->id);
	return set_wave_open(call, &opening, &wave, &found) &&
	       (!found || publish_survey_opened(call, &wave));
}

bool close_survey_wave(struct call *call, const Id *req)
{
	SurveyWave wave = SURVEY_WAVE__INIT;
	bool found;

	return set_wave_closed(call, req, &wave, &found) &&
	       (!found || publish_survey_closed(call, &wave));
}

bool end_survey_wave(struct call *call, const Id *req, SurveyWave *wave)
{
	return set_wave_ended(call, req, wave) && publish_survey_closed(call, wave);
}
