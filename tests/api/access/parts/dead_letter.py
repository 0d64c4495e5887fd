"""Dead letters: one of an event that nobody publishes any more."""

from access.calls import about

LETTER = "0190aaaa-0000-7000-8000-00000000dead"


def prepare(world):
    world.stack.postgres.sql("insert into safety.deferred_event (id, producer, name, source_seq, envelope, attempts, state, error, due_at) "
                             f"values ('{LETTER}', 'nobody', 'NothingHappened', 1, '', 6, 'DEAD', 'poison', now())")


def calls(world):
    letter = about(service="safety", id=LETTER)
    return {"ListDeadLetters": about(), "GetDeadLetter": letter, "ReplayDeadLetter": letter, "DropDeadLetter": letter}
