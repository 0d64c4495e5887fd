"""People who join programs while things break: every request has an idempotency key and is repeated until it is answered."""
import random
import threading
import time
import uuid

import requests

PASSWORD = "the bed is made of an olive tree"

# Programs that take whoever asks: a form without a question that must be answered, and no end of registration.
PROGRAMS = """
set search_path = programs;
create temporary table fresh as select gen_random_uuid() as id, i from generate_series({first}, {last}) i;
insert into program (id, slug, title, state, mentee_admission, registration_opens_at, registration_closes_at)
select id, 'drill-' || i, 'Drill ' || i, 'PUBLISHED', 'OPEN', now() - interval '1 day', now() + interval '1 day' from fresh;
insert into form (id, program_id, role, form_version, steps, created_by)
select gen_random_uuid(), id, 'MENTEE', 1,
	'[{{"title": "You", "questions": [{{"key": "note", "title": "Anything else?", "kind": "SHORT", "required": false}}]}}]',
	gen_random_uuid() from fresh;
select id from fresh;
"""


class Joiner(threading.Thread):
    """One person who joins one program after the other. What was acknowledged stands in `joined`."""

    def __init__(self, url, token, programs):
        super().__init__(daemon=True)
        self.url, self.token, self.programs = url, token, programs
        self.joined = []   # (membership id, program id)
        self.refused = []  # answers that should not have come
        self.repeats = 0
        self.ending = threading.Event()

    def run(self):
        for program in self.programs:
            if self.ending.is_set():
                return
            membership = self.post(f"/v1/programs/{program}/memberships", {"role": "MENTEE"})
            if membership and self.post(f"/v1/memberships/{membership['id']}/submit", {}):
                self.joined.append((membership["id"], program))

    def post(self, path, body):
        """The body of the answer, however long it takes; None (and noted) for a refusal."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid.uuid4())}
        while True:
            try:
                answer = requests.post(self.url + path, json=body, headers=headers, timeout=12)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.ok:
                return answer.json()
            if answer is not None and answer.status_code < 500 and answer.json()["code"] != "IDEMPOTENCY_IN_PROGRESS":
                self.refused.append((path, answer.status_code, answer.text))
                return None
            self.repeats += 1
            time.sleep(random.uniform(0.02, 0.2))


class Crowd:
    """Several joiners at once."""

    def __init__(self, url, tokens, programs):
        self.joiners = []
        for number, token in enumerate(tokens):
            order = list(programs)
            random.Random(number).shuffle(order)
            self.joiners.append(Joiner(url, token, order))

    def start(self):
        for joiner in self.joiners:
            joiner.start()
        return self

    def stop(self):
        for joiner in self.joiners:
            joiner.ending.set()
        for joiner in self.joiners:
            joiner.join()

    @property
    def joined(self):
        return [pair for joiner in self.joiners for pair in joiner.joined]

    @property
    def refused(self):
        return [refusal for joiner in self.joiners for refusal in joiner.refused]

    @property
    def repeats(self):
        return sum(joiner.repeats for joiner in self.joiners)
