"""Resources of "ours" that its member wrote: one was published, one turned down, from where no step leads on."""

from access.calls import NEVER, about

PDF = b"%PDF-1.7\n"


def prepare(world):
    member = world.person("member")
    body = {"scope": "PROGRAM", "program_id": world.ours, "kind": "TEMPLATE", "title": "How to ask", "body": "Early."}
    world.resource = member.post("/v1/resources", body).ok(201)["id"]
    world.rejected_resource = member.post("/v1/resources", body).ok(201)["id"]
    member.request("PUT", f"/v1/resources/{world.resource}/file", params={"name": "a.pdf"}, data=PDF, headers={"If-Match": "*"}).ok()
    for resource, step, why in ((world.resource, "publish", None), (world.rejected_resource, "reject", {"rejection": "No."})):
        member.post(f"/v1/resources/{resource}/submit").ok()
        world.founder.post(f"/v1/resources/{resource}/{step}", why).ok()
    said = [member.post(f"/v1/resources/{world.resource}/comments", {"body": "Hello"}).ok(201)["id"] for _ in range(3)]
    world.resource_comments = dict(zip(("member", "coordinator", "admin"), said))


def calls(world):
    resource = {"id": world.resource}
    own = resource | {"owner": "member"}
    rejected = {"id": world.rejected_resource}
    site = {"scope": "SITE", "kind": "HELP", "title": "Help"}
    return {
        "CreateResource": about(site),
        "GetResource": about(**resource),
        "UpdateResource": about({}, headers=NEVER, **own),
        "PutResourceFile": about(data=PDF, query={"name": "a.pdf"}, headers=NEVER, **own),
        "GetResourceFile": about(**resource),
        "DeleteResource": about(headers=NEVER, **own),
        "SubmitResource": about(**own),
        "PublishResource": about(**rejected),
        "RejectResource": about({"rejection": "No."}, **rejected),
        "ArchiveResource": about(**rejected),
        "ListResourceVersions": about(**own),
        "ListResourceComments": about(**resource),
        "CommentResource": about({"body": "Well said."}, **resource),
        "DeleteResourceComment": about(comment_id=lambda kind: world.resource_comments.get(kind.name, world.resource_comments["member"]), **own),
    }
