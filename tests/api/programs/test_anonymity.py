"""Nothing that is kept leads from an anonymous answer to its author: not the database, not the logs, not the keys."""

import re
import subprocess

import pytest

from blind import Token, text
from conftest import at, eventually

STEPS = [{"title": "Honestly", "questions": [{"key": "words", "title": "What should change?", "kind": "LONG", "required": True}]}]
WORDS = "The coordinator never answers, says person {}"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def rows_of(dump):
    """(table, cells) of every row in a plain pg_dump."""
    table = None
    for line in dump.splitlines():
        begun = re.match(r"COPY (\S+) \(", line)
        if begun:
            table = begun[1]
        elif line == "\\.":
            table = None
        elif table:
            yield table, line.split("\t")


class Author:
    """Somebody who answers, and all that the platform knows of them."""

    def __init__(self, person, membership, number):
        self.person, self.membership, self.words = person, membership, WORDS.format(number)

    def draw(self, wave):
        self.token = Token()
        answer = self.person.post(f"/v1/survey-waves/{wave}/token", {"blinded": self.token.blinded})
        self.drawing = answer.headers["X-Request-Id"]
        shown = next(each for each in self.person.get("/v1/me/surveys").ok()["items"] if each["id"] == wave)
        self.token.take(answer.ok(), shown["public_key"])

    def answer(self, site, wave):
        done = site.post(f"/v1/survey-waves/{wave}/anonymous-response", self.token.spend([{"key": "words", "text": self.words}]))
        done.ok(204)
        self.answering = done.headers["X-Request-Id"]

    def marks(self):
        return {self.person.id, self.membership["id"], self.person.email, self.person.session_id, self.drawing, self.token.blinded}


@pytest.fixture(scope="module")
def authors(people, new_program, apply):
    program = new_program(mentee_admission="OPEN")
    return [Author(person, apply(person, program), number) for number, person in enumerate(people(7))]


@pytest.fixture(scope="module")
def wave(authors, lead, site):
    """An anonymous wave that six of seven have answered, in an order of their own."""
    path = f"/v1/programs/{authors[0].membership['program_id']}/surveys"
    survey = lead.post(path, {"title": "Honestly", "audience": "MENTEE", "trigger": "CADENCE", "first_at": at(), "open_days": 7,
                              "anonymity": "ANONYMOUS", "steps": STEPS}).ok(201)["id"]
    wave = eventually(lambda: [each for each in lead.get(f"{path}/{survey}/waves").ok()["items"] if each["state"] == "OPEN"])[0]["id"]
    for author in authors:
        author.draw(wave)
    for author in authors[:6]:
        author.answer(site, wave)
    return wave


@pytest.fixture(scope="module")
def dump(stack, wave):
    done = subprocess.run([stack.postgres.bin / "pg_dump", "--data-only", stack.postgres.url()], capture_output=True, text=True, check=True)
    return list(rows_of(done.stdout))


@pytest.fixture(scope="module")
def logs(stack, wave):
    return [line for path in sorted(stack.options.logs.glob("*.log")) for line in path.read_text(errors="replace").splitlines()]


def with_any(rows, marks):
    return [(table, cells) for table, cells in rows if any(mark in cell for mark in marks for cell in cells)]


def test_an_answer_is_kept_in_one_row_of_nothing_but_the_wave_and_the_words(dump, wave, authors):
    for author in authors[:6]:
        kept = with_any(dump, {author.words})
        assert [table for table, _ in kept] == ["programs.anonymous_response"]
        cells = kept[0][1]
        assert len(cells) == 2 and cells[0] == wave and not UUID.search(cells[1])


def test_what_answers_share_with_rows_of_a_person_they_share_with_everybody_who_was_asked(dump, wave, authors):
    """Joins by every value: those of the answers and spent tokens, against every row that knows a person."""
    nameless = [cells for table, cells in dump if table in ("programs.anonymous_response", "programs.spent_token") and wave in cells]
    values = {cell for cells in nameless for cell in cells}
    assert len(nameless) == 12 and len(values) == 13
    for author in authors:
        mine = {cell for _, cells in with_any(dump, author.marks()) for cell in cells}
        assert values & mine == {wave}


def test_the_token_is_nowhere_and_its_mark_only_among_the_spent(dump, logs, authors):
    for author in authors[:6]:
        secrets = {text(author.token.input), author.token.input.hex(), text(author.token.output), author.token.output.hex()}
        assert not with_any(dump, secrets)
        assert not [line for line in logs if any(secret in line for secret in secrets)]


def test_answering_leaves_no_time_in_the_database(dump, authors):
    """No audit row, no event, no idempotency record: nothing knows the request that brought the answer."""
    assert not with_any(dump, {author.answering for author in authors[:6]})
    assert not with_any(dump, {"RespondAnonymously"})


def test_the_rows_tell_no_order(wave, sql):
    """All answers look as if one transaction had written them, and nothing but spent tokens was written with them."""
    written = sql(f"select count(distinct xmin::text) from anonymous_response where wave_id = '{wave}'")
    assert written == "1"
    last = sql(f"select xmin from anonymous_response where wave_id = '{wave}' limit 1")
    tables = sql("select string_agg(c.relname, ' ') from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                 "where c.relkind = 'r' and n.nspname = 'programs'").split()
    beside = [table for table in tables if sql(f'select count(*) from "{table}" where xmin::text = \'{last}\'') != "0"]
    assert sorted(beside) == ["anonymous_response", "spent_token"]


def test_answers_are_mixed_with_those_before(wave, sql):
    """Not one order in twenty rounds of mixing: 1 in 720 to the twentieth that it fails by chance."""
    orders = {sql(f"""begin; delete from anonymous_response where ctid = (
        select ctid from anonymous_response where wave_id = '{wave}' limit 1) returning answers \\gset
        select answer_anonymously('{wave}', 'mix', :'answers');
        select md5(string_agg(answers::text, ' ' order by ctid)) from anonymous_response where wave_id = '{wave}'; rollback""")
              for _ in range(20)}
    assert len(orders) > 1


def test_the_logs_do_not_tell_who_answered_or_from_where(logs, authors):
    for author in authors[:6]:
        about = [line for line in logs if author.answering in line]
        assert len(about) == 2
        for line in about:
            assert not any(mark in line for mark in author.marks()) and "127.0.0.1" not in line and author.words not in line
        drawn = [line for line in logs if author.drawing in line]
        assert drawn and not any(author.answering in line for line in drawn)
