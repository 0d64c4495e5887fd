"""Threads of "ours" that its member asked, one without a name; the member and the founder answered."""

from access.calls import NEVER, about


def prepare(world):
    member = world.person("member")
    world.founder.patch(f"/v1/programs/{world.ours}", {"anonymity": True}, headers={"If-Match": "*"}).ok()
    body = {"scope": "PROGRAM", "program_id": world.ours, "title": "How?", "body": "So?"}
    world.thread = member.post("/v1/discussions", body).ok(201)["id"]
    world.thread_answer = member.post(f"/v1/discussions/{world.thread}/answers", {"body": "So."}).ok(201)["id"]
    path = f"/v1/discussions/{world.thread}/answers"
    world.founders_answer = world.founder.post(path, {"body": "Or so."}).ok(201)["id"]
    world.own_answer = member.post(path, {"body": "Or not."}).ok(201)["id"]
    hidden = member.post("/v1/discussions", body | {"anonymous": True}).ok(201)
    world.anonymous_thread = {"id": hidden["id"], "handle": hidden["handle"]}


def calls(world):
    thread = {"id": world.thread}
    own = thread | {"owner": "member"}
    answer = own | {"answer_id": world.thread_answer}
    body = {"body": "So."}
    return {
        "CreateThread": about({"scope": "SITE", "title": "Hello", "body": "Hello."}),
        "GetThread": about(**thread),
        "UpdateThread": about({}, headers=NEVER, **own),
        "DeleteThread": about(**own),
        "ListAnswers": about(**thread),
        "AnswerThread": about(body, **thread),
        "UpdateAnswer": about(body, headers=NEVER, **answer),
        "DeleteAnswer": about(answer_id=world.own_answer, **own),
        "AcceptAnswer": about({"answer_id": world.thread_answer}, **own),
        "VotePost": about({"answer_id": world.founders_answer}, **thread),
        "FollowThread": about(**thread),
        "UnfollowThread": about(**thread),
        "FlagPost": about({"reason": "To see who may."}, **thread),
        "HidePost": about({"answer_id": world.thread_answer}, **thread),
        "RestorePost": about({"answer_id": world.thread_answer}, **thread),
        "RemovePost": about(**thread),
        "LockThread": about(id=world.anonymous_thread["id"]),
        "PinThread": about({"pinned": False}, **thread),
        "MoveThread": about({"scope": "PROGRAM", "program_id": world.ours}, **thread),
        "ReadSeal": about({"handle": world.anonymous_thread["handle"], "reason": "To see who may."}, id=world.anonymous_thread["id"]),
    }
