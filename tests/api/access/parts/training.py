"""Training: a module of "ours" for both roles, of which nothing is required."""

from access.calls import NEVER, about

ANY_VERSION = {"If-Match": "*"}


def prepare(world):
    quiz = {"key": "quiz", "title": "Quiz", "kind": "QUIZ", "pass_mark": 100, "questions": [
        {"key": "why", "title": "Why?", "choices": [{"key": "a", "title": "A"}, {"key": "b", "title": "B"}], "right": ["b"]}]}
    items = [{"key": "read", "title": "Read", "kind": "RESOURCE"}, {"key": "event", "title": "Attend", "kind": "EVENT"}, quiz]
    module = {"key": "basics", "title": "The basics", "audience": "BOTH", "items": items}
    path = f"/v1/programs/{world.ours}/training"
    world.founder.put(path, {"modules": [module]}, headers=ANY_VERSION).ok()
    world.module = world.founder.get(path).ok()["modules"][0]["id"]


def calls(world):
    program = {"program_id": world.ours}
    return {
        "GetTraining": about(**program),
        "GetTrainingDesign": about(**program),
        "PutTraining": about({"modules": []}, headers=NEVER, **program),
        "ListTrainingCompletions": about(**program),
        "CompleteTrainingItem": about(id=world.module, key="read"),
        "TakeQuiz": about({"answers": [{"key": "why", "choices": ["a"]}]}, id=world.module, key="quiz"),
        "RecordTrainingAttendance": about({"user_ids": [world.spare.id]}, id=world.module, key="event"),
    }
