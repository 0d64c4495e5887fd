"""What the contract may not say: the plugin and sqlgen refuse it, with the place and how to mend it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / os.environ.get("TOOLS", "build/tools")

HEAD = """syntax = "proto3";
package demo;
import "options.proto";
import "common.proto";
option (pb_c_file).c_package = "";
import "protobuf-c/protobuf-c.proto";
"""
THING = """
// A thing.
message Thing {
  string id = 1 [(ithaca.field) = { format: UUID }];
  string title = 2;
  int64 version = 3;
}
// A thing was made.
message ThingMade {
  option (ithaca.event) = { of: "Thing" };
  string id = 1 [(ithaca.field) = { format: UUID }];
}
"""
GET = '{ option (ithaca.rpc) = { get: "/v1/things/{id}" access: [ANYONE] }; }'


def service(*rpcs):
    return "// Things.\nservice Things {\n" + "\n".join(rpcs) + "\n}\n"


def rpc(name, options, request="ithaca.Id", response="Thing", comment="// Does it."):
    return f"{comment}\nrpc {name}({request}) returns ({response}) {{ option (ithaca.rpc) = {{ {options} }}; }}"


def run_plugin(tmp_path, files, sql=None):
    for name, text in files.items():
        path = tmp_path / "proto" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, text in (sql or {}).items():
        path = tmp_path / "services" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "out").mkdir(exist_ok=True)
    return subprocess.run(
        ["protoc", f"-I{tmp_path}/proto", f"-I{ROOT}/proto", "-I/usr/include",
         f"--plugin=protoc-gen-ithaca={TOOLS}/protoc-gen-ithaca", "--ithaca_out=out", "--ithaca_opt=services=services",
         *files, "common.proto"],
        cwd=tmp_path, capture_output=True, text=True)


def complaints(tmp_path, *parts, sql=None, **more):
    files = {"demo/thing.proto": HEAD + "".join(parts)}
    files.update({f"{name}.proto": text for name, text in more.items()})
    done = run_plugin(tmp_path, files, sql and {"demo/thing.sql": sql})
    assert done.returncode, "the contract was taken"
    return done.stderr


def line_of(text, word):
    return text[: text.index(word)].count("\n") + 1


REFUSED_RPCS = {
    "no comment": (rpc("GetThing", 'get: "/v1/things/{id}" access: [ANYONE]', comment=""), "rpc GetThing has no comment"),
    "no access": (rpc("GetThing", 'get: "/v1/things/{id}"'), "rpc GetThing does not say who may call"),
    "no way in": (rpc("GetThing", "reads: true"), "nobody can call rpc GetThing"),
    "access without a route": (rpc("GetThing", 'callers: ["demo"] access: [ADMIN]'), "has access but no route"),
    "a route with callers": (rpc("GetThing", 'get: "/v1/t/{id}" access: [ADMIN] callers: ["demo"]'), "more than one way in"),
    "two routes": (rpc("GetThing", 'get: "/v1/t/{id}" post: "/v1/t/{id}" access: [ADMIN]'), "more than one route"),
    "an unknown caller": (rpc("GetThing", 'callers: ["nobody"]'), "caller nobody of rpc GetThing is no service"),
    "a GET with idempotency": (rpc("GetThing", 'get: "/v1/t/{id}" access: [ADMIN] idempotency: NEEDED'), "is a GET and changes nothing"),
    "a GET with if_match": (rpc("GetThing", 'get: "/v1/t/{id}" access: [ADMIN] if_match: true'), "is a GET and changes nothing"),
    "a GET with on": (rpc("GetThing", 'get: "/v1/t/{id}" access: [ADMIN] on: "demo.ThingMade"'), "is a GET and changes nothing"),
    "a path parameter without a field": (rpc("GetThing", 'get: "/v1/t/{thing_id}" access: [ADMIN]'), "path parameter {thing_id} has no field in Id"),
    "a bad path": (rpc("GetThing", 'get: "/v1//t/" access: [ADMIN]'), "must begin with a slash"),
    "a message in a query": (rpc("FindThing", 'get: "/v1/t" access: [ADMIN]', request="Wrapped"), "cannot stand in a query"),
    "an upload without its field": (rpc("PutThing", 'put: "/v1/t/{id}" access: [ADMIN] body: UPLOAD'), "needs the fields upload_id"),
    "a file without its fields": (rpc("GetThing", 'get: "/v1/t/{id}" access: [ADMIN] body: FILE'), "needs the fields content_type and content"),
    "on no event": (rpc("OnThing", 'on: "demo.Thing"', "Thing", "ithaca.Nothing"), "is on demo.Thing, which is no event"),
    "on an event of another type": (rpc("OnThing", 'on: "demo.ThingMade"', "Thing", "ithaca.Nothing"), "must take demo.ThingMade"),
    "a timer that takes no Id": (rpc("ExpireThing", "timer: true", "Thing", "ithaca.Nothing"), "must take ithaca.Id"),
    "a timer that answers": (rpc("ExpireThing", "timer: true"), "must take ithaca.Id and return ithaca.Nothing"),
    "a word of C": (rpc("Register", 'post: "/v1/t/{id}" access: [ADMIN]'), "which is a word of C"),
}


@pytest.mark.parametrize("case", REFUSED_RPCS)
def test_a_bad_rpc_is_refused(tmp_path, case):
    text, words = REFUSED_RPCS[case]
    wrapped = "\n// Wraps.\nmessage Wrapped { Thing thing = 1; }\n"
    source = HEAD + THING + wrapped + service(text)
    told = complaints(tmp_path, THING, wrapped, service(text))
    assert words in told
    name = "Thing thing = 1" if case == "a message in a query" else text.splitlines()[-1].split("(")[0]
    assert f"proto/demo/thing.proto:{line_of(source, name)}: " in told


REFUSED_MESSAGES = {
    "no comment": ("message Bare { string id = 1; }", "message Bare has no comment"),
    "an enum without a comment": ("// W.\nmessage W { enum Mood { MOOD_UNSET = 0; } Mood mood = 1; }", "enum Mood has no comment"),
    "an enum without UNSET": ("// W.\nmessage W {\n// M.\nenum Mood { GOOD = 0; } Mood mood = 1; }", "must be `MOOD_UNSET = 0;`"),
    "a map": ("// W.\nmessage W { map<string, string> words = 1; }", "field words is a map"),
    "itself": ("// W.\nmessage W { W inner = 1; }", "message W contains itself (W > W)"),
    "itself by another": ("// V.\nmessage V { W w = 1; }\n// W.\nmessage W { V v = 1; }", "message W contains itself (W > V > W)"),
    "itself when nested": ("// W.\nmessage W {\n// I.\nmessage In { W w = 1; }\nrepeated In ins = 1; }", "contains itself (W > W__In > W)"),
    "an event with free text": ("// E.\nmessage E { option (ithaca.event) = {}; string words = 1; }", "field words of event E could hold free text"),
    "an event with a name": ("// E.\nmessage E { option (ithaca.event) = {};\nstring n = 1 [(ithaca.field) = { format: NAME }]; }", "field n of event E"),
    "an event with bytes": ("// E.\nmessage E { option (ithaca.event) = {}; bytes words = 1; }", "field words of event E"),
    "an event with free text inside": ("// E.\nmessage E { option (ithaca.event) = {}; Thing thing = 1; }", "field title of event E"),
    "an event of nothing known": ('// E.\nmessage E { option (ithaca.event) = { of: "Nobody" }; }', "is of Nobody, which is no message"),
    "an event's field that its source lacks": (
        '// E.\nmessage E { option (ithaca.event) = { of: "Thing" }; int32 count = 1; }', "field count of event E has no counterpart"),
    "an event's field of another type": (
        '// E.\nmessage E { option (ithaca.event) = { of: "Thing" }; int32 version = 1; }', "field version of event E has no counterpart"),
    "a part from nowhere": ('// W.\nmessage W { Thing t = 1 [(ithaca.field) = { from: "demo.Nope" }]; }', "is from demo.Nope, which is no rpc"),
    "a part of another type": ('// W.\nmessage W { ThingMade t = 1 [(ithaca.field) = { from: "demo.GetThing" }]; }', "must be a Thing"),
    "a name of common.proto": ("// P.\nmessage Page { string id = 1; }", "message Page is already at proto/common.proto"),
}


@pytest.mark.parametrize("case", REFUSED_MESSAGES)
def test_a_bad_message_is_refused(tmp_path, case):
    text, words = REFUSED_MESSAGES[case]
    told = complaints(tmp_path, THING, service(f"// One.\nrpc GetThing(ithaca.Id) returns (Thing) {GET}"), text)
    assert words in told
    assert "proto/demo/thing.proto:" in told


def test_messages_of_one_name_in_two_services_are_refused(tmp_path):
    other = HEAD.replace("package demo", "package other") + "// Another.\nmessage Thing { string id = 1; }\n"
    told = complaints(tmp_path, THING, **{"other/thing": other})
    assert "message Thing is already at proto/" in told


def test_enums_of_one_name_in_two_services_are_refused(tmp_path):
    enum = "// How.\nenum Mood { MOOD_UNSET = 0; }\n"
    other = HEAD.replace("package demo", "package other") + enum
    told = complaints(tmp_path, THING, enum, **{"other/thing": other})
    assert "enum Mood is already at proto/" in told


def test_services_of_one_name_are_refused(tmp_path):
    one = service(rpc("GetThing", 'get: "/v1/things/{id}" access: [ANYONE]'))
    two = HEAD.replace("package demo", "package other") + service(rpc("DropIt", 'delete: "/v1/it/{id}" access: [ADMIN]', response="ithaca.Nothing"))
    assert "service Things is already at proto/" in complaints(tmp_path, THING, one, **{"other/thing": two})


def test_two_services_may_consume_an_event_by_one_name(tmp_path):
    on = service(rpc("OnThingMade", 'on: "demo.ThingMade"', "demo.ThingMade", "ithaca.Nothing"))
    other = HEAD.replace("package demo", "package other") + 'import "demo/thing.proto";\n' + on.replace("service Things", "service Others")
    done = run_plugin(tmp_path, {"demo/thing.proto": HEAD + THING + on, "other/thing.proto": other})
    assert not done.returncode, done.stderr


def test_rpcs_of_one_name_are_refused(tmp_path):
    one = rpc("GetThing", 'get: "/v1/things/{id}" access: [ANYONE]')
    two = rpc("GetThing", 'get: "/v1/others/{id}" access: [ANYONE]')
    told = complaints(tmp_path, THING, service(one), "// More.\nservice Others {\n" + two + "\n}\n")
    assert "rpc GetThing is already at proto/demo/thing.proto" in told


@pytest.mark.parametrize("first, second", [
    ("/v1/things/{id}", "/v1/things/{id}"),
    ("/v1/things/{id}/x", "/v1/things/{version}/x"),
    ("/v1/{id}/x", "/v1/y/{id}"),
])
def test_routes_that_overlap_are_refused(tmp_path, first, second):
    one = rpc("GetOne", f'get: "{first}" access: [ANYONE]', request="Thing")
    two = rpc("GetTwo", f'get: "{second}" access: [ANYONE]', request="Thing")
    assert f"route {second} of GetTwo overlaps with {first} of GetOne" in complaints(tmp_path, THING, service(one, two))


def test_a_literal_beside_a_parameter_and_other_verbs_are_taken(tmp_path):
    rpcs = [rpc("GetOne", 'get: "/v1/things/{id}" access: [ANYONE]'), rpc("GetMine", 'get: "/v1/things/mine" access: [ANYONE]'),
            rpc("DropOne", 'delete: "/v1/things/{id}" access: [ANYONE]')]
    done = run_plugin(tmp_path, {"demo/thing.proto": HEAD + THING + service(*rpcs)})
    assert not done.returncode, done.stderr


def test_a_file_in_the_wrong_package_is_refused(tmp_path):
    text = HEAD.replace("package demo", "package other").replace('option (pb_c_file).c_package = "";\n', "")
    done = run_plugin(tmp_path, {"demo/thing.proto": text})
    assert "write `package demo;`" in done.stderr
    assert "C names carry no package here" in done.stderr


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    told = complaints(tmp_path, THING, service(rpc("GetThing", "reads: true", comment="")), "message Bare { Bare bare = 1; }")
    for words in ("no comment: say above it what it does", "nobody can call", "message Bare has no comment", "contains itself"):
        assert words in told


PAGE = "// Many.\nmessage ThingPage { repeated Thing items = 1; string next_cursor = 2; }\n// Many.\nmessage ThingList { repeated Thing items = 1; }\n"


def run_sqlgen(tmp_path, text):
    """A service whose only rpc is GetThing(Id) returns (Thing), and this SQL."""
    contract = HEAD + THING + PAGE + service(f"// One.\nrpc GetThing(ithaca.Id) returns (Thing) {GET}")
    done = run_plugin(tmp_path, {"demo/thing.proto": contract}, {"demo/thing.sql": text})
    assert not done.returncode, done.stderr
    return subprocess.run([TOOLS / "sqlgen", "demo", ".", "out/contract.json", "none", "services/demo"],
                          cwd=tmp_path, capture_output=True, text=True)


REFUSED_SQL = {
    "an unknown kind": ("-- get_it(Id) some Thing\nselect 1;", "the kind of get_it must be one of"),
    "no kind": ("-- get_it(Id)\nselect 1;", "the kind of get_it must be one of"),
    "no response": ("-- get_it(Id) one\nselect 1;", "get_it must name the message"),
    "a response of exec": ("-- drop_it(Id) exec Thing\nselect 1;", "drop_it is exec and answers nothing"),
    "no request": ("-- get_it() one Thing\nselect 1;", "get_it must name its request"),
    "an open parenthesis": ("-- get_it(Id one Thing\nselect 1;", "get_it misses the closing parenthesis"),
    "a page without keys": ("-- list_it(Page) page ThingPage\nselect 1;", "a page is read by keys"),
    "a bad key": ("-- list_it(Page) page ThingPage by id down\nselect 1;", "a page is read by keys"),
    "keys of no page": ("-- get_it(Id) one Thing by id\nselect 1;", "only a page has keys"),
    "no semicolon": ("-- get_it(Id) one Thing\nselect 1\n", "get_it must end with a semicolon"),
    "no semicolon before the next": ("-- get_it(Id) one Thing\nselect 1\n-- b(Id) exec\nselect 2;", "get_it must end with a semicolon"),
    "no SQL": ("-- get_it(Id) one Thing\n;", "get_it has no SQL"),
    "SQL without a header": ("select 1;", "SQL without a header"),
    "an unknown request": ("-- get_it(Nobody) one Thing\nselect 1;", "Nobody is no message"),
    "an unknown response": ("-- get_it(Id) one Nobody\nselect 1;", "Nobody is no message"),
    "rows into no list": ("-- list_it(Page) many Thing\nselect 1;", "Thing must have exactly one repeated message field"),
    "a page without a cursor": ("-- list_it(Page) page ThingList by id\nselect 1;", "ThingList needs `string next_cursor`"),
    "a handler of another request": ("-- get_thing(Page) one Thing\nselect 1;", "the statement is the handler of an rpc that takes Id"),
    "a handler of another response": ("-- get_thing(Id) one ThingMade\nselect 1;", "the statement is the handler of an rpc that returns Thing"),
    "a handler that may find nothing": ("-- get_thing(Id) maybe Thing\nselect 1;", "get_thing is a handler and must be one"),
}


@pytest.mark.parametrize("case", REFUSED_SQL)
def test_a_bad_statement_is_refused(tmp_path, case):
    text, words = REFUSED_SQL[case]
    done = run_sqlgen(tmp_path, "-- Prose (that is no header).\n\n" + text)
    assert done.returncode
    assert f"services/demo/thing.sql:3: {words}" in done.stderr


def test_statements_of_one_name_are_refused(tmp_path):
    done = run_sqlgen(tmp_path, "-- drop_it(Id) exec\nselect 1;\n-- drop_it(Id) exec\nselect 1;\n")
    assert "services/demo/thing.sql:3: drop_it is already a statement at services/demo/thing.sql:1" in done.stderr


def generated_sql(tmp_path, text):
    done = run_sqlgen(tmp_path, text)
    assert not done.returncode, done.stderr
    return (tmp_path / "demo.sql.c").read_text()


def test_parameters_are_numbered_by_name_and_quotes_are_left_alone(tmp_path):
    text = generated_sql(tmp_path, "-- get_it(Id) one Thing\nselect ':a' || \":b\" || $x$ :c $x$ || E'\\':d' /* :e */ -- :f\n"
                                   "where id = :id::uuid and x = :caller.id and y[1:2] = :id;\n")
    assert "where id = $1::uuid and x = $2 and y[1:2] = $1" in text
    assert '{ "id", "caller.id", NULL }' in text
    for left in ("':a'", '\\":b\\"', "$x$ :c $x$", "\\':d'", "/* :e */", "-- :f"):
        assert left in text


def test_a_page_of_one_direction_compares_rows(tmp_path):
    text = generated_sql(tmp_path, "-- list_it(Page) page ThingPage by created_at desc, id desc\nselect * from thing where p = :caller.id;\n")
    assert 'where (\\"created_at\\", \\"id\\") < ($2, $3)' in text
    assert 'order by \\"created_at\\" desc, \\"id\\" desc\\n"\n\t"limit $4' in text
    assert '{ "caller.id", "limit", NULL }' in text


def test_a_page_of_two_directions_spells_them_out(tmp_path):
    text = generated_sql(tmp_path, "-- list_it(Page) page ThingPage by created_at desc, id\nselect * from thing;\n")
    assert 'where (\\"created_at\\" < $1 or (\\"created_at\\" = $1 and (\\"id\\" > $2)))' in text


def test_the_documents_describe_an_endpoint(tmp_path):
    things = "// One.\nrpc GetThing(ithaca.Id) returns (Thing) " + GET
    done = run_plugin(tmp_path, {"demo/thing.proto": HEAD + THING + service(things)}, {"demo/thing.sql": "-- get_thing(Id) one Thing\nselect 1;"})
    assert not done.returncode, done.stderr
    contract = json.loads((tmp_path / "out" / "contract.json").read_text())
    openapi = json.loads((tmp_path / "out" / "openapi.json").read_text())
    assert contract["rpcs"][0]["statement"] == "get_thing" and contract["rpcs"][0]["one_statement"]
    assert contract["events"][0]["of"] == "Thing"
    operation = openapi["paths"]["/v1/things/{id}"]["get"]
    assert operation["description"] == "One." and operation["parameters"][0]["schema"]["format"] == "uuid"
    assert openapi["components"]["schemas"]["Thing"]["properties"]["version"]["format"] == "int64"


def run_codes(tmp_path, files):
    folder = tmp_path / "services" / "demo"
    (folder / "migrations").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    done = subprocess.run([TOOLS / "codes", tmp_path, folder], capture_output=True, text=True)
    return done, (tmp_path / "codes.c").read_text() if not done.returncode else ""


def test_codes_are_found_where_something_is_refused(tmp_path):
    done, codes = run_codes(tmp_path, {
        "migrations/0001_it.sql": """-- refuse(409, 'NOT_THIS', 'A comment.')
            create table it (a int constraint a_small check (a < 9), constraint a_once unique (a));
            comment on constraint a_small on it is 'It''s too large.';
            create function f() returns boolean language sql as $$ select refuse(410, 'GONE', format('Since %s.', now())) $$;""",
        "it.sql": "-- get_it(Id) one It\nselect 1 where true or refuse(404, 'NO_IT', 'There is none.');\n",
        "it.c": """/* reject(call, CONFLICT, "NOR_THIS", "A comment.") */
            return reject(call, FORBIDDEN, "NOT_YOURS", "It is another's: "
                          "ask %s.", name) && reject_field(call, MALFORMED, at(1, 2), "BAD_IT", "Bad.");"""})
    assert not done.returncode, done.stderr
    found = [line.strip() for line in codes.splitlines() if '"demo' in line]
    assert found == ['{ "A_ONCE", 409, "There is such a thing already.", "\\"demo\\"" },',
                     '{ "A_SMALL", 422, "It\'s too large.", "\\"demo\\"" },',
                     '{ "BAD_IT", 400, "Bad.", "\\"demo\\"" },',
                     '{ "GONE", 410, "Since ….", "\\"demo\\"" },',
                     '{ "NOT_YOURS", 403, "It is another\'s: ask ….", "\\"demo\\"" },',
                     '{ "NO_IT", 404, "There is none.", "\\"demo\\"" },']


@pytest.mark.parametrize("name, text", [("it.c", "reject(call, CONFLICT, code, text)"), ("it.sql", "select refuse(409, code, 'Text.');")])
def test_a_code_that_cannot_be_listed_stops_the_build(tmp_path, name, text):
    done, _ = run_codes(tmp_path, {name: text})
    assert done.returncode and "write the code of a re" in done.stderr


def test_a_part_of_a_page_is_read_as_far_as_the_page_goes(tmp_path):
    text = generated_sql(tmp_path, "-- list_it(Page) page ThingPage by id\nselect t.* from place p, lateral (select * from thing where place = p.id and :page) t;\n")
    first, following = text.split(".next_text")
    assert "where place = p.id and true\\norder by \\\"id\\\"\\nlimit $1) t" in first.replace('"\n\t"', "")
    assert "where place = p.id and (\\\"id\\\") > ($1)\\norder by \\\"id\\\"\\nlimit $2) t" in following.replace('"\n\t"', "")
