-- The kinds of news that running programs raise. Who hears of an event is asked of programs, by the part that people have in what
-- it is about: whoever has none any more is not told.

alter table kind drop constraint kind_source_check;
alter table kind add column audience text[] not null default '{}';
comment on column kind.audience is 'Whose part makes them readers: parts of the view matter_reader of programs.';
alter table kind add constraint kind_has_readers
	check ((source in ('MEMBERSHIP', 'PROGRAM') or source is null) = (audience = '{}'));

-- An event that is news for those whom programs will name. Gone as soon as their messages are planned.
create table happening (
	id uuid primary key default uuid_v7(),
	kind text not null references kind,
	event_id uuid not null,
	actor_id uuid,
	subject_id uuid not null,
	variables jsonb not null,
	due_at timestamptz not null,
	created_at timestamptz not null default now(),
	unique (event_id, kind)
);
comment on column happening.actor_id is 'person';

create function schedule_happening() returns trigger language plpgsql as $$
begin
	perform schedule('TellHappening', coalesce(new.id, old.id), new.due_at);
	return null;
end $$;
create trigger schedule_happening after insert or update or delete on happening for each row execute function schedule_happening();

-- Tells everybody whom the kind's audience names, but for the person who acted.
create function tell(kind text, event_id uuid, actor_id uuid, subject_id uuid, variables jsonb default '{}', due_at timestamptz default now())
returns void language sql as $$
	insert into happening (kind, event_id, actor_id, subject_id, variables, due_at)
	values (kind, event_id, actor_id, subject_id, variables, due_at)
	on conflict do nothing
$$;

grant select, insert, update, delete on happening to notify_svc;

