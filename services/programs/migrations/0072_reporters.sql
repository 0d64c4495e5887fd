-- Reporters read reports (P-R21). Nothing else opens to them: what else asks for a role of a program names which.

alter table program_role drop constraint program_role_role_check;
alter table program_role add constraint program_role_role_check check (role in ('COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE'));

-- True, or 404: for the figures of a program.
create function must_see_reports(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return exists (
			select from program_role r where r.program_id = program and r.user_id = person and r.role = 'REPORTER' and not r.revoked)
		or must_see_members(program, person, roles);
end $$;
