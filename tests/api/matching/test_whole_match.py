"""The whole way: members with profiles, criteria, two weightings compared, a run, why and why not, a lock, publishing, a no, another match."""

import subprocess

from pool import Pool, eventually
from runs import Runs, says


def proposed(person):
    return eventually(lambda: person.get("/v1/me/match-proposals").ok()["items"])[0]


def test_from_profiles_to_a_mentorship(pools, match_sql, mails, tmp_path, stack):
    pool = Pool(pools, pools.program())
    art, law = (pool.add("MENTOR", pools.mentor(), says(field, hobby)) for field, hobby in (("art", "chess"), ("law", "music")))
    painter, lawyer, singer = (pool.add("MENTEE", pools.new_person(), says(field, hobby))
                               for field, hobby in (("art", "chess"), ("law", "music"), ("art", "music")))
    pool.settle()
    runs = Runs(pool, match_sql)
    runs.write_criteria()

    variants = [{"label": "Fields"}, {"label": "Hobbies", "weights": [{"criterion": "field", "weight": 10}, {"criterion": "hobbies", "weight": 90}]}]
    made = runs.lead.post(f"{pool.path}/match-simulations", {"variants": variants}).ok(202)["id"]
    told = eventually(lambda: (now := runs.lead.get(f"/v1/match-simulations/{made}").ok())["state"] == "DONE" and now)
    assert [each["matched"] for each in told["figures"]] == [2, 2]

    run = runs.review()["id"]
    assert runs.pairs(run) == {painter.id: art.id, lawyer.id: law.id}
    assert runs.why(run, art, painter).ok()["matched"]
    why_not = runs.why(run, art, singer).ok()
    assert not why_not["matched"] and int(why_not["loss"]) == 400 and why_not["current_mentor_id"] in ("", None)

    runs.do(run, "lock", mentor_id=law.id, mentee_id=lawyer.id).ok()
    assert runs.do(run, "resolve").ok()["moved"] == 0
    file = tmp_path / "certificate.txt"
    file.write_bytes(runs.lead.get(f"/v1/match-runs/{run}/certificate").response.content)
    assert subprocess.run([stack.options.bin / "match-check", file]).returncode == 0

    runs.do(run, "publish", publish_next=True).ok()
    mails.wait_for(painter.email, "match_proposed", seconds=40)
    assert painter.post(f"/v1/match-proposals/{proposed(painter)['id']}/decline", {"reason_code": "NOT_MY_FIELD"}).ok()["state"] == "DECLINED"
    mails.wait_for(art.email, "match_lapsed", seconds=40)

    again = proposed(singer)
    assert again["mentor_id"] == art.id
    for person in (singer, art):
        answer = person.post(f"/v1/match-proposals/{again['id']}/accept").ok()
    assert answer["state"] == "ACCEPTED"
    mentorship = singer.get(f"/v1/mentorships/{answer['mentorship_id']}").ok()
    assert (mentorship["state"], mentorship["origin"]) == ("KICKOFF", "RUN")
    mails.wait_for(singer.email, "mentorship_begun", seconds=40)