insert into kind (key, class, channels, source, audience, states, path, variables) values
	('mentorship_begun', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{KICKOFF,ACTIVE}', '/mentorships/{id}', '{program,role}'),
	('mentorship_declined', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE,COORDINATOR}', '{DECLINED}', '/mentorships/{id}', '{program,role}'),
	('mentorship_expired', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE,COORDINATOR}', '{EXPIRED}', '/mentorships/{id}', '{program,role}'),
	('kickoff_completed', 'ACTIVITY', '{IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{KICKOFF}', '/mentorships/{id}', '{program}'),
	('kickoff_reminder', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{KICKOFF}', '/mentorships/{id}', '{program,days}'),
	('kickoff_overdue', 'ACTIVITY', '{EMAIL,IN_APP}', 'MENTORSHIP', '{COORDINATOR}', '{KICKOFF}', '/mentorships/{id}', '{program}'),
	('mentorship_activated', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{ACTIVE,PAUSED}', '/mentorships/{id}', '{program,planned_end_on}'),
	('mentorship_asked', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{ACTIVE,PAUSED}', '/mentorships/{id}', '{program,ask,until}'),
	('mentorship_paused', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{PAUSED}', '/mentorships/{id}', '{program,paused_until}'),
	('mentorship_resumed', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{ACTIVE}', '/mentorships/{id}', '{program}'),
	('mentorship_extended', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{ACTIVE,PAUSED}', '/mentorships/{id}', '{program,planned_end_on}'),
	('end_announced', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{ACTIVE,PAUSED}', '/mentorships/{id}', '{program,planned_end_on}'),
	('mentorship_closing', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{CLOSING}', '/mentorships/{id}/closure', '{program,close_by}'),
	('mentorship_closed', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{CLOSED}', '/mentorships/{id}', '{program}'),
	('mentorship_suspended', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE,COORDINATOR}', '{SUSPENDED}', '/mentorships/{id}', '{program,role}'),
	('mentorship_reinstated', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE,COORDINATOR}', '{KICKOFF,ACTIVE,PAUSED,CLOSING}', '/mentorships/{id}', '{program,role}'),
	('parties_changed', 'ACTIVITY', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE,COORDINATOR}', '{KICKOFF,ACTIVE,PAUSED,CLOSING}', '/mentorships/{id}', '{program,role}'),
	('handover_accepted', 'ACTIVITY', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTEE}', '{KICKOFF,ACTIVE,PAUSED}', '/mentorships/{id}', '{program}'),
	('agreement_to_sign', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'AGREEMENT', '{MENTOR,MENTEE}', '{OFFERED,SIGNED}', '/mentorships/{mentorship_id}/agreement', '{program,change}'),
	('agreement_signed', 'ACTIVITY', '{IN_APP}', 'AGREEMENT', '{MENTOR,MENTEE}', '{SIGNED}', '/mentorships/{mentorship_id}/agreement', '{program,change}'),
	('agreement_in_force', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'AGREEMENT', '{MENTOR,MENTEE}', '{IN_FORCE}', '/mentorships/{mentorship_id}/agreement', '{program,change}'),
	('agreement_declined', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'AGREEMENT', '{MENTOR,MENTEE}', '{DECLINED}', '/mentorships/{mentorship_id}/agreement', '{program,change}'),
	('agreement_to_settle', 'ACTIVITY', '{EMAIL,IN_APP}', 'AGREEMENT', '{COORDINATOR}', '{DECLINED}', '/mentorships/{mentorship_id}', '{program}'),
	('goal_created', 'ACTIVITY', '{EMAIL,IN_APP}', 'GOAL', '{MENTOR,MENTEE}', '{DRAFT,ACTIVE}', '/mentorships/{mentorship_id}/goals', '{program}'),
	('goal_checked_in', 'ACTIVITY', '{IN_APP}', 'GOAL', '{MENTOR,MENTEE}', '{ACTIVE,ACHIEVED,PARTLY}', '/mentorships/{mentorship_id}/goals', '{program}'),
	('goal_ended', 'ACTIVITY', '{EMAIL,IN_APP}', 'GOAL', '{MENTOR,MENTEE}', '{ACHIEVED,PARTLY,DROPPED}', '/mentorships/{mentorship_id}/goals', '{program,outcome}'),
	('goal_reopened', 'ACTIVITY', '{IN_APP}', 'GOAL', '{MENTOR,MENTEE}', '{ACTIVE}', '/mentorships/{mentorship_id}/goals', '{program}'),
	('task_assigned', 'ACTIVITY', '{EMAIL,IN_APP}', 'TASK', '{ASSIGNEE}', '{ASSIGNED}', '/mentorships/{mentorship_id}/tasks', '{program,due_on}'),
	('task_submitted', 'ACTIVITY', '{EMAIL,IN_APP}', 'TASK', '{ASSIGNER}', '{SUBMITTED}', '/mentorships/{mentorship_id}/tasks', '{program}'),
	('task_returned', 'ACTIVITY', '{EMAIL,IN_APP}', 'TASK', '{ASSIGNEE}', '{RETURNED}', '/mentorships/{mentorship_id}/tasks', '{program}'),
	('task_approved', 'ACTIVITY', '{EMAIL,IN_APP}', 'TASK', '{ASSIGNEE}', '{APPROVED}', '/mentorships/{mentorship_id}/tasks', '{program}'),
	('task_cancelled', 'ACTIVITY', '{IN_APP}', 'TASK', '{ASSIGNEE}', '{CANCELLED}', '/mentorships/{mentorship_id}/tasks', '{program}'),
	('task_overdue', 'ACTIVITY', '{EMAIL,IN_APP}', 'TASK', '{ASSIGNEE}', '{ASSIGNED,IN_PROGRESS,RETURNED}', '/mentorships/{mentorship_id}/tasks', '{program,due_on}'),
	('milestone_due', 'ACTIVITY', '{EMAIL,IN_APP}', 'MILESTONE', '{OWNER}', '{DUE}', '/mentorships/{mentorship_id}/milestones', '{program,title}'),
	('milestone_overdue', 'ACTIVITY', '{EMAIL,IN_APP}', 'MILESTONE', '{OWNER}', '{UPCOMING,DUE}', '/mentorships/{mentorship_id}/milestones', '{program,title,due_on}'),
	('milestone_done', 'ACTIVITY', '{IN_APP}', 'MILESTONE', '{MENTOR,MENTEE}', '{DONE}', '/mentorships/{mentorship_id}/milestones', '{program,title}'),
	('evaluation_recorded', 'ACTIVITY', '{EMAIL,IN_APP}', 'EVALUATION', '{SUBJECT,MENTOR}', '{RECORDED}', '/mentorships/{mentorship_id}/evaluations', '{program,role}'),
	('certificate_issued', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'CERTIFICATE', '{HOLDER}', '{ISSUED}', '/certificates/{id}', '{program}'),
	('certificate_revoked', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'CERTIFICATE', '{HOLDER}', '{REVOKED}', '/certificates/{id}', '{program}'),
	('training_completed', 'ACTIVITY', '{IN_APP}', 'TRAINING', '{TRAINEE}', '{OPEN}', '/programs/{program_id}/training', '{program,title}'),
	('training_expired', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'TRAINING', '{TRAINEE}', '{OPEN}', '/programs/{program_id}/training', '{program,title}'),
	('survey_open', 'ACTIVITY', '{EMAIL,IN_APP}', 'SURVEY_WAVE', '{SEAT}', '{OPEN}', '/surveys/{id}', '{program,title,closes_at}'),
	('survey_closing', 'ACTIVITY', '{EMAIL,IN_APP}', 'SURVEY_WAVE', '{UNANSWERED}', '{OPEN}', '/surveys/{id}', '{program,title,closes_at}'),
	('survey_closed', 'ACTIVITY', '{EMAIL,IN_APP}', 'SURVEY_WAVE', '{COORDINATOR}', '{CLOSED}', '/programs/{program_id}/surveys', '{program,title}'),
	('improvement_opened', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'IMPROVEMENT', '{OWNER}', '{OPEN,IN_PROGRESS}', '/programs/{program_id}/improvement-actions', '{program,due_on}'),
	('improvement_done', 'ACTIVITY', '{IN_APP}', 'IMPROVEMENT', '{OWNER,COORDINATOR}', '{DONE}', '/programs/{program_id}/improvement-actions', '{program}'),
	('health_flag', 'ACTIVITY', '{EMAIL,IN_APP}', 'HEALTH_FLAG', '{COORDINATOR}', '{RAISED}', '/programs/{program_id}/health', '{program}'),
	('resource_to_review', 'ACTIVITY', '{EMAIL,IN_APP}', 'RESOURCE', '{COORDINATOR}', '{IN_REVIEW}', '/resources/{id}', '{program,title}'),
	('resource_rejected', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'RESOURCE', '{AUTHOR}', '{REJECTED}', '/resources/{id}', '{program,title}'),
	('resource_published', 'ACTIVITY', '{IN_APP}', 'RESOURCE', '{AUTHOR,READER,MENTOR,MENTEE}', '{PUBLISHED}', '/resources/{id}', '{program,title,role}'),
	('resource_commented', 'ACTIVITY', '{IN_APP}', 'RESOURCE', '{AUTHOR}', '{PUBLISHED}', '/resources/{id}', '{program,title}'),
	('thread_answered', 'ACTIVITY', '{EMAIL,IN_APP}', 'THREAD', '{AUTHOR,FOLLOWER}', '{OPEN,ANSWERED,LOCKED}', '/discussions/{id}', '{program,role}'),
	('answer_accepted', 'ACTIVITY', '{EMAIL,IN_APP}', 'THREAD', '{ANSWERER}', '{ANSWERED,LOCKED}', '/discussions/{id}', '{program}'),
	('thread_flagged', 'ACTIVITY', '{EMAIL,IN_APP}', 'THREAD', '{COORDINATOR}', '{OPEN,ANSWERED,LOCKED}', '/discussions/{id}', '{program}'),
	('thread_hidden', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'THREAD', '{AUTHOR}', '{HIDDEN,REMOVED}', '/discussions/{id}', '{program}'),
	('opportunity_opened', 'ACTIVITY', '{IN_APP}', 'OPPORTUNITY', '{READER}', '{OPEN}', '/programs/{program_id}/opportunities', '{program,title,closes_at}'),
	('opportunity_applied', 'ACTIVITY', '{EMAIL,IN_APP}', 'OPPORTUNITY', '{OFFERER}', '{OPEN,FULL}', '/programs/{program_id}/opportunities', '{program,title}'),
	('opportunity_decided', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'APPLICATION', '{APPLICANT}', '{ACCEPTED,DECLINED}', '/programs/{program_id}/opportunities', '{program,title,outcome}'),
	('introduction_proposed', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'INTRODUCTION', '{INTRODUCED}', '{PROPOSED}', '/introductions/{id}', '{program}'),
	('introduction_decided', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'INTRODUCTION', '{INTRODUCER,INTRODUCED}', '{ACCEPTED,DECLINED}', '/introductions/{id}', '{program,outcome}');
update kind set mandatory = true where key in ('mentorship_suspended', 'certificate_revoked');
update kind set source = 'MENTORSHIP', audience = '{MENTOR,MENTEE}', states = '{PENDING_ACCEPTANCE}', path = '/mentorships/{id}'
where key = 'match_published';
