-- Certificates.

-- Whoever was in the mentorship, and its numbers. An agreement that held to the end counts as one that is in force; an exit survey
-- that was open when the mentorship closed counts for it, whosever closing it asked about. Who drew a token is taken to have answered.
-- read_certificate_ground(IssueCertificateRequest) one CertificateGround
select m.program_id, p.title as program_title, p.certificate_rule as rule, certificate_facts(m, y.user_id) as facts,
	m.started_at::date as started_on, coalesce(m.closed_at, m.closing_at)::date as ended_on, m.state as mentorship,
	case y.role when 'MENTOR' then 'MENTOR_SERVICE' else 'MENTEE_COMPLETION' end as kind, y.user_id as holder_id, m.id as mentorship_id,
	coalesce((
		select case when a.state = 'ENDED' and a.in_force_at is not null then 'IN_FORCE' else a.state end as state from agreement a
		where a.mentorship_id = m.id
		order by (a.state in ('IN_FORCE', 'ENDED') and a.in_force_at is not null) desc, a.agreement_version desc limit 1), 'NONE') as agreement,
	case when exists (
		select from survey_seat x join survey_wave w on w.id = x.wave_id join survey s on s.id = w.survey_id
		where x.user_id = y.user_id and s.program_id = m.program_id and s.trigger = 'AT_CLOSE' and w.closes_at >= m.closing_at
			and (x.blinded is not null or exists (
				select from survey_response z where z.wave_id = x.wave_id and z.user_id = x.user_id))) then 'DONE' else 'OPEN' end as exit_survey,
	coalesce((select round(avg(e.mean)) from evaluation e where e.mentorship_id = m.id and e.moment = 'END'
		and (y.role = 'MENTOR' or e.subject_id = y.user_id)), 0)::int as closing_mean
from mentorship m join program p on p.id = m.program_id join mentorship_party y on y.mentorship_id = m.id and y.user_id = :user_id
where m.id = :id and must_run_mentorship(:id, :caller.id, :caller.roles::text[])
	and (y.user_id <> :caller.id or refuse(403, 'OWN_CERTIFICATE', 'Others issue your certificate.'));

-- read_training_ground(Id) one CertificateGround
select s.program_id, p.title as program_title, '{}'::jsonb as facts, c.began as started_on, c.done as ended_on,
	'TRAINING' as kind, s.user_id as holder_id
from membership s join program p on p.id = s.program_id, lateral (
	select min(t.completed_at)::date as began, max(t.completed_at)::date as done, count(*) as modules
	from training_completion t where t.program_id = s.program_id and t.user_id = s.user_id and t.expired_at is null) c
where s.id = :id and s.submitted_at is not null and decides(s, :caller.id, :caller.roles::text[])
	and (c.modules > 0 and not misses_training(s.program_id, s.user_id, s.role)
		or refuse(422, 'TRAINING_INCOMPLETE', 'The required training is not complete.'));

-- read_reissue_ground(Id) one CertificateGround
select c.program_id, c.program_title, c.facts, nullif(d.payload::jsonb ->> 'started_on', '')::date as started_on,
	nullif(d.payload::jsonb ->> 'ended_on', '')::date as ended_on,
	c.kind, c.holder_id, c.mentorship_id, c.id as replaces_id
from certificate c join certificate_document d on d.id = c.id
where c.id = :id and c.holder_id = :caller.id and only_from('certificate', c.state, '{ISSUED}')
for update of c;

-- set_superseded(Id) one Certificate
update certificate set state = 'REVOKED', reason = 'SUPERSEDED' where id = :id returning *;

-- set_revoked(RevokeCertificateRequest) one Certificate
update certificate c set state = 'REVOKED', reason = :reason
where c.id = :id and coordinates(c.program_id, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- add_certificate(SignedCertificate) one Certificate
insert into certificate (id, kind, holder_id, holder_name, program_id, program_title, mentorship_id, facts, issued_at, replaces_id)
values (:id, :kind, :holder_id, :holder_name, :program_id, :program_title, :mentorship_id, :facts::jsonb, :issued_at, :replaces_id)
returning *;

-- add_certificate_document(SignedCertificate) exec
insert into certificate_document (id, key_id, payload, signature, badge, locale) values (:id, :key_id, :payload, :signature, :badge, :locale);

-- list_my_certificates(Page) page ListCertificatesResponse by id desc
select c.* from certificate c where c.holder_id = :caller.id;

-- get_certificate(Id) one Certificate
select c.* from certificate c
where c.id = :id and (c.holder_id = :caller.id or coordinates(c.program_id, :caller.id, :caller.roles::text[]));

-- The certificate's own files are its holder's.
-- read_document(Id) one SignedCertificate
select c.id, c.kind, c.holder_name, c.program_title, c.issued_at, c.facts, d.payload, d.signature, d.badge, d.locale
from certificate c join certificate_document d on d.id = c.id
where c.id = :id and c.holder_id = :caller.id;

-- get_certificate_status(Id) one CertificateStatus
select id, state, issued_at, revoked_at, reason from certificate where id = :id;

-- list_certificate_keys(Nothing) many CertificateKeys
select id, public_key, created_at, retired_at from certificate_key order by created_at, id;

-- find_certificate_key(CertificatePayload) maybe CertificateKey
select id, public_key, created_at, retired_at from certificate_key where id::text = :key_id;

-- find_certificate_status(CertificatePayload) maybe CertificateStatus
select id, state, issued_at, revoked_at, reason from certificate
where id = case when :id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then :id::text::uuid end;

-- read_certificate_key(Nothing) one CertificateKey
select id, public_key, secret, created_at, now() + interval '7 days' as list_until from certificate_key where retired_at is null order by created_at desc, id desc limit 1;

-- certificate_key_is_due(Nothing) maybe CertificateKey
select gen_random_uuid() as id where not exists (select from certificate_key where retired_at is null);

-- One at a time.
-- add_certificate_key(CertificateKey) exec
with waited as (select pg_advisory_xact_lock(hashtext(current_schema() || '.certificate_key'))),
retired as (update certificate_key set retired_at = now() where retired_at is null and exists (select from waited))
insert into certificate_key (id, public_key, secret) select :id, :public_key, :secret;

-- list_revoked(Nothing) many CertificateRevocations
select id::text, revoked_at, reason from certificate where state = 'REVOKED' order by revoked_at, id;

-- read_badge_key(Id) one CertificateKey
select id, public_key, created_at, retired_at from certificate_key where id = :id;

-- list_revoked_badges(Id) many CertificateRevocations
select c.id::text, c.revoked_at, c.reason from certificate c join certificate_document d on d.id = c.id
where c.state = 'REVOKED' and d.key_id = :id order by c.revoked_at, c.id;
