"""First Steps in Tech: what it weighs, and a matching of its members that was sent out and waits for their answers."""

import uuid

COORDINATOR, SLUG = "amara", "first-steps-in-tech"
CRITERIA = {"min_score": 100, "objective": "MAX_MATCHED_THEN_TOTAL", "criteria": [
    {"key": "skills", "kind": "SKILL_COVER", "weight": 50}, {"key": "topics", "kind": "GOAL_COVER", "weight": 30},
    {"key": "language", "kind": "LANGUAGE_COMMON", "weight": 10}, {"key": "clocks", "kind": "ZONE_DISTANCE", "weight": 10}]}
NOT_YET = ("NOT_FOUND", "NOT_COORDINATOR", "EMPTY_POOL")


def load(demo, until):
    """Once: a run that exists already is left as it is."""
    coordinator = demo.callers[COORDINATOR]
    path = f"/v1/programs/{demo.programs[SLUG]}"
    if until(lambda: coordinator.get(f"{path}/match-runs"), *NOT_YET)["items"]:
        return
    until(lambda: coordinator.put(f"{path}/criteria", CRITERIA), *NOT_YET)
    coordinator.post(f"{path}/criteria/validate", {})
    coordinator.post(f"{path}/criteria/publish", {})
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{demo.stack.url}{path}"))
    run = until(lambda: coordinator.call("POST", f"{path}/match-runs", {}, Idempotency_Key=key), *NOT_YET)["id"]
    demo.wait_for(lambda: coordinator.get(f"/v1/match-runs/{run}")["state"] == "REVIEW", "matching of First Steps in Tech")
    coordinator.post(f"/v1/match-runs/{run}/publish", {"publish_next": True})
