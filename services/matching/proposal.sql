-- Proposals. Functions of the schema hold the rules.

-- list_match_proposals(ListMatchProposalsRequest) page ListMatchProposalsResponse by score desc, id desc
select v.* from match_proposal_view v
where v.run_id = :run_id and must_run(:run_id, :caller.id, :caller.roles::text[])
	and (:state::text is null or v.state = :state) and v.score >= coalesce(:min_score, 0)
	and (coalesce(:q::text, '') = '' or v.mentor_name ilike '%' || :q || '%' or v.mentee_name ilike '%' || :q || '%');

-- list_my_match_proposals(ListMyMatchProposalsRequest) page ListMyMatchProposalsResponse by id desc
select m.* from match_proposal p, my_proposal(p, :caller.id) m
where (p.mentor_id = :caller.id or p.mentee_id = :caller.id) and p.announced and (:state::text is null or p.state = :state);

-- get_match_proposal(Id) one MyMatchProposal
select m.* from match_proposal p, my_proposal(p, :caller.id) m where p.id = :id and must_be_proposed(p, :caller.id);

-- read_my_proposal(Id) one MyMatchProposal
select m.* from match_proposal p, my_proposal(p, :caller.id) m where p.id = :id;

-- set_proposal_accepted(Id) one MatchProposal
select v.*, v.updated_at <> now() as unchanged from accept_proposal(:id, :caller.id) p, show_proposal(p) v;

-- set_proposal_declined(DeclineMatchProposalRequest) one MatchProposal
select v.*, v.updated_at <> now() as unchanged from decline_proposal(:id, :caller.id, :reason_code, :text) p, show_proposal(p) v;

-- set_proposal_announced(Id) maybe MatchProposal
select v.* from announce_proposal(:id) p, show_proposal(p) v where p.id is not null;

-- set_proposal_settled(Id) one MatchProposal
select v.* from settle_proposal(:id) p, show_proposal(p) v;

-- set_proposal_expired(Id) maybe MatchProposal
select v.* from expire_proposal(:id) p, show_proposal(p) v where p.id is not null;
