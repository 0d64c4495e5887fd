"""A run that has failed, and a proposal of the mentor to the member whose time is over: nothing can be done with either."""

import uuid

from access.calls import about
from access.parts import match_request
from access.world import wait_until

OF_RUN = ("GetMatchRun", "CancelMatchRun", "DiscardMatchRun", "ListUnmatched", "ResolveMatchRun", "PublishMatchRun", "GetMatchCertificate")
OF_PAIR = ("ForceMatchPair", "LockMatchPair", "UnlockMatchPair")
OF_PROPOSAL = ("GetMatchProposal", "AcceptMatchProposal")


def prepare(world):
    """Once, also when another part needs it first."""
    match_request.prepare(world)
    if hasattr(world, "match_run"):
        return
    world.match_run, world.match_proposal, world.simulation, world.group_plan = (str(uuid.uuid4()) for _ in range(4))
    mentor, mentee, runner = (world.person(name).id for name in ("mentor", "member", "coordinator"))
    world.stack.postgres.sql(f"""set search_path = matching;
        insert into match_run (id, program_id, state, objective, criteria_version, secret_seed, seed_commitment, mentees, mentors, places,
            memory_mb, created_by)
        values ('{world.match_run}', '{world.choice}', 'FAILED', 'MAX_TOTAL', 1, '', '', 1, 1, 1, 1, '{runner}');
        insert into match_proposal (id, run_id, program_id, mentor_id, mentee_id, mentor_membership, mentee_membership, mentor_index,
            mentee_index, state, announced, score, round)
        select '{world.match_proposal}', '{world.match_run}', '{world.choice}', a.user_id, b.user_id, a.membership_id, b.membership_id, 0, 0,
            'EXPIRED', true, 1, 1
        from match_profile a, match_profile b where a.program_id = '{world.choice}' and a.user_id = '{mentor}' and a.role = 'MENTOR'
            and b.program_id = a.program_id and b.user_id = '{mentee}' and b.role = 'MENTEE';
        insert into match_simulation (id, program_id, state, mentees, mentors, variants, created_by)
        values ('{world.simulation}', '{world.choice}', 'DONE', 1, 1, '[]', '{runner}');
        insert into group_plan (id, program_id, state, criteria_version, size_min, size_max, mentors_per_group, created_by)
        values ('{world.group_plan}', '{world.choice}', 'FAILED', 1, 2, 3, 1, '{runner}')""")
    path = f"/v1/match-proposals/{world.match_proposal}"
    wait_until("a proposal", lambda: world.person("member").get(path).status == 200)


def calls(world):
    pair = {"mentor_id": world.person("mentor").id, "mentee_id": world.person("member").id}
    run, proposal = {"id": world.match_run}, {"id": world.match_proposal, "parties": ("member", "mentor")}
    return {
        "StartMatchRun": about({}, headers={"Idempotency-Key": "sweep"}, program_id=world.choice),
        "ListMatchRuns": about(program_id=world.choice),
        "WatchMatchRun": about(headers={"Accept": "text/event-stream"}, **run),
        "ExplainMatchPair": about(query=pair, **run),
        "RemoveMatchPair": about(**run, **pair),
        "GetMatchFairness": about(query={"by": "LEVEL"}, **run),
        "VerifyMatchCertificate": about(data=b"nothing", headers={"Content-Type": "text/plain"}, program="any"),
        "SimulateMatches": about({"variants": [{"label": "As it is"}]}, program_id=world.choice),
        "ListMatchSimulations": about(program_id=world.choice),
        "GetMatchSimulation": about(id=world.simulation),
        "PlanGroups": about({"size_min": 2, "size_max": 3}, program_id=world.choice),
        "ListGroupPlans": about(program_id=world.choice),
        "GetGroupPlan": about(id=world.group_plan),
        "PublishGroupPlan": about(id=world.group_plan),
        "ListMatchProposals": about(run_id=world.match_run),
        "DeclineMatchProposal": about({"reason_code": "OTHER"}, **proposal),
    } | {name: about(**run) for name in OF_RUN} | {name: about(pair, **run) for name in OF_PAIR} | {
        name: about(**proposal) for name in OF_PROPOSAL}
