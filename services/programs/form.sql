-- Forms and the answers to them.

-- get_form(GetFormRequest) one Form
select id, program_id, role, form_version, steps, created_at, created_at as updated_at, form_version::bigint as version
from form
where program_id = :program_id and role = :role and must_find(:program_id, :caller.id, :caller.roles::text[])
	and form_version = coalesce(:form_version, (
		select max(form_version) from form where program_id = :program_id and role = :role));

-- add_form(PutFormRequest) one Form
insert into form (id, program_id, role, form_version, steps, created_by)
select :new.id, p.id, :role, coalesce(f.latest, 0) + 1, :steps::jsonb, :caller.id
from program p, lateral (
	select max(form_version) as latest from form where program_id = p.id and role = :role) f
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and (p.state <> 'ARCHIVED' or refuse(409, 'ARCHIVED', 'An archived program cannot be changed.'))
	and at_version(coalesce(f.latest, 0), :if_match)
returning id, program_id, role, form_version, steps, created_at, created_at as updated_at, form_version::bigint as version;

-- list_form_versions(ListFormVersionsRequest) page ListFormVersionsResponse by form_version desc
select f.id, f.form_version, f.created_by, f.created_at, (
		select count(*) from membership m
		where m.program_id = f.program_id and m.role = f.role and m.form_version = f.form_version) as answered
from form f
where f.program_id = :program_id and f.role = :role and must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- A draft's answers are its owner's.
-- get_answers(GetAnswersRequest) one Answers
select m.id, coalesce(m.form_version, 0) as form_version, (
		select coalesce(jsonb_agg(a.answer order by a.key), '[]') from answer a
		where a.membership_id = m.id and (:step::bigint is null or a.key in (
			select q ->> 'key' from form f, jsonb_array_elements(f.steps -> (:step::bigint - 1)::int -> 'questions') q
			where f.program_id = m.program_id and f.role = m.role and f.form_version = m.form_version))) as answers
from membership m
where m.id = :id and (m.user_id = :caller.id
	or m.submitted_at is not null and coordinates(m.program_id, :caller.id, :caller.roles::text[]));

-- What judging a registration needs: the version answered so far, or the newest one.
-- read_registration(Id) one Registration
select m.state, f.form_version, f.steps,
	(select coalesce(jsonb_agg(a.answer order by a.key), '[]') from answer a where a.membership_id = m.id) as answers,
	case m.role when 'MENTOR' then p.mentor_admission else p.mentee_admission end = 'OPEN' as open_admission,
	m.open and m.submitted_at is not null as handed_in
from membership m
	join program p on p.id = m.program_id
	join lateral (
		select f.form_version, f.steps from form f
		where f.program_id = m.program_id and f.role = m.role and f.form_version = coalesce(m.form_version, f.form_version)
		order by f.form_version desc limit 1) f on true
where m.id = :id and m.user_id = :caller.id
for no key update of m;

-- set_form_version(SaveAnswersRequest) exec
update membership set form_version = :form_version where id = :id and form_version is null;

-- add_answers(SaveAnswersRequest) exec
insert into answer (membership_id, key, answer)
select :id, a ->> 'key', a from jsonb_array_elements(:answers::jsonb) a
where a ->> 'file_id' is null or a ->> 'file_id' = ''
	or exists (select from answer_file f where f.membership_id = :id and f.id = (a ->> 'file_id')::uuid)
	or refuse(422, 'UNKNOWN_FILE', 'Upload the file first.', jsonb_build_object('key', a -> 'key'))
on conflict (membership_id, key) do update set answer = excluded.answer, updated_at = now();

-- read_answers(SaveAnswersRequest) one Answers
select m.id, m.form_version, (
	select coalesce(jsonb_agg(a.answer order by a.key), '[]') from answer a where a.membership_id = m.id) as answers
from membership m where m.id = :id;

-- expect_answer_file(UploadAnswerFileRequest) one StoredFile
select m.id, :new.file as file_id, :content_type::text as content_type, :upload_id::uuid as upload_id
from membership m
where m.id = :id and m.user_id = :caller.id
	and (m.state in ('DRAFT', 'INFO_REQUESTED') or refuse(409, 'NOT_EDITABLE', 'This registration has been handed in.'))
	and (:content_type in ('application/pdf', 'image/png', 'image/jpeg') or refuse(422, 'UNSUPPORTED_FILE', 'Send a PDF, a PNG or a JPEG.'));

-- add_answer_file(StoredFile) one AnswerFile
with used as (delete from upload_part where upload_id = :upload_id::uuid)
insert into answer_file (id, membership_id, content_type, size, hash, hashes)
select :file_id::uuid, m.id, :content_type, :size, :hash, :hashes from membership m
where m.id = :id and (m.state in ('DRAFT', 'INFO_REQUESTED') or refuse(409, 'NOT_EDITABLE', 'This registration has been handed in.'))
returning id, membership_id, content_type, size, created_at;

-- read_answer_file(GetAnswerFileRequest) one StoredFile
select f.id as file_id, 'answer.' || split_part(f.content_type, '/', 2) as name, f.content_type, f.size, f.hash,
	hash_at(f.hashes, :offset) as hashes
from answer_file f join membership m on m.id = f.membership_id
where f.id = :file_id and m.id = :id and (m.user_id = :caller.id
	or m.submitted_at is not null and coordinates(m.program_id, :caller.id, :caller.roles::text[]));

-- describe_matching(Id) one MatchingDesign
select p.id, p.state, p.matching_mode, (
	select coalesce(jsonb_agg(jsonb_build_object('criterion', q ->> 'criterion', 'role', f.role, 'key', q ->> 'key', 'kind', q ->> 'kind',
		'sensitive', coalesce((q ->> 'sensitive')::boolean, false), 'min', q -> 'min', 'max', q -> 'max',
		'choices', (select coalesce(jsonb_agg(c -> 'key'), '[]') from jsonb_array_elements(q -> 'choices') c)) order by f.role, q ->> 'key'), '[]')
	from (select distinct on (role) role, steps from form where program_id = p.id order by role, form_version desc) f,
		jsonb_array_elements(f.steps) step, jsonb_array_elements(step -> 'questions') q
	where q ->> 'criterion' <> '') as questions
from program p where p.id = :id;

-- Without a yes to the question for "sensitive", what is sensitive stays here.
-- describe_match_answers(Id) one MatchAnswers
with given as (
	select q.value as question, a.answer
	from membership m join form f on f.program_id = m.program_id and f.role = m.role and f.form_version = m.form_version
		cross join jsonb_array_elements(f.steps) step cross join jsonb_array_elements(step -> 'questions') q
		join answer a on a.membership_id = m.id and a.key = q.value ->> 'key'
	where m.id = :id and q.value ->> 'criterion' <> ''
)
select m.id, (
	select coalesce(jsonb_agg(jsonb_build_object('criterion', g.question ->> 'criterion', 'key', g.question ->> 'key',
		'kind', g.question ->> 'kind', 'choices', coalesce(g.answer -> 'choices', '[]'), 'number', g.answer -> 'number',
		'min', g.question -> 'min', 'max', g.question -> 'max', 'sensitive', coalesce((g.question ->> 'sensitive')::boolean, false))
		order by g.question ->> 'key'), '[]')
	from given g
	where not coalesce((g.question ->> 'sensitive')::boolean, false) or exists (
		select from given c where c.question ->> 'criterion' = 'sensitive' and (c.answer ->> 'consent')::boolean)) as answers
from membership m where m.id = :id;
