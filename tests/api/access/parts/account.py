"""Accounts that rest, and addresses that administrators correct."""

import time

from access.calls import about


def prepare(world):
    world.corrections = {}
    for person in (world.cautious, world.movable):
        path = f"/v1/admin/users/{person.id}/email-correction"
        world.founder.post(path, {"new_email": f"right.{time.time_ns():x}@people.example", "reason": "Misspelt."}).ok(202)
        world.corrections[person.id] = world.founder.get(path).ok()["id"]


def calls(world):
    agreed = {"correction_id": world.corrections[world.movable.id], "reason": "The sweep."}
    return {
        "Deactivate": about(session=True),
        "GetEmailCorrection": about(id=world.cautious.id),
        "AgreeToEmailCorrection": about(agreed, id=world.movable.id),
    }
