"""The description of the API is whole, and says what the API does."""

import json
import re
import subprocess

import pytest

from client import Client
from promises import errors_of
from npm import installed

VERBS = ("get", "post", "put", "patch", "delete")
VALIDATOR = "@seriousme/openapi-schema-validator"
JSON_SCHEMA_TYPES = {"string", "integer", "number", "boolean", "object", "array", "null"}


@pytest.fixture(scope="module")
def openapi(site):
    return site.get("/v1/openapi.json").ok()


@pytest.fixture(scope="module")
def operations(openapi):
    """(verb, path, operation) of each."""
    return [(verb, path, operation) for path, item in openapi["paths"].items() for verb, operation in item.items() if verb in VERBS]


def walk(node, at="#"):
    """Every object of the document, with its pointer."""
    if isinstance(node, dict):
        yield at, node
        for key, value in node.items():
            yield from walk(value, f"{at}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{at}/{index}")


def resolve(openapi, reference):
    node = openapi
    for step in reference.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def routed(contract):
    return [rpc for rpc in contract["rpcs"] if rpc["path"]]


def test_the_document_is_openapi_with_a_title_and_a_version(openapi):
    assert re.fullmatch(r"3\.1\.\d+", openapi["openapi"])
    assert openapi["info"]["title"] and openapi["info"]["version"]
    assert set(openapi) <= {"openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs", "jsonSchemaDialect"}


def test_the_document_is_what_the_specification_allows(openapi, tmp_path):
    """By a validator of others, from npm."""
    folder = installed("openapi-validator", f"{VALIDATOR}@2.11.0")
    (tmp_path / "openapi.json").write_text(json.dumps(openapi))
    script = f"import {{Validator}} from '{VALIDATOR}'; " "import {readFileSync} from 'node:fs'; " \
        "const verdict = await new Validator().validate(JSON.parse(readFileSync(process.argv[1]))); console.log(JSON.stringify(verdict))"
    done = subprocess.run(["node", "--input-type=module", "-e", script, tmp_path / "openapi.json"], cwd=folder, capture_output=True, text=True)
    assert json.loads(done.stdout or "null") == {"valid": True}, done.stdout + done.stderr


def test_every_reference_leads_somewhere(openapi):
    references = [node["$ref"] for _, node in walk(openapi) if isinstance(node.get("$ref"), str)]
    assert references
    for reference in references:
        assert reference.startswith("#/components/")
        assert resolve(openapi, reference)


def test_every_component_is_used(openapi):
    used = {node["$ref"] for _, node in walk(openapi) if isinstance(node.get("$ref"), str)}
    for group in ("schemas", "responses", "parameters"):
        assert {f"#/components/{group}/{name}" for name in openapi["components"].get(group, {})} <= used


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(operations):
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(set(names)) == len(names)
    for verb, path, operation in operations:
        assert operation["summary"] and operation["description"], f"{verb} {path}"
        assert len(operation["tags"]) == 1, f"{verb} {path}"


def test_every_operation_says_how_it_answers(operations):
    for verb, path, operation in operations:
        statuses = operation["responses"]
        assert any(status.startswith("2") for status in statuses), f"{verb} {path}"
        assert {"400", "429", "503"} <= set(statuses), f"{verb} {path}"
        assert all("$ref" in response or response["description"] for response in statuses.values())


def test_every_operation_says_whether_a_token_is_needed(openapi, operations, contract):
    access = {rpc["name"]: rpc["access"] for rpc in routed(contract)}
    scheme = openapi["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for _, _, operation in operations:
        is_open = {"ANYONE", "TOKEN"} & set(access[operation["operationId"]])
        assert operation["security"] == ([] if is_open else [{"bearer": []}])
        assert operation["x-access"] == access[operation["operationId"]]


def test_every_parameter_of_a_path_is_described(operations):
    for verb, path, operation in operations:
        described = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", path)), f"{verb} {path}"
        assert all(parameter["required"] for parameter in operation.get("parameters", []) if parameter["in"] == "path")
        keys = [(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", [])]
        assert len(set(keys)) == len(keys) and all("schema" in parameter for parameter in operation.get("parameters", []))


def test_schemas_are_json_schema(openapi):
    for at, node in walk(openapi["components"]["schemas"], "#/components/schemas"):
        if at.endswith("/properties"):
            continue
        types = node.get("type", [])
        if isinstance(types, (str, list)):
            assert {types} if isinstance(types, str) else set(types) <= JSON_SCHEMA_TYPES, at
        if isinstance(node.get("required"), list):
            assert set(node["required"]) <= set(node.get("properties", {})), at
        if types == "array":
            assert "items" in node, at


def test_the_document_has_every_route_of_the_contract_and_no_other(operations, contract):
    assert {(verb.upper(), path, operation["operationId"]) for verb, path, operation in operations} == \
        {(rpc["verb"], rpc["path"], rpc["name"]) for rpc in routed(contract)}


def concrete(path):
    return re.sub(r"{\w+}", "01890000-0000-7000-8000-000000000000", path)


def test_every_route_is_routed(site, contract):
    """Another method than the one that a path has: 405 names those that it has; a path without a route is 404."""
    assert site.get("/v1/no-such-thing").problem(404, "NOT_FOUND")
    for rpc in routed(contract):
        answer = site.request("OPTIONS", concrete(rpc["path"]), headers={"Origin": site.url})
        assert answer.status in (200, 204), f"{rpc['name']}: {answer.status} {answer.text}"
        assert rpc["verb"] in re.split(r",\s*", answer.headers["Allow"]), f"{rpc['name']}: {answer.headers['Allow']}"


@pytest.fixture(scope="module")
def listed(site):
    return {error["code"]: error for error in errors_of(site)}


def test_the_list_of_errors_says_what_each_means_and_what_to_do(site, listed):
    errors = errors_of(site)
    assert len({(error["code"], error["status"]) for error in errors}) == len(errors)
    for error in errors:
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", error["code"])
        assert 400 <= error["status"] <= 599 and error["meaning"] and error["fix"], error


def documented_codes(openapi):
    """Codes stand in backquotes where answers are described."""
    texts = [response["description"] for response in openapi["components"]["responses"].values()]
    return {code for text in texts for code in re.findall(r"`([A-Z][A-Z0-9_]+)`", text)}


def test_every_documented_code_is_in_the_list_of_errors(openapi, listed):
    codes = documented_codes(openapi)
    assert codes
    assert codes <= set(listed)


def test_the_refusals_of_the_edge_are_in_the_list(site, listed):
    tampered = Client(site.url, "v4.public.AAAA")
    seen = [site.get("/v1/nowhere"), site.post("/v1/bootstrap", {}), site.get("/v1/me"), tampered.get("/v1/me"), site.get("/v1/programs?q=a&q=b"),
            site.get("/v1/programs?nonsense=1"), site.post("/v1/auth/login", {"nonsense": 1}), site.get("/v1/programs/x/cohorts")]
    for answer in seen:
        body = answer.json()
        codes = {body["code"]} | {error["code"] for error in body.get("errors", [])}
        assert codes <= set(listed), answer.text
        assert (body["code"], answer.status) in {(error["code"], error["status"]) for error in errors_of(site)}, answer.text
