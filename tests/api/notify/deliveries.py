"""Looking at deliveries as an administrator."""

import time

WAITING = ("PLANNED",)


def settled(admin, person, kind, count, seconds=20):
    """The deliveries of a kind to a person, once there are that many and none is merely planned."""
    end = time.monotonic() + seconds
    while True:
        found = admin.get(f"/v1/admin/deliveries?user_id={person.id}&kind={kind}").ok()["items"]
        if len(found) >= count and all(one["state"] not in WAITING for one in found):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.05)
