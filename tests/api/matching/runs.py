"""Runs of the matcher, for tests: criteria, and a run that is waited for."""

import json
import uuid

from pool import eventually

FIELDS, HOBBIES = ("art", "law", "medicine"), ("chess", "hiking", "music", "sailing")
CRITERIA = [{"key": "field", "kind": "ANSWER_EQUAL", "weight": 60, "question": "field"},
            {"key": "hobbies", "kind": "ANSWER_OVERLAP", "weight": 40, "question": "hobbies"}]
ENDED = ("REVIEW", "FAILED", "CANCELLED", "TIMED_OUT")


def says(field, *hobbies):
    """Answers to the pool's form."""
    return [{"key": "field", "choices": [field]}, {"key": "hobbies", "choices": list(hobbies)}]


class Runs:
    """What coordinators do with runs of a pool."""

    def __init__(self, pool, sql):
        self.pool, self.lead, self.sql = pool, pool.lead, sql

    def criteria(self, criteria=CRITERIA, rules=(), min_score=0, objective="MAX_MATCHED_THEN_TOTAL"):
        """Publishes them as the program's next version, also such as a coordinator could not; answers its number."""
        version = int(self.sql(f"select coalesce(max(criteria_version), 0) + 1 from criteria_set where program_id = '{self.pool.id}'"))
        self.sql(f"update criteria_set set state = 'RETIRED' where program_id = '{self.pool.id}' and state = 'PUBLISHED'; "
                 f"insert into criteria_set (id, program_id, criteria_version, state, criteria, hard_rules, min_score, objective, created_by, "
                 f"published_at) values (uuid_v7(), '{self.pool.id}', {version}, 'PUBLISHED', '{json.dumps(criteria)}', "
                 f"'{json.dumps(list(rules))}', {min_score}, '{objective}', '{self.lead.id}', now())")
        return version

    def write_criteria(self, **more):
        """The same as a coordinator does it."""
        path = f"{self.pool.path}/criteria"
        self.lead.put(path, {"criteria": CRITERIA, **more}, headers={"If-Match": "*"}).ok()
        assert self.lead.post(f"{path}/validate", {}).ok()["state"] == "VALIDATED"
        return self.lead.post(f"{path}/publish", {}).ok()["criteria_version"]

    def ask(self, **body):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return self.lead.post(f"{self.pool.path}/match-runs", body, headers=key)

    def start(self, **body):
        """A run that has come to its end."""
        return self.wait(self.ask(**body).ok(202)["id"])

    def wait(self, run, *states):
        def ended():
            now = self.get(run)
            return now["state"] in (states or ENDED) and now
        return eventually(ended, 30)

    def get(self, run):
        return self.lead.get(f"/v1/match-runs/{run}").ok()

    def review(self, **body):
        run = self.start(**body)
        assert run["state"] == "REVIEW", run
        return run

    def proposals(self, run, **query):
        return self.lead.get(f"/v1/match-runs/{run}/proposals", params=query).ok()["items"]

    def pairs(self, run, **query):
        return {item["mentee_id"]: item["mentor_id"] for item in self.proposals(run, **query)}

    def unmatched(self, run):
        return self.lead.get(f"/v1/match-runs/{run}/unmatched").ok()["items"]

    def why(self, run, mentor, mentee):
        return self.lead.get(f"/v1/match-runs/{run}/why", params={"mentor_id": mentor.id, "mentee_id": mentee.id})

    def do(self, run, verb, **body):
        return self.lead.post(f"/v1/match-runs/{run}/{verb}", body or None)
