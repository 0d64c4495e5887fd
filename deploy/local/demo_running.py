"""Open Doors: a program that runs, with mentorships in every state that people can bring about themselves, and what came of them.

Each step is done once: what it answered is kept beside the other marks, so that a loading that was interrupted goes on.
"""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from demo_words import AGREEMENT, ANSWERS, ARTICLE, COHORT, DRAFT_ARTICLE, MEMBERS, MILESTONES, OFFER, OPEN_DOORS, RULES, RUBRIC, SILENT, \
    SURVEYS, TASKS, THREADS, TRAINING

COORDINATOR = "amara"


def day(days):
    return (datetime.now(timezone.utc) + timedelta(days)).date().isoformat()


class Running:
    """Tells how it went; `demo` knows the people and how they join."""

    def __init__(self, demo):
        self.demo, self.callers = demo, demo.callers
        self.done = demo.joined / "open-doors"
        self.done.mkdir(exist_ok=True)
        self.ids = {}

    def load(self):
        self.program = self.demo.make_program(OPEN_DOORS, COORDINATOR, COHORT)
        self.path = f"/v1/programs/{self.program}"
        self.design()
        with ThreadPoolExecutor(6) as several:
            self.members = dict(zip(MEMBERS, several.map(lambda key: self.join(key, MEMBERS[key]), MEMBERS)))
        stories = (self.active, self.group, self.kick_off, self.asked, self.held, self.declined, self.paused, self.closing, self.closed,
                   self.stopped, self.learn, self.talk, self.share, self.ask)
        with ThreadPoolExecutor(6) as several:
            for told in [several.submit(story) for story in stories]:
                told.result()
        self.suspend("olga", "Asked for money twice.")

    # -- steps

    def once(self, name, does):
        mark = self.done / name
        if not mark.exists():
            written = mark.with_name(f".{uuid.uuid4().hex}")
            written.write_text(json.dumps(does()))
            written.rename(mark)
        return json.loads(mark.read_text())

    def post(self, name, who, path, body=None):
        """The name makes the request the same one when it is repeated."""
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.demo.stack.url}/{self.program}/{name}"))
        return self.once(name, lambda: self.callers[who].call("POST", path, {} if body is None else body, Idempotency_Key=key))

    def put(self, name, who, path, body):
        return self.once(name, lambda: self.callers[who].put(path, body))

    def user(self, key):
        if key not in self.ids:
            self.ids[key] = self.callers[key].get("/v1/me")["id"]
        return self.ids[key]

    # -- the program

    def design(self):
        for name, body in (("mentorship-rules", RULES), ("milestone-template", {"items": MILESTONES}), ("rubric", {"criteria": RUBRIC}),
                           ("training", {"modules": TRAINING})):
            self.put(name, COORDINATOR, f"{self.path}/{name}", body)

    def join(self, key, role):
        caller = self.callers[key]
        membership = self.post(f"join-{key}", key, f"{self.path}/memberships", {"role": role})
        path = f"/v1/memberships/{membership['id']}"
        version = self.once(f"form-{role}", lambda: caller.get(f"{self.path}/forms/{role}")["form_version"])
        self.put(f"answers-{key}", key, f"{path}/answers",
                 {"form_version": version, "answers": self.demo.answers(self.demo.people[key], role)})
        self.post(f"submit-{key}", key, f"{path}/submit")
        return membership["id"]

    # -- mentorships

    def pair(self, mentors, mentees, **more):
        name = "-".join(mentors + mentees)
        made = self.post(f"pair-{name}", COORDINATOR, f"{self.path}/mentorships", {
            "mentor_memberships": [self.members[key] for key in mentors],
            "mentee_memberships": [self.members[key] for key in mentees], **more})
        return name, f"/v1/mentorships/{made['id']}"

    def accept(self, mentors, mentees):
        name, path = self.pair(mentors, mentees)
        for key in mentors + mentees:
            self.post(f"accept-{name}-{key}", key, f"{path}/accept")
        return name, path

    def sign(self, name, path, *people):
        text = self.post(f"agreement-{name}", people[0], f"{path}/agreement", AGREEMENT)
        for key in people:
            self.post(f"sign-{name}-{key}", key, f"{path}/agreement/sign", {"text_hash": text["text_hash"]})

    def begin(self, mentors, mentees):
        name, path = self.accept(mentors, mentees)
        for item in RULES["kickoff_items"]:
            self.post(f"kickoff-{name}-{item['key']}", mentees[0], f"{path}/kickoff/items/{item['key']}/complete")
        self.post(f"kickoff-{name}", mentors[0], f"{path}/kickoff/complete")
        self.sign(name, path, *mentors, *mentees)
        return name, path

    def goal(self, name, who, path, title, kind, target, *values, **more):
        made = self.post(f"goal-{name}", who, f"{path}/goals", {"title": title, "kind": kind, "measure": target, "due_on": day(90), **more})
        for number, (value, note) in enumerate(values):
            self.post(f"check-in-{name}-{number}", who, f"{path}/goals/{made['id']}/check-ins", {"value": value, "note": note})
        return f"{path}/goals/{made['id']}"

    def active(self):
        """Half a year that is well under way: the mentorship to look at first."""
        name, path = self.begin(["giulia"], ["chiamaka"])
        percent = {"type": "PERCENT", "from": 0, "to": 100}
        self.goal("portfolio", "chiamaka", path, "Show one analysis from the raw data to the chart", "LEARNING", percent,
                  (20, "Found the data: ten years of bus delays."), (45, "Cleaned it. Half of it was the clock change."),
                  (70, "First charts. Giulia asked the question that I had avoided."), why="Courses end; this should not.")
        reached = self.goal("interview", "chiamaka", path, "Three practice interviews", "CAREER", {"type": "COUNT", "from": 0, "to": 3},
                            (1, "I talked too fast."), (2, "Better."), (3, "I asked them a question back."))
        self.post("achieve-interview", "chiamaka", f"{reached}/achieve")
        dropped = self.goal("certificate-course", "chiamaka", path, "Finish the cloud course", "SKILL", percent)
        self.post("drop-course", "chiamaka", f"{dropped}/drop", {"reason": "The analysis teaches me more."})
        self.goal("talk", "giulia", path, "Speak at the local meet-up", "PERSONAL", {"type": "YES_NO", "from": 0, "to": 1}, draft=True)
        self.tasks(path)
        self.put("evaluation", "giulia", f"{path}/evaluations/START", {
            "subject_id": self.user("chiamaka"), "scores": [{"key": "asks", "value": 3}, {"key": "finishes", "value": 4}],
            "note": "Asks the second question already."})

    def tasks(self, path):
        """Up to every state; those of the past as a coordinator would bring them over from elsewhere."""
        for number, (title, body, steps) in enumerate(TASKS):
            made = self.post(f"task-{number}", "giulia", f"{path}/tasks", {
                "title": title, "body": body, "assignee_id": self.user("chiamaka"), "due_on": day(7 + number)})
            for place, step in enumerate(steps):
                who = "chiamaka" if step in ("start", "submit") else "giulia"
                words = {"submit": {"text": "Here it is; the second half was the harder one."}, "return": {"review": "Show how you know."},
                         "approve": {"review": "Clear and honest."}}
                self.post(f"task-{number}-{place}", who, f"{path}/tasks/{made['id']}/{step}", words.get(step))
        people = {"assignee_id": self.user("chiamaka"), "assigner_id": self.user("giulia")}
        self.post("tasks-import", COORDINATOR, f"{path}/tasks/import", {"tasks": [
            {"title": "Read three job advertisements aloud", "due_on": day(-30), "approved": True, **people},
            {"title": "Ask a former colleague what they remember of your work", "due_on": day(-4), **people}]})

    def group(self):
        """One mentor with two mentees."""
        name, path = self.begin(["rajesh"], ["lena", "thuy"])
        self.goal("site", "lena", path, "A page for the kitchen I come from", "SKILL", {"type": "LEVEL", "from": 1, "to": 5},
                  (2, "The menu works on a phone."))
        self.post("note", "rajesh", "/v1/resources", {
            "scope": "MENTORSHIP", "mentorship_id": path[-36:], "kind": "ARTICLE", "title": "What we said about naming things",
            "body": "A name says what a thing is for, not how it is made."})

    def kick_off(self):
        """Accepted; the agreement is signed by one of the two."""
        name, path = self.accept(["hannah"], ["dmytro"])
        item = RULES["kickoff_items"][0]["key"]
        self.post(f"kickoff-{name}-{item}", "dmytro", f"{path}/kickoff/items/{item}/complete")
        text = self.post(f"agreement-{name}", "hannah", f"{path}/agreement", AGREEMENT)
        self.post(f"sign-{name}", "hannah", f"{path}/agreement/sign", {"text_hash": text["text_hash"]})

    def asked(self):
        """One of the two has answered."""
        name, path = self.pair(["yuki"], ["aisha"])
        self.post(f"accept-{name}", "yuki", f"{path}/accept")

    def held(self):
        self.pair(["hannah"], ["pedro"], held=True)

    def declined(self):
        name, path = self.pair(["moses"], ["pedro"])
        self.post(f"decline-{name}", "moses", f"{path}/decline")

    def paused(self):
        name, path = self.begin(["elif"], ["mei"])
        for key in ("mei", "elif"):
            self.post(f"pause-{name}-{key}", key, f"{path}/pause", {"until": day(28)})

    def closing(self):
        name, path = self.begin(["david"], ["joao"])
        self.post(f"close-{name}", "joao", f"{path}/close", {"close_reason": "COMPLETED"})
        self.post(f"final-{name}", "david", f"{path}/closure/steps/FINAL_SESSION/complete")

    def closed(self):
        """To the end, with certificates."""
        name, path = self.begin(["moses"], ["fatima"])
        goal = self.goal("interviews", "fatima", path, "Passer deux entretiens d'essai", "CAREER", {"type": "COUNT", "from": 0, "to": 2},
                         (1, "J'ai oublié de respirer."), (2, "J'ai posé des questions."))
        self.post("achieve-interviews", "fatima", f"{goal}/achieve")
        self.put(f"closing-evaluation-{name}", "moses", f"{path}/evaluations/END", {
            "subject_id": self.user("fatima"), "scores": [{"key": "asks", "value": 5}, {"key": "finishes", "value": 4}]})
        self.post(f"close-{name}", "moses", f"{path}/close", {"close_reason": "COMPLETED"})
        for who, step in (("moses", "FINAL_SESSION"), ("moses", "CLOSING_EVALUATION"), ("fatima", "POST_CONTACT")):
            self.post(f"{step}-{name}", who, f"{path}/closure/steps/{step}/complete")
        self.post(f"handover-{name}", "fatima", f"{path}/handover", {"items": []})
        self.post(f"finish-{name}", "moses", f"{path}/closure/finish")
        for key in ("moses", "fatima"):
            self.post(f"certificate-{key}", COORDINATOR, f"{path}/certificates/issue", {"user_id": self.user(key)})

    def stopped(self):
        self.begin(["kwame"], ["olga"])

    def suspend(self, key, reason):
        """Last of all, as the person cannot sign in any more."""
        self.post(f"suspend-{key}", "penelope", f"/v1/admin/users/{self.user(key)}/suspend", {"reason": reason})

    # -- beside the mentorships

    def learn(self):
        modules = self.callers["chiamaka"].get(f"{self.path}/training")["modules"]
        basics = next(each for each in modules if each["key"] == "listening")
        for key in ("chiamaka", "giulia", "lena", "rajesh"):
            path = f"/v1/training/{basics['id']}/items"
            self.post(f"read-{key}", key, f"{path}/read/complete")
            self.post(f"quiz-{key}", key, f"{path}/quiz/quiz", {"answers": [{"key": "silence", "choices": ["wait"]}]})

    def talk(self):
        for number, (asker, title, body, answers) in enumerate(THREADS):
            made = self.post(f"thread-{number}", asker, "/v1/discussions", {
                "scope": "PROGRAM", "program_id": self.program, "title": title, "body": body})
            path = f"/v1/discussions/{made['id']}"
            given = [self.post(f"answer-{number}-{key}", key, f"{path}/answers", {"body": words})["id"] for key, words in answers]
            if number == 0:
                self.post("accept-answer", asker, f"{path}/accept-answer", {"answer_id": given[0]})
                self.post("pin", COORDINATOR, f"/v1/moderation/threads/{made['id']}/pin", {"pinned": True})
                for key in ("mei", "thuy"):
                    self.post(f"vote-{key}", key, f"{path}/vote", {"answer_id": given[0]})

    def share(self):
        here = {"scope": "PROGRAM", "program_id": self.program, "kind": "ARTICLE"}
        for name, who, article in (("draft", "hannah", DRAFT_ARTICLE), ("article", "giulia", ARTICLE)):
            made = self.post(name, who, "/v1/resources", here | article)
            self.post(f"{name}-submit", who, f"/v1/resources/{made['id']}/submit")
        self.post("article-publish", COORDINATOR, f"/v1/resources/{made['id']}/publish")
        offer = self.post("offer", "rajesh", f"{self.path}/opportunities", OFFER | {"closes_at": f"{day(21)}T12:00:00Z"})
        path = f"{self.path}/opportunities/{offer['id']}"
        wanted = {key: self.post(f"apply-{key}", key, f"{path}/apply", {"message": "I would come early."}) for key in ("chiamaka", "mei", "lena")}
        for key, accept in (("chiamaka", True), ("mei", False)):
            self.post(f"decide-{key}", "rajesh", f"{path}/decide", {"application_id": wanted[key]["id"], "accept": accept})
        met = self.post("introduce", "giulia", "/v1/introductions", {
            "program_id": self.program, "first_id": self.user("lena"), "second_id": self.user("chiamaka"),
            "message": "You both came from somewhere else; talk about the first month."})
        self.post("introduced-lena", "lena", f"/v1/introductions/{met['id']}/answer", {"accept": True})

    def ask(self):
        """Answered by most; the results of the first are out. Who thinks of leaving is a flag for the coordinator, as soon as flags are looked for."""
        for number, survey in enumerate(SURVEYS):
            made = self.post(f"survey-{number}", COORDINATOR, f"{self.path}/surveys", survey | {"first_at": f"{day(0)}T00:00:00Z"})
            wave = self.demo.wait_for(lambda: self.open_wave(made["id"]), "open survey")
            for key in (key for key, role in MEMBERS.items() if survey["audience"] in (role, "BOTH") and key not in SILENT):
                self.put(f"response-{number}-{key}", key, f"/v1/survey-waves/{wave}/response", {"answers": ANSWERS[number](key)})
            if survey["audience"] == "BOTH":
                for step in ("close", "publish"):
                    self.post(f"{step}-{number}", COORDINATOR, f"/v1/survey-waves/{wave}/{step}")
        self.post("improve", COORDINATOR, f"{self.path}/improvement-actions", {
            "source": "RETROSPECTIVE", "title": "Say earlier how long an answer may take", "due_on": day(30),
            "body": "Three mentees waited and thought that they had done something wrong."})
        for step in ("hide", "unhide"):
            self.post(step, COORDINATOR, f"{self.path}/{step}")

    def open_wave(self, survey):
        waves = self.callers[COORDINATOR].get(f"{self.path}/surveys/{survey}/waves")["items"]
        return next((wave["id"] for wave in waves if wave["state"] == "OPEN"), None)
