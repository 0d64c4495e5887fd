-- Introductions. What is read of one depends on who reads it.

-- add_introduction(IntroduceRequest) one Introduction
insert into introduction (id, program_id, introduced_by, first_id, second_id, message)
select :new.id, :program_id, :caller.id, :first_id, :second_id, :message
where (coordinates(:program_id, :caller.id, :caller.roles::text[]) or must_be('MENTOR', :program_id, :caller.id, :caller.roles::text[]))
	and (takes_part(:program_id, :first_id, '{}') and takes_part(:program_id, :second_id, '{}')
		or refuse(422, 'NOT_MEMBERS', 'Both have to be members of the program.'))
returning id, program_id, introduced_by, array[first_id, second_id] as user_ids, message, state, created_at, updated_at, version;

-- list_my_introductions(Page) page ListMyIntroductionsResponse by created_at desc, id desc
select i.id, i.program_id, i.introduced_by, case when i.introduced_by = :caller.id then array[i.first_id, i.second_id]
		when i.state = 'ACCEPTED' then array_remove(array[i.first_id, i.second_id], :caller.id::uuid) else '{}' end as user_ids,
	i.message, i.state, case :caller.id::uuid when i.first_id then i.first_reply when i.second_id then i.second_reply end as my_reply,
	i.created_at, i.updated_at, i.version
from introduction i
where :caller.id::uuid in (i.introduced_by, i.first_id, i.second_id);

-- get_introduction(Id) one Introduction
select i.id, i.program_id, i.introduced_by, case when i.introduced_by = :caller.id then array[i.first_id, i.second_id]
		when i.state = 'ACCEPTED' then array_remove(array[i.first_id, i.second_id], :caller.id::uuid) else '{}' end as user_ids,
	i.message, i.state, case :caller.id::uuid when i.first_id then i.first_reply when i.second_id then i.second_reply end as my_reply,
	i.created_at, i.updated_at, i.version
from introduction i
where i.id = :id and :caller.id::uuid in (i.introduced_by, i.first_id, i.second_id);

-- An answer is given once; repeating it changes nothing.
-- set_introduction_answer(AnswerIntroductionRequest) one Introduction
with was as (
	select i.*, case when :accept then 'YES' else 'NO' end as mine,
		case :caller.id::uuid when i.first_id then i.first_reply when i.second_id then i.second_reply end as before
	from introduction i
	where i.id = :id and :caller.id::uuid in (i.introduced_by, i.first_id, i.second_id)
		and (i.introduced_by <> :caller.id::uuid or refuse(403, 'NOT_YOURS', 'The two who are introduced answer.'))
	for no key update
)
update introduction i set
	first_reply = case when i.first_id = :caller.id then was.mine else i.first_reply end,
	second_reply = case when i.second_id = :caller.id then was.mine else i.second_reply end,
	state = case when was.mine = 'NO' then 'DECLINED'
		when case when i.first_id = :caller.id then i.second_reply else i.first_reply end = 'YES' then 'ACCEPTED' else i.state end
from was
where i.id = was.id and (was.before is not distinct from was.mine or was.before is null and only_from('introduction', i.state, '{PROPOSED}')
	or refuse(409, 'ALREADY_ANSWERED', 'You have answered already.'))
returning i.id, i.program_id, i.introduced_by,
	case when i.state = 'ACCEPTED' then array_remove(array[i.first_id, i.second_id], :caller.id::uuid) else '{}' end as user_ids,
	i.message, i.state, was.mine as my_reply, i.created_at, i.updated_at, i.version, was.before is not null as unchanged;
