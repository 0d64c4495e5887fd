"""The kinds of callers: who they are on the site and in the program "ours" that the sweep is about."""

import time
from dataclasses import dataclass, field

from client import Client, Person


@dataclass
class Kind:
    """A caller. What is said here of their rights is made true through the API by world.py."""

    name: str
    roles: frozenset = frozenset()  # site roles
    coordinates: str = ""  # a program
    reports: str = ""  # a program whose figures they read
    part: str = ""  # MENTOR or MENTEE of "ours"
    signed_in: bool = True
    lives: bool = True  # False: the token that is sent is not worth anything any more
    person: Person = field(default=None, repr=False)
    dead_token: str = ""

    def token(self):
        """None for nobody."""
        if not self.signed_in:
            return None
        if not self.lives:
            return self.dead_token
        if time.monotonic() - self.person.signed_in > Person.FRESH_SECONDS:
            self.person.sign_in()
        return self.person.token

    def new_session(self):
        """What a further sign-in answers."""
        return sign_in(self.person)


def sign_in(person):
    return Client(person.url).post("/v1/auth/login", {"email": person.email, "password": person.password}).ok()


def all_kinds():
    return [
        Kind("nobody", signed_in=False),
        Kind("member", part="MENTEE"),
        Kind("other member"),
        Kind("mentor", part="MENTOR"),
        Kind("other coordinator", coordinates="other"),
        Kind("coordinator", coordinates="ours"),
        Kind("reporter", reports="ours"),
        Kind("support", roles=frozenset({"SUPPORT"})),
        Kind("safety officer", roles=frozenset({"SAFETY_OFFICER"})),
        Kind("admin", roles=frozenset({"ADMIN"})),
        Kind("suspended", part="MENTEE", lives=False),
        Kind("expired", part="MENTEE", lives=False),
    ]


def holds(word, kind, call):
    """Whether one of the words of proto/options.proto (enum Who) holds for the caller of that call."""
    if word in ("ANYONE", "TOKEN"):
        return True
    if not kind.signed_in:
        return False
    return {
        "SIGNED_IN": True,
        "SELF": call.owner in (None, kind.name),
        "MEMBER": bool(kind.part) and call.program == "ours",
        "MENTOR": kind.part == "MENTOR" and call.program == "ours",
        "MENTEE": kind.part == "MENTEE" and call.program == "ours",
        "PARTY": kind.name in call.parties,
        "REPORTER": bool(kind.reports) and kind.reports == call.program,
        "COORDINATOR": kind.coordinates == call.program or bool(kind.coordinates) and call.program == "any",
    }.get(word, word in kind.roles)


def may(kind, access, call):
    """A token that is not worth anything is refused wherever it is sent, also where none is needed."""
    return kind.lives and any(holds(word, kind, call) for word in access)
