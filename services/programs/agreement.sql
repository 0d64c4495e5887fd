-- Agreements. Functions of the schema hold the rules; what is signed is never changed.

-- get_agreement(Id) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids from current_agreement(:id, :caller.id) a join mentorship m on m.id = a.mentorship_id
where must_be_party(:id, :caller.id) and a.id is not null;

-- list_agreement_versions(ListAgreementVersionsRequest) page ListAgreementVersionsResponse by agreement_version desc
select a.*, m.program_id, m.mentor_ids, m.mentee_ids from agreement a join mentorship m on m.id = a.mentorship_id
where a.mentorship_id = :id and must_be_party(:id, :caller.id) and (a.state <> 'DRAFT' or a.offered_by = :caller.id);

-- set_agreement_offered(OfferAgreementRequest) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids, a.state = 'DRAFT' as unchanged
from offer_agreement(agreement_of(:new.id, :id, :caller.id, :objectives::text[], :scope, :duration_days, :clauses::jsonb, :expected_results,
	:out_of_scope, :sessions_planned, :length_min, :every_days, :outline::jsonb), false, :draft) a join mentorship m on m.id = a.mentorship_id;

-- set_agreement_amended(AmendAgreementRequest) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids
from offer_agreement(agreement_of(:new.id, :id, :caller.id, :objectives::text[], :scope, :duration_days, :clauses::jsonb, :expected_results,
	:out_of_scope, :sessions_planned, :length_min, :every_days, :outline::jsonb), true, false) a join mentorship m on m.id = a.mentorship_id;

-- The agreement that holds, with other sessions; or the one that waits, offered again.
-- set_plan_proposed(ProposePlanRequest) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids
from current_agreement(case when must_work_in(:id, :caller.id) then :id::uuid end, :caller.id) b,
	lateral offer_agreement(case
		when (b.id is not null or refuse(409, 'NO_AGREEMENT', 'The plan is part of the agreement: offer one first.'))
			and at_version(b.version, :if_match)
		then agreement_of(:new.id, :id, :caller.id, b.objectives, b.scope, b.duration_days, b.clauses, b.expected_results,
			b.out_of_scope, :sessions_planned, :length_min, :every_days, :outline::jsonb) end, b.state = 'IN_FORCE', false) a
	join mentorship m on m.id = a.mentorship_id;

-- set_agreement_signed(SignAgreementRequest) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids, a.updated_at <> now() as unchanged from sign_text(:id, null, :text_hash, :caller.id) a join mentorship m on m.id = a.mentorship_id;

-- set_amendment_signed(AcceptAmendmentRequest) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids, a.updated_at <> now() as unchanged from sign_text(:id, :amendment_id, :text_hash, :caller.id) a join mentorship m on m.id = a.mentorship_id;

-- set_agreement_declined(Id) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids, a.updated_at <> now() as unchanged from decline_text(:id, null, :caller.id) a join mentorship m on m.id = a.mentorship_id;

-- set_amendment_declined(RejectAmendmentRequest) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids, a.updated_at <> now() as unchanged from decline_text(:id, :amendment_id, :caller.id) a join mentorship m on m.id = a.mentorship_id;

-- set_agreement_settled(Id) maybe Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids from settle_agreement(:id) a join mentorship m on m.id = a.mentorship_id;

-- read_agreement(Agreement) one Agreement
select a.*, m.program_id, m.mentor_ids, m.mentee_ids from agreement a join mentorship m on m.id = a.mentorship_id where a.id = :id;

-- read_signature(Id) one SignatureReceipt
select a.mentorship_id, a.id as agreement_id, s.user_id, s.text_hash, s.signed_at
from agreement a join agreement_signature s on s.agreement_id = a.id and s.user_id = :caller.id
where a.mentorship_id = :id and must_be_party(:id, :caller.id) and a.state in ('SIGNED', 'IN_FORCE')
order by a.agreement_version desc limit 1;
