"""What was answered in a whole run, beside what the API promises."""

import re

from client import Answer


def errors_of(site):
    body = site.get("/v1/errors").ok()
    return body["items"] if isinstance(body, dict) else body


def unlisted(site):
    """The codes that were answered and that the list of errors lacks."""
    listed = {(error["code"], error["status"]) for error in errors_of(site)}
    listed |= {(code, None) for code, _ in listed}
    return Answer.refusals - listed


def routes_by_length(openapi):
    """(pattern, item), those without parameters first, as the gateway prefers them."""
    paths = sorted(openapi["paths"].items(), key=lambda path: path[0].count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), item) for path, item in paths]


def undescribed(site):
    """(operation, status) of what was answered and is not described. What the gateway says of any request (405, 431 …), and 206 and 304,
    which a GET may always get, stand in no operation."""
    routes, missing = routes_by_length(site.get("/v1/openapi.json").ok()), set()
    for verb, path, status in Answer.statuses:
        item = next((item for pattern, item in routes if pattern.fullmatch(path)), {})
        operation = item.get(verb.lower())
        if operation and status not in (206, 304) and str(status) not in operation["responses"]:
            missing.add((operation["operationId"], status))
    return missing
