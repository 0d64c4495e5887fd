"""No statement of programs reads a large table through: each is prepared and planned as the service does it, and explained over what
was loaded; what it runs inside of functions is seen by auto_explain. Whatever is written is rolled back."""
import ast
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATED = ROOT / "build" / "gen"
LARGE = 10_000  # rows of a table
LOOKED_AT = 3_000  # rows that a node may read and drop
SEQUENTIAL = "reads all of"
SESSION = """set search_path = programs; set timezone = 'UTC'; set jit = off; set plan_cache_mode = force_generic_plan;
load 'auto_explain'; set auto_explain.log_min_duration = 1; set auto_explain.log_analyze = on; set auto_explain.log_timing = off;
set auto_explain.log_nested_statements = on; set auto_explain.log_format = 'json'; set auto_explain.log_level = 'notice';
set statement_timeout = '20s';
"""
# As in lib/sql_conn.c.
READS = "set enable_seqscan = off; set enable_incremental_sort = off;"
WRITES = "set enable_seqscan = off;"
# What counts along an index of its own over everything that a program has, or sweeps over it, because that is what it is for; never
# a sequential scan.
ALLOWED = {
    "report_funnel": "counts the members of a program", "report_goals": "adds up what was counted in a program",
    "report_matching": "counts the mentorships of a program", "report_outcomes": "counts what became of a program's members",
    "add_health_flags": "an hourly sweep over a program", "set_health_flags_cleared": "an hourly sweep over a program",
    "show_training_gates": "everybody, when a training changes", "set_training_gates": "everybody, when a training changes",
}


def statements():
    """(name, text, parameters) from the generated C; the text for later pages is named `name (next)`."""
    source = (GENERATED / "programs" / "programs.sql.c").read_text()
    for block in re.findall(r"static const struct sql_statement \w+ = \{\n(.*?)\n\};", source, re.S):
        texts, lists = {}, {}
        for field, value in re.findall(r"^\t\.(name|text|next_text) = ((?:\"(?:[^\"\\]|\\.)*\"\s*)+),", block, re.M):
            texts[field] = "".join(ast.literal_eval(piece) for piece in re.findall(r"\"(?:[^\"\\]|\\.)*\"", value))
        for field, value in re.findall(r"^\t\.(params|next_params) = \(const char \*const\[\]\)\{(.*?)\},", block, re.M):
            lists[field] = re.findall(r"\"([^\"]*)\"", value)
        yield texts["name"], texts["text"], lists["params"]
        if "next_text" in texts:
            yield texts["name"] + " (next)", texts["next_text"], lists["next_params"]


def files():
    """The .sql file of each statement, without its ending: mentorship, goal …"""
    contract = json.loads((GENERATED / "contract.json").read_text())
    return {s["name"]: pathlib.Path(s["file"]).stem for s in contract["statements"] if s["service"] == "programs"}


def sample(name, param, file, things, types):
    """A value for a parameter: something that is there, of what the file is about, and null for what may be left out."""
    ids = {"program": "program", "cohort": "cohort", "form": "program", "membership": "membership", "mentorship": "mentorship",
           "agreement": "mentorship", "closure": "mentorship", "goal": "goal", "task": "task", "milestone": "milestone",
           "training": "program", "survey": "wave", "health": "program", "resource": "resource", "discussion": "thread",
           "opportunity": "opportunity", "certificate": "certificate", "report": "program", "introduction": "introduction"}
    known = {"caller.id": "coordinator", "user_id": "mentee", "module_id": "module"}
    if types[param].endswith("[]") and param != "caller.roles":
        kind = types[param].removesuffix("[]")
        one = sample(name, param, file, things, types | {param: kind})
        return f"array[{one}]::{kind}[]"
    if param == "caller.roles":
        return "'{}'"
    if param in ("limit", "role", "new.id"):
        return {"limit": "'51'", "role": "'MENTEE'", "new.id": "programs.uuid_v7()"}[param]
    if param == "q":
        return "'begin'"
    if param.startswith("set.") or types[param] == "boolean":
        return "'false'"
    thing = things.get(known.get(param) or (ids.get(file) if param == "id" else param.removesuffix("_id")))
    if types[param] == "uuid" and thing:
        return f"'{thing}'"
    if param.startswith("after."):
        return {"uuid": f"'{things['mentorship']}'", "boolean": "'true'", "integer": "'1'", "bigint": "'1'", "date": "'today'",
                "timestamp with time zone": "'now'"}.get(types[param], "'1'")
    return "null"


def nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def complaints(plan, rows):
    """What is wrong with a plan."""
    for node in nodes(plan):
        table, kind = node.get("Relation Name"), node["Node Type"]
        if rows.get(table, 0) < LARGE:
            continue
        dropped = node.get("Rows Removed by Filter", 0) * max(node.get("Actual Loops", 1), 1)
        if kind == "Seq Scan":
            yield f"{SEQUENTIAL} {table}: {node.get('Filter', 'no condition')}"
        elif kind.startswith("Index") and "Index Cond" not in node and node.get("Actual Rows", 0) + dropped > LOOKED_AT:
            yield f"reads {node['Actual Rows'] + dropped} rows of {table} along {node['Index Name']}"
        elif dropped > LOOKED_AT:
            yield f"drops {dropped} rows of {table}: {node.get('Filter')}"


class Session:
    def __init__(self, postgres):
        self.command = ["psql", "-XqAt", postgres.url()]

    def run(self, text):
        done = subprocess.run(self.command, input=text, text=True, capture_output=True)
        return done.stdout, done.stderr

    def rows(self):
        out, _ = self.run("select relname, reltuples::bigint from pg_class where relnamespace = 'programs'::regnamespace and relkind = 'r'")
        return {name: int(count) for name, count in (line.split("|") for line in out.split())}

    def types(self, text, params):
        out, error = self.run(f"set search_path = programs; prepare x as {text};\nselect unnest(parameter_types) from pg_prepared_statements;")
        if error:
            raise ValueError(error)
        return dict(zip(params, out.strip().splitlines()))

    def plans(self, text, values, reads):
        """(the plan that is shown and run, nested plans, the error that ended it if any)"""
        call = f"execute x ({', '.join(values)})" if values else "execute x"
        out, notes = self.run(SESSION + (READS if reads else WRITES) + f"set auto_explain.log_min_duration = -1; set role programs_svc;\n"
                          f"prepare x as {text};\nexplain (format json) {call};")
        if not out:
            raise ValueError(f"cannot be planned: {text}\n{notes}")
        _, notes = self.run(SESSION + (READS if reads else WRITES) + f"set role programs_svc; begin;\nprepare x as {text};\n{call};\nrollback;")
        found = [json.JSONDecoder().raw_decode(notes, match.end() - 1)[0]["Plan"] for match in re.finditer(r"plan:\n\{", notes)]
        error = re.search(r"ERROR:\s+(.*)", notes)
        return json.loads(out)[0]["Plan"], found, error and error.group(1)


def check_plans(postgres, things):
    """The statements that read too much, told with why."""
    session, file_of, wrong, count, refused = Session(postgres), files(), [], 0, []
    rows = session.rows()
    print("\n| statement | reads too much |\n|---|---|")
    for name, text, params in statements():
        own = name.removesuffix(" (next)")
        types = session.types(text, params)
        values = [sample(own, param, file_of[own], things, types) for param in params]
        try:
            shown, run, error = session.plans(text, values, text.lstrip().startswith("select"))
        except ValueError as failure:
            wrong.append(name)
            print(f"| {name} | {failure} |", flush=True)
            continue
        count += 1
        refused += [f"{name}: {error}"] if error else []
        why = sorted({why for plan in [shown, *run] for why in complaints(plan, rows)})
        if any(own not in ALLOWED or reason.startswith(SEQUENTIAL) for reason in why):
            wrong.append(name)
        for reason in why:
            print(f"| {name} | {reason[:240]}{' (' + ALLOWED[own] + ')' if own in ALLOWED else ''} |", flush=True)
    print(f"\n{count} plans of {len(file_of)} statements; {len(refused)} ended with a refusal after being planned", flush=True)
    return wrong
