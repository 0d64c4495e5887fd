"""Mails about what others do, bundled."""

from access.calls import about


def prepare(world):
    """Nothing is needed: everybody chooses for themselves."""


def calls(world):
    return {"PutDigest": about({"cadence": "OFF"})}
