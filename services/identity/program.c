/* What the programs service says about programs. */
#include "program.h"

bool program_title(struct call *call, const char *program_id, char **title)
{
	ProgramName program = PROGRAM_NAME__INIT;
	Id id = ID__INIT;

	id.id = (char *)(uintptr_t)program_id;
	if (!programs_name_program(call, &id, &program))
		return false;
	*title = program.title;
	return true;
}

bool program_is_known(struct call *call, Grant__Role role, const char *program_id)
{
	bool of_program = role == GRANT__ROLE__COORDINATOR ||
			  role == GRANT__ROLE__REPORTER ||
			  role == GRANT__ROLE__MENTOR ||
			  role == GRANT__ROLE__MENTEE;
	char *title;

	return !of_program || !*program_id || program_title(call, program_id, &title);
}
