-- Reporters of a program read its figures and nothing else of it.

alter table role_grant drop constraint role_grant_role_check, drop constraint program_needed, drop constraint program_not_wanted;
alter table role_grant
	add constraint role_grant_role_check check (role in ('ADMIN', 'SUPPORT', 'SAFETY_OFFICER', 'COORDINATOR', 'REPORTER')),
	add constraint program_needed check (role not in ('COORDINATOR', 'REPORTER') or program_id is not null),
	add constraint program_not_wanted check (role in ('COORDINATOR', 'REPORTER') or program_id is null);
comment on constraint program_needed on role_grant is 'Coordinators and reporters are those of a program: name it.';
comment on constraint program_not_wanted on role_grant is 'This role is for the whole site: name no program.';

alter table invitation drop constraint invitation_role_check, drop constraint program_needed, drop constraint program_not_wanted;
alter table invitation
	add constraint invitation_role_check check (role in ('ADMIN', 'SUPPORT', 'SAFETY_OFFICER', 'COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE')),
	add constraint program_needed check (role is null or role not in ('COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE') or program_id is not null),
	add constraint program_not_wanted check (program_id is null or role in ('COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE'));

-- Whether somebody coordinates the program now. Its low cost has it judged before what refuses for another reason.
create or replace function coordinates(person uuid, program uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return exists (select from role_grant where user_id = person and program_id = program and role = 'COORDINATOR' and state = 'IN_FORCE');
end $$;

create or replace function may_invite(person uuid, wanted_role text, program uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return exists (select from account where id = person and (state = 'ACTIVE' or lock_cause = 'FAILED_SIGN_INS'))
		and (exists (select from role_grant where user_id = person and role = 'ADMIN' and state = 'IN_FORCE')
			or (wanted_role in ('COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE') and coordinates(person, program)));
end $$;
